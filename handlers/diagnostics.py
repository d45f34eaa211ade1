"""« ping 17 » is answered « pong 17 count=K »: anyone can check « exactly once » from outside."""

from aiogram import F, Router
from aiogram.types import TelegramObject

from handlers.say import say
from handlers.turn import Turn

router = Router(name="diagnostics")


async def asked_for(_: TelegramObject, *, diagnostics: bool = False) -> bool:
    """True when the sysadmin switched diagnostics on."""
    return diagnostics


@router.message(asked_for, F.text.regexp(r"^\s*[/!]?ping\s+\S+\s*$"))
async def pong(turn: Turn) -> None:
    """Count a ping through everything that counts: inbox, FSM, unit of work, outbox."""
    counter = turn.beside("diagnostics")
    count = int((await counter.get_data()).get("pings", 0)) + 1
    await counter.update_data(pings=count)
    await turn.answer(say("diagnostics/pong", word=turn.text.split()[1], count=count))
