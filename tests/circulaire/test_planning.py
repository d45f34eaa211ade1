"""When a commission hears candidates, what hinders one, and what a planning may not hold."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from bot.circulaire.planning import (
    Commission,
    Constraint,
    Creneau,
    Demand,
    DoubleSeat,
    Obstacle,
    Overlap,
    conflicts_of,
    creneaux,
    double_seats,
    is_same_person,
    obstacles,
)
from bot.clock import paris

DAY = date(2017, 4, 26)
PAUSE = (paris(DAY, 10, 15), paris(DAY, 10, 30))
COMMISSION = Commission("A", "salle 12", paris(DAY, 9), paris(DAY, 11, 15), (PAUSE,), ("Anne Durand",))
STARTS = {20: ["09:00", "09:20", "09:40", "10:30", "10:50"], 30: ["09:00", "09:30", "10:30"], 45: ["09:00", "10:30"]}


def creneau(hour: int, minute: int = 0, commission: str = "A", room: str = "salle 12") -> Creneau:
    end = paris(DAY, hour, minute + 29)
    return Creneau(starts_at=paris(DAY, hour, minute), ends_at=end, commission=commission, room=room)


@pytest.mark.parametrize(("minutes", "starts"), STARTS.items(), ids=STARTS)
def test_nobody_is_heard_over_a_break_or_past_the_end(minutes: int, starts: list[str]) -> None:
    assert [f"{one.starts_at:%H:%M}" for one in creneaux(COMMISSION, minutes)] == starts


HINDRANCES = {
    "nothing": (Demand(1, ""), ()),
    "begins on the hour": (Demand(1, "", not_before=time(9, 30)), ()),
    "ends on the hour": (Demand(1, "", not_after=time(10)), ()),
    "too early": (Demand(1, "", not_before=time(9, 31)), (Obstacle.TOO_EARLY,)),
    "too late": (Demand(1, "", not_after=time(9, 59)), (Obstacle.TOO_LATE,)),
    "away until it begins": (Demand(1, "", away=((paris(DAY, 9), paris(DAY, 9, 30)),)), ()),
    "away": (Demand(1, "", away=((paris(DAY, 9, 45), paris(DAY, 9, 50)),)), (Obstacle.AWAY,)),
    "known": (Demand(1, "", knows=("Mme DURAND",)), (Obstacle.KNOWN,)),
    "two": (Demand(1, "", not_before=time(10), knows=("Durand",)), (Obstacle.TOO_EARLY, Obstacle.KNOWN)),
}


@pytest.mark.parametrize(("demand", "expected"), HINDRANCES.values(), ids=HINDRANCES)
def test_what_hinders_a_candidate_is_found(demand: Demand, expected: tuple[Obstacle, ...]) -> None:
    half_past_nine = creneaux(COMMISSION, 30)[1]

    assert obstacles(demand, half_past_nine, COMMISSION) == expected


def test_constraints_add_up() -> None:
    once = Demand(1, "", not_before=time(9)).under(Constraint(time(10), time(16), ((time(12), time(13)),)), DAY)

    twice = once.under(Constraint(time(8), time(15)), DAY)

    assert twice == Demand(1, "", time(10), time(15), ((paris(DAY, 12), paris(DAY, 13)),))


NAMES = {
    ("Mme Durand", "Anne DURAND"): True,
    ("M. Petit", "Monsieur Petit"): True,
    ("Hélène Noël", "Helene Noel"): True,
    ("Anne Petit", "Jean Petit"): False,
    ("Mme", "Mme Durand"): False,
}


@pytest.mark.parametrize(("names", "same"), NAMES.items(), ids=map(" / ".join, NAMES))
def test_a_member_is_recognised_by_the_name(names: tuple[str, str], same: bool) -> None:
    assert is_same_person(*names) is same


OVERLAPS = {
    "same candidate": ((1, creneau(9)), (1, creneau(10, 0, "B", "salle 13"))),
    "same commission": ((1, creneau(9)), (2, creneau(9, 15))),
    "same room": ((1, creneau(9)), (2, creneau(9, 0, "B", "Salle 12"))),
}


@pytest.mark.parametrize("pair", OVERLAPS.values(), ids=OVERLAPS)
def test_what_a_planning_may_not_hold_is_found(pair: tuple[tuple[int, Creneau], tuple[int, Creneau]]) -> None:
    (first, one), (second, other) = pair

    assert conflicts_of(reversed(pair)) == (Overlap(first, second, (one, other)),)


def test_a_planning_without_overlap_holds() -> None:
    assert conflicts_of([(1, creneau(9)), (2, creneau(9, 30)), (3, creneau(9, 0, "B", "salle 13"))]) == ()


def sitting(name: str, *members: str, hours: tuple[int, ...] = (9, 12, 14, 17)) -> Commission:
    """A commission in a room of its own: its hours, of which those in the middle are a break."""
    begin, pause, again, end = (paris(DAY, hour) for hour in hours)
    return Commission(name, f"salle {name}", begin, end, ((pause, again),), members)


DOUBLE = {
    "the same name": ("Mme Durand", (9, 12, 14, 17), True),
    "her first name too": ("Anne DURAND", (9, 12, 14, 17), True),
    "another person": ("Mme Petit", (9, 12, 14, 17), False),
    "Mr and Mrs": ("M. Durand", (9, 12, 14, 17), False),
    "during the break": ("Mme Durand", (12, 13, 13, 14), False),
    "a moment of the afternoon": ("Mme Durand", (12, 13, 13, 15), True),
    "one after the other": ("Mme Durand", (17, 18, 18, 19), False),
}


@pytest.mark.parametrize(("member", "hours", "is_double"), DOUBLE.values(), ids=DOUBLE)
def test_a_member_sits_in_one_commission_at_a_time(member: str, hours: tuple[int, ...], is_double: bool) -> None:
    first, second = sitting("A", "M. Roy", "Mme Durand"), sitting("B", member, hours=hours)

    found = double_seats([first, second])

    assert found == ((DoubleSeat("Mme Durand", first, second),) if is_double else ())


def test_a_member_of_three_commissions_is_told_pair_by_pair() -> None:
    seats = double_seats([sitting(name, "Mme Durand") for name in "ABC"])

    assert [(seat.first.name, seat.second.name) for seat in seats] == [("A", "B"), ("A", "C"), ("B", "C")]


BREAKS = {
    "at the opening": ((paris(DAY, 9), paris(DAY, 9, 15)), True),
    "until the end": ((paris(DAY, 11), paris(DAY, 11, 15)), True),
    "all day": ((paris(DAY, 9), paris(DAY, 11, 15)), False),
}


@pytest.mark.parametrize(("pause", "sits"), BREAKS.values(), ids=BREAKS)
def test_a_member_sits_wherever_the_break_leaves_some_time(pause: tuple[Any, Any], sits: bool) -> None:
    rested = replace(COMMISSION, breaks=(pause,))
    other = replace(COMMISSION, name="B", room="salle 14", breaks=())

    assert bool(double_seats([rested, other])) is sits
