"""Somebody in one encrypted room with the bot: writes whatever happens to the servers, waits for an answer, reads."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nio.crypto.attachments import encrypt_attachment

from tests.channels.matrix.person import Person

_PATIENCE = 120.0  # seconds for an answer: the bot may be killed twice meanwhile
_PAGE = 1000  # events that the homeserver gives at once
_AGAIN = 0.3  # seconds before another try


class Conversation:
    """One person in one room.

    Args:
        room: empty for somebody who waits to be invited by the bot.
    """

    def __init__(self, person: Person, bot: str, room: str = "") -> None:
        self.person = person
        self.room = room
        self._bot = bot
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Receive until cancelled."""
        while True:
            with contextlib.suppress(Exception):
                await self.person.sync(20_000)
                self._news.set()
                continue
            await asyncio.sleep(_AGAIN)

    def heard(self) -> list[str]:
        """The words of the bot so far, in the order of their arrival."""
        return [words for event in self.person.seen if (words := self._words(event))]

    async def say(self, text: str) -> None:
        """Write, again as long as the homeserver is away."""
        await self._send({"msgtype": "m.text", "body": text})

    async def ask(self, text: str, answer: str) -> str:
        """Write, and wait for words in which `answer` (an expression) is found."""
        since = len(self.heard())
        await self.say(text)
        return await self.until(answer, since)

    async def give(self, path: Path, mime: str, answer: str, *, caption: str = "") -> str:
        """Send a file, encrypted, and wait for an answer."""
        since = len(self.heard())
        data = await asyncio.to_thread(path.read_bytes)
        sealed, keys = encrypt_attachment(data)
        uploaded, _ = await self.person.client.upload(
            lambda *_: sealed, "application/octet-stream", filesize=len(sealed)
        )
        content = {"msgtype": "m.file", "body": caption or path.name, "filename": path.name}
        info = {"mimetype": mime, "size": len(data)}
        await self._send({**content, "info": info, "file": {**keys, "url": uploaded.content_uri}})
        return await self.until(answer, since)

    async def until(self, answer: str, since: int = 0) -> str:
        """Wait for words of the bot, later than the first `since` ones, in which `answer` is found."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while (found := self._found(answer, since)) is None:
                    self._news.clear()
                    await self._news.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"« {answer} » was not said; after: {self.heard()[since:]}") from None

    async def reread(self) -> list[Any]:
        """Everything that the bot left in the room, as the homeserver keeps it, oldest first."""
        if not self.room:
            (self.room,) = self.person.client.rooms
        answer = await self.person.client.room_messages(self.room, start="", limit=_PAGE)
        assert len(answer.chunk) < _PAGE
        return [event for event in reversed(answer.chunk) if event.sender == self._bot]

    def _found(self, answer: str, since: int) -> str | None:
        return next((words for words in self.heard()[since:] if re.search(answer, words)), None)

    def _words(self, event: Any) -> str:
        return str(getattr(event, "body", "")) if event.sender == self._bot else ""

    async def _send(self, content: Mapping[str, Any]) -> None:
        key = secrets.token_hex(8)  # the same at every try: the homeserver keeps one
        while True:
            with contextlib.suppress(Exception):
                answer = await self.person.client.room_send(
                    self.room, "m.room.message", dict(content), tx_id=key, ignore_unverified_devices=True
                )
                if hasattr(answer, "event_id"):
                    return
            await asyncio.sleep(_AGAIN)
