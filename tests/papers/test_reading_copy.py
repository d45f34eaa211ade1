"""A word processor's file as pages to read: no word of it is lost in silence, and nothing in it harms."""

import io
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pikepdf
import pytest

from bot.circulaire.campagne import load_campagne
from bot.clock import PARIS
from bot.papers import reading_copy as module
from bot.papers.intake import inspect
from bot.papers.paper import PaperKind
from bot.papers.reading_copy import reading_copy
from bot.settings import CAMPAGNES
from tests.papers import written
from tests.papers.makers import LIMIT, Maker
from tests.papers.seen import keep, pages
from tests.papers.written import paragraph, picture, table

pytestmark = pytest.mark.service  # each copy is made in an interpreter of its own

make = Maker()
AT = datetime(2017, 4, 25, 18, 0, tzinfo=PARIS)
CAMPAGNE = load_campagne(CAMPAGNES / "17AN0076")
REAL = {PaperKind.DOCX: written.docx, PaperKind.ODT: written.odt}


def copy(data: bytes, kind: PaperKind = PaperKind.DOCX) -> bytes | None:
    return reading_copy(CAMPAGNE, 12, "le CV", data, kind, "dossier-12-cv.docx", at=AT)


def copied(data: bytes, kind: PaperKind = PaperKind.DOCX) -> bytes:
    """A copy of a file that may be a piece."""
    assert inspect(data, name="cv", limit=LIMIT).kind is kind
    made = copy(data, kind)
    assert made is not None
    return made


def pictures(data: bytes) -> list[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"]
        return [(int(one.Width), int(one.Height)) for one in found]


@pytest.mark.parametrize("kind", REAL)
def test_every_word_is_there_and_those_without_a_place_come_last(kind: PaperKind) -> None:
    data = copied(REAL[kind](), kind)

    [words] = pages(data)
    body, _, others = words.partition(" Autres textes du fichier ")
    expected = [
        "sous ce nom : dossier-12-cv.docx Claire Martin Parcours",
        "2014 – 2017 Directrice d’école, 12, rue des Lilas • accueil 2009 – 2014 Professeure des écoles, CM1/CM2",
        "Motivation Œuvrer à Noël : « être là », garçon — naître. • écouter les familles",
        "avec joie.",
        written.TYPED,
    ]
    assert [line for line in expected if line not in body] == []
    assert "Claire Martin – 01 02 03 04 05 Fait à Paris" in others
    assert [words.count(once) for once in ("CAFIPEMF 2012", "Arrêté du 3 juin 2014.", "depuis 2014")] == [1, 1, 1]
    assert "mot rayé" not in words
    assert pictures(data) == [(400, 500)]
    assert [shades > 1 for shades in keep(f"copie-de-lecture-{kind}", data)] == [True]


def test_the_same_file_makes_the_same_bytes() -> None:
    assert copied(written.docx()) == copied(written.docx())


def test_a_picture_that_cannot_be_shown_is_said() -> None:
    [words] = pages(copied(written.docx(image=b"\x01\0\0\0 EMF")))

    assert "Une image du fichier n’est pas affichée ici." in words
    assert "image non affichée" in words.partition("Parcours")[2]


def test_a_picture_wider_than_the_page_fits_on_it() -> None:
    data = copied(written.docx(paragraph("Avant") + picture(14_400_000, 18_000_000) + paragraph("Après")))

    assert keep("copie-de-lecture-large", data)[0] > 200
    assert "dossier-12-cv.docx Avant" in pages(data)[0]


def test_a_table_as_long_as_the_whole_cv_goes_over_pages() -> None:
    data = copied(written.docx(table((paragraph("2017"), paragraph("une ligne") * 150))))

    assert [page.count("une ligne") > 20 for page in pages(data)[:3]] == [True] * 3


def nested(depth: int) -> str:
    inner = paragraph("fond")
    for _ in range(depth):
        inner = table((inner + paragraph("bord"),))
    return inner


TOO_MUCH: dict[str, Callable[[], bytes]] = {
    "no document": make.docx,
    "an odt without a text": make.odt,
    "cut": lambda: written.docx()[:-900],
    "tables in tables": lambda: written.docx(nested(60)),
    "deeper than anything reads": lambda: written.docx(nested(2000)),
    "a word of forty megabytes": lambda: written.docx(paragraph("x" * 40_000_000)),
    "a book": lambda: written.docx(paragraph("mot " * 40) * 40_000),
    "more pages than a piece may have": lambda: written.docx(paragraph("mot") * 10_000),
}


@pytest.mark.parametrize("maker", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_cannot_be_read_has_no_copy_and_the_service_goes_on(maker: Callable[[], bytes]) -> None:
    data = maker()
    start = time.process_time()

    assert copy(data) is None
    assert time.process_time() - start < 1  # ours: the other process has its own limits


def test_a_copy_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.01)

    assert copy(written.docx()) is None


def test_what_opens_the_file_knows_nothing_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def run(_command: list[str], **how: Any) -> None:
        given.update(how)
        raise subprocess.SubprocessError

    monkeypatch.setattr(subprocess, "run", run)
    copy(written.docx())

    assert given["env"] == {}
