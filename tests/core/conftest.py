"""A clerk, a postman and the console door around a dispatcher of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest
from aiogram import Bot, Dispatcher, Router
from aiogram.client.default import DefaultBotProperties

from bot.channels.console import ConsoleDoor, Said
from bot.channels.door import Door, Mailbox, Parcel, Sent
from bot.channels.mailbox import DoorMailbox
from bot.channels.session import LetterSession
from bot.clerk import Clerk, Savepoint
from bot.clock import PARIS, Clock, FrozenClock
from bot.events import configure_logging
from bot.postman import Postman
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.fsm import WorkStorage
from storage.opening import open_database
from storage.outbox import Waiting
from storage.work import UnitOfWork

configure_logging(json=True)
NOW = datetime(2017, 4, 10, 9, 0, tzinfo=PARIS)


class TroubledDoor(ConsoleDoor):
    """The console on a network that is sometimes ill: `troubles` says what each try of a text meets first."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.troubles: dict[str, list[Exception]] = {}
        self.tried: list[Parcel] = []
        self.typed: list[str] = []
        self.held: dict[str, asyncio.Event] = {}
        self.noting = False

    async def send(self, parcel: Parcel) -> Sent:
        self.tried.append(replace(parcel, progress=dict(parcel.progress)))
        if self.noting:
            await parcel.note({f"try{len(self.tried)}": True})
        if parcel.room in self.held:
            await self.held[parcel.room].wait()
        troubles = self.troubles.get(parcel.payload.get("text", ""), [])
        if troubles:
            raise troubles.pop(0)
        return await super().send(parcel)

    async def typing(self, room: str, *, on: bool) -> None:
        assert on
        self.typed.append(room)


D = TypeVar("D", bound=Door)
MakeDoor = Callable[[Mailbox, Clock, Callable[[Said], None]], D]


class House(Generic[D]):
    """What the application puts together, with the test's own rooms."""

    def __init__(self, database: Database, folder: Path, clock: Clock, make_door: MakeDoor[D]) -> None:
        self.database = database
        self.clock = clock
        self.files = Files(folder / "pieces")
        self.committer = Committer(database)
        self.heard: list[Said] = []
        self.failed: list[tuple[str, str]] = []
        self.late: list[tuple[str, str]] = []
        self.sorry: list[int | None] = []
        self.router = Router()
        self.dispatcher = Dispatcher(storage=WorkStorage())
        self.dispatcher.update.outer_middleware(Savepoint())
        self.dispatcher.include_router(self.router)
        self.postman = Postman(database, self.files, self.clock, failed=self._note_failed, late=self._note_late)
        self.clerk = Clerk(
            self.dispatcher,
            database,
            self.committer,
            self.clock,
            given={"house": self},
            letters=self.postman.look,
            apologise=self._apologise,
        )
        self.mailbox = DoorMailbox("console", database, self.clerk.take)
        self.door = make_door(self.mailbox, clock, self.heard.append)
        session = LetterSession(self.door, database, self.committer, self.files, self.clock)
        self.bot = Bot("1:console", session=session, default=DefaultBotProperties(parse_mode="HTML"))

    def _note_failed(self, letter: Waiting, state: str) -> None:
        self.failed.append((letter.payload["text"], state))

    def _note_late(self, letter: Waiting) -> None:
        self.late.append((letter.door, letter.payload["text"]))

    async def _apologise(self, _: UnitOfWork, chat_id: int | None) -> None:
        self.sorry.append(chat_id)
        if chat_id is not None:
            await self.bot.send_message(chat_id, "Pardon")

    async def open(self, *, carrying: bool = True) -> None:
        """Open the door; letters are carried unless the test says otherwise."""
        self.clerk.attach(self.door, self.bot)
        if carrying:
            self.postman.attach(self.door)
        await self.door.open()

    async def close(self) -> None:
        await self.clerk.close()
        await self.postman.close()
        await self.committer.close()
        await self.dispatcher.storage.close()

    async def settled(self) -> None:
        async with asyncio.timeout(20):
            await self.clerk.settled()
            await self.postman.settled()

    async def until(self, test: Callable[[], object]) -> None:
        """Carry letters until `test` holds."""
        async with asyncio.timeout(20):
            while not test():
                await self.postman.sort()
                await asyncio.sleep(0.01)

    def said(self, room: str | None = None) -> list[str]:
        """The words that came out, in order."""
        return [said.text for said in self.heard if room in {None, said.room}]


Built = House[TroubledDoor]
BuildHouse = Callable[..., Awaitable[Built]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of either make."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/greffier.db"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
async def build(url: str, tmp_path: Path) -> AsyncIterator[BuildHouse]:
    """Builds houses on one database, one after the other, as restarts do."""
    async with AsyncExitStack() as stack:
        opened: list[AsyncExitStack] = []

        async def build_house(**given: Any) -> Built:
            for earlier in opened:
                await earlier.aclose()
            mine = await stack.enter_async_context(AsyncExitStack())
            opened.append(mine)
            database = await open_database(url)
            mine.push_async_callback(database.close)
            house = House(database, tmp_path, FrozenClock(NOW), TroubledDoor)
            mine.push_async_callback(house.close)
            await house.open(**given)
            return house

        yield build_house


@pytest.fixture
async def house(build: BuildHouse) -> Built:
    """One house, open."""
    return await build()
