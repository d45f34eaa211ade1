"""Files that a person sends together reach a room as one update; nobody else is kept waiting, nothing is lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import F
from aiogram.types import ErrorEvent, Message

from bot.channels.arrival import FileArrival, IncomingFile, RawArrival, TextArrival
from bot.channels.together import group_of, together
from storage.inbox import Arrived
from tests.core.conftest import NOW, Built
from tests.core.test_clerk import inbox_states

HEAD: dict[str, Any] = {"door": "console", "event": "e", "room": "camille", "sender": "camille"}
TIMES: dict[str, Any] = {"sent_at": NOW, "arrived_at": NOW}
PDF = IncomingFile(name="cv.pdf", source={})


def arrived(arrival: FileArrival | TextArrival | RawArrival) -> Arrived:
    return Arrived(1, arrival.door, arrival.event, arrival.room, arrival.model_dump_json())


def file(**said: Any) -> Arrived:
    return arrived(FileArrival(**{**HEAD, **TIMES, "file": PDF, **said}))


def telegram(said: dict[str, Any]) -> Arrived:
    return arrived(RawArrival(**HEAD, **TIMES, update=said))


ALONE = {
    "words": arrived(TextArrival(**HEAD, **TIMES, text='"kind":"file", "media_group_id":"1"')),
    "a file with a command": file(caption="!pieces"),
    "a file in a room of several": file(direct=False),
    "a file of Telegram by itself": telegram({"message": {"document": {}}}),
    "an edited caption of an album": telegram({"edited_message": {"media_group_id": "7"}}),
    "an answer to an album": telegram({"message": {"text": "x", "reply_to_message": {"media_group_id": "7"}}}),
}


@pytest.mark.parametrize("alone", ALONE.values(), ids=ALONE.keys())
def test_what_stands_by_itself_belongs_to_no_group(alone: Arrived) -> None:
    assert group_of(alone) is None
    assert together([alone, file()]) == [alone]


def test_files_of_one_sender_in_a_row_belong_together_up_to_ten() -> None:
    assert len(together([file(), file(caption="Mon CV"), file(sender="sacha")])) == 2
    assert len(together([file(), file(clear=True)])) == 1
    assert len(together([file(), file(reply_to="$question")])) == 1
    assert len(together([file()] * 12)) == 10


def test_an_album_of_telegram_is_told_from_the_next_one() -> None:
    first, second = telegram({"message": {"media_group_id": "7"}}), telegram({"message": {"media_group_id": "8"}})

    assert len(together([first, first, second])) == 2


def gathering(house: Built, *, fails: str = "") -> None:
    """A room that takes files together, and refuses to handle one of them."""

    @house.router.message(F.document)
    async def gather(message: Message, album: Any) -> None:
        messages = [message, *[other for other, _ in await album()]]
        names = [str(one.document and one.document.file_name) for one in messages]
        if fails in names:
            raise ValueError(fails)
        await message.answer(" + ".join(names))


async def drop(house: Built, folder: Path, *names: str) -> None:
    """Drop files that the clerk finds waiting, all of them."""
    arrivals = []
    for name in names:
        (folder / name).write_bytes(name.encode())
        path = {"path": str(folder / name)}
        shown = IncomingFile(name=name, source=path)
        arrivals.append(FileArrival(**{**HEAD, **TIMES, "event": f"e-{name}", "file": shown}))
    await house.mailbox.receive(arrivals)


async def test_files_that_wait_together_have_one_answer(house: Built, tmp_path: Path) -> None:
    gathering(house)

    await drop(house, tmp_path, "a.pdf", "b.pdf", "c.pdf")
    await house.settled()

    assert house.said() == ["a.pdf + b.pdf + c.pdf"]
    assert await inbox_states(house.database) == [("handled", 0)] * 3


async def test_a_room_that_does_not_ask_gets_each_file_by_itself(house: Built, tmp_path: Path) -> None:
    @house.router.message(F.document)
    async def name(message: Message) -> None:
        await message.answer(str(message.document and message.document.file_name))

    await drop(house, tmp_path, "a.pdf", "b.pdf")
    await house.settled()

    assert house.said() == ["a.pdf", "b.pdf"]


async def test_one_file_that_cannot_be_handled_costs_the_others_nothing(house: Built, tmp_path: Path) -> None:
    gathering(house, fails="b.pdf")

    await drop(house, tmp_path, "a.pdf", "b.pdf", "c.pdf")
    await house.settled()

    assert house.said() == ["a.pdf", "Pardon", "c.pdf"]
    assert [state for state, _ in await inbox_states(house.database)] == ["handled", "dead", "handled"]


async def test_a_room_whose_failure_is_answered_gives_the_other_files_back(house: Built, tmp_path: Path) -> None:
    gathering(house, fails="b.pdf")

    @house.dispatcher.errors()
    async def answer(event: ErrorEvent) -> None:
        assert event.update.message is not None
        await event.update.message.answer(f"Non : {event.exception}")

    await drop(house, tmp_path, "a.pdf", "b.pdf", "c.pdf")
    await house.settled()

    assert house.said() == ["a.pdf", "Non : b.pdf", "c.pdf"]


async def test_each_file_keeps_the_instant_at_which_it_was_received(house: Built, tmp_path: Path) -> None:
    instants = []

    @house.router.message(F.document)
    async def keep(_: Message, received_at: Any, album: Any) -> None:
        instants.extend([received_at, *[instant for _, instant in await album()]])

    shown = IncomingFile(name="a.pdf", source={"path": str(tmp_path)})
    late = {**HEAD, "event": "late", "sent_at": NOW + timedelta(seconds=1), "arrived_at": NOW}
    await house.mailbox.receive([FileArrival(**HEAD, **TIMES, file=shown), FileArrival(**late, file=shown)])
    await house.settled()

    assert instants == [NOW, NOW + timedelta(seconds=1)]


async def test_a_file_waits_a_moment_for_the_others_and_words_end_the_wait(house: Built, tmp_path: Path) -> None:
    gathering(house)
    house.clerk.quiet = 30.0

    @house.router.message(F.text)
    async def echo(message: Message) -> None:
        await message.answer("mots")

    await drop(house, tmp_path, "a.pdf")
    await asyncio.sleep(0.05)
    await drop(house, tmp_path, "b.pdf")
    await asyncio.sleep(0.05)
    said_before = house.said()
    await house.door.say("camille", "voilà")
    await house.until(lambda: len(house.said()) == 2)

    assert said_before == []
    assert house.said() == ["a.pdf + b.pdf", "mots"]


async def test_a_file_alone_is_handled_after_the_moment(house: Built, tmp_path: Path) -> None:
    gathering(house)
    house.clerk.quiet = 0.6

    await drop(house, tmp_path, "a.pdf")
    await house.until(house.said)

    assert house.said() == ["a.pdf"]
    assert set(house.door.typed) == {"camille"}  # an answer is on its way
