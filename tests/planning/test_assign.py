"""As many candidates as possible are heard, none against what hinders them, and the others are told why."""

import random
from collections.abc import Sequence
from datetime import date, time

import pytest

from bot.circulaire.planning import Commission, Creneau, Demand, Obstacle, conflicts_of, creneaux, is_possible
from bot.clock import paris
from bot.planning.assign import Conflict, ConflictCode, assign

DAY = date(2017, 4, 26)
SEEDS = range(60)


def commission(name: str = "A", start: int = 9, end: int = 11, *members: str) -> Commission:
    return Commission(name, f"salle {name}", paris(DAY, start), paris(DAY, end), (), members)


def hours(plan: dict[int, Creneau]) -> dict[int, str]:
    return {numero: f"{creneau.commission} {creneau.starts_at:%H:%M}" for numero, creneau in plan.items()}


def most_heard(demands: Sequence[Demand], commissions: Sequence[Commission], minutes: int) -> int:
    """How many can be heard, found by trying everything."""
    by_name = {one.name: one for one in commissions}
    places = [creneau for one in commissions for creneau in creneaux(one, minutes)]

    def best(rest: Sequence[Demand], free: frozenset[int]) -> int:
        if not rest:
            return 0
        first, others = rest[0], rest[1:]
        fitting = [one for one in free if is_possible(first, places[one], by_name[places[one].commission])]
        return max([best(others, free), *(1 + best(others, free - {one}) for one in fitting)])

    return best(demands, frozenset(range(len(places))))


def random_case(seed: int) -> tuple[list[Demand], list[Commission]]:
    dice = random.Random(seed)
    names = ["Durand", "Petit"]
    commissions = [commission(name, dice.choice([9, 10]), 11, name) for name in names]
    demands = [
        Demand(
            numero,
            f"Candidat {numero}",
            not_before=time(dice.choice([9, 10]), 30) if dice.random() < 0.5 else None,
            not_after=time(10, dice.choice([0, 30])) if dice.random() < 0.4 else None,
            away=((paris(DAY, 10), paris(DAY, 10, 15)),) if dice.random() < 0.3 else (),
            knows=(f"Mme {dice.choice(names)}",) if dice.random() < 0.4 else (),
        )
        for numero in range(1, dice.randint(1, 7))
    ]
    return demands, commissions


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_more_could_be_heard_and_nothing_that_hinders_is_forgotten(seed: int) -> None:
    demands, commissions = random_case(seed)
    by_name = {one.name: one for one in commissions}

    plan = assign(demands, commissions, 30)

    assert len(plan.assigned) == most_heard(demands, commissions, 30)
    assert {*plan.assigned} | {one.numero for one in plan.unassigned} == {demand.numero for demand in demands}
    assert all(
        is_possible(demand, plan.assigned[demand.numero], by_name[plan.assigned[demand.numero].commission])
        for demand in demands
        if demand.numero in plan.assigned
    )
    assert conflicts_of(plan.assigned.items()) == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_in_which_the_facts_come_changes_nothing(seed: int) -> None:
    demands, commissions = random_case(seed)
    shuffled = random.Random(seed + 1).sample(demands, len(demands))

    assert assign(shuffled, commissions[::-1], 30) == assign(demands, commissions, 30)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_left_out_competes_for_fewer_creneaux_than_there_are_candidates(seed: int) -> None:
    demands, commissions = random_case(seed)
    by_name, by_numero = {one.name: one for one in commissions}, {demand.numero: demand for demand in demands}
    every = [creneau for one in commissions for creneau in creneaux(one, 30)]

    conflicts = [one for one in assign(demands, commissions, 30).unassigned if one.rivals]

    for conflict in conflicts:
        fitting = {
            creneau
            for numero in conflict.rivals
            for creneau in every
            if is_possible(by_numero[numero], creneau, by_name[creneau.commission])
        }
        assert fitting == set(conflict.creneaux)
        assert len(conflict.rivals) > len(conflict.creneaux)
        assert conflict.numero in conflict.rivals


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_that_still_holds_is_kept_as_it_is(seed: int) -> None:
    demands, commissions = random_case(seed)
    before = assign(demands, commissions, 30)

    after = assign(demands, commissions, 30, before.assigned)

    assert after == before


def test_candidates_come_in_the_order_of_their_numbers_without_holes_and_shared_out() -> None:
    demands = [Demand(numero, "") for numero in (5, 3, 2, 4, 1)]

    plan = assign(demands, [commission("A"), commission("B")], 30)

    assert hours(dict(plan.assigned)) == {1: "A 09:00", 2: "B 09:00", 3: "A 09:30", 4: "B 09:30", 5: "A 10:00"}


def test_a_candidate_who_comes_later_moves_only_whom_it_must() -> None:
    before = assign([Demand(1, ""), Demand(2, ""), Demand(3, "")], [commission()], 30)
    new = Demand(4, "", not_after=time(9, 30))

    after = assign([Demand(1, ""), Demand(2, ""), Demand(3, ""), new], [commission()], 30, before.assigned)

    assert hours(dict(after.assigned)) == {1: "A 10:30", 2: "A 09:30", 3: "A 10:00", 4: "A 09:00"}
    assert after.moved == (1,)


def test_one_whom_nothing_fits_is_told_what_excludes_what() -> None:
    knows_all = Demand(7, "", not_before=time(10), knows=("Mme Durand",))

    plan = assign([knows_all], [commission("A", 9, 11, "Anne Durand"), commission("B", 9, 10)], 30)

    assert plan.unassigned == (
        Conflict(7, ConflictCode.NOTHING_FITS, excluded=((Obstacle.KNOWN, 4), (Obstacle.TOO_EARLY, 4))),
    )


def test_those_who_compete_are_named_with_what_they_compete_for() -> None:
    demands = [Demand(1, ""), *(Demand(numero, "", not_after=time(10)) for numero in (2, 3, 4))]

    plan = assign(demands, [commission()], 30)

    nine, half_past = creneaux(commission(), 30)[:2]
    assert plan.unassigned == (Conflict(4, ConflictCode.TOO_FEW, rivals=(2, 3, 4), creneaux=(nine, half_past)),)


def test_a_full_day_is_said_to_be_full() -> None:
    plan = assign([Demand(numero, "") for numero in range(1, 6)], [commission()], 30)

    assert plan.unassigned == (
        Conflict(5, ConflictCode.DAY_FULL, rivals=(1, 2, 3, 4, 5), creneaux=creneaux(commission(), 30)),
    )


def test_without_a_commission_nobody_is_heard() -> None:
    assert assign([Demand(1, "")], [], 30).unassigned == (Conflict(1, ConflictCode.NO_CRENEAU),)


def test_without_a_candidate_the_plan_is_empty() -> None:
    assert assign([], [commission()], 30).assigned == {}


def test_two_demands_of_one_number_are_an_error() -> None:
    with pytest.raises(ValueError, match="two demands have one number"):
        assign([Demand(1, ""), Demand(1, "")], [commission()], 30)
