"""Letters leave in order for each conversation; what one conversation waits for holds up nobody else."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiogram import F
from aiogram.types import Message
from sqlalchemy import Connection, select

from bot.channels.door import Door
from bot.errors import DoubtfulDeliveryError, PermanentDeliveryError, TemporaryDeliveryError
from storage import identities, outbox
from storage.database import Database
from storage.outbox import Letter
from storage.tables import Outbox, table
from storage.work import UnitOfWork
from tests.core.conftest import NOW, BuildHouse, Built


async def letter_states(database: Database) -> list[tuple[str, str, int]]:
    rows = table(Outbox)
    query = select(rows.c.method, rows.c.state, rows.c.attempts).order_by(rows.c.id)
    return [tuple(row) for row in await database.query(lambda session: session.execute(query).all())]


class Renamed:
    """A door that is there at last, under the name that letters ask for."""

    name = "email"

    def __init__(self, door: Door) -> None:
        self.open, self.run, self.close = door.open, door.run, door.close
        self.send, self.fetch, self.typing = door.send, door.fetch, door.typing


async def write(house: Built, *letters: tuple[str, str], door: str | None = None) -> None:
    """Letters of one transaction, each to somebody by name."""
    work = UnitOfWork(house.database, NOW)
    for who, text in letters:
        chat_id = await identities.person(work, "console", who, room=who)
        work.outbox.put(Letter(chat_id, "sendMessage", {"text": text}, door=door))
    await house.committer.commit(work)
    house.postman.look()


async def test_letters_leave_in_the_order_they_were_written(house: Built) -> None:
    await write(house, ("camille", "un"), ("dominique", "premier"), ("camille", "deux"))
    await write(house, ("camille", "trois"), ("dominique", "second"))

    await house.settled()

    assert house.said("camille") == ["un", "deux", "trois"]
    assert house.said("dominique") == ["premier", "second"]
    assert {state for _, state, __ in await letter_states(house.database)} == {"sent"}


async def test_a_conversation_whose_network_is_slow_holds_up_no_other(house: Built) -> None:
    house.door.held["camille"] = asyncio.Event()
    await write(house, ("camille", "un"), ("camille", "deux"), ("dominique", "premier"))

    await house.until(lambda: house.said("dominique"))
    early = house.said()
    house.door.held.pop("camille").set()
    await house.settled()

    assert early == ["premier"]
    assert house.said("camille") == ["un", "deux"]


async def test_a_rate_limit_delays_its_conversation_alone_for_as_long_as_the_server_asks(house: Built) -> None:
    house.door.troubles["un"] = [TemporaryDeliveryError("M_LIMIT_EXCEEDED", retry_after=20)]
    await write(house, ("camille", "un"), ("camille", "deux"), ("dominique", "premier"))

    await house.settled()
    before = (house.said(), await letter_states(house.database))
    house.clock.set(NOW + timedelta(seconds=19))
    await house.settled()
    too_early = house.said("camille")
    house.clock.set(NOW + timedelta(seconds=20))
    await house.settled()

    assert before == (
        ["premier"],
        [("sendMessage", "retry", 1), ("sendMessage", "waiting", 0), ("sendMessage", "sent", 0)],
    )
    assert too_early == []
    assert house.said("camille") == ["un", "deux"]
    assert len({parcel.key for parcel in house.door.tried if parcel.payload["text"] == "un"}) == 1


async def test_without_a_wish_of_the_server_each_wait_is_twice_the_one_before(house: Built) -> None:
    house.door.troubles["un"] = [TemporaryDeliveryError("502")] * 12
    await write(house, ("camille", "un"))
    waits: list[float] = []

    await house.settled()
    while not house.heard:
        started, tries = house.clock.now(), len(house.door.tried)
        while len(house.door.tried) == tries:
            house.clock.set(house.clock.now() + timedelta(seconds=1))
            await house.settled()
        waits.append((house.clock.now() - started).total_seconds())

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@pytest.mark.parametrize(
    ("trouble", "state"),
    [(PermanentDeliveryError("M_FORBIDDEN"), "abandoned"), (DoubtfulDeliveryError("no answer"), "doubtful")],
    ids=["permanent", "doubtful"],
)
async def test_a_letter_that_will_not_leave_is_shown_and_the_next_one_leaves(
    house: Built, trouble: Exception, state: str
) -> None:
    house.door.troubles["un"] = [trouble]
    await write(house, ("camille", "un"), ("camille", "deux"))

    await house.settled()

    assert house.said() == ["deux"]
    assert house.failed == [("un", state)]
    assert await letter_states(house.database) == [("sendMessage", state, 1), ("sendMessage", "sent", 0)]


async def test_a_door_that_stumbles_on_one_letter_gives_it_up_after_six_tries(house: Built) -> None:
    house.door.troubles["un"] = [KeyError("a fault of ours")] * 6
    await write(house, ("camille", "un"), ("camille", "deux"))

    for _ in range(6):
        await house.settled()
        house.clock.set(house.clock.now() + timedelta(minutes=5))
    await house.settled()

    assert house.said() == ["deux"]
    assert house.failed == [("un", "abandoned")]


async def test_a_letter_whose_file_is_damaged_is_abandoned_at_once(house: Built) -> None:
    work = UnitOfWork(house.database, NOW)
    chat_id = await identities.person(work, "console", "camille", room="camille")
    file = {"file": "0" * 64, "name": "recu.pdf", "mime": "application/pdf", "size": 3}
    work.outbox.put(Letter(chat_id, "sendDocument", {"text": "reçu", "document": file}))
    await house.committer.commit(work)

    await house.settled()

    assert house.failed == [("reçu", "abandoned")]


async def test_what_a_try_noted_is_known_to_the_next_one_and_to_the_next_start(build: BuildHouse) -> None:
    first = await build()
    first.door.noting = True
    first.door.troubles["un"] = [TemporaryDeliveryError("502"), TemporaryDeliveryError("502")]
    await write(first, ("camille", "un"))

    await first.settled()
    first.clock.set(NOW + timedelta(minutes=5))
    await first.settled()
    second = await build()
    await second.settled()

    seen = [parcel.progress for parcel in (*first.door.tried, *second.door.tried)]
    assert seen == [{}, {"try1": True}, {"try1": True, "try2": True}]


async def test_a_letter_for_a_door_that_is_not_open_waits_and_leaves_once_it_is(build: BuildHouse) -> None:
    house = await build(carrying=False)
    await write(house, ("camille", "un"))

    await house.settled()
    waiting = (house.said(), await letter_states(house.database))
    house.postman.attach(house.door)
    house.clock.set(NOW + timedelta(seconds=30))
    await house.settled()

    assert waiting == ([], [("sendMessage", "retry", 1)])
    assert house.said() == ["un"]


async def pass_time(house: Built, span: timedelta) -> None:
    """Let time pass as it does, so that whatever waits is tried on the way."""
    until = house.clock.now() + span
    while house.clock.now() < until:
        house.clock.set(min(until, house.clock.now() + timedelta(minutes=5)))
        await house.settled()


async def test_letters_for_a_door_that_is_not_there_disturb_nobody_and_are_told_to_the_bureau_once(
    house: Built,
) -> None:
    await write(house, ("camille", "copie"), ("dominique", "copie"), door="email")
    await write(house, ("camille", "un"), ("dominique", "deux"))

    await house.settled()
    at_once = house.said()
    await pass_time(house, timedelta(hours=1))
    after_an_hour = list(house.late)
    await pass_time(house, timedelta(hours=3))
    tries = [attempts for _, state, attempts in await letter_states(house.database) if state == "retry"]

    assert sorted(at_once) == ["deux", "un"]
    assert (after_an_hour, house.late) == ([], [("email", "copie")])
    assert [number < 60 for number in tries] == [True, True]


async def test_a_restart_does_not_tell_the_same_trouble_again_and_a_new_trouble_is_told(build: BuildHouse) -> None:
    first = await build()
    await write(first, ("camille", "copie"), ("dominique", "copie"), door="email")
    await pass_time(first, timedelta(hours=2))
    second = await build()
    second.clock.set(first.clock.now())
    await pass_time(second, timedelta(hours=1))
    same_trouble = list(second.late)
    second.postman.attach(Renamed(second.door))
    await pass_time(second, timedelta(hours=1))
    second.door.troubles["trois"] = [TemporaryDeliveryError("502")] * 60
    await write(second, ("camille", "trois"), door="email")
    await pass_time(second, timedelta(hours=2))

    assert (first.late, same_trouble) == ([("email", "copie")], [])
    assert second.said() == ["copie", "copie"]
    assert second.late == [("email", "trois")]


async def test_a_letter_refused_for_a_while_leaves_after_the_next_start(build: BuildHouse) -> None:
    first = await build()
    first.door.troubles["un"] = [TemporaryDeliveryError("502")]
    await write(first, ("camille", "un"))
    await first.settled()

    second = await build()
    await second.settled()

    assert (first.said(), second.said()) == ([], ["un"])
    assert first.door.tried[0].key == second.door.tried[0].key


async def test_a_stop_lets_the_letter_under_way_arrive_and_keeps_the_others(build: BuildHouse) -> None:
    first = await build()
    first.door.held["camille"] = asyncio.Event()
    await write(first, ("camille", "un"), ("camille", "deux"))
    await first.until(lambda: first.door.tried)

    stopping = asyncio.create_task(first.postman.close())
    await asyncio.sleep(0.05)
    first.door.held["camille"].set()
    await stopping
    second = await build()
    await second.settled()

    assert (first.said(), second.said()) == (["un"], ["deux"])


async def test_an_edit_an_answer_and_a_deletion_of_a_message_not_sent_yet_follow_it(house: Built) -> None:
    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        said = await message.answer("avant")
        await said.edit_text("après")
        await said.reply("à propos")
        await said.delete()

    await house.door.say("camille", "bonjour")
    await house.settled()

    methods = [parcel.method for parcel in house.door.tried]
    first, edit, reply, deletion = house.door.tried
    about = [dict(parcel.targets) for parcel in (edit, reply, deletion)]
    message_id = edit.payload["message_id"]
    assert methods == ["sendMessage", "editMessageText", "sendMessage", "deleteMessage"]
    assert about == [{message_id: (first.key,)}] * 3
    assert reply.payload["reply_parameters"]["message_id"] == message_id


async def test_a_letter_that_left_while_the_database_was_away_is_noted_later_and_not_sent_again(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults, mark_sent = [OSError("disk full")], outbox.mark_sent

    def mark_where_possible(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        if faults:
            raise faults.pop()
        mark_sent(connection, rows)

    monkeypatch.setattr(outbox, "mark_sent", mark_where_possible)

    await write(house, ("camille", "un"), ("camille", "deux"))
    await house.settled()

    assert faults == []
    assert house.said() == ["un", "deux"]
    assert [state for _, state, __ in await letter_states(house.database)] == ["sent", "sent"]


async def test_many_letters_to_many_people_leave_each_once(house: Built) -> None:
    people = [f"personne{number}" for number in range(300)]

    await write(house, *[(who, f"{rank}") for rank in range(4) for who in people])
    await house.settled()

    assert len(house.heard) == 1200
    assert {who: house.said(who) for who in people} == {who: ["0", "1", "2", "3"] for who in people}


async def test_a_letter_is_read_with_those_before_it_in_the_same_conversation_alone(house: Built) -> None:
    await write(house, ("camille", "un"), ("dominique", "premier"), ("camille", "deux"))
    await house.settled()
    second = next(said.event for said in house.heard if said.text == "deux")
    await write(house, ("camille", "trois"))
    await house.settled()

    await house.mailbox.read([second, "$of-somebody-else"], at=NOW + timedelta(minutes=5))
    await house.mailbox.read([second], at=NOW + timedelta(hours=1))

    rows = table(Outbox)
    query = select(rows.c.payload, rows.c.read_at).order_by(rows.c.id)
    found = await house.database.query(lambda session: list(session.execute(query)))
    read = NOW + timedelta(minutes=5)
    assert {json.loads(payload)["text"]: at for payload, at in found} == {
        "un": read,
        "premier": None,
        "deux": read,
        "trois": None,
    }
