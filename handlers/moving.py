"""The creneaux one by one: a dossier is given another hour, two exchange theirs."""

from collections.abc import Sequence
from datetime import time

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.hours import clock_words
from bot.circulaire.planning import Creneau, Obstacle, creneaux
from bot.circulaire.reading import fold
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.creneaux import PLANNED, against, commission_of, creneau_of, free_hours, holders, offers
from handlers.say import say
from handlers.seats import actor, in_bureau, numbered, several
from handlers.summons import relocate
from storage import candidatures, convocations
from storage.bureau import Confirmation, Convocation
from storage.files import Files
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="moving")
router.message.filter(in_bureau)


@router.message(Called("creneau"))
async def move(
    message: Message,
    numero: int,
    heure: time,
    commission: str | None,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    """Give a dossier the creneau that begins at an hour, in its own commission when it is free there."""
    one = await numbered(message, numero, work, campagne)
    if one is None:
        return
    if one.etat not in PLANNED:
        await message.answer(say("planning/not_plannable", one=one))
        return
    before = await work.run(convocations.in_force, one.id)
    free = [
        (creneau, wrong)
        for creneau, wrong in await offers(work, campagne, one)
        if _is_meant(creneau, heure, commission) and Obstacle.KNOWN not in wrong
    ]
    if not free:
        await _refuse_hour(message, one, heure, commission, before, work, campagne)
        return
    creneau, wrong = min(free, key=lambda offer: before is None or offer[0].commission != before.commission)
    if before is not None and creneau_of(before) == creneau:
        await message.answer(say("planning/creneau_held", one=one, row=before))
        return
    row = await relocate(work, campagne, files, bureau, one, creneau, actor=actor(message))
    await message.answer(say("planning/creneau_given", one=one, row=row, against=bool(wrong)))


def _is_meant(creneau: Creneau, hour: time, commission: str | None) -> bool:
    """Whether a creneau begins at an hour, in the commission or the room that is named."""
    named = set(fold(commission or "").split()) <= set(fold(f"{creneau.commission} {creneau.room}").split())
    return named and creneau.starts_at.timetz().replace(tzinfo=None) == hour


async def _refuse_hour(
    message: Message,
    one: Candidature,
    hour: time,
    commission: str | None,
    before: Convocation | None,
    work: UnitOfWork,
    campagne: Campagne,
) -> None:
    """Say why the hour is not to be had, and which ones are."""
    others = [row for row in await work.run(convocations.live, campagne.numero) if row.candidature_id != one.id]
    at_hour = [
        creneau
        for row in await work.run(convocations.commissions, campagne.numero)
        for creneau in creneaux(commission_of(row), campagne.entretien_minutes)
        if _is_meant(creneau, hour, commission)
    ]
    taken = [row.candidature_id for creneau in at_hour for row in holders(creneau, others)]
    found = [await work.run(candidatures.existing, number) for number in taken]
    values = {
        "hour": clock_words(hour),
        "commission": commission,
        "at_hour": at_hour,
        "past": all(creneau.starts_at <= work.now for creneau in at_hour),
        "holders": sorted(other.numero for other in found),
        "before": before,
        "free": await free_hours(work, campagne, one),
    }
    await message.answer(say("planning/creneau_refused", one=one, **values))


@router.message(Called("permuter"))
async def ask_swap(message: Message, numero: int, autre: int, work: UnitOfWork, campagne: Campagne) -> None:
    """Show what a swap would change, and ask for a « oui »."""
    pair = await several((numero, autre), work, campagne)
    rows = [await _movable(one, work) for _, one in pair]
    faults = await _swap_faults(pair, rows, work, campagne)
    if numero == autre or faults:
        await message.answer(say("planning/no_swap", same=numero == autre, faults=faults))
        return
    wrong = [
        one.numero
        for (_, one), row in zip(pair, reversed(rows), strict=True)
        if one and row and await against(work, campagne, one, creneau_of(row))
    ]
    words = say("planning/swap_preview", pair=pair, rows=rows, against=wrong)
    await request(message, work, "swap", words, numeros=[numero, autre])


async def _movable(one: Candidature | None, work: UnitOfWork) -> Convocation | None:
    """The creneau of a dossier that is still to be heard."""
    return await work.run(convocations.in_force, one.id) if one is not None and one.etat in PLANNED else None


async def _swap_faults(
    pair: Sequence[tuple[int, Candidature | None]],
    rows: Sequence[Convocation | None],
    work: UnitOfWork,
    campagne: Campagne,
) -> list[tuple[int, Candidature | None, str]]:
    """What keeps two dossiers from exchanging their creneaux, dossier by dossier."""
    faults: list[tuple[int, Candidature | None, str]] = []
    for (numero, one), row, other in zip(pair, rows, list(reversed(rows)), strict=True):
        if one is None or row is None:
            faults.append((numero, one, "unknown" if one is None else "none" if one.etat in PLANNED else "over"))
        elif other is not None and Obstacle.KNOWN in await against(work, campagne, one, creneau_of(other)):
            faults.append((numero, one, "known"))
    return faults


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
    pair = await several(row.details["numeros"], work, campagne)
    held = [await _movable(one, work) for _, one in pair]
    if await _swap_faults(pair, held, work, campagne):
        await message.answer(say("confirmations/pointless"))
        return
    places = [creneau_of(one) for one in held if one]
    for (_numero, one), creneau in zip(pair, reversed(places), strict=True):
        if one is not None:
            await relocate(work, campagne, files, bureau, one, creneau, actor=f"bureau:{by}")
    await message.answer(say("planning/swapped", pair=pair, places=list(reversed(places))))
