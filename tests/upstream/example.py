"""Runs one of aiogram's official examples, unmodified, through the console door; a program of its own.

Only what stands between an example and Telegram is ours: the session, the source of updates, the place of the state.
It prints the page of a conversation with what was really said:

    camille > hello            camille types          camille > (2)           taps the second choice
    camille > [notes.txt]      drops a file           camille > (modifie) x   changes what was typed last
    camille > (entre)          opens the conversation
    camille < Hello!           what arrives
"""

import asyncio
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

from bot.channels.console import ConsoleDoor, Said
from bot.channels.mailbox import DoorMailbox
from bot.channels.session import LetterSession
from bot.clerk import Clerk, Savepoint
from bot.clock import Clock
from bot.compat.filters import repair_filters
from bot.events import configure_logging
from bot.postman import Postman
from storage import identities
from storage.database import Database, open_database
from storage.files import Files
from storage.fsm import WorkStorage
from storage.work import Committer, UnitOfWork

SPOKEN = re.compile(r"^(?P<who>\w+) > (?P<what>.+)$")
HEARD = re.compile(r"^\w+ < |^  ")


class Stage:
    """The console door around whatever dispatcher an example brings."""

    def __init__(self, database: Database, folder: Path, page: list[str]) -> None:
        self.database, self.folder, self.page = database, folder, page
        self.clock, self.committer = Clock(), Committer(database)
        self.files = Files(folder / "pieces")
        self.heard: list[Said] = []
        self.keyboards: dict[str, Said] = {}
        self.typed: dict[str, str] = {}
        self.played: list[str] = []
        self.postman = Postman(database, self.files, self.clock)
        self.clerk: Clerk | None = None
        self.door = ConsoleDoor(DoorMailbox("console", database, self._take), self.clock, self.heard.append)
        self.session = LetterSession(self.door, database, self.committer, self.files, self.clock)
        self.postman.attach(self.door)

    def _take(self, rows: Any) -> None:
        assert self.clerk is not None
        self.clerk.take(rows)

    async def perform(self, dispatcher: Dispatcher, bot: Bot) -> None:
        """Play the page in the place of long polling."""
        dispatcher.fsm.storage = WorkStorage()
        dispatcher.update.outer_middleware(Savepoint())
        repair_filters(dispatcher)
        self.clerk = Clerk(dispatcher, self.database, self.committer, self.clock, given={}, letters=self.postman.look)
        self.clerk.attach(self.door, bot)
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
            await self.door.enter(who)
        elif what.startswith("(modifie) "):
            await self.door.edit(who, self.typed[who], what.removeprefix("(modifie) "))
        elif tap := re.fullmatch(r"\((\d+)\)", what):
            await self.door.choose(who, self.keyboards[who].event, int(tap[1]) - 1)
        elif file := re.fullmatch(r"\[(.+)\]", what):
            path = self.folder / file[1]
            path.write_bytes(b"quelques notes\n")
            await self.door.drop(who, path)
        else:
            self.typed[who] = await self.door.say(who, what)

    async def take_heard(self) -> list[str]:
        """What was said since, as lines of the page."""
        await self.postman.settled()
        lines = [line for said in self.heard for line in shown(said)]
        self.keyboards |= {said.room: said for said in self.heard if said.choices}
        self.heard.clear()
        return lines


def shown(said: Said) -> Iterator[str]:
    """What was said, as lines of the page."""
    mark = f"({said.method}) " if said.method not in {"sendMessage", "sendDocument"} else ""
    lines = [line.rstrip() for line in f"{mark}{said.text}".split("\n") if line.strip()]
    lines += [f"{number}. {choice}" for number, choice in enumerate(said.choices, 1)]
    lines += [f"[{said.file[0]}] {said.file[1].decode()!r}"] if said.file else []
    first, *rest = lines
    yield f"{said.room} < {first}"
    yield from (f"  {line}" for line in rest)


async def run(example: Path, page: list[str]) -> list[str]:
    """Run an example; returns the page with what was really said."""
    with tempfile.TemporaryDirectory() as folder:
        database = await open_database(f"sqlite:///{folder}/greffier.db", durable=False)
        stage = Stage(database, Path(folder), page)
        await stage.door.open()
        swap(stage)
        await start(runpy.run_path(str(example), run_name="example"), stage)
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
        camille = await identities.person(work, "console", "camille", room="camille")
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
    os.environ["BOT_TOKEN"] = "1:console"
    sys.stdout.write("\n".join(asyncio.run(run(script, conversation.read_text().splitlines()))) + "\n")
