"""The promise, tried from outside: `kill -9` at a hundred random moments, and every message is answered exactly once.

Five candidates in encrypted conversations on a real homeserver; the homeserver is restarted in the middle, and one of
them writes forty messages while the bot is down. « ping N » is answered « pong N count=K », K counted through the
inbox, the state of the conversation, the unit of work and the outbox: a message lost or handled twice shows in K.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.matrix.person import Person
from tests.channels.matrix.synapse import Synapse
from tests.journeys.service import Service

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]

KILLS = 100
CANDIDATES = 5
PINGS = 40  # by each, while the bot is being killed
AT_ONCE = 40  # by one of them, while the bot is down
SEED = 17_0076


class Candidate:
    """Somebody who writes pings and reads pongs."""

    def __init__(self, person: Person, room: str) -> None:
        self.person = person
        self.room = room
        self.written = 0
        self._writing = asyncio.Lock()  # at random and while the bot is down: one ping after the other

    async def ping(self) -> None:
        """Write the next ping, again as long as the homeserver is away."""
        async with self._writing:
            await self._send(f"ping {self.written}")
            self.written += 1

    async def _send(self, body: str) -> None:
        content, key = {"msgtype": "m.text", "body": body}, secrets.token_hex(8)  # one key: the homeserver keeps one
        while True:
            with contextlib.suppress(Exception):
                answer = await self.person.client.room_send(
                    self.room, "m.room.message", content, tx_id=key, ignore_unverified_devices=True
                )
                if hasattr(answer, "event_id"):
                    return
            await asyncio.sleep(0.3)

    async def listen(self) -> None:
        """Keep keys and members up to date until cancelled."""
        while True:
            with contextlib.suppress(Exception):
                await self.person.sync(1000)
                continue
            await asyncio.sleep(0.3)

    async def heard(self, bot: str) -> list[str]:
        """What the bot said in the room, in order."""
        answer = await self.person.client.room_messages(self.room, start="", limit=1000)
        said = [event for event in reversed(answer.chunk) if event.sender == bot]
        return [str(body) for event in said if (body := getattr(event, "body", "")).startswith("pong ")]

    @property
    def expected(self) -> list[str]:
        return [f"pong {number} count={number + 1}" for number in range(self.written)]


@contextlib.asynccontextmanager
async def five_candidates(server: Synapse, bot: str, folder: Path) -> AsyncIterator[list[Candidate]]:
    async with contextlib.AsyncExitStack() as stack:
        people = []
        for number in range(CANDIDATES):
            user = await asyncio.to_thread(server.register, f"candidate{number}", "un mot de passe")
            person = Person(server.url, user, "un mot de passe", folder / user[1:10])
            await stack.enter_async_context(person)
            people.append(Candidate(person, await person.open_room(bot)))
        yield people


async def write_at_random(candidate: Candidate, dice: random.Random) -> None:
    for _ in range(PINGS):
        await asyncio.sleep(dice.uniform(0.5, 7))
        await candidate.ping()


async def test_a_hundred_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    (tmp_path / "homeserver").mkdir()
    server = Synapse(tmp_path / "homeserver")
    await asyncio.to_thread(server.start)
    user = await asyncio.to_thread(server.register, "greffier", "un mot de passe de bot")
    settings = {
        "GREFFIER_DATA_DIR": str(tmp_path / "donnees"),
        "GREFFIER_DIAGNOSTICS": "1",
        "GREFFIER_MATRIX__HOMESERVER": server.url,
        "GREFFIER_MATRIX__USER": user,
        "GREFFIER_MATRIX__PASSWORD": "un mot de passe de bot",
    }
    bot = Service(settings, tmp_path / "greffier.log")
    try:
        async with five_candidates(server, user, tmp_path) as people:
            await bot.start()
            for one in people:
                await one.person.joined(one.room, user)
            listening = [asyncio.create_task(one.listen()) for one in people]
            writing = [asyncio.create_task(write_at_random(one, random.Random(dice.random()))) for one in people]
            await kill_again_and_again(bot, server, people, dice)
            await asyncio.gather(*writing)
            await answered(people, user)
            heard: list[Any] = [await one.heard(user) for one in people]
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
    finally:
        await bot.stop()
        await asyncio.to_thread(server.stop)

    assert heard == [one.expected for one in people]
    assert sum(one.written for one in people) == CANDIDATES * PINGS + AT_ONCE


async def kill_again_and_again(bot: Service, server: Synapse, people: list[Candidate], dice: random.Random) -> None:
    for kill in range(KILLS):
        await asyncio.sleep(dice.uniform(0.1, 3.5))
        await bot.kill()
        if kill == KILLS // 2:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
        if kill == 3 * KILLS // 4:
            for _ in range(AT_ONCE):
                await people[0].ping()
        await bot.start()


async def answered(people: list[Candidate], bot: str) -> None:
    """Wait until as much was said as is expected, then a little longer for anything said twice."""
    async with asyncio.timeout(180):
        for one in people:
            while len(await one.heard(bot)) < one.written:
                await asyncio.sleep(1)
    await asyncio.sleep(3)
