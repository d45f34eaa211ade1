"""The deposit: an explicit act, judged on the instant at which the message was received; and what follows it."""

import asyncio
from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat, possible_events
from bot.circulaire.delais import is_on_time, is_open, reminders
from bot.circulaire.reading import read_yes_no
from bot.errors import Refusal
from handlers.choices import pressed
from handlers.commands import Called
from handlers.letters import to_bureau
from handlers.pieces import names_no_piece
from handlers.receipts import issue, send
from handlers.say import say
from handlers.steps import Aside, Place, ask, at, place, private, yes_or_no
from handlers.summons import cancel
from storage import candidatures
from storage.files import Files
from storage.work import UnitOfWork

router = Router(name="depot")
router.message.filter(private)
router.callback_query.filter(private)


@router.callback_query(F.data.startswith("deposit:"), at)
async def deposit_tapped(
    callback: CallbackQuery,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    received_at: datetime,
    now: datetime,
    state: FSMContext,
) -> None:
    """« Je dépose ma candidature », or not yet."""
    message, data = pressed(callback)
    if data == "deposit:oui":
        await _deposit(message, here, work, files, bureau, received_at, now, state)
    else:
        lead = say("depot/not_yet", campagne=here.campagne, now=now)
        await message.answer(lead)


@router.message(Called("deposer"), at)
async def deposit_typed(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    received_at: datetime,
    now: datetime,
    state: FSMContext,
) -> None:
    """The same, typed."""
    await _deposit(message, here, work, files, bureau, received_at, now, state)


async def _deposit(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    received_at: datetime,
    now: datetime,
    state: FSMContext,
) -> None:
    candidature, campagne = here.candidature, here.campagne
    if candidature is None or candidature.etat not in {Etat.BROUILLON, Etat.EXPIREE}:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    actor = f"candidat:{here.person_id}"
    incomplete = here.step not in {"deposit", "over"} or here.missing or here.pending
    if incomplete and not is_on_time(campagne, received_at):
        await ask(message, here, now, state, lead=say("depot/too_late", received_at=received_at))
        return
    if incomplete:
        raise Refusal("depot/incomplete", source=campagne.sources["dossier"].source, here=here)
    candidature.received_at = received_at
    if not is_on_time(campagne, received_at):
        candidatures.move(work, campagne, candidature, "receive_late", actor=actor, received_at=received_at.isoformat())
        await message.answer(say("depot/late", campagne=campagne, received_at=received_at))
        _tell(work, bureau, "depot/late_bureau", here)
        return
    candidatures.move(work, campagne, candidature, "deposit", actor=actor, received_at=received_at.isoformat())
    candidature.deposited_at = now
    for reminder in reminders(campagne):
        work.agenda.end(f"reminder:{candidature.id}:{reminder.code}", "deposited")
    await state.clear()
    await issue(message, here, work, files, bureau, received_at)


async def answers_the_deposit(
    message: Message, work: UnitOfWork, campagne: Campagne, state: FSMContext
) -> bool | dict[str, Any]:
    """« Oui » or « non » where the deposit is offered and nothing else is asked."""
    here = await place(work, campagne, message.chat.id)
    yes = read_yes_no(message.text or "")
    if yes is None or here.step != "deposit" or await state.get_state() is not None:
        return False
    return {"here": here, "yes": yes}


@router.message(answers_the_deposit)
async def deposit_unsaid(message: Message, here: Place, now: datetime, state: FSMContext, *, yes: bool) -> None:
    """A deposit is never read into a « oui », which may answer something else: ask for it in full."""
    if yes:
        await ask(message, here, now, state, lead=say("depot/in_full"))
    else:
        await message.answer(say("depot/not_yet", campagne=here.campagne, now=now))


@router.message(Called("recepisse"), at)
async def receipt_again(
    message: Message, here: Place, work: UnitOfWork, files: Files, now: datetime, state: FSMContext
) -> None:
    """Send the newest receipt again."""
    known = await work.run(candidatures.receipts, here.candidature.id) if here.candidature else []
    if not known:
        await ask(message, here, now, state, lead=say("depot/no_receipt"))
        return
    await send(message, known[-1], await asyncio.to_thread(files.get, known[-1].sha256))


@router.message(Called("etat"), at)
async def status(message: Message, here: Place, now: datetime, state: FSMContext) -> None:
    """Where the dossier stands; the steps that end it say so themselves."""
    told = here.step in {"deposited", "over"}
    await ask(message, here, now, state, lead="" if told else say("depot/status", here=here))


@router.message(Called("retirer"), names_no_piece, at)
async def withdraw(message: Message, here: Place, now: datetime, state: FSMContext) -> None:
    """Ask whether the candidature is really to be withdrawn."""
    if here.candidature is None or "withdraw" not in possible_events(Etat(here.candidature.etat)):
        await ask(message, here, now, state, lead=say("depot/nothing_to_withdraw"))
        return
    await state.set_state(Aside.withdrawing)
    await ask(message, here, now, state)


@router.callback_query(F.data.startswith("withdraw:"), at)
async def withdraw_tapped(
    callback: CallbackQuery,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Withdraw, or keep."""
    message, data = pressed(callback)
    await _withdraw(message, here, work, files, bureau, now, state, really=data == "withdraw:oui")


@router.message(Aside.withdrawing, yes_or_no, at)
async def withdraw_typed(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
    *,
    really: bool,
) -> None:
    """The same, typed."""
    await _withdraw(message, here, work, files, bureau, now, state, really=really)


async def _withdraw(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
    *,
    really: bool,
) -> None:
    asked = await state.get_state() == Aside.withdrawing.state
    await state.clear()
    if here.candidature is None or not asked:
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    if not really:
        await ask(message, here, now, state, lead=say("candidature/left"))
        return
    was_deposited = here.candidature.etat != Etat.BROUILLON
    candidatures.move(work, here.campagne, here.candidature, "withdraw", actor=f"candidat:{here.person_id}")
    for reminder in reminders(here.campagne):
        work.agenda.end(f"reminder:{here.candidature.id}:{reminder.code}", "withdrawn")
    await cancel(work, here.campagne, files, bureau, here.candidature, actor=here.actor)
    lead = say("depot/withdrawn", here=here)
    if is_open(here.campagne, now):
        await ask(message, here, now, state, lead=lead)
    else:
        await message.answer(lead)
    if was_deposited:
        _tell(work, bureau, "depot/withdrawn_bureau", here)


def _tell(work: UnitOfWork, bureau: tuple[int, ...], text: str, here: Place) -> None:
    number = here.candidature.id if here.candidature else None
    to_bureau(work, bureau, text, candidature_id=number, here=here, campagne=here.campagne)
