"""The real application on the Telegram door and our Bot API server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.accounts import EmailSettings, TelegramSettings
from bot.app import App, open_app
from bot.channels.telegram.door import TelegramDoor
from bot.channels.telegram.menu import Menu
from bot.clock import PARIS, FrozenClock
from bot.settings import Settings
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

PAPERS = Path(__file__).parents[2] / "conversations" / "fichiers"
OPEN_DAY = datetime(2017, 4, 10, 9, tzinfo=PARIS)
BUREAU = -5005


@dataclass
class World:
    """Greffier at work on Telegram."""

    app: App
    door: TelegramDoor
    stub: StubTelegram
    clock: FrozenClock

    async def settled(self) -> None:
        """Wait until everything that was sent is kept, confirmed, handled and answered."""
        async with asyncio.timeout(20):
            while self.stub.unconfirmed:
                await asyncio.sleep(0.005)
            await self.app.settled()

    async def until(self, test: Callable[[], object]) -> None:
        """Wait until `test` holds."""
        async with asyncio.timeout(20):
            while not test():
                await asyncio.sleep(0.01)

    async def rows(self, model: type[Any]) -> list[Any]:
        """Every row of a table, by id."""
        return await self.app.database.query(lambda session: sorted(session.query(model), key=lambda row: row.id))


OpenWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
async def stub() -> AsyncIterator[StubTelegram]:
    async with StubTelegram() as server:
        server.chat(BUREAU, "group", "Bureau")
        yield server


@pytest.fixture
def open_world(stub: StubTelegram, tmp_path: Path) -> OpenWorld:
    """Opens Greffier on one folder, or on those that are named, as often as a test likes."""

    @asynccontextmanager
    async def open_it(
        menu: Menu | None = None, *, receiving: bool = True, folder: str = "", **given: Any
    ) -> AsyncIterator[World]:
        clock, doors = FrozenClock(OPEN_DAY), []
        mail = EmailSettings(host="127.0.0.1", sender="greffier@ac-paris.fr")  # what is personal leaves by e-mail
        house = {"email": mail, **{name: given.pop(name) for name in ("email", "campagne") if name in given}}
        said = {"token": TOKEN, "api_url": stub.url, "bureau_chat": BUREAU, **given}
        telegram = TelegramSettings.model_validate(said)
        settings = Settings(data_dir=tmp_path / folder, telegram=telegram, **house)

        def make(mailbox: Any) -> TelegramDoor:
            assert settings.telegram is not None
            doors.append(TelegramDoor(settings.telegram, mailbox, clock, menu=menu, hold=1))
            return doors[0]

        made: Any = [("telegram", make)]
        async with open_app(settings, made, clock=clock, bureau={"telegram": BUREAU}, durable=False) as app:
            task = asyncio.create_task(app.run() if receiving else asyncio.sleep(3600))
            yield World(app, doors[0], stub, clock)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return open_it


@pytest.fixture
async def world(open_world: OpenWorld) -> AsyncIterator[World]:
    async with open_world() as opened:
        yield opened


@pytest.fixture
def camille(stub: StubTelegram) -> Person:
    return Person(stub)
