"""The only place that reads the time; Europe/Paris everywhere, always aware."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def paris(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The instant that a clock on a wall in Paris shows."""
    return datetime.combine(day, time(hour, minute, second), PARIS)


class Clock:
    """The real time, or a virtual one for rehearsal that runs on from the instant it was set to."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0)
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """The present instant, in Europe/Paris."""
        return (datetime.now(UTC) + self._offset).astimezone(PARIS)

    def today(self) -> date:
        """The present day in Paris."""
        return self.now().date()

    def set(self, instant: datetime) -> None:
        """Make `instant` (aware) the present one; time runs on from there."""
        self._offset = instant.astimezone(UTC) - datetime.now(UTC)  # two walls in Paris differ by an hour in summer

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds of this clock."""
        await asyncio.sleep(seconds)

    @property
    def offset(self) -> timedelta:
        """How far the present is from the real one: what the doors add to a server's own timestamps."""
        return self._offset


class FrozenClock(Clock):
    """A clock that moves only when it is told to, for tests and transcripts."""

    def __init__(self, instant: datetime) -> None:
        super().__init__()
        self._instant = instant.astimezone(PARIS)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The instant it was last set to."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Make `instant` (aware) the present one, and stay there."""
        self._instant = instant.astimezone(PARIS)
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has moved this clock as far."""
        until = self._instant + timedelta(seconds=seconds)
        while self._instant < until:
            await self._moved.wait()
