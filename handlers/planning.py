"""The planning of the entretiens: commissions, constraints, creneaux, and the convocations that leave together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from aiogram import Router
from aiogram.types import BufferedInputFile, Message

from bot.circulaire import planning as rules
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.commission_day import read_commission_day
from bot.circulaire.constraint import read_constraint
from bot.circulaire.planning import Creneau, Demand, creneaux, double_seats
from bot.circulaire.reading import fold
from bot.errors import Refusal
from bot.papers.picture import draw_day
from bot.planning.assign import Plan, assign
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.say import say
from handlers.seats import actor, in_bureau, numbered, several
from handlers.summons import give, relocate
from storage import candidatures, convocations
from storage.bureau import Commission, Confirmation, Convocation
from storage.files import Files
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="planning")
router.message.filter(in_bureau)
_PLANNED = frozenset({Etat.RECEVABLE, Etat.CONVOQUEE})


@router.message(Called("commissions"))
async def keep_commission(message: Message, texte: str | None, work: UnitOfWork, campagne: Campagne) -> None:
    """The commissions; or « nom : salle 12 ; 9h-12h30, 14h-17h ; membres … » adds or changes one."""
    known = await work.run(convocations.commissions, campagne.numero)
    if texte is None:
        await message.answer(say("planning/commissions", rows=known, campagne=campagne))
        return
    name, _, described = texte.partition(":")
    read = read_commission_day(campagne, name.strip(), described.strip())
    row = next((one for one in known if fold(one.name) == fold(read.name)), None)
    fresh = row or Commission(id=work.take_id(), campagne=campagne.numero, name=read.name, room="")
    fresh.room, fresh.starts_at, fresh.ends_at = read.room, read.starts_at, read.ends_at
    fresh.breaks = [[start.isoformat(), end.isoformat()] for start, end in read.breaks]
    fresh.members = list(read.members)
    if row is None:
        await work.add(fresh)
    work.note("commission.kept", actor=actor(message), commission=fresh.id)
    every = {**{one.id: commission_of(one) for one in known}, fresh.id: read}
    values = {"count": len(creneaux(read, campagne.entretien_minutes)), "seats": double_seats(every.values())}
    await message.answer(say("planning/commission_kept", row=fresh, read=read, campagne=campagne, **values))


@router.message(Called("contrainte"))
async def note_constraint(message: Message, numero: int, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """« indisponible avant 10h », or « connaît Mme Durand »."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    said = fold(texte)
    knows = next((word for word in ("connait", "connu de", "connue de") if said.startswith(word)), None)
    if knows is not None:
        name = " ".join(texte.split()[len(knows.split()) :])
        one.flags = {**one.flags, "knows": [*one.flags.get("knows", []), name]}
    elif said.startswith("aucune"):
        one.flags = {key: value for key, value in one.flags.items() if key not in {"knows", "constraints"}}
    elif read_constraint(texte) is not None:
        one.flags = {**one.flags, "constraints": [*one.flags.get("constraints", []), texte]}
    else:
        await message.answer(say("planning/constraint_how", typed=texte[:80]))
        return
    work.note("constraint.noted", actor=actor(message), candidature_id=one.id)
    await message.answer(say("planning/constraint_kept", one=one))


@router.message(Called("planning"))
async def propose(message: Message, work: UnitOfWork, campagne: Campagne) -> None:
    """Propose a creneau to each recevable dossier; those convoked already keep theirs."""
    known = await work.run(convocations.commissions, campagne.numero)
    if not known:
        await message.answer(say("planning/no_commission"))
        return
    seats = double_seats(map(commission_of, known))
    if seats:
        raise Refusal("planning/double_seats", seats=seats)
    every = await _planned(work, campagne)
    live = {row.candidature_id: row for row in await work.run(convocations.live, campagne.numero)}
    fixed = {row.candidature_id: row for row in live.values() if row.published_at is not None}
    free = [one for one in every if one.id not in fixed]
    plan = await asyncio.to_thread(
        assign,
        [demand_of(one, campagne) for one in free],
        [_without(commission_of(row), list(fixed.values())) for row in known],
        campagne.entretien_minutes,
        {one.numero: _creneau(live[one.id]) for one in free if one.id in live},
    )
    by_numero = {one.numero: one for one in free}
    for numero, creneau in plan.assigned.items():
        one = by_numero[numero]
        if one.id not in live or _creneau(live[one.id]) != creneau:
            await give(work, campagne, one, creneau, actor=actor(message))
    left = {conflict.numero for conflict in plan.unassigned}
    for one in free:
        if one.numero in left and one.id in live:
            work.free_creneau(live[one.id].id)
            row = live[one.id]
            await work.run(convocations.drop, row)
    await _show_day(message, campagne, known, every, plan, fixed)


async def _show_day(
    message: Message,
    campagne: Campagne,
    known: Sequence[Commission],
    every: Sequence[Candidature],
    plan: Plan,
    fixed: Mapping[int, Convocation],
) -> None:
    """The picture of the day, then the same in words with what could not be placed."""
    names = {one.numero: str(one.notice.get("nom") or "") for one in every}
    rows = [(numero, creneau) for numero, creneau in plan.assigned.items()]
    rows += [(one.numero, _creneau(fixed[one.id])) for one in every if one.id in fixed]
    rows.sort(key=lambda pair: (pair[1].starts_at, pair[1].commission))
    moved = frozenset(plan.moved)
    picture = await asyncio.to_thread(draw_day, campagne, [commission_of(row) for row in known], rows, names, moved)
    await message.answer_photo(
        BufferedInputFile(picture, filename="planning.png"), caption=say("planning/picture", total=len(rows))
    )
    words = say("planning/day", rows=rows, names=names, plan=plan, moved=moved, campagne=campagne)
    await message.answer(words)


async def _planned(work: UnitOfWork, campagne: Campagne) -> list[Candidature]:
    return [one for one in await work.run(candidatures.listed, campagne.numero) if one.etat in _PLANNED]


def demand_of(one: Candidature, campagne: Campagne) -> Demand:
    """What is asked of the planning for one dossier, with the constraints that the bureau noted."""
    demand = Demand(one.numero, str(one.notice.get("nom") or ""), knows=tuple(one.flags.get("knows", ())))
    for words in one.flags.get("constraints", ()):
        constraint = read_constraint(words)
        demand = demand.under(constraint, campagne.entretien_on) if constraint else demand
    return demand


def commission_of(row: Commission) -> rules.Commission:
    """A commission as the rules know it."""
    breaks = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.breaks)
    return rules.Commission(row.name, row.room, row.starts_at, row.ends_at, breaks, tuple(row.members))


def _without(commission: rules.Commission, fixed: Sequence[Convocation]) -> rules.Commission:
    """The commission with the creneaux of those convoked already taken out."""
    taken = tuple((row.starts_at, row.ends_at) for row in fixed if row.commission == commission.name)
    return replace(commission, breaks=(*commission.breaks, *taken))


def _creneau(row: Convocation) -> Creneau:
    return Creneau(starts_at=row.starts_at, ends_at=row.ends_at, commission=row.commission, room=row.room)


@router.message(Called("creneau"))
async def move(
    message: Message,
    numero: int,
    heure: time,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    """Give a dossier the creneau that begins at an hour, in its own commission when it is free there."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    if one.etat not in _PLANNED:
        await message.answer(say("planning/not_plannable", one=one))
        return
    before = await work.run(convocations.in_force, one.id)
    known = [commission_of(row) for row in await work.run(convocations.commissions, campagne.numero)]
    known.sort(key=lambda commission: before is None or commission.name != before.commission)
    at_hour = [
        (commission, creneau)
        for commission in known
        for creneau in creneaux(commission, campagne.entretien_minutes)
        if creneau.starts_at.timetz().replace(tzinfo=None) == heure
    ]
    every = await work.run(convocations.live, campagne.numero)
    taken = {(row.commission, row.starts_at): row for row in every if row.candidature_id != one.id}
    demand = demand_of(one, campagne)
    free = [(c, k) for c, k in at_hour if (k.commission, k.starts_at) not in taken]
    fits = [k for c, k in free if rules.Obstacle.KNOWN not in rules.obstacles(demand, k, c)]
    if not fits:
        holders = [taken[k.commission, k.starts_at] for _, k in at_hour if (k.commission, k.starts_at) in taken]
        numbers = [await work.run(candidatures.by_id, row.candidature_id) for row in holders]
        await message.answer(say("planning/creneau_refused", one=one, heure=heure, at_hour=at_hour, holders=numbers))
        return
    against = [c for c, k in free if k == fits[0] and rules.obstacles(demand, k, c)]
    row = await relocate(work, campagne, files, bureau, one, fits[0], actor=actor(message))
    await message.answer(say("planning/creneau_given", one=one, row=row, against=bool(against)))


@router.message(Called("permuter"))
async def ask_swap(message: Message, numero: int, autre: int, work: UnitOfWork, campagne: Campagne) -> None:
    """Show what a swap would change, and ask for a « oui »."""
    pair = await several((numero, autre), work, campagne)
    rows = [await _movable(one, work) if one else None for _, one in pair]
    if numero == autre or any(row is None for row in rows):
        await message.answer(say("planning/no_swap", numero=numero, autre=autre))
        return
    words = say("planning/swap_preview", pair=pair, rows=rows)
    await request(message, work, "swap", words, numeros=[numero, autre])


async def _movable(one: Candidature, work: UnitOfWork) -> Convocation | None:
    """The creneau of a dossier that is still to be heard."""
    return await work.run(convocations.in_force, one.id) if one.etat in _PLANNED else None


@confirmed("swap")
async def swap(
    message: Message,
    row: Confirmation,
    *,
    by: int,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
    **_: object,
) -> None:
    """Exchange two creneaux in one commit; whoever was told already is told again, and their IEN."""
    pair = [one for _, one in await several(row.details["numeros"], work, campagne) if one]
    held = [await _movable(one, work) for one in pair]
    if any(one is None for one in held):
        await message.answer(say("confirmations/pointless"))
        return
    places = [_creneau(one) for one in held if one]
    for one, creneau in zip(pair, reversed(places), strict=True):
        await relocate(work, campagne, files, bureau, one, creneau, actor=f"bureau:{by}")
    await message.answer(say("planning/swapped", pair=pair, places=list(reversed(places))))
