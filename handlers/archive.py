"""The end of the campagne: what is over is closed by two persons, kept the time to explain, then erased."""

from collections import Counter
from datetime import timedelta

from bot.circulaire.avis import may_release
from bot.circulaire.candidature import CANDIDATURE, Etat
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Desk, Turn, room
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature

router = room("archive", in_bureau)
_KEPT = timedelta(days=91)  # three months: the time to explain a decision


async def _over(desk: Desk) -> tuple[list[Candidature], list[Candidature]]:
    """What may be closed, and what still waits for something."""
    every = await desk.work.run(candidatures.listed, desk.campagne.numero)
    over = [one for one in every if "close" in CANDIDATURE.events(one.etat)]
    gone = {Etat.CLOSE, Etat.EFFACEE}
    return over, [one for one in every if one not in over and one.etat not in gone]


@router.message(Called("archiver"))
async def ask_archive(turn: Turn) -> None:
    """Show what would be closed, and what still waits; a second person confirms."""
    over, waiting = await _over(turn)
    if not may_release(turn.campagne, turn.now) or waiting or not over:
        await turn.answer(say("bureau/cannot_archive", waiting=waiting, campagne=turn.campagne, over=over))
        return
    counts = Counter(Etat(one.etat).label for one in over)
    words = say("bureau/archive_preview", counts=sorted(counts.items()), erased_on=(turn.now + _KEPT).date())
    await request(turn, "archive", words, four_eyes=True)


@confirmed("archive", "archiver")
async def archive(turn: Turn, row: Confirmation) -> None:
    """Close what is over; each person is told two weeks before their data go."""
    over, waiting = await _over(turn)
    if waiting:
        await turn.answer(say("confirmations/pointless"))
        return
    for one in over:
        candidatures.move(turn.work, turn.campagne, one, "close", actor=turn.actor, asked_by=row.asker_id)
        for kind in ("erasure_notice", "erasure"):
            turn.work.agenda.end(f"{kind}:{one.id}", "the campagne is closed")
        candidatures.plan_erasure(turn.work, one, turn.now + _KEPT, mark=":closed")
    turn.work.note("campagne.archived", actor=turn.actor, number=len(over))
    await turn.answer(say("bureau/archived", total=len(over), erased_on=(turn.now + _KEPT).date()))
