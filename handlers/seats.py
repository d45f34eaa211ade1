"""Who sits in the bureau, and the dossiers that its commands name."""

from collections.abc import Sequence

from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.circulaire.campagne import Campagne
from handlers.say import say
from handlers.steps import Place
from storage import candidatures
from storage.tables import Candidature
from storage.work import UnitOfWork


async def in_bureau(event: TelegramObject, bureau: tuple[int, ...] = ()) -> bool:
    """True in a room of the bureau."""
    message = event.message if isinstance(event, CallbackQuery) else event
    chat = getattr(message, "chat", None)
    return chat is not None and chat.id in bureau


def actor(message: Message) -> str:
    """The member of the bureau who speaks, as the journal says it."""
    return f"bureau:{message.from_user.id if message.from_user else 0}"


def answered(message: Message) -> int | None:
    """The message that words answer: what they reply to, else the root of their thread."""
    return message.reply_to_message.message_id if message.reply_to_message else message.message_thread_id


async def numbered(message: Message, numero: int, work: UnitOfWork, campagne: Campagne) -> Candidature | None:
    """The dossier of a number; says that there is none otherwise."""
    found = await work.run(candidatures.by_numero, campagne.numero, numero)
    if found is None:
        await message.answer(say("bureau/no_dossier", numero=numero))
    return found


async def several(numeros: Sequence[int], work: UnitOfWork, campagne: Campagne) -> list[tuple[int, Candidature | None]]:
    """The dossiers of several numbers, in the order given; None where there is none."""
    return [(numero, await work.run(candidatures.by_numero, campagne.numero, numero)) for numero in numeros]


async def door_of(work: UnitOfWork, one: Candidature) -> str:
    """The door by which the person of a dossier came."""
    person = await work.run(candidatures.candidat, one.candidat_id)
    return person.door if person else ""


async def place_of_one(work: UnitOfWork, campagne: Campagne, one: Candidature, *, acted_by: str = "") -> Place:
    """Where the person of a dossier stands."""
    person = await work.run(candidatures.candidat, one.candidat_id)
    return Place(campagne, one.candidat_id, person, one, await work.run(candidatures.pieces, one.id), acted_by)
