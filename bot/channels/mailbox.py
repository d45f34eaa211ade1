"""A door's way into the memory, and from there to the clerk."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bot.channels.arrival import Arrival
from storage import inbox, outbox
from storage.database import Database
from storage.inbox import Arrived, NewArrival


class DoorMailbox:
    """Implements `bot.channels.door.Mailbox` for the door called `name`.

    Args:
        take: receives arrivals that are new.
        heard: called each time the network has spoken, even to say nothing: the sign of life.
    """

    def __init__(
        self,
        name: str,
        database: Database,
        take: Callable[[list[Arrived]], None],
        *,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._database = database
        self._take = take
        self._heard = heard

    async def receive(self, arrivals: Sequence[Arrival], *, position: str | None = None) -> None:
        """Keep arrivals and the position in one transaction, then hand on those that are new."""
        new = [
            NewArrival(arrival.event, arrival.room, arrival.model_dump_json(), arrival.sent_at, arrival.arrived_at)
            for arrival in arrivals
        ]
        self._take(await inbox.receive(self._database, self._name, new, position=position))
        self._heard()

    async def read(self, events: Sequence[str], *, at: datetime) -> None:
        """Note that letters up to these events were read."""
        await outbox.note_read(self._database, self._name, events, at)

    async def position(self) -> str | None:
        """The position stored last."""
        stored: str | None = await self.recall("position")
        return stored

    async def known(self, events: Sequence[str]) -> frozenset[str]:
        """Those of `events` that were received before."""
        return await self._database.query(partial(inbox.known, door=self._name, events=events))

    async def recall(self, key: str) -> Any:
        """A small fact of the door."""
        return await self._database.query(partial(inbox.fact, key=f"{self._name}.{key}"))

    async def remember(self, key: str, value: Any) -> None:
        """Store a small fact of the door."""
        await inbox.remember(self._database, f"{self._name}.{key}", value)
