"""The end of the campagne: what is over is closed by two persons, kept the time to explain, then erased."""

from collections import Counter
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.avis import may_release
from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat, possible_events
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.say import say
from handlers.seats import in_bureau
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="archive")
router.message.filter(in_bureau)
_KEPT = timedelta(days=91)  # three months: the time to explain a decision
_NOTICE = timedelta(days=15)


async def _over(work: UnitOfWork, campagne: Campagne) -> tuple[list[Candidature], list[Candidature]]:
    """What may be closed, and what still waits for something."""
    every = await work.run(candidatures.listed, campagne.numero)
    over = [one for one in every if "close" in possible_events(Etat(one.etat))]
    gone = {Etat.CLOSE, Etat.EFFACEE}
    return over, [one for one in every if one not in over and one.etat not in gone]


@router.message(Called("archiver"))
async def ask_archive(message: Message, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """Show what would be closed, and what still waits; a second person confirms."""
    over, waiting = await _over(work, campagne)
    if not may_release(campagne, now) or waiting or not over:
        await message.answer(say("bureau/cannot_archive", waiting=waiting, campagne=campagne, over=over))
        return
    counts = Counter(Etat(one.etat).label for one in over)
    words = say("bureau/archive_preview", counts=sorted(counts.items()), erased_on=(now + _KEPT).date())
    await request(message, work, "archive", words, four_eyes=True)


@confirmed("archive")
async def archive(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, now: datetime, **_: object
) -> None:
    """Close what is over; each person is told two weeks before their data go."""
    over, waiting = await _over(work, campagne)
    if waiting:
        await message.answer(say("confirmations/pointless"))
        return
    for one in over:
        candidatures.move(work, campagne, one, "close", actor=f"bureau:{by}", asked_by=row.asker_id)
        for kind, due_at in (("erasure_notice", now + _KEPT - _NOTICE), ("erasure", now + _KEPT)):
            work.agenda.end(f"{kind}:{one.id}", "the campagne is closed")
            work.agenda.put(kind, f"{kind}:{one.id}:closed", due_at, candidature_id=one.id)
    work.note("campagne.archived", actor=f"bureau:{by}", number=len(over))
    await message.answer(say("bureau/archived", total=len(over), erased_on=(now + _KEPT).date()))
