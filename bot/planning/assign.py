"""Each candidate gets a creneau: as many as possible, moved as little as possible, early, without holes, shared out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from types import MappingProxyType

from bot.circulaire.planning import Commission, Creneau, Demand, Obstacle, creneaux, obstacles

_NOTHING_KEPT: Mapping[int, Creneau] = MappingProxyType({})


class ConflictCode(StrEnum):
    """Why a candidate is left without a creneau."""

    NO_CRENEAU = "no_creneau"  # the commissions hear nobody: no hours, or none long enough
    NOTHING_FITS = "nothing_fits"  # each creneau is excluded by what hinders this candidate
    TOO_FEW = "too_few"  # the candidates of `rivals` can only be heard in `creneaux`, which are fewer
    DAY_FULL = "day_full"  # every creneau of the day is taken


@dataclass(frozen=True)
class Conflict:
    """A candidate who is left without a creneau, and the facts that explain it.

    Args:
        excluded: how many creneaux each obstacle excludes; one creneau may be excluded by several.
        rivals: numbers of those who compete for `creneaux`, always fewer; this candidate is one of them.
    """

    numero: int
    code: ConflictCode
    excluded: tuple[tuple[Obstacle, int], ...] = ()
    rivals: tuple[int, ...] = ()
    creneaux: tuple[Creneau, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Who is heard when, and who is not; `moved` are those whose creneau is another than the one to be kept."""

    assigned: Mapping[int, Creneau]
    unassigned: tuple[Conflict, ...]
    moved: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Day:
    """The demands by number, the creneaux by hour, and what keeps the ones from the others."""

    demands: tuple[Demand, ...]
    creneaux: tuple[Creneau, ...]
    hindered: Mapping[tuple[int, int], tuple[Obstacle, ...]]
    kept: Mapping[int, int] = field(default_factory=dict)  # place of a demand to place of its creneau, -1 if it is gone

    def fits(self, row: int, column: int) -> bool:
        return not self.hindered[row, column]


def assign(
    demands: Sequence[Demand],
    commissions: Sequence[Commission],
    minutes: int,
    kept: Mapping[int, Creneau] = _NOTHING_KEPT,
) -> Plan:
    """Give each candidate a creneau that nothing excludes; the same for the same facts, in whatever order they come.

    What counts, the first above all the others: as few as possible are left out; as few as possible are moved; each
    commission hears from its first creneau on, without more holes than needed, as many candidates as the next one;
    those with the lower numbers come earlier. Exact up to 300 candidates; above, only the last of these may suffer.

    Args:
        minutes: of one interview.
        kept: creneaux already given, by number; a creneau that is no longer possible counts as moved.

    Raises:
        ValueError: two demands have one number, or two commissions one name.
    """
    day = _day(demands, commissions, minutes, kept)
    matched = _solve(day)
    taken = {column: row for row, column in matched.items()}
    assigned = {day.demands[row].numero: day.creneaux[column] for row, column in sorted(matched.items())}
    left = [row for row in range(len(day.demands)) if row not in matched]
    moved = tuple(numero for numero, creneau in assigned.items() if numero in kept and kept[numero] != creneau)
    return Plan(assigned, tuple(_explain(day, row, taken) for row in left), moved)


def _day(
    demands: Sequence[Demand], commissions: Sequence[Commission], minutes: int, kept: Mapping[int, Creneau]
) -> _Day:
    by_name = {commission.name: commission for commission in commissions}
    rows = tuple(sorted(demands, key=lambda demand: demand.numero))
    if len(by_name) < len(commissions) or len({demand.numero for demand in rows}) < len(rows):
        raise ValueError("two demands have one number, or two commissions one name")
    columns = tuple(sorted(one for commission in commissions for one in creneaux(commission, minutes)))
    hindered = {
        (row, column): obstacles(demand, creneau, by_name[creneau.commission])
        for row, demand in enumerate(rows)
        for column, creneau in enumerate(columns)
    }
    places = {creneau: column for column, creneau in enumerate(columns)}
    held = {row: places.get(kept[one.numero], -1) for row, one in enumerate(rows) if one.numero in kept}
    return _Day(rows, columns, hindered, held)


def _solve(day: _Day) -> dict[int, int]:
    """The cheapest matching: place of a demand to place of its creneau; who is left out is not in it."""
    if not day.demands:
        return {}
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 -- 0.7 s that a start does not need

    rows, columns = linear_sum_assignment(_costs(day))
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if column < len(day.creneaux)}


def _costs(day: _Day) -> list[list[float]]:
    """What each pair costs; behind the creneaux, one column per demand in which it is left out.

    Four aims in one number: a unit of each is more than all that the aims below it can cost together.
    """
    count, width = len(day.demands), len(day.creneaux)
    ranks, hours = _ranks(day.creneaux), _hours(day.creneaux)
    latest = max(hours, default=0) + 1
    rank_cost = count * count * latest + 1
    moved_cost = rank_cost * (count * (max(ranks, default=0) + 1) + 1)
    left_cost = moved_cost * (count + 1)
    costs = [[inf] * (width + count) for _ in range(count)]
    for row in range(count):
        weight, held = count - row, day.kept.get(row)
        for column in range(width):
            if day.fits(row, column):
                moves = moved_cost if held is not None and held != column else 0
                costs[row][column] = float(moves + rank_cost * ranks[column] + weight * hours[column])
        left = left_cost + (moved_cost if held is not None else 0) + weight * latest
        costs[row][width:] = [float(left)] * count
    return costs


def _ranks(ordered: Sequence[Creneau]) -> list[int]:
    """The rank of each creneau in its commission: low ones are early, close together and shared out."""
    seen: Counter[str] = Counter()
    ranks = []
    for creneau in ordered:
        ranks.append(seen[creneau.commission])
        seen[creneau.commission] += 1
    return ranks


def _hours(ordered: Sequence[Creneau]) -> list[int]:
    """The rank of each creneau's hour in the day."""
    starts = {start: rank for rank, start in enumerate(sorted({creneau.starts_at for creneau in ordered}))}
    return [starts[creneau.starts_at] for creneau in ordered]


def _explain(day: _Day, row: int, taken: Mapping[int, int]) -> Conflict:
    numero, width = day.demands[row].numero, len(day.creneaux)
    if not width:
        return Conflict(numero, ConflictCode.NO_CRENEAU)
    if not any(day.fits(row, column) for column in range(width)):
        counts = Counter(code for column in range(width) for code in day.hindered[row, column])
        return Conflict(numero, ConflictCode.NOTHING_FITS, excluded=tuple(sorted(counts.items())))
    rivals, wanted = _rivals(day, row, taken)
    code = ConflictCode.DAY_FULL if len(wanted) == width else ConflictCode.TOO_FEW
    return Conflict(
        numero,
        code,
        rivals=tuple(day.demands[one].numero for one in sorted(rivals)),
        creneaux=tuple(day.creneaux[one] for one in sorted(wanted)),
    )


def _rivals(day: _Day, row: int, taken: Mapping[int, int]) -> tuple[set[int], set[int]]:
    """Who competes for too few creneaux, this candidate included, and for which (the violator of Hall's theorem).

    Every creneau that fits one of them is taken by another of them: else a chain of moves would seat one more.
    """
    rivals, wanted, pending = {row}, set[int](), [row]
    while pending:
        one = pending.pop()
        new = {column for column in range(len(day.creneaux)) if day.fits(one, column)} - wanted
        wanted |= new
        holders = {taken[column] for column in new} - rivals
        rivals |= holders
        pending += holders
    return rivals, wanted
