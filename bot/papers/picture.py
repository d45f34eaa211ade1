"""The pictures that the bureau looks at: the day of the entretiens, and where the campagne stands.

Readable in black and white and on a telephone; every figure is also said in words beside the picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, hour_words, instant_words
from bot.circulaire.planning import Commission, Creneau, creneaux
from bot.papers.typeset import draw

_FREE, _CLOSED = "libre", "–"
Figures = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TableauFigures:
    """What is counted: (label, number) pairs, and the deposits of each day."""

    states: Figures
    deposits: tuple[tuple[date, int], ...]
    missing: Figures
    convocations: Figures
    letters: Figures


def draw_day(
    campagne: Campagne,
    commissions: Sequence[Commission],
    rows: Sequence[tuple[int, Creneau]],
    names: Mapping[int, str],
    moved: frozenset[int] = frozenset(),
) -> bytes:
    """The day of the entretiens as a picture (PNG): a column for each commission, a line for each hour.

    Args:
        rows: number and creneau of those who have one.
        names: by number.
        moved: numbers whose creneau has just changed, marked by a word.
    """
    by_place = {(creneau.commission, creneau.starts_at): numero for numero, creneau in rows}
    open_places = {(one.name, c.starts_at) for one in commissions for c in creneaux(one, campagne.entretien_minutes)}
    starts = sorted({start for _, start in open_places | set(by_place)})

    def cell(place: tuple[str, datetime]) -> str:
        numero = by_place.get(place)
        if numero is None:
            return _FREE if place in open_places else _CLOSED
        tail = " (déplacé)" if numero in moved else ""
        return f"n° {numero}{tail}\n{names.get(numero, '')}"

    lines = [[hour_words(start), *(cell((one.name, start)) for one in commissions)] for start in starts]
    return draw(
        "day",
        title=f"Entretiens du {day_words(campagne.entretien_on)}",
        subtitle=f"Circulaire {campagne.numero}",
        heads=["Heure", *(f"{one.name}\n{one.room}" for one in commissions)],
        lines=lines,
        empty="Les commissions n’ont pas de creneau.",
    )


def draw_tableau(campagne: Campagne, figures: TableauFigures, *, at: datetime) -> bytes:
    """Where the campagne stands as a picture (PNG): bars with their numbers.

    Args:
        at: the instant of the figures (aware).
    """
    groups = [
        ("Dossiers par état", figures.states),
        ("Dépôts par jour", tuple((day.strftime("%d/%m"), number) for day, number in figures.deposits)),
        ("Pièces manquantes", figures.missing),
        ("Convocations", figures.convocations),
        ("Messages", figures.letters),
    ]
    return draw(
        "tableau",
        title=f"Campagne {campagne.numero}",
        subtitle=f"Au {instant_words(at)}",
        groups=[{"title": title, "rows": [list(row) for row in rows]} for title, rows in groups if rows],
        empty="Il n’y a encore rien à compter.",
    )
