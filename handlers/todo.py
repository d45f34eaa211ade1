"""What waits for the bureau now, each with the command that settles it; and the next date of the circular."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.avis import AvisEtat, may_release
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.delais import is_on_time
from bot.circulaire.relais import RelaisEtat
from handlers.commands import Called
from handlers.confirmations import awaited
from handlers.copies import ien_of
from handlers.say import say
from handlers.seats import in_bureau
from handlers.words import is_informative
from storage import avis as sealed_avis
from storage import candidatures, confirmations, convocations, letters
from storage import relais as relays
from storage.bureau import Convocation
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="todo")
router.message.filter(in_bureau)
_COPIED = frozenset({Etat.DEPOSEE, Etat.INCOMPLETE, Etat.RECEVABLE, Etat.CONVOQUEE})  # whose IEN will have copies
Facts = dict[str, Any]


@router.message(Called("a-faire"))
async def show(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Whatever waits, in the order of the procedure; that nothing does, where that is so."""
    every: dict[str, list[Candidature]] = defaultdict(list)
    for one in await work.run(candidatures.listed, campagne.numero):
        every[one.etat].append(one)
    facts = {
        "acts": await _acts(message.chat.id, work),
        "relais": [row for row in await work.run(relays.open_ones, campagne.numero) if row.etat == RelaisEtat.OUVERT],
        **_instruction(every, campagne, now),
        **await _entretiens(every, work, campagne, now),
        **await _avis(every, work, campagne),
        "no_ien": await _without_ien(every, work, campagne),
        "letters": [row for row in await work.run(letters.troubled) if not _settles_itself(row)],
    }
    dates = {"may_release": may_release(campagne, now), "next_day": _next_day(campagne, now)}
    waits = any(facts.values())
    await message.answer(say("todo/list", campagne=campagne, now=now, waits=waits, **facts, **dates))


async def _acts(chat_id: int, work: UnitOfWork) -> list[tuple[str, bool]]:
    """What waits for a « oui » in this room, and whether it must be another person's."""
    rows = await work.run(confirmations.unsettled, chat_id, work.now)
    return [(await awaited(row, work), row.four_eyes) for row in rows]


def _instruction(every: Mapping[str, Sequence[Candidature]], campagne: Campagne, now: datetime) -> Facts:
    """Before the closing nobody instructs, and what is to be completed is not late."""
    closed = not is_on_time(campagne, now)
    late = [one for one in every[Etat.INCOMPLETE] if closed and _until(one, campagne) <= now]
    return {
        "paper": [one for one in (*every[Etat.BROUILLON], *every[Etat.EXPIREE]) if one.received_at is not None],
        "to_instruct": every[Etat.DEPOSEE] if closed else [],
        "late": late,
        "incomplete": [one for one in every[Etat.INCOMPLETE] if one not in late],
    }


def _until(one: Candidature, campagne: Campagne) -> datetime:
    """Until when a dossier may be completed."""
    extended = one.flags.get("extended_until")
    return datetime.fromisoformat(extended) if extended else campagne.closes_at


async def _entretiens(
    every: Mapping[str, Sequence[Candidature]], work: UnitOfWork, campagne: Campagne, now: datetime
) -> Facts:
    live = {row.candidature_id: row for row in await work.run(convocations.live, campagne.numero)}
    convoked = [(one, live[one.id]) for one in every[Etat.CONVOQUEE] if one.id in live]
    coming = sorted((pair for pair in convoked if now < pair[1].starts_at), key=lambda pair: pair[1].starts_at)
    wishes = [(one, row) for one, row in coming if _wishes(row)]
    return {
        "unplanned": [one for one in every[Etat.RECEVABLE] if one.id not in live],
        "planned": [one for one in every[Etat.RECEVABLE] if one.id in live],
        "wishes": wishes,
        "silent": [(one, row) for one, row in coming if row.etat != ConvocationEtat.ACQUITTEE and not _wishes(row)],
        "unnoted": [one for one, row in convoked if row.starts_at <= now],
    }


def _wishes(row: Convocation) -> bool:
    return bool(row.wish.get("reason")) and not row.wish.get("declined_at")


async def _avis(every: Mapping[str, Sequence[Candidature]], work: UnitOfWork, campagne: Campagne) -> Facts:
    return {
        "to_judge": [*every[Etat.ENTENDUE], *every[Etat.ABSENTE]],
        "sealed": [one for _, one in await work.run(sealed_avis.in_state, campagne.numero, AvisEtat.SCELLE)],
        "confirmed": [one for _, one in await work.run(sealed_avis.in_state, campagne.numero, AvisEtat.CONFIRME)],
    }


async def _without_ien(
    every: Mapping[str, Sequence[Candidature]], work: UnitOfWork, campagne: Campagne
) -> dict[str, list[int]]:
    """The circonscriptions whose IEN is not in the directory, with their dossiers."""
    missing: dict[str, list[int]] = defaultdict(list)
    for one in (one for etat in _COPIED for one in every[etat]):
        if await ien_of(work, campagne, one) is None:
            missing[str(one.notice.get("circonscription") or "")].append(one.numero)
    return {name: sorted(numbers) for name, numbers in sorted(missing.items())}


def _settles_itself(row: Any) -> bool:
    """A letter that is tried again, or whose reader asks again."""
    return row.state == "retry" or (row.state == "doubtful" and is_informative(row.kind))


def _next_day(campagne: Campagne, now: datetime) -> str:
    """The code of the next date that the circular fixes; empty after the last."""
    days = ("closes_at", "convocation_on", "alert_on", "entretien_on", "avis_from")
    if is_on_time(campagne, now):
        return days[0]
    return next((code for code in days[1:] if getattr(campagne, code) > now.date()), "")
