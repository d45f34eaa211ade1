"""A commission's day as the bureau types it: « salle 12 ; 9h-12h30, 14h-17h ; membres Mme Durand, M. Petit »."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import pairwise

from bot.circulaire.campagne import Campagne
from bot.circulaire.hours import HOUR, hour_of, mark_hours
from bot.circulaire.planning import Commission, Span
from bot.circulaire.reading import fold
from bot.clock import PARIS
from bot.errors import Refusal

_SPAN = re.compile(rf"(?:de |des )?{HOUR} (?:a|et) {HOUR}")
_MEMBERS = re.compile(r"^\s*membres?\s*:?\s*", re.IGNORECASE)
_AND = re.compile(r"\s*,\s*|\s+et\s+")


def read_commission_day(campagne: Campagne, name: str, described: str) -> Commission:
    """What the bureau says of one commission: its room, its hours, its breaks, its members, in any order.

    Source: §C2.1, « L'entretien aura lieu le mercredi 26 avril 2017 ».

    Raises:
        Refusal: a part is not understood, the room or the hours miss, or an hour ends before it begins.
    """
    room, members = "", ()
    opened: list[Span] = []
    breaks: list[Span] = []
    for part in filter(str.strip, described.split(";")):
        spans = _spans(part, campagne.entretien_on)
        if _MEMBERS.match(part):
            members = tuple(one for one in _AND.split(_MEMBERS.sub("", part).strip()) if one)
        elif fold(part).startswith("pause"):
            breaks += spans
        elif spans:
            opened += spans
        else:
            room = part.strip()
    missing = [
        what for what, is_missing in (("name", not name), ("room", not room), ("hours", not opened)) if is_missing
    ]
    if missing or any(start >= end for start, end in (*opened, *breaks)):
        raise Refusal("planning/commission_unclear", missing=missing, typed=described[:120])
    opened.sort()
    gaps = [(end, start) for (_, end), (start, _) in pairwise(opened) if start > end]
    return Commission(name, room, opened[0][0], opened[-1][1], tuple(sorted([*gaps, *breaks])), members)


def _spans(part: str, day: date) -> list[Span]:
    """« 9h-12h30, 14h-17h » on a day."""
    return [_span(day, hour_of(start), hour_of(end)) for start, end in _found(mark_hours(part))]


def _found(marked: str) -> Iterable[tuple[str, str]]:
    return _SPAN.findall(marked)


def _span(day: date, start: time, end: time) -> Span:
    return datetime.combine(day, start, PARIS), datetime.combine(day, end, PARIS)
