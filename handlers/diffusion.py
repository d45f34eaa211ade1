"""One message to all, or to those of a state: shown first, confirmed, written in one commit, never twice."""

from collections import Counter

from aiogram import Router
from aiogram.types import Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.declarations import GONE
from handlers.letters import PAPER, check_length, to_candidat
from handlers.say import say
from handlers.seats import door_of, in_bureau
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="diffusion")
router.message.filter(in_bureau)


@router.message(Called("diffuser"))
async def preview(message: Message, a: str, texte: str, work: UnitOfWork, campagne: Campagne) -> None:
    """Who would read it, by which way and how many, the words as they will be read; then a « oui »."""
    check_length(texte)
    every = await work.run(candidatures.listed, campagne.numero)
    wanted = [one for one in every if one.etat == a or (a == "tous" and one.etat not in GONE)]
    doors = {one.id: await door_of(work, one) for one in wanted}
    reached = [one for one in wanted if _is_reached(one, doors[one.id])]
    if not reached:
        await message.answer(say("diffusion/nobody", all=a == "tous", label="" if a == "tous" else Etat(a).label))
        return
    shown = say("diffusion/message", campagne=campagne, words=texte, mail=False)
    counts = sorted(Counter(Etat(one.etat).label for one in reached).items())
    by_mail = sum(doors[one.id] == PAPER for one in reached)
    lost = [one.numero for one in wanted if one not in reached]
    words = say("diffusion/preview", total=len(reached), counts=counts, by_mail=by_mail, lost=lost, shown=shown)
    await request(message, work, "broadcast", words, text=texte, dossiers=[one.id for one in reached])


def _is_reached(one: Candidature, door: str) -> bool:
    """Whether there is a conversation, or a mailbox, to write to."""
    return door != PAPER or bool(one.notice.get("courriel"))


@confirmed("broadcast")
async def broadcast(
    message: Message, row: Confirmation, *, by: int, work: UnitOfWork, campagne: Campagne, **_: object
) -> None:
    """Write every letter in this commit; the postman paces them, and a restart goes on where it stood."""
    total = 0
    for number in row.details["dossiers"]:
        one = await work.run(candidatures.by_id, number)
        if one is None or one.etat in GONE:
            continue  # gone between the preview and the « oui »
        door = await door_of(work, one)
        to_candidat(work, one, door, "diffusion/message", campagne=campagne, words=row.details["text"])
        total += 1
    work.note("message.broadcast", actor=f"bureau:{by}", number=total, confirmation=row.id)
    await message.answer(say("diffusion/written", total=total, gone=len(row.details["dossiers"]) - total))
