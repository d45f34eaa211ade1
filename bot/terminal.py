"""`greffier console`: the same handlers in a terminal, without any server."""

import asyncio
import re
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from bot.app import open_app
from bot.channels.console import BUREAU, ConsoleDoor, ConsoleMailbox, Said
from bot.clock import Clock
from bot.rehearsal import rehearser
from bot.settings import Settings

_HINT = (
    "Vous parlez à Greffier en tant que « {who} ». Déposez un fichier en tapant son chemin, "
    "puis sa « légende » s’il en a une ; « /qui bureau » change de personne ; Ctrl-D quitte."
)
_FILE = re.compile(r"(?P<path>.+?)(?:\s+«\s*(?P<caption>.+?)\s*»)?")


async def talk(settings: Settings, who: str, start: datetime | None, *, keep: bool) -> None:
    """Talk to Greffier until the end of the input.

    Args:
        who: « candidat », « bureau » or « ien »: who speaks first.
        start: the virtual present, None for the real one.
        keep: write to the data folder of the settings; else to a folder that is forgotten.
    """
    with ExitStack() as stack:
        if not keep:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = settings.model_copy(update={"data_dir": folder, "database_url": ""})
        clock = Clock(start)
        terminal = _Terminal(clock, who)
        doors = [("console", terminal.open_door), ("email", terminal.open_mailbox)]
        async with open_app(settings, doors, clock=clock, bureau={"console": BUREAU}, durable=keep) as app:
            app.given["rehearse"] = rehearser(app)
            print(_HINT.format(who=who))
            await terminal.enter(who)
            await app.settled()
            while (line := await asyncio.to_thread(terminal.read)) is not None:
                await terminal.hear(line)
                await app.settled()


class _Terminal:
    def __init__(self, clock: Clock, who: str) -> None:
        self._clock = clock
        self._who = who

    def open_door(self, mailbox: object) -> ConsoleDoor:
        self._door = ConsoleDoor(mailbox, self._clock, self.show)  # type: ignore[arg-type] # the app's own mailbox
        return self._door

    def open_mailbox(self, mailbox: object) -> ConsoleMailbox:
        """E-mails are shown, none leaves."""
        return ConsoleMailbox(mailbox, self._clock, self.show)  # type: ignore[arg-type] # the app's own mailbox

    def read(self) -> str | None:
        """The next line typed, None at the end."""
        if sys.stdin.isatty():
            print(f"{self._who} > ", end="", flush=True)
        line = sys.stdin.readline()
        return line.rstrip("\n") if line else None

    async def enter(self, who: str) -> None:
        """Open the conversation of a person."""
        if who != BUREAU:
            await self._door.enter(who)

    async def hear(self, line: str) -> None:
        """Do what was typed: change of person, a file by its path, words."""
        words = line.strip()
        named = _FILE.fullmatch(words)
        path = Path(named["path"].strip("'\"")) if named else None
        if words.startswith("/qui "):
            self._who = words.removeprefix("/qui ").strip()
            print(_HINT.format(who=self._who))
            await self.enter(self._who)
        elif named and path and "/" in words and await asyncio.to_thread(path.is_file):
            await self._door.drop(self._who, path, caption=named["caption"])
        elif words:
            await self._door.say(self._who, line)

    def show(self, said: Said) -> None:
        """Print what a person, or the bureau's room, receives."""
        name = "Greffier" if said.room == self._who else f"Greffier (à {said.room})"
        print(f"\n{name} : {said.text}" if said.text else f"\n{name} :")
        for number, choice in enumerate(said.choices, start=1):
            print(f"  {number}. {choice}")
        if said.file:
            path = Path(tempfile.gettempdir()) / f"greffier-{said.file[0]}"
            path.write_bytes(said.file[1])
            print(f"  [fichier : {path}]")
        sys.stdout.flush()
