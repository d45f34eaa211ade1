"""« simuler 2017-04-25 »: every message that would leave until a day, from a copy; nothing is sent."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from bot.clock import paris
from handlers.arguments import Param, read_arguments
from handlers.commands import Called
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Turn, room

router = room("rehearsal", in_bureau)
_DAY = Param("jour", "date", "le dernier jour à jouer", "2017-04-25")
_SHOWN = 40
_AHEAD = timedelta(days=7)  # of the day that is given as an example
_TAG = re.compile(r"<[^>]+>")

Rehearse = Callable[[datetime], Awaitable[list[Any]]]


@router.message(Called("simuler"))
async def simulate(turn: Turn, args: str, rehearse: Rehearse | None) -> None:
    """Play the agenda on a copy until the end of a day, and list what would leave."""
    values, fault = read_arguments((_DAY,), args, turn.now.year)
    until = paris(values["jour"], 23, 59, 59) if fault is None else turn.now
    if fault is not None or until <= turn.now or rehearse is None:
        await turn.answer(say("bureau/simuler_how", now=turn.now, example=turn.now.date() + _AHEAD))
        return
    departures = await rehearse(until)
    rows = [(one, unescape(_TAG.sub("", one.words))) for one in departures[:_SHOWN]]
    await turn.answer(say("bureau/simulated", rows=rows, total=len(departures), until=until))
