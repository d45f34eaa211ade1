"""Acts of weight wait for a « oui »: it survives a restart, expires, and counts from the right person only.

The asker's own, or, where four eyes are asked, that of somebody else.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message, User

from bot.circulaire.reading import read_bare_yes_no
from handlers.choices import keyboard, pressed
from handlers.commands import Call
from handlers.say import say
from handlers.words import awaited_words
from storage import candidatures, confirmations
from storage.bureau import Confirmation
from storage.work import UnitOfWork

router = Router(name="confirmations")
Act = Callable[..., Awaitable[None]]
_ACTS: dict[str, Act] = {}
_LASTS = timedelta(hours=1)
_LASTS_FOR_TWO = timedelta(days=2)  # the second person may be away
_TOLD_EXPIRED = timedelta(days=1)  # how long a « oui » that comes too late is answered
_OFFERED = 8  # acts at most that a « oui » may be said to mean
_CHOICES = (("oui", "Oui, confirmer"), ("non", "Non, ne rien faire"))


def confirmed(name: str) -> Callable[[Act], Act]:
    """Marks what is done once « oui » was said: called with the message, the confirmation, `by`, and the givens."""

    def keep(act: Act) -> Act:
        _ACTS[name] = act
        return act

    return keep


async def request(
    message: Message,
    work: UnitOfWork,
    act: str,
    words: str,
    *,
    four_eyes: bool = False,
    asker: int | None = None,
    **details: Any,
) -> None:
    """Show what would happen and wait for a « oui ».

    Args:
        words: the preview, rendered already.
        four_eyes: somebody else than the asker must say it.
        asker: who asks, where it is not whoever speaks.
    """
    asker = asker or (message.from_user.id if message.from_user else 0)
    for earlier in await work.run(confirmations.unsettled, message.chat.id, work.now):
        if (earlier.asker_id, earlier.act, _about(earlier.details)) == (asker, act, _about(details)):
            earlier.settled_at, earlier.settled_by, earlier.outcome = work.now, asker, "replaced"
    row = Confirmation(
        id=work.take_id(),
        chat_id=message.chat.id,
        asker_id=asker,
        act=act,
        details=details,
        four_eyes=four_eyes,
        asked_at=work.now,
        expires_at=work.now + (_LASTS_FOR_TWO if four_eyes else _LASTS),
    )
    await work.add(row)
    work.note("confirmation.asked", actor=f"bureau:{asker}", what=act, confirmation=row.id)
    tail = say("confirmations/asked", row=row)
    buttons = keyboard((f"ok:{row.id}:{code}", label) for code, label in _CHOICES)
    await message.answer(f"{words}\n\n{tail}", reply_markup=buttons)


def _about(details: dict[str, Any]) -> Any:
    """What an act is about: whoever asks for the same again means the latter alone."""
    return [details.get(key) for key in ("candidature", "numeros", "text")]


@router.callback_query(F.data.startswith("ok:"))
async def tapped(callback: CallbackQuery, work: UnitOfWork, **given: Any) -> None:
    """A « oui » or a « non », tapped."""
    message, data = pressed(callback)
    _, number, code = data.split(":")
    row = await work.run(confirmations.by_id, int(number))
    if row is not None:
        await _settle(message, row, callback.from_user, work, yes=code == "oui", **given)


async def a_yes_or_no_is_awaited(
    message: Message, work: UnitOfWork, bureau: tuple[int, ...] = (), called: Call | None = None
) -> bool | dict[str, Any]:
    """« oui » or « non » and nothing else, where acts wait in a room of the bureau; gives `rows`, what it may mean."""
    yes = read_bare_yes_no(message.text or "") if message.chat.id in bureau and called is None else None
    if yes is None or message.from_user is None:
        return False
    rows = await work.run(confirmations.unsettled, message.chat.id, work.now - _TOLD_EXPIRED)
    found = _meant(rows, message.from_user.id, work, yes=yes)
    return {"rows": found, "yes": yes} if found else False


def _meant(rows: list[Confirmation], person: int, work: UnitOfWork, *, yes: bool) -> list[Confirmation]:
    """What somebody means by a « oui » or a « non »: what they have just asked; else all that they may settle.

    Where there is nothing of the kind, the newest, which says why it waits for somebody else.
    """
    live = [row for row in rows if row.expires_at > work.now]
    settled_by_them = [row for row in live if _wrong(row, person, work, yes=yes) is None]
    concern = [row for row in live or rows if row.asker_id == person or row in settled_by_them]
    if concern and concern[0].asker_id == person:
        return concern[:1]
    return settled_by_them or live[:1]


@router.message(a_yes_or_no_is_awaited)
async def typed(message: Message, rows: list[Confirmation], work: UnitOfWork, *, yes: bool, **given: Any) -> None:
    """The same, typed: « oui », « OK », « Yes »; of several acts, which one is asked."""
    if message.from_user is not None and len(rows) == 1:
        await _settle(message, rows[0], message.from_user, work, yes=yes, **given)
    elif rows:
        code, word = _CHOICES[0 if yes else 1]
        buttons = [(f"ok:{row.id}:{code}", f"{word} : {await awaited(row, work)}") for row in rows[:_OFFERED]]
        await message.answer(say("confirmations/which", total=len(rows)), reply_markup=keyboard(buttons))


async def awaited(row: Confirmation, work: UnitOfWork) -> str:
    """What waits for a « oui », and for which dossier."""
    one = await work.run(candidatures.by_id, row.details.get("candidature", 0))
    return f"{awaited_words(row.act)}, dossier n° {one.numero}" if one is not None else awaited_words(row.act)


async def _settle(
    message: Message, row: Confirmation, person: User, work: UnitOfWork, *, yes: bool, **given: Any
) -> None:
    """Carry out, refuse or let go."""
    wrong = _wrong(row, person.id, work, yes=yes)
    if wrong is not None:
        await message.answer(say(f"confirmations/{wrong}", row=row))
        return
    row.settled_at, row.settled_by, row.outcome = work.now, person.id, "yes" if yes else "no"
    actor = f"bureau:{person.id}"
    work.note("confirmation.given" if yes else "confirmation.refused", actor=actor, what=row.act, confirmation=row.id)
    if yes:
        await _ACTS[row.act](message, row, by=person.id, work=work, **given)
    else:
        await message.answer(say("confirmations/refused"))
    row.details = {}  # what was typed is kept no longer than needed


def _wrong(row: Confirmation, person: int, work: UnitOfWork, *, yes: bool) -> str | None:
    """Why a word does not count: settled already, too late, or from the wrong person."""
    if row.settled_at is not None:
        return "settled"
    if row.expires_at <= work.now:
        return "expired"
    if row.four_eyes and yes and person == row.asker_id:
        return "another_needed"
    if not row.four_eyes and person != row.asker_id:
        return "asker_only"
    return None
