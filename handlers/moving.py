"""The creneaux one by one: a dossier is given another hour, two exchange theirs."""

from collections.abc import Sequence
from datetime import time

from bot.circulaire.hours import clock_words
from bot.circulaire.planning import Creneau, Obstacle, creneaux
from bot.circulaire.reading import fold
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.creneaux import PLANNED, against, commission_of, creneau_of, free_hours, holders, offers
from handlers.say import say
from handlers.seats import in_bureau, numbered, several
from handlers.summons import relocate
from handlers.turn import Desk, Turn, room
from storage import candidatures, convocations
from storage.bureau import Confirmation, Convocation
from storage.tables import Candidature

router = room("moving", in_bureau)


@router.message(Called("creneau"))
async def move(turn: Turn, numero: int, heure: time, commission: str | None) -> None:
    """Give a dossier the creneau that begins at an hour, in its own commission when it is free there."""
    one = await numbered(turn, numero)
    if one.etat not in PLANNED:
        await turn.answer(say("planning/not_plannable", one=one))
        return
    before = await turn.work.run(convocations.in_force, one.id)
    free = [
        (creneau, wrong)
        for creneau, wrong in await offers(turn, one)
        if _is_meant(creneau, heure, commission) and Obstacle.KNOWN not in wrong
    ]
    if not free:
        await _refuse_hour(turn, one, heure, commission, before)
        return
    creneau, wrong = min(free, key=lambda offer: before is None or offer[0].commission != before.commission)
    if before is not None and creneau_of(before) == creneau:
        await turn.answer(say("planning/creneau_held", one=one, row=before))
        return
    row = await relocate(turn, one, creneau, actor=turn.actor)
    await turn.answer(say("planning/creneau_given", one=one, row=row, against=bool(wrong)))


def _is_meant(creneau: Creneau, hour: time, commission: str | None) -> bool:
    """Whether a creneau begins at an hour, in the commission or the room that is named."""
    named = set(fold(commission or "").split()) <= set(fold(f"{creneau.commission} {creneau.room}").split())
    return named and creneau.starts_at.timetz().replace(tzinfo=None) == hour


async def _refuse_hour(
    turn: Turn, one: Candidature, hour: time, commission: str | None, before: Convocation | None
) -> None:
    """Say why the hour is not to be had, and which ones are."""
    others = [
        row for row in await turn.work.run(convocations.live, turn.campagne.numero) if row.candidature_id != one.id
    ]
    at_hour = [
        creneau
        for row in await turn.work.run(convocations.commissions, turn.campagne.numero)
        for creneau in creneaux(commission_of(row, turn.campagne), turn.campagne.entretien_minutes)
        if _is_meant(creneau, hour, commission)
    ]
    taken = [row.candidature_id for creneau in at_hour for row in holders(creneau, others)]
    found = [await turn.work.run(candidatures.existing, number) for number in taken]
    values = {
        "hour": clock_words(hour),
        "commission": commission,
        "at_hour": at_hour,
        "past": all(creneau.starts_at <= turn.now for creneau in at_hour),
        "holders": sorted(other.numero for other in found),
        "before": before,
        "free": await free_hours(turn, one),
    }
    await turn.answer(say("planning/creneau_refused", one=one, **values))


@router.message(Called("permuter"))
async def ask_swap(turn: Turn, numero: int, autre: int) -> None:
    """Show what a swap would change, and ask for a « oui »."""
    pair = await several(turn, (numero, autre))
    rows = [await _movable(turn, one) for _, one in pair]
    faults = await _swap_faults(turn, pair, rows)
    if numero == autre or faults:
        await turn.answer(say("planning/no_swap", same=numero == autre, faults=faults))
        return
    wrong = [
        one.numero
        for (_, one), row in zip(pair, reversed(rows), strict=True)
        if one and row and await against(turn, one, creneau_of(row))
    ]
    words = say("planning/swap_preview", pair=pair, rows=rows, against=wrong)
    await request(turn, "swap", words, numeros=[numero, autre])


async def _movable(desk: Desk, one: Candidature | None) -> Convocation | None:
    """The creneau of a dossier that is still to be heard."""
    return await desk.work.run(convocations.in_force, one.id) if one is not None and one.etat in PLANNED else None


async def _swap_faults(
    desk: Desk, pair: Sequence[tuple[int, Candidature | None]], rows: Sequence[Convocation | None]
) -> list[tuple[int, Candidature | None, str]]:
    """What keeps two dossiers from exchanging their creneaux, dossier by dossier."""
    faults: list[tuple[int, Candidature | None, str]] = []
    for (numero, one), row, other in zip(pair, rows, list(reversed(rows)), strict=True):
        if one is None or row is None:
            faults.append((numero, one, "unknown" if one is None else "none" if one.etat in PLANNED else "over"))
        elif other is not None and Obstacle.KNOWN in await against(desk, one, creneau_of(other)):
            faults.append((numero, one, "known"))
    return faults


@confirmed("swap", "permuter")
async def swap(turn: Turn, row: Confirmation) -> None:
    """Exchange two creneaux in one commit; whoever was told already is told again, and their IEN."""
    pair = await several(turn, row.details["numeros"])
    held = [await _movable(turn, one) for _, one in pair]
    if await _swap_faults(turn, pair, held):
        await turn.answer(say("confirmations/pointless"))
        return
    places = [creneau_of(one) for one in held if one]
    for (_numero, one), creneau in zip(pair, reversed(places), strict=True):
        if one is not None:
            await relocate(turn, one, creneau, actor=turn.actor)
    await turn.answer(say("planning/swapped", pair=pair, places=list(reversed(places))))
