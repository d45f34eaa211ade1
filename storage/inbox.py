"""What arrived: kept with the door's position in one transaction, before anything handles it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.statements import Plain, Upsert
from storage.tables import Fact, Inbox, table

_inbox = table(Inbox)
_fact = table(Fact)

insert_arrivals = Upsert(_inbox, ["door", "event"])
store_fact = Upsert(_fact, ["key"], ["value"])
_mark_handled = Plain(
    _inbox.update()
    .where(_inbox.c.id == bindparam("update_id"), _inbox.c.state == "waiting")
    .values(state="handled", handled_at=bindparam("now"), payload="{}")  # the words are kept no longer than needed
)
_mark_failed = Plain(
    _inbox.update()
    .where(_inbox.c.id == bindparam("update_id"), _inbox.c.state == "waiting")
    .values(state=bindparam("new_state"), attempts=_inbox.c.attempts + 1, error=bindparam("reason"))
)


@dataclass(frozen=True)
class Arrived:
    """An arrival as the clerk takes it; `payload` is the arrival's JSON."""

    id: int
    door: str
    event: str
    room: str
    payload: str
    attempts: int = 0


@dataclass(frozen=True)
class NewArrival:
    """An arrival as a door hands it over."""

    event: str
    room: str
    payload: str
    sent_at: datetime
    arrived_at: datetime


async def receive(
    database: Database, door: str, arrivals: Sequence[NewArrival], *, position: str | None = None
) -> list[Arrived]:
    """Keep arrivals and the position together; returns those that were not known yet, in order."""
    await database.reserve_ids()
    rows = [
        {
            "id": database.ids.take(),
            "door": door,
            "event": arrival.event,
            "room": arrival.room,
            "payload": arrival.payload,
            "sent_at": database.instant(arrival.sent_at),
            "arrived_at": database.instant(arrival.arrived_at),
            "state": "waiting",
            "attempts": 0,
            "handled_at": None,
            "error": None,
        }
        for arrival in arrivals
    ]

    def write(connection: Connection) -> list[Arrived]:
        fresh = [
            Arrived(row["id"], door, row["event"], row["room"], row["payload"])
            for row in rows
            if insert_arrivals(connection, [row])
        ]
        if position is not None:
            store_fact(connection, [{"key": f"{door}.position", "value": json.dumps(position)}])
        return fresh

    return await database.transact(write)


def waiting(session: Session, *, after: int = 0, limit: int = 500) -> list[Arrived]:
    """Arrivals that nothing has handled, in order, from the one after `after`."""
    rows = session.execute(
        select(_inbox.c.id, _inbox.c.door, _inbox.c.event, _inbox.c.room, _inbox.c.payload, _inbox.c.attempts)
        .where(_inbox.c.state == "waiting", _inbox.c.id > after)
        .order_by(_inbox.c.id)
        .limit(limit)
    )
    return [Arrived(*row) for row in rows]


def known(session: Session, door: str, events: Sequence[str]) -> frozenset[str]:
    """Those of `events` that the door has handed over before."""
    rows = session.execute(select(_inbox.c.event).where(_inbox.c.door == door, _inbox.c.event.in_(events)))
    return frozenset(rows.scalars())


def last_instant(session: Session) -> datetime | None:
    """When the newest arrival came, None where there is none."""
    return session.execute(select(_inbox.c.arrived_at).order_by(_inbox.c.id.desc()).limit(1)).scalar()


def unhandled(session: Session) -> int:
    """How many arrivals wait."""
    return int(session.execute(select(func.count()).where(_inbox.c.state == "waiting")).scalar_one())


def mark_handled(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Mark arrivals handled (`update_id`, `now`); returns how many were still waiting."""
    return _mark_handled(connection, rows) if rows else 0


def mark_buried(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Give arrivals up (`update_id`, `reason`); returns how many were still waiting."""
    dead = [{**row, "new_state": "dead"} for row in rows]
    return _mark_failed(connection, dead) if dead else 0


async def mark_failed(database: Database, update_id: int, *, reason: str) -> None:
    """Count a failure; the arrival is tried again."""
    row = {"update_id": update_id, "new_state": "waiting", "reason": reason}
    await database.transact(lambda connection: _mark_failed(connection, [row]))


def is_waiting(session: Session, update_id: int) -> bool:
    """Whether an arrival has still to be handled."""
    return session.execute(select(_inbox.c.state).where(_inbox.c.id == update_id)).scalar() == "waiting"


def fact(session: Session, key: str) -> Any:
    """A small fact stored before, None where there is none."""
    value = session.execute(select(_fact.c.value).where(_fact.c.key == key)).scalar()
    return None if value is None else json.loads(value)


async def remember(database: Database, key: str, value: Any) -> None:
    """Store a small fact at once."""
    row = {"key": key, "value": json.dumps(value)}
    await database.transact(lambda connection: store_fact(connection, [row]))
