"""How alike two messages are by their words and by their letters: an inverted index over weighted n-grams."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Grams = NDArray[np.bytes_]

_LETTERS: Final = (3, 4, 5)
_HALF: Final = float(np.sqrt(0.5))  # words and letters weigh the same in the cosine


class LexicalIndex:
    """The rows of a bank, each as its words, its pairs of words and its n-grams of letters.

    Args:
        grams: each gram of the bank, sorted, in the order of their columns: a dictionary of them would weigh 4 MB.
        rarity: what each gram is worth.
        size: how many rows there are.
    """

    def __init__(self, grams: Grams, rarity: Floats, size: int) -> None:
        self._grams = grams
        self._rarity = rarity
        self.size = size
        self._starts = np.zeros(len(grams) + 1, np.int32)
        self._rows = np.zeros(0, np.uint16)
        self._weights = np.zeros(0, np.float32)

    @classmethod
    def learn(cls, rows: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Self:
        """The index of the words of each row and their stems; their grams are counted twice rather than held."""
        found = Counter(gram for words, stems in rows for grams in _grams(words, stems) for gram in grams)
        grams = np.sort(_coded(found))
        rarity = np.log((len(rows) + 1) / (np.array([found[gram.decode()] for gram in grams.tolist()], float) + 0.5))
        index = cls(grams, np.maximum(rarity, 0).astype(np.float32), len(rows))
        index._fill(rows)
        return index

    @classmethod
    def read_back(cls, kept: Mapping[str, NDArray[Any]]) -> Self:
        """The index as `arrays` gave it."""
        index = cls(kept["grams"], kept["rarity"], int(kept["size"]))
        index._starts, index._rows, index._weights = kept["starts"], kept["rows"], kept["cells"]
        return index

    def arrays(self) -> dict[str, Any]:
        """All that the index is, to be kept."""
        return {
            "grams": self._grams,
            "rarity": self._rarity,
            "size": np.array(self.size),
            "starts": self._starts,
            "rows": self._rows,
            "cells": self._weights,
        }

    def similar(self, words: Sequence[str], stems: Sequence[str]) -> Floats:
        """The cosine of a message with every row, 0 to 1."""
        scores = np.zeros(self.size, np.float32)
        for column, weight in self._vector(*_grams(words, stems)):
            place = slice(self._starts[column], self._starts[column + 1])
            scores[self._rows[place]] += weight * self._weights[place]
        return scores

    def _fill(self, texts: Sequence[tuple[Sequence[str], Sequence[str]]]) -> None:
        columns, rows, weights = array("i"), array("i"), array("d")
        for row, (words, stems) in enumerate(texts):
            for column, weight in self._vector(*_grams(words, stems)):
                columns.append(column)
                rows.append(row)
                weights.append(weight)
        order = np.lexsort((rows, columns))
        self._rows = np.array(rows, np.min_scalar_type(self.size))[order]
        self._weights = np.array(weights)[order].astype(np.float32)
        self._starts = np.searchsorted(np.array(columns)[order], np.arange(len(self._grams) + 1)).astype(np.int32)

    def _vector(self, letters: Counter[str], words: Counter[str]) -> Iterable[tuple[int, float]]:
        yield from self._block(letters)
        yield from self._block(words)

    def _block(self, grams: Counter[str]) -> list[tuple[int, float]]:
        """The known grams with their weights, of length one together before the two blocks are joined."""
        asked = _coded(grams)
        places = np.searchsorted(self._grams[:-1], asked)
        found = zip(places.tolist(), (self._grams[places] == asked).tolist(), grams.values(), strict=True)
        known = [(column, count) for column, is_known, count in found if is_known]
        weights = [(column, float((1 + np.log(count)) * self._rarity[column])) for column, count in known]
        length = np.sqrt(sum(weight * weight for _, weight in weights))
        return [(column, _HALF * weight / length) for column, weight in weights] if length else []


def _coded(grams: Iterable[str]) -> Grams:
    return np.array([gram.encode() for gram in grams], np.bytes_)


def _grams(words: Sequence[str], stems: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    return _letter_grams(words), _word_grams(stems)


def _letter_grams(words: Sequence[str]) -> Counter[str]:
    text = f" {' '.join(words)} "
    return Counter(f"l{text[at : at + size]}" for size in _LETTERS for at in range(len(text) - size + 1))


def _word_grams(stems: Sequence[str]) -> Counter[str]:
    pairs = (f"w{one} {two}" for one, two in pairwise(stems))
    return Counter((*(f"w{stem}" for stem in stems), *pairs))
