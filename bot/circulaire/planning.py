"""The planning of the interviews: who may be heard when, and by whom. Facts and rules; the choice is bot.planning's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations

from bot.circulaire.reading import fold
from bot.clock import PARIS

Span = tuple[datetime, datetime]

_MEN = frozenset({"m", "mr", "monsieur"})
_WOMEN = frozenset({"mme", "mlle", "madame", "mademoiselle"})


@dataclass(frozen=True)
class Commission:
    """Some people who hear candidates in one room, during one day.

    Args:
        starts_at: aware, as all instants here; no creneau begins before it.
        breaks: from and to; nobody is heard meanwhile.
    """

    name: str
    room: str
    starts_at: datetime
    ends_at: datetime
    breaks: tuple[Span, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True, order=True, kw_only=True)
class Creneau:
    """A time at which one candidate is heard by one commission; the earlier comes first."""

    starts_at: datetime
    ends_at: datetime
    commission: str
    room: str

    def meets(self, start: datetime, end: datetime) -> bool:
        """Whether it shares a moment with that time; touching it at an end is not sharing."""
        return self.starts_at < end and start < self.ends_at


@dataclass(frozen=True)
class Constraint:
    """When somebody cannot be heard, whatever the day: hours on the clock of Paris. Empty: nothing hinders them.

    Args:
        not_before: the interview may begin at this hour, not earlier.
        not_after: the interview must be over at this hour.
        away: from and to.
    """

    not_before: time | None = None
    not_after: time | None = None
    away: tuple[tuple[time, time], ...] = ()


@dataclass(frozen=True)
class Demand:
    """A candidate who is to be heard, and what hinders it.

    Args:
        knows: names of the members who know the candidate.
    """

    numero: int
    name: str
    not_before: time | None = None
    not_after: time | None = None
    away: tuple[Span, ...] = ()
    knows: tuple[str, ...] = ()

    def under(self, constraint: Constraint, day: date) -> "Demand":
        """The same demand with one more constraint, on the day of the interviews."""
        starts = [hour for hour in (self.not_before, constraint.not_before) if hour is not None]
        ends = [hour for hour in (self.not_after, constraint.not_after) if hour is not None]
        away = tuple(
            (datetime.combine(day, start, PARIS), datetime.combine(day, end, PARIS)) for start, end in constraint.away
        )
        return replace(
            self, not_before=max(starts, default=None), not_after=min(ends, default=None), away=self.away + away
        )


class Obstacle(StrEnum):
    """Why a candidate cannot be heard in a creneau."""

    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    AWAY = "away"
    KNOWN = "known"


@dataclass(frozen=True)
class Overlap:
    """Two creneaux of a planning that cannot both be kept: same candidate, same commission or same room."""

    first: int
    second: int
    creneaux: tuple[Creneau, Creneau]


@dataclass(frozen=True)
class DoubleSeat:
    """A member who would sit in two commissions at the same time."""

    member: str
    first: Commission
    second: Commission


def creneaux(commission: Commission, minutes: int) -> tuple[Creneau, ...]:
    """The times at which a commission hears candidates: one after the other, never over a break nor past the end.

    Source: §C2.4, « L'entretien dure au total 30 minutes ».

    Args:
        minutes: of one interview, the campagne's `entretien_minutes`; at least 1.
    """
    length = timedelta(minutes=minutes)
    found, at = [], commission.starts_at
    while at + length <= commission.ends_at:
        one = Creneau(starts_at=at, ends_at=at + length, commission=commission.name, room=commission.room)
        over = max((end for start, end in commission.breaks if one.meets(start, end)), default=None)
        if over is None:
            found.append(one)
        at = one.ends_at if over is None else over
    return tuple(found)


def obstacles(demand: Demand, creneau: Creneau, commission: Commission) -> tuple[Obstacle, ...]:
    """Everything that keeps a candidate from being heard then and there.

    Args:
        commission: the one of the creneau.
    """
    starts, ends = creneau.starts_at.astimezone(PARIS), creneau.ends_at.astimezone(PARIS)
    seen = {
        Obstacle.TOO_EARLY: demand.not_before is not None and starts.time() < demand.not_before,
        Obstacle.TOO_LATE: demand.not_after is not None and ends > _on_day_of(starts, demand.not_after),
        Obstacle.AWAY: any(creneau.meets(start, end) for start, end in demand.away),
        Obstacle.KNOWN: any(is_same_person(one, member) for one in demand.knows for member in commission.members),
    }
    return tuple(code for code, is_there in seen.items() if is_there)


def is_possible(demand: Demand, creneau: Creneau, commission: Commission) -> bool:
    """Whether nothing keeps a candidate from being heard then and there."""
    return not obstacles(demand, creneau, commission)


def conflicts_of(plan: Iterable[tuple[int, Creneau]]) -> tuple[Overlap, ...]:
    """What cannot be kept of a planning: one creneau per candidate, one candidate at a time per commission and room.

    Args:
        plan: number of the candidature and creneau, in any order.
    """
    pairs = combinations(sorted(plan), 2)
    return tuple(
        Overlap(first, second, (one, other))
        for (first, one), (second, other) in pairs
        if first == second or _clash(one, other)
    )


def double_seats(commissions: Iterable[Commission]) -> tuple[DoubleSeat, ...]:
    """The members who would sit in two commissions at the same time; one's break may be the other's hours."""
    return tuple(
        DoubleSeat(member, one, other)
        for one, other in combinations(commissions, 2)
        if _sit_together(one, other)
        for member in one.members
        if any(_is_one_member(member, name) for name in other.members)
    )


def shared_rooms(commissions: Iterable[Commission]) -> tuple[tuple[Commission, Commission], ...]:
    """The commissions that would hear candidates in one room at the same time."""
    return tuple(
        (one, other)
        for one, other in combinations(commissions, 2)
        if fold(one.room) == fold(other.room) and _sit_together(one, other)
    )


def is_same_person(one: str, other: str) -> bool:
    """Whether two names may be the same person's: « Mme Durand » is « Anne DURAND », she is not « Anne Petit »."""
    words, others = _name_words(one), _name_words(other)
    return bool(words and others) and (words <= others or others <= words)


def _is_one_member(one: str, other: str) -> bool:
    """Whether two names are one member's: « M. Petit » and « Mme Petit » are two."""
    words, others = set(fold(one).split()), set(fold(other).split())
    couple = (words & _MEN and others & _WOMEN) or (words & _WOMEN and others & _MEN)
    return not couple and is_same_person(one, other)


def _sit_together(one: Commission, other: Commission) -> bool:
    return any(start < until and since < end for start, end in _sittings(one) for since, until in _sittings(other))


def _sittings(commission: Commission) -> Iterator[Span]:
    """The hours of a commission without its breaks."""
    at = commission.starts_at
    for start, end in sorted(commission.breaks):
        if at < start:
            yield at, start
        at = max(at, end)
    if at < commission.ends_at:
        yield at, commission.ends_at


def _on_day_of(instant: datetime, hour: time) -> datetime:
    return datetime.combine(instant.date(), hour, PARIS)


def _clash(one: Creneau, other: Creneau) -> bool:
    is_shared = one.commission == other.commission or fold(one.room) == fold(other.room)
    return is_shared and one.meets(other.starts_at, other.ends_at)


def _name_words(name: str) -> frozenset[str]:
    return frozenset(fold(name).split()) - _MEN - _WOMEN
