"""What leaves with a convocation: words, PDF and calendar entry, in the chat and by e-mail; the copy to the IEN."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

from aiogram.types import TelegramObject

from bot.circulaire.campagne import Campagne
from bot.circulaire.convocation import (
    CONVOCATION,
    ConvocationEtat,
    ConvocationFacts,
    convocation_facts,
    convocation_uid,
)
from bot.clock import paris
from bot.papers.calendar import MIME, calendar
from bot.papers.convocation import typeset_convocation
from handlers.choices import Choices
from handlers.copies import copy_to_ien
from handlers.letters import Stored, stored, to_candidat
from handlers.steps import place
from handlers.turn import Desk, Turn
from storage import convocations
from storage.bureau import Convocation
from storage.tables import Candidature

REMINDER, NET, ALERT = "entretien_reminder", "convocation_net", "convocation_alert"
_EVENING, _NET_HOUR, _ALERT_HOUR = 18, 20, 8
_DAY, _LAST_CALL = timedelta(days=1), timedelta(hours=2)


async def convoked(_: TelegramObject, turn: Turn) -> bool | dict[str, Any]:
    """Gives `here` and `row`: the person was sent a convocation that still holds."""
    here = await place(turn, turn.person.id)
    row = await turn.work.run(convocations.in_force, here.candidature.id) if here.candidature else None
    return {"here": here, "row": row} if row is not None and row.published_at is not None else False


def facts_of(campagne: Campagne, one: Candidature, row: Convocation) -> ConvocationFacts:
    """What the convocation says."""
    return convocation_facts(
        campagne,
        numero=one.numero,
        holder=one.holder,
        starts_at=row.starts_at,
        room=row.room,
        address=campagne.service.street_address,
        commission=row.commission,
        sequence=row.sequence,
    )


def choices_of(row: Convocation) -> Choices:
    """What the candidate may answer."""
    return (
        (f"conv:{row.id}:ok", "J’y serai"),
        (f"conv:{row.id}:wish", "Demander un autre créneau"),
        (f"conv:{row.id}:withdraw", "Retirer ma candidature"),
    )


async def papers_of(
    desk: Desk, one: Candidature, row: Convocation, *, method: Literal["REQUEST", "CANCEL"] = "REQUEST"
) -> tuple[Stored, Stored]:
    """The PDF and the calendar entry, kept once under their hash."""
    facts = facts_of(desk.campagne, one, row)
    at = row.published_at or desk.now
    pdf = await asyncio.to_thread(typeset_convocation, desk.campagne, facts, at=at)
    entry = calendar(facts, at=at, method=method, attendee=one.address)
    row.sha256 = await asyncio.to_thread(desk.files.put, pdf)
    entry_hash = await asyncio.to_thread(desk.files.put, entry)
    ics = {**stored(entry_hash, "convocation.ics", len(entry), MIME), "method": method}
    return stored(row.sha256, f"convocation-{row.sequence + 1}.pdf", len(pdf)), ics


async def send(
    desk: Desk, one: Candidature, row: Convocation, text: str, *, copy: str | None = None, **values: Any
) -> None:
    """Write the letters of a convocation: to the candidate, and with `copy` to the IEN."""
    cancelled = ConvocationEtat(row.etat) is ConvocationEtat.ANNULEE
    pdf, ics = await papers_of(desk, one, row, method="CANCEL" if cancelled else "REQUEST")
    values = {"row": row, "facts": facts_of(desk.campagne, one, row), **values}
    await to_candidat(
        desk,
        one,
        text,
        mail=True,
        files=[ics] if cancelled else [pdf, ics],
        choices=() if cancelled else choices_of(row),
        **values,
    )
    if copy is not None:
        await copy_to_ien(desk, one, copy, **values)


def plan_reminders(desk: Desk, row: Convocation) -> None:
    """The reminder of the day before, also for a convocation that leaves late; the net, should its day have moved."""
    eve = paris((row.starts_at - _DAY).date(), _EVENING)
    due = eve if eve > desk.now else row.starts_at - _LAST_CALL
    if due > desk.now:
        key = f"{REMINDER}:{row.id}"
        desk.work.agenda.put(REMINDER, key, due, candidature_id=row.candidature_id, details={"convocation": row.id})
    plan_net(desk)


def plan_net(desk: Desk) -> None:
    """The net of the 24th and the alert of the 25th, whether or not anybody is convoked by then."""
    net = paris(desk.campagne.convocation_on, _NET_HOUR)
    alert = paris(desk.campagne.alert_on, _ALERT_HOUR)
    for kind, at in ((NET, net), (ALERT, alert)):
        desk.work.agenda.put(kind, f"{kind}:{desk.campagne.numero}:{at.isoformat()}", at)


async def cancel(desk: Desk, one: Candidature, *, actor: str) -> None:
    """Give the creneau back: the calendar entry is withdrawn, and the IEN told when they had been."""
    row = await desk.work.run(convocations.in_force, one.id)
    if row is None:
        return
    was_published = row.published_at is not None
    row.etat = CONVOCATION.after(row.etat, "cancel")
    row.sequence += 1
    desk.work.free_creneau(row.id)
    desk.work.agenda.end(f"{REMINDER}:{row.id}", "cancelled")
    desk.work.note("convocation.cancelled", actor=actor, candidature_id=one.id, convocation=row.id)
    if was_published:
        await send(desk, one, row, "convocation/cancelled", copy="ien/cancelled")


async def give(desk: Desk, one: Candidature, creneau: Any, *, actor: str) -> Convocation:
    """Give a creneau (commission, room, starts_at, ends_at) to a candidature; an earlier one is let go.

    A convocation that had been sent becomes REMPLACEE, and the new one is the next of the same calendar entry.
    """
    before = await desk.work.run(convocations.in_force, one.id)
    row = Convocation(
        id=desk.work.take_id(),
        campagne=desk.campagne.numero,
        candidature_id=one.id,
        commission=creneau.commission,
        room=creneau.room,
        starts_at=creneau.starts_at,
        ends_at=creneau.ends_at,
        etat=ConvocationEtat.PREPAREE,
        uid=convocation_uid(desk.campagne, one.numero),
    )
    act = "creneau.given"
    if before is not None:
        desk.work.free_creneau(before.id)
        if before.published_at is None:
            await desk.work.run(convocations.drop, before)
        else:
            act = "creneau.moved"
            before.etat = CONVOCATION.after(before.etat, "replace")
            desk.work.agenda.end(f"{REMINDER}:{before.id}", "replaced")
            row.sequence = before.sequence + 1
            row.published_at, row.etat = desk.now, ConvocationEtat.PUBLIEE
    await desk.work.add(row)
    at = creneau.starts_at.isoformat()
    source = desk.campagne.sources["entretien_on"].source
    desk.work.note(act, actor=actor, candidature_id=one.id, source=source, convocation=row.id, at=at)
    return row


async def relocate(desk: Desk, one: Candidature, creneau: Any, *, actor: str) -> Convocation:
    """Give another creneau; whoever had been convoked is told again, with a reminder of its own, and their IEN."""
    row = await give(desk, one, creneau, actor=actor)
    if row.published_at is not None:
        plan_reminders(desk, row)
        await send(desk, one, row, "convocation/moved", copy="ien/moved")
    return row
