"""« Parler à quelqu’un »: a question goes to the bureau, which answers from its room; the bot goes on meanwhile."""

from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.reading import fold
from bot.circulaire.relais import RelaisEtat, next_relais_state, promised_by
from handlers.commands import Call, Called
from handlers.letters import to_bureau, to_chat
from handlers.say import say
from handlers.seats import actor, in_bureau
from handlers.steps import ask, beside, place, private
from storage import relais as relays
from storage.bureau import Relais, RelaisLine
from storage.work import UnitOfWork

router = Router(name="relais")
own = Router(name="relais_own")
router.message.filter(in_bureau)
router.callback_query.filter(in_bureau)
own.message.filter(private)
LATE = "relais_late"
_LONGEST = 2000  # characters of a question


class Asking(StatesGroup):
    """A person is about to write the question that the bureau gets."""

    question = State()


async def _say_line(work: UnitOfWork, row: Relais, kind: str, author: int, text: str) -> None:
    await work.add(
        RelaisLine(id=work.take_id(), relais_id=row.id, at=work.now, kind=kind, author_id=author, text=text[:_LONGEST])
    )


# --- the person ---


@own.message(Called("parler"))
async def begin(
    message: Message,
    args: str,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """Pass a question on, or ask for it."""
    if args.strip():
        await _open(message, args, work, campagne, bureau, now, state)
        return
    await beside(state, "relais").set_state(Asking.question)
    await message.answer(say("relais/what"))


async def a_question_is_awaited(message: Message, state: FSMContext, called: Call | None = None) -> bool:
    """The words that follow « parler à quelqu’un »."""
    waits = await beside(state, "relais").get_state() == Asking.question.state
    return bool(message.text) and called is None and waits


@own.message(a_question_is_awaited)
async def question(
    message: Message, work: UnitOfWork, campagne: Campagne, bureau: tuple[int, ...], now: datetime, state: FSMContext
) -> None:
    """The question itself."""
    await beside(state, "relais").clear()
    if fold(message.text or "") in {"annuler", "non", "stop"}:
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
    """Open a relay, or add to the one that is open; then the pending step again."""
    here = await place(work, campagne, message.chat.id)
    number = here.candidature.id if here.candidature else None
    row = await work.run(relays.open_of, campagne.numero, message.chat.id)
    if row is None:
        row = Relais(
            id=work.take_id(),
            campagne=campagne.numero,
            numero=await work.run(relays.next_numero, campagne.numero),
            candidat_id=message.chat.id,
            candidature_id=number,
            etat=RelaisEtat.OUVERT,
            opened_at=now,
            promised_by=promised_by(now),
        )
        await work.add(row)
        work.note("relais.opened", actor=here.actor, candidature_id=number, numero=row.numero)
    else:
        row.etat = next_relais_state(RelaisEtat(row.etat), "ask_again")
        row.promised_by = promised_by(now)
    await _say_line(work, row, "question", message.chat.id, words)
    key = f"{LATE}:{row.id}:{row.promised_by.isoformat()}"
    work.agenda.put(LATE, key, row.promised_by, candidature_id=number, details={"relais": row.id})
    buttons = ((f"rel:{row.id}:take", "Je m’en occupe"), (f"rel:{row.id}:close", "Fermer"))
    name = message.from_user.first_name if message.from_user else ""
    values = {"row": row, "words": words[:_LONGEST], "here": here, "name": name}
    sent = to_bureau(work, bureau, "relais/question_bureau", candidature_id=number, choices=buttons, **values)
    row.messages = [*row.messages, *sent]
    await ask(message, here, now, state, lead=say("relais/passed_on", row=row))


# --- the bureau ---


async def a_reply_in_thread(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """Words that answer the message of a relay, as a reply or in its thread."""
    answered = message.reply_to_message.message_id if message.reply_to_message else message.message_thread_id
    if answered is None or not message.text:
        return False
    every = await work.run(relays.open_ones, campagne.numero)
    row = next((one for one in every if answered in one.messages), None)
    return {"row": row} if row else False


@router.message(a_reply_in_thread)
async def reply_in_thread(message: Message, row: Relais, work: UnitOfWork) -> None:
    """The bureau answers in the thread of the question."""
    await _reply(message, row, message.text or "", work)


@router.message(Called("repondre"))
async def reply(message: Message, relais: int, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """« repondre 3 texte », or « repondre 3 modele accueil »."""
    row = await _numbered(message, relais, work, campagne)
    if row is None:
        return
    word, _, name = texte.partition(" ")
    if fold(word) == "modele":
        found = await _models(work, campagne)
        if fold(name) not in found:
            await message.answer(say("relais/models", models=found))
            return
        texte = found[fold(name)]
    await _reply(message, row, texte, work)


async def _reply(message: Message, row: Relais, words: str, work: UnitOfWork) -> None:
    row.etat = next_relais_state(RelaisEtat(row.etat), "reply")
    author = message.from_user.id if message.from_user else 0
    await _say_line(work, row, "reply", author, words)
    to_chat(work, row.candidat_id, "relais/reply", candidature_id=row.candidature_id, row=row, words=words)
    work.note("relais.answered", actor=actor(message), candidature_id=row.candidature_id, numero=row.numero)
    await message.answer(say("relais/replied", row=row))


@router.message(Called("note"))
async def note(message: Message, relais: int, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """A note that the person never sees."""
    row = await _numbered(message, relais, work, campagne)
    if row is not None:
        await _say_line(work, row, "note", message.from_user.id if message.from_user else 0, texte)
        await message.answer(say("relais/noted", row=row))


@router.message(Called("prendre"))
async def take(message: Message, relais: int, work: UnitOfWork, campagne: Campagne) -> None:
    """Somebody takes care of it."""
    row = await _numbered(message, relais, work, campagne)
    if row is not None:
        await _take(message, row, message.from_user.id if message.from_user else 0, _name(message))


async def _take(message: Message, row: Relais, person: int, name: str) -> None:
    row.assigned_to = person
    await message.answer(say("relais/taken", row=row, name=name))


@router.message(Called("fermer"))
async def close(message: Message, relais: int, work: UnitOfWork, campagne: Campagne) -> None:
    """It is over: the person is told that the bot takes over again."""
    row = await _numbered(message, relais, work, campagne)
    if row is not None:
        await _close(message, row, work, actor(message))


async def _close(message: Message, row: Relais, work: UnitOfWork, by: str) -> None:
    if row.etat == RelaisEtat.FERME:
        await message.answer(say("relais/closed", row=row))
        return
    row.etat, row.closed_at = next_relais_state(RelaisEtat(row.etat), "close"), work.now
    work.agenda.end(f"{LATE}:{row.id}:{row.promised_by.isoformat()}", "closed")
    to_chat(work, row.candidat_id, "relais/over", candidature_id=row.candidature_id, row=row)
    work.note("relais.closed", actor=by, candidature_id=row.candidature_id, numero=row.numero)
    await message.answer(say("relais/closed", row=row))


@router.callback_query(F.data.startswith("rel:"))
async def tapped(callback: CallbackQuery, work: UnitOfWork) -> None:
    """Take it, or close it, tapped under the question."""
    if not isinstance(callback.message, Message) or callback.data is None:
        return
    _, number, what = callback.data.split(":")
    row = await work.run(relays.by_id, int(number))
    if row is None:
        return
    if what == "take":
        await _take(callback.message, row, callback.from_user.id, callback.from_user.first_name)
    else:
        await _close(callback.message, row, work, f"bureau:{callback.from_user.id}")


@router.message(Called("relais"))
async def show(message: Message, relais: int | None, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """The open ones, the soonest promised first; or one, whole."""
    if relais is None:
        await message.answer(say("relais/open", rows=await _open_ones(work, campagne), now=now))
        return
    row = await _numbered(message, relais, work, campagne)
    if row is not None:
        await message.answer(
            say("relais/whole", row=row, lines=await _lines(work, row), etat_relais=RelaisEtat(row.etat))
        )


@router.message(Called("modeles"))
async def ready_answers(message: Message, texte: str | None, work: UnitOfWork, campagne: Campagne) -> None:
    """The ready answers; « modeles nom : texte » adds one."""
    name, mark, words = (texte or "").partition(":")
    if mark and fold(name) and words.strip():
        await work.run(relays.keep_model, campagne.numero, fold(name), words.strip())
    found = await _models(work, campagne)
    await message.answer(say("relais/models", models={**found, **({fold(name): words.strip()} if mark else {})}))


async def _models(work: UnitOfWork, campagne: Campagne) -> dict[str, str]:
    return await work.run(relays.models, campagne.numero)


async def _open_ones(work: UnitOfWork, campagne: Campagne) -> list[Relais]:
    return await work.run(relays.open_ones, campagne.numero)


async def _lines(work: UnitOfWork, row: Relais) -> list[RelaisLine]:
    return await work.run(relays.lines, row.id)


async def _numbered(message: Message, numero: int, work: UnitOfWork, campagne: Campagne) -> Relais | None:
    row = await work.run(relays.by_numero, campagne.numero, numero)
    if row is None:
        await message.answer(say("relais/unknown", numero=numero))
    return row


def _name(message: Message) -> str:
    return message.from_user.first_name if message.from_user else ""
