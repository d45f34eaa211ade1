"""A person's own data: what is kept, why, how long, who sees it; and its erasure, also for who never agreed."""

from bot.circulaire.candidature import CANDIDATURE
from bot.circulaire.relais import kept_until
from handlers.choices import Tapped, is_yes
from handlers.commands import Called
from handlers.letters import to_bureau
from handlers.pieces import names_no_piece
from handlers.say import say
from handlers.steps import Aside, Place, ask, at, place, private, tell, yes_or_no
from handlers.turn import Turn, room
from storage import candidatures, iens, relais

router = room("donnees", private)


@router.message(Called("donnees"), at)
async def show(turn: Turn, here: Place) -> None:
    """Everything that is kept about the person."""
    pieces = await turn.work.run(candidatures.all_pieces, here.opened.id)
    receipts = await turn.work.run(candidatures.receipts, here.opened.id)
    said = [line for line in await turn.work.run(relais.lines_of_person, here.person_id) if line.kind != "note"]
    earlier = await turn.work.run(candidatures.earlier, here.opened)
    values = {"here": here, "campagne": turn.campagne, "pieces": pieces, "receipts": receipts, "said": said}
    may_erase = "erase" in CANDIDATURE.events(here.opened.etat)
    await tell(turn, here, say("donnees/kept", earlier=earlier, may_erase=may_erase, **values))


@router.message(Called("donnees"))
async def show_without_dossier(turn: Turn) -> None:
    """What is kept about who never agreed: what was said with the bureau, until a term; or what would be kept."""
    said = [line for line in await turn.work.run(relais.lines_of_person, turn.chat_id) if line.kind != "note"]
    asked = [line.at for line in said if line.kind.startswith("question")]
    term = kept_until(turn.campagne, max(asked)) if asked else None
    ien = await turn.work.run(iens.of_person, turn.campagne.numero, turn.chat_id)
    words = say("donnees/kept_without_dossier", said=said, term=term, campagne=turn.campagne, ien=ien)
    here = await place(turn, turn.chat_id)
    if here.step == "consent" and not said:
        await ask(turn, here, lead=words, whole=True)
    else:
        await tell(turn, here, words)


@router.message(Called("effacer"), names_no_piece, at)
async def ask_erasure(turn: Turn, here: Place) -> None:
    """Ask whether everything is really to be erased; after the deposit, explain and tell the bureau."""
    if "erase" not in CANDIDATURE.events(here.opened.etat):
        may_withdraw = "withdraw" in CANDIDATURE.events(here.opened.etat)
        await turn.answer(say("donnees/cannot_erase", campagne=turn.campagne, may_withdraw=may_withdraw))
        to_bureau(turn, "donnees/asked_bureau", here=here)
        return
    await turn.state.set_state(Aside.erasing)
    await ask(turn, here)


@router.message(Called("effacer"), names_no_piece)
async def erase_without_dossier(turn: Turn) -> None:
    """Erase at once what was said to the bureau: there is no dossier to lose with it."""
    waiting = await turn.work.run(relais.open_of, turn.campagne.numero, turn.chat_id)
    if waiting is not None:
        to_bureau(turn, "relais/erased_bureau", row=waiting)
    await candidatures.forget_relais(turn.work, turn.chat_id, actor=turn.actor)
    await turn.answer(say("donnees/erased_without_dossier"))


@router.callback_query(Tapped("erase", really=is_yes), at)
@router.message(Aside.erasing, yes_or_no, at)
async def erase(turn: Turn, here: Place, *, really: bool) -> None:
    """Erase everything, or keep it."""
    asked = await turn.state.get_state() == Aside.erasing.state
    await turn.state.clear()
    if not really or not asked:
        await ask(turn, here, lead=say("candidature/left"))
        return
    for one in (*await turn.work.run(candidatures.earlier, here.opened), here.opened):
        if "erase" in CANDIDATURE.events(one.etat):
            await candidatures.erase(turn.work, here.campagne, one, actor=here.actor)
    await turn.answer(say("donnees/erased"))
