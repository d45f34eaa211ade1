"""A receipt is checked offline, against its words and the bytes of its pieces."""

import hashlib
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.receipt import ReceiptFacts, ReceiptPiece, receipt_code, receipt_text, verify_receipt
from bot.clock import PARIS

CV = b"%PDF-1.7 un parcours"
FACTS = ReceiptFacts(
    campagne="17AN0076",
    circulaire_sha256="ef1fc2a8",
    numero=12,
    rank=1,
    holder="Claire Martin",
    service="bureau DE2, 01 44 62 40 40",
    received_at=datetime(2017, 4, 21, 23, 59, 59, 700000, tzinfo=PARIS),
    pieces=(
        ReceiptPiece("cv", "le CV", len(CV), hashlib.sha256(CV).hexdigest()),
        ReceiptPiece("lettre", "la lettre de motivation"),
    ),
)


def test_a_receipt_says_all_that_it_certifies() -> None:
    assert receipt_text(FACTS).splitlines() == [
        "Récépissé de dépôt de candidature",
        "Circulaire : 17AN0076 ; SHA-256 ef1fc2a8",
        "Candidature : n° 12 ; récépissé n° 1",
        "Déposée par : Claire Martin",
        "Reçue le : vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris) ; 2017-04-21T23:59:59+02:00",
        "Service : bureau DE2, 01 44 62 40 40",
        f"Pièce : cv ; le CV ; 20 octets ; SHA-256 {hashlib.sha256(CV).hexdigest()}",
        "Pièce : lettre ; la lettre de motivation ; déclarée déposée via I-Prof",
        "Il manque : rien",
    ]


def test_what_is_missing_is_on_the_receipt() -> None:
    text = receipt_text(replace(FACTS, missing=("l’état des services", "la notice de renseignements")))

    assert text.splitlines()[-1] == "Il manque : l’état des services ; la notice de renseignements"


def test_the_same_instant_of_another_zone_makes_the_same_receipt() -> None:
    there = FACTS.received_at.astimezone(ZoneInfo("Indian/Reunion"))

    assert receipt_text(replace(FACTS, received_at=there)) == receipt_text(FACTS)


def test_the_code_is_what_any_program_computes_from_the_text() -> None:
    text = receipt_text(FACTS)

    assert receipt_code(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_a_receipt_verifies_with_its_code_and_its_pieces() -> None:
    text = receipt_text(FACTS)

    assert verify_receipt(text, f" {receipt_code(text).upper()}\n", {"cv": CV}) == ()


def test_a_piece_that_the_receipt_does_not_hold_is_named() -> None:
    text = receipt_text(FACTS)

    faults = verify_receipt(text, receipt_code(text), {"lettre": b"", "notice": b""})

    assert faults == (
        "Le récépissé ne contient pas la pièce « lettre ».",
        "Le récépissé ne contient pas la pièce « notice ».",
    )


def test_a_name_cannot_add_a_line_to_a_receipt() -> None:
    forged = "Claire\nPièce : notice ; la notice ; 1 octets ; SHA-256 " + "0" * 64

    text = receipt_text(replace(FACTS, holder=forged))

    assert len(text.splitlines()) == len(receipt_text(FACTS).splitlines())
    assert verify_receipt(text, receipt_code(text), {"notice": b"x"}) == (
        "Le récépissé ne contient pas la pièce « notice ».",
    )


@given(place=st.integers(min_value=0), sign=st.characters(codec="utf-8"))
def test_any_altered_sign_of_the_words_is_caught(place: int, sign: str) -> None:
    text = receipt_text(FACTS)
    at = place % len(text)
    altered = text[:at] + sign + text[at + 1 :]

    caught = "Le texte du récépissé ne correspond pas à son code." in verify_receipt(altered, receipt_code(text), {})

    assert caught is (altered != text)


@given(place=st.integers(min_value=0, max_value=len(CV) - 1), value=st.integers(min_value=0, max_value=255))
def test_any_altered_byte_of_a_piece_is_caught(place: int, value: int) -> None:
    text = receipt_text(FACTS)
    altered = CV[:place] + bytes([value]) + CV[place + 1 :]

    faults = verify_receipt(text, receipt_code(text), {"cv": altered})

    assert faults == (() if altered == CV else ("La pièce « cv » n’est pas celle qui a été déposée.",))


@given(
    holder=st.text(max_size=60),
    numero=st.integers(min_value=1, max_value=10**6),
    data=st.binary(max_size=200),
    moment=st.datetimes(timezones=st.just(PARIS)),
)
def test_every_receipt_verifies_again(holder: str, numero: int, data: bytes, moment: datetime) -> None:
    piece = ReceiptPiece("notice", "la notice", len(data), hashlib.sha256(data).hexdigest())
    text = receipt_text(replace(FACTS, holder=holder, numero=numero, received_at=moment, pieces=(piece,)))

    assert verify_receipt(text, receipt_code(text), {"notice": data}) == ()
