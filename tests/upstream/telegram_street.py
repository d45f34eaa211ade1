"""The people of a page on Telegram: a Bot API server of ours and the updates that phones cause."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from bot.accounts import TelegramSettings
from bot.channels.console import Said
from bot.channels.door import FILES, Door
from bot.channels.mailbox import DoorMailbox
from bot.channels.telegram.door import TelegramDoor
from bot.channels.translate import buttons_of
from bot.clock import Clock
from deploy.homeserver import free_port
from storage.database import Database
from storage.work import UnitOfWork
from tests.channels.telegram.person import Person
from tests.channels.telegram.rules import check_caption, check_text
from tests.channels.telegram.stub import TOKEN, StubTelegram
from tests.upstream.streets import Take, stop

PEOPLE = ("camille", "dominique", "claude")


class TelegramStreet:
    """Implements `tests.upstream.streets.Street`."""

    def __init__(self, database: Database, clock: Clock, take: Take) -> None:
        port = free_port()
        self._stub = StubTelegram(port)
        settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": f"http://127.0.0.1:{port}"})
        self._telegram = TelegramDoor(settings, DoorMailbox("telegram", database, take), clock, hold=1)
        self.door: Door = self._telegram
        self._stack = contextlib.AsyncExitStack()
        self._people = {who: Person(self._stub, 7000 + place, who.capitalize()) for place, who in enumerate(PEOPLE)}
        self._keyboards: dict[str, dict[str, Any]] = {}
        self._read = 0

    async def open(self) -> None:
        await self._stack.enter_async_context(self._stub)
        await self._telegram.open()
        self._stack.push_async_callback(self._telegram.close)
        listening = asyncio.create_task(self._telegram.run())
        self._stack.push_async_callback(stop, listening)

    async def close(self) -> None:
        await self._stack.aclose()

    async def meet(self, work: UnitOfWork) -> int:
        del work
        return self._people["camille"].id

    async def enter(self, who: str) -> None:
        self._people[who].enters()
        await self._received()

    async def say(self, who: str, text: str) -> str:
        message = self._people[who].says(text)
        await self._received()
        return str(message["message_id"])

    async def edit(self, who: str, target: str, text: str) -> None:
        person = self._people[who]
        person.edits(person.chat.messages[int(target)], text)
        await self._received()

    async def tap(self, who: str, option: int) -> None:
        shown, person = self._keyboards[who], self._people[who]
        if "inline_keyboard" in shown["_keyboard"]:
            person.taps(option + 1, on=shown)
        else:
            person.says(buttons_of(shown["_keyboard"])[option]["text"])
        await self._received()

    async def drop(self, who: str, path: Path) -> None:
        self._people[who].drops(path)
        await self._received()

    async def heard(self) -> list[Said]:
        fresh, self._read = self._stub.calls[self._read :], len(self._stub.calls)
        for who, person in self._people.items():
            shown = [message for message in person.heard if buttons_of(message.get("_keyboard") or {})]
            self._keyboards |= {who: shown[-1]} if shown else {}
        said: list[Said] = []
        for method, data in fresh:
            one = self._said(method, data)
            # A typed press has no button to answer on: its words come as a message.
            again = said and one and said[-1].method == "answerCallbackQuery" and said[-1].text == one.text
            said += [one] if one and not again else []
        return said

    def _said(self, method: str, data: dict[str, Any]) -> Said | None:
        if method == "answerCallbackQuery":
            return Said("camille", method, data["text"]) if data.get("text") else None
        if not method.startswith(("send", "edit")) or method == "sendChatAction":
            return None
        who = next(who for who, person in self._people.items() if person.id == int(data["chat_id"]))
        text = check_text(data) if data.get("text") else check_caption(data).get("caption", "")
        choices = [button["text"] for button in buttons_of(data.get("reply_markup") or {})]
        return Said(who, method, text, choices, data.get(FILES.get(method, "")))

    async def _received(self) -> None:
        async with asyncio.timeout(30):
            while self._stub.unconfirmed:
                await asyncio.sleep(0.005)
