"""The convocations leave together, their copies are renewed, and it is noted who came to the entretien."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat, possible_events
from bot.circulaire.convocation import ConvocationEtat, next_convocation_state
from handlers.choices import pressed
from handlers.commands import Called, may
from handlers.confirmations import confirmed, request
from handlers.copies import copy_to_ien, ien_of
from handlers.declarations import Role
from handlers.letters import to_candidat
from handlers.say import say
from handlers.seats import actor, door_of, in_bureau, numbered, several
from handlers.summons import choices_of, facts_of, plan_reminders, send
from storage import candidatures, convocations
from storage.bureau import Confirmation, Convocation
from storage.files import Files
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="convoking")
router.message.filter(in_bureau)
router.callback_query.filter(in_bureau)


@router.message(Called("convoquer"))
async def ask_convoke(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Show who would be convoked when, and who has copies; refuse while something is missing."""
    ready, faults = await _ready(work, campagne)
    if faults or not ready:
        await message.answer(say("convoking/cannot_convoke", faults=faults, ready=ready))
        return
    late = now.date() > campagne.convocation_on
    rows = [(one, row, await ien_of(work, campagne, one)) for one, row in ready]
    words = say("convoking/convoke_preview", rows=rows, campagne=campagne, late=late)
    await request(message, work, "convoke", words, rows=[row.id for _, row in ready])


async def _ready(
    work: UnitOfWork, campagne: Campagne
) -> tuple[list[tuple[Candidature, Convocation]], list[tuple[Candidature, str]]]:
    """Who is to be convoked, and what is missing: a creneau, an address, an IEN."""
    ready: list[tuple[Candidature, Convocation]] = []
    faults: list[tuple[Candidature, str]] = []
    for one in await work.run(candidatures.listed, campagne.numero, Etat.RECEVABLE):
        row = await work.run(convocations.in_force, one.id)
        missing = {
            "creneau": row is None,
            "address": not one.notice.get("courriel"),
            "ien": await ien_of(work, campagne, one) is None,
        }
        faults += [(one, code) for code, is_missing in missing.items() if is_missing]
        if row is not None:
            ready.append((one, row))
    return ready, faults


@confirmed("convoke")
async def convoke(
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
    """Send every convocation in one commit: to the candidates, and the copies to the IEN. Complete or refused."""
    ready, faults = await _ready(work, campagne)
    if faults or [one.id for _, one in ready] != row.details["rows"]:
        await message.answer(say("convoking/changed_meanwhile"))
        return
    await message.answer(say("convoking/convoking", total=len(ready)))
    for one, convocation in ready:
        candidatures.move(work, campagne, one, "convoke", actor=f"bureau:{by}")
        convocation.etat = next_convocation_state(ConvocationEtat(convocation.etat), "publish")
        convocation.published_at = work.now
        source = campagne.sources["convocation_on"].source
        work.note(
            "convocation.published",
            actor=f"bureau:{by}",
            candidature_id=one.id,
            source=source,
            convocation=convocation.id,
        )
        plan_reminders(work, campagne, convocation)
        await send(work, campagne, files, bureau, one, convocation, "convocation/convocation", copy="ien/convocation")
    await message.answer(say("convoking/convoked", total=len(ready)))


@router.callback_query(F.data.startswith("wish:"))
async def decline(callback: CallbackQuery, work: UnitOfWork, campagne: Campagne, roles: Mapping[str, Role]) -> None:
    """The hour that somebody asked to change stays: they are told, and asked again whether they come."""
    message, data = pressed(callback)
    row = await work.run(convocations.existing, int(data.removeprefix("wish:")))
    one = await work.run(candidatures.existing, row.candidature_id)
    if not await may(callback, message, "creneau", work, roles):
        return
    waits = row.live is not None and row.wish.get("reason") and not row.wish.get("declined_at")
    if not waits or one.etat != Etat.CONVOQUEE or work.now >= row.starts_at:
        await message.answer(say("convoking/wish_over"))
        return
    row.wish = {**row.wish, "declined_at": work.now.isoformat(), "offered_to": None}
    work.note("convocation.wish_declined", actor=f"bureau:{callback.from_user.id}", candidature_id=one.id)
    door = await door_of(work, one)
    to_candidat(
        work, one, door, "convocation/wish_declined", campagne=campagne, choices=choices_of(row), row=row, now=work.now
    )
    await message.answer(say("convoking/wish_declined", one=one, row=row))


@router.message(Called("copie"))
async def copy_again(
    message: Message, numero: int, work: UnitOfWork, campagne: Campagne, bureau: tuple[int, ...]
) -> None:
    """Send the copy of a convocation to the IEN of the moment: what failed, or went to the wrong one, is redirected."""
    one = await numbered(message, numero, work, campagne)
    row = await work.run(convocations.in_force, one.id) if one else None
    if one is None:
        return
    if row is None or row.published_at is None or await ien_of(work, campagne, one) is None:
        await message.answer(say("convoking/no_copy", one=one))
        return
    values: dict[str, Any] = {"row": row, "facts": facts_of(campagne, one, row)}
    ien = await copy_to_ien(work, campagne, one, "ien/convocation", bureau, **values)
    await message.answer(say("convoking/copied", one=one, ien=ien))


@router.message(Called("entendu"))
async def heard(message: Message, numeros: list[int], work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Note who was heard, once their entretien has begun; until the avis is sealed, a slip is corrected so too."""
    await _note(message, numeros, "hear", "notée entendue", work, campagne, now)


@router.message(Called("absent"))
async def absent(message: Message, numeros: list[int], work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Note who did not come."""
    await _note(message, numeros, "mark_absent", "notée absente", work, campagne, now)


async def _note(
    message: Message,
    numeros: Sequence[int],
    event: str,
    done: str,
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
) -> None:
    rows = []
    for numero, one in await several(numeros, work, campagne):
        held = await work.run(convocations.in_force, one.id) if one else None
        why = "unknown"
        if one is not None:
            may = held is not None and event in possible_events(Etat(one.etat))
            slip = may and one.etat != Etat.CONVOQUEE  # corrected by name, never swept along with others
            why = "state" if not may else "before_start" if held and now < held.starts_at else ""
            why = "alone" if slip and len(numeros) > 1 else why
        if one is not None and not why:
            candidatures.move(work, campagne, one, event, actor=actor(message))
        rows.append((numero, one, why))
    await message.answer(say("convoking/noted", rows=rows, done=done))
