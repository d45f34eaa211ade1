"""People and devices that come and go on a real homeserver."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import PermanentDeliveryError
from tests.channels.matrix.conftest import World
from tests.channels.matrix.person import Person, Post

pytestmark = pytest.mark.server


def says(text: str) -> Any:
    return lambda event: getattr(event, "body", "") == text


async def test_a_device_that_comes_in_the_middle_reads_what_comes_next(
    world: World, letters: Post, tmp_path: Path
) -> None:
    async with world.talking() as (door, room):
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())
        await door.send(letters.letter(room, "sendMessage", text="sur le premier"))
        async with Person(world.synapse.url, world.ann.user, "pw", tmp_path / "telephone") as phone:
            await world.ann.say(room, "je change de téléphone")
            await world.mailbox.until(lambda box: len(box.texts()) == 2)
            await door.send(letters.letter(room, "sendMessage", text="sur les deux"))
            heard = [await one.until(says("sur les deux")) for one in (world.ann, phone)]

    assert [event.decrypted for event in heard] == [True, True]


async def test_a_letter_to_a_room_that_the_person_left_is_given_up(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())
        await world.ann.client.room_leave(room)
        await world.mailbox.until(lambda box: [one for one in box.of_kind("member") if one.new == "leave"])

        with pytest.raises(PermanentDeliveryError, match="nobody"):
            await door.send(letters.letter(room, "sendMessage", text="convocation"))
        again = await world.ann.open_room(world.bot)
        await world.ann.joined(again, world.bot)
        sent = await door.send(letters.letter(again, "sendMessage", text="convocation"))
        heard = await world.ann.until(says("convocation"))

    assert (heard.event_id,) == sent.events


async def test_a_bot_that_was_shut_out_comes_back_when_it_is_invited_again(world: World, letters: Post) -> None:
    async with world.talking() as (door, room):
        await world.ann.client.room_kick(room, world.bot)
        await world.mailbox.until(lambda box: [one for one in box.of_kind("member") if one.new == "leave"])
        with pytest.raises(PermanentDeliveryError):
            await door.send(letters.letter(room, "sendMessage", text="perdu"))
        await world.ann.client.room_invite(room, world.bot)
        await world.ann.sync()
        await world.ann.joined(room, world.bot)
        await world.ann.say(room, "me revoilà")
        await world.mailbox.until(lambda box: box.texts())
        await door.send(letters.letter(room, "sendMessage", text="bon retour"))
        heard = await world.ann.until(says("bon retour"))

    assert (world.mailbox.texts(), heard.decrypted) == (["me revoilà"], True)


@pytest.mark.parametrize("version", ["11", "12"])
async def test_a_room_that_is_replaced_by_another_goes_on_there(world: World, letters: Post, version: str) -> None:
    async with world.talking() as (door, room):
        new = await world.ann.upgrade(room, version)
        await world.ann.client.room_invite(new, world.bot)
        await world.ann.sync()
        await world.ann.joined(new, world.bot)
        await world.ann.say(new, "nous voici ici")
        [arrival] = await world.mailbox.until(lambda box: box.of_kind("text"))
        with pytest.raises(PermanentDeliveryError):
            await door.send(letters.letter(room, "sendMessage", text="dans l’ancien"))
        await door.send(letters.letter(new, "sendMessage", text="dans le nouveau"))
        await world.ann.until(says("dans le nouveau"))

    assert (arrival.room, arrival.direct, arrival.clear) == (new, True, False)
