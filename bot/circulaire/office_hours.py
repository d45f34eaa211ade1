"""When somebody is at the service: its hours, the week, the public holidays of metropolitan France."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from bot.circulaire.cited import CitedTable
from bot.circulaire.hours import WEEKDAYS, clock_words, read_hour
from bot.clock import PARIS

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
_DAY = timedelta(days=1)
_WORKING = frozenset(range(5))  # public holidays leave some of these days each week, so that a promise has an end
_MOST_PROMISED = 40  # hours of office: a week
_PAIR = 2


@dataclass(frozen=True)
class OfficeHours:
    """When somebody is at the service to answer, on the clock of Paris.

    Args:
        weekdays: 0 for Monday.
        promised: what is promised to a question that comes while somebody is there; only these hours count.
        outside: until what hour of the next office day, to one that comes while nobody is.
        closed_on: days without anybody, besides the public holidays.
    """

    opens: time = time(9)
    closes: time = time(17)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    promised: timedelta = timedelta(hours=4)
    outside: time = time(12)
    closed_on: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not (self.opens < self.outside <= self.closes and _WORKING & set(self.weekdays)):
            raise ValueError("office hours: opens < outside <= closes, on one working day of the week at least")

    @property
    def words(self) -> str:
        """« du lundi au vendredi, de 9 h à 17 h »."""
        return f"{_days_words(self.weekdays)}, de {clock_words(self.opens)} à {clock_words(self.closes)}"

    def is_office_day(self, day: date) -> bool:
        """Whether somebody is there on this day."""
        return day.weekday() in self.weekdays and day not in holidays(day.year) and day not in self.closed_on

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


def read_office_hours(table: CitedTable | None) -> OfficeHours:
    """The hours that the service wrote in its campagne, [bureau]; the usual ones for what it did not write.

    What cannot be kept is a fault of the table, and the usual hours stand for it.
    """
    usual = OfficeHours()
    if table is None:
        return usual
    opens, closes = _hour(table, "opens", usual.opens), _hour(table, "closes", usual.closes)
    outside = _hour(table, "outside", usual.outside if opens < usual.outside <= closes else closes)
    weekdays, promised = _weekdays(table, usual.weekdays), _promised(table, usual.promised)
    closed_on = _closed_on(table)
    if opens >= closes:
        table.refuse("closes", f"({clock_words(closes)}) doit venir après « opens » ({clock_words(opens)})")
        return usual
    if not opens < outside <= closes:
        table.refuse("outside", f"({clock_words(outside)}) doit tomber pendant les heures du bureau")
        return usual
    return OfficeHours(opens, closes, weekdays, promised, outside, closed_on)


def _hour(table: CitedTable, key: str, usual: time) -> time:
    written = table.optional(key, str)
    hour = read_hour(written)
    if table.has(key) and hour is None:
        table.refuse(key, f"doit être une heure, par exemple « 9 h 30 », et non « {written} »")
    return hour or usual


def _weekdays(table: CitedTable, usual: tuple[int, ...]) -> tuple[int, ...]:
    written = table.words("days")
    unknown = [day for day in written if day not in WEEKDAYS]
    for day in unknown:
        table.refuse("days", f"contient « {day} », qui n’est pas un jour de la semaine")
    days = tuple(sorted({WEEKDAYS.index(day) for day in written if day in WEEKDAYS}))
    if table.has("days") and not unknown and not _WORKING & set(days):
        table.refuse("days", "doit compter au moins un jour du lundi au vendredi")
    return days if _WORKING & set(days) else usual


def _promised(table: CitedTable, usual: timedelta) -> timedelta:
    hours = table.optional("promised_hours", int)
    if 1 <= hours <= _MOST_PROMISED:
        return timedelta(hours=hours)
    if table.has("promised_hours"):
        table.refuse("promised_hours", f"doit être un nombre d’heures, de 1 à {_MOST_PROMISED}")
    return usual


def _closed_on(table: CitedTable) -> frozenset[date]:
    written = table.optional("closed_on", list)
    days = frozenset(day for day in written if type(day) is date)  # an instant is a date too, for `isinstance`
    for other in [day for day in written if day not in days]:
        table.refuse("closed_on", f"contient « {other} », qui n’est pas un jour (2017-05-26)")
    return days


def _days_words(weekdays: tuple[int, ...]) -> str:
    names = [WEEKDAYS[day] for day in weekdays]
    if len(names) > _PAIR and weekdays[-1] - weekdays[0] == len(names) - 1:
        return f"du {names[0]} au {names[-1]}"
    return "le " + " et le ".join(filter(None, (", le ".join(names[:-1]), names[-1])))


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
