"""Files that a person sends together: several arrivals, one thing said, one answer."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, takewhile

from aiogram import Bot
from aiogram.types import Message
from pydantic import TypeAdapter

from bot.channels.arrival import Arrival, received_instant
from bot.channels.translate import update_of
from bot.errors import TornAlbumError
from storage.inbox import Arrived
from storage.work import UnitOfWork

_ARRIVAL: TypeAdapter[Arrival] = TypeAdapter(Arrival)

_MARKS = ('"kind":"file"', '"media_group_id":')  # words that people type cannot hold: their quotes are escaped
_COMMANDS = ("/", "!")
_MOST = 10  # files that Telegram shows as one album, and that one answer can name


def group_of(arrived: Arrived) -> str | None:
    """What the files that came together have in common; None for what stands by itself.

    On Telegram it is the album; elsewhere who sent them, how, and in answer to what. Words under a file that are a
    command are about that file alone.
    """
    if not any(mark in arrived.payload for mark in _MARKS):
        return None
    said = json.loads(arrived.payload)
    message = said["update"].get("message") or {} if said["kind"] == "raw" else said
    if not said["direct"] or (message.get("caption") or "").startswith(_COMMANDS):
        return None
    if said["kind"] == "raw":
        album: str | None = message.get("media_group_id")
        return album
    return " ".join(str(said[name]) for name in ("sender", "clear", "reply_to", "thread"))


def together(queue: Iterable[Arrived]) -> list[Arrived]:
    """The first arrival of a queue, with the files behind it that came together with it."""
    waiting = iter(queue)
    first = next(waiting)
    group = group_of(first)
    if group is None:
        return [first]
    return [first, *takewhile(lambda arrived: group_of(arrived) == group, islice(waiting, _MOST - 1))]


@dataclass
class Line:
    """The arrivals of one conversation, in order."""

    queue: deque[Arrived] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _hurried: bool = False

    def put(self, arrived: Arrived) -> None:
        """One more."""
        self.queue.append(arrived)
        self._news.set()

    def hurry(self) -> None:
        """What has come is all that is waited for."""
        self._hurried = True
        self._news.set()

    async def next(self, quiet: float) -> list[Arrived]:
        """The first arrival; with a file those sent together with it.

        Args:
            quiet: seconds without another file after which they are complete; 0 for those that are here.
        """
        while True:
            self._news.clear()
            rows = together(self.queue)
            whole = len(rows) < len(self.queue) or len(rows) == _MOST or group_of(rows[0]) is None
            if whole or not quiet or self._hurried:
                self._hurried = False
                return rows
            try:
                async with asyncio.timeout(quiet):
                    await self._news.wait()
            except TimeoutError:
                return rows


class Album:
    """The files that came together with the one being handled: a room that asks for them handles all in one update.

    Those that no room asks for are handled each by itself.
    """

    def __init__(self, rows: Sequence[Arrived], work: UnitOfWork, bot: Bot) -> None:
        self._rows = rows
        self._work = work
        self._bot = bot
        self._asked_for = False

    async def __call__(self) -> list[tuple[Message, datetime]]:
        """The others, each with the instant that counts for it."""
        self._asked_for = True
        taken = []
        for row in self._rows:
            arrival = _ARRIVAL.validate_json(row.payload)
            update = await update_of(arrival, self._work, self._bot)
            self._work.along.append(row.id)
            if update is not None and update.message is not None:
                taken.append((update.message, received_instant(arrival.sent_at, arrival.arrived_at)))
        return taken

    def check_kept(self) -> None:
        """Refuse a commit that would keep one file of many.

        Raises:
            TornAlbumError: the room that asked for the others failed, and what it did was forgotten.
        """
        if self._asked_for and len(self._work.along) != len(self._rows):
            raise TornAlbumError("handled file by file")
