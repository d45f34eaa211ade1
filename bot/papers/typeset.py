"""The papers that the service gives: how they are set, the notice filled in by talking, the receipt of a deposit.

PDF/UA-1: tagged, in French, with a title. Only the fonts that come with typst are used, and the same facts at the
same instant make the same bytes.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, instant_words
from bot.circulaire.notice import Value, field_words
from bot.circulaire.receipt import ReceiptFacts, ReceiptPiece, receipt_code, receipt_text
from bot.papers.paper import megabytes

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"
_FRAME = "▯"
_PPI = 160.0  # of a picture
# Beyond what is kept here (Latin, Greek, Cyrillic, usual punctuation) the fonts may lack a sign, which PDF/UA refuses.
_UNPRINTABLE = re.compile(r"[^ -~\xa0-\u017f\u0391-\u03a1\u03a3-\u03ce\u0400-\u045f\u2010-\u2026\u202f\u20ac\u2116▯]")


def typeset_notice(campagne: Campagne, notice: Mapping[str, Value], *, at: datetime) -> bytes:
    """The notice de renseignements as a PDF, with what the person answered; a field without an answer is said.

    Args:
        notice: values as `read_field` gives them, by code of the field.
        at: the instant that the notice bears (aware).
    """
    answers = {field.code: notice.get(field.code) for field in campagne.notice_fields}
    return typeset(
        "notice",
        campagne,
        at,
        title=f"Notice de renseignements – circulaire {campagne.numero}",
        footer=f"Circulaire {campagne.numero} – notice de renseignements",
        subject=f"{campagne.title}, année scolaire {campagne.school_year} (circulaire {campagne.numero}).",
        fields=[
            (field.label, _answer_words(campagne, field.code, answers[field.code])) for field in campagne.notice_fields
        ],
        statement=f"Notice remplie par messagerie le {instant_words(at)}, à partir des réponses de l’intéressé(e).",
    )


def typeset_receipt(campagne: Campagne, facts: ReceiptFacts) -> bytes:
    """The receipt of a deposit as a PDF; the words that its code certifies are attached to it, to the byte."""
    words = receipt_text(facts)
    return typeset(
        "receipt",
        campagne,
        facts.received_at,
        title="Récépissé de dépôt de candidature",
        footer=f"Circulaire {facts.campagne} – candidature n° {facts.numero}, récépissé n° {facts.rank}",
        facts=_receipt_facts(campagne, facts),
        pieces=[_piece(piece) for piece in facts.pieces],
        missing=facts.missing,
        steps=_next_steps(campagne),
        contact=f"{campagne.information_contact.name}, {campagne.information_contact.email}",
        code=receipt_code(words),
        words=words,
    )


def _receipt_facts(campagne: Campagne, facts: ReceiptFacts) -> list[tuple[str, str]]:
    return [
        ("Candidature", f"n° {facts.numero} (récépissé n° {facts.rank})"),
        ("Déposée par", facts.holder),
        ("Reçue le", instant_words(facts.received_at)),
        ("Date limite", instant_words(campagne.closes_at)),
        ("Appel à candidatures", f"{campagne.title}, année scolaire {campagne.school_year}"),
        ("Circulaire", facts.campagne),
    ]


def _piece(piece: ReceiptPiece) -> dict[str, str | None]:
    bytes_words = f"{piece.size:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return {"label": piece.label, "size": _size_words(piece.size, bytes_words), "sha256": piece.sha256}


def _size_words(size: int, bytes_words: str) -> str:
    rounded = megabytes(size)
    return rounded if rounded.endswith("octets") else f"{rounded} ({bytes_words} octets)"


def _next_steps(campagne: Campagne) -> list[tuple[str, str]]:
    email = campagne.convocation_contact.email
    return [
        (day_words(campagne.convocation_on), "Votre convocation est envoyée au plus tard ce jour."),
        (day_words(campagne.alert_on), f"Si vous n’avez pas reçu de convocation, écrivez ce jour même à {email}."),
        (day_words(campagne.entretien_on), "Entretien devant la commission."),
        (day_words(campagne.avis_from), "L’avis de la commission est transmis à partir de ce jour."),
    ]


def _answer_words(campagne: Campagne, code: str, value: Value | None) -> str:
    return "non renseigné" if value is None else field_words(campagne.notice_field(code), value)


def _letterhead(campagne: Campagne) -> list[str]:
    """Who issues a paper and how to reach them, a line each."""
    service = campagne.service
    return [service.authority, f"{service.name}, {service.bureau}", service.street_address, f"Tél. : {service.phone}"]


def typeset(template: str, campagne: Campagne, at: datetime, *, words: str = "", **values: Any) -> bytes:
    """A paper from its template; a name in a writing that the fonts lack is still a paper, with frames for its signs.

    Args:
        at: the instant that the file bears (aware).
        values: what the template reads; `title` and `footer` are read by all of them, as is who issues the paper.
        words: what is attached as it is, whatever the fonts.
    """
    import typst

    values = {"author": campagne.service.name, "service": _letterhead(campagne), **values}
    try:
        return _compile(template, at, values, words)
    except typst.TypstError:
        return _compile(template, at, _printable(values), words)


def typeset_parts(template: str, at: datetime, parts: Mapping[str, str], **values: Any) -> bytes:
    """A paper whose template takes in what others made; it is bound into a longer one, so it claims no accessibility.

    Args:
        at: the instant that the file bears (aware).
        parts: the files that the template takes in, by name, beside its own.
    """
    import typst

    own = {path.name: path.read_bytes() for path in TEMPLATES.glob("*.typ")}
    return typst.compile(  # type: ignore[call-overload, no-any-return] # its stub knows no dict
        {**own, **{name: part.encode() for name, part in parts.items()}, "main": own[f"{template}.typ"]},
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(values, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
        pdf_tags=False,
    )


def draw(template: str, **values: Any) -> bytes:
    """A picture (PNG) from its template, as wide as a telephone shows it sharp."""
    import typst

    return typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(values, ensure_ascii=False)},
        format="png",
        ppi=_PPI,
    )


def _printable(value: Any) -> Any:
    """The same value, with a frame for each sign that the fonts may lack."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub(_FRAME, unicodedata.normalize("NFC", value))
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


def _compile(template: str, at: datetime, values: Mapping[str, Any], words: str) -> bytes:
    """The values reach the template as one JSON text: nothing in them is ever read as typst."""
    import typst

    return typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(values, ensure_ascii=False), "words": words},
        pdf_standards="ua-1",
        timestamp=int(at.timestamp()),
    )


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False)
