"""A rehearsal: the real campagne and its dossiers on a virtual clock, in a copy; every letter is shown, none leaves."""

import asyncio
import contextvars
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.app import App, MakeDoor, open_app
from bot.channels.console import ConsoleDoor, ConsoleMailbox
from bot.circulaire.delais import instant_words
from bot.clock import FrozenClock
from bot.settings import Settings
from handlers.words import letter_words
from storage import agenda, journal, letters, outbox
from storage.copying import copy_rows
from storage.database import Database
from storage.opening import open_database

_MOST_STEPS = 10_000  # instants of the agenda in one rehearsal


@dataclass(frozen=True)
class Departure:
    """A letter that would leave: when, through which door, about which dossier, its beginning."""

    at: datetime
    door: str
    numero: int | None
    kind: str
    words: str
    to: str


async def rehearse(settings: Settings, start: datetime, until: datetime) -> list[Departure]:
    """Play what the agenda holds from `start` to `until` on a copy of the database.

    Args:
        start: the virtual present (aware).
        until: the last instant that is played.
    """
    source = await open_database(settings.database)
    try:
        return await _play(settings, source, start, until)
    finally:
        await source.close()


def rehearser(app: App) -> Callable[[datetime], Awaitable[list[Departure]]]:
    """How the bureau's command rehearses: from the application's own present, apart from the update being handled."""

    async def play(until: datetime) -> list[Departure]:
        apart = contextvars.Context()
        task = asyncio.get_running_loop().create_task(
            _play(app.settings, app.database, app.clock.now(), until), context=apart
        )
        return await task

    return play


async def _play(settings: Settings, source: Database, start: datetime, until: datetime) -> list[Departure]:
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="repetition-") as folder:
        copy = settings.model_copy(update={"data_dir": Path(folder), "database_url": "", "semantic": False})
        await asyncio.to_thread(_link_files, settings.data_dir, Path(folder))
        target = await open_database(copy.database, durable=False)
        await copy_rows(source, target)
        last = await target.query(outbox.last_id)
        await target.close()
        clock = FrozenClock(start)
        async with open_app(copy, _doors(clock), clock=clock, bureau={"matrix": "bureau"}, durable=False) as app:
            await _run_through(app, clock, until)
            return await app.database.query(lambda session: _departures(session, last))


async def _run_through(app: App, clock: FrozenClock, until: datetime) -> None:
    """Perform each duty at its instant, then stand at `until`."""
    for _ in range(_MOST_STEPS):
        await app.settled()
        due = await app.database.query(agenda.next_instant)
        if due is None or due > until:
            break
        clock.set(max(due, clock.now()))
    clock.set(max(until, clock.now()))
    await app.settled()


def _doors(clock: FrozenClock) -> list[MakeDoor]:
    """Doors that let everything leave for nowhere, under the names that letters bear."""

    def named(name: str) -> MakeDoor:
        def make(mailbox: object) -> ConsoleDoor:
            door = ConsoleDoor(mailbox, clock, lambda _: None)  # type: ignore[arg-type] # the app's own mailbox
            door.name = name
            return door

        return name, make

    def mail(mailbox: object) -> ConsoleMailbox:
        return ConsoleMailbox(mailbox, clock, lambda _: None)  # type: ignore[arg-type] # the same

    return [named("matrix"), named("telegram"), named("console"), named("papier"), ("email", mail)]


def _link_files(data_dir: Path, folder: Path) -> None:
    """The encrypted pieces, without writing them twice; what the rehearsal writes stays in the copy."""
    key = data_dir / "pieces.key"
    if key.exists():
        shutil.copytree(data_dir / "pieces", folder / "pieces", copy_function=_link)
        shutil.copy2(key, folder / "pieces.key")


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _departures(session: Session, after: int) -> list[Departure]:
    return [Departure(*row[:3], letter_words(row[3]), *row[4:]) for row in letters.departures(session, after)]


def lines_of(departures: Sequence[Departure], until: datetime) -> list[str]:
    """The rehearsal in lines, for a terminal."""
    lines = [f"Jusqu’au {instant_words(until)}, {len(departures)} messages partiraient. Rien n’est envoyé."]
    lines += [
        f"{one.at:%d/%m/%Y %H:%M} | {'courriel' if one.door == 'email' else 'conversation'} | "
        f"{f'dossier n° {one.numero}' if one.numero else 'bureau ou IEN'} | {one.kind} | {one.words}"
        for one in departures
    ]
    return lines


async def verify_journal(settings: Settings) -> tuple[int, int | None]:
    """How many lines the journal holds, and the first that was altered, removed or moved."""
    database = await open_database(settings.database)
    try:
        rows = await database.query(journal.lines)
        return len(rows), journal.first_broken(rows)
    finally:
        await database.close()
