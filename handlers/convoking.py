"""Everybody is convoked in one act, or who is ready; copies are renewed, and it is noted who came to the entretien."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.circulaire.candidature import CANDIDATURE, Etat
from bot.circulaire.convocation import CONVOCATION
from handlers.arguments import Role
from handlers.choices import Tapped
from handlers.commands import Called, may
from handlers.confirmations import confirmed, request
from handlers.copies import copy_to_ien, ien_of
from handlers.creneaux import is_on_the_day
from handlers.letters import to_candidat
from handlers.say import say
from handlers.seats import in_bureau, numbered, several, together
from handlers.summons import choices_of, facts_of, plan_reminders, send
from handlers.turn import Desk, Turn, room
from storage import candidatures, convocations
from storage.bureau import Confirmation, Convocation
from storage.tables import Candidature

router = room("convoking", in_bureau)
Left = tuple[Candidature, list[str]]  # who may not be convoked yet, and the codes of what misses


@router.message(Called("convoquer"))
async def ask_convoke(turn: Turn, qui: str | None) -> None:
    """Show who would be convoked when, and who has copies; refuse while something misses, unless it may."""
    ready, left = await _ready(turn)
    if not ready or (left and not qui):
        facts = {"left": _alike(left), "total_left": len(left), "ready": len(ready)}
        await turn.answer(say("convoking/cannot_convoke", campagne=turn.campagne, **facts))
        return
    late = turn.now.date() > turn.campagne.convocation_on
    rows = [(one, row, await ien_of(turn, one)) for one, row in ready]
    facts = {"left": _alike(left), "total_left": len(left), "campagne": turn.campagne, "late": late}
    words = say("convoking/convoke_preview", rows=rows, **facts)
    await request(turn, "convoke", words, rows=[row.id for _, row in ready], left=[one.id for one, _ in left])


async def _ready(desk: Desk) -> tuple[list[tuple[Candidature, Convocation]], list[Left]]:
    """Who may be convoked now, and who may not yet, with what misses: a creneau to come, an address, an IEN."""
    ready: list[tuple[Candidature, Convocation]] = []
    left: list[Left] = []
    for one in await desk.work.run(candidatures.listed, desk.campagne.numero, Etat.RECEVABLE):
        row = await desk.work.run(convocations.in_force, one.id)
        other_day = row is not None and not is_on_the_day(row, desk.campagne)
        missing = {
            "creneau": row is None,
            "address": not one.address,
            "day": other_day,
            "past": row is not None and not other_day and row.starts_at <= desk.now,
            "ien": await ien_of(desk, one) is None,
        }
        why = [code for code, is_missing in missing.items() if is_missing]
        if why or row is None:
            left.append((one, why))
        else:
            ready.append((one, row))
    return ready, left


def _alike(left: Sequence[Left]) -> list[tuple[list[Candidature], list[str]]]:
    """Those to whom the same misses, on one line."""
    found: dict[tuple[str, ...], tuple[list[Candidature], list[str]]] = {}
    for one, why in left:
        key = (*why, one.circonscription if "ien" in why else "")
        found.setdefault(key, ([], why))[0].append(one)
    return list(found.values())


@confirmed("convoke", "convoquer")
async def convoke(turn: Turn, row: Confirmation) -> None:
    """Send every convocation of the preview in one commit: to the candidates, and the copies to the IEN."""
    ready, left = await _ready(turn)
    if ([one.id for _, one in ready], [one.id for one, _ in left]) != (row.details["rows"], row.details["left"]):
        await turn.answer(say("convoking/changed_meanwhile"))
        return
    await turn.answer(say("convoking/convoking", total=len(ready)))
    for one, convocation in ready:
        candidatures.move(turn.work, turn.campagne, one, "convoke", actor=turn.actor)
        convocation.etat = CONVOCATION.after(convocation.etat, "publish")
        convocation.published_at = turn.now
        source = turn.campagne.sources["convocation_on"].source
        turn.work.note(
            "convocation.published", actor=turn.actor, candidature_id=one.id, source=source, convocation=convocation.id
        )
        plan_reminders(turn, convocation)
        await send(turn, one, convocation, "convocation/convocation", copy="ien/convocation")
    await turn.answer(say("convoking/convoked", total=len(ready), left=[one.numero for one, _ in left]))


@router.callback_query(Tapped("wish", number=int))
async def decline(turn: Turn, number: int, roles: Mapping[str, Role]) -> None:
    """The hour that somebody asked to change stays: they are told, and asked again whether they come."""
    row = await turn.work.run(convocations.existing, number)
    one = await turn.work.run(candidatures.existing, row.candidature_id)
    if not await may(turn, "creneau", roles):
        return
    waits = row.live is not None and row.wish.get("reason") and not row.wish.get("declined_at")
    if not waits or one.etat != Etat.CONVOQUEE or turn.now >= row.starts_at:
        await turn.answer(say("convoking/wish_over"))
        return
    row.wish = {**row.wish, "declined_at": turn.now.isoformat(), "offered_to": None}
    turn.work.note("convocation.wish_declined", actor=turn.actor, candidature_id=one.id)
    await to_candidat(turn, one, "convocation/wish_declined", choices=choices_of(row), row=row, now=turn.now)
    await turn.answer(say("convoking/wish_declined", one=one, row=row))


@router.message(Called("copie"))
async def copy_again(turn: Turn, numero: int) -> None:
    """Send the copy of a convocation to the IEN of the moment: what failed, or went to the wrong one, is redirected."""
    one = await numbered(turn, numero)
    row = await turn.work.run(convocations.in_force, one.id)
    if row is None or row.published_at is None or await ien_of(turn, one) is None:
        await turn.answer(say("convoking/no_copy", one=one))
        return
    values: dict[str, Any] = {"row": row, "facts": facts_of(turn.campagne, one, row)}
    ien = await copy_to_ien(turn, one, "ien/convocation", **values)
    await turn.answer(say("convoking/copied", one=one, ien=ien))


@router.message(Called("entendu"))
async def heard(turn: Turn, numeros: list[int]) -> None:
    """Note who was heard, once their entretien has begun; until the avis is sealed, a slip is corrected so too."""
    await _note(turn, numeros, "hear", "entendue")


@router.message(Called("absent"))
async def absent(turn: Turn, numeros: list[int]) -> None:
    """Note who did not come."""
    await _note(turn, numeros, "mark_absent", "absente")


async def _note(turn: Turn, numeros: Sequence[int], event: str, done: str) -> None:
    rows = []
    for numero, one in await several(turn, numeros):
        held = await turn.work.run(convocations.in_force, one.id) if one else None
        why = "unknown"
        if one is not None:
            may = held is not None and event in CANDIDATURE.events(one.etat)
            slip = may and one.etat != Etat.CONVOQUEE  # corrected by name, never swept along with others
            why = "state" if not may else "before_start" if held and turn.now < held.starts_at else ""
            why = "alone" if slip and len(numeros) > 1 else why
        if one is not None and not why:
            candidatures.move(turn.work, turn.campagne, one, event, actor=turn.actor)
        rows.append((numero, one, why))
    await turn.answer(say("convoking/noted", rows=together(rows), done=done))
