"""The candidate and their convocation: « j’y serai », another creneau, « je n’ai pas reçu ma convocation »."""

import re
from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat, next_convocation_state, possible_convocation_events
from bot.circulaire.planning import Obstacle
from bot.circulaire.reading import fold
from handlers.choices import pressed
from handlers.commands import Call, Called
from handlers.creneaux import against, creneau_of, free_hours
from handlers.letters import PAPER, to_bureau, to_chat
from handlers.say import say
from handlers.seats import door_of
from handlers.steps import Aside, Place, ask, at, beside, private
from handlers.summons import relocate, send
from storage import candidatures, convocations
from storage.bureau import Convocation
from storage.files import Files
from storage.tables import Candidature
from storage.work import UnitOfWork

router = Router(name="convocation")
router.message.filter(private)
router.callback_query.filter(private)
_NOT_RECEIVED = re.compile(r"\b(?:pas|rien|jamais|toujours pas)\b.*\b(?:recu|eu|vu|arrivee?)\b")
_COMING = re.compile(r"^(?:oui )?(?:j y serai|je serai la|je serai present|je viendrai|je confirme|bien recu|present)")
_ANOTHER = re.compile(r"\b(?:autre (?:creneau|horaire|heure)|(?:changer|deplacer) .*\b(?:creneau|heure|entretien))\b")
_SWAP = re.compile(r"\b(?:echang|permut)\w*\b.*?\b(\d{1,6})\b")


class Wish(StatesGroup):
    """A candidate says why they ask for another creneau."""

    reason = State()


async def convoked(event: Any, here: Place | None, work: UnitOfWork) -> Convocation | None:
    """The convocation that a person was sent and that still holds."""
    del event
    one = here.candidature if here else None
    row = await work.run(convocations.in_force, one.id) if one else None
    return row if row is not None and row.published_at is not None else None


async def with_convocation(
    event: Any, work: UnitOfWork, campagne: Campagne, event_from_user: Any = None
) -> bool | dict[str, Any]:
    """Gives `here` and `row`: the person has been convoked."""
    found = await at(event, work, campagne, event_from_user)
    if not found:
        return False
    row = await convoked(event, found["here"], work)
    return {**found, "row": row} if row else False


@router.callback_query(F.data.startswith("conv:"), with_convocation)
async def tapped(
    callback: CallbackQuery,
    here: Place,
    row: Convocation,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    now: datetime,
    state: FSMContext,
) -> None:
    """One of the answers under the convocation."""
    message, data = pressed(callback)
    _, number, what = data.split(":")
    if int(number) != row.id:
        await message.answer(say("convocation/stale", row=row, campagne=campagne))
    elif what == "ok":
        await _acknowledge(message, here, row, work, campagne, bureau)
    elif what == "wish":
        await beside(state, "wish").set_state(Wish.reason)
        await message.answer(say("convocation/wish_why", row=row))
    else:
        await state.set_state(Aside.withdrawing)
        await ask(message, here, now, state)


async def another_creneau(
    message: Message, work: UnitOfWork, campagne: Campagne, event_from_user: Any = None
) -> bool | dict[str, Any]:
    """« je voudrais un autre creneau »."""
    if not _ANOTHER.search(fold(message.text or "")):
        return False
    return await with_convocation(message, work, campagne, event_from_user)


@router.message(another_creneau)
async def wish_typed(message: Message, row: Convocation, state: FSMContext) -> None:
    """The same, typed."""
    await beside(state, "wish").set_state(Wish.reason)
    await message.answer(say("convocation/wish_why", row=row))


async def a_yes_to_come(
    message: Message, work: UnitOfWork, campagne: Campagne, event_from_user: Any = None
) -> bool | dict[str, Any]:
    """« j’y serai », « bien reçu »."""
    if not _COMING.search(fold(message.text or "")):
        return False
    return await with_convocation(message, work, campagne, event_from_user)


@router.message(a_yes_to_come)
async def coming(
    message: Message, here: Place, row: Convocation, work: UnitOfWork, campagne: Campagne, bureau: tuple[int, ...]
) -> None:
    """The same, typed."""
    await _acknowledge(message, here, row, work, campagne, bureau)


async def _acknowledge(
    message: Message, here: Place, row: Convocation, work: UnitOfWork, campagne: Campagne, bureau: tuple[int, ...]
) -> None:
    one = here.opened
    if "acknowledge" in possible_convocation_events(ConvocationEtat(row.etat)):
        row.etat = next_convocation_state(ConvocationEtat(row.etat), "acknowledge")
        row.acknowledged_at = work.now
        source = campagne.sources["convocation_on"].source
        work.note(
            "convocation.acknowledged", actor=here.actor, candidature_id=one.id, source=source, convocation=row.id
        )
        to_bureau(work, bureau, "convocation/acknowledged_bureau", candidature_id=one.id, one=one, row=row)
    await message.answer(say("convocation/acknowledged", row=row, campagne=campagne))


async def it_did_not_arrive(
    message: Message, work: UnitOfWork, campagne: Campagne, called: Call | None = None, event_from_user: Any = None
) -> bool | dict[str, Any]:
    """« je n’ai pas reçu ma convocation », « !convocation »."""
    said = fold(message.text or "")
    asked = called is not None and called.name == "convocation"
    missing = "convocation" in said and _NOT_RECEIVED.search(said) is not None
    return await with_convocation(message, work, campagne, event_from_user) if asked or missing else False


@router.message(it_did_not_arrive)
async def again(
    _: Message,
    here: Place,
    row: Convocation,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    """Send the same convocation again at once, in the chat and on the mailbox."""
    one = here.opened
    if "remind" in possible_convocation_events(ConvocationEtat(row.etat)):
        row.etat = next_convocation_state(ConvocationEtat(row.etat), "remind")
    work.note("convocation.sent_again", actor=here.actor, candidature_id=one.id, convocation=row.id)
    await send(work, campagne, files, bureau, one, row, "convocation/again")


@router.message(Called("convocation"), at)
async def none_yet(message: Message, here: Place, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """No convocation yet: say when it comes, and whom to ask."""
    await ask(message, here, now, state, lead=say("convocation/none_yet", campagne=campagne, now=now))


async def a_reason_is_awaited(
    message: Message,
    work: UnitOfWork,
    campagne: Campagne,
    state: FSMContext,
    called: Call | None = None,
    event_from_user: Any = None,
) -> bool | dict[str, Any]:
    """Words that say why another creneau is asked for."""
    if called is not None or not message.text or await beside(state, "wish").get_state() != Wish.reason.state:
        return False
    return await with_convocation(message, work, campagne, event_from_user)


@router.message(a_reason_is_awaited)
async def wish(
    message: Message,
    here: Place,
    row: Convocation,
    work: UnitOfWork,
    campagne: Campagne,
    bureau: tuple[int, ...],
    state: FSMContext,
) -> None:
    """Pass the wish on to the bureau, who decides; or propose an exchange to the person of another dossier."""
    await beside(state, "wish").clear()
    one, words = here.opened, (message.text or "").strip()
    row.wish = {"asked_at": work.now.isoformat(), "reason": words[:500]}
    work.note("convocation.wish", actor=here.actor, candidature_id=one.id, convocation=row.id)
    named = _SWAP.search(fold(words))
    other = await _offer(int(named[1]), one, row, work, campagne) if named else None
    values: dict[str, Any] = {"one": one, "row": row, "words": words[:500], "other": other}
    values["free"] = await free_hours(work, campagne, one)
    refuse = ((f"wish:{row.id}", "Refuser : l’heure ne change pas"),)
    to_bureau(work, bureau, "convocation/wish_bureau", candidature_id=one.id, choices=refuse, **values)
    # the same words whether or not there is such a dossier
    numero = named[1] if named and int(named[1]) != one.numero else ""
    await message.answer(say("convocation/wish_kept", row=row, campagne=campagne, numero=numero))


async def _offer(
    numero: int, one: Candidature, row: Convocation, work: UnitOfWork, campagne: Campagne
) -> Candidature | None:
    """Propose an exchange where the other is convoked, has a conversation, and no member knows either; returns it."""
    other = await work.run(candidatures.by_numero, campagne.numero, numero)
    theirs = await work.run(convocations.in_force, other.id) if other else None
    if other is None or theirs is None or theirs.published_at is None or theirs.id == row.id:
        return None
    if other.etat != Etat.CONVOQUEE or await door_of(work, other) == PAPER:
        return None
    for person, creneau in ((one, theirs), (other, row)):
        if Obstacle.KNOWN in await against(work, campagne, person, creneau_of(creneau)):
            return None
    row.wish = {**row.wish, "offered_to": theirs.id}
    buttons = ((f"swap:{row.id}:{theirs.id}:oui", "Oui"), (f"swap:{row.id}:{theirs.id}:non", "Non"))
    values: dict[str, Any] = {"row": row, "theirs": theirs}
    to_chat(work, other.candidat_id, "convocation/swap_offer", candidature_id=other.id, choices=buttons, **values)
    return other


@router.callback_query(F.data.startswith("swap:"), with_convocation)
async def answer_swap(
    callback: CallbackQuery,
    here: Place,
    row: Convocation,
    work: UnitOfWork,
    campagne: Campagne,
    files: Files,
    bureau: tuple[int, ...],
) -> None:
    """Both agree: the creneaux are exchanged in one commit, both and their IEN are told."""
    message, data = pressed(callback)
    _, asked, _mine, answer = data.split(":")
    theirs = await work.run(convocations.existing, int(asked))
    other = await work.run(candidatures.existing, theirs.candidature_id)
    open_yet = theirs.live is not None and theirs.wish.get("offered_to") == row.id
    both = {here.opened.etat, other.etat} == {Etat.CONVOQUEE}
    if not open_yet or not both or work.now >= min(row.starts_at, theirs.starts_at):
        await message.answer(say("convocation/stale", row=row, campagne=campagne))
        return
    if answer != "oui":
        theirs.wish = {**theirs.wish, "offered_to": None}
        to_chat(work, other.candidat_id, "convocation/swap_declined", candidature_id=other.id, row=theirs)
        await message.answer(say("convocation/swap_kept", row=row))
        return
    pair = ((here.opened, theirs), (other, row))
    for one, creneau in pair:
        await relocate(work, campagne, files, bureau, one, creneau, actor=here.actor)
    to_bureau(work, bureau, "convocation/swapped_bureau", one=here.candidature, other=other)
