"""A bot of the test's own at each door, stopped and started as often as a test likes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher, Router

from bot.events import configure_logging
from bot.host import Hosted, hosting
from tests.channels.contract.homeserver import RoomyHomeserver
from tests.channels.contract.networks import MatrixPlace, TelegramPlace
from tests.channels.contract.places import ConsolePlace, Place
from tests.channels.telegram.stub import StubTelegram

configure_logging(json=True)


@pytest.fixture(params=["console", "matrix", "telegram"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A person in front of each door in turn."""
    if request.param == "console":
        yield ConsolePlace()
    elif request.param == "matrix":
        async with RoomyHomeserver() as homeserver:
            yield MatrixPlace(homeserver, tmp_path)
    else:
        async with StubTelegram() as server:
            yield TelegramPlace(server)


class Talk:
    """A bot at work, and the person in front of it."""

    def __init__(self, hosted: Hosted, place: Place) -> None:
        self.hosted, self.place = hosted, place

    async def do(self, act: Awaitable[Any]) -> Any:
        """Something that the person does, until the bot has received it, handled it and answered."""
        before = self.place.mailbox.received
        done = await act
        await self.until(lambda: self.place.mailbox.received > before)
        await self.hosted.settled()
        return done

    async def until(self, test: Callable[[], object]) -> None:
        """Wait until `test` holds."""
        async with asyncio.timeout(15):
            while not test():
                await asyncio.sleep(0.01)


Open = Callable[..., contextlib.AbstractAsyncContextManager[Talk]]


@pytest.fixture
def opened(place: Place, tmp_path: Path) -> Open:
    """Starts a bot with the rooms it is given, on one memory; `prepare` sees its dispatcher before."""

    @asynccontextmanager
    async def open_it(router: Router, prepare: Callable[[Dispatcher], Any] = lambda _: None) -> AsyncIterator[Talk]:
        dispatcher = Dispatcher()
        dispatcher.include_router(router)
        prepare(dispatcher)
        async with hosting(dispatcher, place.make, place.name, folder=tmp_path / "bot") as hosted:
            running = asyncio.create_task(hosted.run())
            await place.ready()
            yield Talk(hosted, place)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    return open_it
