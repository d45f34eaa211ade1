"""What was said in a room while nobody listened, and what we said ourselves a day ago."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import nio

from bot.channels.door import Mailbox
from bot.channels.matrix.client import SEALED, Client, RefusedError, quoted, sound
from bot.channels.matrix.render import KEY
from bot.channels.matrix.translate import instant

_PAGE = "100"
_DOUBT = timedelta(minutes=10)  # how far two clocks may differ when we look for our own event
_MOST_PAGES = 50  # when we look for our own event


@dataclass(frozen=True)
class Read:
    """One event as we could read it; `source` is the decrypted event, or the sealed one when `sealed`."""

    source: Mapping[str, Any]
    decrypted: bool
    sealed: bool

    @property
    def event(self) -> str:
        """Its id."""
        return str(self.source["event_id"])


def opened(client: Client, room_id: str, source: Mapping[str, Any]) -> Read:
    """An event of the server, decrypted if we have its key.

    What is sealed comes from a person's client and from nobody else: whatever it holds, the listening goes on, and it
    changes no state of the room.
    """
    if source.get("type") != SEALED or client.nio.olm is None:
        return Read(source, decrypted=False, sealed=False)
    try:
        event = nio.Event.parse_event(copy.deepcopy(dict(source)))
        if not isinstance(event, nio.MegolmEvent):
            return Read(source, decrypted=False, sealed=isinstance(event, nio.UnknownEncryptedEvent))
        event.room_id = room_id
        found = client.nio.decrypt_event(event)
    except Exception:  # noqa: BLE001 -- no key yet, or what a stranger sealed makes nio raise anything
        return Read(source, decrypted=False, sealed=True)
    if not found.decrypted or "state_key" in found.source:
        return Read(source, decrypted=False, sealed=False)
    return Read(sound(found.source), decrypted=True, sealed=False)


class History:
    """Walks back through a room."""

    def __init__(self, client: Client, mailbox: Mailbox) -> None:
        self._client = client
        self._mailbox = mailbox

    async def gap(self, room_id: str, start: str, until: str | None) -> list[Read]:
        """What happened between two syncs and was left out of the second, oldest first.

        Args:
            start: where the second sync's timeline begins (`prev_batch`).
            until: the position of the first sync; None for a room that we have just entered.
        """
        found: list[Mapping[str, Any]] = []
        while start:
            page = await self._page(room_id, start, until)
            known = await self._mailbox.known([event["event_id"] for event in page["chunk"]])
            for event in page["chunk"]:
                if event["event_id"] in known or (until is None and lets_in(event, self._client.user)):
                    return self._opened(room_id, found)
                found.append(event)
            start = page.get("end", "") if page["chunk"] else ""
        return self._opened(room_id, found)

    def _opened(self, room_id: str, newest_first: list[Mapping[str, Any]]) -> list[Read]:
        return [opened(self._client, room_id, event) for event in reversed(newest_first)]

    async def _page(self, room_id: str, start: str, until: str | None) -> Mapping[str, Any]:
        query = {"dir": "b", "from": start, "limit": _PAGE} | ({"to": until} if until else {})
        try:
            answer = await self._client.call("GET", f"client/v3/rooms/{quoted(room_id)}/messages", query=query)
        except RefusedError:
            return {"chunk": []}  # we are no longer in the room: nothing there is ours to answer
        return answer if isinstance(answer, dict) else {"chunk": []}

    async def find(self, room_id: str, key: str, written_at: datetime, offset: timedelta) -> str | None:
        """Our own event that carries `key`, if it left before: the server forgets transactions after a day."""
        start = ""
        for _ in range(_MOST_PAGES):
            query = {"dir": "b", "limit": _PAGE} | ({"from": start} if start else {})
            path = f"client/v3/rooms/{quoted(room_id)}/messages"
            page = await self._client.call("GET", path, query=query)
            for source in page["chunk"]:
                if instant(source, offset) < written_at - _DOUBT:
                    return None
                if source["sender"] == self._client.user and self._carries(room_id, source, key):
                    return str(source["event_id"])
            start = page.get("end", "")
            if not start or not page["chunk"]:
                break
        return None

    def _carries(self, room_id: str, source: Mapping[str, Any], key: str) -> bool:
        return (opened(self._client, room_id, source).source.get("content") or {}).get(KEY) == key

    async def content(self, room_id: str, event: str) -> Mapping[str, Any]:
        """What an event says, as it was last edited; nothing where it can no longer be read."""
        try:
            source = await self._client.call("GET", f"client/v3/rooms/{quoted(room_id, 'event', event)}")
        except RefusedError:
            return {}
        edit = ((source.get("unsigned") or {}).get("m.relations") or {}).get("m.replace") or {}
        return self._content(room_id, edit).get("m.new_content") or self._content(room_id, source)

    def _content(self, room_id: str, source: Mapping[str, Any]) -> Mapping[str, Any]:
        one = opened(self._client, room_id, source)
        return {} if one.sealed else one.source.get("content") or {}


def lets_in(event: Mapping[str, Any], me: str) -> bool:
    """Whether nothing was said to us before this event: our invitation, or our coming in by ourselves."""
    if event.get("type") != "m.room.member" or event.get("state_key") != me:
        return False
    before = ((event.get("unsigned") or {}).get("prev_content") or {}).get("membership")
    membership = event["content"].get("membership")
    return membership == "invite" or (membership == "join" and before not in {"invite", "join"})
