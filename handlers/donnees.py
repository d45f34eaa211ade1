"""A person's own data: what is kept, why, how long, who sees it; and its erasure, also for who never agreed."""

from datetime import datetime

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat, possible_events
from bot.circulaire.relais import kept_until
from handlers.choices import pressed
from handlers.commands import Called
from handlers.letters import to_bureau
from handlers.pieces import names_no_piece
from handlers.say import say
from handlers.steps import Aside, Place, ask, at, private, yes_or_no
from storage import candidatures, relais
from storage.work import UnitOfWork

router = Router(name="donnees")
router.message.filter(private)
router.callback_query.filter(private)


@router.message(Called("donnees"), at)
async def show(message: Message, here: Place, work: UnitOfWork, campagne: Campagne) -> None:
    """Everything that is kept about the person."""
    pieces = await work.run(candidatures.all_pieces, here.candidature.id) if here.candidature else []
    receipts = await work.run(candidatures.receipts, here.candidature.id) if here.candidature else []
    said = [line for line in await work.run(relais.lines_of_person, here.person_id) if line.kind != "note"]
    earlier = await work.run(candidatures.earlier, here.candidature) if here.candidature else []
    values = {"here": here, "campagne": campagne, "pieces": pieces, "receipts": receipts, "said": said}
    await message.answer(say("donnees/kept", earlier=earlier, **values))


@router.message(Called("donnees"))
async def show_without_dossier(message: Message, work: UnitOfWork, campagne: Campagne) -> None:
    """What is kept about who never agreed: what they and the bureau said to each other, until a term."""
    said = [line for line in await work.run(relais.lines_of_person, message.chat.id) if line.kind != "note"]
    asked = [line.at for line in said if line.kind.startswith("question")]
    term = kept_until(campagne, max(asked)) if asked else None
    await message.answer(say("donnees/kept_without_dossier", said=said, term=term, campagne=campagne))


@router.message(Called("effacer"), names_no_piece, at)
async def erase(
    message: Message,
    here: Place,
    bureau: tuple[int, ...],
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    state: FSMContext,
) -> None:
    """Ask whether everything is really to be erased; after the deposit, explain and tell the bureau."""
    candidature = here.candidature
    if candidature is None or "erase" not in possible_events(Etat(candidature.etat)):
        await message.answer(say("donnees/cannot_erase", here=here, campagne=campagne))
        to_bureau(work, bureau, "donnees/asked_bureau", here=here)
        return
    await state.set_state(Aside.erasing)
    await ask(message, here, now, state)


@router.message(Called("effacer"), names_no_piece)
async def erase_without_dossier(
    message: Message, bureau: tuple[int, ...], work: UnitOfWork, campagne: Campagne
) -> None:
    """Erase at once what was said to the bureau: there is no dossier to lose with it."""
    waiting = await work.run(relais.open_of, campagne.numero, message.chat.id)
    if waiting is not None:
        to_bureau(work, bureau, "relais/erased_bureau", row=waiting)
    await candidatures.forget_relais(work, message.chat.id, actor=f"candidat:{message.chat.id}")
    await message.answer(say("donnees/erased_without_dossier"))


@router.callback_query(F.data.startswith("erase:"), at)
async def erase_tapped(
    callback: CallbackQuery, here: Place, work: UnitOfWork, now: datetime, state: FSMContext
) -> None:
    """Erase, or keep."""
    message, data = pressed(callback)
    await _erase(message, here, work, now, state, really=data == "erase:oui")


@router.message(Aside.erasing, yes_or_no, at)
async def erase_typed(
    message: Message, here: Place, work: UnitOfWork, now: datetime, state: FSMContext, *, really: bool
) -> None:
    """The same, typed."""
    await _erase(message, here, work, now, state, really=really)


async def _erase(
    message: Message,
    here: Place,
    work: UnitOfWork,
    now: datetime,
    state: FSMContext,
    *,
    really: bool,
) -> None:
    asked = await state.get_state() == Aside.erasing.state
    await state.clear()
    candidature = here.candidature
    if not really or not asked or candidature is None:
        await ask(message, here, now, state, lead=say("candidature/left"))
        return
    for one in (*await work.run(candidatures.earlier, candidature), candidature):
        if "erase" in possible_events(Etat(one.etat)):
            await candidatures.erase(work, here.campagne, one, actor=here.actor)
    await message.answer(say("donnees/erased"))
