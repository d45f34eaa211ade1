"""Greffier killed again and again on a network made of two files; run as a program by test_kills.

`in.jsonl` is what people say, `out.jsonl` what arrived at them, each parcel under its key: a network that is asked
twice with one key shows the message once. One process imports everything and forks a life after the other, so that
a hundred of them cost no more than what they do.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiogram import F
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.channels.arrival import TextArrival
from bot.channels.door import Mailbox, Parcel, Sent
from bot.clock import Clock
from bot.errors import ConfigurationError, TemporaryDeliveryError
from storage import identities, inbox, outbox
from storage.database import Database
from storage.opening import open_database
from storage.outbox import Letter
from storage.work import UnitOfWork
from tests.core.conftest import House

CHANCE = random.Random()
LOST_BEFORE, LOST_AFTER = 0.02, 0.07  # shares of parcels lost on the way, and of answers lost on the way back


class FileDoor:
    """Implements `bot.channels.door.Door` on the two files."""

    name = "console"

    def __init__(self, folder: Path, mailbox: Mailbox, clock: Clock) -> None:
        self._folder, self._mailbox, self._clock = folder, mailbox, clock
        self._offset = 0

    async def open(self) -> None:
        self._offset = int(await self._mailbox.position() or 0)

    async def run(self) -> None:
        while True:
            await self._read()
            await asyncio.sleep(0.005)

    async def _read(self) -> None:
        with (self._folder / "in.jsonl").open("rb") as network:
            network.seek(self._offset)
            data = network.read()
        whole = data[: data.rfind(b"\n") + 1]
        if not whole:
            return
        arrivals = [self._arrival(json.loads(line)) for line in whole.splitlines()]
        await self._mailbox.receive(arrivals, position=str(self._offset + len(whole)))
        self._offset += len(whole)

    def _arrival(self, said: Mapping[str, Any]) -> TextArrival:
        now = self._clock.now()
        who = said["who"]
        return TextArrival(
            door=self.name,
            event=said["event"],
            room=who,
            sender=who,
            sent_at=now,
            arrived_at=now,
            text=said["text"],
        )

    async def send(self, parcel: Parcel) -> Sent:
        await asyncio.sleep(CHANCE.uniform(0, 0.003))
        fate = CHANCE.random()
        if fate < LOST_BEFORE:
            raise TemporaryDeliveryError("lost", retry_after=0.01)
        line = json.dumps({"key": parcel.key, "room": parcel.room, "text": parcel.payload["text"]}) + "\n"
        descriptor = os.open(self._folder / "out.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, line.encode())
        os.close(descriptor)
        if fate < LOST_AFTER:
            raise TemporaryDeliveryError("answer lost", retry_after=0.01)
        return Sent((parcel.key,))

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        raise NotImplementedError(str(source))

    async def typing(self, room: str, *, on: bool) -> None:
        """Nobody looks."""

    async def close(self) -> None:
        """Nothing to let go of."""


def furnish(house: House[FileDoor]) -> None:
    """A room that counts each message in the conversation's state and tells its person and the bureau."""

    @house.router.message(F.text)
    async def count(message: Message, state: FSMContext, work: UnitOfWork) -> None:
        number = (await state.get_data()).get("n", 0) + 1
        await state.update_data(n=number)
        await asyncio.sleep(CHANCE.choice((0, 0, 0.003)))
        await message.answer(f"{message.text} {number}")
        work.note("ping.counted", actor=f"candidat:{message.chat.id}", number=number)
        bureau = await identities.room(work, "console", "bureau")
        work.outbox.put(Letter(bureau, "sendMessage", {"text": f"{message.text} {number}"}))


async def _open(url: str) -> Database:
    """The database, once its server has noticed that the life before is over."""
    while True:
        try:
            return await open_database(url)
        except ConfigurationError:
            await asyncio.sleep(0.01)


async def live(url: str, folder: Path, *, until_done: bool) -> None:
    """One life; the last one ends when everything said is handled and every letter has left."""
    database = await _open(url)
    make: Callable[..., FileDoor] = lambda mailbox, clock, _: FileDoor(folder, mailbox, clock)  # noqa: E731 -- a door's maker
    house = House(database, folder, Clock(), make)
    furnish(house)
    await house.open()
    await house.clerk.resume()
    house.postman.look()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(house.postman.run()), group.create_task(house.door.run())]
        while not (until_done and await _done(house, folder)):
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
    await house.close()
    await database.close()


async def _done(house: House[FileDoor], folder: Path) -> bool:
    said = (folder / "in.jsonl").read_bytes().count(b"\n")
    handled = await house.database.query(lambda session: inbox.known(session, "console", _events(folder)))
    if len(handled) < said:
        return False
    left = await house.database.query(inbox.unhandled), await house.database.query(outbox.waiting)
    return left == (0, [])


def _events(folder: Path) -> list[str]:
    return [json.loads(line)["event"] for line in (folder / "in.jsonl").read_text().splitlines()]


def main(url: str, folder: Path, kills: int, seed: int) -> None:
    """Live and die `kills` times at random instants, then live to the end."""
    instants = random.Random(seed)
    for _ in range(kills):
        pid = _fork(url, folder, until_done=False)
        time.sleep(instants.uniform(0.02, 0.35))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    (folder / "mourned").touch()  # the feeder stops
    while not (folder / "fed").exists():
        time.sleep(0.01)
    _, status = os.waitpid(_fork(url, folder, until_done=True), 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def _fork(url: str, folder: Path, *, until_done: bool) -> int:
    pid = os.fork()
    if pid == 0:
        asyncio.run(live(url, folder, until_done=until_done))
        os._exit(0)
    return pid


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
