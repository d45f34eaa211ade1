"""One handler says every refusal: the rule, what to do, whom to ask; and then the pending question again."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import ExceptionTypeFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ErrorEvent, Message, TelegramObject

from bot.circulaire.campagne import Campagne
from bot.errors import Refusal
from handlers.choices import pressed
from handlers.letters import to_bureau, to_chat
from handlers.say import say
from handlers.steps import ask, place
from handlers.words import is_informative
from storage import candidatures, outbox
from storage.tables import Outbox
from storage.work import UnitOfWork

router = Router(name="errors")

LETTER_FAILED = "errors/letter_failed_bureau"
LETTER_LATE = "errors/letter_late_bureau"
LETTER_RETURNED = "errors/letter_returned_bureau"
TROUBLES = frozenset({LETTER_FAILED, LETTER_LATE, LETTER_RETURNED})


async def came_in_clear(_: TelegramObject, *, clear: bool = False, refuse_clear: bool = False) -> bool:
    """True for what came unencrypted where everything must be encrypted."""
    return clear and refuse_clear


@router.message(came_in_clear)
@router.edited_message(came_in_clear)
async def refuse_clear_words(message: Message) -> None:
    """Refuse words and pieces that came unencrypted, whoever they come from: the server could have written them."""
    await message.answer(say("errors/clear"))


@router.callback_query(came_in_clear)
async def refuse_clear_press(callback: CallbackQuery) -> None:
    """The same for a choice."""
    message, _ = pressed(callback)
    await message.answer(say("errors/clear"))


@router.errors(ExceptionTypeFilter(Refusal))
async def refused(event: ErrorEvent, work: UnitOfWork, campagne: Campagne, state: FSMContext) -> None:
    """Say no: nothing of the update is kept but this answer."""
    refusal, update = event.exception, event.update
    message = update.message or update.edited_message
    if isinstance(update.callback_query, CallbackQuery) and isinstance(update.callback_query.message, Message):
        message = update.callback_query.message
    assert isinstance(refusal, Refusal)  # noqa: S101 -- the filter asked for one
    assert message is not None  # noqa: S101 -- only words, files and choices are refused, and each has its message
    values = {"campagne": campagne, "contact": campagne.information_contact, "now": work.now, **refusal.values}
    words = say(refusal.text, **values)
    reference = campagne.reference(refusal.source) if refusal.source else ""
    lead = say("errors/refusal", words=words, reference=reference)
    if message.chat.type != "private":
        await message.answer(lead)  # the only words that are rendered already
        return
    here = await place(work, campagne, message.chat.id)
    number = work.kept.get("candidature_id")
    work.note("act.refused", actor=f"candidat:{message.chat.id}", candidature_id=number, text=refusal.text)
    await ask(message, here, work.now, state, lead=lead)


async def apologise(work: UnitOfWork, chat_id: int | None, *, campagne: Campagne, bureau: tuple[int, ...]) -> None:
    """Tell the person, and the bureau, that a message could not be handled."""
    elsewhere = chat_id is not None and chat_id not in bureau
    if chat_id is not None and elsewhere:
        to_chat(work, chat_id, "errors/apology", campagne=campagne)
    to_bureau(work, bureau, "errors/apology_bureau", elsewhere=elsewhere)


def tell_failed(work: UnitOfWork, letter: int, kind: str, state: str, *, bureau: tuple[int, ...]) -> None:
    """Tell the bureau that a letter did not leave, may not have arrived, or reached some of its recipients only.

    What is only informative and may have arrived is settled by itself: it stands in the list of letters.
    """
    if state == "doubtful" and is_informative(kind):
        return
    to_bureau(work, bureau, LETTER_FAILED, letter=letter, kind=kind, state=state)


async def take_return(
    work: UnitOfWork, number: int, outcome: str, code: str, told_at: datetime | None, *, bureau: tuple[int, ...]
) -> bool | None:
    """Keep what a mail server tells of an e-mail; the bureau is told of one that came back, in the same commit.

    Args:
        outcome: « failed », « arrived » or « delayed »; `code` says why the first.
        told_at: the server's own instant, held between the departure and now.

    Returns:
        None for a letter that is not known, False for one whose departure is still to be noted: ask again.
    """
    letter = await work.run(outbox.of_door, number, "email")
    if letter is None or letter.state in outbox.OPEN:
        return None if letter is None else False
    if outcome == "failed" and outbox.note_returned(letter, code):
        await _tell_returned(work, letter, bureau)
    elif outcome == "arrived":
        outbox.note_delivered(letter, min(max(told_at or work.now, letter.sent_at or work.now), work.now))
    return True


async def _tell_returned(work: UnitOfWork, letter: Outbox, bureau: tuple[int, ...]) -> None:
    about = letter.candidature_id
    one = None if about is None else await work.run(candidatures.by_id, about)
    to_bureau(work, bureau, LETTER_RETURNED, candidature_id=about, letter=letter, one=one)


def tell_late(work: UnitOfWork, letter: int, kind: str, door: str, *, bureau: tuple[int, ...]) -> None:
    """Tell the bureau that letters wait for more than an hour: once, however many they are."""
    to_bureau(work, bureau, LETTER_LATE, letter=letter, kind=kind, door=door, now=work.now)
