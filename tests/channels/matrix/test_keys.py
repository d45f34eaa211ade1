"""What is written to the bot can be read, or is asked for again."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.channels.console import BUREAU
from bot.channels.matrix.door import MatrixDoor
from bot.channels.matrix.words import UNREADABLE
from bot.clock import FrozenClock
from tests.channels.matrix.conftest import SECRET, World, listening
from tests.channels.matrix.memory import MemoryMailbox
from tests.conversations.stage import SealingHomeserver

pytestmark = pytest.mark.server


async def test_after_fifty_claims_on_a_sleeping_bot_the_next_first_message_is_read(world: World) -> None:
    door = world.door()
    await door.open()
    device = door._client.device
    await door.close()
    claims = [await world.ann.client.keys_claim({world.bot: [device]}) for _ in range(55)]

    async with listening(world.door()):
        room = await world.ann.open_room(world.bot)
        await world.ann.joined(room, world.bot)
        world.ann.client.olm.session_store._entries.clear()
        await world.ann.say(room, "bonjour")
        await world.mailbox.until(lambda box: box.texts())

    assert [len(claim.one_time_keys) for claim in claims] == [1] * 55
    assert world.mailbox.texts() == ["bonjour"]


class Spent(SealingHomeserver):
    """A homeserver that says once that the key which never runs out was used, and counts those that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.used = False
        self.fallback: list[str] = []

    async def _served(self, request: web.Request, parts: Sequence[str]) -> web.StreamResponse:
        if parts[-2:] == ["keys", "upload"]:
            self.fallback += (await request.json()).get("fallback_keys", {})
        return await super()._served(request, parts)

    async def _sync(self, query: Mapping[str, str]) -> dict[str, Any]:
        answer = await super()._sync(query)
        used, self.used = self.used, False
        return {**answer, "device_unused_fallback_key_types": [] if used else ["signed_curve25519"]}


async def test_a_fallback_key_that_was_used_is_followed_by_another(
    mailbox: MemoryMailbox, clock: FrozenClock, tmp_path: Path
) -> None:
    async with Spent() as homeserver, listening(MatrixDoor(homeserver.account, mailbox, clock, tmp_path, SECRET)):
        homeserver.used = True
        homeserver.say(BUREAU, "bonjour")
        async with asyncio.timeout(30):
            while len(homeserver.fallback) < 2:
                await asyncio.sleep(0.01)

    assert len(set(homeserver.fallback)) == 2


async def test_a_message_whose_key_comes_late_is_received(world: World) -> None:
    async with world.talking() as (_, room):
        olm = world.ann.client.olm
        await world.ann.say(room, "un")
        olm.create_outbound_group_session(room)
        keys = [key for _, key in olm.share_group_session_parallel(room, [world.bot], ignore_unverified_devices=True)]
        olm.outbound_group_sessions[room].shared = True  # the key stays behind
        await world.ann.say(room, "deux")
        await world.mailbox.until(lambda box: json.loads(box.facts.get("unread", "{}")).get("waiting"))
        await world.ann.hand_over(keys[0])
        await world.mailbox.until(lambda box: len(box.texts()) == 2)

    assert world.mailbox.texts() == ["un", "deux"]
    assert json.loads(world.mailbox.facts["unread"])["waiting"] == []


async def given_up(world: World, count: int) -> None:
    """Wait until that many messages have waited a minute for their key in vain."""

    def waiting(box: MemoryMailbox) -> int:
        return len(json.loads(box.facts.get("unread", "{}")).get("waiting", []))

    await world.mailbox.until(lambda box: waiting(box) == count)
    world.clock.set(world.clock.now() + timedelta(minutes=1))
    await world.mailbox.until(lambda box: waiting(box) == 0)


async def test_a_message_whose_key_never_comes_is_asked_for_again_once(world: World) -> None:
    async with world.talking() as (_, room):
        olm = world.ann.client.olm
        await world.ann.say(room, "un")
        olm.create_outbound_group_session(room)
        olm.outbound_group_sessions[room].shared = True
        await world.ann.say(room, "deux")
        await world.ann.say(room, "trois")
        await given_up(world, 2)
        answer = await world.ann.until(lambda event: getattr(event, "body", "") == UNREADABLE)
        world.clock.set(world.clock.now() + timedelta(hours=1))
        await world.ann.say(room, "quatre")
        await given_up(world, 1)
        await world.ann.sync(500)

    assert answer.decrypted is True
    assert sum(getattr(event, "body", "") == UNREADABLE for event in world.ann.seen) == 1
