"""The candidate opens the avis: an explicit act, which the journal dates."""

from aiogram import F

from bot.circulaire.avis import AVIS
from handlers.commands import Called
from handlers.say import say
from handlers.sealed import facts_of, mail
from handlers.steps import Place, at, private
from handlers.turn import Turn, room
from storage import avis as sealed_avis
from storage import identities

router = room("opening", private)


@router.callback_query(F.data.startswith("avis:"), at)
@router.message(Called("avis"), at)
async def open_(turn: Turn, here: Place) -> None:
    """« mon avis »: open it, by an explicit act that the journal dates."""
    one = here.opened
    avis = await turn.work.run(sealed_avis.newest_released, one.id)
    if avis is None:
        await turn.answer(say("avis/not_yet", campagne=turn.campagne, now=turn.now))
        return
    if avis.opened_at is None:
        avis.etat = AVIS.after(avis.etat, "open")
        avis.opened_at = turn.now
        source = turn.campagne.sources["avis_from"].source
        turn.work.note("avis.opened", actor=here.actor, candidature_id=one.id, source=source, rank=avis.rank)
    facts = await facts_of(turn, one, avis)
    if turn.campagne.discreet_on_telegram and identities.is_telegrams(here.person_id):
        await mail(turn, one, facts)
        await turn.answer(say("avis/opened_elsewhere", one=one, address=one.address, campagne=turn.campagne))
        return
    await turn.answer(say("avis/opened", one=one, avis=avis, facts=facts, campagne=turn.campagne))
