"""Who is there, who comes and goes, and what stands on the wall: the same at each door."""

from typing import Any

import pytest
from aiogram import Bot, F, Router
from aiogram.types import ChatMemberUpdated, Message

from tests.channels.contract.conftest import Open
from tests.channels.contract.places import Place


@pytest.fixture
def router() -> Router:
    return Router()


async def test_a_bot_that_is_put_out_and_let_in_again_is_told_so(router: Router, opened: Open, place: Place) -> None:
    told: list[tuple[bool, bool]] = []

    @router.my_chat_member()
    async def note(change: ChatMemberUpdated) -> None:
        told.append((change.old_chat_member.status == "member", change.new_chat_member.status == "member"))

    @router.message()
    async def answer(message: Message) -> None:
        await message.answer("Bonjour")

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(place.shut_out())
        await talk.do(place.let_in())
        await talk.do(place.say("bonjour"))

    assert told == [(True, False), (False, True)]
    assert place.seen() == ["Bonjour", "Bonjour"]


async def test_a_bot_is_told_who_comes_into_its_group_and_who_goes(router: Router, opened: Open, place: Place) -> None:
    told: list[tuple[str, str, str]] = []

    @router.chat_member()
    async def note(change: ChatMemberUpdated) -> None:
        told.append((change.chat.type, change.old_chat_member.status, change.new_chat_member.status))

    async with opened(router) as talk:
        await talk.do(place.somebody("leave", "join"))
        await talk.do(place.somebody("join", "leave"))

    assert told == [("group", "left", "member"), ("group", "member", "left")]


async def test_a_bot_knows_who_is_in_a_conversation(router: Router, opened: Open, place: Place) -> None:
    found: dict[str, Any] = {}

    @router.message()
    async def look(message: Message, bot: Bot) -> None:
        assert message.from_user is not None
        chat, person = message.chat.id, message.from_user.id
        found["how many"] = await bot.get_chat_member_count(chat)
        found["the person"] = (await bot.get_chat_member(chat, person)).status
        found["what"] = (await bot.get_chat(chat)).type

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))

    assert found == {"how many": 2, "the person": "member", "what": "private"}


async def test_a_group_has_the_administrators_that_its_network_names(
    router: Router, opened: Open, place: Place
) -> None:
    found: list[Any] = []

    @router.message()
    async def look(message: Message) -> None:
        found.append(await message.chat.get_administrators())

    async with opened(router) as talk:
        await talk.do(place.say_in_group("bonjour"))

    assert found == [[]]


async def test_words_are_pinned_and_taken_down(router: Router, opened: Open, place: Place) -> None:
    said: list[Message] = []

    @router.message(F.text == "un")
    async def pin(message: Message) -> None:
        for words in ("À faire", "À lire"):
            said.append(await message.answer(words))
            await said[-1].pin()

    @router.message(F.text == "deux")
    async def unpin(_: Message) -> None:
        await said[0].unpin()

    async with opened(router) as talk:
        await talk.do(place.say("un"))
        pinned = place.pins()
        await talk.do(place.say("deux"))

    assert (pinned, place.pins()) == (["À faire", "À lire"], ["À lire"])


async def test_a_bot_leaves_a_group(router: Router, opened: Open, place: Place) -> None:
    @router.message()
    async def leave(message: Message) -> None:
        await message.answer("Au revoir")
        await message.chat.leave()

    async with opened(router) as talk:
        await talk.do(place.say_in_group("partez"))

    assert place.gone()
