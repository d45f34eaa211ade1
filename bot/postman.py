"""The postman takes letters from the outbox to their doors: in order for each conversation, conversations side by side.

A letter is tried with the same key until its door says that it left, or never will. What a conversation waits for
holds up nobody else; a rate limit of the whole account slows the door down and shows in the letters' states.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.channels.door import Door, Parcel, Sent
from bot.clock import Clock
from bot.errors import (
    DeliveryError,
    DoubtfulDeliveryError,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnreadableFileError,
)
from bot.events import Event, log
from storage import identities, outbox
from storage.database import Database
from storage.files import Files
from storage.outbox import Waiting

_LONGEST_WAIT = 300.0  # seconds between two tries, at the most
_AWAY = 1.0  # seconds before the database is asked again
_GRACE = 5.0  # seconds that a letter under way may take when the postman stops
_MOST = 5000  # letters held in memory
_LATE = timedelta(hours=1)  # a letter that waits for longer is told to the bureau
_FAULTS = 6  # tries of a letter on which its door itself stumbles

_Noted = tuple[Waiting, Sent, "asyncio.Future[None]"]


class _FaultError(TemporaryDeliveryError):
    """The door raised what no door may raise."""


class Postman:
    """Carries letters.

    Args:
        failed: called with each letter that was abandoned, is doubtful or reached a part of its recipients only, so
            that the bureau sees it.
        late: called once in a spell of trouble, with the first letter of a door that waits for more than an hour.
        most: letters under way at once through each door: a slow one takes no place of another's.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        clock: Clock,
        *,
        failed: Callable[[Waiting, str], None] | None = None,
        late: Callable[[Waiting], None] | None = None,
        most: int = 64,
    ) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._failed = failed
        self._late = late
        self._weighing = asyncio.Lock()
        self._gates: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(most))
        self._doors: dict[str, Door] = {}
        self._rounds: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._queues: dict[tuple[str, int], list[Waiting]] = {}
        self._wake = asyncio.Event()
        self._sorting = asyncio.Lock()
        self._closing = False
        self._resting: set[tuple[str, int]] = set()
        self._changed = asyncio.Event()
        self._last = 0
        self._sent: list[_Noted] = []
        self._writing: asyncio.Task[None] | None = None

    def attach(self, door: Door) -> None:
        """Carry letters through `door`."""
        self._doors[door.name] = door

    def look(self) -> None:
        """There may be new letters."""
        self._wake.set()

    async def run(self) -> None:
        """Carry letters until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.sort()

    async def sort(self) -> None:
        """Put new letters behind those of the same conversation."""
        async with self._sorting:
            await self._sort()

    async def _sort(self) -> None:
        while sum(map(len, self._queues.values())) < _MOST:
            fresh = await self._database.query(lambda session: outbox.waiting(session, after=self._last))
            if not fresh:
                return
            self._last = fresh[-1].id
            for letter in fresh:
                key = (letter.door, letter.chat_id)
                self._queues.setdefault(key, []).append(letter)
                if key not in self._rounds:
                    self._rounds[key] = asyncio.create_task(self._round(key))

    async def settled(self) -> None:
        """Wait until every letter that can leave now has left (tests, console, an orderly stop)."""
        await asyncio.sleep(0)  # whoever waited for the clock to move looks first
        await self.sort()
        while self._rounds.keys() - self._resting:
            await self._changed.wait()
            await self.sort()

    async def close(self) -> None:
        """Stop after the letters under way; what has not left is carried at the next start."""
        self._closing = True
        for key in self._resting:
            self._rounds[key].cancel()
        tasks = [*self._rounds.values(), *([self._writing] if self._writing else [])]
        _, late = await asyncio.wait(tasks, timeout=_GRACE) if tasks else (tasks, tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tell(self) -> None:
        """A conversation came to rest, or went on."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _round(self, key: tuple[str, int]) -> None:
        queue = self._queues[key]
        try:
            while queue and not self._closing:
                try:
                    await self._deliver(key, queue[0])
                except Exception as error:  # noqa: BLE001 -- the database is away: the letter keeps its place
                    log.error(Event.LETTER_DELAYED, letter=queue[0].id, error=type(error).__name__)
                    await asyncio.sleep(_AWAY)
                else:
                    queue.pop(0)
        finally:
            del self._rounds[key], self._queues[key]
            self._wake.set()
            self._tell()

    async def _deliver(self, key: tuple[str, int], letter: Waiting) -> None:
        """Try one letter until it has left or never will."""
        attempts, faults = letter.attempts, 0
        while True:
            try:
                async with self._gates[letter.door]:
                    sent = await self._hand_over(letter)
            except TemporaryDeliveryError as error:
                attempts, faults = attempts + 1, faults + isinstance(error, _FaultError)
                if faults == _FAULTS:
                    await self._give_up(letter, error)
                    return
                wait = error.retry_after or min(_LONGEST_WAIT, 0.5 * 2.0 ** min(attempts, 10))
                await self._delay(letter, error, wait)
                await self._rest(key, wait)
            except DeliveryError as error:
                await self._give_up(letter, error)
                return
            else:
                await self._note_sent(letter, sent)
                log.info(Event.LETTER_SENT, letter=letter.id, door=letter.door, kind=letter.kind)
                if sent.facts.get("refused") and self._failed is not None:
                    self._failed(letter, "partial")
                return

    async def _rest(self, key: tuple[str, int], seconds: float) -> None:
        """Leave a conversation alone for a while."""
        self._resting.add(key)
        self._tell()
        try:
            await self._clock.sleep(seconds)
        finally:
            self._resting.discard(key)

    async def _hand_over(self, letter: Waiting) -> Sent:
        door = self._doors.get(letter.door)
        if door is None:
            raise TemporaryDeliveryError(f"door {letter.door} is not open")
        parcel = await self._parcel(letter)
        try:
            return await door.send(parcel)
        except DeliveryError:
            raise
        except UnreadableFileError as error:
            raise PermanentDeliveryError("a file of the letter is missing or damaged") from error
        except Exception as error:
            raise _FaultError(type(error).__name__) from error

    async def _parcel(self, letter: Waiting) -> Parcel:
        room = await self._database.query(lambda session: identities.address(session, letter.chat_id))
        messages = _messages_named(letter.payload)
        targets = await self._database.query(lambda session: identities.events_of(session, letter.door, messages))

        async def note(facts: Mapping[str, Any]) -> None:
            letter.progress.update(facts)
            await outbox.mark_progress(self._database, letter.id, letter.progress)

        return Parcel(
            key=f"{self._database.instance}-{letter.id}",
            room=room or str(letter.chat_id),
            method=letter.method,
            payload=letter.payload,
            targets=targets,
            progress=letter.progress,
            written_at=letter.created_at,
            note=note,
            read=self._files.get,
        )

    async def _note_sent(self, letter: Waiting, sent: Sent) -> None:
        """Write that the letter left; letters that left together are written together."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sent.append((letter, sent, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_sent())
        await done

    async def _write_sent(self) -> None:
        """Write until it is written: a letter that left is never handed over again for want of a row."""
        while self._sent:
            group, self._sent = self._sent, []
            while not await self._written(group):  # noqa: ASYNC110 -- a database that is away tells nobody
                await asyncio.sleep(_AWAY)
            for _, __, done in group:
                if not done.done():  # whoever waited was stopped
                    done.set_result(None)

    async def _written(self, group: Sequence[_Noted]) -> bool:
        now = self._database.instant(self._clock.now())
        marks = [{"letter": letter.id, "now": now} for letter, _, __ in group]
        events = [
            {"door": letter.door, "event": event, "message_id": message_id, "part": part}
            for letter, sent, _ in group
            if letter.message_id is not None and not letter.method.startswith("edit")
            for message_id, part, event in sent.messages(letter.message_id, letter.payload)
        ]

        def write(connection: Connection) -> None:
            outbox.mark_sent(connection, marks)
            if events:
                outbox.tie_events(connection, events)

        try:
            await self._database.transact(write)
        except Exception as error:  # noqa: BLE001 -- the database is away
            log.error(Event.LETTER_DELAYED, letter=group[0][0].id, error=type(error).__name__)
            return False
        return True

    async def _delay(self, letter: Waiting, error: TemporaryDeliveryError, wait: float) -> None:
        again_at = self._clock.now() + timedelta(seconds=wait)
        log.warning(Event.LETTER_DELAYED, letter=letter.id, door=letter.door, seconds=round(wait, 1))
        await outbox.mark_failed(self._database, letter.id, state="retry", reason=str(error), again_at=again_at)
        if self._late is not None and self._clock.now() - letter.created_at > _LATE:
            await self._tell_late(letter, self._late)

    async def _tell_late(self, letter: Waiting, late: Callable[[Waiting], None]) -> None:
        """Tell the first late letter of a spell of trouble; each letter is weighed once."""
        async with self._weighing:
            if letter.progress.get("late"):
                return
            letter.progress["late"] = True
            await outbox.mark_progress(self._database, letter.id, letter.progress)
            if await outbox.begins_trouble(self._database, letter.door, self._clock.now()):
                log.error(Event.LETTER_LATE, letter=letter.id, door=letter.door, kind=letter.kind)
                late(letter)

    async def _give_up(self, letter: Waiting, error: DeliveryError) -> None:
        doubtful = isinstance(error, DoubtfulDeliveryError)
        event = Event.LETTER_DOUBTED if doubtful else Event.LETTER_ABANDONED
        log.error(event, letter=letter.id, door=letter.door, kind=letter.kind)
        state = "doubtful" if doubtful else "abandoned"
        await outbox.mark_failed(self._database, letter.id, state=state, reason=str(error))
        if self._failed is not None:
            self._failed(letter, state)


def _messages_named(payload: Mapping[str, Any]) -> list[int]:
    """The messages that a letter speaks of: a reply, an edit, a deletion, a thread."""
    reply = payload.get("reply_parameters") or {}
    named = (payload.get("message_id"), payload.get("message_thread_id"), reply.get("message_id"))
    return [int(message) for message in named if message is not None]
