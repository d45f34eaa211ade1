"""« Parler à quelqu’un »: a question or a file goes to the bureau; the person goes on meanwhile at the same step."""

import re
from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.reading import fold
from bot.circulaire.relais import RelaisEtat, kept_until, next_relais_state, promised_by, says_settled
from handlers.choices import pressed
from handlers.commands import Call, Called
from handlers.letters import Stored, check_length, to_bureau
from handlers.pieces import hand_on, is_for_dossier, take_along
from handlers.say import say
from handlers.seats import answered
from handlers.steps import RESTING, Place, ask, beside, place, private
from storage import candidatures, identities
from storage import relais as relays
from storage.bureau import Relais
from storage.files import Files
from storage.work import UnitOfWork

answers = Router(name="parler.answers")  # what answers the bureau, before any room takes it
router = Router(name="parler")
for each in (answers, router):
    each.message.filter(private)
router.callback_query.filter(private)
_WHOM = re.compile(r"^(?:à|a|au|avec)(?: \S+){1,3}$")  # « parler à Madame Binaux » says whom, and no question
_LEAVES = frozenset({"annuler", "non", "stop", "rien"})


# --- it is settled ---


async def says_it_is_settled(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """« C'est réglé », « merci, c'est bon », to the bureau or while a relay of theirs is open."""
    text, target = message.text or "", answered(message)
    if not says_settled(text, in_reply=True):
        return False
    row = await work.run(relays.by_message, campagne.numero, target, message.chat.id) if target else None
    if not says_settled(text, in_reply=row is not None):
        return False
    row = row or await work.run(relays.open_of, campagne.numero, message.chat.id)
    return {"row": row} if row else False


@answers.message(says_it_is_settled)
async def settle(
    message: Message,
    row: Relais,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """The person needs nobody any more: close the relay, tell the bureau, take up the pending step again."""
    here = await place(work, campagne, message.chat.id)
    if row.etat == RelaisEtat.FERME:
        await ask(message, here, now, state, lead=say("relais/settled_already", row=row))
        return
    unanswered = row.etat == RelaisEtat.OUVERT
    relays.close(work, row, actor=here.actor)
    values: dict[str, Any] = {"row": row, "unanswered": unanswered, "asker": await relays.asker(work, row)}
    sent = to_bureau(work, bureau, "relais/settled_bureau", candidature_id=row.candidature_id, **values)
    row.messages = [*row.messages, *sent]
    await ask(message, here, now, state, lead=say("relais/settled", row=row, resting=here.step in RESTING))


@router.callback_query(F.data.startswith("settled:"))
async def settle_tapped(
    callback: CallbackQuery,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """The same, tapped under the bureau's words."""
    message, data = pressed(callback)
    row = await work.run(relays.by_id, int(data.removeprefix("settled:")))
    if row is not None and row.candidat_id == callback.from_user.id:
        await settle(message, row, work, campagne, bureau, now, state)


# --- answering the bureau ---


async def an_answer_to_the_bureau(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """Words or a file that answer, as a reply or in its thread, what the bureau wrote to them; a command stays one."""
    target, said = answered(message), message.text or message.caption or ""
    if target is None or not (message.text or message.document) or said.lstrip().startswith(("/", "!")):
        return False
    row = await work.run(relays.by_message, campagne.numero, target, message.chat.id)
    if row is None or (message.document and await work.run(candidatures.candidat, message.chat.id) is None):
        return False  # a file is kept after the agreement alone
    return {"row": row}


@answers.message(an_answer_to_the_bureau)
async def answer_bureau(
    message: Message,
    row: Relais,
    bot: Bot,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    file_limit: int,
    bureau: tuple[int, ...],
    received_at: datetime,
    now: datetime,
    state: FSMContext,
) -> None:
    """Add to the relay that the bureau's words belong to, also when it was closed; a piece goes to the dossier."""
    here, document = await place(work, campagne, message.chat.id), message.document
    words = message.text or message.caption or ""
    if document is None:
        await _pass_on(message, words, row, here, work, bureau, now, state)
    elif is_for_dossier(here, document, words, received_at):
        values: dict[str, Any] = {"row": row, "asker": await relays.asker(work, row), "name": document.file_name}
        sent = to_bureau(work, bureau, "relais/piece_bureau", candidature_id=row.candidature_id, **values)
        row.messages = [*row.messages, *sent]
        raise SkipHandler  # to the room of the pieces
    else:
        file = await take_along(bot, document, files, file_limit)
        await _pass_on(message, words, row, here, work, bureau, now, state, file=file)


# --- asking ---


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
    message, _ = pressed(callback)
    await _begin(message, "", work, campagne, bureau, now, state)


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
    words = _WHOM.sub("", words.strip()) or _unanswered(await memory.get_data(), now)
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
    *,
    file: Stored | None = None,
) -> None:
    """Show a question to the bureau, tell the person until when it answers, and take up the pending step again."""
    check_length(words)
    more = bool(await work.run(relays.lines, row.id))
    _promise(row, now, here.campagne.office_hours)
    if more:
        work.note("relais.asked_again", actor=here.actor, candidature_id=row.candidature_id, numero=row.numero)
    await relays.write_lines(work, row, "question", here.person_id, words, str(file["name"]) if file else "")
    term = kept_until(here.campagne, now) if here.candidat is None else None
    relays.put_duties(work, row, term)
    values: dict[str, Any] = {"row": row, "words": words, "more": more, "asker": await relays.asker(work, row)}
    values |= {"file": file, "hours": here.campagne.office_hours, "term": term, "now": now}
    await _show_bureau(work, row, bureau, values)
    await beside(state, "relais").clear()
    await ask(message, here, now, state, lead=say("relais/passed_on", **values))


async def _show_bureau(work: UnitOfWork, row: Relais, bureau: tuple[int, ...], values: dict[str, Any]) -> None:
    """The file where there is one, then the question with what may be done about it."""
    number = row.candidature_id
    passed = hand_on(work, bureau, **values, text="relais/file", candidature_id=number) if values["file"] else []
    buttons = ((f"rel:{row.id}:take", "Je m’en occupe"), (f"rel:{row.id}:close", "Fermer"))
    sent = to_bureau(work, bureau, "relais/question_bureau", candidature_id=number, choices=buttons, **values)
    row.messages = [*row.messages, *passed, *sent]


def _promise(row: Relais, now: datetime, hours: OfficeHours) -> None:
    """Who adds to a question that waits already keeps the promise that they have."""
    if row.etat != RelaisEtat.OUVERT or row.promised_by <= now:
        row.promised_by = promised_by(now, hours)
    row.etat, row.closed_at = next_relais_state(RelaisEtat(row.etat), "ask_again"), None
