"""The bank: what a person may ask about a circular, one small Markdown file per topic, kept by the bureau.

    faq/reponses/      the circular answers: the file names the passages to quote, the most telling first
    faq/silences/      a person may ask, and the circular says nothing about it
    faq/conversation/  small talk, orders to the bot, other languages: one polite line
    faq/abreviations.md  the abbreviations of this campagne

A file:

    # la date limite pour envoyer le dossier

    passages : D1.5
    jour : closes_at
    objet : dossier
    demande : date

    ## Formel

    - Quelle est la date limite de dépôt des candidatures ?
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from bot.circulaire.campagne import Campagne
from bot.circulaire.passages import Passage
from bot.errors import CampagneError

Kind = Literal["answer", "silence", "talk"]

FOLDER: Final = "faq"
_LABEL_WORDS: Final = 8  # of a passage that has no topic of its own
_KINDS: Final[Mapping[str, Kind]] = {"reponses": "answer", "silences": "silence", "conversation": "talk"}
_KEYS: Final = ("passages", "jour", "phrase", "réponse", "objet", "demande")
_ABBREVIATIONS: Final = "abreviations.md"
_LABEL = re.compile(r"^# (.+)$", re.MULTILINE)
_KEY = re.compile(r"^(\w+) : (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^- (.+)$", re.MULTILINE)
DAYS: Final = ("closes_at", "convocation_on", "alert_on", "entretien_on", "avis_from")


@dataclass(frozen=True)
class Topic:
    """Something that a person may ask, in the words of several people.

    `label` completes « Voici ce que dit la circulaire sur … ». `sentence` replaces that sentence where a plainer
    one says it; `day` is the date of the campagne that gives the answer its tense; `reply` is what small talk gets.
    `about` is the thing asked about (« entretien ») and `asks` what is asked of it (« date »), each one word or none.
    """

    id: str
    kind: Kind
    label: str
    passages: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    sentence: str = ""
    day: str = ""
    reply: str = ""
    about: str = ""
    asks: str = ""


@dataclass(frozen=True)
class Bank:
    """Everything that may be asked about one circular, and everything an answer may be made of.

    `days` holds the campagne's dates by their name; `contact` is whom the circular names for a question.
    """

    topics: tuple[Topic, ...]
    passages: Mapping[str, Passage]
    numero: str = ""
    contact: str = ""
    days: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    abbreviations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def topic(self, name: str) -> Topic | None:
        """The topic of this id; None when the bureau has removed it since."""
        return next((topic for topic in self.topics if topic.id == name), None)


def load_bank(folder: Path, campagne: Campagne) -> Bank:
    """Read the bank of a campagne's folder; without one, its passages alone are its topics.

    Raises:
        CampagneError: every file that cannot be used, at once.
    """
    faults: list[str] = []
    topics = _topics(folder / FOLDER, campagne, faults)
    abbreviations = _abbreviations(folder / FOLDER / _ABBREVIATIONS, faults)
    if faults:
        raise CampagneError(faults)
    who = campagne.information_contact
    return Bank(
        topics=topics or tuple(_bare(passage) for passage in campagne.passages.values()),
        passages=campagne.passages,
        numero=campagne.numero,
        contact=f"{who.name}, {who.email}",
        days=MappingProxyType({day: _day(getattr(campagne, day)) for day in DAYS}),
        abbreviations=abbreviations,
    )


def _topics(folder: Path, campagne: Campagne, faults: list[str]) -> tuple[Topic, ...]:
    files = [(kind, file) for name, kind in _KINDS.items() for file in sorted((folder / name).glob("*.md"))]
    return tuple(_topic(kind, file, campagne, faults) for kind, file in files)


def _topic(kind: Kind, file: Path, campagne: Campagne, faults: list[str]) -> Topic:
    text = _text(file, faults)
    label, keys = _LABEL.search(text), dict(_KEY.findall(text))
    passages = tuple(part.strip() for part in keys.get("passages", "").split(",") if part.strip())
    problems = [f"la clé « {key} » n'existe pas" for key in keys if key not in _KEYS]
    problems += [f"le passage {name} n'existe pas" for name in passages if name not in campagne.passages]
    if label is None:
        problems.append("le titre manque")
    if kind == "answer" and not passages:
        problems.append("la ligne « passages : » manque")
    if kind == "talk" and "réponse" not in keys:
        problems.append("la ligne « réponse : » manque")
    if keys.get("jour", DAYS[0]) not in DAYS:
        problems.append(f"le jour {keys['jour']} n'existe pas (choix : {', '.join(DAYS)})")
    faults.extend(f"faq/{file.parent.name}/{file.name} : {problem}." for problem in problems)
    return Topic(
        id=file.stem,
        kind=kind,
        label=label[1].strip() if label else file.stem,
        passages=passages,
        variants=tuple(_ITEM.findall(text)),
        sentence=keys.get("phrase", ""),
        day=keys.get("jour", ""),
        reply=keys.get("réponse", ""),
        about=keys.get("objet", ""),
        asks=keys.get("demande", ""),
    )


def _bare(passage: Passage) -> Topic:
    """A topic made of a passage alone, for a circular that has no bank yet."""
    words = passage.text.split()
    label = " ".join(words[:_LABEL_WORDS]) + ("…" if len(words) > _LABEL_WORDS else "")
    return Topic(id=passage.id, kind="answer", label=f"« {label} »", passages=(passage.id,))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _abbreviations(file: Path, faults: list[str]) -> Mapping[str, str]:
    if not file.exists():
        return MappingProxyType({})
    pairs = (item.split(" : ", 1) for item in _ITEM.findall(_text(file, faults)))
    return MappingProxyType({short.strip(): long.strip() for short, long in pairs})


def _text(file: Path, faults: list[str]) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{file.relative_to(file.parents[2])} ne se lit pas : {error}.")
        return ""
