"""The creneaux of the day: which are free, which suit a dossier, and who sits where."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from bot.circulaire import planning as rules
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.constraint import read_constraint
from bot.circulaire.planning import Creneau, Demand, Obstacle, creneaux, obstacles
from bot.clock import PARIS
from handlers.turn import Desk
from storage import convocations
from storage.bureau import Commission, Convocation
from storage.tables import Candidature

PLANNED = frozenset({Etat.RECEVABLE, Etat.CONVOQUEE})  # who may be given a creneau
Offer = tuple[Creneau, tuple[Obstacle, ...]]


def commission_of(row: Commission, campagne: Campagne) -> rules.Commission:
    """A commission as the rules know it: its hours hold on the day of the entretiens, whichever that has become."""
    breaks = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.breaks)
    starts, ends, *between = (_on_the_day(one, campagne) for one in (row.starts_at, row.ends_at, *chain(*breaks)))
    spans = tuple(zip(between[::2], between[1::2], strict=True))
    return rules.Commission(row.name, row.room, starts, ends, spans, tuple(row.members))


def _on_the_day(instant: datetime, campagne: Campagne) -> datetime:
    return datetime.combine(campagne.entretien_on, instant.astimezone(PARIS).time(), PARIS)


def is_on_the_day(row: Convocation, campagne: Campagne) -> bool:
    """Whether a creneau is of the day of the entretiens: that day may have been moved since."""
    return row.starts_at.astimezone(PARIS).date() == campagne.entretien_on


def creneau_of(row: Convocation) -> Creneau:
    """The creneau that a convocation holds."""
    return Creneau(starts_at=row.starts_at, ends_at=row.ends_at, commission=row.commission, room=row.room)


def demand_of(one: Candidature, campagne: Campagne) -> Demand:
    """What is asked of the planning for one dossier, with the constraints that the bureau noted."""
    demand = Demand(one.numero, one.holder, knows=tuple(one.flags.get("knows", ())))
    for words in one.flags.get("constraints", ()):
        constraint = read_constraint(words)
        demand = demand.under(constraint, campagne.entretien_on) if constraint else demand
    return demand


async def against(desk: Desk, one: Candidature, creneau: Creneau) -> tuple[Obstacle, ...]:
    """What speaks against a creneau for a dossier."""
    rows = await desk.work.run(convocations.commissions, desk.campagne.numero)
    sitting = next((commission_of(row, desk.campagne) for row in rows if row.name == creneau.commission), None)
    return obstacles(demand_of(one, desk.campagne), creneau, sitting) if sitting is not None else ()


async def offers(desk: Desk, one: Candidature) -> list[Offer]:
    """The creneaux to come that nobody else holds, by hour, each with what speaks against it for a dossier."""
    every = await desk.work.run(convocations.live, desk.campagne.numero)
    others = [row for row in every if row.candidature_id != one.id]
    demand = demand_of(one, desk.campagne)
    return sorted(
        (creneau, obstacles(demand, creneau, commission))
        for row in await desk.work.run(convocations.commissions, desk.campagne.numero)
        for commission in (commission_of(row, desk.campagne),)
        for creneau in creneaux(commission, desk.campagne.entretien_minutes)
        if creneau.starts_at > desk.now and not holders(creneau, others)
    )


async def free_hours(desk: Desk, one: Candidature) -> list[Creneau]:
    """One free creneau an hour among those that suit a dossier, its own left out."""
    own = await desk.work.run(convocations.in_force, one.id)
    found = [creneau for creneau, wrong in await offers(desk, one) if not wrong]
    return list({k.starts_at: k for k in reversed(found) if own is None or k != creneau_of(own)}.values())[::-1]


def holders(creneau: Creneau, rows: Sequence[Convocation]) -> list[Convocation]:
    """The convocations that meet a creneau of the same commission."""
    return [row for row in rows if row.commission == creneau.commission and creneau.meets(row.starts_at, row.ends_at)]
