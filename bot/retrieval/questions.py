"""Several questions in one message: where it may be cut."""

import re
from typing import Final

_CUT = re.compile(
    r"[?!;.\n]+(?=\s|$)|\s*,\s+"
    r"|\s+(?:et aussi|ainsi que|et puis|et|puis|mais|sinon|aussi)\s+(?!demie?\b)",
    re.IGNORECASE,
)
_MOST: Final = 4
_SHORTEST: Final = 2  # words: a shorter piece belongs to its neighbour


def pieces(text: str) -> list[str]:
    """The parts of a message that may be questions of their own, at most four; one when it cannot be cut."""
    found: list[str] = []
    for piece in (part.strip() for part in _CUT.split(text)):
        if not piece:
            continue
        if found and (len(piece.split()) < _SHORTEST or len(found) == _MOST):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found or [text]
