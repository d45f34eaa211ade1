"""Learns a bank: what each row does to each topic, how scores mix, and how sure an answer is."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.doubt import CAUTIOUS, Doubt
from bot.retrieval.kept import Kept
from bot.retrieval.learning.belief import learn_doubt
from bot.retrieval.learning.mixing import UNTAUGHT, learn_mixing
from bot.retrieval.learning.ridge import Fitted, fit
from bot.retrieval.learning.rows import Row, grams_of, shared
from bot.retrieval.semantic import Progress, Vectors, mixed, unit
from bot.retrieval.topics import Scored, Topics

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_ANSWERABLE: Final = 0.75  # of the questions that people ask


def learn(topics: Topics, rows: Sequence[Row], vectors: Vectors | None, progress: Progress | None = None) -> Kept:
    """Learn a bank.

    Args:
        rows: of the bank, as the topics number them.
        vectors: what its sentences mean; without them their words decide alone.
        progress: told how far the sentence vectors are, when some are new.
    """
    grams = grams_of(rows)
    similarity = shared(grams, len(rows))
    centre = meant = np.zeros(0, np.float32)
    if vectors is not None:
        raw = vectors.many([" ".join(words) for words, _ in rows], progress)
        centre = raw.mean(axis=0)
        meant = unit(raw - centre)
        similarity = mixed(meant @ meant.T, similarity)
    silences = [number for number, silent in enumerate(topics.silent) if silent]
    fitted = fit(similarity, np.array(topics.of_row), np.array(topics.asked), silences)
    mixing = _mixing(topics, fitted)
    doubt = _doubt(topics, fitted, similarity, mixing)
    learnt = {
        "mixing": mixing,
        "weights": doubt.weights,
        "mean": doubt.mean,
        "spread": doubt.spread,
        "centre": centre.tolist(),
        "meant": meant.ravel().tolist(),
        "left_out": fitted.left_out[topics.asked].ravel().tolist(),
    }
    kept = Kept()
    kept.fill(grams, fitted.alpha.tolist(), learnt)
    return kept


def _mixing(topics: Topics, fitted: Fitted) -> Sequence[float]:
    asked = np.array(topics.asked)
    if not asked.any():
        return UNTAUGHT
    own = np.array(topics.of_row)[asked]
    weight = _weights(~np.array(topics.silent)[own])
    return learn_mixing(fitted.left_out[asked].astype(np.float64), own, weight, topics.views)


def _doubt(topics: Topics, fitted: Fitted, similarity: Floats, mixing: Sequence[float]) -> Doubt:
    """Learn doubt from each question left out, and from each silence of which nobody would have thought."""
    if not any(topics.asked):
        return CAUTIOUS
    np.fill_diagonal(similarity, -1)
    signs, right, known = [], [], []
    for row in np.flatnonzero(topics.asked).tolist():
        topic = topics.of_row[row]
        near = topics.nearest(similarity[row].tolist())
        scores = fitted.left_out[row].tolist()
        likely = topics.chances(scores, mixing)
        signs.append(topics.signs(Scored(scores, near), likely))
        right.append(not topics.silent[topic] and topics.leads[topics.first(likely)] in topics.passages[topic])
        known.append(not topics.silent[topic])
        if topics.silent[topic]:
            near[topic] = -1
            scores = fitted.topic_left_out[row].tolist()
            signs.append(topics.signs(Scored(scores, near), topics.chances(scores, mixing)))
            right.append(False)
            known.append(False)
    return learn_doubt(np.array(signs), np.array(right), _weights(np.array(known)))


def _weights(answerable: NDArray[np.bool_]) -> Doubles:
    """What each sentence counts, so that answers and silences weigh what they weigh among people's questions."""
    answers = _ANSWERABLE / max(int(answerable.sum()), 1)
    silences = (1 - _ANSWERABLE) / max(int((~answerable).sum()), 1)
    return np.where(answerable, answers, silences) * len(answerable)
