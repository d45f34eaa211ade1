"""How alike the rows of a bank are: by the words and letters they share, each by how rare it is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.grams import blocks, weighed
from bot.retrieval.kept import Gram

Floats = NDArray[np.float32]
Row = tuple[Sequence[str], Sequence[str]]  # its words, and their stems


def grams_of(rows: Sequence[Row]) -> list[Gram]:
    """Each gram of the rows, in order."""
    times = Counter(gram for row in rows for counts in blocks(*row) for gram in counts)
    found = {gram: Gram(gram, max(log((len(rows) + 1) / (times[gram] + 0.5)), 0.0)) for gram in sorted(times)}
    for number, row in enumerate(rows):
        for counts in blocks(*row):
            weights = weighed(list(counts.values()), [found[gram].rarity for gram in counts])
            for gram, weight in zip(counts, weights, strict=True):
                found[gram].rows.append(number)
                found[gram].weights.append(weight)
    return list(found.values())


def shared(grams: Iterable[Gram], size: int) -> Floats:
    """The cosine of every row with every row, of as many as there are."""
    found = np.zeros((size, size), np.float32)
    for gram in grams:
        rows, weights = np.array(gram.rows), np.array(gram.weights)
        found[np.ix_(rows, rows)] += np.outer(weights, weights)
    return found
