"""The Matrix door and the people in front of it, for the pages of what only this door does.

The door is the product's own, with its keys; the homeserver is ours. A person's client hands its keys to the bot by
itself: that real clients do is for the journeys. Of what the bot says its words are shown, which hold its choices.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from nio.crypto import InboundGroupSession, OutboundGroupSession

from bot.accounts import MatrixSettings
from bot.channels.console import BUREAU, Said
from bot.channels.door import Mailbox
from bot.channels.matrix.client import SEALED
from bot.channels.matrix.door import MatrixDoor
from bot.channels.matrix.history import opened
from bot.clock import Clock
from tests.channels.matrix.stub import BOT, StubHomeserver

_HERE = "stub"  # the server of the bot


class SealingHomeserver(StubHomeserver):
    """A homeserver with rooms that are encrypted, and the keys of the bot."""

    def __init__(self) -> None:
        super().__init__()
        self.sealed = {BUREAU}
        self.position = 0  # up to where the bot has kept what happened
        self.told: Callable[[str, Mapping[str, Any]], None] = lambda *_: None
        self._device: Mapping[str, Any] = {}
        self._account: Mapping[str, Any] = {}

    @property
    def account(self) -> MatrixSettings:
        """The account of the bot, which requires encryption."""
        return MatrixSettings.model_validate({"homeserver": self.url, "user": BOT, "password": "x"})

    async def _served(self, request: web.Request, parts: Sequence[str]) -> web.StreamResponse:
        match [request.method, *parts]:
            case ["POST", "client", "v3", "keys", "upload"]:
                self._device = (await request.json()).get("device_keys") or self._device
                return web.json_response({"one_time_key_counts": {"signed_curve25519": 50}})
            case ["POST", "client", "v3", "keys", "device_signing", "upload"]:
                self._account = await request.json()
            case ["POST", "client", "v3", "keys", "query"]:
                return web.json_response(self._keys())
            case ["GET", "client", "v3", "rooms", room, "state", "m.room.encryption"] if room in self.sealed:
                return web.json_response({"algorithm": "m.megolm.v1.aes-sha2"})
            case ["POST", "client", "v3", "rooms", room, "leave"]:
                self.told(room, {"type": "m.room.message", "content": {"body": (await request.json())["reason"]}})
            case ["POST", "client", "v3", "rooms", room, "join"]:
                before = {"unsigned": {"prev_content": {"membership": "invite"}}}
                self.happen(room, {"membership": "join"}, sender=BOT, type="m.room.member", state_key=BOT, **before)
        return await super()._served(request, parts)

    def _keys(self) -> dict[str, Any]:
        crossed = {f"{name}s": {BOT: key} for name, key in self._account.items()}
        return {"failures": {}, "device_keys": {BOT: {"STUB": self._device} if self._device else {}}, **crossed}

    async def _sync(self, query: Mapping[str, str]) -> dict[str, Any]:
        self.position = int(query.get("since", "0"))
        return await super()._sync(query)

    async def _send(self, room: str, kind: str, key: str, content: dict[str, Any]) -> str:
        known = len(self.events[room])
        event = await super()._send(room, kind, key, content)
        for fresh in self.events[room][known:]:
            self.told(room, fresh)
        return event


class StagedMatrixDoor(MatrixDoor):
    """The door, listening; its rooms are named by who opened them."""

    def __init__(
        self, mailbox: Mailbox, clock: Clock, show: Callable[[Said], None], *, stub: SealingHomeserver, folder: Path
    ) -> None:
        super().__init__(stub.account, mailbox, clock, folder, "un secret assez long")
        self._stub = stub
        self._show = show
        self._whose: dict[str, str] = {}  # by room
        self._sessions: dict[str, OutboundGroupSession] = {}  # by room
        stub.told = self._tell

    async def open(self) -> None:
        """Come in, and listen."""
        await super().open()
        self._listening = asyncio.create_task(self.run())

    async def close(self) -> None:
        """Stop listening."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        await super().close()

    # --- what people do ---

    async def enter(self, who: str, *, plain: str = "", server: str = _HERE) -> None:
        """A person invites the bot, from a server, to a room that is encrypted or not; until the bot has reacted."""
        room, user = f"!{who}{len(self._whose)}:{_HERE}", f"@{who}:{server}"
        self._whose[room] = who
        self._stub.members[room] = [BOT, user]
        if not plain:
            self._stub.sealed.add(room)
        self._stub.invite(room, user)
        await self._until(lambda: room not in self._stub.invited)
        await self._kept()
        if plain:
            await self._until(lambda: any(self._stub.said(room)))

    async def say(self, who: str, text: str, *, clear: bool = False) -> str:
        """A person types words, in the room they opened last; until the bot has kept them."""
        room = next(room for room, one in reversed(self._whose.items()) if one == who)
        content, sealed = {"msgtype": "m.text", "body": text}, room in self._stub.sealed and not clear
        event = self._happen(room, *((self._seal(room, content), SEALED) if sealed else (content, "m.room.message")))
        await self._kept()
        return event

    def _happen(self, room: str, content: Mapping[str, Any], kind: str) -> str:
        now = int(self._clock.now().timestamp() * 1000)
        return self._stub.happen(room, content, type=kind, sender=self._stub.members[room][1], origin_server_ts=now)

    def _seal(self, room: str, content: Mapping[str, Any]) -> dict[str, Any]:
        key = f"la clé de {room}"
        session = self._sessions.get(room)
        if session is None:
            session = self._sessions[room] = OutboundGroupSession()
            known = InboundGroupSession(session.session_key, key, key, room)
            self._client.nio.olm.inbound_group_store.add(known)
            session.shared = True
        payload = json.dumps({"type": "m.room.message", "room_id": room, "content": content})
        named = {"algorithm": "m.megolm.v1.aes-sha2", "sender_key": key, "session_id": session.id, "device_id": "UN"}
        return {**named, "ciphertext": session.encrypt(payload)}

    async def _kept(self) -> None:
        last = max((event["number"] for events in self._stub.events.values() for event in events), default=0)
        await self._until(lambda: self._stub.position >= last)

    async def _until(self, test: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not test():
                await asyncio.sleep(0.01)

    # --- what they hear ---

    def _tell(self, room: str, event: Mapping[str, Any]) -> None:
        said = opened(self._client, room, event).source
        if said["type"] == "m.room.message":
            self._show(Said(self._whose.get(room, room), "sendMessage", said["content"]["body"]))
