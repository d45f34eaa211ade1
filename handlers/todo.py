"""What waits for the bureau now, each with the command that settles it; and the next date of the circular."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.circulaire.avis import AvisEtat, may_release
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.circulaire.delais import is_on_time
from bot.circulaire.relais import RelaisEtat
from handlers.commands import Called
from handlers.confirmations import awaited
from handlers.copies import without_ien
from handlers.creneaux import is_on_the_day
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Desk, Turn, room
from handlers.words import is_informative
from storage import avis as sealed_avis
from storage import candidatures, confirmations, convocations, letters
from storage import relais as relays
from storage.bureau import Convocation
from storage.tables import Candidature

router = room("todo", in_bureau)
Facts = dict[str, Any]


@router.message(Called("a-faire"))
async def show(turn: Turn) -> None:
    """Whatever waits, in the order of the procedure; that nothing does, where that is so."""
    every: dict[str, list[Candidature]] = defaultdict(list)
    for one in await turn.work.run(candidatures.listed, turn.campagne.numero):
        every[one.etat].append(one)
    opened = await turn.work.run(relays.open_ones, turn.campagne.numero)
    facts = {
        "acts": await _acts(turn),
        "relais": [row for row in opened if row.etat == RelaisEtat.OUVERT],
        **_instruction(turn, every),
        **await _entretiens(turn, every),
        **await _avis(turn, every),
        "no_ien": await without_ien(turn),
        "letters": [row for row in await turn.work.run(letters.troubled) if not _settles_itself(row)],
    }
    dates = {"may_release": may_release(turn.campagne, turn.now), "next_day": _next_day(turn)}
    waits = any(facts.values())
    await turn.answer(say("todo/list", campagne=turn.campagne, now=turn.now, waits=waits, **facts, **dates))


async def _acts(turn: Turn) -> list[tuple[str, bool]]:
    """What waits for a « oui » in this room, and whether it must be another person's."""
    rows = await turn.work.run(confirmations.unsettled, turn.chat_id, turn.now)
    return [(await awaited(turn, row), row.four_eyes) for row in rows]


def _instruction(desk: Desk, every: Mapping[str, Sequence[Candidature]]) -> Facts:
    """Before the closing nobody instructs, and what is to be completed is not late."""
    closed = not is_on_time(desk.campagne, desk.now)
    late = [one for one in every[Etat.INCOMPLETE] if closed and _until(one, desk.campagne) <= desk.now]
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


async def _entretiens(desk: Desk, every: Mapping[str, Sequence[Candidature]]) -> Facts:
    live = {row.candidature_id: row for row in await desk.work.run(convocations.live, desk.campagne.numero)}
    convoked = [(one, live[one.id]) for one in every[Etat.CONVOQUEE] if one.id in live]
    coming = sorted((pair for pair in convoked if desk.now < pair[1].starts_at), key=lambda pair: pair[1].starts_at)
    wishes = [(one, row) for one, row in coming if _wishes(row)]
    return {
        "unplanned": [one for one in every[Etat.RECEVABLE] if one.id not in live],
        "planned": [one for one in every[Etat.RECEVABLE] if one.id in live],
        "no_address": [one for one in every[Etat.RECEVABLE] if not one.address],
        "other_day": [one for one, row in coming if not is_on_the_day(row, desk.campagne)],
        "wishes": wishes,
        "silent": [(one, row) for one, row in coming if row.etat != ConvocationEtat.ACQUITTEE and not _wishes(row)],
        "unnoted": [one for one, row in convoked if row.starts_at <= desk.now],
    }


def _wishes(row: Convocation) -> bool:
    return bool(row.wish.get("reason")) and not row.wish.get("declined_at")


async def _avis(desk: Desk, every: Mapping[str, Sequence[Candidature]]) -> Facts:
    sealed = await desk.work.run(sealed_avis.in_state, desk.campagne.numero, AvisEtat.SCELLE)
    confirmed = await desk.work.run(sealed_avis.in_state, desk.campagne.numero, AvisEtat.CONFIRME)
    return {
        "to_judge": [*every[Etat.ENTENDUE], *every[Etat.ABSENTE]],
        "sealed": [one for _, one in sealed],
        "confirmed": [one for _, one in confirmed],
    }


def _settles_itself(row: Any) -> bool:
    """A letter that is tried again, or whose reader asks again."""
    return row.state == "retry" or (row.state == "doubtful" and is_informative(row.kind))


def _next_day(desk: Desk) -> str:
    """The code of the next date that the circular fixes; empty after the last."""
    days = ("closes_at", "convocation_on", "alert_on", "entretien_on", "avis_from")
    if is_on_time(desk.campagne, desk.now):
        return days[0]
    return next((code for code in days[1:] if getattr(desk.campagne, code) > desk.now.date()), "")
