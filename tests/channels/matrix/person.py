"""A person with an ordinary client, and what a letter to them looks like."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import nio

from bot.channels.door import Parcel

_numbers = itertools.count(1)
_PATIENCE = 120.0  # seconds: the bot may be a program that starts, on a machine that does other things


class Person:
    """Somebody on the homeserver, with a client of their own (nio, encrypted)."""

    def __init__(self, url: str, user: str, password: str, folder: Path) -> None:
        config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False, pickle_key="person")
        folder.mkdir(parents=True, exist_ok=True)
        self.client: Any = nio.AsyncClient(url, user, store_path=str(folder), config=config)
        self._password = password
        self.seen: list[Any] = []

    async def __aenter__(self) -> Self:
        await self.client.login(self._password)
        await self.sync()
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()
        if self.client.store is not None:
            self.client.store.database.close()

    @property
    def user(self) -> str:
        return str(self.client.user_id)

    async def sync(self, wait: int = 0) -> None:
        response = await self.client.sync(timeout=wait)
        assert isinstance(response, nio.SyncResponse), response
        for room_id in response.rooms.invite:
            await self.client.join(room_id)
        for info in response.rooms.join.values():
            self.seen += info.timeline.events
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()

    async def until(self, test: Any) -> Any:
        """Listen until an event passes `test`."""
        async with asyncio.timeout(_PATIENCE):
            while not (found := [event for event in self.seen if test(event)]):
                await self.sync(1000)
            return found[0]

    async def open_room(self, bot: str, *, encrypted: bool = True, direct: bool = True) -> str:
        """Open a conversation with the bot."""
        state = [nio.EnableEncryptionBuilder().as_dict()] if encrypted else []
        answer = await self.client.room_create(is_direct=direct, invite=[bot], initial_state=state)
        await self.sync()
        return str(answer.room_id)

    async def joined(self, room: str, bot: str) -> None:
        """Wait until the bot has come in."""
        here = self.client.rooms[room]
        async with asyncio.timeout(_PATIENCE):
            while bot not in here.users or bot in here.invited_users:
                await self.sync(1000)

    async def say(self, room: str, text: str, **more: Any) -> str:
        return await self.send(room, {"msgtype": "m.text", "body": text, **more})

    async def send(self, room: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        answer = await self.client.room_send(room, kind, dict(content), ignore_unverified_devices=True)
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)

    async def upgrade(self, room: str, version: str = "12") -> str:
        """Replace a room by a new one, as nio has no word for; returns the new one."""
        path, asked = f"/_matrix/client/v3/rooms/{room}/upgrade", json.dumps({"new_version": version})
        answer = await self.client.send("POST", path, asked, self._headers)
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["replacement_room"])

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.client.access_token}", "Content-Type": "application/json"}

    async def hand_over(self, messages: Mapping[str, Any], kind: str = "m.room.encrypted", key: str = "late") -> None:
        """Send what was encrypted to devices before."""
        method, path, data = nio.Api.to_device("", kind, messages, key)
        answer = await self.client.send(method, path.partition("?")[0], data, self._headers)
        assert answer.status == 200, await answer.text()


class Post:
    """Writes letters for a door, and keeps what the door noted of them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.notes: list[Mapping[str, Any]] = []
        self.files: dict[str, bytes] = {}

    def letter(
        self,
        room: str,
        method: str,
        *,
        key: str | None = None,
        targets: Mapping[int, tuple[str, ...]] | None = None,
        progress: Mapping[str, Any] | None = None,
        written_at: datetime | None = None,
        **payload: Any,
    ) -> Parcel:
        async def note(facts: Mapping[str, Any]) -> None:
            self.notes.append(facts)

        return Parcel(
            key=key or f"test-{id(self)}-{next(_numbers)}",
            room=room,
            method=method,
            payload=payload,
            targets=targets or {},
            progress=progress or {},
            written_at=written_at or self.now,
            note=note,
            read=self.files.__getitem__,
        )
