"""Messages that came without their key: kept until it comes, and asked for again, once, when it does not."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.channels.door import Mailbox
from bot.channels.matrix.client import Client
from bot.channels.matrix.history import Read, opened
from bot.channels.matrix.render import MESSAGE
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.words import UNREADABLE
from bot.clock import Clock
from bot.errors import DeliveryError
from bot.events import Event, log

_PATIENCE = timedelta(seconds=20)  # a key often comes just after its message
_CALM = timedelta(minutes=10)  # between two such sentences in one room
_FACT = "unread"
_MOST_TOLD = 500


class Unread:
    """The sealed messages of all rooms; kept in the memory, so that a kill does not lose them.

    `count` says how many could never be read since the start.
    """

    def __init__(self, client: Client, rooms: Rooms, mailbox: Mailbox, clock: Clock) -> None:
        self._client = client
        self._rooms = rooms
        self._mailbox = mailbox
        self._clock = clock
        self._waiting: list[dict[str, Any]] = []
        self._told: dict[str, str] = {}
        self.count = 0

    async def load(self) -> None:
        """Take up what an earlier run kept."""
        kept = await self._mailbox.recall(_FACT) or {}
        self._waiting = list(kept.get("waiting", []))
        self._told = dict(kept.get("told", {}))

    async def keep(self, room_id: str, sealed: Sequence[Read]) -> None:
        """Keep sealed messages until their key comes; called before the position moves on."""
        known = {item["source"]["event_id"] for item in self._waiting}
        now = self._clock.now().isoformat()
        fresh = [one for one in sealed if one.event not in known and one.source["sender"] != self._client.user]
        self._waiting += [{"room": room_id, "source": dict(one.source), "since": now} for one in fresh]
        if fresh:
            await self._store()

    def readable(self) -> list[tuple[str, Read]]:
        """Those whose key has come: `(room, event)`. They stay kept until `done`."""
        tried = ((item["room"], opened(self._client, item["room"], item["source"])) for item in self._waiting)
        return [(room, one) for room, one in tried if not one.sealed]

    async def done(self, events: Sequence[str]) -> None:
        """These are received."""
        self._waiting = [item for item in self._waiting if item["source"]["event_id"] not in events]
        await self._store()

    @property
    def waits(self) -> bool:
        """Whether a key may still come."""
        return bool(self._waiting)

    async def ask_again(self) -> None:
        """Tell whoever wrote what stays sealed, once for each room and session, to send it again."""
        now = self._clock.now()
        late = [item for item in self._waiting if now - datetime.fromisoformat(item["since"]) >= _PATIENCE]
        if not late:
            return
        for item in late:
            self.count += 1
            log.warning(Event.EVENT_UNREADABLE, matrix_event=item["source"]["event_id"])
            await self._tell(item, now)
        ended = {item["source"]["event_id"] for item in late}
        self._waiting = [item for item in self._waiting if item["source"]["event_id"] not in ended]
        await self._store()

    async def _tell(self, item: dict[str, Any], now: datetime) -> None:
        room, session = item["room"], str(item["source"]["content"].get("session_id", ""))
        once = hashlib.sha256(f"{room} {session}".encode()).hexdigest()[:32]
        last = self._told.get(room)
        if once in self._told or (last is not None and now - datetime.fromisoformat(last) < _CALM):
            return
        try:
            await self._rooms.put(room, MESSAGE, {"msgtype": "m.notice", "body": UNREADABLE}, f"unread-{once}")
        except DeliveryError:
            return
        self._told |= {once: now.isoformat(), room: now.isoformat()}
        self._told = dict(list(self._told.items())[-_MOST_TOLD:])

    async def _store(self) -> None:
        await self._mailbox.remember(_FACT, {"waiting": self._waiting, "told": self._told})
