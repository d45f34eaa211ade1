"""A homeserver that is ill: nothing is lost, nothing is said twice, nobody is hammered."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.channels.matrix.door import MatrixDoor
from bot.clock import FrozenClock
from bot.errors import ConfigurationError, PermanentDeliveryError, TemporaryDeliveryError
from tests.channels.matrix.conftest import listening
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.person import Post
from tests.channels.matrix.stub import ENDED, HTML, Fault, StubHomeserver, slow_down

pytestmark = pytest.mark.server

ROOM = "!r:stub"

MakeDoor = Callable[..., MatrixDoor]


async def test_a_rate_limit_is_told_to_the_postman_and_nobody_sleeps_in_the_door(
    door: MatrixDoor, stub: StubHomeserver, post: Post
) -> None:
    stub.faults["/send/"] = [slow_down(70_000)]

    async with asyncio.timeout(20):
        with pytest.raises(TemporaryDeliveryError) as caught:
            await door.send(post.letter(ROOM, "sendMessage", text="Bonjour"))

    assert caught.value.retry_after == 70.0


async def test_a_retry_after_header_counts_when_the_body_says_nothing(
    door: MatrixDoor, stub: StubHomeserver, post: Post
) -> None:
    stub.faults["/send/"] = [Fault(429, {"errcode": "M_LIMIT_EXCEEDED"}, {"Retry-After": "12"})]

    with pytest.raises(TemporaryDeliveryError) as caught:
        await door.send(post.letter(ROOM, "sendMessage", text="Bonjour"))

    assert caught.value.retry_after == 12.0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(HTML, TemporaryDeliveryError, id="a proxy's page"),
        pytest.param(Fault(503, {"errcode": "M_UNKNOWN"}), TemporaryDeliveryError, id="overloaded"),
        pytest.param(Fault(404, "<html>no route</html>"), TemporaryDeliveryError, id="a proxy without a route"),
        pytest.param(ENDED, TemporaryDeliveryError, id="logged out: the letter waits for the restart"),
        pytest.param(Fault(403, {"errcode": "M_FORBIDDEN"}), PermanentDeliveryError, id="forbidden"),
        pytest.param(Fault(413, {"errcode": "M_TOO_LARGE"}), PermanentDeliveryError, id="too large"),
    ],
)
async def test_a_fault_is_temporary_or_permanent_by_its_status_and_code(
    door: MatrixDoor, stub: StubHomeserver, post: Post, fault: Fault, expected: type[Exception]
) -> None:
    stub.faults["/send/"] = [fault]

    with pytest.raises(expected):
        await door.send(post.letter(ROOM, "sendMessage", text="Bonjour"))


async def test_a_letter_whose_answer_was_lost_is_not_said_twice(
    door: MatrixDoor, stub: StubHomeserver, post: Post
) -> None:
    letter = post.letter(ROOM, "sendMessage", text="Bonjour")
    stub.faults["/send/"] = [Fault(lost=True)] * 2  # aiohttp asks a second time by itself
    with pytest.raises(TemporaryDeliveryError):
        await door.send(letter)

    sent = await door.send(letter)

    assert stub.said(ROOM) == ["Bonjour"]
    assert sent.events == (stub.events[ROOM][0]["event_id"],)


async def test_a_letter_that_the_homeserver_has_forgotten_after_a_day_is_found_instead_of_said_again(
    door: MatrixDoor, stub: StubHomeserver, post: Post, clock: FrozenClock
) -> None:
    letter = post.letter(ROOM, "sendMessage", text="Bonjour")
    first = await door.send(letter)
    stub.say(ROOM, "merci")
    stub.transactions.clear()
    clock.set(clock.now() + timedelta(hours=24))

    second = await door.send(letter)

    assert first == second
    assert stub.said(ROOM) == ["Bonjour"]


async def test_a_letter_that_never_left_leaves_after_a_day(
    door: MatrixDoor, stub: StubHomeserver, post: Post, clock: FrozenClock
) -> None:
    stub.say(ROOM, "bonjour")
    letter = post.letter(ROOM, "sendMessage", text="Bonjour")
    clock.set(clock.now() + timedelta(hours=24))

    await door.send(letter)

    assert stub.said(ROOM) == ["Bonjour"]


async def test_a_file_bigger_than_the_homeserver_takes_is_given_up_before_it_is_sent(
    door: MatrixDoor, stub: StubHomeserver, post: Post
) -> None:
    post.files["h"] = b"x" * 1001
    document = {"file": "h", "name": "cv.pdf", "mime": "application/pdf", "size": 1001}

    with pytest.raises(PermanentDeliveryError, match="bigger"):
        await door.send(post.letter(ROOM, "sendDocument", document=document))

    assert stub.uploads == []


async def test_a_letter_to_a_room_we_are_not_in_is_given_up(door: MatrixDoor, stub: StubHomeserver, post: Post) -> None:
    stub.faults["/members"] = [Fault(403, {"errcode": "M_FORBIDDEN"})]

    with pytest.raises(PermanentDeliveryError):
        await door.send(post.letter(ROOM, "sendMessage", text="Bonjour"))


async def test_an_unknown_method_is_given_up_by_name(door: MatrixDoor, post: Post) -> None:
    with pytest.raises(PermanentDeliveryError, match="sendInvoice"):
        await door.send(post.letter(ROOM, "sendInvoice"))


async def test_a_payload_that_makes_no_sense_is_a_delivery_error_and_nothing_else(door: MatrixDoor, post: Post) -> None:
    with pytest.raises(PermanentDeliveryError):
        await door.send(post.letter(ROOM, "sendPoll", question="?"))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(HTML, id="bad gateway as a page"),
        pytest.param(Fault(500, {"errcode": "M_UNKNOWN"}), id="internal error"),
        pytest.param(Fault(200, {"unexpected": True}), id="an answer that is no sync"),
        pytest.param(Fault(400, {"errcode": "M_INVALID_PARAM"}), id="a refusal"),
    ],
)
async def test_an_ill_homeserver_is_not_hammered_and_listening_goes_on(
    make_door: MakeDoor, stub: StubHomeserver, mailbox: MemoryMailbox, fault: Fault
) -> None:
    stub.say(ROOM, "déjà là")
    await mailbox.remember("position", "0")
    stub.faults["/sync"] = [fault]

    async with listening(make_door()):
        asked = stub.count("/sync")
        await asyncio.sleep(0.4)
        meanwhile = stub.count("/sync") - asked
        await mailbox.until(lambda box: box.texts())

    assert meanwhile <= 1
    assert mailbox.texts() == ["déjà là"]


async def test_a_session_that_is_over_ends_the_listening_instead_of_hammering(
    make_door: MakeDoor, stub: StubHomeserver
) -> None:
    door = make_door()
    await door.open()
    stub.faults["/sync"] = [ENDED] * 50

    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(20):
            await door.run()
    await door.close()

    assert [type(error) for error in caught.value.exceptions] == [ConfigurationError]
    assert stub.count("/sync") == 1


async def test_the_password_is_used_once_and_the_device_stays_the_same(
    make_door: MakeDoor, stub: StubHomeserver
) -> None:
    for _ in range(3):
        door = make_door()
        await door.open()
        await door.close()

    assert stub.count("/login") == 1


async def test_a_token_that_is_no_longer_known_is_renewed_with_the_password(
    make_door: MakeDoor, stub: StubHomeserver
) -> None:
    first = make_door()
    await first.open()
    await first.close()
    stub.faults["/whoami"] = [ENDED]

    second = make_door()
    await second.open()
    await second.close()

    assert stub.count("/login") == 2


async def test_a_homeserver_that_is_away_at_the_start_is_waited_for(
    make_door: MakeDoor, stub: StubHomeserver, post: Post
) -> None:
    door = make_door()
    stub.faults["/login"] = [HTML]

    await door.open()
    with pytest.raises(TemporaryDeliveryError):
        await door.send(post.letter(ROOM, "sendMessage", text="Bonjour"))
    await door.close()


async def test_two_processes_on_one_account_are_refused(make_door: MakeDoor) -> None:
    first, second = make_door(), make_door()
    await first.open()

    with pytest.raises(ConfigurationError, match="un autre Greffier"):
        await second.open()

    await first.close()


async def test_a_stop_while_the_door_opens_lets_go_of_the_keys(make_door: MakeDoor) -> None:
    first, second = make_door(), make_door()
    for _ in range(50):
        opening = asyncio.create_task(first.open())
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await first.close()

        await second.open()
        await second.close()
