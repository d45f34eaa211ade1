"""The clerk takes arrivals from the inbox to the dispatcher, one conversation at a time, conversations side by side.

The unit of work opens AROUND `feed_update` (aiogram reads the FSM state before any middleware of ours) and its commit
ends the update. What fails is played again; what keeps failing is buried, the person and the bureau are told.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import TelegramObject
from pydantic import TypeAdapter

from bot.channels.arrival import Arrival, received_instant
from bot.channels.door import Door
from bot.channels.together import Album, Line
from bot.channels.translate import update_of
from bot.clock import Clock
from bot.errors import StaleWorkError
from bot.events import Event, log, told
from storage import identities, inbox, outbox
from storage.commit import Committer
from storage.database import Database
from storage.inbox import Arrived
from storage.work import UnitOfWork, current_work

_ARRIVAL: TypeAdapter[Arrival] = TypeAdapter(Arrival)
_TRIES = 4  # a handler that fails as often is not tried again
_REPLAYS = 8  # changes of others that may come first
_AWAY = 1.0  # seconds before the database is asked again
_LOOK, _LOOKS = 0.2, 150  # seconds between two looks for a message that is answered, and how many
_SLOW = 0.4  # seconds after which « is typing » is shown


class Savepoint(BaseMiddleware):
    """Forgets what a handler had changed when it fails, so that the error handler's answer commits alone."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle `event` inside a savepoint of the unit of work."""
        work = current_work()
        if work is None:
            return await handler(event, data)
        mark = work.mark()
        try:
            return await handler(event, data)
        except Exception:
            work.rollback_to(mark)
            raise


@dataclass
class OpenDoor:
    """A door with the bot that speaks through it."""

    door: Door
    bot: Bot


class Clerk:
    """Handles what arrived.

    Args:
        given: what every handler may ask for by name (campagne, files, settings…).
        letters: called after each commit, so that the postman looks at the outbox.
        apologise: writes the letters about an update that was buried.
        most: conversations handled side by side.
        quiet: seconds without another file after which the files that a person sends together are complete.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        database: Database,
        committer: Committer,
        clock: Clock,
        *,
        given: Mapping[str, Any],
        letters: Callable[[], None],
        apologise: Callable[[UnitOfWork, int | None], Awaitable[None]] | None = None,
        most: int = 32,
        quiet: float = 0.0,
    ) -> None:
        self._dispatcher = dispatcher
        self._database = database
        self._committer = committer
        self._clock = clock
        self._given = given
        self._letters = letters
        self._apologise = apologise
        self._gate = asyncio.Semaphore(most)
        self.quiet = quiet
        self._hurried = 0
        self._doors: dict[str, OpenDoor] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    def attach(self, door: Door, bot: Bot) -> None:
        """Handle what comes through `door` with `bot`."""
        self._doors[door.name] = OpenDoor(door, bot)

    async def resume(self) -> None:
        """Take up what an earlier run received and did not handle."""
        after = 0
        while rows := await self._database.query(partial(inbox.waiting, after=after)):
            self.take(rows)
            after = rows[-1].id

    def take(self, rows: list[Arrived]) -> None:
        """Queue arrivals behind those of the same conversation."""
        for row in rows:
            line = self._lines.setdefault((row.door, row.room), Line())
            line.put(row)
            self._idle.clear()
            if line.task is None:
                line.task = asyncio.create_task(self._work_off((row.door, row.room), line))

    async def settled(self) -> None:
        """Wait until nothing is queued; no file is waited for meanwhile."""
        self._hurried += 1
        try:
            for line in self._lines.values():
                line.hurry()
            await self._idle.wait()
        finally:
            self._hurried -= 1

    async def close(self) -> None:
        """Stop; what is not committed is handled at the next start."""
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work_off(self, key: tuple[str, str], line: Line) -> None:
        while line.queue:
            rows = await self._next(line)
            try:
                async with self._gate:
                    handled = await self._settle(rows)
            except Exception as error:  # noqa: BLE001 -- the database is away: the arrival keeps its place
                log.error(Event.UPDATE_DELAYED, update=line.queue[0].id, error=type(error).__name__)
                await asyncio.sleep(_AWAY)
            else:
                for _ in range(handled):
                    line.queue.popleft()
        line.task = None
        del self._lines[key]
        if not self._lines:
            self._idle.set()

    async def _next(self, line: Line) -> list[Arrived]:
        """The first arrival; while files are waited for, the person sees that an answer is on its way."""
        first = line.queue[0]
        typing = asyncio.get_running_loop().call_later(_SLOW, _signal, self._doors.get(first.door), first.room)
        try:
            return await line.next(0.0 if self._hurried else self.quiet)
        finally:
            typing.cancel()

    async def _settle(self, rows: Sequence[Arrived]) -> int:
        """Handle an arrival for good: handled, or buried after its last try; returns how many were.

        Files that came together are handled in one transaction where a room takes them so; each by itself once that
        has failed, so that one that cannot be handled costs the others nothing.
        """
        row = rows[0]
        failures = row.attempts
        while True:
            started = time.perf_counter()
            try:
                along = await self._play(row, () if failures else rows[1:])
            except Exception as error:  # noqa: BLE001 -- whatever a handler raises, the conversation goes on
                if not await self._database.query(partial(inbox.is_waiting, update_id=row.id)):
                    return 1  # handled by an earlier run, which kept none of its words
                failures += 1
                log.error(Event.UPDATE_FAILED, update=row.id, door=row.door, try_=failures, **told(error))
                log.debug(Event.UPDATE_FAILED, update=row.id, exc_info=error)
                if failures >= _TRIES:
                    await self._bury(row, type(error).__name__)
                    return 1
                await inbox.mark_failed(self._database, row.id, reason=type(error).__name__)
                await asyncio.sleep(0.05 * 2**failures)
            else:
                log.info(Event.UPDATE_HANDLED, update=row.id, door=row.door, ms=_since(started))
                self._letters()
                return 1 + along

    async def _play(self, row: Arrived, others: Sequence[Arrived]) -> int:
        """Handle an arrival in one transaction, again when somebody else changed the same rows first.

        Returns:
            How many of the others its room took along.
        """
        arrival = _ARRIVAL.validate_json(row.payload)
        await self._await_target(row, arrival)
        for replay in range(_REPLAYS):
            await self._database.reserve_ids()
            work = UnitOfWork(self._database, self._clock.now(), inbox_id=row.id)
            work.alone = replay > 0  # two that disturb each other would fail together each time
            try:
                with work.current():
                    await self._feed(row, arrival, work, others)
                await self._committer.commit(work)
            except StaleWorkError:
                log.info(Event.UPDATE_REPLAYED, update=row.id, replay=replay)
                if await self._database.query(partial(inbox.is_waiting, update_id=row.id)):
                    continue
            finally:
                work.close()
            return len(work.along)
        raise StaleWorkError("changed by others each time")

    async def _await_target(self, row: Arrived, arrival: Arrival) -> None:
        """Wait until the message that is answered, edited or pressed is known, while letters still leave for its room.

        A kill may fall between the network taking a letter and its event being noted: the letter is carried again
        under the same key, and only then says which event it became.
        """
        named = (arrival.reply_to, arrival.thread, getattr(arrival, "target", None))
        events = [event for event in named if event is not None]
        for _ in range(_LOOKS if events else 0):
            known = await self._database.query(partial(identities.known_events, door=row.door, events=events))
            if len(known) == len(set(events)) or not await self._database.query(
                partial(outbox.is_leaving, door=row.door, room=row.room)
            ):
                return
            self._letters()
            await asyncio.sleep(_LOOK)

    async def _feed(self, row: Arrived, arrival: Arrival, work: UnitOfWork, others: Sequence[Arrived]) -> None:
        way = self._doors[row.door]
        update = await update_of(arrival, work, way.bot)
        if update is None:
            return
        album = Album(others, work, way.bot)
        given = {
            **self._given,
            "work": work,
            "received_at": received_instant(arrival.sent_at, arrival.arrived_at),
            "clear": arrival.clear,
            "album": album,
        }
        typing = asyncio.get_running_loop().call_later(_SLOW, _signal, way, row.room)
        try:
            answer = await self._dispatcher.feed_update(way.bot, update, **given)
            if isinstance(answer, TelegramMethod):  # a handler may return a method instead of awaiting it
                await way.bot(answer)
            album.check_kept()
        finally:
            typing.cancel()

    async def _bury(self, row: Arrived, reason: str) -> None:
        """Give an arrival up and write the letters that say so, in one transaction."""
        work = UnitOfWork(self._database, self._clock.now(), inbox_id=row.id)
        work.buried = reason
        mark = work.mark()
        try:
            with work.current():
                await self._say_sorry(row, work)
        except Exception as error:  # noqa: BLE001 -- what cannot even be read is given up without a word
            log.error(Event.UPDATE_FAILED, update=row.id, door=row.door, error=type(error).__name__)
            work.rollback_to(mark)
        await self._committer.commit(work)
        log.error(Event.UPDATE_BURIED, update=row.id, door=row.door)
        self._letters()

    async def _say_sorry(self, row: Arrived, work: UnitOfWork) -> None:
        if self._apologise is None:
            return
        update = await update_of(_ARRIVAL.validate_json(row.payload), work, self._doors[row.door].bot)
        event: Any = update.event if update else None
        chat = getattr(getattr(event, "message", event), "chat", None)
        await self._apologise(work, chat.id if chat else None)


def _signal(way: OpenDoor | None, room: str) -> None:
    if way is None:  # a door that was closed since
        return
    session: Any = way.bot.session
    session.writer.signal(room, on=True)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
