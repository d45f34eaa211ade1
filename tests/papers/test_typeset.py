"""The receipt and the notice can be read by everybody, and say what is certified."""

import hashlib
import io
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.notice import Value
from bot.circulaire.receipt import ReceiptFacts, ReceiptPiece, receipt_code, receipt_text, verify_receipt
from bot.clock import PARIS
from bot.papers.intake import inspect
from bot.papers.typeset import typeset_notice, typeset_receipt
from tests.papers.makers import LIMIT

CV = b"%PDF-1.7 un parcours"
AT = datetime(2017, 4, 20, 9, 5, 7, tzinfo=PARIS)
TYPST = 'Camille #panic("x") #evil[ $x^2$ *gras* <a> @b \\ `c` // d'
NOTICE: dict[str, Value] = {"nom": TYPST, "grade": "professeur_ecoles", "anciennete": 12}


@pytest.fixture
def facts(campagne: Campagne) -> ReceiptFacts:
    return ReceiptFacts(
        campagne=campagne.numero,
        circulaire_sha256=campagne.sha256,
        numero=12,
        rank=2,
        holder=TYPST,
        service=campagne.service.bureau,
        received_at=datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS),
        pieces=(
            ReceiptPiece("cv", "le CV", len(CV), hashlib.sha256(CV).hexdigest()),
            ReceiptPiece("lettre", "la lettre de motivation"),
        ),
    )


def words_of(data: bytes) -> str:
    """The words of a PDF as a screen reader finds them: by its tags' own map of signs."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return " ".join(" ".join(page_words(page)) for page in pdf.pages)


def page_words(page: pikepdf.Page) -> list[str]:
    fonts = {name: sign_map(font) for name, font in page.resources.Font.items()}
    words: list[str] = []
    font: dict[bytes, str] = {}
    for step in pikepdf.parse_content_stream(page):
        if str(step.operator) == "Tf":
            font = fonts[str(step.operands[0])]
        elif str(step.operator) in {"Tj", "TJ"}:
            parts: Any = step.operands[0] if str(step.operator) == "TJ" else step.operands
            raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            words.append("".join(font.get(raw[at : at + 2], "") for at in range(0, len(raw), 2)))
    return words


def sign_map(font: pikepdf.Object) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for line in font.ToUnicode.read_bytes().decode().splitlines():
        parts = line.split()
        if len(parts) == 2 and all(part.startswith("<") for part in parts):
            code, sign = (bytes.fromhex(part.strip("<>")) for part in parts)
            found[code] = sign.decode("utf-16-be")
    return found


def squeezed(words: str) -> str:
    return "".join(words.split())


@pytest.mark.parametrize("paper", ["receipt", "notice"])
def test_a_paper_is_tagged_in_french_and_has_a_title(campagne: Campagne, facts: ReceiptFacts, paper: str) -> None:
    data, title = {
        "receipt": (typeset_receipt(campagne, facts), "Récépissé de dépôt de candidature"),
        "notice": (typeset_notice(campagne, NOTICE, at=AT), "Notice de renseignements – circulaire 17AN0076"),
    }[paper]

    with pikepdf.open(io.BytesIO(data)) as pdf:
        with pdf.open_metadata() as metadata:
            claims = (metadata["pdfuaid:part"], metadata["dc:title"])
        root = pdf.Root

        assert claims == ("1", title)
        assert (bool(root.MarkInfo.Marked), str(root.Lang), bool(root.ViewerPreferences.DisplayDocTitle)) == (
            True,
            "fr-FR",
            True,
        )
        assert "/StructTreeRoot" in root


def test_a_receipt_says_its_facts(campagne: Campagne, facts: ReceiptFacts) -> None:
    words = squeezed(words_of(typeset_receipt(campagne, facts)))

    expected = [
        "n° 12 (récépissé n° 2)",
        "vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)",
        f"Division des personnels enseignants du 1er degré public, {campagne.service.bureau}",
        campagne.service.street_address,
        campagne.service.phone,
        "20 octets",
        hashlib.sha256(CV).hexdigest(),
        "déclarée déposée via I-Prof",
        "Il ne manque rien",
        "lundi 24 avril 2017",
        "vendredi 28 avril 2017",
        campagne.information_contact.email,
        receipt_code(receipt_text(facts)),
        "sha256sum recepisse.txt",
    ]
    assert [line for line in expected if squeezed(line) not in words] == []


def test_a_receipt_of_an_incomplete_dossier_says_what_is_missing(campagne: Campagne, facts: ReceiptFacts) -> None:
    words = words_of(typeset_receipt(campagne, replace(facts, missing=("l’état des services",))))

    assert "Ilmanque:l’étatdesservices." in squeezed(words)


def test_a_receipt_is_one_page_for_the_four_pieces(campagne: Campagne, facts: ReceiptFacts) -> None:
    pieces = tuple(ReceiptPiece(piece.code, piece.label, 3_412_877, "ab" * 32) for piece in campagne.pieces)

    with pikepdf.open(io.BytesIO(typeset_receipt(campagne, replace(facts, pieces=pieces)))) as pdf:
        assert len(pdf.pages) == 1


def test_whoever_holds_a_receipt_alone_can_verify_it(campagne: Campagne, facts: ReceiptFacts) -> None:
    with pikepdf.open(io.BytesIO(typeset_receipt(campagne, facts))) as pdf:
        attached = pdf.attachments["recepisse.txt"].get_file().read_bytes()

    words = attached.decode()
    assert words == receipt_text(facts)
    assert verify_receipt(words, hashlib.sha256(attached).hexdigest(), {"cv": CV}) == ()


def test_what_a_person_typed_is_shown_and_never_run(campagne: Campagne, facts: ReceiptFacts) -> None:
    papers = [typeset_receipt(campagne, facts), typeset_notice(campagne, NOTICE, at=AT)]

    assert [squeezed(TYPST) in squeezed(words_of(paper)) for paper in papers] == [True, True]


def test_a_notice_says_each_field_and_those_without_an_answer(campagne: Campagne) -> None:
    words = squeezed(words_of(typeset_notice(campagne, NOTICE, at=AT)))

    expected = [*(field.label for field in campagne.notice_fields), "Professeur ou professeure des écoles", "12 ans"]
    assert [line for line in expected if squeezed(line) not in words] == []
    assert words.count("nonrenseigné") == len(campagne.notice_fields) - len(NOTICE)
    assert "jeudi20avril2017à9h05min07s" in words


@pytest.mark.parametrize(
    "name",
    ["Ωμέγα Иван", "李明", "نور", "A" * 100, "🙂", "\u202enom\u202c", "\0\x07", "\ue000\uffff", ""],
    ids=["greek", "chinese", "arabic", "long", "emoji", "turned", "control", "no sign", "none"],
)
def test_any_name_makes_a_receipt_whose_attached_words_are_exact(
    campagne: Campagne, facts: ReceiptFacts, name: str
) -> None:
    named = replace(facts, holder=name)

    with pikepdf.open(io.BytesIO(typeset_receipt(campagne, named))) as pdf:
        assert pdf.attachments["recepisse.txt"].get_file().read_bytes().decode() == receipt_text(named)


@given(name=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_whatever_is_typed_makes_a_notice(campagne: Campagne, name: str) -> None:
    assert typeset_notice(campagne, {"nom": name}, at=AT).startswith(b"%PDF-")


def test_a_sign_that_the_fonts_lack_is_a_frame_and_the_others_stay(campagne: Campagne) -> None:
    kept = "".join(
        chr(code)
        for first, last in [(0xA1, 0x17F), (0x391, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x45F), (0x2010, 0x2026)]
        for code in range(first, last + 1)
        if not unicodedata.category(chr(code)).startswith("C")
    )
    words = words_of(typeset_notice(campagne, {"nom": f"Léa 李 {kept}"}, at=AT))

    assert squeezed(f"Léa ▯ {kept}") in squeezed(words)


def test_the_same_facts_make_the_same_bytes_also_in_threads(campagne: Campagne, facts: ReceiptFacts) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: typeset_receipt(campagne, facts), range(16)))

    assert len(made) == 1


def test_a_paper_is_quick_once_warm(campagne: Campagne, facts: ReceiptFacts) -> None:
    typeset_receipt(campagne, facts)
    spent = []
    for rank in range(10):
        start = time.process_time()
        typeset_receipt(campagne, replace(facts, rank=rank))
        spent.append(time.process_time() - start)

    assert min(spent) < 0.1  # a dozen times what it takes: no figure of speed


def test_a_notice_may_be_a_piece_like_any_other(campagne: Campagne) -> None:
    paper = inspect(typeset_notice(campagne, NOTICE, at=AT), name="notice.pdf", limit=LIMIT)

    assert (paper.kind, paper.pages, paper.blank) == ("pdf", 1, False)
