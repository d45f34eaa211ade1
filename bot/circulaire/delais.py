"""The time limits of a campagne, and how they are said in French. All of it in Europe/Paris."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.circulaire.campagne import Campagne
from bot.circulaire.hours import WEEKDAYS, clock_words
from bot.clock import PARIS, paris

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_SECOND = timedelta(seconds=1)
DRAFT_KEPT = timedelta(days=30)  # after the closing, as people are told before they agree
ERASURE_NOTICE = timedelta(days=15)  # before an erasure: people are told
_MORNING = 9  # a reminder of days comes in the morning of its day, not at midnight


class Phase(StrEnum):
    """Where a campagne stands on a given day, from its dates alone."""

    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"
    CONVOCATION = "convocation"
    ALERT = "alert"
    ENTRETIEN = "entretien"
    AFTER_ENTRETIEN = "after_entretien"
    AVIS = "avis"


@dataclass(frozen=True)
class Reminder:
    """An instant at which unfinished dossiers are reminded of the closing."""

    code: str
    due_at: datetime


def is_on_time(campagne: Campagne, instant: datetime) -> bool:
    """Whether what was received at this instant (aware) counts; the closing second counts in full.

    Source: §D1.5, « pour le vendredi 21 avril 2017 au plus tard ».
    """
    return _utc(instant) < _end(campagne)


def is_open(campagne: Campagne, instant: datetime) -> bool:
    """Whether a candidature may be opened at this instant: from the day of publication to the closing."""
    return phase(campagne, instant) is Phase.OPEN


def phase(campagne: Campagne, now: datetime) -> Phase:
    """Where the campagne stands at this instant."""
    if _utc(now) < _utc(campagne.opens_at):
        return Phase.BEFORE
    if is_on_time(campagne, now):
        return Phase.OPEN
    starts = (
        (campagne.avis_from, Phase.AVIS),
        (campagne.entretien_on + timedelta(days=1), Phase.AFTER_ENTRETIEN),
        (campagne.entretien_on, Phase.ENTRETIEN),
        (campagne.alert_on, Phase.ALERT),
        (campagne.convocation_on, Phase.CONVOCATION),
    )
    today = now.astimezone(PARIS).date()
    return next((found for start, found in starts if today >= start), Phase.CLOSED)


def reminders(campagne: Campagne) -> tuple[Reminder, ...]:
    """When unfinished dossiers are reminded: 7 days and 2 days before, in the morning, and 3 hours before."""
    last_day = campagne.closes_at.astimezone(PARIS).date()
    return (
        Reminder("7_days", paris(last_day - timedelta(days=7), _MORNING)),
        Reminder("2_days", paris(last_day - timedelta(days=2), _MORNING)),
        Reminder("3_hours", (_end(campagne) - timedelta(hours=3)).astimezone(PARIS)),
    )


def remaining(campagne: Campagne, now: datetime) -> str:
    """How long one may still deposit, or since when it is over: « il reste 12 jours », « c’est clos depuis hier »."""
    if is_on_time(campagne, now):
        return "il reste " + duration_words(now, _end(campagne))
    days = (now.astimezone(PARIS).date() - campagne.closes_at.astimezone(PARIS).date()).days
    return "c’est clos depuis " + ("aujourd’hui", "hier")[days] if days <= 1 else f"c’est clos depuis {days} jours"


def duration_words(start: datetime, end: datetime) -> str:
    """The time from `start` to a later `end`, rounded down: days, or the two greatest units below two days.

    Days are those of the calendar, hours those that really pass: the day of the summer-time change has 23.
    """
    begin, finish = start.astimezone(PARIS), end.astimezone(PARIS)
    days = max(0, (finish.replace(tzinfo=None) - begin.replace(tzinfo=None)).days)
    if days > 1:
        return f"{days} jours"
    rest = int((_utc(finish) - _utc(begin + timedelta(days=days))).total_seconds())
    counts = ((days, "jour"), (rest // 3600, "heure"), (rest // 60 % 60, "minute"))
    for (count, unit), (below, smaller) in pairwise(counts):
        if count:
            return " ".join(filter(None, (_count(count, unit), _count(below, smaller))))
    return _count(rest // 60, "minute") or _count(rest, "seconde") or "moins d’une seconde"


def day_words(day: date) -> str:
    """« vendredi 21 avril 2017 », « samedi 1er avril 2017 »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{WEEKDAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]} {day.year}"


def hour_words(instant: datetime) -> str:
    """« 10 h 30 », « 9 h », on the clock of Paris."""
    return clock_words(instant.astimezone(PARIS).time())


def instant_words(instant: datetime) -> str:
    """« vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris) »."""
    local = instant.astimezone(PARIS)
    return f"{day_words(local)} à {local.hour} h {local.minute:02} min {local.second:02} s (heure de Paris)"


def read_day_words(text: str) -> tuple[tuple[str | None, int, int, int], ...]:
    """Every date written in a French text: (weekday or None, day, month, year)."""
    found = []
    words = text.casefold().replace("1er", "1").split()
    bare = [word.strip(".,;:()«»") for word in words]
    for place in range(len(bare) - 2):
        day, month, year = bare[place : place + 3]
        if day.isdecimal() and month in _MONTHS and year.isdecimal():
            weekday = bare[place - 1] if place and bare[place - 1] in WEEKDAYS else None
            found.append((weekday, int(day), _MONTHS.index(month) + 1, int(year)))
    return tuple(found)


def weekday_name(day: date) -> str:
    """« vendredi »."""
    return WEEKDAYS[day.weekday()]


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' if count > 1 else ''}" if count else ""


def _end(campagne: Campagne) -> datetime:
    """The first instant that is too late."""
    return _utc(campagne.closes_at) + _SECOND


def _utc(instant: datetime) -> datetime:
    """Two instants of one zone are compared by their wall clocks, which lie across a change of time: never so here."""
    return instant.astimezone(UTC)
