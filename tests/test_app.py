"""What a restart finds again, and what ends with a stop."""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import open_app
from bot.channels.console import ConsoleDoor
from bot.clock import PARIS, FrozenClock
from bot.settings import Settings

MORNING = datetime(2017, 4, 10, 9, tzinfo=PARIS)


async def _live(folder: Path, day: date | None, *, later: timedelta | None) -> datetime:
    """Open Greffier in the morning, let somebody speak `later`; returns the instant at which it found itself."""
    clock = FrozenClock(MORNING)
    doors: list[ConsoleDoor] = []

    def make(mailbox: Any) -> ConsoleDoor:
        doors.append(ConsoleDoor(mailbox, clock, lambda _: None))
        return doors[0]

    async with open_app(
        Settings(data_dir=folder, date=day), [("console", make)], clock=clock, bureau={"console": "bureau"}
    ) as app:
        found = clock.now()
        if later is not None:
            clock.set(MORNING + later)
            await doors[0].say("camille", "bonjour")
            await app.settled()
    return found


async def test_a_virtual_day_goes_on_where_it_was_left(tmp_path: Path) -> None:
    await _live(tmp_path, MORNING.date(), later=timedelta(days=12))

    found = await _live(tmp_path, MORNING.date(), later=None)

    assert found == MORNING + timedelta(days=12)


async def test_the_real_time_is_never_moved(tmp_path: Path) -> None:
    await _live(tmp_path, None, later=timedelta(days=12))

    found = await _live(tmp_path, None, later=None)

    assert found == MORNING


async def test_a_stop_that_comes_with_the_first_news_of_the_doors_is_heard(tmp_path: Path) -> None:
    async with open_app(Settings(data_dir=tmp_path), [], clock=FrozenClock(MORNING), bureau={}) as app:
        watching = asyncio.create_task(app.watch_agenda())
        await asyncio.sleep(0)
        app.heard.set()
        watching.cancel()

        async with asyncio.timeout(20):
            await asyncio.wait([watching])
