"""One message to all, to a state or to some dossiers: shown first, confirmed, written in one commit, never twice."""

from collections import Counter

from bot.circulaire.candidature import Etat
from handlers.commands import Called
from handlers.confirmations import confirmed, request
from handlers.declarations import GONE
from handlers.letters import check_length, is_on_paper, to_candidat
from handlers.say import say
from handlers.seats import in_bureau
from handlers.turn import Turn, room
from storage import candidatures
from storage.bureau import Confirmation
from storage.tables import Candidature

router = room("diffusion", in_bureau)


@router.message(Called("diffuser"))
async def preview(turn: Turn, a: str | list[int], texte: str) -> None:
    """Who would read it, by which way and how many, the words as they will be read; then a « oui »."""
    check_length(texte)
    every = await turn.work.run(candidatures.listed, turn.campagne.numero)
    wanted = [one for one in every if _is_meant(one, a)]
    on_paper = {one.id for one in wanted if await is_on_paper(turn, one)}
    reached = [one for one in wanted if one.id not in on_paper or one.address]
    named = a if isinstance(a, list) else []
    unreached = [numero for numero in named if numero not in {one.numero for one in wanted}]
    if not reached or unreached:
        label = Etat(a).label if isinstance(a, str) and a != "tous" else ""
        await turn.answer(say("diffusion/nobody", label=label, unreached=unreached))
        return
    shown = say("diffusion/message", campagne=turn.campagne, words=texte, mail=False)
    counts = sorted(Counter(Etat(one.etat).label for one in reached).items())
    by_mail = sum(one.id in on_paper for one in reached)
    lost = [one.numero for one in wanted if one not in reached]
    values = {"named": reached if named else [], "counts": counts, "by_mail": by_mail, "lost": lost}
    words = say("diffusion/preview", total=len(reached), shown=shown, **values)
    await request(turn, "broadcast", words, text=texte, dossiers=[one.id for one in reached])


def _is_meant(one: Candidature, a: str | list[int]) -> bool:
    """Whether a dossier is one of those that are named, or of their state."""
    return one.etat == a or (one.etat not in GONE and (a == "tous" or (isinstance(a, list) and one.numero in a)))


@confirmed("broadcast", "diffuser")
async def broadcast(turn: Turn, row: Confirmation) -> None:
    """Write every letter in this commit; the postman paces them, and a restart goes on where it stood."""
    total = 0
    for number in row.details["dossiers"]:
        one = await turn.work.run(candidatures.by_id, number)
        if one is None or one.etat in GONE:
            continue  # gone between the preview and the « oui »
        await to_candidat(turn, one, "diffusion/message", words=row.details["text"])
        total += 1
    turn.work.note("message.broadcast", actor=turn.actor, number=total, confirmation=row.id)
    await turn.answer(say("diffusion/written", total=total, gone=len(row.details["dossiers"]) - total))
