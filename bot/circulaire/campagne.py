"""A campagne: what one circular fixes, as data. Another circular is another folder, never other code.

The folder holds `circulaire.md` (the text, anchored) and `campagne.toml` (the values, each with its paragraph
and the words that carry it).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.circulaire.cited import Citation, CitedTable, PlainValues
from bot.circulaire.office_hours import OfficeHours, read_office_hours
from bot.circulaire.parts import Contact, Item, NoticeField, Outcome, Piece, Question, Service
from bot.circulaire.passages import AnchoredText, Passage, read_text
from bot.clock import PARIS, paris
from bot.errors import CampagneError

__all__ = [
    "Campagne",
    "Citation",
    "Contact",
    "Item",
    "NoticeField",
    "Outcome",
    "Passage",
    "Piece",
    "Question",
    "Service",
    "load_campagne",
]

TEXT_FILE = "circulaire.md"
VALUES_FILE = "campagne.toml"

_RULES = ("audience", "dossier", "bring", "certification")  # what stands on a paragraph without being a value
_ANNOUNCED, _SENT = "annoncé", "envoyé"  # what is personal, on Telegram
_NO_TEXT = AnchoredText("", "", MappingProxyType({}))


@dataclass(frozen=True)
class Campagne:
    """Everything that one circular fixes. `sources` says, for each plain value by its name, where it stands.

    `office_hours` are the service's own: the circular is silent on them. `discreet_on_telegram`: what the bureau
    writes to a candidate is only announced there, and goes to the academic mailbox.

    `other_papers` are words of files' names that mean a paper which is no piece of the dossier.
    """

    numero: str
    title: str
    function: str
    school_year: str
    published_on: date
    closes_at: datetime
    convocation_on: date
    alert_on: date
    entretien_on: date
    avis_from: date
    expose_minutes: int
    entretien_minutes: int
    mission_years: int
    service: Service
    contacts: tuple[Contact, ...]
    information_contact: Contact
    convocation_contact: Contact
    pieces: tuple[Piece, ...]
    other_papers: tuple[str, ...]
    bring: tuple[Item, ...]
    questions: tuple[Question, ...]
    outcomes: tuple[Outcome, ...]
    notice_fields: tuple[NoticeField, ...]
    office_hours: OfficeHours
    discreet_on_telegram: bool
    text: str
    sha256: str
    passages: Mapping[str, Passage]
    sources: Mapping[str, Citation]

    @property
    def opens_at(self) -> datetime:
        """The first instant of the day of publication: the circular fixes no other opening."""
        return paris(self.published_on)

    @property
    def avis_visible_from(self) -> datetime:
        """The first instant at which an avis may reach anybody but its author."""
        return paris(self.avis_from)

    def piece(self, code: str) -> Piece:
        """The piece of this code.

        Raises:
            KeyError: the campagne asks for no such piece.
        """
        return {piece.code: piece for piece in self.pieces}[code]

    def question(self, code: str) -> Question:
        """The question of this code.

        Raises:
            KeyError: the campagne asks no such question.
        """
        return {question.code: question for question in self.questions}[code]

    def notice_field(self, code: str) -> NoticeField:
        """The field of the notice of this code.

        Raises:
            KeyError: the notice has no such field.
        """
        return {field.code: field for field in self.notice_fields}[code]

    def reference(self, source: str) -> str:
        """How a passage is cited to a person; letters alone would not do, two sections may bear the same one."""
        return f"circulaire {self.numero}, {self.passages[source].section_title}"


def load_campagne(folder: Path) -> Campagne:
    """Read the campagne of a folder.

    Raises:
        CampagneError: every missing key and every value of the wrong kind, at once.
    """
    faults: list[str] = []
    values = CitedTable(read_values(folder, faults), "", faults)
    anchored = read_anchored(folder, faults)
    if faults:
        raise CampagneError(faults)
    campagne = build_campagne(values, anchored, faults)
    if faults:
        raise CampagneError(faults)
    return campagne


def read_values(folder: Path, faults: list[str]) -> Mapping[str, Any]:
    """The tables of the campagne's TOML; nothing and a fault when there is no such file."""
    try:
        return tomllib.loads((folder / VALUES_FILE).read_text(encoding="utf-8"))
    except OSError:
        faults.append(f"Le fichier {VALUES_FILE} manque dans {folder.name}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{VALUES_FILE} ne se lit pas : {error}.")
    return {}


def read_anchored(folder: Path, faults: list[str]) -> AnchoredText:
    """The campagne's text; nothing and a fault when there is no such file."""
    try:
        return read_text((folder / TEXT_FILE).read_bytes().decode())
    except OSError:
        faults.append(f"Le fichier {TEXT_FILE} manque dans {folder.name}.")
    except UnicodeDecodeError as error:
        faults.append(f"{TEXT_FILE} ne se lit pas : {error}.")
    return _NO_TEXT


def build_campagne(values: CitedTable, anchored: AnchoredText, faults: list[str]) -> Campagne:
    """The campagne that these tables and this text make; what is missing is empty, and in `faults`."""
    reader = PlainValues(values)
    for rule in _RULES:
        reader.cite("rules", rule)
    contacts = tuple(Contact.read(table) for table in values.tables("contacts"))
    service = Service.read(reader)
    domain = service.mail_domain
    return Campagne(
        numero=reader.value("circulaire", "numero", str),
        title=reader.value("circulaire", "title", str),
        function=reader.value("circulaire", "function", str),
        school_year=reader.value("circulaire", "school_year", str),
        published_on=reader.value("dates", "published_on", date),
        closes_at=reader.value("dates", "closes_at", datetime).replace(tzinfo=PARIS),
        convocation_on=reader.value("dates", "convocation_on", date),
        alert_on=reader.value("dates", "alert_on", date),
        entretien_on=reader.value("dates", "entretien_on", date),
        avis_from=reader.value("dates", "avis_from", date),
        expose_minutes=reader.value("durations", "expose_minutes", int),
        entretien_minutes=reader.value("durations", "entretien_minutes", int),
        mission_years=reader.value("durations", "mission_years", int),
        service=service,
        contacts=contacts,
        information_contact=_who(reader, "information_contact", contacts, faults),
        convocation_contact=_who(reader, "convocation_contact", contacts, faults),
        pieces=tuple(Piece.read(table) for table in values.tables("pieces")),
        other_papers=tuple(map(str, reader.value("recognition", "other_papers", list))),
        bring=tuple(Item.read(table) for table in values.tables("bring")),
        questions=tuple(Question.read(table) for table in values.tables("questions")),
        outcomes=tuple(Outcome.read(table) for table in values.tables("outcomes")),
        notice_fields=tuple(NoticeField.read(table, domain) for table in values.tables("notice_fields")),
        office_hours=read_office_hours(values.optional_table("bureau")),
        discreet_on_telegram=_discreet(values.optional_table("telegram")),
        text=anchored.text,
        sha256=anchored.sha256,
        passages=anchored.passages,
        sources=MappingProxyType(reader.sources),
    )


def _who(reader: PlainValues, key: str, contacts: tuple[Contact, ...], faults: list[str]) -> Contact:
    """The contact whose code a value gives."""
    code = reader.value("service", key, str)
    for contact in contacts:
        if contact.code == code:
            return contact
    faults.append(f"campagne.toml, [service.{key}] : aucun contact n’a le code « {code} ».")
    return Contact(code, "", "", "", "", "")


def _discreet(table: CitedTable | None) -> bool:
    """Whether what is personal is only announced on Telegram: yes, unless the service has decided otherwise."""
    said = table.get("personal", str) if table is not None else _ANNOUNCED
    if table is not None and said not in {"", _ANNOUNCED, _SENT}:
        table.refuse("personal", f"doit être « {_ANNOUNCED} » ou « {_SENT} »")
    return said != _SENT
