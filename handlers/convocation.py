"""The candidate and their convocation: « j’y serai », another creneau, « je n’ai pas reçu ma convocation »."""

import re
from datetime import datetime, timedelta
from typing import Any

from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import CONVOCATION
from bot.circulaire.planning import Obstacle
from bot.circulaire.reading import fold, read_yes_no
from handlers.choices import Tapped, is_yes, offered_last
from handlers.commands import Call, Called
from handlers.creneaux import against, creneau_of, free_hours
from handlers.letters import is_on_paper, to_bureau, to_chat
from handlers.say import say
from handlers.steps import Aside, Place, ask, at, private
from handlers.summons import convoked, relocate, send
from handlers.turn import SAID, Desk, Turn, room
from storage import candidatures, convocations
from storage.bureau import Convocation
from storage.tables import Candidature

router = room("convocation", private)
_NOT_RECEIVED = re.compile(r"\b(?:pas|rien|jamais|toujours pas)\b.*\b(?:recu|eu|vu|arrivee?)\b")
_SENT = re.compile(r"\b(?:convoc\w*|mail|courriel|message|rien recu)\b")
_COMING = re.compile(
    r"^(?:(?:oui|ok|d accord) )*"
    r"(?:j y serai|je serai (?:bien )?(?:la|presente?)|je viens|je viendrai|je confirme|bien recu|presente?)\b"
)
_ANOTHER = re.compile(
    r"\b(?:autre (?:creneau|horaire|heure)|(?:changer|deplacer) .*\b(?:creneau|heure|entretien)"
    r"|(?:decaler|reporter|repousser)|avancer .*\b(?:creneau|heure|entretien))\b"
)
_PATIENCE = timedelta(hours=1)  # how long a reason is waited for
_LEAVES = frozenset({"annuler", "non", "stop", "rien"})
_SWAP = re.compile(r"\b(?:echang|permut)\w*\b.*?\b(\d{1,6})\b")


class Wish(StatesGroup):
    """A candidate says why they ask for another creneau."""

    reason = State()


@router.callback_query(Tapped("conv", number=int, what=str), convoked)
async def tapped(turn: Turn, here: Place, row: Convocation, number: int, what: str) -> None:
    """One of the answers under the convocation."""
    if number != row.id:
        await turn.answer(say("convocation/stale", row=row, campagne=turn.campagne))
    elif what == "ok":
        await acknowledge(turn, here, row)
    elif what == "wish":
        await ask_why(turn, row)
    else:
        await turn.state.set_state(Aside.withdrawing)
        await ask(turn, here)


@router.message(SAID.regexp(_ANOTHER, mode="search"), convoked)
async def ask_why(turn: Turn, row: Convocation) -> None:
    """« Je voudrais un autre créneau »: ask for the reason."""
    memory = turn.beside("wish")
    await memory.set_state(Wish.reason)
    await memory.set_data({"until": (turn.now + _PATIENCE).isoformat()})
    await turn.answer(say("convocation/wish_why", row=row))


async def a_yes_to_come(_: Message, turn: Turn) -> bool:
    """« Oui », right after the convocation."""
    shown = await offered_last(turn.chat_id, turn.work) if read_yes_no(turn.text) else ""
    return "conv:" in shown and ":ok" in shown


@router.message(a_yes_to_come, convoked)
@router.message(SAID.regexp(_COMING), convoked)
async def acknowledge(turn: Turn, here: Place, row: Convocation) -> None:
    """« J’y serai », « bien reçu »."""
    one = here.opened
    if "acknowledge" in CONVOCATION.events(row.etat):
        row.etat = CONVOCATION.after(row.etat, "acknowledge")
        row.acknowledged_at = turn.now
        source = turn.campagne.sources["convocation_on"].source
        turn.work.note(
            "convocation.acknowledged", actor=here.actor, candidature_id=one.id, source=source, convocation=row.id
        )
        to_bureau(turn, "convocation/acknowledged_bureau", candidature_id=one.id, one=one, row=row)
    await turn.answer(say("convocation/acknowledged", row=row, campagne=turn.campagne, now=turn.now))


@router.message(SAID.regexp(_SENT, mode="search"), SAID.regexp(_NOT_RECEIVED, mode="search"), convoked)
@router.message(Called("convocation"), convoked)
async def again(turn: Turn, here: Place, row: Convocation) -> None:
    """« Je n’ai pas reçu ma convocation »: send the same again at once, in the chat and on the mailbox."""
    one = here.opened
    if "remind" in CONVOCATION.events(row.etat):
        row.etat = CONVOCATION.after(row.etat, "remind")
    turn.work.note("convocation.sent_again", actor=here.actor, candidature_id=one.id, convocation=row.id)
    await send(turn, one, row, "convocation/again")


@router.message(Called("convocation"), at)
async def none_yet(turn: Turn, here: Place) -> None:
    """No convocation yet: say when it comes, and whom to ask."""
    await ask(turn, here, lead=say("convocation/none_yet", campagne=turn.campagne, now=turn.now))


async def a_reason_is_awaited(_: Message, turn: Turn, called: Call | None = None) -> bool:
    """Words that say why another creneau is asked for, or « annuler »; after an hour they are about something else."""
    leaves = fold(turn.text) in _LEAVES  # « annuler » is a command elsewhere
    memory = turn.beside("wish")
    if not turn.text or (called is not None and not leaves) or await memory.get_state() != Wish.reason.state:
        return False
    until = str((await memory.get_data()).get("until") or "")
    return bool(until) and turn.now <= datetime.fromisoformat(until)


@router.message(a_reason_is_awaited, convoked)
async def wish(turn: Turn, here: Place, row: Convocation) -> None:
    """Pass the wish on to the bureau, who decides; or propose an exchange to the person of another dossier."""
    await turn.beside("wish").clear()
    one, words = here.opened, turn.text.strip()
    if fold(words) in _LEAVES:
        await turn.answer(say("convocation/swap_kept", row=row))
        return
    row.wish = {"asked_at": turn.now.isoformat(), "reason": words[:500]}
    turn.work.note("convocation.wish", actor=here.actor, candidature_id=one.id, convocation=row.id)
    named = _SWAP.search(fold(words))
    other = await _offer(turn, int(named[1]), one, row) if named else None
    values: dict[str, Any] = {"one": one, "row": row, "words": words[:500], "other": other}
    values["free"] = await free_hours(turn, one)
    refuse = ((f"wish:{row.id}", "Refuser : l’heure ne change pas"),)
    to_bureau(turn, "convocation/wish_bureau", candidature_id=one.id, choices=refuse, **values)
    # the same words whether or not there is such a dossier
    numero = named[1] if named and int(named[1]) != one.numero else ""
    await turn.answer(say("convocation/wish_kept", row=row, campagne=turn.campagne, numero=numero))


async def _offer(desk: Desk, numero: int, one: Candidature, row: Convocation) -> Candidature | None:
    """Propose an exchange where the other is convoked, has a conversation, and no member knows either; returns it."""
    other = await desk.work.run(candidatures.by_numero, desk.campagne.numero, numero)
    theirs = await desk.work.run(convocations.in_force, other.id) if other else None
    if other is None or theirs is None or theirs.published_at is None or theirs.id == row.id:
        return None
    if other.etat != Etat.CONVOQUEE or await is_on_paper(desk, other):
        return None
    for person, creneau in ((one, theirs), (other, row)):
        if Obstacle.KNOWN in await against(desk, person, creneau_of(creneau)):
            return None
    row.wish = {**row.wish, "offered_to": theirs.id}
    buttons = ((f"swap:{row.id}:{theirs.id}:oui", "Oui"), (f"swap:{row.id}:{theirs.id}:non", "Non"))
    values: dict[str, Any] = {"row": row, "theirs": theirs}
    to_chat(desk.work, other.candidat_id, "convocation/swap_offer", candidature_id=other.id, choices=buttons, **values)
    return other


@router.callback_query(Tapped("swap", asked=int, _mine=int, agreed=is_yes), convoked)
async def answer_swap(turn: Turn, here: Place, row: Convocation, asked: int, *, agreed: bool) -> None:
    """Both agree: the creneaux are exchanged in one commit, both and their IEN are told."""
    theirs = await turn.work.run(convocations.existing, asked)
    other = await turn.work.run(candidatures.existing, theirs.candidature_id)
    open_yet = theirs.live is not None and theirs.wish.get("offered_to") == row.id
    both = {here.opened.etat, other.etat} == {Etat.CONVOQUEE}
    if not open_yet or not both or turn.now >= min(row.starts_at, theirs.starts_at):
        await turn.answer(say("convocation/stale", row=row, campagne=turn.campagne))
        return
    if not agreed:
        theirs.wish = {**theirs.wish, "offered_to": None}
        to_chat(turn.work, other.candidat_id, "convocation/swap_declined", candidature_id=other.id, row=theirs)
        await turn.answer(say("convocation/swap_kept", row=row))
        return
    pair = ((here.opened, theirs), (other, row))
    for one, creneau in pair:
        await relocate(turn, one, creneau, actor=here.actor)
    to_bureau(turn, "convocation/swapped_bureau", one=here.opened, other=other)
