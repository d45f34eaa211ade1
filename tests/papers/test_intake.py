"""What people send is looked at by its content, kept when it is a paper, refused with what to do when it is not."""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.errors import Refusal
from bot.papers.intake import inspect
from bot.papers.paper import MIMES, Paper, PaperKind, megabytes, shown_name
from handlers.say import say
from tests.papers.makers import LIMIT, Maker

make = Maker()
TEXTS = {"name": "cv.pdf", "size": "25 Mo", "limit": "20 Mo", "seen": "du code JavaScript", "pages": 201}
REASONS = (
    *("empty", "damaged", "password", "too_large", "unknown", "old_word", "macros", "active", "bomb", "huge_picture"),
    *("too_many_pages", "too_complex", "no_page"),
)
OWNER_ONLY = pikepdf.Encryption(owner="proprietaire", user="")


def look(data: bytes, name: str = "cv.pdf") -> Paper:
    return inspect(data, name=name, limit=LIMIT)


@pytest.mark.parametrize(
    ("data", "kind", "pages"),
    [
        pytest.param(make.pdf(2), PaperKind.PDF, 2, id="pdf"),
        pytest.param(make.pdf(encryption=OWNER_ONLY), PaperKind.PDF, 1, id="pdf locked for printing alone"),
        pytest.param(b"\xef\xbb\xbf\r\n" + make.pdf(), PaperKind.PDF, 1, id="pdf after a byte order mark"),
        pytest.param(make.pdf(200), PaperKind.PDF, 200, id="pdf of 200 pages"),
        pytest.param(make.image("JPEG"), PaperKind.JPEG, 1, id="jpeg"),
        pytest.param(make.image("JPEG", progressive=True, mode="CMYK"), PaperKind.JPEG, 1, id="jpeg for printers"),
        pytest.param(make.image("PNG", mode="RGBA"), PaperKind.PNG, 1, id="png"),
        pytest.param(make.image("PNG", mode="1"), PaperKind.PNG, 1, id="png in black and white"),
        pytest.param(make.image("WEBP"), PaperKind.WEBP, 1, id="webp"),
        pytest.param(make.image("HEIF"), PaperKind.HEIF, 1, id="heic"),
        pytest.param(make.docx(), PaperKind.DOCX, None, id="docx"),
        pytest.param(make.docx(word__embeddings__tableau1_xlsx=b"PK"), PaperKind.DOCX, None, id="docx with a table"),
        pytest.param(make.odt(), PaperKind.ODT, None, id="odt"),
    ],
)
def test_a_paper_is_known_by_its_content_whatever_its_name(data: bytes, kind: PaperKind, pages: int | None) -> None:
    sha256 = hashlib.sha256(data).hexdigest()

    assert look(data, "photo.exe") == Paper(kind, MIMES[kind], pages, len(data), sha256)


def links(uri: str) -> bytes:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String(uri))
    return make.pdf_with_note(Subtype=pikepdf.Name.Link, A=action)


def opens_at_a_page() -> bytes:
    with pikepdf.open(io.BytesIO(make.pdf())) as pdf:
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[])
        return make.saved(pdf)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(opens_at_a_page(), id="opens at a page, has an empty form"),
        pytest.param(links("https://www.ac-paris.fr"), id="web link"),
        pytest.param(links("mailto:ce.de@ac-paris.fr"), id="mail link"),
        pytest.param(links("file:///C:/Users/claire/cv.docx"), id="link left by a word processor"),
    ],
)
def test_links_and_forms_do_nothing_by_themselves(data: bytes) -> None:
    assert look(data).kind is PaperKind.PDF


@pytest.mark.parametrize(
    ("data", "blank"),
    [
        pytest.param(make.pdf(2, drawing=b""), True, id="pdf of empty pages"),
        pytest.param(make.pdf(2, drawing=b"q 1 0 0 1 0 0 cm Q"), True, id="pdf that draws nothing"),
        pytest.param(make.pdf(2, drawing=b"BT /F1 9 Tf (Claire) Tj ET"), False, id="pdf with words"),
        pytest.param(make.pdf(2, drawing=b"/Im0 Do"), False, id="pdf with a picture"),
        pytest.param(make.image("PNG"), False, id="picture"),
        pytest.param(make.image("PNG", size=(1, 1)), True, id="picture of one colour"),
    ],
)
def test_what_is_blank_is_kept_and_said(data: bytes, *, blank: bool) -> None:
    assert look(data).blank is blank


def test_the_limit_itself_may_be_given() -> None:
    data = make.pdf()

    assert inspect(data, name="cv.pdf", limit=len(data)).size == len(data)


def test_too_large_says_both_sizes() -> None:
    with pytest.raises(Refusal) as caught:
        inspect(bytes(23_450_000), name="cv.pdf", limit=20_000_000)

    assert (caught.value.text, caught.value.values) == (
        "dossier/refused_too_large",
        {"name": "cv.pdf", "size": "23,4 Mo", "limit": "20 Mo"},
    )


def test_too_many_pages_says_both_counts() -> None:
    with pytest.raises(Refusal) as caught:
        look(make.pdf(201))

    assert (caught.value.text, caught.value.values) == (
        "dossier/refused_too_many_pages",
        {"name": "cv.pdf", "pages": 201, "limit": 200},
    )


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        pytest.param(b"MZ\x90\0" + bytes(60), "un programme", id="exe"),
        pytest.param(b"#!/bin/sh\nrm -rf ~", "un programme", id="script"),
        pytest.param(b"Rar!\x1a\x07\x01\0", "une archive compressée", id="rar"),
        pytest.param(make.zip({"cv.pdf": make.pdf()}), "une archive ZIP", id="zip"),
        pytest.param(make.zip({}), "une archive ZIP vide", id="empty zip"),
        pytest.param(make.zip({"Index/Document.iwa": b"x"}), "un document Pages", id="pages"),
        pytest.param(make.zip({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "un classeur Excel", id="xlsx"),
        pytest.param(make.zip({"[Content_Types].xml": "", "ppt/p.xml": ""}), "une présentation PowerPoint", id="pptx"),
        pytest.param(
            make.odt("application/vnd.oasis.opendocument.spreadsheet"), "un classeur OpenDocument", id="spreadsheet"
        ),
        pytest.param(make.zip({"META-INF/MANIFEST.MF": ""}), "un programme Java", id="jar"),
        pytest.param(make.image("GIF", mode="P"), "une image GIF", id="gif"),
        pytest.param(make.image("TIFF"), "une image TIFF", id="tiff"),
        pytest.param(b"<svg onload='x()'/>", "une image SVG", id="svg"),
        pytest.param(b"\n<!DOCTYPE html><p>CV", "une page web", id="html"),
        pytest.param(b"{\\rtf1 CV}", "un document RTF", id="rtf"),
        pytest.param(b"\0\0\0\x18ftypmp42" + bytes(40), "une vidéo", id="video"),
        pytest.param("Claire, née à Épinay".encode(), "du texte brut", id="text"),
        pytest.param(b"%PD", "du texte brut", id="the beginning of a PDF"),
        pytest.param(b"\x01\x02\x03\xfe", "un fichier d’un type inconnu", id="anything"),
        pytest.param(
            make.pdf() + make.zip({"a": "b"}),
            "deux fichiers cachés en un (une archive ZIP derrière autre chose)",
            id="pdf and zip in one",
        ),
        pytest.param(
            make.image("JPEG") + make.docx(),
            "deux fichiers cachés en un (une archive ZIP derrière autre chose)",
            id="jpeg and docx in one",
        ),
        pytest.param(b"<html><script>x()</script>" + make.pdf(), "une page web", id="page and pdf in one"),
        pytest.param(b"MZ" + make.pdf(), "un programme", id="program and pdf in one"),
    ],
)
def test_what_is_no_paper_is_refused_with_what_was_seen(data: bytes, seen: str) -> None:
    with pytest.raises(Refusal) as caught:
        look(data)

    assert (caught.value.text, caught.value.values) == ("dossier/refused_unknown", {"name": "cv.pdf", "seen": seen})


@pytest.mark.parametrize("reason", REASONS)
def test_each_refusal_says_the_file_what_to_do_what_stays_and_whom_to_ask(campagne: Campagne, reason: str) -> None:
    words = say(f"dossier/refused_{reason}", contact=campagne.information_contact, **TEXTS)

    assert (words.count("<b>cv.pdf</b>"), words.splitlines()[-2:]) == (
        1,
        [
            "Ce que vous aviez déjà donné reste en place.",
            "Besoin d’aide ? Écrivez à Katia BINAUX : katia.binaux@ac-paris.fr",
        ],
    )


def test_a_name_cannot_hide_or_turn_what_is_read(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as caught:
        look(b"", "cv\u202efdp.exe\n<b>")

    assert say(caught.value.text, contact=campagne.information_contact, **caught.value.values).splitlines()[0] == (
        "Je n’ai pas gardé « <b>cvfdp.exe&lt;b&gt;</b> » : ce fichier est vide (0 octet)."
        " L’envoi a peut-être été interrompu."
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [("cv.pdf", "cv.pdf"), ("", "sans nom"), ("\u200b", "sans nom"), ("a" * 90 + ".pdf", "a" * 69 + "…aaaaaa.pdf")],
    ids=["short", "none", "invisible", "long"],
)
def test_a_name_is_shown_short_and_visible(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (12, "12 octets"),
        (999, "999 octets"),
        (1000, "1 ko"),
        (999_999, "999 ko"),
        (4_200_000, "4,2 Mo"),
        (2 * 10**7, "20 Mo"),
    ],
)
def test_a_size_is_said_as_people_read_it(size: int, words: str) -> None:
    assert megabytes(size) == words


def test_many_papers_at_once_are_looked_at_alike() -> None:
    papers = [make.pdf(), make.image("JPEG"), make.image("HEIF"), make.docx(), make.image("PNG")] * 8

    with ThreadPoolExecutor(8) as pool:
        kinds = [paper.kind for paper in pool.map(look, papers)]

    assert kinds == [PaperKind.PDF, PaperKind.JPEG, PaperKind.HEIF, PaperKind.DOCX, PaperKind.PNG] * 8


SOUND = [
    make.pdf(2),
    make.image("JPEG"),
    make.image("PNG"),
    make.image("WEBP"),
    make.image("HEIF"),
    make.docx(),
    make.odt(),
]
MAGIC = [
    b"",
    b"%PDF-1.7\n",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\xff\0\0\0WEBP",
    b"\0\0\0\x18ftypheic",
    b"PK\x03\x04",
]


def verdict(data: bytes) -> str:
    try:
        return look(data).kind
    except Refusal as refusal:
        return refusal.text


@given(magic=st.sampled_from(MAGIC), rest=st.binary(max_size=400))
def test_random_bytes_are_a_paper_or_a_refusal(magic: bytes, rest: bytes) -> None:
    assert verdict(magic + rest).removeprefix("dossier/refused_") in {*REASONS, *PaperKind}


@given(sound=st.sampled_from(SOUND), place=st.floats(0, 1), patch=st.binary(min_size=1, max_size=8), cut=st.booleans())
def test_a_paper_with_random_damage_is_a_paper_or_a_refusal(
    sound: bytes, place: float, patch: bytes, *, cut: bool
) -> None:
    at = int(place * len(sound))

    data = sound[:at] if cut else sound[:at] + patch + sound[at + len(patch) :]

    assert verdict(data).removeprefix("dossier/refused_") in {*REASONS, *PaperKind}
