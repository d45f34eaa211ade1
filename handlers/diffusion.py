"""One message to all, or to those of a state: shown first, confirmed, written in one commit, never twice."""

from collections import Counter

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.reading import fold
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.letters import to_candidat
from handlers.say import say
from handlers.seats import door_of, in_bureau
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="diffusion")
router.message.filter(in_bureau)
_GONE = frozenset({Etat.EFFACEE, Etat.CLOSE, Etat.RETIREE})


async def _wanted(work: UnitOfWork, campagne: Campagne, to: str) -> list[Candidature] | None:
    """The dossiers of « tous » or of a state; None when the word is neither."""
    said = fold(to).removesuffix("s")
    every = await work.run(candidatures.listed, campagne.numero)
    if said in {"tou", "toute"}:
        return [one for one in every if one.etat not in _GONE]
    etat = next((e for e in Etat if said in {fold(e.value), fold(e.label), fold(e.label).split()[0]}), None)
    return None if etat is None else [one for one in every if one.etat == etat]


@router.message(Called("diffuser"))
async def preview(message: Message, a: str, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """Who would read it and how many, the words, then a « oui »."""
    wanted = await _wanted(work, campagne, a)
    if not wanted:
        labels = [etat.label for etat in Etat if etat not in _GONE]
        await message.answer(say("diffusion/nobody", to=a, is_state=wanted is not None, labels=labels))
        return
    counts = Counter(Etat(one.etat).label for one in wanted)
    words = say("diffusion/preview", total=len(wanted), counts=sorted(counts.items()), words=texte)
    await request(message, work, "broadcast", words, text=texte, dossiers=[one.id for one in wanted])


@confirmed("broadcast")
async def broadcast(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """Write every letter in this commit; the postman paces them, and a restart goes on where it stood."""
    text = row.details["text"]
    for number in row.details["dossiers"]:
        one = await work.run(candidatures.by_id, number)
        if one is not None and one.etat not in _GONE:
            to_candidat(work, one, await door_of(work, one), "diffusion/message", campagne=campagne, words=text)
    total = len(row.details["dossiers"])
    work.note("message.broadcast", actor=f"bureau:{by}", number=total, confirmation=row.id)
    await message.answer(say("diffusion/written", total=total))
