"""The dossier: the pieces that the circular asks for, how a file is recognised, the states of a piece."""

import re
from collections.abc import Collection
from enum import StrEnum

from bot.circulaire.campagne import Campagne, Piece
from bot.circulaire.machine import Machine, Transition
from bot.circulaire.reading import fold
from bot.errors import Refusal

_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_BOUNDARY = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ]{2})(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])|_"
)
_STEM = 4  # letters from which a word also means those that begin with it


def missing_pieces(campagne: Campagne, received_codes: Collection[str]) -> tuple[Piece, ...]:
    """The pieces that a person has still to give, in the order of the circular.

    Source: §D1.6, « Le dossier est constitué de ».

    Args:
        received_codes: codes of the pieces received or declared through I-Prof.
    """
    return tuple(piece for piece in campagne.pieces if piece.code not in received_codes)


def declare_iprof(campagne: Campagne, code: str) -> Piece:
    """The piece that a person declares as given through I-Prof.

    Source: §D1.6.3, « rédigée sur papier libre ou via iprof »; §D1.6.4, « un CV rédigé sur papier libre ou via iprof ».

    Raises:
        Refusal: the circular does not allow it for this piece.
    """
    piece = campagne.piece(code)
    if not piece.via_iprof:
        raise Refusal("dossier/iprof_refused", source=piece.source, piece=piece.short)
    return piece


def recognise_piece(campagne: Campagne, file_name: str) -> tuple[str, ...]:
    """The codes of the pieces that a file may be, from its name as people type it.

    Returns:
        Nothing when the name says nothing, one code when it is sure, several when one must ask.
    """
    words = _words_of_name(file_name)
    if _says(words, campagne.other_papers):
        return ()
    sure = tuple(piece.code for piece in campagne.pieces if _says(words, piece.words))
    vague = tuple(piece.code for piece in campagne.pieces if _says(words, piece.vague))
    return sure or (vague if len(vague) > 1 else ())


def _words_of_name(file_name: str) -> tuple[str, ...]:
    """The words of a name: « CVDupont2.pdf » is cv, dupont, 2."""
    base = re.split(r"[/\\]", file_name)[-1]
    return tuple(fold(_BOUNDARY.sub(" ", _EXTENSION.sub("", base))).split())


def _says(words: Collection[str], phrases: Collection[str]) -> bool:
    """Whether all the words of one of the phrases are in the name."""
    return any(all(any(_means(word, part) for word in words) for part in fold(phrase).split()) for phrase in phrases)


def _means(word: str, part: str) -> bool:
    return word == part or (len(part) >= _STEM and word.startswith(part))


class PieceEtat(StrEnum):
    """Where a piece stands."""

    ANNONCEE = "annoncee"
    RECUE = "recue"
    EN_ANALYSE = "en_analyse"
    SAINE = "saine"
    REFUSEE = "refusee"
    GELEE = "gelee"
    EFFACEE = "effacee"
    DECLAREE_IPROF = "declaree_iprof"


P = PieceEtat  # the table below is read across
_KEPT = (P.ANNONCEE, P.RECUE, P.EN_ANALYSE, P.SAINE, P.REFUSEE, P.GELEE, P.DECLAREE_IPROF)

# A piece may be frozen while its analysis runs: a verdict that comes after the deposit does not make it late. The
# bytes of a frozen piece never change; the bureau or a late verdict may still refuse it, and take its own slip back.
PIECE = Machine(
    (PieceEtat.ANNONCEE, PieceEtat.DECLAREE_IPROF),
    (
        Transition("receive", "recevoir", (P.ANNONCEE,), P.RECUE, "dossier", "bytes_fetched"),
        Transition("analyse", "analyser", (P.RECUE,), P.EN_ANALYSE, "", "stored_by_hash"),
        Transition("pass", "déclarer saine", (P.EN_ANALYSE,), P.SAINE, "", "readable_and_harmless"),
        Transition(
            "refuse", "refuser", (P.ANNONCEE, P.RECUE, P.EN_ANALYSE, P.SAINE, P.GELEE), P.REFUSEE, "", "reason_given"
        ),
        Transition("restore", "rétablir", (P.REFUSEE,), P.GELEE, "dossier", "refused_by_mistake"),
        Transition("freeze", "geler", (P.RECUE, P.EN_ANALYSE, P.SAINE), P.GELEE, "closes_at", "deposited"),
        Transition("erase", "effacer", _KEPT, P.EFFACEE, "", "retention_over_or_asked"),
    ),
    refusal="dossier/transition_refused",
)
