"""Scores of the topics for a message, and the signs by which an answer is believed."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.circulaire.faq.bank import Bank, Topic
from bot.retrieval.chances import chances, learn_mixing, untaught, views
from bot.retrieval.doubt import CAUTIOUS, Doubt, learn
from bot.retrieval.lexical import LexicalIndex
from bot.retrieval.ridge import Fitted, fit, kernel
from bot.retrieval.semantic import Progress, Vectors
from bot.retrieval.words import Speller

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_EXCERPT: Final = 500  # letters of a passage that stand for it beside the questions
_SEMANTIC_SHARE: Final = 0.65
_ANSWERABLE: Final = 0.75  # of the questions that people ask
_LEAST_CHANCE: Final = 1e-6


@dataclass(frozen=True)
class Scored:
    """How a message stands to every topic: what was learnt, and its nearest sentence."""

    topics: Floats
    nearest: Floats


class UnlearntError(Exception):
    """A bank would have to be learnt first."""


class Model:
    """What a bank has taught. Built in a moment when its folder has it from before, in a minute when not.

    Args:
        folder: where what was learnt is kept; None keeps nothing.
        progress: told how far the sentence vectors are, when some are new.
        learn: False only reads back.

    Raises:
        UnlearntError: nothing of this very bank is kept, and it is not to be learnt.
    """

    def __init__(
        self, bank: Bank, *, semantic: bool, folder: Path | None, progress: Progress | None = None, learn: bool = True
    ) -> None:
        self.bank = bank
        texts, topics, asked = _rows(bank)
        self._topics = np.array(topics)
        self._first = np.searchsorted(self._topics, np.arange(len(bank.topics)))
        self.speller = Speller(bank.abbreviations, texts)
        self._vectors = Vectors(folder) if semantic else None
        self._centre = self._rows = np.zeros(0, np.float32)
        self._left_out: Callable[[], Floats]
        self._leads = _leads(bank.topics)
        own = [topic.passages[0] if topic.passages else "" for topic in bank.topics]
        self._groups = np.array([self._leads.index(lead) if lead else -1 for lead in own])
        self._silent = np.array([topic.kind != "answer" for topic in bank.topics])
        self._asked = np.array(asked)
        kept = folder / f"banque-{self._fingerprint(texts)}" if folder else None
        if kept is None or not self._read_back(kept):
            if not learn:
                raise UnlearntError
            self._learn([self.speller.words(text) for text in texts], progress)
            if kept:
                self._keep(kept)

    def score(self, text: str) -> Scored:
        """How a message stands to every topic."""
        similarity = self._similarity(self.speller.words(text))
        return Scored(kernel(similarity) @ self._alpha, np.maximum.reduceat(similarity, self._first))

    def sure(self, scored: Scored) -> float:
        """The probability that the first passage is the right answer."""
        return self._doubt.sure(self.signs(scored))

    def signs(self, scored: Scored) -> Doubles:
        """What a belief rests on: scores and chances of the two best passages and of silence, the nearest sentences."""
        likely, scores = self.chances(scored), np.maximum(scored.topics, 0).astype(np.float64)
        passages, near = self._summed(likely), scored.nearest
        first = int(passages.argmax()) if len(passages) else 0
        summed = self._summed(scores)
        levels = [*_two_best(summed, first), scores[self._silent].max(initial=0), scores[self._silent].sum()]
        odds = [*_two_best(passages, first), likely[self._silent].max(initial=0), likely[self._silent].sum()]
        nearest = [near[self._groups == first].max(initial=-1), near[self._silent].max(initial=-1)]
        return np.array([*levels, *nearest, *np.log(np.maximum(odds, _LEAST_CHANCE))])

    def chances(self, scored: Scored) -> Doubles:
        """The probability of each topic."""
        return chances(scored.topics.astype(np.float64), self._mixing)

    def by_passage(self, scored: Scored) -> Doubles:
        """The topics that lead to the same passage speak with one voice."""
        return self._summed(self.chances(scored))

    def _summed(self, topics: Doubles) -> Doubles:
        answers = self._groups >= 0
        return np.bincount(self._groups[answers], topics[answers]).astype(np.float64)

    def group(self, topic: int) -> int:
        """The number of the passage that a topic leads to; -1 for a silence."""
        return int(self._groups[topic])

    def alike(self, text: str, others: Sequence[str]) -> float:
        """How alike a message is to the nearest of these texts, which need not be in the bank."""
        stems = self.speller.stems(self.speller.words(text))
        shared = max((_shared(stems, self.speller.stems(self.speller.words(other))) for other in others), default=0.0)
        if self._vectors is None:
            return shared
        vectors = [self._vector(self.speller.words(other)) for other in others]
        near = max((float(vector @ self._vector(self.speller.words(text))) for vector in vectors), default=0.0)
        return _SEMANTIC_SHARE * near + (1 - _SEMANTIC_SHARE) * shared

    def questions(self) -> list[tuple[Topic, str]]:
        """Every question of the bank with its topic."""
        return [(topic, variant) for topic in self.bank.topics for variant in topic.variants]

    def left_out_questions(self) -> Doubles:
        """The topics' chances for each question of the bank, as if it were not in it."""
        return chances(self._left_out()[self._asked].astype(np.float64), self._mixing)

    def _vector(self, words: Sequence[str]) -> Floats:
        if self._vectors is None:
            return np.zeros(0, np.float32)
        return _unit(self._vectors.one(" ".join(words)) - self._centre)

    def _similarity(self, words: Sequence[str]) -> Floats:
        lexical = self._lexical.similar(words, self.speller.stems(words))
        if self._vectors is None:
            return lexical
        mixed: Floats = _SEMANTIC_SHARE * (self._rows @ self._vector(words)) + (1 - _SEMANTIC_SHARE) * lexical
        return mixed

    def _learn(self, words: Sequence[Sequence[str]], progress: Progress | None) -> None:
        self._lexical = LexicalIndex.learn([(row, self.speller.stems(row)) for row in words])
        if self._vectors:
            raw = self._vectors.many([" ".join(row) for row in words], progress)
            self._centre = raw.mean(axis=0)
            self._rows = _unit(raw - self._centre)
        similarity = self._all_similar(words)
        silences = [number for number, silent in enumerate(self._silent) if silent]
        fitted = fit(similarity, self._topics, self._asked, silences)
        self._alpha, self._left_out = fitted.alpha, lambda: fitted.left_out
        self._mixing = self._mixed(fitted)
        self._doubt = self._doubted(fitted, similarity)

    def _read_back(self, kept: Path) -> bool:
        """Take up what was learnt of this very bank; False when there is nothing, or nothing readable."""
        with suppress(OSError, ValueError, KeyError):
            saved = {file.stem: np.load(file, mmap_mode="r").view(np.ndarray) for file in kept.iterdir()}
            self._lexical = LexicalIndex.read_back(saved)
            self._alpha, self._mixing = saved["alpha"], saved["mixing"]
            self._doubt = Doubt(saved["weights"], saved["mean"], saved["spread"])
            self._centre, self._rows = saved["centre"], saved["vectors"]
            self._left_out = lambda: saved["left_out"]
            return True
        return False

    def _keep(self, kept: Path) -> None:
        """Write down what was learnt, whole or not at all; a read-only machine learns it again."""
        doubt, beside = self._doubt, kept.with_suffix(f".{os.getpid()}.tmp")
        learnt = {
            **self._lexical.arrays(),
            "alpha": self._alpha,
            "mixing": self._mixing,
            "left_out": self._left_out(),
            "weights": doubt.weights,
            "mean": doubt.mean,
            "spread": doubt.spread,
            "centre": self._centre,
            "vectors": self._rows,
        }
        with suppress(OSError):
            beside.mkdir(parents=True)
            for name, array in learnt.items():
                np.save(beside / name, array)
            shutil.rmtree(kept, ignore_errors=True)
            beside.replace(kept)

    def _all_similar(self, words: Sequence[Sequence[str]]) -> Floats:
        lexical = np.array([self._lexical.similar(row, self.speller.stems(row)) for row in words], np.float32)
        if self._vectors is None:
            return lexical
        mixed = _SEMANTIC_SHARE * (self._rows @ self._rows.T) + (1 - _SEMANTIC_SHARE) * lexical
        return mixed.astype(np.float32)

    def _mixed(self, fitted: Fitted) -> Doubles:
        seen, topics = views(self.bank.topics), self._topics[self._asked]
        if not self._asked.any():
            return untaught(seen)
        weight = _weights(~self._silent[topics])
        return learn_mixing(fitted.left_out[self._asked].astype(np.float64), topics, weight, seen)

    def _doubted(self, fitted: Fitted, similarity: Floats) -> Doubt:
        """Learn doubt from each question left out, and from each silence of which nobody would have thought."""
        if not self._asked.any():
            return CAUTIOUS
        similarity = similarity.copy()
        np.fill_diagonal(similarity, -1)
        signs, right, known = [], [], []
        for row in np.flatnonzero(self._asked):
            topic = int(self._topics[row])
            near = np.maximum.reduceat(similarity[row], self._first)
            scored = Scored(fitted.left_out[row], near)
            signs.append(self.signs(scored))
            right.append(not self._silent[topic] and self._answered(scored) in self.bank.topics[topic].passages)
            known.append(not self._silent[topic])
            if self._silent[topic]:
                near = near.copy()
                near[topic] = -1
                signs.append(self.signs(Scored(fitted.topic_left_out[row], near)))
                right.append(False)
                known.append(False)
        return learn(np.array(signs), np.array(right), _weights(np.array(known)))

    def _answered(self, scored: Scored) -> str:
        """The passage that would be quoted first."""
        return self._leads[int(self.by_passage(scored).argmax())]

    def _fingerprint(self, texts: Sequence[str]) -> str:
        """All that what is learnt comes from, in a few signs."""
        labels = [(topic.about, topic.asks, topic.passages) for topic in self.bank.topics]
        places = (self._topics.tolist(), self._groups.tolist(), self._asked.tolist())
        shape = repr((_code(), self._vectors is not None, texts, sorted(self.speller.short.items()), places, labels))
        return hashlib.sha256(shape.encode()).hexdigest()[:16]


@cache
def _code() -> str:
    """The code of this package in a few signs: what another version learnt is not taken up."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _weights(answerable: NDArray[np.bool_]) -> Doubles:
    """What each sentence counts, so that answers and silences weigh what they weigh among people's questions."""
    answers = _ANSWERABLE / max(int(answerable.sum()), 1)
    silences = (1 - _ANSWERABLE) / max(int((~answerable).sum()), 1)
    return np.where(answerable, answers, silences) * len(answerable)


def _rows(bank: Bank) -> tuple[list[str], list[int], list[bool]]:
    """Every question of the bank, then the words of the paper, topic after topic."""
    texts: list[str] = []
    topics: list[int] = []
    asked: list[bool] = []
    for number, topic in enumerate(bank.topics):
        own = [*topic.variants, _paper(bank, topic)]
        texts += own
        topics += [number] * len(own)
        asked += [True] * len(topic.variants) + [False]
    return texts, topics, asked


def _paper(bank: Bank, topic: Topic) -> str:
    if not topic.passages:
        return topic.label
    return f"{topic.label} : {bank.passages[topic.passages[0]].text[:_EXCERPT]}"


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the words in common, by the shorter text."""
    common = len(set(one) & set(other))
    return common / max(min(len(set(one)), len(set(other))), 1)


def _leads(topics: Sequence[Topic]) -> list[str]:
    """The passages that some topic quotes first."""
    return list(dict.fromkeys(topic.passages[0] for topic in topics if topic.passages))


def _two_best(found: Doubles, first: int) -> tuple[float, float]:
    """What the first passage has, and the best of the others."""
    others = np.delete(found, first) if len(found) else found
    return (float(found[first]) if len(found) else 0.0), float(others.max(initial=0))


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return unit
