"""Runs one of aiogram's official examples, unmodified, on the console or on Matrix; a program of its own.

Only what stands between an example and Telegram is ours: the session, the source of updates, the place of the state.
It prints the page of a conversation with what was really said:

    camille > hello            camille types          camille > (2)           taps the second choice
    camille > [notes.txt]      drops a file           camille > (modifie) x   changes what was typed last
    camille > (entre)          opens the conversation
    camille < Hello!           what arrives
"""

import asyncio
import json
import os
import re
import runpy
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiogram.client.bot
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties

from bot.channels.console import Said
from bot.channels.session import LetterSession
from bot.clerk import Clerk, Savepoint
from bot.clock import Clock
from bot.compat.filters import repair_filters
from bot.events import configure_logging
from bot.postman import Postman
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.fsm import WorkStorage
from storage.inbox import Arrived
from storage.opening import open_database
from storage.work import UnitOfWork
from tests.upstream.streets import ConsoleStreet, MatrixStreet, Street, Take
from tests.upstream.telegram_street import TelegramStreet

SPOKEN = re.compile(r"^(?P<who>\w+) > (?P<what>.+)$")
HEARD = re.compile(r"^\w+ < |^  ")


class Stage:
    """A door around whatever dispatcher an example brings.

    Args:
        given: the door's name, and for Matrix the homeserver and its accounts.
    """

    def __init__(self, database: Database, folder: Path, page: list[str], given: dict[str, str]) -> None:
        self.database, self.folder, self.page = database, folder, page
        self.clock, self.committer = Clock(), Committer(database)
        self.files = Files(folder / "pieces")
        self.typed: dict[str, str] = {}
        self.played: list[str] = []
        self.postman = Postman(database, self.files, self.clock)
        self.clerk: Clerk | None = None
        self.street = street_of(database, self.clock, self._take, folder, given)
        self.session = LetterSession(self.street.door, database, self.committer, self.files, self.clock)
        self.postman.attach(self.street.door)

    def _take(self, rows: list[Arrived]) -> None:
        if self.clerk is not None:  # an example may only speak
            self.clerk.take(rows)

    async def perform(self, dispatcher: Dispatcher, bot: Bot) -> None:
        """Play the page in the place of long polling."""
        dispatcher.fsm.storage = WorkStorage()
        dispatcher.update.outer_middleware(Savepoint())
        repair_filters(dispatcher)
        self.clerk = Clerk(dispatcher, self.database, self.committer, self.clock, given={}, letters=self.postman.look)
        self.clerk.attach(self.street.door, bot)
        self.played = [line async for line in self._lines(self.clerk)]

    async def _lines(self, clerk: Clerk) -> AsyncIterator[str]:
        for line in self.page:
            if HEARD.match(line):
                continue
            yield line
            spoken = SPOKEN.match(line)
            if spoken:
                await self._speak(spoken["who"], spoken["what"])
                await clerk.settled()
                for said in await self.take_heard():
                    yield said

    async def _speak(self, who: str, what: str) -> None:
        if what == "(entre)":
            await self.street.enter(who)
        elif what.startswith("(modifie) "):
            await self.street.edit(who, self.typed[who], what.removeprefix("(modifie) "))
        elif tap := re.fullmatch(r"\((\d+)\)", what):
            await self.street.tap(who, int(tap[1]) - 1)
        elif file := re.fullmatch(r"\[(.+)\]", what):
            path = self.folder / file[1]
            path.write_bytes(b"quelques notes\n")
            await self.street.drop(who, path)
        else:
            self.typed[who] = await self.street.say(who, what)

    async def take_heard(self) -> list[str]:
        """What was said since, as lines of the page."""
        await self.postman.settled()
        return [line for said in await self.street.heard() for line in shown(said)]


def street_of(database: Database, clock: Clock, take: Take, folder: Path, given: dict[str, str]) -> Street:
    """The street in front of a door."""
    match given["door"]:
        case "matrix":
            return MatrixStreet(database, clock, take, folder, given)
        case "telegram":
            return TelegramStreet(database, clock, take)
        case _:
            return ConsoleStreet(database, clock, take)


def shown(said: Said) -> Iterator[str]:
    """What was said, as lines of the page."""
    mark = f"({said.method}) " if said.method not in {"sendMessage", "sendDocument"} else ""
    lines = [line.rstrip() for line in f"{mark}{said.text}".split("\n") if line.strip()]
    lines += [f"{number}. {choice}" for number, choice in enumerate(said.choices, 1)]
    lines += [f"[{said.file[0]}] {said.file[1].decode()!r}"] if said.file else []
    first, *rest = lines
    yield f"{said.room} < {first}"
    yield from (f"  {line}" for line in rest)


async def run(example: Path, page: list[str], given: dict[str, str]) -> list[str]:
    """Run an example; returns the page with what was really said."""
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(f"sqlite:///{folder}/greffier.db", durable=False)
        stage = Stage(database, Path(folder), page, given)
        await stage.street.open()
        swap(stage)
        await start(runpy.run_path(str(example), run_name="example"), stage)
        await stage.postman.close()
        await stage.street.close()
        await database.close()
        return stage.played


def swap(stage: Stage) -> None:
    """Our session in the place of the network, our page in the place of long polling."""
    network: Any = aiogram.client.bot
    network.AiohttpSession = lambda: stage.session

    async def play(dispatcher: Dispatcher, bot: Bot) -> None:
        await stage.perform(dispatcher, bot)

    polling: Any = Dispatcher
    polling.start_polling = play


async def start(example: dict[str, Any], stage: Stage) -> None:
    """Start an example as its own last lines would."""
    if "create_dispatcher" in example:
        await stage.perform(example["create_dispatcher"](), Bot(os.environ["BOT_TOKEN"]))
    elif "main" not in example:
        dispatcher = Dispatcher()
        dispatcher.include_router(example["router"])
        await stage.perform(dispatcher, Bot(os.environ["BOT_TOKEN"], default=DefaultBotProperties(parse_mode="HTML")))
    elif "create_parser" in example:
        work = UnitOfWork(stage.database, stage.clock.now())
        camille = await stage.street.meet(work)
        await stage.committer.commit(work)
        sys.argv[1:] = ["--token", os.environ["BOT_TOKEN"], "--chat-id", str(camille)]
        await example["main"]()
        stage.played = [*[line for line in stage.page if not HEARD.match(line)], *await stage.take_heard()]
    else:
        await example["main"]()


if __name__ == "__main__":
    configure_logging(json=True)
    script, conversation = Path(sys.argv[1]), Path(sys.argv[2])
    sys.path.insert(0, str(script.parent))
    os.environ["BOT_TOKEN"] = "1:greffier"
    before = json.loads(os.environ.get("GREFFIER_UPSTREAM_DOOR", '{"door": "console"}'))
    played = asyncio.run(run(script, conversation.read_text().splitlines(), before))
    sys.stdout.write("\n".join(played) + "\n")
