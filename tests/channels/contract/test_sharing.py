"""What a person sends, and what is passed on: expected at each door as the table of `quality.toml` says."""

from collections.abc import Callable
from typing import Any

import pytest
from aiogram import Bot, F, Router, methods
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InputMediaDocument, Message

from bot.channels.quality import lines
from tests.channels.contract.conftest import Open
from tests.channels.contract.places import Place

SENT = {line.name: line for line in lines("sent")}
NOT_DONE = [line.name for line in lines("methods") if not line.done]
LOOKS: dict[str, Callable[[Message], Any]] = {
    "text": lambda message: message.text,
    "sticker": lambda message: message.sticker or message.photo,
    "location": lambda message: message.location,
    "contact": lambda message: message.contact,
    "venue": lambda message: message.venue,
    "dice": lambda message: message.dice,
    "poll": lambda message: message.poll,
}  # where a kind is in a message; all others are documents too, so that one room takes every file


def held(message: Message, kind: str) -> Any:
    """What a message holds of a kind."""
    return LOOKS[kind](message) if kind in LOOKS else message.document


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.mark.parametrize("kind", SENT)
async def test_what_a_person_sends_is_answered_where_the_table_says_so(
    router: Router, opened: Open, place: Place, kind: str
) -> None:
    state, shown = SENT[kind].states[place.name], []

    @router.message()
    async def answer(message: Message) -> None:
        shown.append(held(message, kind) is not None)
        await message.answer("Reçu")

    async with opened(router) as talk:
        if state != "meaningless":
            await place.share(kind)
        await talk.do(place.say("bonjour"))

    assert shown[:-1] == [True] * (state == "done")
    assert place.seen() == ["Reçu"] * len(shown)


async def test_a_message_is_forwarded_and_copied(router: Router, opened: Open, place: Place) -> None:
    @router.message()
    async def pass_on(message: Message) -> None:
        await message.forward(message.chat.id)
        await message.copy_to(message.chat.id)

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))

    assert place.seen() == ["bonjour", "bonjour"]


async def test_what_has_left_is_taken_back(router: Router, opened: Open, place: Place) -> None:
    said: list[Message] = []

    @router.message(F.text == "un")
    async def say(message: Message) -> None:
        said.extend([await message.answer(words) for words in ("un", "deux", "trois")])

    @router.message(F.text == "deux")
    async def take_back(message: Message, bot: Bot) -> None:
        await said[0].delete()
        await bot.delete_messages(message.chat.id, [said[2].message_id])

    async with opened(router) as talk:
        await talk.do(place.say("un"))
        await talk.do(place.say("deux"))

    assert place.seen() == ["deux"]


async def test_several_files_leave_together_in_their_order(router: Router, opened: Open, place: Place) -> None:
    names = ("un.pdf", "deux.pdf", "trois.pdf")

    @router.message()
    async def send(message: Message) -> None:
        files = [BufferedInputFile(name.encode(), name) for name in names]
        sent = await message.answer_media_group([InputMediaDocument(media=file) for file in files])
        await sent[1].reply("le deuxième")

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))

    assert place.files() == [(name, name.encode()) for name in names]
    assert place.seen() == ["le deuxième"]


async def test_each_method_that_is_not_done_is_refused_by_its_name_and_the_bot_goes_on(
    router: Router, opened: Open, place: Place
) -> None:
    refusals: list[str] = []

    @router.message()
    async def call(message: Message, bot: Bot) -> None:
        for name in NOT_DONE:
            with pytest.raises(TelegramBadRequest) as refused:
                await bot(getattr(methods, name).model_construct())
            refusals.append(refused.value.message)
        await message.answer("Bonjour")

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))

    assert refusals == [f"Bad Request: method {name} is not available on {place.name}" for name in NOT_DONE]
    assert place.seen() == ["Bonjour"]
