"""The bureau sees the day and the figures at a glance, on a telephone, in black and white."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.circulaire.campagne import Campagne
from bot.circulaire.planning import Commission, Creneau, Demand
from bot.clock import PARIS, paris
from bot.papers.picture import TableauFigures, draw_day, draw_tableau
from bot.planning.assign import assign

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
DAY = date(2017, 4, 26)
AT = datetime(2017, 4, 24, 18, 30, tzinfo=PARIS)
NAMES = ("Camille Martin", "Anne-Sophie de La Rochefoucauld-Montmorency", "Noé Lê", "Jean-Baptiste Ó Súilleabháin")
NOTHING = TableauFigures((), (), (), (), ())


def commission(name: str, room: str) -> Commission:
    breaks = ((paris(DAY, 10, 30), paris(DAY, 10, 45)), (paris(DAY, 12, 15), paris(DAY, 13, 30)))
    return Commission(f"Commission {name}", room, paris(DAY, 9), paris(DAY, 17, 45), breaks)


def is_black_and_white(picture: Image.Image) -> bool:
    """Whether every point is grey, but for what a slight blue of the quiet words makes."""
    colours = picture.convert("RGB").getcolors(1 << 24)
    return colours is not None and all(max(seen) - min(seen) < 20 for _, seen in colours if isinstance(seen, tuple))


def opened(data: bytes, name: str = "") -> Image.Image:
    if name:
        ARTEFACTS.mkdir(exist_ok=True)
        (ARTEFACTS / name).write_bytes(data)
    picture = Image.open(io.BytesIO(data), formats=["PNG"])
    picture.load()
    return picture


def test_forty_candidates_and_three_commissions_are_one_picture(campagne: Campagne) -> None:
    commissions = [
        commission("A", "salle 204"),
        commission("B", "salle 205"),
        commission("C", "grand amphithéâtre du bâtiment Sud, deuxième étage"),
    ]
    demands = [Demand(numero, NAMES[numero % len(NAMES)]) for numero in range(1, 41)]
    plan = assign(demands, commissions, 30)
    names = {demand.numero: demand.name for demand in demands}

    data = draw_day(campagne, commissions, [*plan.assigned.items()], names, frozenset({2, 7}))

    picture = opened(data, "bureau-planning.png")
    assert len(plan.assigned) == 40
    assert picture.width >= 1000
    assert is_black_and_white(picture)


def test_the_same_day_is_the_same_picture(campagne: Campagne) -> None:
    one = [commission("A", "salle 204")]
    plan = assign([Demand(1, "Camille")], one, 30)

    first, second = (draw_day(campagne, one, [*plan.assigned.items()], {1: "Camille"}) for _ in range(2))

    assert first == second


HARD_NAMES = {"typst": '#panic("x") $a$ *b* @c <d> \\', "nothing": "", "one long word": "A" * 200, "kanji": "山田太郎"}


@pytest.mark.parametrize("name", HARD_NAMES.values(), ids=HARD_NAMES)
def test_a_name_is_shown_and_never_run(campagne: Campagne, name: str) -> None:
    one = [commission(name, name)]
    plan = assign([Demand(1, name)], one, 30)

    assert opened(draw_day(campagne, one, [*plan.assigned.items()], {1: name})).width >= 1000


def test_a_day_without_a_commission_is_a_picture_that_says_so(campagne: Campagne) -> None:
    assert opened(draw_day(campagne, [], [], {})).width >= 1000


def test_whom_a_vanished_commission_was_to_hear_stays_on_the_picture(campagne: Campagne) -> None:
    creneau = Creneau(starts_at=paris(DAY, 9), ends_at=paris(DAY, 9, 30), commission="Z", room="salle 1")

    alone = draw_day(campagne, [], [(1, creneau)], {1: "Camille"})

    assert alone != draw_day(campagne, [], [], {})


def test_the_figures_of_a_whole_call_are_one_picture(campagne: Campagne) -> None:
    first = date(2017, 3, 30)
    figures = TableauFigures(
        states=(("brouillon", 7), ("déposé", 21), ("à compléter", 3), ("recevable", 12), ("irrecevable", 1)),
        deposits=tuple((first + timedelta(days=rank), rank * rank % 11) for rank in range(23)),
        missing=(("votre lettre de motivation manuscrite", 2), ("la notice", 4)),
        convocations=(("acquittée", 9), ("publiée", 3)),
        letters=(("partie", 148), ("en attente", 2), ("abandonnée", 0)),
    )

    picture = opened(draw_tableau(campagne, figures, at=AT), "bureau-tableau.png")

    assert picture.width >= 1000
    assert is_black_and_white(picture)


SMALL = {
    "nothing": NOTHING,
    "zeros": TableauFigures((("déposé", 0),), ((DAY, 0),), (("la notice", 0),), (("publiée", 0),), (("partie", 0),)),
    "one": TableauFigures((("déposé", 1),), ((DAY, 1),), (), (), (("partie", 1),)),
}


@pytest.mark.parametrize("figures", SMALL.values(), ids=SMALL)
def test_few_figures_or_none_are_a_picture_too(campagne: Campagne, figures: TableauFigures) -> None:
    assert opened(draw_tableau(campagne, figures, at=AT)).width >= 1000
