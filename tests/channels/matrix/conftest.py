"""Doors on the stub homeserver, and on a real one."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.accounts import MatrixSettings
from bot.channels.matrix.door import MatrixDoor
from bot.channels.matrix.report import Line, report_on
from bot.clock import PARIS, Clock, FrozenClock
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.person import Person, Post
from tests.channels.matrix.stub import BOT, StubHomeserver
from tests.channels.matrix.synapse import Synapse

NOW = datetime(2017, 4, 20, 17, 0, tzinfo=PARIS)
SECRET = "un secret assez long pour la maison"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def mailbox() -> MemoryMailbox:
    return MemoryMailbox()


@pytest.fixture
def post(clock: FrozenClock) -> Post:
    return Post(clock.now())


@pytest.fixture
async def stub() -> AsyncIterator[StubHomeserver]:
    async with StubHomeserver() as server:
        yield server


@asynccontextmanager
async def listening(door: MatrixDoor) -> AsyncIterator[MatrixDoor]:
    """The door, open and listening."""
    await door.open()
    task = asyncio.create_task(door.run())
    try:
        yield door
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await door.close()


@pytest.fixture
def make_door(
    stub: StubHomeserver, mailbox: MemoryMailbox, clock: FrozenClock, tmp_path: Path
) -> Callable[..., MatrixDoor]:
    """Builds a door on the stub, without encryption."""

    def make(**given: Any) -> MatrixDoor:
        said = {"homeserver": stub.url, "user": BOT, "password": "x", "encryption": "off"}
        settings = MatrixSettings.model_validate(said | given)
        return MatrixDoor(settings, mailbox, clock, tmp_path / "keys", SECRET)

    return make


@pytest.fixture
async def door(make_door: Callable[..., MatrixDoor]) -> AsyncIterator[MatrixDoor]:
    async with listening(make_door()) as opened:
        yield opened


# --- on a real homeserver ---


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    server = Synapse(tmp_path_factory.mktemp("synapse"))
    server.start()
    yield server
    server.stop()


@dataclass
class World:
    """A bot and a person on a real homeserver, each test with accounts of its own."""

    synapse: Synapse
    mailbox: MemoryMailbox
    clock: Clock
    folder: Path
    bot: str
    ann: Person

    def door(self, *, url: str | None = None, keys: str = "keys", **given: Any) -> MatrixDoor:
        """The bot's door, closed."""
        said = {"homeserver": url or self.synapse.url, "user": self.bot, "password": "pw"}
        settings = MatrixSettings.model_validate(said | given)
        return MatrixDoor(settings, self.mailbox, self.clock, self.folder / keys, SECRET)

    async def report(self, **given: Any) -> list[Line]:
        """What `greffier check` says."""
        said = {"homeserver": self.synapse.url, "user": self.bot, "password": "pw"}
        settings = MatrixSettings.model_validate(said | given)
        return await report_on(settings, self.clock, self.folder / "keys", SECRET)

    @asynccontextmanager
    async def talking(self, **given: Any) -> AsyncIterator[tuple[MatrixDoor, str]]:
        """The bot listening, and an encrypted conversation with the person."""
        async with listening(self.door(**given)) as door:
            room = await self.ann.open_room(self.bot)
            await self.ann.joined(room, self.bot)
            yield door, room


@pytest.fixture
async def world(synapse: Synapse, mailbox: MemoryMailbox, tmp_path: Path) -> AsyncIterator[World]:
    mark = secrets.token_hex(4)
    bot, ann = synapse.register(f"bot{mark}", "pw"), synapse.register(f"ann{mark}", "pw")
    async with Person(synapse.url, ann, "pw", tmp_path / "ann") as person:
        yield World(synapse, mailbox, Clock(), tmp_path, bot, person)


@pytest.fixture
def letters(world: World) -> Post:
    """Letters written now, as a real homeserver's own clock counts."""
    return Post(world.clock.now())
