"""One handler says every refusal: the rule, what to do, whom to ask; and then the pending question again."""

from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent, TelegramObject

from bot.errors import Refusal
from handlers.letters import to_bureau, to_chat
from handlers.say import say
from handlers.steps import ask, place, private, tell
from handlers.turn import Desk, Turn
from handlers.words import is_informative
from storage import candidatures, outbox
from storage.tables import Outbox

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
@router.callback_query(came_in_clear)
async def refuse_clear(turn: Turn) -> None:
    """Refuse what came unencrypted, whoever it comes from: the server could have written it.

    What is asked of the person is asked again: they are told to send the same again, and it shall count.
    """
    words = say("errors/clear")
    if await private(turn.message, turn):
        await tell(turn, await place(turn, turn.chat_id), words)
    else:
        await turn.answer(words)


@router.errors(ExceptionTypeFilter(Refusal))
async def refused(event: ErrorEvent, **given: Any) -> None:
    """Say no: nothing of the update is kept but this answer."""
    refusal, turn = event.exception, Turn.of(given, event=event.update.event)
    assert isinstance(refusal, Refusal)  # noqa: S101 -- the filter asked for one
    campagne = turn.campagne
    values = {"campagne": campagne, "contact": campagne.information_contact, "now": turn.now, **refusal.values}
    words = say(refusal.text, **values)
    reference = campagne.reference(refusal.source) if refusal.source else ""
    lead = say("errors/refusal", words=words, reference=reference)
    if not await private(event, turn):
        await turn.answer(lead)  # the only words that are rendered already
        return
    here = await place(turn, turn.chat_id)
    number = turn.work.kept.get("candidature_id")
    turn.work.note("act.refused", actor=turn.actor, candidature_id=number, text=refusal.text)
    await ask(turn, here, lead=lead)


async def apologise(desk: Desk, chat_id: int | None) -> None:
    """Tell the person, and the bureau, that a message could not be handled."""
    elsewhere = chat_id is not None and chat_id not in desk.bureau
    if chat_id is not None and elsewhere:
        to_chat(desk.work, chat_id, "errors/apology", campagne=desk.campagne)
    to_bureau(desk, "errors/apology_bureau", elsewhere=elsewhere)


def tell_failed(desk: Desk, letter: int, kind: str, state: str) -> None:
    """Tell the bureau that a letter did not leave, may not have arrived, or reached some of its recipients only.

    What is only informative and may have arrived is settled by itself: it stands in the list of letters.
    """
    if state == "doubtful" and is_informative(kind):
        return
    to_bureau(desk, LETTER_FAILED, letter=letter, kind=kind, state=state)


async def take_return(desk: Desk, number: int, outcome: str, code: str, told_at: datetime | None) -> bool | None:
    """Keep what a mail server tells of an e-mail; the bureau is told of one that came back, in the same commit.

    Args:
        outcome: « failed », « arrived » or « delayed »; `code` says why the first.
        told_at: the server's own instant, held between the departure and now.

    Returns:
        None for a letter that is not known, False for one whose departure is still to be noted: ask again.
    """
    letter = await desk.work.run(outbox.of_door, number, "email")
    if letter is None or letter.state in outbox.OPEN:
        return None if letter is None else False
    if outcome == "failed" and outbox.note_returned(letter, code):
        await _tell_returned(desk, letter)
    elif outcome == "arrived":
        outbox.note_delivered(letter, min(max(told_at or desk.now, letter.sent_at or desk.now), desk.now))
    return True


async def _tell_returned(desk: Desk, letter: Outbox) -> None:
    about = letter.candidature_id
    one = None if about is None else await desk.work.run(candidatures.by_id, about)
    to_bureau(desk, LETTER_RETURNED, candidature_id=about, letter=letter, one=one)


def tell_late(desk: Desk, letter: int, kind: str, door: str) -> None:
    """Tell the bureau that letters wait for more than an hour: once, however many they are."""
    to_bureau(desk, LETTER_LATE, letter=letter, kind=kind, door=door, now=desk.now)
