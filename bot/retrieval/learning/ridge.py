"""Learns from a bank which words mean which topic: kernel ridge regression, with its leave-one-out in closed form.

One row is one sentence of the bank. Leaving a row out of a kernel ridge is a division, leaving out a whole topic is
a small system: so a bank is judged on questions it has not seen, at the price of one matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.kept import STEEPNESS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

_DAMPINGS: Final = (0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Fitted:
    """What was learnt. `alpha` weighs each row for each topic; the others are what the bank says about itself."""

    alpha: Floats
    left_out: Floats
    topic_left_out: Floats


def kernel(similarity: Floats) -> Floats:
    """How much a sentence this alike counts."""
    counted: Floats = np.exp(STEEPNESS * (similarity - 1), dtype=np.float32)
    return counted


def fit(similarity: Floats, topics: Integers, asked: NDArray[np.bool_], alone: Sequence[int]) -> Fitted:
    """Learn the topics of a bank.

    Args:
        similarity: of every row with every row, -1 to 1.
        topics: the topic of each row.
        asked: the rows that are questions; the others are the papers' own words.
        alone: the topics that are also judged with all their rows left out.
    """
    target = np.eye(int(topics.max()) + 1)[topics]
    damping = max(_DAMPINGS, key=lambda damping: _found(_solve(similarity, target, damping), topics, asked))
    best = _solve(similarity, target, damping)  # again: two such matrices at once would be the peak of the memory
    hidden = _topics_left_out(best, target, topics, alone)
    return Fitted(best.alpha.astype(np.float32), best.left_out.astype(np.float32), hidden.astype(np.float32))


@dataclass(frozen=True)
class _Solved:
    inverse: Doubles
    alpha: Doubles
    left_out: Doubles


def _found(solved: _Solved, topics: Integers, asked: NDArray[np.bool_]) -> int:
    """How many questions find their topic when they are left out."""
    return int((solved.left_out.argmax(axis=1) == topics)[asked].sum())


def _solve(similarity: Floats, target: Doubles, damping: float) -> _Solved:
    gram = kernel(similarity).astype(np.float64)
    np.fill_diagonal(gram, gram.diagonal() + damping)
    inverse: Doubles = np.linalg.inv(gram).astype(np.float64, copy=False)
    alpha: Doubles = inverse @ target
    return _Solved(inverse, alpha, target - alpha / np.diag(inverse)[:, None])


def _topics_left_out(solved: _Solved, target: Doubles, topics: Integers, alone: Sequence[int]) -> Doubles:
    """What each row of these topics would get if nobody had thought of its topic."""
    found = np.full_like(target, np.nan)
    for topic in alone:
        rows = np.flatnonzero(topics == topic)
        found[rows] = target[rows] - np.linalg.solve(solved.inverse[np.ix_(rows, rows)], solved.alpha[rows])
    return found
