"""Filters that only compute are answered on the loop, with the same results; others keep their thread."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.filters import and_f, invert_f, or_f
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, Update

from bot.app import build_dispatcher
from bot.compat.filters import repair_filters

BOT = Bot("1:console")
WORDS = ["oui 0", "oui 7", "non", "/aide", "17", "3", ""]


class Asked(StatesGroup):
    """The steps of a talk."""

    name = State()
    years = State()


class Witness:
    """Notes in which thread something was asked."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def noted(self, word: str) -> str:
        self.threads.add(threading.get_ident())
        return word


def an_update(text: str) -> Update:
    said = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": text}
    said["from"] = {"id": 1, "is_bot": False, "first_name": "Camille"}
    return Update.model_validate({"update_id": 1, "message": said}, context={"bot": BOT})


def answering(name: str) -> Callable[..., Any]:
    async def handler(_: Message, said: Any = None, length: Any = None) -> tuple[str, Any, Any]:
        return name, said, length

    return handler


def a_dispatcher(witness: Witness, routers: int = 8) -> Dispatcher:
    """Routers inside routers, with filters of every make."""
    dispatcher = Dispatcher()
    parent: Router = dispatcher
    dispatcher.message.register(answering("first"), F.text.func(witness.noted) == "non")
    for number in range(routers):
        router = Router()
        router.message.filter(F.text.func(witness.noted) != str(number))
        router.message.register(answering(f"{number} exact"), F.text == f"oui {number}", F.from_user.id.as_("said"))
        router.message.register(answering(f"{number} state"), Asked.name, F.text.len().as_("length"))
        router.message.register(answering(f"{number} group"), Asked(), F.text == "17")
        either = or_f(F.text == "/aide", and_f(F.text == "", Asked.years))
        router.message.register(answering(f"{number} either"), either)
        router.message.register(answering(f"{number} neither"), invert_f(or_f(F.text, F.document)), F.photo)
        parent.include_router(router)
        parent = router if number % 2 else parent
    return dispatcher


async def answers(dispatcher: Dispatcher, state: str | None) -> list[Any]:
    context = dispatcher.fsm.get_context(BOT, 1, 1)
    await context.set_state(state)
    return [await dispatcher.feed_update(BOT, an_update(text)) for text in WORDS]


@pytest.mark.parametrize("state", [None, "Asked:name", "Asked:years"])
async def test_repaired_filters_choose_the_same_handlers_on_the_loop(state: str | None) -> None:
    before, after = Witness(), Witness()
    plain, repaired = a_dispatcher(before), a_dispatcher(after)

    repair_filters(repaired)

    assert await answers(repaired, state) == await answers(plain, state)
    assert after.threads == {threading.get_ident()}


async def test_repaired_filters_hand_over_what_they_caught() -> None:
    dispatcher = a_dispatcher(Witness())

    repair_filters(dispatcher)

    assert await answers(dispatcher, "Asked:years") == [
        ("0 exact", 1, None),
        ("7 exact", 1, None),
        ("first", None, None),
        ("0 either", None, None),
        ("0 group", None, None),
        UNHANDLED,
        ("0 either", None, None),
    ]


async def test_a_filter_that_may_block_keeps_its_thread() -> None:
    witness = Witness()
    dispatcher = Dispatcher()
    dispatcher.message.register(answering("seen"), lambda message: witness.noted(message.text) == "oui")

    repair_filters(dispatcher)

    assert await dispatcher.feed_update(BOT, an_update("oui")) == ("seen", None, None)
    assert threading.get_ident() not in witness.threads


async def test_upstream_still_asks_magic_filters_in_a_thread() -> None:
    """The day this fails, `bot/compat/filters.py` has become needless."""
    witness = Witness()

    await answers(a_dispatcher(witness), None)

    assert threading.get_ident() not in witness.threads


async def test_repairing_twice_changes_nothing_more() -> None:
    once, twice = a_dispatcher(Witness()), a_dispatcher(Witness())
    repair_filters(once)

    repair_filters(twice)
    repair_filters(twice)

    assert await answers(twice, "Asked:years") == await answers(once, "Asked:years")


async def test_a_filter_that_a_router_gets_later_is_asked() -> None:
    dispatcher = a_dispatcher(Witness())
    repair_filters(dispatcher)

    dispatcher.message.filter(F.text == "non")

    assert await answers(dispatcher, None) == [UNHANDLED, UNHANDLED, ("first", None, None), *[UNHANDLED] * 4]


def test_a_room_keeps_no_ear_that_it_does_not_use() -> None:
    """Each would be 2 kB, and aiogram gives 28 to each room."""
    rooms = build_dispatcher().sub_routers

    ears = {room.name: set(room.observers) for room in rooms}

    assert len(rooms) > 30
    assert ears["depot"] == {"message", "callback_query"}
    assert not any(hasattr(room, "poll_answer") for room in rooms)
