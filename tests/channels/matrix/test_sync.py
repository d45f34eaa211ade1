"""What arrives is kept with its position before anything else; gaps are filled; nothing stops the listening."""

import asyncio
from collections.abc import Callable

import pytest

from bot.channels.matrix.door import MatrixDoor
from tests.channels.matrix.conftest import listening
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.stub import ANN, BOT, HTML, StubHomeserver

pytestmark = pytest.mark.server

ROOM = "!r:stub"
MakeDoor = Callable[..., MatrixDoor]


@pytest.fixture
async def started(mailbox: MemoryMailbox) -> MemoryMailbox:
    """A mailbox that has listened before."""
    await mailbox.remember("position", "0")
    return mailbox


async def test_forty_messages_during_an_outage_all_arrive_in_order(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    expected = [f"message {number}" for number in range(40)]
    for text in expected:
        stub.say(ROOM, text)

    async with listening(make_door()):
        await started.until(lambda box: len(box.arrivals) == 40)

    assert started.texts() == expected


async def test_a_gap_of_several_pages_is_filled(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    expected = [f"message {number}" for number in range(333)]
    for text in expected:
        stub.say(ROOM, text)

    async with listening(make_door()):
        await started.until(lambda box: len(box.arrivals) == 333)

    assert started.texts() == expected


async def test_the_position_does_not_move_while_a_gap_cannot_be_filled(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    for number in range(30):
        stub.say(ROOM, f"message {number}")
    stub.faults["/messages"] = [HTML]

    async with listening(make_door()):
        await asyncio.sleep(0.3)
        before = await started.position()
        await started.until(lambda box: len(box.arrivals) == 30)

    assert before == "0"
    assert len(started.texts()) == 30


async def test_a_batch_that_the_memory_refused_is_kept_in_hand(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.say(ROOM, "bonjour")
    started.broken = 1

    async with listening(make_door()):
        await started.until(lambda box: box.texts())

    assert started.texts() == ["bonjour"]
    assert await started.position() == "1"


async def test_an_event_that_makes_no_sense_stops_nothing(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.happen(ROOM, {"msgtype": "m.text", "body": "x", "m.relates_to": "not a relation"})
    stub.happen(ROOM, {"msgtype": "m.file", "body": "x", "file": {"url": 3}})
    stub.happen(ROOM, {}, type="m.room.member", state_key=ANN)
    stub.say(ROOM, "bonjour")

    async with listening(make_door()):
        await started.until(lambda box: box.texts())

    assert started.texts() == ["bonjour"]


async def test_on_a_first_start_only_what_came_after_our_last_word_is_unanswered(
    make_door: MakeDoor, stub: StubHomeserver, mailbox: MemoryMailbox
) -> None:
    stub.say(ROOM, "ancien")
    stub.say(ROOM, "notre réponse", sender=BOT)
    stub.say(ROOM, "sans réponse")

    async with listening(make_door()):
        await mailbox.until(lambda box: box.texts())

    assert mailbox.texts() == ["sans réponse"]


async def test_a_restart_goes_on_where_it_stopped(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.say(ROOM, "un")
    async with listening(make_door()):
        await started.until(lambda box: box.texts())
    stub.say(ROOM, "deux")

    async with listening(make_door()):
        await started.until(lambda box: len(box.texts()) == 2)

    assert started.texts() == ["un", "deux"]


async def test_a_room_of_three_is_not_a_direct_one(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.members[ROOM].append("@ben:stub")
    stub.say(ROOM, "bonjour")

    async with listening(make_door()):
        arrival = (await started.until(lambda box: box.of_kind("text")))[0]

    assert (arrival.direct, arrival.sender_name) == (False, "Ann")


async def test_the_room_of_the_bureau_is_never_a_direct_one(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.say(ROOM, "bonjour")

    async with listening(make_door(bureau_room=ROOM)):
        arrival = (await started.until(lambda box: box.of_kind("text")))[0]

    assert arrival.direct is False


async def test_an_invitation_from_our_homeserver_is_accepted(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.invite(ROOM)

    async with listening(make_door()):
        await started.until(lambda box: box.facts.get(f"direct.{ANN}"))
        await started.until(lambda box: box.facts.get("invitations") == "{}")

    assert stub.bodies == [("join", {})]


async def test_an_invitation_from_elsewhere_is_declined_with_a_sentence(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.invite(ROOM, by="@eve:elsewhere")

    async with listening(make_door()):
        await started.until(lambda box: box.facts.get("invitations") == "{}")

    assert [name for name, _ in stub.bodies] == ["leave"]
    assert stub.bodies[0][1]["reason"].startswith("Bonjour. Je ne réponds qu’aux personnes")


async def test_an_invitation_survives_a_homeserver_that_is_ill(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox
) -> None:
    stub.faults["/join"] = [HTML]
    stub.invite(ROOM)

    async with listening(make_door()):
        await started.until(lambda box: ROOM in box.facts.get("invitations", ""))
    async with listening(make_door()):
        await started.until(lambda box: box.facts.get("invitations") == "{}")

    assert stub.bodies == [("join", {})]
