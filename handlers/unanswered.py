"""What a person said and had no answer for a while: « parler à quelqu’un » may be about it."""

from datetime import timedelta

from aiogram.types import Message

from bot.circulaire.relais import RelaisEtat
from handlers.turn import Turn
from storage import identities
from storage import relais as relays

_PATIENCE = timedelta(hours=1)


async def remember(turn: Turn, text: str, shown: Message) -> None:
    """Keep words that had no answer, with the message that said so; none lets go of the ones before."""
    memory = turn.beside("relais")
    if text or await memory.get_data():
        kept = {"unanswered": text, "until": turn.now + _PATIENCE, "shown": shown.message_id}
        await memory.set_data(kept if text else {})


async def recall(turn: Turn) -> tuple[str, bool]:
    """The last words that had no answer, and whether the conversation still ends with that."""
    kept = await turn.beside("relais").get_data()
    if not kept.get("unanswered") or turn.now >= kept["until"]:
        return "", False
    return str(kept["unanswered"]), await last_shown(turn) == kept["shown"]


async def last_shown(turn: Turn) -> int | None:
    """The message with which the conversation ends."""
    return (await turn.work.run(identities.keyboard, turn.chat_id)).last_message_id


async def talks_with_bureau(turn: Turn) -> bool:
    """Whether a relay of theirs is open: some of what they write may be meant for the bureau."""
    return await turn.work.run(relays.open_of, turn.campagne.numero, turn.chat_id) is not None


async def follows_the_bureau(turn: Turn) -> bool:
    """Whether the conversation ends with words of the bureau: what comes next may answer them, and not the dossier."""
    row = await turn.work.run(relays.open_of, turn.campagne.numero, turn.chat_id)
    return row is not None and row.etat == RelaisEtat.REPONDU and await last_shown(turn) in row.messages
