"""Letters: what is to be said, written in the same commit as its cause, carried afterwards by the postman."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.orm import Session

from storage import inbox
from storage.database import Database
from storage.statements import Plain, Upsert
from storage.tables import Candidature, EventMap, Outbox, Peer, table

_outbox = table(Outbox)
_peer = table(Peer)
_candidature = table(Candidature)

_SENT_UNREAD = text("state = 'sent' AND read_at IS NULL")  # the words of the index
OPEN = ("waiting", "sending", "retry")  # states of letters that have still to leave


@dataclass(frozen=True)
class Letter:
    """One message to one conversation.

    Args:
        chat_id: the conversation; a person's id is their direct conversation.
        method: method of the Bot API, « sendMessage ».
        payload: its arguments as JSON; a file is `{"file": sha256, "name", "mime", "size"}`.
        kind: the text's key, « dossier/receipt »: what the bureau reads in the list of letters.
        door: None for the door where the conversation is.
        message_id: the message it creates; None for letters that create none (an edit, a deletion).
    """

    chat_id: int
    method: str
    payload: Mapping[str, Any]
    kind: str = ""
    candidature_id: int | None = None
    door: str | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class Waiting:
    """A letter as the postman takes it."""

    id: int
    door: str
    chat_id: int
    message_id: int | None
    method: str
    payload: Mapping[str, Any]
    kind: str
    attempts: int
    created_at: datetime
    progress: dict[str, Any] = field(default_factory=dict)


insert_letters = Plain(
    _outbox.insert().values(
        {
            name: bindparam(name)
            for name in (
                "id",
                "door",
                "chat_id",
                "message_id",
                "method",
                "payload",
                "kind",
                "candidature_id",
                "inbox_id",
                "state",
                "created_at",
                "attempts",
                "next_try_at",
                "progress",
            )
        }
    )
)
_door_of = Plain(select(_peer.c.door).where(_peer.c.id == bindparam("chat_id")))
tie_events = Upsert(table(EventMap), ["door", "event"])
_mark_sent = Plain(
    _outbox.update()
    .where(_outbox.c.id == bindparam("letter"))
    .values(state="sent", sent_at=bindparam("now"), error=None, next_try_at=None)
)
_mark_failed = Plain(
    _outbox.update()
    .where(_outbox.c.id == bindparam("letter"))
    .values(
        state=bindparam("new_state"),
        attempts=_outbox.c.attempts + 1,
        error=bindparam("reason"),
        next_try_at=bindparam("again_at"),
    )
)
_mark_read = Plain(
    _outbox.update()
    .where(_outbox.c.chat_id == bindparam("chat"), _outbox.c.message_id <= bindparam("message"), _SENT_UNREAD)
    .values(read_at=bindparam("at"))
)
_mark_progress = Plain(_outbox.update().where(_outbox.c.id == bindparam("letter")).values(progress=bindparam("facts")))


def door_of(connection: Connection, chat_id: int) -> str:
    """The door where a conversation is; Telegram's own ids need no row."""
    found = _door_of.first(connection, chat_id=chat_id)
    return found[0] if found else "telegram"


def waiting(session: Session, *, after: int = 0, limit: int = 500) -> list[Waiting]:
    """Letters that have still to leave, in order, from the one after `after`."""
    rows = session.execute(
        select(_outbox).where(_outbox.c.state.in_(OPEN), _outbox.c.id > after).order_by(_outbox.c.id).limit(limit)
    )
    return [
        Waiting(
            row.id,
            row.door,
            row.chat_id,
            row.message_id,
            row.method,
            json.loads(row.payload),
            row.kind,
            row.attempts,
            row.created_at,
            json.loads(row.progress),
        )
        for row in rows
    ]


def written(session: Session, message_id: int) -> Mapping[str, Any] | None:
    """What a message of ours says (the Bot API's JSON), its edits included; None for a message of somebody else."""
    query = select(_outbox.c.payload).where(_outbox.c.message_id == message_id).order_by(_outbox.c.id)
    said: Mapping[str, Any] | None = None
    for payload in map(json.loads, session.execute(query).scalars()):
        said = payload if said is None else {**said, "reply_markup": None, **payload}
    return said


async def mark_progress(database: Database, letter: int, progress: Mapping[str, Any]) -> None:
    """Keep what the door has already done for this letter."""
    row = {"letter": letter, "facts": json.dumps(progress)}
    await database.transact(lambda connection: _mark_progress(connection, [row]))


def mark_sent(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """The letters have left: rows of `letter`, `now` (as the driver wants it)."""
    _mark_sent(connection, rows)


async def mark_failed(
    database: Database, letter: int, *, state: str, reason: str, again_at: datetime | None = None
) -> None:
    """The letter did not leave: `retry` at `again_at`, `abandoned` or `doubtful`."""
    row = {"letter": letter, "new_state": state, "reason": reason, "again_at": database.instant(again_at)}
    await database.transact(lambda connection: _mark_failed(connection, [row]))


async def note_read(database: Database, door: str, events: Sequence[str], at: datetime) -> None:
    """Somebody has read these events of ours: letters of the same conversations are read up to them."""
    up_to = (
        select(_outbox.c.chat_id.label("chat"), func.max(_outbox.c.message_id).label("message"))
        .join(table(EventMap), table(EventMap).c.message_id == _outbox.c.message_id)
        .where(table(EventMap).c.door == door, table(EventMap).c.event.in_(events))
        .group_by(_outbox.c.chat_id)
    )

    def write(connection: Connection) -> None:
        rows = [{**row, "at": database.instant(at)} for row in connection.execute(up_to).mappings()]
        if rows:
            _mark_read(connection, rows)

    await database.transact(write)


def of_door(session: Session, letter: int, door: str) -> Outbox | None:
    """A letter that a door carries or has carried, to be marked; None for one that is not known there."""
    found = session.get(Outbox, letter)
    return found if found is not None and found.door == door else None


def note_returned(letter: Outbox, code: str) -> bool:
    """The letter came back, after its server had accepted it; returns whether this was news.

    Args:
        code: why, « 5.1.1 » (RFC 3463).
    """
    if letter.state != "sent":
        return False
    letter.state, letter.error, letter.delivered_at = "returned", f"returned: {code}", None
    return True


def note_delivered(letter: Outbox, at: datetime) -> None:
    """The letter reached the mailbox, or a server that tells no more."""
    if letter.state == "sent" and letter.delivered_at is None:
        letter.delivered_at = at


async def begins_trouble(database: Database, door: str, now: datetime) -> bool:
    """Whether a door that is in trouble was not already; its trouble ends with a letter that leaves.

    True once for each spell, restarts included: the answer is remembered.
    """
    key = f"trouble.{door}"
    known: str | None = await database.query(lambda session: inbox.fact(session, key))
    if known is not None:
        since = datetime.fromisoformat(known)
        if not await database.query(lambda session: _left_since(session, door, since)):
            return False
    await inbox.remember(database, key, now.isoformat())
    return True


def _left_since(session: Session, door: str, instant: datetime) -> bool:
    query = select(_outbox.c.id).where(_outbox.c.door == door, _outbox.c.sent_at > instant)
    return session.execute(query.limit(1)).first() is not None


def has_to_carry(session: Session, sha256: str) -> bool:
    """Whether a letter that has not left, given up or not, holds a file of these bytes."""
    query = select(func.count()).where(_outbox.c.state.in_((*OPEN, "abandoned")), _outbox.c.payload.contains(sha256))
    return bool(session.execute(query).scalar_one())


def last_id(session: Session) -> int:
    """The id of the newest letter, 0 where there is none."""
    return int(session.execute(select(func.max(_outbox.c.id))).scalar() or 0)


def last_instant(session: Session) -> datetime | None:
    """When the newest letter was written, None where there is none."""
    return session.execute(select(_outbox.c.created_at).order_by(_outbox.c.id.desc()).limit(1)).scalar()


def is_leaving(session: Session, door: str, room: str) -> bool:
    """Whether a message of ours has still to leave for a room of a door, or has left and was not noted yet."""
    here = select(_peer.c.id).where(_peer.c.door == door, (_peer.c.room == room) | (_peer.c.name == room))
    query = select(func.count()).where(
        _outbox.c.door == door,
        _outbox.c.state.in_(OPEN),
        _outbox.c.message_id.is_not(None),
        _outbox.c.chat_id.in_(here),
    )
    return bool(session.execute(query).scalar_one())
