"""The bureau's ready answers: « !modeles nom : texte » keeps one, « !repondre 3 modele nom » gives it."""

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.reading import fold
from handlers.commands import Called
from handlers.letters import check_length
from handlers.say import say
from handlers.seats import actor, in_bureau
from storage import relais as relays
from storage.work import UnitOfWork

router = Router(name="modeles")
router.message.filter(in_bureau)
_NAME = 40  # characters


@router.message(Called("modeles"))
async def show(message: Message, texte: str | None, work: UnitOfWork, campagne: Campagne) -> None:
    """List them; « nom » shows one whole, « nom : texte » keeps it, « nom : » takes it away."""
    name, mark, words = (texte or "").partition(":")
    name, words = fold(name)[:_NAME], words.strip()
    found = await work.run(relays.modeles, campagne.numero)
    if not name:
        await message.answer(say("relais/modeles", modeles=found))
    elif not mark:
        text = "relais/modele" if name in found else "relais/no_modele"
        await message.answer(say(text, name=name, words=found.get(name, ""), modeles=found))
    elif words:
        await _keep(message, name, words, work, campagne, changed=name in found)
    else:
        await work.run(relays.drop_modele, campagne.numero, name)
        work.note("modele.dropped", actor=actor(message))
        await message.answer(say("relais/modele_dropped", name=name))


async def _keep(
    message: Message, name: str, words: str, work: UnitOfWork, campagne: Campagne, *, changed: bool
) -> None:
    check_length(words)
    await work.run(relays.keep_modele, campagne.numero, name, words)
    work.note("modele.kept", actor=actor(message))
    await message.answer(say("relais/modele_kept", name=name, words=words, changed=changed))
