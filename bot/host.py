"""Any aiogram bot behind the doors: a dispatcher, an account, and nothing of the procedure.

asyncio.run(serve(dispatcher, MatrixSettings(…), folder=Path("donnees"), secret="…"))
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties

from bot.accounts import MatrixSettings
from bot.channels.door import Door, Mailbox
from bot.channels.mailbox import DoorMailbox
from bot.channels.matrix.door import MatrixDoor
from bot.channels.session import LetterSession
from bot.clerk import Clerk, Savepoint
from bot.clock import Clock
from bot.compat.filters import repair_filters
from bot.events import configure_logging
from bot.leaving import until_told
from bot.postman import Postman
from storage.commit import Committer
from storage.files import Files
from storage.fsm import WorkStorage
from storage.opening import open_database


@dataclass(frozen=True)
class Hosted:
    """A bot at work behind one door; `bot` speaks outside of any update too."""

    bot: Bot
    door: Door
    clerk: Clerk
    postman: Postman

    async def run(self) -> None:
        """Receive, handle and carry until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.postman.run())
            group.create_task(self.door.run())

    async def settled(self) -> None:
        """Wait until what arrived is handled and what can leave has left."""
        await self.clerk.settled()
        await self.postman.settled()


@asynccontextmanager
async def hosting(
    dispatcher: Dispatcher,
    make_door: Callable[[Mailbox, Clock], Door],
    name: str,
    *,
    folder: Path,
    called: str = "Greffier",
) -> AsyncIterator[Hosted]:
    """A dispatcher behind a door; what an earlier run left is taken up again.

    Args:
        name: the door's own, « matrix ».
        called: how the bot names itself.
        folder: private; the memory of the bot and its files.
    """
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    clock = Clock()
    async with AsyncExitStack() as stack:
        database = await open_database(f"sqlite:///{folder}/bot.db")
        stack.push_async_callback(database.close)
        committer, files = Committer(database), Files(folder / "fichiers")
        stack.push_async_callback(committer.close)
        dispatcher.fsm.storage = WorkStorage()
        dispatcher.update.outer_middleware(Savepoint())
        repair_filters(dispatcher)
        postman = Postman(database, files, clock)
        clerk = Clerk(dispatcher, database, committer, clock, given={}, letters=postman.look)
        door = make_door(DoorMailbox(name, database, clerk.take), clock)
        session = LetterSession(door, database, committer, files, clock, called=called)
        bot = Bot(f"1:{name}", session=session, default=DefaultBotProperties(parse_mode="HTML"))
        clerk.attach(door, bot)
        postman.attach(door)
        stack.push_async_callback(door.close)
        await door.open()
        stack.push_async_callback(postman.close)
        stack.push_async_callback(clerk.close)
        await clerk.resume()
        postman.look()
        yield Hosted(bot, door, clerk, postman)


async def serve(dispatcher: Dispatcher, account: MatrixSettings, *, folder: Path, secret: str) -> None:
    """Run a bot on Matrix until a signal to leave; its log shows the stack of what a handler raises.

    Args:
        folder: private; saved whole, it is the bot's memory and its keys.
        secret: seals the keys, at least 16 characters.
    """

    def make(mailbox: Mailbox, clock: Clock) -> Door:
        return MatrixDoor(account, mailbox, clock, folder / "cles", secret)

    async def work() -> None:
        async with hosting(dispatcher, make, "matrix", folder=folder, called=account.name) as hosted:
            with contextlib.suppress(asyncio.CancelledError):
                await hosted.run()

    configure_logging(json=False, level=logging.DEBUG)
    await until_told(work())
