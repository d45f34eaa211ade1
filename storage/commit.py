"""Writing units of work for good: statement by statement, those that are ready together in one transaction."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from bot.errors import StaleWorkError, WorkClosedError
from storage import inbox, journal, outbox
from storage.bureau import Convocation
from storage.database import Database
from storage.statements import Plain, Upsert
from storage.tables import Agenda, Chat, EventMap, Fsm, Media, Peer, table
from storage.work import UnitOfWork

_GRACE = 5.0  # seconds that what is being written may take at a stop
_chat = table(Chat)
_agenda = table(Agenda)
_upsert_peers = Upsert(table(Peer), ["id"], ["room", "display_name"])
_insert_media = Plain(
    table(Media).insert().values({n: bindparam(n) for n in ("id", "peer_id", "door", "source", "name", "mime", "size")})
)
_upsert_events = Upsert(table(EventMap), ["door", "event"])
_upsert_fsm = Upsert(table(Fsm), ["key"], ["state", "data"])
_upsert_chat = Upsert(_chat, ["id"], ["last_message_id"])
_upsert_keyboard = Upsert(_chat, ["id"], ["last_message_id", "keyboard_message_id", "keyboard"])
_edit_keyboard = Plain(
    _chat.update()
    .where(_chat.c.id == bindparam("chat_id"), _chat.c.keyboard_message_id == bindparam("edited"))
    .values(keyboard=bindparam("markup"))
)
_insert_agenda = Upsert(_agenda, ["key"])
_end_agenda = Plain(
    _agenda.update()
    .where(_agenda.c.key == bindparam("duty"), _agenda.c.done_at.is_(None))
    .values(done_at=bindparam("now"), outcome=bindparam("result"))
)

_free_creneaux = Plain(
    table(Convocation).update().where(table(Convocation).c.id == bindparam("convocation")).values(live=None)
)


def flush(works: Sequence[UnitOfWork], connection: Connection) -> None:
    """Write everything that `works` changed in the transaction of `connection`, statement by statement.

    Raises:
        StaleWorkError: an arrival of theirs was handled before.
    """
    database = works[0].database
    instant = database.instant
    _close_arrivals(works, connection, instant)
    _write(connection, _upsert_peers, [row for w in works for row in w.peers.values()])
    _write(connection, _insert_media, [row for w in works for row in w.media])
    _write(connection, _upsert_events, [row for w in works for row in w.events])
    _write(connection, _free_creneaux, [row for w in works for row in w.freed])
    for work in works:
        if work.session is not None:
            work.session.writer = connection
            work.session.flush()
    letters = [row for w in works for row in w.letters]
    for row in letters:  # numbered here: letters are carried in the order of their commits
        row["id"] = database.ids.take()
        row["door"] = row["door"] or outbox.door_of(connection, row["chat_id"])
    _write(connection, outbox.insert_letters, letters)
    _write(connection, _upsert_fsm, [{"key": k, "state": s, "data": d} for w in works for k, (s, d) in w.fsm.items()])
    chats = [row for w in works for row in w.chats.values()]
    _write(connection, _upsert_chat, [row for row in chats if not row.get("shows")])
    _write(connection, _upsert_keyboard, [row for row in chats if row.get("shows")])
    _write(connection, _edit_keyboard, [row for w in works for row in w.keyboards])
    _write(connection, _insert_agenda, [row for w in works for row in w.duties])
    _write(connection, _end_agenda, [row for w in works for row in w.ended])
    lines = [line for w in works for line in w.lines]
    if lines:
        journal.append(connection, lines, instant)


def _close_arrivals(works: Sequence[UnitOfWork], connection: Connection, instant: Callable[[datetime], Any]) -> None:
    arrivals = [work for work in works if work.inbox_id is not None]
    played = [(number, w.now) for w in arrivals if w.buried is None for number in (w.inbox_id, *w.along)]
    handled = [{"update_id": number, "now": instant(now)} for number, now in played]
    buried = [{"update_id": w.inbox_id, "reason": w.buried} for w in arrivals if w.buried is not None]
    if inbox.mark_handled(connection, handled) + inbox.mark_buried(connection, buried) != len(handled) + len(buried):
        raise StaleWorkError("arrival handled twice")


def _write(connection: Connection, statement: Plain, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        statement(connection, rows)


class Committer:
    """Commits units of work, those that are ready together in one transaction."""

    def __init__(self, database: Database, *, most: int = 32) -> None:
        self._database = database
        self._most = most
        self._ready: list[_Pending] = []
        self._running: asyncio.Task[None] | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._closed = False

    async def commit(self, work: UnitOfWork) -> None:
        """Write a unit for good; its letters may leave once this returns.

        Raises:
            StaleWorkError: somebody else changed the same rows first; play the update again.
            WorkClosedError: the database may be another's by now.
        """
        if self._closed:
            raise WorkClosedError("commit after a stop")
        pending = _Pending(work, asyncio.get_running_loop().create_future())
        self._ready.append(pending)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        await pending.done

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry out what ends with a commit, beside whoever asks for it."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def close(self) -> None:
        """Stop after what is being written: nothing is written any more once the database is another's."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await asyncio.gather(*self._beside, return_exceptions=True)
                await asyncio.gather(*filter(None, [self._running]))
        self._closed = True

    async def _drain(self) -> None:
        while self._ready:
            size = self._size()
            group, self._ready = self._ready[:size], self._ready[size:]
            error = await self._write(group)
            if error is None:
                continue
            for pending in group:
                # A session that was flushed in vain cannot be flushed again: that update is played again.
                retried = None if len(group) > 1 and pending.work.session is None else _stale(error)
                if retried is not None or (retried := await self._write([pending])) is not None:
                    pending.fail(_stale(retried))

    def _size(self) -> int:
        """How many of those that are ready go together: up to the first that wants to be alone."""
        ready = self._ready[: self._most]
        return next((number for number, pending in enumerate(ready) if pending.work.alone), len(ready)) or 1

    async def _write(self, group: Sequence["_Pending"]) -> Exception | None:
        """Commit a group; returns what went wrong, with nothing written."""
        works = [pending.work for pending in group]
        try:
            await self._database.transact(lambda connection: flush(works, connection))
        except Exception as error:  # noqa: BLE001 -- handed to whoever awaits this commit
            return error
        for pending in group:
            pending.succeed()
        return None


def _stale(error: Exception) -> Exception:
    return StaleWorkError(type(error).__name__) if isinstance(error, IntegrityError | StaleDataError) else error


@dataclass
class _Pending:
    work: UnitOfWork
    done: "asyncio.Future[None]"

    def succeed(self) -> None:
        self.work.close()
        if not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        self.work.close()
        if not self.done.done():
            self.done.set_exception(error)
