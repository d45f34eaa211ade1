"""An answer: passages word for word with where they stand, or an honest « elle ne le dit pas ».

Nothing here writes a fact: sentences come from templates and from the bank, quotations from the circular or from
an addendum of the bureau, the line of the day from the campagne's dates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from bot.circulaire.faq.bank import Bank, Topic
from bot.circulaire.faq.days import today_line

Outcome = Literal["answer", "unsure", "silent", "talk"]


@dataclass(frozen=True)
class Quoted:
    """Words that are quoted: a passage of the circular and the title of its section, or an addendum."""

    id: str
    section_title: str
    text: str


@dataclass(frozen=True)
class Addendum:
    """What the bureau has written where the circular is silent. `questions` are the ones it answers, as asked."""

    id: str
    text: str
    signed_by: str
    signed_on: date
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """The answer to one question: a sentence, the words quoted, what it means today. Nothing quoted: silence."""

    topic: str
    sentence: str
    passages: tuple[Quoted, ...] = ()
    today: str = ""
    addendum: Addendum | None = None


@dataclass(frozen=True)
class Choice:
    """One of the things the person may have meant: a topic of the bank, the passage it leads to, a short label."""

    topic: str
    passage: str
    label: str


@dataclass(frozen=True)
class FollowUp:
    """What the next message may refer to, « et pour la lettre ? »."""

    topic: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """What a conversation's state can keep."""
        return {"topic": self.topic, "text": self.text}

    @classmethod
    def from_dict(cls, kept: Mapping[str, str] | None) -> "FollowUp | None":
        """What a conversation's state has kept."""
        return cls(kept["topic"], kept["text"]) if kept else None


@dataclass(frozen=True)
class Reply:
    """What a question gets. `topics` are counted for the bureau; `confidence` is that the answer is the right one."""

    outcome: Outcome
    parts: tuple[Part, ...]
    choices: tuple[Choice, ...]
    contact: str
    confidence: float
    topics: tuple[str, ...]
    follow_up: FollowUp | None = None

    @property
    def cited(self) -> tuple[str, ...]:
        """The ids of the passages quoted, each once, in order."""
        return tuple(dict.fromkeys(quoted.id for part in self.parts for quoted in part.passages))

    def undated(self) -> "Reply":
        """The same reply without what it means today."""
        return replace(self, parts=tuple(replace(part, today="") for part in self.parts))


def answer_part(bank: Bank, topic: Topic, today: date) -> Part:
    """The topic's passages, whole, with the sentence that leads to them."""
    quoted = tuple(quote(bank, name) for name in topic.passages)
    sentence = topic.sentence or f"Voici ce que dit la circulaire sur {topic.label}."
    return Part(topic.id, sentence, quoted, today_line(topic.day, bank.days, today))


def quoted_once(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts of an answer, no passage quoted twice; a part that has no other keeps its own."""
    before: set[str] = set()
    found = []
    for part in parts:
        fresh = tuple(one for one in part.passages if one.id not in before)
        found.append(replace(part, passages=fresh or part.passages))
        before.update(one.id for one in part.passages)
    return tuple(found)


def quote(bank: Bank, passage: str) -> Quoted:
    """A passage of the circular, word for word, with the title of its section."""
    found = bank.passages[passage]
    return Quoted(found.id, found.section_title, found.text)


def silent_part(topic: Topic | None) -> Part:
    """The honest sentence: the circular does not say."""
    if topic is None:
        return Part("", "La circulaire ne répond pas à cette question.")
    return Part(topic.id, f"La circulaire ne dit rien sur {topic.label}.")


def talk_part(topic: Topic) -> Part:
    """One polite line."""
    return Part(topic.id, topic.reply)


def addendum_part(addendum: Addendum) -> Part:
    """What the bureau has added, shown as such."""
    return Part(addendum.id, "Le bureau a ajouté ceci, qui n’est pas dans la circulaire.", addendum=addendum)


def choices(bank: Bank, topics: Sequence[Topic], limit: int = 3) -> tuple[Choice, ...]:
    """What to offer under « Vouliez-vous dire… ? »: topics that lead to different passages."""
    offered: dict[str, Choice] = {}
    for topic in topics:
        if topic.passages and topic.passages[0] in bank.passages:
            offered.setdefault(topic.passages[0], Choice(topic.id, topic.passages[0], topic.label))
    return tuple(offered.values())[:limit]


def render_plain(reply: Reply, numero: str = "") -> str:
    """The reply as plain text, for a terminal."""
    blocks = [block for part in reply.parts for block in _part(part, numero)]
    if reply.choices:
        blocks.append("Vouliez-vous dire… ?")
        blocks.extend(f"  {rank}. {choice.label}" for rank, choice in enumerate(reply.choices, start=1))
    if reply.outcome in ("silent", "unsure") and reply.contact:
        blocks.append(f"Pour parler à quelqu’un : {reply.contact}")
    return "\n".join(blocks)


def _part(part: Part, numero: str) -> list[str]:
    lines = [part.sentence]
    for quoted in part.passages:
        lines += [f"« {quoted.text} »", f"— circulaire {numero}, {quoted.section_title}".replace(" ,", ",")]
    if part.addendum is not None:
        signed = part.addendum
        lines += [f"« {signed.text} »", f"— complément du bureau, signé par {signed.signed_by}"]
    return lines + ([part.today] if part.today else [])
