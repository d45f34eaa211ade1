"""Relays: conversations handed to the bureau, who asks, what was said in them, and the bureau's ready answers."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.circulaire.relais import RELAIS, RelaisEtat
from storage import identities
from storage.bureau import Relais, RelaisLine
from storage.tables import Candidature, Fact, Outbox, table
from storage.work import UnitOfWork

LATE = "relais_late"  # the duty of the promised instant
ERASURE = "relais_erasure"  # the duty that forgets what was said by somebody who never agreed
FILE = "_file"  # the end of the kind of a line whose text is the name of a file
_relais, _line, _fact, _outbox = table(Relais), table(RelaisLine), table(Fact), table(Outbox)


@dataclass(frozen=True)
class Asker:
    """Who waits for the bureau: what they are called, and their dossier where they have one."""

    name: str
    candidature: Candidature | None


def late_key(row: Relais) -> str:
    """The one duty of a promise: another promise has another."""
    return f"{LATE}:{row.id}:{row.promised_by.isoformat()}"


def put_duties(work: UnitOfWork, row: Relais, term: datetime | None) -> None:
    """What is due at the promised instant, and at the end of what is kept of who has not agreed.

    Args:
        term: that end (aware); None for who has agreed.
    """
    number, details = row.candidature_id, {"relais": row.id}
    work.agenda.put(LATE, late_key(row), row.promised_by, candidature_id=number, details=details)
    if term is not None:
        work.agenda.put(ERASURE, f"{ERASURE}:{row.id}:{term.isoformat()}", term, details=details)


async def asker(work: UnitOfWork, row: Relais) -> Asker:
    """Who asks: the name of their notice, else what they call themselves."""
    one = await work.run(_candidature_of, row)
    _, called = await identities.names(work, row.candidat_id)
    return Asker((one and one.holder) or called, one)


def _candidature_of(session: Session, row: Relais) -> Candidature | None:
    return session.get(Candidature, row.candidature_id) if row.candidature_id else None


def by_numero(session: Session, campagne: str, numero: int) -> Relais | None:
    """The relay that people call « 3 »."""
    return session.scalars(select(Relais).where(_relais.c.campagne == campagne, _relais.c.numero == numero)).first()


def by_id(session: Session, relais_id: int) -> Relais | None:
    """One relay."""
    return session.get(Relais, relais_id)


def by_message(session: Session, campagne: str, message_id: int, person_id: int | None = None) -> Relais | None:
    """The relay that a message belongs to, closed ones too; for a person, among their own alone."""
    query = select(Relais).where(_relais.c.campagne == campagne)
    if person_id is not None:
        query = query.where(_relais.c.candidat_id == person_id)
    return next((row for row in session.scalars(query) if message_id in row.messages), None)


def open_ones(session: Session, campagne: str) -> list[Relais]:
    """Those that are not closed: who waits before who was answered, the soonest promised first."""
    query = select(Relais).where(_relais.c.campagne == campagne, _relais.c.etat != RelaisEtat.FERME)
    rows = session.scalars(query.order_by(_relais.c.promised_by, _relais.c.numero))
    return sorted(rows, key=lambda row: row.etat != RelaisEtat.OUVERT)


def open_of(session: Session, campagne: str, person_id: int) -> Relais | None:
    """The relay of a person that is not closed."""
    query = select(Relais).where(
        _relais.c.campagne == campagne, _relais.c.candidat_id == person_id, _relais.c.etat != RelaisEtat.FERME
    )
    return session.scalars(query.order_by(_relais.c.id.desc())).first()


async def open_for(
    work: UnitOfWork, campagne: str, person_id: int, candidature_id: int | None, promised: datetime
) -> Relais:
    """A new relay for a person.

    Args:
        promised: until when an answer is promised (aware).
    """
    greatest = await work.run(_greatest_numero, campagne)
    row = Relais(
        id=work.take_id(),
        campagne=campagne,
        numero=greatest + 1,
        candidat_id=person_id,
        candidature_id=candidature_id,
        etat=RelaisEtat.OUVERT,
        opened_at=work.now,
        promised_by=promised,
    )
    await work.add(row)
    return row


def _greatest_numero(session: Session, campagne: str) -> int:
    query = select(func.max(_relais.c.numero)).where(_relais.c.campagne == campagne)
    return session.execute(query).scalar() or 0


def close(work: UnitOfWork, row: Relais, *, actor: str) -> None:
    """Close a relay; nobody waits for its promise any more.

    Raises:
        Refusal: it is closed already.
    """
    row.etat, row.closed_at = RELAIS.after(row.etat, "close"), work.now
    work.agenda.end(late_key(row), "closed")
    work.note("relais.closed", actor=actor, candidature_id=row.candidature_id, numero=row.numero)


async def write_lines(work: UnitOfWork, row: Relais, kind: str, author_id: int, text: str, file: str = "") -> None:
    """Keep a « question » or a « reply »: its words, and the name of the file that came along."""
    if text:
        await write_line(work, row, kind, author_id, text)
    if file:
        await write_line(work, row, kind + FILE, author_id, file)


async def write_line(work: UnitOfWork, row: Relais, kind: str, author_id: int, text: str) -> None:
    """Keep what was said: a « question », a « reply » or a « note »; or the name of a file, « question_file »."""
    line = RelaisLine(id=work.take_id(), relais_id=row.id, at=work.now, kind=kind, author_id=author_id, text=text)
    await work.add(line)


def lines(session: Session, relais_id: int) -> list[RelaisLine]:
    """What was said, in order."""
    return list(session.scalars(select(RelaisLine).where(_line.c.relais_id == relais_id).order_by(_line.c.id)))


def lines_of_person(session: Session, person_id: int) -> list[RelaisLine]:
    """Everything that was said in the relays of one person and is not forgotten, in order."""
    query = select(RelaisLine).join(Relais, _relais.c.id == _line.c.relais_id)
    query = query.where(_relais.c.candidat_id == person_id, _line.c.text != "")
    return list(session.scalars(query.order_by(_line.c.id)))


async def forget(work: UnitOfWork, person_id: int) -> list[str]:
    """Blank what was said in the relays of a person, and close those that were open: nobody waits any more.

    Returns:
        The SHA-256 of each file that was passed on in them.
    """
    for line in await work.run(lines_of_person, person_id):
        line.text = ""
    theirs = await work.run(_of_person, person_id)
    for row in theirs:
        if row.etat != RelaisEtat.FERME:
            row.etat, row.closed_at = RELAIS.after(row.etat, "close"), work.now
            work.agenda.end(late_key(row), "erased")
    hashes = set()
    for letter in await work.run(_letters_about, [row.numero for row in theirs]):
        file = json.loads(letter.payload).get("document")
        hashes |= {str(file["file"])} if file else set()
        letter.payload = "{}"
    return sorted(hashes)


def _of_person(session: Session, person_id: int) -> list[Relais]:
    return list(session.scalars(select(Relais).where(_relais.c.candidat_id == person_id)))


def _letters_about(session: Session, numeros: list[int]) -> list[Outbox]:
    """Letters that have left and name one of these relays, the bureau's lists included."""
    if not numeros:
        return []
    named = re.compile(rf"n° (?:{'|'.join(map(str, numeros))})\b")
    query = select(Outbox).where(_outbox.c.kind.startswith("relais/"), _outbox.c.state == "sent")
    return [letter for letter in session.scalars(query) if named.search(letter.payload)]


def modeles(session: Session, campagne: str) -> dict[str, str]:
    """The ready answers by name."""
    prefix = f"modele.{campagne}."
    rows = session.scalars(select(Fact).where(_fact.c.key.startswith(prefix, autoescape=True)).order_by(_fact.c.key))
    return {row.key.removeprefix(prefix): row.value for row in rows}


def keep_modele(session: Session, campagne: str, name: str, text: str) -> None:
    """Add a ready answer, or change it: each is a row of its own, so that two members may add at once."""
    session.merge(Fact(key=f"modele.{campagne}.{name}", value=text))


def drop_modele(session: Session, campagne: str, name: str) -> None:
    """Take a ready answer away."""
    row = session.get(Fact, f"modele.{campagne}.{name}")
    if row is not None:
        session.delete(row)
