"""The parts of a campagne: what it asks for, whom it names, what it asks. Each carries its passage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bot.circulaire.cited import CitedTable, PlainValues


@dataclass(frozen=True)
class Piece:
    """One of the pieces of a dossier. `label` is the circular's, `short` is for a sentence, article included.

    `words` in a file's name mean this piece; `vague` ones may mean others too. `via_iprof`: it may be declared
    as given through I-Prof instead of being sent.
    """

    code: str
    label: str
    short: str
    via_iprof: bool
    words: tuple[str, ...]
    vague: tuple[str, ...]
    source: str
    quote: str

    @classmethod
    def read(cls, table: CitedTable) -> Self:
        """From one [[pieces]]."""
        cited = table.citation()
        return cls(
            code=table.get("code", str),
            label=table.get("label", str),
            short=table.get("short", str),
            via_iprof=table.get("via_iprof", bool),
            words=table.words("words"),
            vague=table.words("vague"),
            source=cited.source,
            quote=cited.quote,
        )


@dataclass(frozen=True)
class Item:
    """Something to bring to the entretien."""

    label: str
    source: str
    quote: str

    @classmethod
    def read(cls, table: CitedTable) -> Self:
        """From one [[bring]]."""
        cited = table.citation()
        return cls(table.get("label", str), cited.source, cited.quote)


@dataclass(frozen=True)
class Contact:
    """Somebody whom the circular names. `phone` is empty where it gives none."""

    code: str
    name: str
    role: str
    email: str
    phone: str
    source: str

    @classmethod
    def read(cls, table: CitedTable) -> Self:
        """From one [[contacts]]."""
        return cls(
            code=table.get("code", str),
            name=table.get("name", str),
            role=table.get("role", str),
            email=table.get("email", str),
            phone=table.optional("phone", str),
            source=table.citation().source,
        )


@dataclass(frozen=True)
class Service:
    """The service that receives the dossiers, and how it is reached."""

    name: str
    bureau: str
    authority: str
    postal_address: str
    street_address: str
    phone: str
    mail_domain: str
    deposit_emails: tuple[str, ...]

    @classmethod
    def read(cls, values: PlainValues) -> Self:
        """From the tables [service.…]."""
        return cls(
            name=values.value("service", "name", str),
            bureau=values.value("service", "bureau", str),
            authority=values.value("service", "authority", str),
            postal_address=values.value("service", "postal_address", str),
            street_address=values.value("service", "street_address", str),
            phone=values.value("service", "phone", str),
            mail_domain=values.value("service", "mail_domain", str),
            deposit_emails=tuple(map(str, values.value("service", "deposit_emails", list))),
        )


@dataclass(frozen=True)
class Question:
    """A question asked before the dossier; `only_if` says for which answers to others it is asked.

    `synonyms` are (code, words) pairs: how people say an answer, alone or with words of the question itself.
    """

    code: str
    text: str
    explanation: str
    choices: tuple[tuple[str, str], ...]
    synonyms: tuple[tuple[str, str], ...]
    only_if: Mapping[str, tuple[str, ...]]
    source: str

    @classmethod
    def read(cls, table: CitedTable) -> Self:
        """From one [[questions]]."""
        return cls(
            code=table.get("code", str),
            text=table.get("text", str),
            explanation=table.get("explanation", str),
            choices=table.pairs("choices"),
            synonyms=table.pairs("synonyms"),
            only_if=table.answers("only_if"),
            source=table.citation().source,
        )


@dataclass(frozen=True)
class Outcome:
    """What some answers mean to the person: one sentence with its paragraph, and what it makes of the verdict."""

    when: Mapping[str, tuple[str, ...]]
    code: str
    sentence: str
    source: str

    @classmethod
    def read(cls, table: CitedTable) -> Self:
        """From one [[outcomes]]."""
        return cls(
            when=table.answers("when"),
            code=table.get("code", str),
            sentence=table.get("sentence", str),
            source=table.citation().source,
        )


@dataclass(frozen=True)
class NoticeField:
    """One line of the notice de renseignements. `kind` says how it is read: name, line, choice, years, email, phone.

    `synonyms` are (code, words) pairs: what people type for a choice besides its label. `domain` is the one that an
    e-mail address must have.
    """

    code: str
    label: str
    question: str
    kind: str
    example: str
    choices: tuple[tuple[str, str], ...]
    synonyms: tuple[tuple[str, str], ...]
    domain: str
    source: str

    @classmethod
    def read(cls, table: CitedTable, domain: str) -> Self:
        """From one [[notice_fields]]."""
        return cls(
            code=table.get("code", str),
            label=table.get("label", str),
            question=table.get("question", str),
            kind=table.get("kind", str),
            example=table.get("example", str),
            choices=table.pairs("choices"),
            synonyms=table.pairs("synonyms"),
            domain=domain,
            source=table.citation().source,
        )
