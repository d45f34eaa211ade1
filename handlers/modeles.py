"""The bureau's ready answers: « !modeles nom : texte » keeps one, « !repondre 3 modele nom » gives it."""

from bot.circulaire.reading import fold
from handlers.commands import Called
from handlers.letters import check_length
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Turn, room
from storage import relais as relays

router = room("modeles", in_bureau)
_NAME = 40  # characters


@router.message(Called("modeles"))
async def show(turn: Turn, texte: str | None) -> None:
    """List them; « nom » shows one whole, « nom : texte » keeps it, « nom : » takes it away."""
    name, mark, words = (texte or "").partition(":")
    name, words = fold(name)[:_NAME], words.strip()
    found = await turn.work.run(relays.modeles, turn.campagne.numero)
    if not name:
        await turn.answer(say("relais/modeles", modeles=found))
    elif not mark:
        text = "relais/modele" if name in found else "relais/no_modele"
        await turn.answer(say(text, name=name, words=found.get(name, ""), modeles=found))
    elif words:
        await _keep(turn, name, words, changed=name in found)
    else:
        await turn.work.run(relays.drop_modele, turn.campagne.numero, name)
        turn.work.note("modele.dropped", actor=turn.actor)
        await turn.answer(say("relais/modele_dropped", name=name))


async def _keep(turn: Turn, name: str, words: str, *, changed: bool) -> None:
    check_length(words)
    await turn.work.run(relays.keep_modele, turn.campagne.numero, name, words)
    turn.work.note("modele.kept", actor=turn.actor)
    await turn.answer(say("relais/modele_kept", name=name, words=words, changed=changed))
