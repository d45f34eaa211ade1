"""The door on a real homeserver, with encryption."""

import json
from typing import Any

import nio
import pytest

from bot.channels.matrix.client import quoted
from bot.channels.matrix.words import NOT_ENCRYPTED
from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from tests.channels.matrix.conftest import World, listening
from tests.channels.matrix.person import Post
from tests.channels.matrix.proxy import IllProxy

pytestmark = pytest.mark.server

YES_NO = {"inline_keyboard": [[{"text": "Oui", "callback_data": "o"}, {"text": "Non", "callback_data": "n"}]]}
VOTE = "org.matrix.msc3381.poll.response"


def says(text: str) -> Any:
    return lambda event: getattr(event, "body", "") == text


def vote(poll: str, answer: str) -> dict[str, Any]:
    return {VOTE: {"answers": [answer]}, "m.relates_to": {"rel_type": "m.reference", "event_id": poll}}


async def test_words_go_both_ways_encrypted(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        await world.ann.say(room, "bonjour")
        [arrival] = await world.mailbox.until(lambda box: box.of_kind("text"))
        sent = await door.send(letters.letter(room, "sendMessage", text="Bonjour Ann"))
        answer = await world.ann.until(says("Bonjour Ann"))

    assert (arrival.text, arrival.clear, arrival.direct, arrival.sender) == ("bonjour", False, True, world.ann.user)
    assert (answer.decrypted, (answer.event_id,)) == (True, sent.events)


async def test_what_was_written_before_the_bot_came_in_is_received(world: World) -> None:
    async with listening(world.door()):
        room = await world.ann.open_room(world.bot)
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())

    assert world.mailbox.texts() == ["bonjour"]


async def test_clear_text_in_an_encrypted_room_is_delivered_and_marked(world: World) -> None:
    async with world.talking() as (_, room):
        world.ann.client.rooms[room].encrypted = False
        await world.ann.say(room, "en clair")
        [arrival] = await world.mailbox.until(lambda box: box.of_kind("text"))

    assert arrival.clear is True


async def test_a_room_that_is_not_encrypted_gets_one_sentence_and_nothing_else(world: World, letters: Post) -> None:
    async with listening(world.door()) as door:
        answer = await world.ann.client.room_create(
            preset=nio.RoomPreset.public_chat, invite=[world.bot], is_direct=True
        )
        await world.ann.sync()
        room = str(answer.room_id)
        await world.ann.joined(room, world.bot)
        await world.ann.say(room, "un")
        await world.ann.say(room, "deux")
        await world.ann.until(says(NOT_ENCRYPTED))
        with pytest.raises(PermanentDeliveryError):
            await door.send(letters.letter(room, "sendMessage", text="secret"))
        await world.ann.sync(500)

    assert world.mailbox.arrivals == []
    said = [event.body for event in world.ann.seen if event.sender == world.bot and hasattr(event, "body")]
    assert said == [NOT_ENCRYPTED]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        pytest.param("m.room.encrypted", {"algorithm": "m.olm.v1.curve25519-aes-sha2"}, id="no ciphertext"),
        pytest.param(
            "m.room.encrypted",
            {
                "algorithm": "m.olm.v1.curve25519-aes-sha2",
                "sender_key": "x",
                "ciphertext": {"KEY": {"type": 0, "body": "?"}},
            },
            id="no base64",
        ),
        pytest.param(
            "m.room.encrypted",
            {
                "algorithm": "m.olm.v1.curve25519-aes-sha2",
                "sender_key": "A" * 43,
                "ciphertext": {"KEY": {"type": 0, "body": "AwogAAAA"}},
            },
            id="no message",
        ),
        pytest.param("m.room_key_request", {"action": "request", "body": None}, id="no request"),
        pytest.param("m.key.verification.start", {"method": "m.sas.v1"}, id="no verification"),
        pytest.param("m.room_key", {"session_key": 3}, id="no key"),
    ],
)
async def test_nonsense_sent_to_the_bot_s_device_stops_nothing(
    world: World, kind: str, content: dict[str, Any]
) -> None:
    async with world.talking() as (door, room):
        own = door._client.nio.olm.account.identity_keys["curve25519"]
        text = json.dumps(content).replace("KEY", own)
        nonsense = {"messages": {world.bot: {"*": json.loads(text)}}}
        for number in range(20):  # some of it comes together with the key of the words
            await world.ann.hand_over(nonsense, kind, f"nonsense-{number}")
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())

    assert world.mailbox.texts() == ["bonjour"]


async def test_an_encrypted_message_that_names_no_key_stops_nothing(world: World) -> None:
    async with world.talking() as (_, room):
        nobody = dict.fromkeys(("sender_key", "session_id", "device_id", "ciphertext"), "")
        world.ann.client.rooms[room].encrypted = False
        await world.ann.send(room, {"algorithm": "m.megolm.v1.aes-sha2", **nobody}, "m.room.encrypted")
        world.ann.client.rooms[room].encrypted = True
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())

    assert world.mailbox.texts() == ["bonjour"]


async def test_what_a_person_reads_is_known_and_what_the_bot_reads_is_not(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendMessage", text="Bonjour"))
        await door._client.call("POST", f"client/v3/rooms/{quoted(room)}/receipt/m.read/{quoted(sent.events[0])}", {})
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())
        unread = list(world.mailbox.events_read)
        await world.ann.client.update_receipt_marker(room, sent.events[0])
        await world.mailbox.until(lambda box: box.events_read)

    assert (unread, world.mailbox.events_read) == ([], [sent.events[0]])


async def test_a_reaction_taken_back_says_which_one_it_was_and_a_message_taken_back_says_nothing(
    world: World, letters: Post
) -> None:
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendMessage", text="Bonjour"))
        relation = {"rel_type": "m.annotation", "event_id": sent.events[0], "key": "👍"}
        reaction = await world.ann.send(room, {"m.relates_to": relation}, "m.reaction")
        said = await world.ann.say(room, "bonjour")
        await world.ann.client.room_redact(room, said)
        await world.ann.client.room_redact(room, reaction)
        await world.mailbox.until(lambda box: len(box.of_kind("reaction")) == 2)

    assert [(one.target, one.key, one.taken_back) for one in world.mailbox.of_kind("reaction")] == [
        (sent.events[0], "👍", False),
        (sent.events[0], "👍", True),
    ]


async def test_a_poll_is_answered_by_a_tap(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendMessage", text="Prêt ?", reply_markup=YES_NO))
        await world.ann.send(room, vote(sent.events[1], "1"), VOTE)
        [choice] = await world.mailbox.until(lambda box: box.of_kind("choice"))

    assert (choice.target, choice.option, choice.clear) == (sent.events[1], 1, False)


async def test_the_poll_of_an_edited_message_stands_for_the_message(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendMessage", text="Prêt ?", reply_markup=YES_NO))
        edit = letters.letter(
            room, "editMessageText", message_id=5, text="Et là ?", reply_markup=YES_NO, targets={5: sent.events}
        )
        await door.send(edit)
        new = await world.ann.until(
            lambda event: "Et là ?" in str(event.source) and "poll.start" in event.source["type"]
        )
        end = await world.ann.until(lambda event: event.source["type"].endswith("poll.end"))
        await world.ann.send(room, vote(new.event_id, "0"), VOTE)
        [choice] = await world.mailbox.until(lambda box: box.of_kind("choice"))

    assert end.source["content"]["m.relates_to"]["event_id"] == sent.events[1]
    assert (choice.target, choice.option) == (sent.events[0], 0)


async def test_a_person_without_a_room_gets_one_and_only_one(world: World, letters: Post) -> None:
    async with listening(world.door()) as door:
        sent = await door.send(letters.letter(world.ann.user, "sendMessage", text="Convocation"))
        del world.mailbox.facts[f"direct.{world.ann.user}"]  # a kill before the room was noted
        await door.send(letters.letter(world.ann.user, "sendMessage", text="Rappel"))
        await world.ann.sync()
        first = await world.ann.until(says("Convocation"))
        await world.ann.until(says("Rappel"))

    assert (first.decrypted, (first.event_id,)) == (True, sent.events)
    assert len(world.ann.client.rooms) == 1


async def test_a_letter_leaves_after_a_restart_before_anything_was_heard_of_its_room(
    world: World, letters: Post
) -> None:
    async with world.talking() as (_, room):
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())
    door = world.door()
    await door.open()

    await door.send(letters.letter(room, "sendMessage", text="Me revoici"))
    answer = await world.ann.until(says("Me revoici"))
    await door.close()

    assert answer.decrypted is True


async def test_a_message_sent_while_the_bot_was_down_is_read_after_the_restart(world: World) -> None:
    async with world.talking() as (_, room):
        await world.ann.say(room, "un")
        await world.mailbox.until(lambda box: box.texts())
    for number in range(40):
        await world.ann.say(room, f"message {number}")

    async with listening(world.door()):
        await world.mailbox.until(lambda box: len(box.texts()) == 41)

    assert world.mailbox.texts() == ["un", *(f"message {number}" for number in range(40))]


async def test_a_letter_tried_again_after_a_restart_is_one_message(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        letter = letters.letter(room, "sendMessage", text="Une seule fois")
        first = await door.send(letter)
    door = world.door()
    await door.open()

    second = await door.send(letter)
    await world.ann.until(says("Une seule fois"))
    await world.ann.sync(300)
    await door.close()

    assert first == second
    assert sum(getattr(event, "body", "") == "Une seule fois" for event in world.ann.seen) == 1


async def test_a_room_key_that_did_not_leave_is_handed_over_before_anything_is_said(
    world: World, letters: Post
) -> None:
    async with IllProxy(world.synapse.url) as proxy, world.talking(url=proxy.url) as (door, room):
        letter = letters.letter(room, "sendMessage", text="lisible")
        proxy.faults["/sendToDevice/"] = 1
        with pytest.raises(TemporaryDeliveryError):
            await door.send(letter)
        await door.send(letter)
        answer = await world.ann.until(says("lisible"))

    assert answer.decrypted is True
    assert [event for event in world.ann.seen if isinstance(event, nio.MegolmEvent)] == []


async def test_a_deleted_message_is_gone_with_its_poll(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, "sendMessage", text="Prêt ?", reply_markup=YES_NO))
        await door.send(letters.letter(room, "deleteMessage", message_id=5, targets={5: sent.events}))
        gone = [await world.ann.client.room_get_event(room, event) for event in sent.events]

    assert [type(answer.event) for answer in gone] == [nio.RedactedEvent, nio.RedactedEvent]


async def test_typing_is_shown_and_never_raises(world: World) -> None:
    door = world.door()
    await door.typing("!nowhere:localhost", on=True)
    async with world.talking() as (opened, room):
        await opened.typing("!nowhere:localhost", on=True)
        await opened.typing(room, on=True)
        answer = await world.ann.client.sync(timeout=2000)
        await opened.typing(room, on=False)

    assert typists(answer, room) == [[world.bot]]


async def test_an_answer_ends_the_sign_that_it_was_on_its_way(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        await door.typing(room, on=True)
        before = await world.ann.client.sync(timeout=2000)
        await door.send(letters.letter(room, "sendMessage", text="voici"))
        after = await world.ann.client.sync(timeout=2000)

    assert (typists(before, room), typists(after, room)) == ([[world.bot]], [[]])


def typists(answer: nio.SyncResponse, room: str) -> list[list[str]]:
    """Who was said to be typing."""
    return [event.users for event in answer.rooms.join[room].ephemeral if isinstance(event, nio.TypingNoticeEvent)]
