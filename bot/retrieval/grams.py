"""What two messages are compared by: their words, their pairs of words and their n-grams of letters."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from typing import Final

_LETTERS: Final = (3, 4, 5)
_HALF: Final = sqrt(0.5)  # words and letters weigh the same in the cosine


def blocks(words: Sequence[str], stems: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """The grams of the letters, and those of the words; none is in both."""
    return _letter_grams(words), _word_grams(stems)


def weighed(counts: Sequence[int], rarity: Sequence[float]) -> list[float]:
    """What each known gram of a block weighs: of length one together, before the two blocks are joined."""
    weights = [(1 + log(count)) * rare for count, rare in zip(counts, rarity, strict=True)]
    length = sqrt(sum(weight * weight for weight in weights))
    return [_HALF * weight / length if length else 0.0 for weight in weights]


def _letter_grams(words: Sequence[str]) -> Counter[str]:
    text = f" {' '.join(words)} "
    return Counter(f"l{text[at : at + size]}" for size in _LETTERS for at in range(len(text) - size + 1))


def _word_grams(stems: Sequence[str]) -> Counter[str]:
    pairs = (f"w{one} {two}" for one, two in pairwise(stems))
    return Counter((*(f"w{stem}" for stem in stems), *pairs))
