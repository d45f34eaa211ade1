"""What no client of ours sends and a server may still hand us: it is understood, or passed over, and stops nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.channels.matrix.door import MatrixDoor
from bot.errors import PermanentDeliveryError
from tests.channels.matrix.conftest import World, listening
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.person import Person
from tests.channels.matrix.stub import ANN, Fault, StubHomeserver

pytestmark = pytest.mark.server

ROOM = "!r:stub"
MakeDoor = Callable[..., MatrixDoor]


def nested(depth: int) -> Any:
    """A list in a list in a list…"""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.fixture
async def started(mailbox: MemoryMailbox) -> MemoryMailbox:
    """A mailbox that has listened before."""
    await mailbox.remember("position", "0")
    return mailbox


@pytest.mark.parametrize(
    ("content", "heard"),
    [
        ({"msgtype": "m.text", "body": "bien \ud83d"}, ["bien ?"]),
        ({"msgtype": "m.text", "body": "a\0b"}, ["a\ufffdb"]),
        ({"msgtype": "m.text", "body": "x", "more": nested(700)}, ["x"]),
        ({"msgtype": "m.text", "body": {"not": "words"}}, ["{'not': 'words'}"]),
        ({"msgtype": ["m.text"], "body": "x"}, []),
        ({"msgtype": "m.file", "body": "\ud83d.pdf", "url": "mxc://stub/\ud83d"}, []),
        ({"msgtype": "m.file", "body": "x", "file": {"url": "mxc://stub/1", "hashes": {"sha256": nested(700)}}}, []),
    ],
    ids=["half a sign", "the sign zero", "without end", "no words", "no kind", "a file's name", "a file's keys"],
)
async def test_words_that_nothing_can_write_stop_nothing(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox, content: dict[str, Any], heard: list[str]
) -> None:
    stub.happen(ROOM, content)
    stub.say(ROOM, "bonjour")

    async with listening(make_door()):
        await started.until(lambda box: "bonjour" in box.texts())

    assert started.texts() == [*heard, "bonjour"]


@pytest.mark.parametrize(
    "more",
    [
        {"type": "m.room.tombstone", "state_key": "", "content": {"body": "x", "replacement_room": "!new:stub"}},
        {"type": "m.room.member", "state_key": "@eve:stub", "content": {"membership": "knock"}},
        {"type": "m.room.member", "state_key": "@eve:stub", "content": {"membership": "jumps"}},
        {"type": "m.room.power_levels", "state_key": "", "content": {"users": {ANN: "cent"}}},
        {"type": "m.room.encrypted", "content": {}, "unsigned": {"redacted_because": {}}},
        {"type": "m.room.message", "content": {}, "unsigned": {"redacted_because": {}}},
        {"type": "m.reaction", "content": {"m.relates_to": {"event_id": "$e1", "key": 3}}},
        {"type": "org.matrix.msc3381.poll.response", "content": {"m.selections": [{}], "m.relates_to": []}},
        {"type": "org.matrix.msc3381.poll.end", "content": {"m.relates_to": {"event_id": "$never"}}},
    ],
    ids=["upgrade", "knock", "unknown membership", "powers", "redacted", "empty", "reaction", "vote", "end"],
)
async def test_an_event_of_an_odd_shape_stops_nothing(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox, more: dict[str, Any]
) -> None:
    stub.happen(ROOM, more.pop("content"), **more)
    stub.say(ROOM, "bonjour")

    async with listening(make_door()):
        await started.until(lambda box: box.texts())

    assert started.texts() == ["bonjour"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ({"not": "a name"}, "ann"),
        (None, "ann"),
        ("\u200b \n", "ann"),
        ("\u202eCamille\u202c", "Camille"),
        ("  Camille  Martin ", "Camille Martin"),
    ],
    ids=["no words", "none", "invisible", "turned round", "spaces"],
)
async def test_a_name_that_is_no_name_or_hides_something_is_shown_plainly(
    make_door: MakeDoor, stub: StubHomeserver, started: MemoryMailbox, name: Any, shown: str
) -> None:
    stub.names[ANN] = name
    stub.say(ROOM, "bonjour")

    async with listening(make_door()):
        [arrival] = await started.until(lambda box: box.of_kind("text"))

    assert arrival.sender_name == shown


@pytest.mark.parametrize("address", ["mxc://../config", "mxc://stub/..", "mxc://stub", "https://stub/1", ""])
async def test_a_file_is_only_looked_for_where_files_are(door: MatrixDoor, stub: StubHomeserver, address: str) -> None:
    before = len(stub.asked)

    with pytest.raises(PermanentDeliveryError):
        await door.fetch({"mxc": address})

    assert [one for one in stub.asked[before:] if "media" in one] == []


@pytest.mark.parametrize(
    "keys",
    [
        {"key": "A" * 43, "iv": "A" * 22, "hash": "A" * 43},
        {"key": "None", "iv": "3", "hash": "[]"},
        {"key": "é", "iv": "", "hash": ""},
    ],
    ids=["another hash", "what was missing", "no base64"],
)
async def test_a_file_that_its_keys_do_not_open_is_given_up(
    door: MatrixDoor, stub: StubHomeserver, keys: dict[str, Any]
) -> None:
    stub.uploads.append(b"autre chose")

    with pytest.raises(PermanentDeliveryError):
        await door.fetch({"mxc": "mxc://stub/1", **keys})


@pytest.mark.parametrize(
    ("power", "standing"),
    [(100, "administrator"), ("100", "administrator"), ("49", "member"), ("cent", "member"), (-1, "member")],
)
async def test_a_power_may_be_written_as_words(
    door: MatrixDoor, stub: StubHomeserver, power: int | str, standing: str
) -> None:
    stub.faults["state/m.room.power_levels"] = [Fault(200, {"users": {ANN: power}})]
    stub.faults["state/m.room.create"] = [Fault(200, {"content": {"room_version": "org.example.99"}})]

    assert (await door.membership(ROOM)).people == {ANN: standing}


# --- what is sealed comes from a client and from nobody else ---


async def seal(person: Person, room: str, payload: str) -> None:
    """Send whatever is in `payload` as an encrypted message."""
    client = person.client
    session = client.olm.outbound_group_sessions[room]
    content = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "sender_key": client.olm.account.identity_keys["curve25519"],
        "ciphertext": session.encrypt(payload),
        "session_id": session.id,
        "device_id": client.device_id,
    }
    client.rooms[room].encrypted = False
    await person.send(room, content, "m.room.encrypted")
    client.rooms[room].encrypted = True


async def test_nothing_that_is_sealed_stops_the_listening_or_changes_the_room(world: World) -> None:
    member = {"type": "m.room.member", "room_id": "x", "content": {"membership": "leave", "displayname": "Personne"}}
    text = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "bien \ud83d"}}
    async with world.talking() as (door, room):
        await world.ann.say(room, "bonjour")
        for payload in (
            "no JSON",
            json.dumps([]),
            json.dumps("words"),
            "[" * 5000,
            json.dumps({**text, "unsigned": 3}),
            json.dumps({**text, "content": {"msgtype": "m.text", "body": "x", "m.relates_to": nested(500)}}),
            json.dumps({**member, "state_key": world.ann.user}),
            json.dumps({**member, "state_key": world.bot}),
            json.dumps({**member, "state_key": "@eve:elsewhere", "content": {"membership": "join"}}),
            json.dumps(text),
        ):
            await seal(world.ann, room, payload)
        await world.ann.say(room, "au revoir")
        await world.mailbox.until(lambda box: "au revoir" in box.texts())
        there = await door.membership(room)

    assert world.mailbox.texts() == ["bonjour", "bien ?", "au revoir"]
    assert [arrival.who for arrival in world.mailbox.of_kind("member")] == [world.bot]
    assert set(there.people) == {world.ann.user}
