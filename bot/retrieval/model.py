"""Scores of the topics for a message, and how far an answer is believed."""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.circulaire.faq.bank import Bank, Topic
from bot.retrieval.doubt import Doubt
from bot.retrieval.kept import Kept
from bot.retrieval.topics import Scored, Topics
from bot.retrieval.words import Speller

if TYPE_CHECKING:
    from bot.retrieval.semantic import Meanings, Progress, Vectors


class UnlearntError(Exception):
    """A bank would have to be learnt first."""


class Model:
    """What a bank has taught. Built in a moment when its folder has it from before, in a minute when not.

    Args:
        folder: where what was learnt is kept.
        progress: told how far the sentence vectors are, when some are new.
        learn: False only reads back.

    Raises:
        UnlearntError: nothing of this very bank is kept, and it is not to be learnt.
    """

    def __init__(
        self, bank: Bank, *, semantic: bool, folder: Path, progress: "Progress | None" = None, learn: bool = True
    ) -> None:
        self.bank = bank
        self.topics = Topics(bank)
        self.speller = Speller(bank.abbreviations, self.topics.texts)
        vectors = _vectors(folder) if semantic else None
        place = folder / f"banque-{self._fingerprint(semantic)}.db"
        kept = _read_back(place)
        if kept is None:
            if not learn:
                raise UnlearntError
            kept = self._learnt(vectors, progress, place)
        self._kept = kept
        self._mixing = kept.numbers("mixing")
        self._doubt = Doubt(kept.numbers("weights"), kept.numbers("mean"), kept.numbers("spread"))
        self._meanings = _meanings(vectors, kept) if vectors else None

    def score(self, text: str) -> Scored:
        """How a message stands to every topic."""
        words = self.speller.words(text)
        similarity = self._kept.similar(words, self.speller.stems(words))
        if self._meanings is not None:
            similarity = self._meanings.similar(words, similarity)
        return Scored(self._kept.pulled(similarity, len(self.bank.topics)), self.topics.nearest(similarity))

    def sure(self, scored: Scored) -> float:
        """The probability that the first passage is the right answer."""
        return self._doubt.sure(self.topics.signs(scored, self.chances(scored)))

    def chances(self, scored: Scored) -> list[float]:
        """The probability of each topic."""
        return self.topics.chances(scored.topics, self._mixing)

    def alike(self, text: str, others: Sequence[str]) -> float:
        """How alike a message is to the nearest of these texts, which need not be in the bank."""
        words, known = self.speller.words(text), [self.speller.words(other) for other in others]
        stems = self.speller.stems(words)
        shared = max((_shared(stems, self.speller.stems(other)) for other in known), default=0.0)
        return self._meanings.alike(words, known, shared) if self._meanings else shared

    def questions(self) -> list[tuple[Topic, str]]:
        """Every question of the bank with its topic."""
        return [(topic, variant) for topic in self.bank.topics for variant in topic.variants]

    def left_out_questions(self) -> Iterable[list[float]]:
        """The topics' chances for each question of the bank, as if it were not in it."""
        scores, size = self._kept.numbers("left_out"), len(self.bank.topics)
        return (self.topics.chances(scores[at : at + size], self._mixing) for at in range(0, len(scores), size))

    def _learnt(self, vectors: "Vectors | None", progress: "Progress | None", place: Path) -> Kept:
        """Learn, and write it down; a machine where nothing can be written learns it again."""
        from bot.retrieval.learning.bank import learn

        words = [self.speller.words(text) for text in self.topics.texts]
        kept = learn(self.topics, [(row, self.speller.stems(row)) for row in words], vectors, progress)
        with suppress(OSError, sqlite3.Error):
            kept.write(place)
        return _read_back(place) or kept

    def _fingerprint(self, semantic: bool) -> str:
        """All that what is learnt comes from, in a few signs."""
        labels = [(topic.about, topic.asks, topic.kind, topic.passages) for topic in self.bank.topics]
        rows = (self.topics.texts, self.topics.of_row, self.topics.asked)
        shape = repr((_code(), semantic, rows, sorted(self.speller.short.items()), labels))
        return hashlib.sha256(shape.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """The code of this package in a few signs: what another version learnt is not taken up."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _read_back(place: Path) -> Kept | None:
    """What was learnt of this very bank; None when there is nothing, or nothing readable."""
    with suppress(sqlite3.Error):
        return Kept(place)
    return None


def _vectors(folder: Path) -> "Vectors":
    from bot.retrieval.semantic import Vectors

    return Vectors(folder)


def _meanings(vectors: "Vectors", kept: Kept) -> "Meanings":
    from bot.retrieval.semantic import Meanings

    return Meanings(vectors, kept.numbers("centre"), kept.numbers("meant"))


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the words in common, by the shorter text."""
    common = len(set(one) & set(other))
    return common / max(min(len(set(one)), len(set(other))), 1)
