"""Who may open a conversation with the bot: people of the allowed homeservers; the others are told why not."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.door import Mailbox
from bot.channels.matrix.client import Client, quoted
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.words import DECLINED
from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from bot.events import Event, log

_FACT = "invitations"
_AWAY = 5.0  # seconds between two tries
_PATIENCE = 120.0  # seconds: a join over federation is slow


class Invitations:
    """Invitations, noted before the position moves on and answered beside the listening.

    Args:
        allowed: homeservers whose people are welcome; none named means our own only.
    """

    def __init__(self, client: Client, rooms: Rooms, mailbox: Mailbox, *, allowed: Sequence[str]) -> None:
        self._client = client
        self._rooms = rooms
        self._mailbox = mailbox
        self._allowed = allowed
        self._open: dict[str, dict[str, Any]] = {}
        self._wake = asyncio.Event()

    async def note(self, invited: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep the invitations of a sync (`rooms.invite`)."""
        for room_id, shown in invited.items():
            events = (shown.get("invite_state") or {}).get("events", [])
            ours = next((event for event in events if _invites(event, self._client.user)), None)
            if ours is not None:
                direct = bool((ours.get("content") or {}).get("is_direct"))
                self._open[room_id] = {"by": ours["sender"], "direct": direct}
        if invited:
            self._rooms.joining |= self._open.keys()
            await self._mailbox.remember(_FACT, self._open)
            self._wake.set()

    async def run(self) -> None:
        """Answer invitations until cancelled."""
        self._open = {**(await self._mailbox.recall(_FACT) or {}), **self._open}
        self._rooms.joining |= self._open.keys()
        while True:
            for room_id in list(self._open):
                await self._answer(room_id)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AWAY if self._open else None):
                    await self._wake.wait()

    async def _answer(self, room_id: str) -> None:
        invitation = self._open[room_id]
        path = f"client/v3/rooms/{quoted(room_id)}"
        try:
            if self._welcome(invitation["by"]):
                await self._client.call("POST", f"{path}/join", {}, patience=_PATIENCE)
                if invitation["direct"]:
                    await self._mailbox.remember(f"direct.{invitation['by']}", room_id)
                log.info(Event.INVITATION_ACCEPTED, room=room_id)
            else:
                await self._client.call("POST", f"{path}/leave", {"reason": DECLINED})
                log.info(Event.INVITATION_DECLINED, room=room_id)
        except TemporaryDeliveryError:
            return
        except PermanentDeliveryError:
            log.warning(Event.INVITATION_DECLINED, room=room_id)
        self._open.pop(room_id, None)
        self._rooms.joining.discard(room_id)
        await self._mailbox.remember(_FACT, self._open)

    def _welcome(self, person: str) -> bool:
        own = self._client.user.partition(":")[2]
        return person.partition(":")[2] in (self._allowed or (own,))


def _invites(event: Mapping[str, Any], me: str) -> bool:
    content = event.get("content") or {}
    return (
        event.get("type") == "m.room.member" and event.get("state_key") == me and content.get("membership") == "invite"
    )
