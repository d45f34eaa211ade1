"""How sure an answer is: a logistic regression on what the bank says about sentences it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

_FARTHEST: Final = 30.0  # a level beyond which nothing changes any more


@dataclass(frozen=True)
class Doubt:
    """Turns the signs of an answer into the probability that it is right; the first weight stands alone."""

    weights: Sequence[float]
    mean: Sequence[float]
    spread: Sequence[float]

    def sure(self, signs: Sequence[float]) -> float:
        """The probability that the first answer is the right one."""
        first, *weights = self.weights
        known = zip(weights, signs, self.mean, self.spread, strict=True)
        level = first + sum(weight * (sign - mean) / spread for weight, sign, mean, spread in known)
        return 1 / (1 + exp(-max(-_FARTHEST, min(level, _FARTHEST))))


# A bank without questions has nothing to learn from. The first sign, the score of the best passage, decides alone
# then, and nothing is answered: three passages are offered at most.
CAUTIOUS: Final = Doubt((-1.5, 1.0, *[0.0] * 9), (0.0,) * 10, (1.0,) * 10)
