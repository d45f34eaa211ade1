"""« ping 17 » is answered « pong 17 count=K »: anyone can check « exactly once » from outside."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, TelegramObject

from handlers.say import say
from handlers.steps import beside

router = Router(name="diagnostics")


async def asked_for(_: TelegramObject, *, diagnostics: bool = False) -> bool:
    """True when the sysadmin switched diagnostics on."""
    return diagnostics


@router.message(asked_for, F.text.regexp(r"^\s*[/!]?ping\s+\S+\s*$"))
async def pong(message: Message, state: FSMContext) -> None:
    """Count a ping through everything that counts: inbox, FSM, unit of work, outbox."""
    counter = beside(state, "diagnostics")
    count = int((await counter.get_data()).get("pings", 0)) + 1
    await counter.update_data(pings=count)
    await message.answer(say("diagnostics/pong", word=str(message.text).split()[1], count=count))
