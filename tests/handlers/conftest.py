"""Greffier whole, on the console door and a frozen clock: what a page of conversation has no words for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, open_app
from bot.channels.console import BUREAU, ConsoleDoor, ConsoleMailbox, Said
from bot.clock import PARIS, FrozenClock
from bot.settings import Settings

PAPERS = Path(__file__).parent.parent / "conversations" / "fichiers"
ANSWERED = ("bonjour", "j'accepte", "oui", "oui", "oui", "oui", "oui")
OPEN_DAY = datetime(2017, 4, 10, 9, tzinfo=PARIS)


@dataclass
class Talk:
    """One Greffier, and everything it said to anybody."""

    app: App
    door: ConsoleDoor
    clock: FrozenClock
    said: list[Said]

    async def types(self, *lines: str, sent_at: datetime | None = None, clear: bool = False) -> str:
        """Camille types; returns the event of the last line."""
        event = ""
        for line in lines:
            event = await self.door.say("camille", line, sent_at=sent_at, clear=clear)
            await self.app.settled()
        return event

    async def drops(self, *names: str, sent_at: datetime | None = None, shown_as: str = "") -> None:
        """Camille drops files."""
        for name in names:
            await self.door.drop("camille", PAPERS / name, sent_at=sent_at, shown_as=shown_as)
            await self.app.settled()

    async def completes(self) -> None:
        """Camille answers everything and gives the four pieces."""
        await self.types(*ANSWERED)
        await self.drops("notice annexe 1.pdf", "etat-des-services.pdf", "CV_Camille_Martin.pdf")
        await self.drops("scan0001.pdf", shown_as="lettre.pdf")

    async def says(self, who: str, *lines: str) -> None:
        """Anybody types."""
        for line in lines:
            await self.door.say(who, line)
            await self.app.settled()

    async def deposits(self, who: str, name: str, *, circonscription: str = "Paris 19A") -> None:
        """Somebody deposits a whole dossier, the notice filled in by talking."""
        mail = f"{who}.{who}@ac-paris.fr"
        await self.says(who, *ANSWERED, name, "École, 12 rue des Lilas", circonscription, "1", "12 ans", mail)
        await self.says(who, "06 12 34 56 78", "oui", "C’est exact", "cv via iprof", "lettre via iprof")
        await self.door.drop(who, PAPERS / "etat-des-services.pdf")
        await self.app.settled()
        await self.says(who, "je dépose ma candidature")

    async def directory(self) -> None:
        """The bureau keeps the IEN of two circonscriptions."""
        lines = "circonscription;nom;courriel\nParis 19A;Mme Roche;ien19a@ac-paris.fr"
        await self.says(BUREAU, f"!ien importer\n{lines}\nParis 20B;M. Lambert;ien20b@ac-paris.fr")

    def heard(self, who: str = "camille") -> str:
        """The last words that somebody received."""
        return next(one.text for one in reversed(self.said) if one.room == who and one.text)

    async def rows(self, model: type[Any]) -> list[Any]:
        """Every row of a table, by id."""
        return await self.app.database.query(lambda session: sorted(session.query(model), key=lambda row: row.id))


@asynccontextmanager
async def _talk(folder: Path, now: datetime) -> AsyncIterator[Talk]:
    clock = FrozenClock(now)
    said: list[Said] = []
    doors: list[ConsoleDoor] = []

    def make(mailbox: Any) -> ConsoleDoor:
        doors.append(ConsoleDoor(mailbox, clock, said.append))
        return doors[0]

    settings = Settings(data_dir=folder)

    def mailbox(box: Any) -> ConsoleMailbox:
        return ConsoleMailbox(box, clock, said.append)

    doors_made = [("console", make), ("email", mailbox)]
    async with open_app(settings, doors_made, clock=clock, bureau={"console": BUREAU}, durable=False) as app:
        yield Talk(app, doors[0], clock, said)


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """Greffier on 10 April 2017 at 9:00, nobody known yet."""
    async with _talk(tmp_path, OPEN_DAY) as open_talk:
        yield open_talk


@pytest.fixture
def reopen(tmp_path: Path) -> Any:
    """Opens Greffier on the same folder, at another instant."""
    return lambda now: _talk(tmp_path, now)
