"""Doors on the stub homeserver, and on a real one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.matrix.door import MatrixDoor
from bot.clock import PARIS, FrozenClock
from bot.settings import MatrixSettings
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.person import Post
from tests.channels.matrix.stub import BOT, StubHomeserver

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
