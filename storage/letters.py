"""What is known of the letters already written: for the bureau, for an erasure, for a rehearsal."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.outbox import OPEN
from storage.tables import Candidature, Outbox, table

_outbox = table(Outbox)
_candidature = table(Candidature)


def counted(session: Session) -> dict[str, int]:
    """How many letters are in each state."""
    rows = session.execute(select(_outbox.c.state, func.count()).group_by(_outbox.c.state))
    return {str(state): int(number) for state, number in rows}


def told(session: Session) -> tuple[int, int]:
    """How many letters the doors say were delivered, and read."""
    row = session.execute(select(func.count(_outbox.c.delivered_at), func.count(_outbox.c.read_at))).one()
    return int(row[0]), int(row[1])


def troubled(session: Session, limit: int = 15) -> list[Any]:
    """Letters that were delayed, abandoned, returned or are doubtful, with their dossier, the newest first."""
    query = (
        select(_outbox, _candidature.c.numero)
        .outerjoin(_candidature, _candidature.c.id == _outbox.c.candidature_id)
        .where(_outbox.c.state.in_(("retry", "abandoned", "doubtful", "returned")))
    )
    return list(session.execute(query.order_by(_outbox.c.id.desc()).limit(limit)))


def abandoned(session: Session) -> list[Outbox]:
    """Letters that never left, to be written anew."""
    query = select(Outbox).where(_outbox.c.state == "abandoned")
    return list(session.scalars(query.order_by(_outbox.c.id)))


def in_doubt(session: Session, number: int) -> list[Outbox]:
    """The letter of this number, where it never left, came back, or nobody knows whether it arrived."""
    row = session.get(Outbox, number)
    return [row] if row is not None and row.state in {"abandoned", "doubtful", "returned"} else []


def forget_words(session: Session, candidature_id: int, chat_id: int) -> None:
    """Take the words of letters to a person or about their dossier; what might be sent again no longer will be."""
    about = (_outbox.c.chat_id == chat_id) | (_outbox.c.candidature_id == candidature_id)
    for letter in session.scalars(select(Outbox).where(about, _outbox.c.state.not_in(OPEN))):
        letter.payload = "{}"
        if letter.state in {"abandoned", "doubtful"}:
            letter.state = "cancelled"


def of_candidature(session: Session, candidature_id: int) -> list[Any]:
    """Every letter about one candidature, in order: its kind, door and state, not its words."""
    columns = [column for column in _outbox.c if column.name not in {"method", "payload"}]
    query = select(*columns).where(_outbox.c.candidature_id == candidature_id)
    return list(session.execute(query.order_by(_outbox.c.id)))


def departures(session: Session, after: int) -> list[tuple[datetime, str, int | None, str, str, str]]:
    """Letters written after one: when, door, number of the dossier, kind, beginning of the words, to whom."""
    query = (
        select(_outbox, _candidature.c.numero)
        .outerjoin(_candidature, _candidature.c.id == _outbox.c.candidature_id)
        .where(_outbox.c.id > after)
        .order_by(_outbox.c.id)
    )
    found = []
    for row in session.execute(query):
        said = json.loads(row.payload)
        words = str(said.get("subject") or said.get("text") or said.get("caption") or row.method)
        to = ", ".join(said.get("to", ()))
        at = row.created_at
        found.append((at, row.door, row.numero, row.kind, words.split("\n", maxsplit=1)[0][:90], to))
    return found
