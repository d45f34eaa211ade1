"""The planning of the entretiens: commissions, constraints, creneaux, and the convocations that leave together."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.circulaire import planning as rules
from bot.circulaire.candidature import CANDIDATURE
from bot.circulaire.commission_day import read_commission_day
from bot.circulaire.constraint import read_constraint
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.planning import Creneau, creneaux, double_seats, is_same_person, shared_rooms
from bot.circulaire.reading import fold
from bot.errors import Refusal
from bot.papers.picture import draw_day
from bot.planning.assign import Plan, assign
from handlers.commands import Called
from handlers.creneaux import PLANNED, commission_of, creneau_of, demand_of, is_on_the_day
from handlers.say import say
from handlers.seats import in_bureau, numbered
from handlers.summons import give
from handlers.turn import Desk, Turn, room
from storage import candidatures, convocations
from storage.bureau import Commission, Convocation
from storage.tables import Candidature

router = room("planning", in_bureau)


@router.message(Called("commissions"))
async def keep_commission(turn: Turn, texte: str | None) -> None:
    """The commissions; or « nom : salle 12 ; 9h-12h30, 14h-17h ; membres … » adds or changes one."""
    known = await turn.work.run(convocations.commissions, turn.campagne.numero)
    if texte is None:
        await turn.answer(say("planning/commissions", rows=known, campagne=turn.campagne))
        return
    name, _, described = texte.partition(":")
    read = read_commission_day(turn.campagne, name.strip(), described.strip())
    row = next((one for one in known if fold(one.name) == fold(read.name)), None)
    fresh = row or Commission(id=turn.work.take_id(), campagne=turn.campagne.numero, name=read.name, room="")
    fresh.room, fresh.starts_at, fresh.ends_at = read.room, read.starts_at, read.ends_at
    fresh.breaks = [[start.isoformat(), end.isoformat()] for start, end in read.breaks]
    fresh.members = list(read.members)
    if row is None:
        await turn.work.add(fresh)
    turn.work.note("commission.kept", actor=turn.actor, commission=fresh.id)
    every = {**{one.id: commission_of(one, turn.campagne) for one in known}, fresh.id: read}
    heard = creneaux(read, turn.campagne.entretien_minutes)
    values = {
        "count": len(heard),
        "seats": double_seats(every.values()),
        "rooms": shared_rooms(every.values()),
        "elsewhere": await _told_elsewhere(turn, read.name, heard),
    }
    await turn.answer(say("planning/commission_kept", row=fresh, read=read, campagne=turn.campagne, **values))


async def _told_elsewhere(desk: Desk, name: str, heard: Sequence[Creneau]) -> list[tuple[Candidature, Convocation]]:
    """Who was convoked by this commission to an hour or a room that it no longer has."""
    return [
        (await desk.work.run(candidatures.existing, row.candidature_id), row)
        for row in await desk.work.run(convocations.live, desk.campagne.numero)
        if row.commission == name and row.published_at is not None and creneau_of(row) not in heard
    ]


@router.message(Called("contrainte"))
async def note_constraint(turn: Turn, numero: int, texte: str) -> None:
    """« indisponible avant 10h », or « connaît Mme Durand »."""
    one = await numbered(turn, numero)
    if "withdraw" not in CANDIDATURE.events(one.etat):  # nobody is heard or judged any more
        await turn.answer(say("planning/not_plannable", one=one))
        return
    said = fold(texte)
    knows = next((word for word in ("connait", "connu de", "connue de") if said.startswith(word)), None)
    if knows is not None and said != knows:
        name = " ".join(texte.split()[len(knows.split()) :]).strip("« »“”\"'.")
        one.flags = {**one.flags, "knows": [*one.flags.get("knows", []), name]}
    elif said.startswith("aucune"):
        one.flags = {key: value for key, value in one.flags.items() if key not in {"knows", "constraints"}}
    elif read_constraint(texte) is not None:
        one.flags = {**one.flags, "constraints": [*one.flags.get("constraints", []), texte]}
    else:
        await turn.answer(say("planning/constraint_how", typed=texte[:80]))
        return
    turn.work.note("constraint.noted", actor=turn.actor, candidature_id=one.id)
    members = [
        member for row in await turn.work.run(convocations.commissions, turn.campagne.numero) for member in row.members
    ]
    strangers = [name for name in one.flags.get("knows", ()) if not any(is_same_person(name, one) for one in members)]
    row = await turn.work.run(convocations.in_force, one.id)
    await turn.answer(say("planning/constraint_kept", one=one, row=row, strangers=strangers if members else []))


@router.message(Called("planning"))
async def propose(turn: Turn) -> None:
    """Propose a creneau to each recevable dossier; those convoked already keep theirs."""
    known = await turn.work.run(convocations.commissions, turn.campagne.numero)
    if not known:
        await turn.answer(say("planning/no_commission"))
        return
    sitting = [commission_of(row, turn.campagne) for row in known]
    seats, rooms = double_seats(sitting), shared_rooms(sitting)
    if seats or rooms:
        raise Refusal("planning/double_seats", seats=seats, rooms=rooms)
    every = await _planned(turn)
    live = {row.candidature_id: row for row in await turn.work.run(convocations.live, turn.campagne.numero)}
    fixed = {row.candidature_id: row for row in live.values() if row.published_at is not None}
    free = [one for one in every if one.id not in fixed]
    plan = await asyncio.to_thread(
        assign,
        [demand_of(one, turn.campagne) for one in free],
        [_open(turn, commission, fixed.values()) for commission in sitting],
        turn.campagne.entretien_minutes,
        {one.numero: creneau_of(live[one.id]) for one in free if one.id in live},
    )
    by_numero = {one.numero: one for one in free}
    for numero, creneau in plan.assigned.items():
        one = by_numero[numero]
        if one.id not in live or creneau_of(live[one.id]) != creneau:
            await give(turn, one, creneau, actor=turn.actor)
    left = {conflict.numero for conflict in plan.unassigned}
    for one in free:
        if one.numero in left and one.id in live:
            turn.work.free_creneau(live[one.id].id)
            row = live[one.id]
            await turn.work.run(convocations.drop, row)
    await _show_day(turn, sitting, every, plan, fixed)


async def _show_day(
    turn: Turn,
    sitting: Sequence[rules.Commission],
    every: Sequence[Candidature],
    plan: Plan,
    fixed: Mapping[int, Convocation],
) -> None:
    """The picture of the day, then the same in words with what could not be placed."""
    names = {one.numero: one.holder for one in every}
    rows = [(numero, creneau) for numero, creneau in plan.assigned.items()]
    held = [(one, fixed[one.id]) for one in every if one.id in fixed]
    rows += [(one.numero, creneau_of(row)) for one, row in held if is_on_the_day(row, turn.campagne)]
    rows.sort(key=lambda pair: (pair[1].starts_at, pair[1].commission))
    moved = frozenset(plan.moved)
    picture = await asyncio.to_thread(draw_day, turn.campagne, sitting, rows, names, moved)
    await turn.answer_photo(picture, "planning.png", caption=say("planning/picture", total=len(rows)))
    told = {one.numero: ConvocationEtat(row.etat).label for one, row in held}
    other_day = [(one, row) for one, row in held if not is_on_the_day(row, turn.campagne)]
    values = {"plan": plan, "moved": moved, "told": told, "other_day": other_day, "campagne": turn.campagne}
    await turn.answer(say("planning/day", rows=rows, names=names, **values))


async def _planned(desk: Desk) -> list[Candidature]:
    return [one for one in await desk.work.run(candidatures.listed, desk.campagne.numero) if one.etat in PLANNED]


def _open(desk: Desk, commission: rules.Commission, fixed: Iterable[Convocation]) -> rules.Commission:
    """The commission without the creneaux of those convoked already, nor those that have begun."""
    every = creneaux(commission, desk.campagne.entretien_minutes)
    begun = [(one.starts_at, one.ends_at) for one in every if one.starts_at <= desk.now]
    taken = [(row.starts_at, row.ends_at) for row in fixed if row.commission == commission.name]
    return replace(commission, breaks=(*commission.breaks, *begun, *taken))
