"""Magic filters are answered on the loop, with the same results."""

import threading
from typing import Any

import pytest
from aiogram import Dispatcher, F, Router
from aiogram.dispatcher.event.handler import FilterObject
from aiogram.types import Message

from bot.compat.filters import repair_filters


def words(text: str) -> Message:
    said = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": text}
    return Message.model_validate(said)


class Witness:
    """Notes in which thread a filter was asked."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def __call__(self, text: str) -> bool:
        self.threads.append(threading.get_ident())
        return text == "oui"


async def nothing(_: Message) -> None:
    """A handler."""


def a_dispatcher(witness: Witness) -> Dispatcher:
    dispatcher, router = Dispatcher(), Router()
    router.message.filter(F.text.func(witness))
    router.message.register(nothing, F.text.func(witness), F.text.as_("said"))
    dispatcher.include_router(router)
    return dispatcher


async def answers(dispatcher: Dispatcher, text: str) -> list[Any]:
    router = dispatcher.sub_routers[0]
    filters: list[FilterObject] = router.message.handlers[0].filters or []
    return [await item.call(words(text)) for item in filters]


@pytest.mark.parametrize("text", ["oui", "non"])
async def test_a_repaired_filter_answers_the_same_on_the_loop(text: str) -> None:
    witness, again = Witness(), Witness()
    before, after = a_dispatcher(witness), a_dispatcher(again)

    repaired = repair_filters(after)

    assert repaired == 3
    assert await answers(after, text) == await answers(before, text)
    assert set(again.threads) == {threading.get_ident()}


async def test_upstream_still_asks_magic_filters_in_a_thread() -> None:
    """The day this fails, `bot/compat/filters.py` has become needless."""
    witness = Witness()

    await answers(a_dispatcher(witness), "oui")

    assert set(witness.threads) != {threading.get_ident()}


def test_repairing_twice_changes_nothing_more() -> None:
    dispatcher = a_dispatcher(Witness())
    repair_filters(dispatcher)

    assert repair_filters(dispatcher) == 0
