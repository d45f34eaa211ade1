"""The receipt of a deposit: words that certify it, and a code by which anyone who holds them can check it offline.

The code is the SHA-256 of the words, so that any program that computes one (`sha256sum`) can check a receipt; the
words hold the size and the SHA-256 of each piece, so that the pieces are certified too.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.circulaire.delais import instant_words
from bot.clock import PARIS

_PIECE_LINE = re.compile(r"^Pièce : (\S+) ; .+ ; (\d+) octets ; SHA-256 ([0-9a-f]{64})$", re.MULTILINE)


@dataclass(frozen=True)
class ReceiptPiece:
    """A piece as it was given. `sha256` is None, and `size` 0, when it was declared through I-Prof."""

    code: str
    label: str
    size: int = 0
    sha256: str | None = None


@dataclass(frozen=True)
class ReceiptFacts:
    """What a receipt certifies.

    Args:
        rank: 1 for the first deposit, then one more for each new receipt.
        received_at: the instant that counts (aware).
        missing: labels of the pieces that were not there; empty for a complete dossier.
    """

    campagne: str
    circulaire_sha256: str
    numero: int
    rank: int
    holder: str
    service: str
    received_at: datetime
    pieces: tuple[ReceiptPiece, ...]
    missing: tuple[str, ...] = ()


def receipt_text(facts: ReceiptFacts) -> str:
    """The words that the code certifies: always the same for the same facts."""
    instant = facts.received_at.astimezone(PARIS).replace(microsecond=0)
    lines = (
        "Récépissé de dépôt de candidature",
        f"Circulaire : {facts.campagne} ; SHA-256 {facts.circulaire_sha256}",
        f"Candidature : n° {facts.numero} ; récépissé n° {facts.rank}",
        f"Déposée par : {_one_line(facts.holder)}",
        f"Reçue le : {instant_words(instant)} ; {instant.isoformat()}",
        f"Service : {_one_line(facts.service)}",
        *(_piece_line(piece) for piece in facts.pieces),
        f"Il manque : {' ; '.join(map(_one_line, facts.missing)) or 'rien'}",
    )
    return unicodedata.normalize("NFC", "\n".join(lines)) + "\n"


def receipt_code(text: str) -> str:
    """The code of a receipt: the SHA-256 of its words, in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def verify_receipt(text: str, code: str, pieces: Mapping[str, bytes]) -> tuple[str, ...]:
    """What does not fit between a receipt, its code and the bytes of pieces; empty when all is well.

    Args:
        pieces: the bytes to check, by code of the piece; those that are not given are not checked.

    Returns:
        One French sentence for each fault.
    """
    faults = []
    if receipt_code(text) != code.strip().lower():
        faults.append("Le texte du récépissé ne correspond pas à son code.")
    certified = {found[1]: (int(found[2]), found[3]) for found in _PIECE_LINE.finditer(text)}
    for name, data in pieces.items():
        if name not in certified:
            faults.append(f"Le récépissé ne contient pas la pièce « {name} ».")
        elif certified[name] != (len(data), hashlib.sha256(data).hexdigest()):
            faults.append(f"La pièce « {name} » n’est pas celle qui a été déposée.")
    return tuple(faults)


def _piece_line(piece: ReceiptPiece) -> str:
    if piece.sha256 is None:
        return f"Pièce : {piece.code} ; {_one_line(piece.label)} ; déclarée déposée via I-Prof"
    return f"Pièce : {piece.code} ; {_one_line(piece.label)} ; {piece.size} octets ; SHA-256 {piece.sha256}"


def _one_line(words: str) -> str:
    """A name cannot add a line to a receipt."""
    return " ".join(words.split())
