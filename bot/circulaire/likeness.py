"""How alike two words are by their letters: what a typing mistake leaves of a word."""

from collections.abc import Iterable
from typing import Final

_APART: Final = 1.5  # times as long: one word is then looked for inside the other
_PART: Final = 0.9  # what being like a part counts


def likeness(one: str, other: str) -> float:
    """From 0 to 100: the share of the letters that both have in the same order, of all letters."""
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    free = every = (1 << len(one)) - 1  # the longest common subsequence, a bit for each letter (Hyyrö)
    for letter in other:
        met = free & places.get(letter, 0)
        free = ((free + met) | (free - met)) & every
    total, shared = len(one) + len(other), len(one) - free.bit_count()
    return 100 * (1 - (total - 2 * shared) / total)


def likest(word: str, others: Iterable[str], least: float) -> list[str]:
    """Those that the word is like, whole or in part, the most alike first."""
    found = [(_in_whole_or_part(word, other), other) for other in others]
    return [other for alike, other in sorted(found, key=lambda one: -one[0]) if alike >= least]


def _in_whole_or_part(one: str, other: str) -> float:
    short, long = sorted((one, other), key=len)
    whole = likeness(one, other)
    if not short or len(long) < _APART * len(short):
        return whole
    parts = (long[start : start + len(short)] for start in range(len(long) - len(short) + 1))
    return max(whole, _PART * max(likeness(short, part) for part in parts))
