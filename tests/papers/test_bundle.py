"""What the commission gets: every dossier in one PDF each, the planning, the list, the sheet to sign."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import openpyxl
import pikepdf
import pytest

from bot.circulaire.campagne import Campagne
from bot.clock import PARIS
from bot.papers.bundle import commission_bundle, dossiers_sheet, typeset_sign_in
from bot.papers.merge import BundleEntry, BundlePiece, merge_dossier
from bot.papers.paper import PaperKind
from bot.papers.typeset import typeset_notice
from tests.papers import written
from tests.papers.makers import Maker
from tests.papers.seen import Claims, claims, keep, pages

AT = datetime(2017, 4, 25, 18, 0, tzinfo=PARIS)
NINE = datetime(2017, 4, 26, 9, 0, tzinfo=PARIS)
HALF = timedelta(minutes=30)
MAKER = Maker()


def filled_form(words: str) -> bytes:
    """A PDF whose only words were typed into a field, as readers leave it: without a drawing of them."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 200))
        helvetica = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="nom",
            V=words,
            DA="/Helv 12 Tf 0 g",
            Rect=[20, 100, 280, 130],
            F=4,
            P=page.obj,
        )
        page.obj.Annots = pikepdf.Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(
            Fields=page.obj.Annots,
            NeedAppearances=True,
            DA="/Helv 12 Tf 0 g",
            DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=pdf.make_indirect(helvetica))),
        )
        return MAKER.saved(pdf)


@pytest.fixture
def entry(campagne: Campagne) -> BundleEntry:
    notice = typeset_notice(campagne, {"nom": "Claire Martin"}, at=AT)
    photo = MAKER.image("JPEG", (600, 800))
    return BundleEntry(
        numero=12,
        holder="Claire Martin",
        facts=(("Circonscription", "Paris 19A"), ("École", "12, rue des Lilas")),
        pieces=(
            BundlePiece("notice", "la notice de renseignements", PaperKind.PDF, lambda: notice),
            BundlePiece("etat_services", "l’état des services", PaperKind.JPEG, lambda: photo),
            BundlePiece("lettre", "la lettre de motivation", PaperKind.DOCX, written.docx),
            BundlePiece("cv", "le CV"),
        ),
        starts_at=NINE,
        ends_at=NINE + HALF,
        room="salle 204",
        commission="commission A",
    )


@pytest.fixture
def entries(entry: BundleEntry) -> list[BundleEntry]:
    return [
        replace(entry, numero=31, holder="=Zoë", commission="commission B", starts_at=NINE + HALF, pieces=()),
        entry,
        replace(entry, numero=7, holder="Ali Ben", starts_at=NINE + HALF, facts=(), pieces=entry.pieces[:1]),
        replace(entry, numero=40, holder="Sans Heure", starts_at=None, ends_at=None, room="", commission=""),
    ]


def bookmarks(data: bytes) -> list[tuple[str, int]]:
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        numbers = {page.objgen: number for number, page in enumerate((page.obj for page in pdf.pages), 1)}
        return [(item.title, numbers[item.destination[0].objgen]) for item in outline.root]  # type: ignore[index]


def bundled(campagne: Campagne, entries: list[BundleEntry]) -> zipfile.ZipFile:
    written = io.BytesIO()
    commission_bundle(campagne, entries, written, at=AT)
    return zipfile.ZipFile(written)


def test_a_dossier_is_one_pdf_with_a_bookmark_for_each_piece(campagne: Campagne, entry: BundleEntry) -> None:
    merged = merge_dossier(campagne, entry, at=AT)

    assert bookmarks(merged.pdf) == [
        ("Page de garde", 1),
        ("la notice de renseignements", 2),
        ("l’état des services", 3),
        ("la lettre de motivation", 4),
        ("le CV", 5),
    ]
    assert [shades > 1 for shades in keep("dossier", merged.pdf)] == [True] * 5


def test_the_first_page_says_who_when_and_where_each_piece_is(campagne: Campagne, entry: BundleEntry) -> None:
    first, _, _, letter, cv = pages(merge_dossier(campagne, entry, at=AT).pdf)

    expected = [
        "Dossier n° 12",
        "Claire Martin",
        "Entretien mercredi 26 avril 2017 à 9 h",
        "salle 204",
        "commission A",
        "Circonscription Paris 19A",
        "la notice de renseignements dans ce document",
        "la lettre de motivation copie de lecture dans ce document, fichier déposé à part : dossier-12-lettre.docx",
        "le CV dans I-Prof",
    ]
    assert [line for line in expected if line not in first] == []
    assert letter.startswith("La lettre de motivation Copie de lecture établie par Greffier")
    assert "Le fichier déposé fait foi. Il est joint tel quel, sous ce nom : dossier-12-lettre.docx" in letter
    assert "Œuvrer à Noël" in letter
    assert "Cette pièce a été déclarée déposée via I-Prof." in cv


def test_what_a_person_wrote_is_given_as_it_was_beside_its_copy(campagne: Campagne, entry: BundleEntry) -> None:
    merged = merge_dossier(campagne, entry, at=AT)

    assert merged.beside == (("dossier-12-lettre.docx", written.docx()),)


def test_what_no_pdf_can_hold_has_a_page_that_says_where_it_is(campagne: Campagne, entry: BundleEntry) -> None:
    letter = replace(entry.pieces[2], read=MAKER.docx)
    damaged = BundlePiece("cv", "le CV", PaperKind.PDF, lambda: b"%PDF-1.7 rien")

    merged = merge_dossier(campagne, replace(entry, pieces=(letter, damaged, entry.pieces[0])), at=AT)

    assert merged.beside == (("dossier-12-lettre.docx", MAKER.docx()), ("dossier-12-cv.pdf", b"%PDF-1.7 rien"))
    cover, *leaves, notice = pages(merged.pdf)
    assert [f"sous ce nom : {name}" in page for page, (name, _) in zip(leaves, merged.beside, strict=True)] == [
        True
    ] * 2
    assert "la lettre de motivation à part : dossier-12-lettre.docx" in cover
    assert "Claire Martin" in notice


def test_what_was_typed_into_a_form_is_still_there(campagne: Campagne, entry: BundleEntry) -> None:
    form = BundlePiece("notice", "la notice", PaperKind.PDF, lambda: filled_form("Claire Martin, Paris 19A"))

    merged = merge_dossier(campagne, replace(entry, pieces=(form,)), at=AT)

    assert pages(merged.pdf)[1] == "Claire Martin, Paris 19A"
    assert [shades > 1 for shades in keep("dossier-formulaire", merged.pdf)] == [True, True]


def test_a_merged_dossier_has_a_language_and_a_title_and_claims_no_more(campagne: Campagne, entry: BundleEntry) -> None:
    merged = merge_dossier(campagne, entry, at=AT)

    assert claims(merged.pdf) == Claims(None, "Dossier n° 12 – circulaire 17AN0076", "fr-FR", tagged=False)


def test_the_sheet_to_sign_has_a_line_for_everybody(campagne: Campagne, entries: list[BundleEntry]) -> None:
    data = typeset_sign_in(campagne, entries, at=AT)

    words = " ".join(pages(data))
    expected = [
        "Entretiens du mercredi 26 avril 2017.",
        "commission A, salle 204 Heure N° Nom Signature 9 h 12 Claire Martin 9 h 30 7 Ali Ben",
        "commission B, salle 204 Heure N° Nom Signature 9 h 30 31 =Zoë",
        "Sans créneau Heure N° Nom Signature 40 Sans Heure",
    ]
    assert [line for line in expected if line not in words] == []
    assert claims(data) == Claims("1", "Feuille d’émargement", "fr-FR", tagged=True)
    assert [shades > 1 for shades in keep("emargement", data)] == [True]


def test_the_sheet_to_sign_repeats_its_heads_on_each_page(campagne: Campagne, entry: BundleEntry) -> None:
    many = [replace(entry, numero=rank, starts_at=NINE + rank * HALF / 3) for rank in range(1, 41)]

    seen = pages(typeset_sign_in(campagne, many, at=AT))

    assert len(seen) == 3
    assert [page.count("Heure N° Nom Signature") for page in seen] == [1, 1, 1]


def test_the_bundle_has_its_files_and_none_is_named_after_a_person(
    campagne: Campagne, entries: list[BundleEntry]
) -> None:
    with bundled(campagne, entries) as archive:
        assert archive.namelist() == [
            "planning.xlsx",
            "dossiers.xlsx",
            "emargement.pdf",
            "dossier-12.pdf",
            "dossier-12-lettre.docx",
            "dossier-7.pdf",
            "dossier-31.pdf",
            "dossier-40.pdf",
            "dossier-40-lettre.docx",
        ]
        assert archive.testzip() is None


def test_the_planning_is_in_the_order_of_the_day(campagne: Campagne, entries: list[BundleEntry]) -> None:
    with bundled(campagne, entries) as archive:
        page = openpyxl.load_workbook(io.BytesIO(archive.read("planning.xlsx")))["Planning"]

    assert [row[4].value for row in page.iter_rows(min_row=2)] == [12, 7, 31, 40]
    assert (page["A2"].value, page["B2"].is_date) == (datetime(2017, 4, 26, 9, 0), True)  # noqa: DTZ001 -- no zone there
    assert (page["F4"].value, page["F4"].data_type) == ("=Zoë", "s")


def test_the_list_says_how_each_piece_was_given(campagne: Campagne, entries: list[BundleEntry]) -> None:
    sheet = dossiers_sheet(campagne, entries)

    assert sheet.columns == (
        *("N°", "Nom", "Circonscription", "École"),
        *("la notice de renseignements", "l’état des services", "la lettre de motivation", "le CV"),
    )
    assert [list(row) for row in sheet.rows[1:3]] == [
        [12, "Claire Martin", "Paris 19A", "12, rue des Lilas", "déposée", "déposée", "déposée", "via I-Prof"],
        [7, "Ali Ben", None, None, "déposée", "manquante", "manquante", "manquante"],
    ]


def test_the_progress_is_told_after_each_dossier(campagne: Campagne, entries: list[BundleEntry]) -> None:
    told: list[tuple[int, int]] = []

    commission_bundle(campagne, entries, io.BytesIO(), at=AT, progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_same_entries_make_the_same_bytes_in_any_order(campagne: Campagne, entries: list[BundleEntry]) -> None:
    first, second = io.BytesIO(), io.BytesIO()

    commission_bundle(campagne, entries, first, at=AT)
    commission_bundle(campagne, entries[::-1], second, at=AT)

    assert first.getvalue() == second.getvalue()


def test_pieces_are_read_one_dossier_at_a_time(campagne: Campagne, entry: BundleEntry) -> None:
    order: list[str] = []
    data = MAKER.pdf()

    def reading(numero: int) -> bytes:
        order.append(f"read {numero}")
        return data

    many = [
        replace(entry, numero=rank, pieces=(BundlePiece("cv", "le CV", PaperKind.PDF, partial(reading, rank)),))
        for rank in (1, 2)
    ]
    commission_bundle(campagne, many, io.BytesIO(), at=AT, progress=lambda done, _: order.append(f"done {done}"))

    assert order == ["read 1", "done 1", "read 2", "done 2"]


def test_a_call_without_a_dossier_still_has_its_lists(campagne: Campagne) -> None:
    with bundled(campagne, []) as archive:
        assert archive.namelist() == ["planning.xlsx", "dossiers.xlsx", "emargement.pdf"]
