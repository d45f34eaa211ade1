"""Persons, rooms, events and files of a door, under the integers that aiogram wants.

A person or a room is 2^52 + n, a room negative: disjoint from Telegram's own ids, exact in a double. The direct
conversation of a person has the person's id, so that what was being said survives a new room.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.database import BoundSession
from storage.statements import Plain
from storage.tables import Chat, EventMap, Journal, Media, Peer, table
from storage.work import UnitOfWork

_peer, _events, _media, _chat = table(Peer), table(EventMap), table(Media), table(Chat)
_BASE = 2**52
_peer_named = Plain(select(_peer).where(_peer.c.door == bindparam("at_door"), _peer.c.name == bindparam("called")))
_chat_of = Plain(
    select(_chat.c.last_message_id, _chat.c.keyboard_message_id, _chat.c.keyboard).where(
        _chat.c.id == bindparam("chat_id")
    )
)


@dataclass(frozen=True)
class Keyboard:
    """The end of a conversation: its latest message, and the keyboard that may be pressed by typing."""

    last_message_id: int | None = None
    message_id: int | None = None
    markup: Mapping[str, Any] | None = None


def is_telegrams(peer_id: int) -> bool:
    """Whether a person or a room has a number of Telegram's own."""
    return abs(peer_id) < _BASE


async def person(work: UnitOfWork, door: str, name: str, *, room: str | None = None, display_name: str = "") -> int:
    """The integer of a person; learns their direct room and name of the moment."""
    known = await _known(work, door, name)
    row = known or _new(work, door, name, is_room=False)
    fresh = {**row, "room": room or row["room"], "display_name": display_name or row["display_name"]}
    if fresh != known:
        work.peers[door, name] = fresh
    return int(fresh["id"])


async def room(work: UnitOfWork, door: str, name: str) -> int:
    """The integer of a room of several people: negative."""
    known = await _known(work, door, name)
    if known is None:
        known = work.peers[door, name] = _new(work, door, name, is_room=True)
    return int(known["id"])


def _new(work: UnitOfWork, door: str, name: str, *, is_room: bool) -> dict[str, Any]:
    number = _BASE + work.take_id()
    return {
        "id": -number if is_room else number,
        "door": door,
        "name": name,
        "is_room": is_room,
        "room": name if is_room else None,
        "display_name": "",
    }


async def _known(work: UnitOfWork, door: str, name: str) -> dict[str, Any] | None:
    return work.peers.get((door, name)) or await work.run(_find, door, name)


def _find(session: BoundSession, door: str, name: str) -> dict[str, Any] | None:
    row = _peer_named.first(session.spine(), at_door=door, called=name)
    return dict(zip(_peer.c.keys(), row, strict=True)) if row else None


def address(session: Session, chat_id: int) -> str | None:
    """The door's own name of a conversation: its room, else the person; None when unknown."""
    row = session.execute(select(_peer.c.room, _peer.c.name).where(_peer.c.id == chat_id)).first()
    return None if row is None else row[0] or row[1]


def bureau_accounts(session: Session) -> list[tuple[str, str]]:
    """The network and the own name of each account that the journal has seen act in a room of the bureau."""
    journal = table(Journal)
    actors = session.scalars(select(journal.c.actor).where(journal.c.actor.startswith("bureau:")).distinct())
    numbers = [int(actor.partition(":")[2]) for actor in actors]
    known = session.execute(select(_peer.c.id, _peer.c.door, _peer.c.name).where(_peer.c.id.in_(numbers)))
    peers = {number: (door, name) for number, door, name in known.all()}
    return sorted(peers.get(number, ("telegram", str(number))) for number in numbers)


def name_of(session: Session, peer_id: int) -> str | None:
    """The door's own name of a person or room."""
    return session.execute(select(_peer.c.name).where(_peer.c.id == peer_id)).scalar()


def display_name(session: Session, peer_id: int) -> str:
    """What a person calls themselves; empty when unknown."""
    return session.execute(select(_peer.c.display_name).where(_peer.c.id == peer_id)).scalar() or ""


async def names(work: UnitOfWork, peer_id: int) -> tuple[str, str]:
    """The door's own name of a person and what they call themselves, also of one who is met in this very update."""
    fresh = next((row for row in work.peers.values() if row["id"] == peer_id), None)
    if fresh is not None:
        return str(fresh["name"]), str(fresh["display_name"])
    return await work.run(name_of, peer_id) or "", await work.run(display_name, peer_id)


def remember_event(work: UnitOfWork, door: str, event: str, message_id: int, part: int = 0) -> None:
    """Tie an event of the door to a message."""
    work.events.append({"door": door, "event": event, "message_id": message_id, "part": part})


def message_of(session: Session, door: str, event: str) -> int | None:
    """The message that an event belongs to."""
    return session.execute(
        select(_events.c.message_id).where(_events.c.door == door, _events.c.event == event)
    ).scalar()


def known_events(session: Session, door: str, events: Sequence[str]) -> set[str]:
    """Those of the events whose message is known."""
    rows = session.execute(select(_events.c.event).where(_events.c.door == door, _events.c.event.in_(events)))
    return set(rows.scalars())


def events_of(session: Session, door: str, messages: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The events of each message, in order of parts."""
    rows = session.execute(
        select(_events.c.message_id, _events.c.event)
        .where(_events.c.door == door, _events.c.message_id.in_(messages))
        .order_by(_events.c.part)
    )
    found: dict[int, tuple[str, ...]] = {}
    for message_id, event in rows:
        found[message_id] = (*found.get(message_id, ()), event)
    return found


def keep_media(
    work: UnitOfWork,
    door: str,
    source: Mapping[str, Any],
    name: str,
    mime: str,
    size: int | None,
    *,
    peer_id: int | None,
) -> str:
    """Keep where the bytes of somebody's file are; returns its `file_id`, which holds neither address nor key."""
    media_id = work.take_id()
    told = {"door": door, "source": json.dumps(source), "name": name, "mime": mime, "size": size}
    work.media.append({"id": media_id, "peer_id": peer_id, **told})
    return f"{door}-{media_id}"


async def find_media(work: UnitOfWork, file_id: str) -> Mapping[str, Any] | None:
    """What is known of a file: door, source (JSON), name, mime, size."""
    number = file_id.rpartition("-")[2]
    if not number.isdecimal():
        return None
    fresh = (row for row in work.media if row["id"] == int(number))
    return next(fresh, None) or await work.run(_find_media, int(number))


def _find_media(session: Session, number: int) -> dict[str, Any] | None:
    row = session.execute(select(_media).where(_media.c.id == number)).mappings().first()
    return dict(row) if row else None


def keyboard(session: BoundSession, chat_id: int) -> Keyboard:
    """What a conversation shows at its end."""
    row = _chat_of.first(session.spine(), chat_id=chat_id)
    if row is None:
        return Keyboard()
    last, shown, markup = row
    return Keyboard(last, shown, json.loads(markup) if markup else None)
