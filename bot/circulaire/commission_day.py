"""The day of one commission as the bureau types it: « salle 12 ; 9h-12h30, 14h-17h ; membres Mme Durand, M. Petit »."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import pairwise

from bot.circulaire.campagne import Campagne
from bot.circulaire.hours import HOUR, clock_words, hour_of, mark_hours
from bot.circulaire.planning import Commission, Span
from bot.circulaire.reading import fold
from bot.clock import PARIS
from bot.errors import Refusal

_SPAN = re.compile(rf"(?:(?:de|entre) )?{HOUR} (?:a|et|jusqu a) {HOUR}")
_HOURS = re.compile(rf"(?:(?:horaires?|heures) )?{_SPAN.pattern}(?: (?:et|puis))?(?: {_SPAN.pattern})*")
_BREAKS = re.compile(rf"pauses? {_SPAN.pattern}(?:(?: et)? {_SPAN.pattern})*")
_ROOM = ("salle", "bureau", "amphi", "amphitheatre", "piece", "lieu")
_MEMBERS = re.compile(r"^\s*(?:les\s+)?membres?\s*:?\s*", re.IGNORECASE)
_CLOCK = re.compile(rf"{HOUR}|\b\d+ ?h\b")
_LABEL = re.compile(r"^\s*lieu\s*:?\s*", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*,\s*|\s+et\s+", re.IGNORECASE)

Hours = list[tuple[time, time]]


def read_commission_day(campagne: Campagne, name: str, described: str) -> Commission:
    """The commission that the bureau describes: room, hours, members, breaks, in any order, separated by « ; ».

    The time between two spans of hours is a break too. Without « membres », it has none yet.

    Source: §C2.1, « L'entretien aura lieu le mercredi 26 avril 2017 ».

    Raises:
        Refusal: with `words`, what is not understood or contradicts the rest; or with `missing`, what is not said.
    """
    _refuse_missing(name=bool(name) and ";" not in name)
    members, others = list[str](), list[str]()
    hours, breaks = Hours(), Hours()
    for part in filter(None, map(str.strip, re.split(r"[;\n]", described))):
        said = mark_hours(part)
        if _MEMBERS.match(part):
            members += filter(None, _BETWEEN_NAMES.split(_MEMBERS.sub("", part)))
        elif _BREAKS.fullmatch(said):
            breaks += _spans(said)
        elif _HOURS.fullmatch(said):
            hours += _spans(said)
        elif _CLOCK.search(said):
            raise Refusal("planning/commission_unread", words=part)
        else:
            others.append(part)
    room = _room(others)
    _refuse_missing(room=bool(room), hours=bool(hours))
    return _commission(name, campagne.entretien_on, room, sorted(hours), breaks, tuple(members))


def _room(parts: Sequence[str]) -> str:
    """The one part that says neither hours nor members; of several, the one that begins like a room."""
    named = [part for part in parts if fold(part).partition(" ")[0] in _ROOM] if len(parts) > 1 else parts
    for part in parts:
        if part not in named[:1]:
            raise Refusal("planning/commission_unread", words=part)
    return _LABEL.sub("", named[0]) if named else ""


def _spans(said: str) -> Hours:
    return [(hour_of(start), hour_of(end)) for start, end in _SPAN.findall(said)]


def _refuse_missing(**parts: bool) -> None:
    missing = [part for part, is_there in parts.items() if not is_there]
    if missing:
        raise Refusal("planning/commission_incomplete", missing=missing)


def _commission(name: str, day: date, room: str, hours: Hours, breaks: Hours, members: tuple[str, ...]) -> Commission:
    gaps = [(end, start) for (_, end), (start, _) in pairwise(hours) if end != start]
    opens, closes = hours[0][0], hours[-1][1]
    upside_down = [span for span in (*hours, *gaps, *breaks) if span[0] >= span[1]]
    outside = [span for span in breaks if span[0] < opens or span[1] > closes]
    for start, end in (*upside_down, *outside):
        raise Refusal("planning/commission_hours", words=f"{clock_words(start)} à {clock_words(end)}")
    return Commission(
        name,
        room,
        _at(day, opens),
        _at(day, closes),
        tuple(_span(day, start, end) for start, end in sorted({*gaps, *breaks})),
        members,
    )


def _span(day: date, start: time, end: time) -> Span:
    return _at(day, start), _at(day, end)


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, PARIS)
