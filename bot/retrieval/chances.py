"""From scores to chances: a topic is likelier when its object and what is asked of it are the message's too.

« Quand est l'entretien ? » and « où est l'entretien ? » share the object, « quand est l'entretien ? » and « quand
est l'avis ? » share what is asked. A topic's own score, its object's and its demand's are weighed by a softmax
regression over sentences that were left out: three weights, whatever the size of the bank.
"""

from collections.abc import Sequence
from math import exp

from bot.circulaire.faq.bank import Topic


class Views:
    """Which topics share an object, and which are asked the same; one of which the bank says neither stands alone."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.about = _numbered([topic.about for topic in topics])
        self.asks = _numbered([topic.asks for topic in topics])

    def chances(self, scores: Sequence[float], weights: Sequence[float]) -> list[float]:
        """The probability of each topic.

        Args:
            weights: what a topic's own score counts, what those of its object, what those of its demand.
        """
        own, objects, demands = weights
        about, asks = _summed(scores, self.about), _summed(scores, self.asks)
        shared = zip(scores, self.about, self.asks, strict=True)
        return _softmax([own * score + objects * about[one] + demands * asks[other] for score, one, other in shared])


def _numbered(words: Sequence[str]) -> list[int]:
    """The same number for the same word, one of its own for each place without."""
    known: dict[str | int, int] = {}
    return [known.setdefault(word or place, len(known)) for place, word in enumerate(words)]


def _summed(scores: Sequence[float], groups: Sequence[int]) -> list[float]:
    found = [0.0] * (max(groups, default=-1) + 1)
    for group, score in zip(groups, scores, strict=True):
        found[group] += score
    return found


def _softmax(levels: Sequence[float]) -> list[float]:
    highest = max(levels, default=0.0)
    raised = [exp(level - highest) for level in levels]
    whole = sum(raised)
    return [one / whole for one in raised]
