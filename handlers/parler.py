"""« Parler à quelqu’un »: a question goes to the bureau, and the person goes on meanwhile at the same step."""

from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.reading import fold
from bot.circulaire.relais import RelaisEtat, next_relais_state, promised_by
from handlers.commands import Call, Called
from handlers.letters import check_length, to_bureau
from handlers.say import say
from handlers.seats import answered
from handlers.steps import Place, ask, beside, place, private
from storage import identities
from storage import relais as relays
from storage.bureau import Relais
from storage.work import UnitOfWork

answers = Router(name="parler.answers")  # words that answer the bureau, before any room takes them
router = Router(name="parler")
for each in (answers, router):
    each.message.filter(private)
router.callback_query.filter(private)
_LEAVES = frozenset({"annuler", "non", "stop", "rien"})


async def an_answer_to_the_bureau(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """Words that answer, as a reply or in its thread, what the bureau wrote to this person; a command stays one."""
    target = answered(message)
    if target is None or not message.text or message.text.lstrip().startswith(("/", "!")):
        return False
    row = await work.run(relays.by_message, campagne.numero, target, message.chat.id)
    return {"row": row} if row else False


@answers.message(an_answer_to_the_bureau)
async def answer_bureau(
    message: Message,
    row: Relais,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Add to the relay that the bureau's words belong to, also when it was closed."""
    here = await place(work, campagne, message.chat.id)
    await _pass_on(message, message.text or "", row, here, work, bureau, now, state)


@router.message(Called("parler"))
async def begin(
    message: Message,
    args: str,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Pass on what was given, or the question that had no answer, or ask for it."""
    await _begin(message, args, work, campagne, bureau, now, state)


@router.callback_query(F.data == "parler")
async def begin_tapped(
    callback: CallbackQuery,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """The same, tapped under an answer that was none."""
    if isinstance(callback.message, Message):
        await _begin(callback.message, "", work, campagne, bureau, now, state)


async def _begin(
    message: Message,
    words: str,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    memory = beside(state, "relais")
    words = words.strip() or _unanswered(await memory.get_data(), now)
    if not bureau:  # nobody would read it
        here = await place(work, campagne, message.chat.id)
        await ask(message, here, now, state, lead=say("faq/contact", campagne=campagne, bureau=bureau))
    elif words:
        await _open(message, words, work, campagne, bureau, now, state)
    else:
        prompt = await message.answer(say("relais/what"))
        await memory.set_data({"prompt": prompt.message_id})


def _unanswered(data: dict[str, Any], now: datetime) -> str:
    """The last question, where it had no answer and was asked a short while ago."""
    return str(data["unanswered"]) if data.get("unanswered") and now < data["until"] else ""


async def a_question_is_awaited(
    message: Message, work: UnitOfWork, state: FSMContext, called: Call | None = None
) -> bool:
    """The words that come right after « Quelle est votre question ? »; later they may answer something else."""
    prompt = (await beside(state, "relais").get_data()).get("prompt")
    leaves = fold(message.text or "") in _LEAVES  # « annuler » is a command elsewhere
    if prompt is None or not message.text or (called is not None and not leaves):
        return False
    shown = await work.run(identities.keyboard, message.chat.id)
    return bool(shown.last_message_id == prompt)


@router.message(a_question_is_awaited)
async def question(
    message: Message, work: UnitOfWork, campagne: Campagne, bureau: tuple[int, ...], now: datetime, state: FSMContext
) -> None:
    """The question itself, or « annuler »."""
    if fold(message.text or "") in _LEAVES:
        await beside(state, "relais").clear()
        here = await place(work, campagne, message.chat.id)
        await ask(message, here, now, state, lead=say("relais/left"))
        return
    await _open(message, message.text or "", work, campagne, bureau, now, state)


async def _open(
    message: Message,
    words: str,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Take the person's open relay, or a new one."""
    here = await place(work, campagne, message.chat.id)
    row = await work.run(relays.open_of, campagne.numero, here.person_id)
    if row is None:
        number = here.candidature.id if here.candidature else None
        row = await relays.open_for(
            work, campagne.numero, here.person_id, number, promised_by(now, campagne.office_hours)
        )
        work.note("relais.opened", actor=here.actor, candidature_id=number, numero=row.numero)
    await _pass_on(message, words, row, here, work, bureau, now, state)


async def _pass_on(
    message: Message,
    words: str,
    row: Relais,
    here: Place,
    work: UnitOfWork,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Show a question to the bureau, tell the person until when it answers, and take up the pending step again."""
    check_length(words)
    more = bool(await work.run(relays.lines, row.id))
    _promise(row, now, here.campagne.office_hours)
    if more:
        work.note("relais.asked_again", actor=here.actor, candidature_id=row.candidature_id, numero=row.numero)
    await relays.write_line(work, row, "question", here.person_id, words)
    work.agenda.put(
        relays.LATE,
        relays.late_key(row),
        row.promised_by,
        candidature_id=row.candidature_id,
        details={"relais": row.id},
    )
    values: dict[str, Any] = {"row": row, "words": words, "more": more, "asker": await relays.asker(work, row)}
    values |= {"hours": here.campagne.office_hours, "now": now}
    buttons = ((f"rel:{row.id}:take", "Je m’en occupe"), (f"rel:{row.id}:close", "Fermer"))
    number = row.candidature_id
    sent = to_bureau(work, bureau, "relais/question_bureau", candidature_id=number, choices=buttons, **values)
    row.messages = [*row.messages, *sent]
    await beside(state, "relais").clear()
    await ask(message, here, now, state, lead=say("relais/passed_on", **values))


def _promise(row: Relais, now: datetime, hours: OfficeHours) -> None:
    """Who adds to a question that waits already keeps the promise that they have."""
    if row.etat != RelaisEtat.OUVERT or row.promised_by <= now:
        row.promised_by = promised_by(now, hours)
    row.etat, row.closed_at = next_relais_state(RelaisEtat(row.etat), "ask_again"), None
