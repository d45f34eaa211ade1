"""Acts of weight wait for a « oui »: it survives a restart, expires, and counts from the right person only.

The asker's own, or, where four eyes are asked, that of somebody else.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.circulaire.reading import read_bare_yes_no
from handlers.arguments import Role
from handlers.choices import Tapped, is_yes
from handlers.commands import Call, may
from handlers.say import say
from handlers.seats import are_one
from handlers.turn import Desk, Turn
from handlers.words import awaited_words
from storage import candidatures, confirmations
from storage.bureau import Confirmation

router = Router(name="confirmations")
Act = Callable[[Turn, Confirmation], Awaitable[None]]
_ACTS: dict[str, tuple[Act, str]] = {}  # what is done, and the command that asks for it
_LASTS = timedelta(hours=1)
_LASTS_FOR_TWO = timedelta(days=2)  # the second person may be away
_TOLD_EXPIRED = timedelta(days=1)  # how long a « oui » that comes too late is answered
_OFFERED = 8  # acts at most that a « oui » may be said to mean
_CHOICES = (("oui", "Oui, confirmer"), ("non", "Non, ne rien faire"))


def confirmed(name: str, command: str) -> Callable[[Act], Act]:
    """Marks what is done once « oui » was said, in the turn that said it, by somebody who may give the command."""

    def keep(act: Act) -> Act:
        _ACTS[name] = act, command
        return act

    return keep


async def request(
    turn: Turn, act: str, words: str, *, four_eyes: bool = False, asker: int | None = None, **details: Any
) -> None:
    """Show what would happen and wait for a « oui ».

    Args:
        words: the preview, rendered already.
        four_eyes: somebody else than the asker must say it.
        asker: who asks, where it is not whoever speaks.
    """
    asker = asker or turn.person.id
    for earlier in await turn.work.run(confirmations.unsettled, turn.chat_id, turn.now):
        if (earlier.asker_id, earlier.act, _about(earlier.details)) == (asker, act, _about(details)):
            earlier.settled_at, earlier.settled_by, earlier.outcome = turn.now, asker, "replaced"
    row = Confirmation(
        id=turn.work.take_id(),
        chat_id=turn.chat_id,
        asker_id=asker,
        act=act,
        details=details,
        four_eyes=four_eyes,
        asked_at=turn.now,
        expires_at=turn.now + (_LASTS_FOR_TWO if four_eyes else _LASTS),
    )
    await turn.work.add(row)
    turn.work.note("confirmation.asked", actor=f"bureau:{asker}", what=act, confirmation=row.id)
    tail = say("confirmations/asked", row=row)
    buttons = [(f"ok:{row.id}:{code}", label) for code, label in _CHOICES]
    await turn.answer(f"{words}\n\n{tail}", choices=buttons)


def _about(details: dict[str, Any]) -> Any:
    """What an act is about: whoever asks for the same again means the latter alone."""
    return [details.get(key) for key in ("candidature", "numeros", "text")]


async def an_act_waits(_: CallbackQuery, turn: Turn, number: int) -> bool | dict[str, Any]:
    """Gives `rows`: the act under which they tapped « oui » or « non »."""
    row = await turn.work.run(confirmations.by_id, number)
    return False if row is None else {"rows": [row]}


async def a_yes_or_no_is_awaited(_: Message, turn: Turn, called: Call | None = None) -> bool | dict[str, Any]:
    """« oui » or « non » and nothing else, where acts wait in a room of the bureau; gives `rows`, what it may mean."""
    yes = read_bare_yes_no(turn.text) if turn.in_bureau and called is None else None
    if yes is None:
        return False
    rows = await turn.work.run(confirmations.unsettled, turn.chat_id, turn.now - _TOLD_EXPIRED)
    found = await _meant(turn, rows, yes=yes)
    return {"rows": found, "yes": yes} if found else False


async def _meant(turn: Turn, rows: list[Confirmation], *, yes: bool) -> list[Confirmation]:
    """What somebody means by a « oui » or a « non »: what they have just asked; else all that they may settle.

    Where there is nothing of the kind, the newest, which says why it waits for somebody else.
    """
    live = [row for row in rows if row.expires_at > turn.now]
    settled_by_them = [row for row in live if await _wrong(turn, row, yes=yes) is None]
    asked = [row for row in live or rows if await are_one(turn, turn.person.id, row.asker_id)]
    concern = [row for row in live or rows if row in asked or row in settled_by_them]
    if concern and concern[0] in asked:
        return concern[:1]
    return settled_by_them or live[:1]


@router.callback_query(Tapped("ok", number=int, yes=is_yes), an_act_waits)
@router.message(a_yes_or_no_is_awaited)
async def answered(turn: Turn, rows: list[Confirmation], roles: Mapping[str, Role], *, yes: bool) -> None:
    """« Oui », « OK », « non »; of several acts, which one is asked."""
    if len(rows) == 1:
        await _settle(turn, rows[0], roles, yes=yes)
        return
    code, word = _CHOICES[0 if yes else 1]
    buttons = [(f"ok:{row.id}:{code}", f"{word} : {await awaited(turn, row)}") for row in rows[:_OFFERED]]
    await turn.answer(say("confirmations/which", total=len(rows)), choices=buttons)


async def awaited(desk: Desk, row: Confirmation) -> str:
    """What waits for a « oui », and for which dossier."""
    one = await desk.work.run(candidatures.by_id, row.details.get("candidature", 0))
    return f"{awaited_words(row.act)}, dossier n° {one.numero}" if one is not None else awaited_words(row.act)


async def _settle(turn: Turn, row: Confirmation, roles: Mapping[str, Role], *, yes: bool) -> None:
    """Carry out, refuse or let go."""
    wrong = await _wrong(turn, row, yes=yes)
    if wrong is not None:
        await turn.answer(say(f"confirmations/{wrong}", row=row, other_account=turn.person.id != row.asker_id))
        return
    act, command = _ACTS[row.act]
    if not await may(turn, command, roles):
        return
    row.settled_at, row.settled_by, row.outcome = turn.now, turn.person.id, "yes" if yes else "no"
    said = "confirmation.given" if yes else "confirmation.refused"
    turn.work.note(said, actor=turn.actor, what=row.act, confirmation=row.id)
    if yes:
        await act(turn, row)
    else:
        await turn.answer(say("confirmations/refused"))
    row.details = {}  # what was typed is kept no longer than needed


async def _wrong(turn: Turn, row: Confirmation, *, yes: bool) -> str | None:
    """Why a word does not count: settled already, too late, or from the wrong person."""
    if row.settled_at is not None:
        return "settled"
    if row.expires_at <= turn.now:
        return "expired"
    asked = await are_one(turn, turn.person.id, row.asker_id)
    if row.four_eyes and yes and asked:
        return "another_needed"
    if row.four_eyes and yes and asked is None:
        return "not_told"
    if not row.four_eyes and not asked:
        return "asker_only"
    return None
