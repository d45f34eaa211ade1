"""One conversation with a Bot API server that others wrote (npm `telegram-test-api`), in its own process."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.accounts import TelegramSettings
from bot.channels.door import Mailbox
from bot.channels.telegram.door import TelegramDoor
from bot.clock import Clock
from bot.host import Hosted, hosting
from deploy.page.build import install
from storage.tables import Candidature
from tests.channels.telegram.conftest import OpenWorld, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.rules import check_text
from tests.channels.telegram.stub import TOKEN, StubTelegram

pytestmark = pytest.mark.server  # installs the emulator and starts it, in Node
ROOT = Path(__file__).parents[3]
FOLDER = Path(__file__).with_name("emulator")
CAMILLE = 77001
BUTTONS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Oui", callback_data="o")]])
TALK = (
    ("says", "bonjour"),
    ("taps", "J’accepte"),
    ("taps", "Oui"),
    ("says", "2"),
    ("says", "combien de temps dure l'entretien ?"),
    ("commands", "/reprendre"),
)


class Emulator:
    """The server at `url`, and its own client as one person."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process, self.url = process, url
        self._numbers = itertools.count(1)

    async def do(self, deed: str, **given: Any) -> Any:
        """Something that the person does, carried out by the emulator's client."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"id": next(self._numbers), "do": deed, **given}).encode() + b"\n")
        said = json.loads(await self._process.stdout.readline())
        assert "error" not in said, said
        return said["result"]

    async def heard(self) -> list[dict[str, Any]]:
        """What the bot said, in order, as it stands now."""
        said = [one for one in await self.do("history") if "chat_id" in one.get("message", {})]
        return [{**one["message"], "message_id": one["messageId"]} for one in said]

    async def hears_more(self, than: int = 0) -> None:
        """Wait until more messages of the bot are there."""
        while len(await self.heard()) <= than:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def emulator(user: int) -> AsyncIterator[Emulator]:
    environment = await asyncio.to_thread(install, ROOT, str(FOLDER.relative_to(ROOT)))
    pipe, command = asyncio.subprocess.PIPE, ("node", str(FOLDER / "serve.mjs"), TOKEN, str(user), "Camille")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=pipe, stdout=pipe, limit=2**24)
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(60):
        yield Emulator(process, json.loads(await process.stdout.readline())["url"])
    process.stdin.close()
    await process.wait()


@asynccontextmanager
async def hosted(dispatcher: Dispatcher, server: Emulator, folder: Path) -> AsyncIterator[Hosted]:
    """A bot of the test's own, at work there."""
    settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": server.url})

    def make(mailbox: Mailbox, clock: Clock) -> TelegramDoor:
        return TelegramDoor(settings, mailbox, clock, hold=1)

    async with hosting(dispatcher, make, "telegram", folder=folder) as bot:
        running = asyncio.create_task(bot.run())
        yield bot
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def press(shown: Sequence[dict[str, Any]], label: str) -> tuple[dict[str, Any], str]:
    """The last message that bears a button, and what the button says."""
    pressable = [
        (message, button["callback_data"])
        for message in shown
        for row in (message.get("reply_markup") or {}).get("inline_keyboard", [])
        for button in row
        if button["text"] == label
    ]
    return pressable[-1]


async def talk(world: World, server: Emulator) -> list[str]:
    """The whole talk on the emulator: the words of the bot."""
    for deed, words in TALK:
        before = await server.heard()
        if deed == "taps":
            message, data = press(before, words)
            shown = {"message_id": message["message_id"], "date": 1491807600, "text": message["text"]}
            await server.do("taps", message=shown, data=data)
        else:
            await server.do(deed, text=words)
        await server.hears_more(than=len(before))
        await world.app.settled()
    return [check_text(message) for message in await server.heard()]  # it shows the markup, we what people see


async def same_talk(world: World, person: Person) -> list[str]:
    """The same talk on our own server."""
    for deed, words in TALK:
        person.taps(words) if deed == "taps" else person.says(words)
        await world.settled()
    return person.words


async def test_a_server_of_others_carries_the_same_conversation_as_ours(
    open_world: OpenWorld, stub: StubTelegram
) -> None:
    async with open_world(folder="ours") as world:
        ours = await same_talk(world, Person(stub, CAMILLE))

    async with emulator(CAMILLE) as server, open_world(folder="theirs", api_url=server.url) as world:
        theirs = await talk(world, server)
        answers = [one.answers for one in await world.rows(Candidature)]

    assert theirs == ours
    assert answers == [{"corps": "oui", "cafipemf": "en_preparation"}]


async def test_words_are_changed_and_taken_back_there(tmp_path: Path) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def change(message: Message) -> None:
        first, second = await message.answer("avant"), await message.answer("de trop")
        await first.edit_text("après")
        await first.edit_reply_markup(reply_markup=BUTTONS)
        await second.delete()

    async with emulator(CAMILLE) as server, hosted(dispatcher, server, tmp_path) as bot:
        await server.do("says", text="bonjour")
        await server.hears_more()
        await bot.settled()
        left = await server.heard()

    assert [message["text"] for message in left] == ["après"]
    assert press(left, "Oui") == (left[0], "o")
