"""How sure an answer is: a logistic regression on what the bank says about sentences it has not seen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_ROUNDS: Final = 25
_SHRINK: Final = 1e-3


@dataclass(frozen=True)
class Doubt:
    """Turns the signs of an answer into the probability that it is right."""

    weights: Doubles
    mean: Doubles
    spread: Doubles

    def sure(self, signs: Doubles) -> float:
        """The probability that the first answer is the right one."""
        level = float(self.weights[0] + self.weights[1:] @ ((signs - self.mean) / self.spread))
        return float(1 / (1 + np.exp(-np.clip(level, -30, 30))))


# A bank without questions has nothing to learn from. The first sign, the score of the best passage, decides alone
# then, and nothing is answered: three passages are offered at most.
CAUTIOUS: Final = Doubt(np.array([-1.5, 1.0, *[0.0] * 9]), np.zeros(10), np.ones(10))


def learn(signs: Doubles, right: NDArray[np.bool_], weight: Doubles) -> Doubt:
    """Learn from answers of which it is known whether they were right.

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
    return Doubt(weights, mean, spread)
