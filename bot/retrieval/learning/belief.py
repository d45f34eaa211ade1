"""Learns how sure an answer is, from answers of which it is known whether they were right."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.doubt import Doubt

Doubles = NDArray[np.float64]

_ROUNDS: Final = 25
_SHRINK: Final = 1e-3


def learn_doubt(signs: Doubles, right: NDArray[np.bool_], weight: Doubles) -> Doubt:
    """The doubt that fits these answers.

    Args:
        weight: how much each one counts.
    """
    mean, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-9)
    given = np.column_stack([np.ones(len(signs)), (signs - mean) / spread])
    weights = np.zeros(given.shape[1])
    for _ in range(_ROUNDS):
        expected = 1 / (1 + np.exp(-np.clip(given @ weights, -30, 30)))
        slope = given.T @ (weight * (right - expected)) - _SHRINK * weights
        curve = given.T @ (given * (weight * expected * (1 - expected))[:, None]) + _SHRINK * np.eye(len(weights))
        weights = weights + np.linalg.solve(curve, slope)
    return Doubt(weights.tolist(), mean.tolist(), spread.tolist())
