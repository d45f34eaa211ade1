"""A mailbox in memory: what a door may ask of the house, without the house."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.channels.arrival import Arrival


class MemoryMailbox:
    """Implements `bot.channels.door.Mailbox`; `broken` receipts fail before one is taken."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.facts: dict[str, str] = {}
        self.events_read: list[str] = []
        self.broken = 0
        self._changed = asyncio.Event()

    async def receive(self, arrivals: Sequence[Arrival], *, position: str | None = None) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the memory is away")
        for arrival in arrivals:
            arrival.model_dump_json()  # as the house writes it
        seen = {arrival.event for arrival in self.arrivals}
        self.arrivals += [arrival for arrival in arrivals if arrival.event not in seen]
        if position is not None:
            await self.remember("position", position)
        self._changed.set()

    async def read(self, events: Sequence[str], *, at: datetime) -> None:
        del at
        self.events_read += events
        self._changed.set()

    async def position(self) -> str | None:
        stored: str | None = await self.recall("position")
        return stored

    async def known(self, events: Sequence[str]) -> frozenset[str]:
        seen = {arrival.event for arrival in self.arrivals}
        return frozenset(event for event in events if event in seen)

    async def recall(self, key: str) -> Any:
        return json.loads(self.facts[key]) if key in self.facts else None

    async def remember(self, key: str, value: Any) -> None:
        self.facts[key] = json.dumps(value)
        self._changed.set()

    async def until(self, test: Callable[["MemoryMailbox"], Any]) -> Any:
        """Wait until `test` finds something in here."""
        async with asyncio.timeout(60):
            while not (found := test(self)):
                self._changed.clear()
                await self._changed.wait()
            return found

    def of_kind(self, kind: str) -> list[Any]:
        """What arrived, of one kind."""
        return [arrival for arrival in self.arrivals if arrival.kind == kind]

    def texts(self) -> list[str]:
        """The words that arrived, in order."""
        return [arrival.text for arrival in self.of_kind("text")]
