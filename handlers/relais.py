"""The bureau's side of a relay: it answers in the thread or by command, notes, takes, closes, and sees who waits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.circulaire.campagne import Campagne
from bot.circulaire.reading import fold
from bot.circulaire.relais import RelaisEtat, next_relais_state
from handlers.choices import pressed
from handlers.commands import Called, may
from handlers.declarations import Role
from handlers.letters import LONGEST, Stored, check_length, to_chat
from handlers.pieces import hand_on, take_along
from handlers.say import say
from handlers.seats import actor, answered, in_bureau
from handlers.steps import RESTING, first_name, pending, place
from storage import identities
from storage import relais as relays
from storage.bureau import Relais, RelaisLine
from storage.files import Files
from storage.work import UnitOfWork

answers = Router(name="relais.answers")  # what stands in the thread of a question, before any room takes it
router = Router(name="relais")
for each in (answers, router):
    each.message.filter(in_bureau)
router.callback_query.filter(in_bureau)
_NAME = 4  # words of a ready answer's name, at most
_MOST = 20  # relays of a list
_IDLE = frozenset({"deposited", "over"})  # steps at which nothing is asked, not even a choice


# --- answering ---


async def an_answer_in_thread(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """Words or a file that answer the question of a relay, as a reply or in its thread; a command stays one."""
    target, said = answered(message), message.text or message.caption or ""
    if target is None or not (message.text or message.document) or said.lstrip().startswith(("/", "!")):
        return False
    row = await work.run(relays.by_message, campagne.numero, target)
    return {"row": row} if row else False


@answers.message(an_answer_in_thread)
async def reply_in_thread(
    message: Message,
    row: Relais,
    bot: Bot,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    file_limit: int,
    roles: Mapping[str, Role],
    state: FSMContext,
) -> None:
    """The bureau answers in the thread of the question, with words or a file: whoever may « repondre » may do that."""
    if not await may(message, message, "repondre", work, roles):
        return
    next_relais_state(RelaisEtat(row.etat), "reply")  # refused before a file is fetched
    file = await take_along(bot, message.document, files, file_limit) if message.document else None
    await _reply(message, row, message.text or message.caption or "", work, campagne, state, file=file)


@router.message(Called("repondre"))
async def reply(
    message: Message, relais: int, texte: str, work: UnitOfWork, campagne: Campagne, state: FSMContext
) -> None:
    """« repondre 3 texte », or « repondre 3 modele accueil »."""
    row = await _numbered(message, relais, work, campagne)
    if row is None:
        return
    word, _, name = texte.partition(" ")
    if fold(word) == "modele":
        modeles = await work.run(relays.modeles, campagne.numero)
        if fold(name) not in modeles and len(name.split()) <= _NAME:
            await message.answer(say("relais/no_modele", name=name, modeles=modeles))
            return
        texte = modeles.get(fold(name), texte)
    await _reply(message, row, texte, work, campagne, state)


async def _reply(
    message: Message,
    row: Relais,
    words: str,
    work: UnitOfWork,
    campagne: Campagne,
    state: FSMContext,
    *,
    file: Stored | None = None,
) -> None:
    """Write to the person; the promise is kept."""
    check_length(words)
    row.etat = next_relais_state(RelaisEtat(row.etat), "reply")
    work.agenda.end(relays.late_key(row), "answered")
    author = message.from_user.id if message.from_user else 0
    await relays.write_lines(work, row, "reply", author, words, str(file["name"]) if file else "")
    settled = ((f"settled:{row.id}", "Ma question est réglée"),)
    choices = settled if await _is_asked_nothing(row, work, campagne, state) else ()
    values: dict[str, Any] = {"candidature_id": row.candidature_id, "row": row, "file": file}
    passed = hand_on(work, [row.candidat_id], text="relais/file", **values) if file else []
    sent = to_chat(work, row.candidat_id, "relais/reply", choices=choices, words=words, **values)
    row.messages = [*row.messages, *passed, *([sent] if sent else [])]
    work.note("relais.answered", actor=actor(message), candidature_id=row.candidature_id, numero=row.numero)
    await message.answer(say("relais/replied", row=row, file=file, asker=await relays.asker(work, row)))


async def _is_asked_nothing(row: Relais, work: UnitOfWork, campagne: Campagne, state: FSMContext) -> bool:
    """Whether a number that the person types next can answer nothing else than the choice under the bureau's words."""
    here = await place(work, campagne, row.candidat_id)
    return here.step in _IDLE and await _theirs(state, row.candidat_id).get_state() is None


def _theirs(state: FSMContext, person_id: int) -> FSMContext:
    """What the person's conversation remembers."""
    return FSMContext(state.storage, replace(state.key, chat_id=person_id, user_id=person_id))


# --- taking, noting, closing ---


@router.message(Called("note"))
async def note(message: Message, relais: int, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """A note that the person never sees."""
    row = await _numbered(message, relais, work, campagne)
    if row is None:
        return
    check_length(texte)
    await relays.write_line(work, row, "note", message.from_user.id if message.from_user else 0, texte)
    work.note("relais.noted", actor=actor(message), candidature_id=row.candidature_id, numero=row.numero)
    await message.answer(say("relais/noted", row=row))


@router.message(Called("prendre"))
async def take(message: Message, relais: int, work: UnitOfWork, campagne: Campagne) -> None:
    """Somebody takes care of it."""
    row = await _numbered(message, relais, work, campagne)
    if row is not None and message.from_user is not None:
        await _take(message, row, message.from_user.id, first_name(message.from_user), work)


async def _take(message: Message, row: Relais, person: int, name: str, work: UnitOfWork) -> None:
    if row.etat == RelaisEtat.FERME:
        await message.answer(say("relais/closed_already", row=row))
        return
    other = row.assigned_to not in {None, person}
    before = await work.run(identities.display_name, row.assigned_to) if row.assigned_to and other else ""
    row.assigned_to = person
    work.note("relais.taken", actor=f"bureau:{person}", candidature_id=row.candidature_id, numero=row.numero)
    await message.answer(say("relais/taken", row=row, name=name, before=before))


@router.message(Called("fermer"))
async def close(
    message: Message, relais: int, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """It is over."""
    row = await _numbered(message, relais, work, campagne)
    if row is not None:
        await _close(message, row, actor(message), work, campagne, now, state)


async def _close(
    message: Message, row: Relais, by: str, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext
) -> None:
    """Tell the person that the bot takes over again, and ask what was pending."""
    if row.etat == RelaisEtat.FERME:
        await message.answer(say("relais/closed_already", row=row))
        return
    unanswered = row.etat == RelaisEtat.OUVERT
    relays.close(work, row, actor=by)
    await _take_over(row, work, campagne, now, state, unanswered=unanswered)
    await message.answer(say("relais/closed", row=row, unanswered=unanswered))


async def _take_over(
    row: Relais, work: UnitOfWork, campagne: Campagne, now: datetime, state: FSMContext, *, unanswered: bool
) -> None:
    """In the person's conversation: it is over, and the pending step again where something is asked."""
    here = await place(work, campagne, row.candidat_id)
    asked, markup = await pending(here, now, _theirs(state, here.person_id)) if here.step not in RESTING else ("", None)
    buttons = markup.inline_keyboard if markup else []
    choices = [(str(button.callback_data), button.text) for line in buttons for button in line]
    values: dict[str, Any] = {"row": row, "unanswered": unanswered, "campagne": campagne, "asked": Markup(asked)}  # noqa: S704 -- rendered and escaped by `say`
    to_chat(work, here.person_id, "relais/over", candidature_id=row.candidature_id, choices=choices, **values)


@router.callback_query(F.data.startswith("rel:"))
async def tapped(
    callback: CallbackQuery,
    work: UnitOfWork,
    campagne: Campagne,
    now: datetime,
    state: FSMContext,
    roles: Mapping[str, Role],
) -> None:
    """Take it, or close it, tapped under the question."""
    message, data = pressed(callback)
    _, number, what = data.split(":")
    row = await work.run(relays.by_id, int(number))
    name = "prendre" if what == "take" else "fermer"
    if row is None or not await may(callback, message, name, work, roles):
        return
    person = callback.from_user
    if what == "take":
        await _take(message, row, person.id, first_name(person), work)
    else:
        await _close(message, row, f"bureau:{person.id}", work, campagne, now, state)


# --- seeing ---


@router.message(Called("relais"))
async def show(message: Message, relais: int | None, work: UnitOfWork, campagne: Campagne, now: datetime) -> None:
    """The open ones, who waits longest first; or one, whole."""
    if relais is not None:
        row = await _numbered(message, relais, work, campagne)
        if row is not None:
            await _show_whole(message, row, work, now)
        return
    rows = await work.run(relays.open_ones, campagne.numero)
    shown = [(row, await relays.asker(work, row), await _taker(work, row)) for row in rows[:_MOST]]
    await message.answer(say("relais/open", rows=shown, total=len(rows), now=now))


async def _show_whole(message: Message, row: Relais, work: UnitOfWork, now: datetime) -> None:
    """What was said, in as many messages as it takes."""
    lines = await work.run(relays.lines, row.id)
    authors = {
        line.author_id: await work.run(identities.display_name, line.author_id)
        for line in lines
        if not line.kind.startswith("question")
    }
    values = {"row": row, "asker": await relays.asker(work, row), "taker": await _taker(work, row), "now": now}
    for number, part in enumerate(_parts(lines)):
        words = say(
            "relais/whole", lines=part, authors=authors, first=number == 0, etat_relais=RelaisEtat(row.etat), **values
        )
        await message.answer(words)


def _parts(lines: list[RelaisLine]) -> Iterator[list[RelaisLine]]:
    """The lines, as many together as one message holds."""
    part: list[RelaisLine] = []
    for line in lines:
        if part and sum(len(one.text) + 60 for one in (*part, line)) > LONGEST:  # their day and author besides
            yield part
            part = []
        part.append(line)
    yield part


async def _taker(work: UnitOfWork, row: Relais) -> str:
    """What the member who takes care of it is called; empty when nobody does."""
    return await work.run(identities.display_name, row.assigned_to) if row.assigned_to else ""


async def _numbered(message: Message, numero: int, work: UnitOfWork, campagne: Campagne) -> Relais | None:
    row = await work.run(relays.by_numero, campagne.numero, numero)
    if row is None:
        await message.answer(say("relais/unknown", numero=numero))
    return row
