"""From scores to chances: a topic is likelier when its object and what is asked of it are the message's too.

« Quand est l'entretien ? » and « où est l'entretien ? » share the object, « quand est l'entretien ? » and « quand
est l'avis ? » share what is asked. A topic's own score, its object's and its demand's are weighed by a softmax
regression over sentences that were left out: three weights, whatever the size of the bank.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.circulaire.faq.bank import Topic

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

_ROUNDS: Final = 30
_SHRINK: Final = 1e-4
_START: Final = 10.0  # of a topic's own score, before anything is learnt
_SMALLEST_STEP: Final = 1e-4
_LEAST: Final = 1e-12  # a chance whose logarithm can still be taken


def views(topics: Sequence[Topic]) -> Doubles:
    """What each topic's score gives to each other's: by itself, by its object, by what is asked of it."""
    about = _together([topic.about for topic in topics])
    asks = _together([topic.asks for topic in topics])
    same = [np.eye(len(topics)), about, asks]
    return np.array(same, np.float64)


def _together(words: Sequence[str]) -> Doubles:
    """Which topics have the same word; one without a word stands alone."""
    alone = np.eye(len(words), dtype=bool)
    shared = np.array([[bool(one) and one == other for other in words] for one in words])
    return (shared | alone).astype(np.float64)


def chances(scores: Doubles, mixing: Doubles) -> Doubles:
    """The probability of each topic, for each row of scores."""
    return _softmax(scores @ mixing)


def learn_mixing(scores: Doubles, topics: Integers, weight: Doubles, seen: Doubles) -> Doubles:
    """How much each topic's score counts for each other topic.

    Args:
        scores: of sentences left out, of which the topic is known.
        weight: how much each sentence counts.
        seen: the views.
    """
    given, share = np.stack([scores @ view for view in seen], axis=2), weight / weight.sum()
    weights = np.array([_START, 0.0, 0.0])
    for _ in range(_ROUNDS):
        step, start = _step(given, topics, share, weights), _worth(given, topics, share, weights)
        size = 1.0
        while _worth(given, topics, share, weights + size * step) < start and size > _SMALLEST_STEP:
            size /= 2
        if size <= _SMALLEST_STEP:
            break
        weights = weights + size * step
    mixing: Doubles = np.tensordot(weights, seen, axes=1)
    return mixing


def untaught(seen: Doubles) -> Doubles:
    """The mixing of a bank without questions: each topic for itself."""
    alone: Doubles = _START * seen[0]
    return alone


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
