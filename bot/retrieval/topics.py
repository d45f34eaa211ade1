"""The topics of a bank: whose sentence each row is, which passage each leads to, and what scores say about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from bot.circulaire.faq.bank import Bank, Topic
from bot.retrieval.chances import Views

_EXCERPT: Final = 500  # letters of a passage that stand for it beside the questions
_LEAST_CHANCE: Final = 1e-6


@dataclass(frozen=True)
class Scored:
    """How a message stands to every topic: what was learnt, and its nearest sentence."""

    topics: Sequence[float]
    nearest: Sequence[float]


class Topics:
    """The topics of a bank, by their numbers.

    `texts` are the rows: every question of the bank, then the words of the paper, topic after topic; `of_row` gives
    the topic of each, `asked` whether it is a question. `passages` are those of each topic, `leads` those that some
    topic quotes first, `groups` the number of the one that each topic leads to, -1 for a silence.
    """

    def __init__(self, bank: Bank) -> None:
        own = [[*topic.variants, _paper(bank, topic)] for topic in bank.topics]
        self.texts = [text for texts in own for text in texts]
        self.of_row = [number for number, texts in enumerate(own) for _ in texts]
        self.asked = [place < len(texts) - 1 for texts in own for place in range(len(texts))]
        self._ends = [self.of_row.index(number) for number in range(len(own))] + [len(self.of_row)]
        self.leads = list(dict.fromkeys(topic.passages[0] for topic in bank.topics if topic.passages))
        self.groups = [self.leads.index(topic.passages[0]) if topic.passages else -1 for topic in bank.topics]
        self.silent = [topic.kind != "answer" for topic in bank.topics]
        self.passages = [topic.passages for topic in bank.topics]
        self.views = Views(bank.topics)

    def chances(self, scores: Sequence[float], weights: Sequence[float]) -> list[float]:
        """The probability of each topic; the weights are those of `Views`."""
        return self.views.chances(scores, weights)

    def nearest(self, similarity: Sequence[float]) -> list[float]:
        """How alike the nearest sentence of each topic is, among all rows."""
        return [max(similarity[start:end]) for start, end in pairwise(self._ends)]

    def first(self, likely: Sequence[float]) -> int:
        """The number of the passage that would be quoted first."""
        passages = self.by_passage(likely)
        return passages.index(max(passages)) if passages else 0

    def by_passage(self, topics: Sequence[float]) -> list[float]:
        """The topics that lead to the same passage speak with one voice."""
        found = [0.0] * len(self.leads)
        for group, one in zip(self.groups, topics, strict=True):
            if group >= 0:
                found[group] += one
        return found

    def signs(self, scored: Scored, likely: Sequence[float]) -> list[float]:
        """What a belief rests on: scores and chances of the two best passages and of silence, the nearest sentences."""
        scores = [max(score, 0.0) for score in scored.topics]
        first = self.first(likely)
        levels = [*_two_best(self.by_passage(scores), first), *self._silence(scores)]
        odds = [*_two_best(self.by_passage(likely), first), *self._silence(likely)]
        led = [near for near, group in zip(scored.nearest, self.groups, strict=True) if group == first]
        unsaid = [near for near, silent in zip(scored.nearest, self.silent, strict=True) if silent]
        nearest = [max(led, default=-1.0), max(unsaid, default=-1.0)]
        return [*levels, *nearest, *(log(max(chance, _LEAST_CHANCE)) for chance in odds)]

    def _silence(self, topics: Sequence[float]) -> tuple[float, float]:
        """The best of the silences, and all of them."""
        found = [one for one, silent in zip(topics, self.silent, strict=True) if silent]
        return max(found, default=0.0), sum(found)


def _paper(bank: Bank, topic: Topic) -> str:
    if not topic.passages:
        return topic.label
    return f"{topic.label} : {bank.passages[topic.passages[0]].text[:_EXCERPT]}"


def _two_best(found: Sequence[float], first: int) -> tuple[float, float]:
    """What the first passage has, and the best of the others."""
    others = [*found[:first], *found[first + 1 :]]
    return (found[first] if found else 0.0), max(others, default=0.0)
