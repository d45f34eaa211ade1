"""The demonstration's own command: moving the virtual clock, so that a whole campagne is lived in ten minutes."""

import re
from datetime import date, datetime, timedelta

from aiogram import Router
from aiogram.types import Message

from bot.clock import Clock, paris
from handlers.commands import Called
from handlers.say import say
from handlers.turn import Turn

router = Router(name="demonstration")
_MORNING = 9
_DURATION = re.compile(r"(\d{1,4}) ?(j|jours?|h|heures?|min|minutes?)")


async def rehearsing(_: Message, *, demo: bool = False) -> bool:
    """True in the demonstration only."""
    return demo


@router.message(rehearsing, Called("demo"))
async def move_clock(turn: Turn, args: str, clock: Clock) -> None:
    """« demo avancer 2017-04-22 », « demo avancer 3h »: what falls due meanwhile happens by itself."""
    wanted = _instant(args, turn.now)
    if wanted is None or wanted <= turn.now:
        await turn.answer(say("bureau/demo_how", now=turn.now))
        return
    clock.set(wanted)
    await turn.answer(say("bureau/demo_moved", now=wanted))


def _instant(args: str, now: datetime) -> datetime | None:
    day = re.search(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2})[:h](\d{2}))?", args)
    if day:
        try:
            on = date(int(day[1]), int(day[2]), int(day[3]))
            return paris(on, int(day[4] or _MORNING), int(day[5] or 0))
        except ValueError:
            return None
    duration = _DURATION.search(args)
    if duration is None:
        return None
    unit = {"j": "days", "h": "hours", "m": "minutes"}[duration[2][0]]
    return now + timedelta(**{unit: int(duration[1])})
