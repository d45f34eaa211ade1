"""When somebody is at the service: its hours, the week, the public holidays of metropolitan France."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from bot.clock import PARIS

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class OfficeHours:
    """When somebody is at the service to answer, on the clock of Paris.

    Args:
        weekdays: 0 for Monday.
        promised: what is promised to a question that comes while somebody is there; only these hours count.
        outside: until what hour of the next office day, to one that comes while nobody is.
    """

    opens: time = time(9)
    closes: time = time(17)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    promised: timedelta = timedelta(hours=4)
    outside: time = time(12)

    def __post_init__(self) -> None:
        if not (self.opens < self.outside <= self.closes and set(self.weekdays) & set(range(5))):
            raise ValueError("office hours: opens < outside <= closes, on one working day of the week at least")

    def is_office_day(self, day: date) -> bool:
        """Whether somebody is there on this day."""
        return day.weekday() in self.weekdays and day not in holidays(day.year)

    def is_open(self, instant: datetime) -> bool:
        """Whether somebody is there at this instant (aware)."""
        local = instant.astimezone(PARIS)
        return self.is_office_day(local.date()) and self.opens <= local.time() < self.closes

    def days_from(self, day: date) -> Iterator[date]:
        """The office days from this one on."""
        while True:
            if self.is_office_day(day):
                yield day
            day += _DAY

    def after(self, instant: datetime, length: timedelta) -> datetime:
        """The instant at which so much office time has passed since another (aware)."""
        days = self.days_from(instant.astimezone(PARIS).date())
        begin = instant.astimezone(UTC)
        while True:
            day = next(days)
            begin = max(begin, _utc(day, self.opens))
            left = _utc(day, self.closes) - begin
            if length <= left:
                return (begin + length).astimezone(PARIS)
            length -= max(left, timedelta(0))

    def next_noon(self, instant: datetime) -> datetime:
        """The hour promised to a question that comes while nobody is there (aware): today's before the opening."""
        local = instant.astimezone(PARIS)
        start = local.date() if local.time() < self.opens else local.date() + _DAY
        return datetime.combine(next(self.days_from(start)), self.outside, PARIS)


@lru_cache
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year, as the labour code lists them."""
    sunday = easter(year)
    fixed = {date(year, month, day) for month, day in _FIXED}
    return frozenset(fixed | {sunday + timedelta(days=days) for days in _AFTER_EASTER})


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the full moon that follows 20 March."""
    century, golden = year // 100, year % 19
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return date(year, 3, 28) + timedelta(days=moon - weekday)


def _utc(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, PARIS).astimezone(UTC)
