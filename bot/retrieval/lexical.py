"""How alike two messages are by their words and by their letters: an inverted index over weighted n-grams."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_LETTERS: Final = (3, 4, 5)
_HALF: Final = float(np.sqrt(0.5))  # words and letters weigh the same in the cosine


class LexicalIndex:
    """The rows of a bank, each as its words, its pairs of words and its n-grams of letters.

    Args:
        rows: the words of each row and their stems.
    """

    def __init__(self, rows: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
        counts = [(_letter_grams(words), _word_grams(stems)) for words, stems in rows]
        self.size = len(rows)
        frequency = Counter(gram for pair in counts for grams in pair for gram in grams)
        rarity = np.log((self.size + 1) / (np.fromiter(frequency.values(), float, len(frequency)) + 0.5))
        self._column = {gram: column for column, gram in enumerate(frequency)}
        self._rarity = np.maximum(rarity, 0).astype(np.float32)
        self._fill(counts)

    def similar(self, words: Sequence[str], stems: Sequence[str]) -> Floats:
        """The cosine of a message with every row, 0 to 1."""
        scores = np.zeros(self.size, np.float32)
        for column, weight in self._vector(_letter_grams(words), _word_grams(stems)):
            place = slice(self._starts[column], self._starts[column + 1])
            scores[self._rows[place]] += weight * self._weights[place]
        return scores

    def _fill(self, counts: Sequence[tuple[Counter[str], Counter[str]]]) -> None:
        cells = [(column, row, weight) for row, pair in enumerate(counts) for column, weight in self._vector(*pair)]
        columns, rows, weights = (np.array(part) for part in zip(*cells, strict=True))
        order = np.lexsort((rows, columns))
        self._rows = rows[order].astype(np.int32)
        self._weights = weights[order].astype(np.float32)
        self._starts = np.searchsorted(columns[order], np.arange(len(self._column) + 1)).astype(np.int32)

    def _vector(self, letters: Counter[str], words: Counter[str]) -> Iterable[tuple[int, float]]:
        yield from self._block(letters)
        yield from self._block(words)

    def _block(self, grams: Counter[str]) -> list[tuple[int, float]]:
        """The known grams with their weights, of length one together before the two blocks are joined."""
        known = [(self._column[gram], count) for gram, count in grams.items() if gram in self._column]
        weights = [(column, float((1 + np.log(count)) * self._rarity[column])) for column, count in known]
        length = np.sqrt(sum(weight * weight for _, weight in weights))
        return [(column, _HALF * weight / length) for column, weight in weights] if length else []


def _letter_grams(words: Sequence[str]) -> Counter[str]:
    text = f" {' '.join(words)} "
    return Counter(f"l{text[at : at + size]}" for size in _LETTERS for at in range(len(text) - size + 1))


def _word_grams(stems: Sequence[str]) -> Counter[str]:
    pairs = (f"w{one} {two}" for one, two in pairwise(stems))
    return Counter((*(f"w{stem}" for stem in stems), *pairs))
