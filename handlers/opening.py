"""The candidate opens the avis: an explicit act, which the journal dates."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.circulaire.avis import AvisEtat, next_avis_state
from bot.circulaire.campagne import Campagne
from handlers.choices import pressed
from handlers.commands import Called
from handlers.say import say
from handlers.sealed import facts_of, mail
from handlers.steps import Place, at, private
from storage import avis as sealed_avis
from storage import identities
from storage.files import Files
from storage.work import UnitOfWork

router = Router(name="opening")
router.message.filter(private)
router.callback_query.filter(private)


@router.message(Called("avis"), at)
async def open_typed(message: Message, here: Place, work: UnitOfWork, campagne: Campagne, files: Files) -> None:
    """« mon avis »: open it, by an explicit act that the journal dates."""
    await _open(message, here, work, campagne, files)


@router.callback_query(F.data.startswith("avis:"), at)
async def open_tapped(callback: CallbackQuery, here: Place, work: UnitOfWork, campagne: Campagne, files: Files) -> None:
    """The same, tapped."""
    message, _ = pressed(callback)
    await _open(message, here, work, campagne, files)


async def _open(message: Message, here: Place, work: UnitOfWork, campagne: Campagne, files: Files) -> None:
    one = here.candidature
    avis = await work.run(sealed_avis.newest_released, one.id) if one else None
    if one is None or avis is None:
        await message.answer(say("avis/not_yet", campagne=campagne, now=work.now))
        return
    if avis.opened_at is None:
        avis.etat = next_avis_state(AvisEtat(avis.etat), "open")
        avis.opened_at = work.now
        source = campagne.sources["avis_from"].source
        work.note("avis.opened", actor=here.actor, candidature_id=one.id, source=source, rank=avis.rank)
    facts = await facts_of(work, campagne, files, one, avis)
    if campagne.discreet_on_telegram and identities.is_telegrams(here.person_id):
        address = await mail(work, campagne, files, one, facts)
        await message.answer(say("avis/opened_elsewhere", one=one, address=address, campagne=campagne))
        return
    await message.answer(say("avis/opened", one=one, avis=avis, facts=facts, campagne=campagne))
