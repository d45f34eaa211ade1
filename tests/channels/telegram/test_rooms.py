"""An aiogram bot behind the Telegram door: what its handlers see, and what Telegram itself answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Message, MessageReactionUpdated, PollAnswer

from bot.accounts import TelegramSettings
from bot.channels.telegram.door import TelegramDoor
from bot.host import Hosted, hosting
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
async def hosted(router: Router, stub: StubTelegram, tmp_path: Path) -> AsyncIterator[Hosted]:
    settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": stub.url})
    dispatcher = Dispatcher()
    dispatcher.include_router(router)

    def make(mailbox: Any, clock: Any) -> TelegramDoor:
        return TelegramDoor(settings, mailbox, clock, hold=1)

    async with hosting(dispatcher, make, "telegram", folder=tmp_path) as opened:
        running = asyncio.create_task(opened.run())
        yield opened
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def settled(hosted: Hosted, stub: StubTelegram) -> None:
    async with asyncio.timeout(20):
        while stub.unconfirmed:
            await asyncio.sleep(0.005)
        await hosted.settled()


async def test_a_vote_names_the_poll_that_was_sent_and_may_be_taken_back(
    router: Router, hosted: Hosted, stub: StubTelegram, camille: Person
) -> None:
    polls: list[str] = []
    votes: list[tuple[str, list[int]]] = []

    @router.message()
    async def ask(message: Message) -> None:
        sent = await message.answer_poll("Quand ?", ["Lundi", "Mardi"], is_anonymous=False)
        polls.append(sent.poll.id if sent.poll else "")

    @router.poll_answer()
    async def count(vote: PollAnswer) -> None:
        votes.append((vote.poll_id, vote.option_ids))

    camille.says("bonjour")
    await settled(hosted, stub)
    camille.votes(camille.heard[0], 1)
    camille.votes(camille.heard[0])
    await settled(hosted, stub)

    assert votes == [(polls[0], [1]), (polls[0], [])]


async def test_a_reaction_names_the_message_that_was_sent(
    router: Router, hosted: Hosted, stub: StubTelegram, camille: Person
) -> None:
    numbers: list[int] = []

    @router.message()
    async def answer(message: Message) -> None:
        numbers.append((await message.answer("Voilà.")).message_id)

    @router.message_reaction()
    async def note(reaction: MessageReactionUpdated) -> None:
        numbers.append(reaction.message_id)

    camille.says("bonjour")
    await settled(hosted, stub)
    camille.reacts(camille.heard[0], "👍")
    await settled(hosted, stub)

    assert numbers == [numbers[0], numbers[0]]


async def test_a_file_that_came_is_sent_on_byte_for_byte(
    router: Router, hosted: Hosted, stub: StubTelegram, camille: Person, tmp_path: Path
) -> None:
    @router.message(F.document)
    async def echo(message: Message) -> None:
        await message.send_copy(message.chat.id)

    path = tmp_path / "cv.pdf"
    path.write_bytes(b"%PDF-1.7 un CV")

    camille.drops(path)
    await settled(hosted, stub)

    assert [stub.files[said["document"]["file_id"]] for said in camille.heard] == [("cv.pdf", b"%PDF-1.7 un CV")]


async def test_what_a_handler_answers_refers_to_the_message_it_read(
    router: Router, hosted: Hosted, stub: StubTelegram, camille: Person
) -> None:
    @router.message()
    async def reply(message: Message) -> None:
        await message.reply("Oui.")

    said = camille.says("bonjour")
    await settled(hosted, stub)

    assert camille.heard[0]["reply_to_message"]["message_id"] == said["message_id"]


async def test_a_slow_answer_shows_that_it_is_on_its_way(
    router: Router, hosted: Hosted, stub: StubTelegram, camille: Person
) -> None:
    @router.message()
    async def think(message: Message) -> None:
        while not stub.sent("sendChatAction"):
            await asyncio.sleep(0.01)
        await message.answer("Voilà.")

    camille.says("bonjour")
    await settled(hosted, stub)

    assert stub.sent("sendChatAction") == [{"chat_id": str(camille.id), "action": "typing"}]


async def test_telegram_itself_says_who_the_bot_and_the_people_are(
    hosted: Hosted, stub: StubTelegram, camille: Person
) -> None:
    bot: Bot = hosted.bot

    me, chat = await bot.get_me(), await bot.get_chat(camille.id)
    with pytest.raises(TelegramBadRequest, match="the conversation is not known to Telegram"):
        await bot.get_chat(5)

    assert (me.username, chat.first_name) == ("greffier_bot", "Camille")
