"""What the door knows of a room and does to it, on a real homeserver: who is there, pins, messages passed on."""

from typing import Any

import nio
import pytest

from bot.channels.door import Membership
from tests.channels.matrix.conftest import World
from tests.channels.matrix.person import Post

pytestmark = pytest.mark.server


async def pinned(world: World, room: str) -> list[str]:
    answer = await world.ann.client.room_get_state_event(room, "m.room.pinned_events")
    assert isinstance(answer, nio.RoomGetStateEventResponse), answer
    found: list[str] = answer.content["pinned"]
    return found


async def promote(world: World, room: str) -> None:
    """The bot may change the room, as in a room that was prepared for it."""
    answer = await world.ann.client.room_get_state_event(room, "m.room.power_levels")
    powers: dict[str, Any] = answer.content
    users = {**powers["users"], world.bot: 50}
    await world.ann.client.room_put_state(room, "m.room.power_levels", {**powers, "users": users})


async def test_who_is_in_a_room_and_who_runs_it(world: World) -> None:
    async with world.talking() as (door, room):
        await world.ann.client.room_put_state(room, "m.room.name", {"name": "Bureau DE2"})
        before = await door.membership(room)
        await promote(world, room)
        after = await door.membership(room)

    assert before == Membership("Bureau DE2", {world.ann.user: "administrator"}, "member")
    assert after.me == "administrator"


async def test_pins_add_up_and_are_taken_away_one_by_one_or_all(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        await promote(world, room)
        first, second = [await world.ann.say(room, text) for text in ("un", "deux")]
        known = {4: (first,), 5: (second,)}

        async def do(method: str, **payload: Any) -> list[str]:
            await door.send(letters.letter(room, method, targets=known, **payload))
            return await pinned(world, room)

        both = [await do("pinChatMessage", message_id=number) for number in (4, 5, 4)]
        fewer = [await do("unpinChatMessage", message_id=5), await do("unpinChatMessage")]
        await do("pinChatMessage", message_id=5)
        none = await do("unpinAllChatMessages")

    assert both == [[first], [first, second], [second, first]]
    assert (fewer, none) == ([[first], []], [])


async def test_a_message_of_another_room_is_passed_on(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        told = await world.ann.say(room, "à transmettre")
        await world.mailbox.until(lambda box: box.texts())  # with its key: what was not read is not passed on
        other = await world.ann.open_room(world.bot)
        await world.ann.joined(other, world.bot)
        letter = letters.letter(other, "forwardMessage", targets={4: (told,)}, message_id=4, from_room=room)
        sent = await door.send(letter)
        found = await world.ann.until(lambda event: (event.event_id,) == sent.events)

    assert (found.body, found.sender) == ("à transmettre", world.bot)


@pytest.mark.parametrize(
    ("method", "field", "mime", "kind"),
    [
        ("sendVoice", "voice", "audio/ogg", "m.audio"),
        ("sendVideo", "video", "video/mp4", "m.video"),
        ("sendAnimation", "animation", "image/gif", "m.image"),
        ("sendSticker", "sticker", "image/webp", "m.image"),
        ("sendDocument", "document", "application/pdf", "m.file"),
    ],
)
async def test_each_kind_of_file_is_shown_as_what_it_is(
    world: World, letters: Post, method: str, field: str, mime: str, kind: str
) -> None:
    letters.files["x"] = b"bytes"
    payload: dict[str, Any] = {field: {"file": "x", "name": "nom", "mime": mime, "size": 5}}

    async with world.talking() as (door, room):
        sent = await door.send(letters.letter(room, method, **payload))
        found = await world.ann.until(lambda event: (event.event_id,) == sent.events)

    assert found.source["content"]["msgtype"] == kind
    assert ("org.matrix.msc3245.voice" in found.source["content"]) is (method == "sendVoice")
