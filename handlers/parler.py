"""« Parler à quelqu’un »: a question or a file goes to the bureau; the person goes on meanwhile at the same step."""

import re
from datetime import datetime
from typing import Any

from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import CallbackQuery, Message

from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.reading import fold, read_bare_yes_no
from bot.circulaire.relais import RELAIS, RelaisEtat, kept_until, promised_by, says_settled
from handlers.choices import Tapped
from handlers.commands import Call, Called
from handlers.items import greets
from handlers.letters import Stored, about_relais, check_length
from handlers.pieces import hand_on, is_for_dossier, take_along
from handlers.say import say
from handlers.seats import answered
from handlers.steps import RESTING, Place, ask, place, private
from handlers.turn import Turn, room
from handlers.unanswered import last_shown, recall
from storage import candidatures
from storage import relais as relays
from storage.bureau import Relais

answers = room("parler.answers", private)  # what answers the bureau, before any room takes it
router = room("parler", private)
_WHOM = re.compile(r"^(?:à|a|au|avec)(?: \S+){1,5}$")  # « parler à Madame Binaux » says whom, and no question
_AGREES = re.compile(r"^(?:(?:oui|ok|d accord|non) )*(?:j accepte|je n accepte pas)$")  # said to the dossier


# --- it is settled ---


async def says_it_is_settled(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« C'est réglé », « merci, c'est bon », to the bureau or while a relay of theirs is open."""
    text, target = turn.text, answered(turn)
    if not says_settled(text, in_reply=True):
        return False
    row = await turn.work.run(relays.by_message, turn.campagne.numero, target, turn.chat_id) if target else None
    if not says_settled(text, in_reply=row is not None):
        return False
    row = row or await turn.work.run(relays.open_of, turn.campagne.numero, turn.chat_id)
    return {"row": row} if row else False


async def a_relay_of_theirs(_: CallbackQuery, turn: Turn, number: int) -> bool | dict[str, Any]:
    """The relay under whose words they tapped « Ma question est réglée »."""
    row = await turn.work.run(relays.by_id, number)
    return {"row": row} if row is not None and row.candidat_id == turn.person.id else False


@router.callback_query(Tapped("settled", number=int), a_relay_of_theirs)
@answers.message(says_it_is_settled)
async def settle(turn: Turn, row: Relais) -> None:
    """The person needs nobody any more: close the relay, tell the bureau, take up the pending step again."""
    here = await place(turn, turn.chat_id)
    if row.etat == RelaisEtat.FERME:
        await ask(turn, here, lead=say("relais/settled_already", row=row))
        return
    unanswered = row.etat == RelaisEtat.OUVERT
    relays.close(turn.work, row, actor=here.actor)
    await about_relais(turn, row, "relais/settled_bureau", unanswered=unanswered)
    await ask(turn, here, lead=say("relais/settled", row=row, resting=here.step in RESTING))


# --- answering the bureau ---


async def an_answer_to_the_bureau(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """Words or a file that answer, as a reply or in its thread, what the bureau wrote to them; a command stays one."""
    target = answered(turn)
    row = await turn.work.run(relays.by_message, turn.campagne.numero, target, turn.chat_id) if target else None
    if row is None or (turn.message.document and await turn.work.run(candidatures.candidat, turn.chat_id) is None):
        return False  # a file is kept after the agreement alone
    return {"row": row}


@answers.message(an_answer_to_the_bureau)
async def answer_bureau(turn: Turn, row: Relais) -> None:
    """Add to the relay that the bureau's words belong to, also when it was closed; a piece goes to the dossier."""
    here, document = await place(turn, turn.chat_id), turn.message.document
    if document is None:
        await _pass_on(turn, turn.words, row, here)
    elif is_for_dossier(here, document, turn.words, turn.received_at):
        await about_relais(turn, row, "relais/piece_bureau", name=document.file_name)
        raise SkipHandler  # to the room of the pieces
    else:
        file = await take_along(turn, document)
        await _pass_on(turn, turn.words, row, here, file=file)


# --- asking ---


@router.callback_query(Tapped("parler"))
@router.message(Called("parler"))
async def begin(turn: Turn, args: str = "") -> None:
    """Pass on what was given, or the question that had no answer, or ask for it."""
    last, just_said = await recall(turn)
    words = _WHOM.sub("", args.strip()) or (last if just_said else "")
    if not turn.bureau:  # nobody would read it
        here = await place(turn, turn.chat_id)
        await ask(turn, here, lead=say("faq/contact", campagne=turn.campagne, bureau=turn.bureau))
    elif words:
        await _open(turn, words)
    else:
        await _ask_what(turn, last)


async def _ask_what(turn: Turn, last: str) -> None:
    """Ask for the question; one that had no answer a while ago is passed on by a « oui » alone."""
    prompt = await turn.answer(say("relais/what", last=last))
    await turn.beside("relais").set_data({"prompt": prompt.message_id, "last": last})


async def a_question_is_awaited(_: Message, turn: Turn, called: Call | None = None) -> bool:
    """The words that come right after « Quelle est votre question ? »; later they may answer something else."""
    prompt = (await turn.beside("relais").get_data()).get("prompt")
    elsewhere = called is not None and not _leaves(turn.text)  # « annuler » is a command elsewhere
    if prompt is None or not turn.text or elsewhere or _AGREES.match(fold(turn.text)):
        return False
    return bool(await last_shown(turn) == prompt)


def _leaves(text: str) -> bool:
    """« Annuler », « non merci », « non je préfère demander à mon IEN »; « non, … ? » asks something."""
    return read_bare_yes_no(text) is False or fold(text) == "rien" or ("?" not in text and fold(text)[:4] == "non ")


@router.message(a_question_is_awaited)
async def question(turn: Turn) -> None:
    """The question itself, or « annuler »; what says nothing yet is asked about again."""
    last = str((await turn.beside("relais").get_data())["last"])
    agreed = bool(read_bare_yes_no(turn.text))
    if _leaves(turn.text):
        await turn.beside("relais").clear()
        here = await place(turn, turn.chat_id)
        await ask(turn, here, lead=say("relais/left"))
        return
    if agreed and last:
        await _open(turn, last)
    elif agreed or greets(turn.text) or not any(sign.isalpha() for sign in turn.text):
        await _ask_what(turn, last)
    else:
        await _open(turn, turn.text)


async def _open(turn: Turn, words: str) -> None:
    """Take the person's open relay, or a new one."""
    here = await place(turn, turn.chat_id)
    row = await turn.work.run(relays.open_of, turn.campagne.numero, here.person_id)
    if row is None:
        number = here.candidature.id if here.candidature else None
        row = await relays.open_for(
            turn.work, turn.campagne.numero, here.person_id, number, promised_by(turn.now, turn.campagne.office_hours)
        )
        turn.work.note("relais.opened", actor=here.actor, candidature_id=number, numero=row.numero)
    await _pass_on(turn, words, row, here)


async def _pass_on(turn: Turn, words: str, row: Relais, here: Place, *, file: Stored | None = None) -> None:
    """Show a question to the bureau, tell the person until when it answers, and take up the pending step again."""
    check_length(words)
    more = bool(await turn.work.run(relays.lines, row.id))
    _promise(row, turn.now, here.campagne.office_hours)
    if more:
        turn.work.note("relais.asked_again", actor=here.actor, candidature_id=row.candidature_id, numero=row.numero)
    await relays.write_lines(turn.work, row, "question", here.person_id, words, str(file["name"]) if file else "")
    term = kept_until(here.campagne, turn.now) if here.candidat is None else None
    relays.put_duties(turn.work, row, term)
    values = {"words": words, "more": more, "file": file, "term": term, "now": turn.now}
    values |= {"hours": here.campagne.office_hours}
    if file is not None:
        sent = hand_on(turn.work, turn.bureau, file, "relais/file", candidature_id=row.candidature_id, row=row)
        row.messages = [*row.messages, *sent]
    buttons = ((f"rel:{row.id}:take", "Je m’en occupe"), (f"rel:{row.id}:close", "Fermer"))
    await about_relais(turn, row, "relais/question_bureau", choices=buttons, **values)
    await turn.beside("relais").clear()
    await ask(turn, here, lead=say("relais/passed_on", row=row, **values))


def _promise(row: Relais, now: datetime, hours: OfficeHours) -> None:
    """Who adds to a question that waits already keeps the promise that they have."""
    if row.etat != RelaisEtat.OUVERT or row.promised_by <= now:
        row.promised_by = promised_by(now, hours)
    row.etat, row.closed_at = RELAIS.after(row.etat, "ask_again"), None
