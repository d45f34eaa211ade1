"""The questions of the circular and the notice: asked one by one, corrected at any time, never a door that shuts."""

from contextlib import suppress
from typing import Any

from aiogram import F
from aiogram.types import CallbackQuery, Message

from bot.circulaire.candidature import Etat, assess
from bot.circulaire.notice import read_field
from bot.circulaire.reading import fold, read_yes_no
from bot.errors import Refusal
from handlers.choices import Tapped, is_yes, offered_last
from handlers.commands import Called
from handlers.items import (
    asks,
    erred,
    expected_of,
    keep_answer,
    named,
    names_a_line,
    read_question,
    read_summary,
    read_synonym,
    thanks,
)
from handlers.notices import withdraw_notice, write_notice
from handlers.say import say
from handlers.steps import Aside, Item, Place, ask, at, may_give, place, private
from handlers.turn import Turn, room
from handlers.unanswered import follows_the_bureau, remember, talks_with_bureau

router = room("candidature", private)
_ANY_WORDS = frozenset({"name", "line"})  # any words are a name or a school

_NOT_ANSWERED = {Aside.choosing.state, Aside.withdrawing.state, Aside.erasing.state}  # words are about what these ask


@router.callback_query(F.data.startswith(("q:", "f:")), at)
async def item_tapped(turn: Turn, here: Place) -> None:
    """Take a tapped answer; the same press twice, or one of a step that is over, changes nothing."""
    mark, code, choice = turn.event.data.split(":", 2)
    item = ("question" if mark == "q" else "field", code)
    if item != await expected_of(turn, here):
        await ask(turn, here, lead=say("steps/stale"))
        return
    await _take(turn, here, item, choice)


@router.message(Called("corriger"), at)
async def correct(turn: Turn, here: Place, args: str) -> None:
    """Ask an earlier question again, named by its number or by a word of it."""
    if here.opened.etat != Etat.BROUILLON:
        await _too_late(turn, here)
        return
    item = named(here, args)
    if item is None:
        await _choose(turn, here, lead=say("candidature/not_found", typed=args) if args else "")
        return
    await _correct(turn, here, item, args)


async def an_item_is_chosen(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True for a number or a word of the list of what may be corrected: it answers no other question."""
    here = await place(turn, turn.chat_id)
    item = named(here, turn.text)
    return {"here": here, "item": item} if item is not None else False


@router.message(Aside.choosing, an_item_is_chosen)
@router.message(erred)
async def item_chosen(turn: Turn, here: Place, item: Item) -> None:
    """Ask again what the words stand for."""
    await _correct(turn, here, item, turn.text)


async def _too_late(turn: Turn, here: Place) -> None:
    lead = say("candidature/too_late_to_correct", here=here, may_give=may_give(here, turn.now))
    await ask(turn, here, lead=lead)


async def _choose(turn: Turn, here: Place, *, lead: str = "") -> None:
    """Show what may be corrected; what is typed next is read as one of its numbers."""
    if any(one.value for one in here.items):
        await turn.state.set_state(Aside.choosing)
        await ask(turn, here, lead=lead)
    else:
        await ask(turn, here, lead=say("candidature/nothing_to_correct"))


async def _correct(turn: Turn, here: Place, item: Item, said: str = "") -> None:
    """Ask an item again, unless what was said holds its new value: « corriger téléphone 06… »."""
    await turn.state.set_state(Aside.correcting)
    await turn.state.set_data({"kind": item.kind, "code": item.code})
    value = None
    if item.kind == "field" and here.campagne.notice_field(item.code).kind in {"email", "phone"}:
        with suppress(Refusal):
            value = read_field(here.campagne.notice_field(item.code), said)
    if value is None:
        await ask(turn, here)
    else:
        await _take(turn, here, (item.kind, item.code), value)


@router.message(Called("retour"), at)
async def back(turn: Turn, here: Place) -> None:
    """Ask the question before this one again, as often as one wants."""
    expected = await expected_of(turn, here)
    items = here.items
    place_ = next((n for n, one in enumerate(items) if (one.kind, one.code) == expected), None)
    if place_ is None:
        place_ = sum(bool(one.value) for one in items)
    if here.opened.etat != Etat.BROUILLON or not place_:
        await ask(turn, here, lead=say("candidature/no_way_back"))
        return
    await _correct(turn, here, items[place_ - 1])


@router.message(Called("annuler"), at)
async def pause(turn: Turn, here: Place) -> None:
    """Leave what was being done; nothing given is lost."""
    aside = await turn.state.get_state()
    await turn.state.clear()
    if aside is not None:
        await ask(turn, here, lead=say("candidature/left"))
        return
    missed = await follows_the_bureau(turn)
    words = say("candidature/pause", here=here, campagne=turn.campagne, now=turn.now, missed=missed)
    await remember(turn, turn.text if missed else "", await turn.answer(words))


async def a_yes_to_what_was_offered(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True for a « oui » or « non » under choices that are not the question's: it may answer them."""
    if read_yes_no(turn.text) is None:
        return False
    here = await place(turn, turn.chat_id)
    expected = await expected_of(turn, here)
    shown = await offered_last(here.person_id, turn.work)
    return {"here": here} if expected and shown and f":{expected[1]}:" not in shown else False


@router.message(a_yes_to_what_was_offered)
async def ask_again(turn: Turn, here: Place) -> None:
    """What a « oui » answered is not guessed."""
    await ask(turn, here)


async def typed_answer(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True for words that answer what is being asked; a question of the person's own is left to the answers."""
    here = await place(turn, turn.chat_id)
    if not turn.text or here.candidature is None:
        return False
    expected = await expected_of(turn, here)
    if expected is None or (await turn.state.get_state()) in _NOT_ANSWERED:
        return False
    kind, code = expected
    if kind == "question":
        choice = read_question(turn.campagne, code, turn.text)
        return {"here": here, "answer": choice, "item": expected} if choice is not None else False
    if thanks(turn.text) or (turn.campagne.notice_field(code).kind in _ANY_WORDS and asks(turn.text)):
        return False  # « c’est payé combien » is neither
    return {"here": here, "answer": None, "item": expected}


@router.message(typed_answer)
async def item_typed(turn: Turn, here: Place, answer: str | None, item: tuple[str, str]) -> None:
    """Take a typed answer, in people's own words; say how a sentence was understood."""
    kind, code = item
    line = here.campagne.notice_field(code) if kind == "field" else None
    loose = line.kind in _ANY_WORDS if line else read_yes_no(turn.text) is not None and not fold(turn.text).isdecimal()
    if loose and await follows_the_bureau(turn):
        await remember(turn, turn.text, await ask(turn, here, lead=say("candidature/for_whom")))
    elif line:
        await _take(turn, here, item, read_field(line, turn.text))
    else:
        question = here.campagne.question(code)
        label = dict(question.choices).get(read_synonym(question, turn.text) or "", "")
        await _take(turn, here, item, answer, lead=say("candidature/noted", label=label) if label else "")


@router.edited_message(at)
async def item_edited(turn: Turn, here: Place) -> None:
    """A message that is changed changes the answer that it gave; after the deposit it says that it does not."""
    known = here.opened.flags.get("answered", {}).get(str(turn.message.message_id))
    if not turn.text:
        return
    if here.opened.etat != Etat.BROUILLON:
        if known is not None:
            await _too_late(turn, here)
        return
    if known is None:
        await turn.answer(say("candidature/edit_unknown", to_bureau=await talks_with_bureau(turn)))
        return
    kind, code = known
    if kind == "question":
        value: Any = read_question(here.campagne, code, turn.text)
        if value is None:
            raise Refusal("candidature/edit_unclear", source=here.campagne.question(code).source)
    else:
        value = read_field(here.campagne.notice_field(code), turn.text)
    await _take(turn, here, (kind, code), value, edited=True)


async def at_summary(_: Message, turn: Turn) -> bool | dict[str, Any]:
    """True when the summary of the notice is being shown, and the words say yes or no."""
    here = await place(turn, turn.chat_id)
    if here.step != "summary" or not turn.text:
        return False
    exact = read_summary(turn.text)
    return False if exact is None or await follows_the_bureau(turn) else {"here": here, "exact": exact}


@router.callback_query(Tapped("summary", exact=is_yes), at)
@router.message(at_summary)
async def summary(turn: Turn, here: Place, *, exact: bool) -> None:
    """The notice is exact, or something is to be corrected."""
    if here.step != "summary":
        await ask(turn, here, lead=say("steps/stale"))
    elif exact:
        piece = await write_notice(turn, here)
        await ask(turn, here, lead=say("candidature/notice_written", piece=piece))
    else:
        await _choose(turn, here)


router.message(names_a_line)(item_chosen)


async def _take(
    turn: Turn, here: Place, item: tuple[str, str], value: Any, *, edited: bool = False, lead: str = ""
) -> None:
    """Keep an answer, and go on."""
    candidature, (kind, code) = here.opened, item
    before = candidature.answers, candidature.notice
    keep_answer(here, candidature, kind, code, value)
    if candidature.notice != before[1]:
        await withdraw_notice(turn, here)
    answered = {**candidature.flags.get("answered", {}), _said_as(turn): [kind, code]}
    candidature.flags = {**candidature.flags, "answered": answered}
    candidature.changed_at = turn.now
    turn.work.note(f"{kind}.answered", actor=here.actor, candidature_id=candidature.id, code=code)
    corrected = edited or await turn.state.get_state() == Aside.correcting.state
    await turn.state.clear()
    leads = [say("candidature/corrected")] if corrected else [lead] if lead else []
    if here.question is None and (kind == "question" or candidature.answers != before[0]):
        verdict = assess(here.campagne, candidature.answers)
        candidature.verdict = verdict.code
        leads.append(say("candidature/verdict", verdict=verdict, campagne=here.campagne))
    await ask(turn, here, lead="\n".join(leads))


def _said_as(turn: Turn) -> str:
    """The message that answered, or whose words pressed the choice: it may be edited later."""
    event = turn.event
    return event.id.rpartition(":")[2] if isinstance(event, CallbackQuery) else str(event.message_id)
