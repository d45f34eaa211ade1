"""How much a topic's own score counts for it, and how much those of the topics that share its object or its demand."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.chances import Views

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

UNTAUGHT: Final = (10.0, 0.0, 0.0)  # each topic for itself: where everything starts, and a bank without questions stays
_ROUNDS: Final = 30
_SHRINK: Final = 1e-4
_SMALLEST_STEP: Final = 1e-4
_LEAST: Final = 1e-12  # a chance whose logarithm can still be taken


def learn_mixing(scores: Doubles, topics: Integers, weight: Doubles, views: Views) -> Sequence[float]:
    """The weights of the views.

    Args:
        scores: of sentences left out, of which the topic is known.
        weight: how much each sentence counts.
    """
    seen = [np.eye(scores.shape[1]), *(np.equal.outer(groups, groups) for groups in (views.about, views.asks))]
    given, share = np.stack([scores @ view for view in seen], axis=2), weight / weight.sum()
    weights = np.array(UNTAUGHT)
    for _ in range(_ROUNDS):
        step, start = _step(given, topics, share, weights), _worth(given, topics, share, weights)
        size = 1.0
        while _worth(given, topics, share, weights + size * step) < start and size > _SMALLEST_STEP:
            size /= 2
        if size <= _SMALLEST_STEP:
            break
        weights = weights + size * step
    found: list[float] = weights.tolist()
    return found


def _worth(given: Doubles, topics: Integers, share: Doubles, weights: Doubles) -> float:
    found = _softmax(given @ weights)[np.arange(len(topics)), topics]
    return float(share @ np.log(np.maximum(found, _LEAST)) - _SHRINK * weights @ weights / 2)


def _step(given: Doubles, topics: Integers, share: Doubles, weights: Doubles) -> Doubles:
    """One step of Newton's method."""
    found = _softmax(given @ weights)
    mean = np.einsum("nt,ntf->nf", found, given)
    slope = share @ (given[np.arange(len(topics)), topics] - mean) - _SHRINK * weights
    around = given - mean[:, None, :]
    curve = np.einsum("nt,ntf,ntg->fg", found * share[:, None], around, around) + _SHRINK * np.eye(len(weights))
    step: Doubles = np.linalg.solve(curve, slope)
    return step


def _softmax(levels: Doubles) -> Doubles:
    raised = np.exp(levels - levels.max(axis=-1, keepdims=True))
    found: Doubles = raised / raised.sum(axis=-1, keepdims=True)
    return found
