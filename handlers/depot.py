"""The deposit: an explicit act, judged on the instant at which the message was received; and what follows it."""

import asyncio
import re
from typing import Any

from aiogram.types import Message

from bot.circulaire.candidature import CANDIDATURE, Etat
from bot.circulaire.delais import is_on_time, is_open
from bot.circulaire.reading import fold
from bot.errors import Refusal
from handlers.choices import Tapped, is_yes
from handlers.commands import Called, read
from handlers.items import read_summary
from handlers.letters import to_bureau
from handlers.pieces import names_no_piece
from handlers.receipts import issue, send
from handlers.say import say
from handlers.steps import Aside, Place, ask, at, place, private, yes_or_no
from handlers.summons import cancel
from handlers.turn import Desk, Turn, room
from storage import candidatures, convocations

router = room("depot", private)
_YES_FIRST = re.compile(r"^(?:(?:oui|ok|d['’ ]accord|bon|alors|allez|voilà)[\s,.!]+)+", re.IGNORECASE)
_WHOLE = frozenset({"ma", "la", "candidature", "mon", "le", "dossier", "tout", "maintenant"})  # after « déposer »
_SENDS = frozenset({"envoyer", "envoie", "envoyez", "j envoie", "je l envoie", "go", "c est parti"})


@router.callback_query(Tapped("deposit:non"), at)
async def not_yet(turn: Turn, here: Place) -> None:
    """« Pas encore »."""
    await turn.answer(say("depot/not_yet", campagne=here.campagne, now=turn.now))


async def and_no_more(_: Message, args: str) -> bool:
    """False for « déposer demain », « dépose pas encore », « déposer mon CV »: a deposit is said in full."""
    return _WHOLE.issuperset(fold(args).split())


async def a_deposit_after_a_yes(message: Message, turn: Turn) -> bool:
    """« Oui, je dépose ma candidature »: the yes takes nothing away from it."""
    said = _YES_FIRST.sub("", turn.text)
    name, args = (read(said, "candidat") if said != turn.text else None) or ("", "")
    return name == "deposer" and await and_no_more(message, args)


@router.callback_query(Tapped("deposit:oui"), at)
@router.message(Called("deposer"), and_no_more, at)
@router.message(a_deposit_after_a_yes, at)
async def deposit(turn: Turn, here: Place) -> None:
    """« Je dépose ma candidature »."""
    candidature, campagne, received_at = here.opened, here.campagne, turn.received_at
    if candidature.etat not in {Etat.BROUILLON, Etat.EXPIREE}:
        await ask(turn, here, lead=say("steps/stale"))
        return
    incomplete = here.step not in {"deposit", "over"} or here.missing or here.pending
    if incomplete and not is_on_time(campagne, received_at):
        await ask(turn, here, lead=say("depot/too_late", received_at=received_at))
        return
    if incomplete:
        raise Refusal("depot/incomplete", source=campagne.sources["dossier"].source, here=here)
    candidature.received_at = received_at
    on_time = is_on_time(campagne, received_at)
    event = "deposit" if on_time else "receive_late"
    candidatures.move(turn.work, campagne, candidature, event, actor=here.actor, received_at=received_at.isoformat())
    if not on_time:
        await turn.answer(say("depot/late", campagne=campagne, received_at=received_at))
        _tell(turn, "depot/late_bureau", here)
        return
    candidature.deposited_at = turn.now
    candidatures.end_reminders(turn.work, campagne, candidature, "deposited")
    await turn.state.clear()
    await issue(turn, here, received_at)


async def answers_the_deposit(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """« Oui », « j'envoie » or « non » where the deposit is offered and nothing else is asked."""
    here = await place(turn, turn.chat_id)
    yes = fold(turn.text) in _SENDS or read_summary(turn.text)
    if yes is None or here.step != "deposit" or await turn.state.get_state() is not None:
        return False
    return {"here": here, "yes": yes}


@router.message(answers_the_deposit)
async def deposit_unsaid(turn: Turn, here: Place, *, yes: bool) -> None:
    """A deposit is never read into a « oui », which may answer something else: ask for it in full."""
    if yes:
        await ask(turn, here, lead=say("depot/in_full"))
    else:
        await turn.answer(say("depot/not_yet", campagne=here.campagne, now=turn.now))


@router.message(Called("recepisse"), at)
async def receipt_again(turn: Turn, here: Place) -> None:
    """Send the newest receipt again."""
    known = await turn.work.run(candidatures.receipts, here.opened.id)
    if not known:
        await ask(turn, here, lead=say("depot/no_receipt"))
        return
    await send(turn, known[-1], await asyncio.to_thread(turn.files.get, known[-1].sha256))


@router.message(Called("etat"), names_no_piece, at)
async def status(turn: Turn, here: Place) -> None:
    """Where the dossier stands; the steps that end it say so themselves."""
    told = here.step in {"deposited", "over"}
    await ask(turn, here, lead="" if told else say("depot/status", here=here, campagne=turn.campagne, now=turn.now))


@router.message(Called("retirer"), names_no_piece, at)
async def ask_withdrawal(turn: Turn, here: Place) -> None:
    """Ask whether the candidature is really to be withdrawn."""
    if "withdraw" not in CANDIDATURE.events(here.opened.etat):
        await ask(turn, here, lead=say("depot/nothing_to_withdraw"))
        return
    await turn.state.set_state(Aside.withdrawing)
    await ask(turn, here)


@router.callback_query(Tapped("withdraw", really=is_yes), at)
@router.message(Aside.withdrawing, yes_or_no, at)
async def withdraw(turn: Turn, here: Place, *, really: bool) -> None:
    """Withdraw the candidature, or keep it."""
    candidature = here.opened
    asked = await turn.state.get_state() == Aside.withdrawing.state
    await turn.state.clear()
    if not asked:
        await ask(turn, here, lead=say("steps/stale"))
        return
    if not really:
        await ask(turn, here, lead=say("candidature/left"))
        return
    was_deposited = candidature.etat != Etat.BROUILLON
    candidatures.move(turn.work, here.campagne, candidature, "withdraw", actor=here.actor)
    candidatures.end_reminders(turn.work, here.campagne, candidature, "withdrawn")
    held = await turn.work.run(convocations.in_force, candidature.id)
    await cancel(turn, candidature, actor=here.actor)
    lead = say("depot/withdrawn", here=here)
    if is_open(here.campagne, turn.now):
        await ask(turn, here, lead=lead)
    else:
        await turn.answer(lead)
    if was_deposited:
        _tell(turn, "depot/withdrawn_bureau", here, held=held)


def _tell(desk: Desk, text: str, here: Place, **values: Any) -> None:
    to_bureau(desk, text, candidature_id=here.opened.id, here=here, campagne=here.campagne, **values)
