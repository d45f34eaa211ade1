"""The questions of the circular and the notice: asked one by one, corrected at any time, never a door that shuts."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat, assess
from bot.circulaire.notice import read_field
from bot.circulaire.reading import read_yes_no
from bot.errors import Refusal
from handlers.choices import offered_last, pressed
from handlers.commands import Called
from handlers.items import asks, expected_of, keep_answer, named, names_a_line, read_question, read_summary
from handlers.notices import withdraw_notice, write_notice
from handlers.say import say
from handlers.steps import Aside, Item, Place, ask, at, may_give, place, private
from storage.files import Files
from storage.work import UnitOfWork

router = Router(name="candidature")
router.message.filter(private)
router.callback_query.filter(private)
router.edited_message.filter(private)


@router.callback_query(F.data.startswith(("q:", "f:")), at)
async def item_tapped(callback: CallbackQuery, here: Place, work: UnitOfWork, now: datetime, state: FSMContext) -> None:
    """Take a tapped answer; the same press twice, or one of a step that is over, changes nothing."""
    message, data = pressed(callback)
    mark, code, choice = data.split(":", 2)
    kind = "question" if mark == "q" else "field"
    if (kind, code) != await expected_of(here, state):
        await ask(message, here, now, state, lead=say("steps/stale"))
        return
    said_as = callback.id.rpartition(":")[2]  # the message that pressed by its words, which may be edited
    await _take(message, here, work, now, state, kind, code, choice, said_as=said_as)


@router.message(Called("corriger"), at)
async def correct(message: Message, here: Place, args: str, work: UnitOfWork, now: datetime, state: FSMContext) -> None:
    """Ask an earlier question again, named by its number or by a word of it."""
    if here.candidature is None or here.candidature.etat != Etat.BROUILLON:
        await _too_late(message, here, now, state)
        return
    item = named(here, args)
    if item is None:
        await _choose(message, here, now, state, lead=say("candidature/not_found", typed=args) if args else "")
        return
    await _correct(message, here, work, now, state, item, args)


async def an_item_is_chosen(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """True for a number or a word of the list of what may be corrected: it answers no other question."""
    here = await place(work, campagne, message.chat.id)
    item = named(here, message.text or "")
    return {"here": here, "item": item} if item is not None else False


@router.message(Aside.choosing, an_item_is_chosen)
async def item_chosen(
    message: Message, here: Place, item: Item, work: UnitOfWork, now: datetime, state: FSMContext
) -> None:
    """Ask again what the words stand for."""
    await _correct(message, here, work, now, state, item, message.text or "")


async def _too_late(message: Message, here: Place, now: datetime, state: FSMContext) -> None:
    lead = say("candidature/too_late_to_correct", here=here, may_give=may_give(here, now))
    await ask(message, here, now, state, lead=lead)


async def _choose(message: Message, here: Place, now: datetime, state: FSMContext, *, lead: str = "") -> None:
    """Show what may be corrected; what is typed next is read as one of its numbers."""
    if any(one.value for one in here.items):
        await state.set_state(Aside.choosing)
        await ask(message, here, now, state, lead=lead)
    else:
        await ask(message, here, now, state, lead=say("candidature/nothing_to_correct"))


async def _correct(
    message: Message, here: Place, work: UnitOfWork, now: datetime, state: FSMContext, item: Item, said: str = ""
) -> None:
    """Ask an item again, unless what was said holds its new value: « corriger téléphone 06… »."""
    await state.set_state(Aside.correcting)
    await state.set_data({"kind": item.kind, "code": item.code})
    value = None
    if item.kind == "field" and here.campagne.notice_field(item.code).kind in {"email", "phone"}:
        with suppress(Refusal):
            value = read_field(here.campagne.notice_field(item.code), said)
    if value is None:
        await ask(message, here, now, state)
    else:
        await _take(message, here, work, now, state, item.kind, item.code, value)


@router.message(Called("retour"), at)
async def back(message: Message, here: Place, work: UnitOfWork, now: datetime, state: FSMContext) -> None:
    """Ask the question before this one again, as often as one wants."""
    expected = await expected_of(here, state)
    items = here.items
    place_ = next((n for n, one in enumerate(items) if (one.kind, one.code) == expected), None)
    if place_ is None:
        place_ = sum(bool(one.value) for one in items)
    if here.candidature is None or here.candidature.etat != Etat.BROUILLON or not place_:
        await ask(message, here, now, state, lead=say("candidature/no_way_back"))
        return
    await _correct(message, here, work, now, state, items[place_ - 1])


@router.message(Called("annuler"), at)
async def pause(message: Message, here: Place, campagne: Campagne, now: datetime, state: FSMContext) -> None:
    """Leave what was being done; nothing given is lost."""
    aside = await state.get_state()
    await state.clear()
    if aside is not None:
        await ask(message, here, now, state, lead=say("candidature/left"))
        return
    await message.answer(say("candidature/pause", here=here, campagne=campagne, now=now))


async def a_yes_to_what_was_offered(
    message: Message, work: UnitOfWork, campagne: Campagne, state: FSMContext
) -> bool | dict[str, Any]:
    """True for a « oui » or « non » under choices that are not the question's: it may answer them."""
    if read_yes_no(message.text or "") is None:
        return False
    here = await place(work, campagne, message.chat.id)
    expected = await expected_of(here, state)
    shown = await offered_last(here.person_id, work)
    return {"here": here} if expected and shown and f":{expected[1]}:" not in shown else False


@router.message(a_yes_to_what_was_offered)
async def ask_again(message: Message, here: Place, now: datetime, state: FSMContext) -> None:
    """What a « oui » answered is not guessed."""
    await ask(message, here, now, state)


async def typed_answer(
    message: Message, work: UnitOfWork, campagne: Campagne, state: FSMContext
) -> bool | dict[str, Any]:
    """True for words that answer what is being asked; a question of the person's own is left to the answers."""
    here = await place(work, campagne, message.chat.id)
    if not message.text or here.candidature is None:
        return False
    expected = await expected_of(here, state)
    if expected is None or (await state.get_state()) in {Aside.withdrawing.state, Aside.erasing.state}:
        return False
    kind, code = expected
    if kind == "question":
        choice = read_question(campagne, code, message.text)
        return {"here": here, "answer": choice, "item": expected} if choice is not None else False
    if campagne.notice_field(code).kind in {"name", "line"} and asks(message.text):
        return False  # any words are a name or a school, but « c’est payé combien »
    return {"here": here, "answer": None, "item": expected}


@router.message(typed_answer)
async def item_typed(
    message: Message,
    here: Place,
    answer: str | None,
    item: tuple[str, str],
    work: UnitOfWork,
    now: datetime,
    state: FSMContext,
) -> None:
    """Take a typed answer, in people's own words."""
    kind, code = item
    value: Any = answer
    if value is None:
        value = read_field(here.campagne.notice_field(code), message.text or "")
    await _take(message, here, work, now, state, kind, code, value)


@router.edited_message(at)
async def item_edited(message: Message, here: Place, work: UnitOfWork, now: datetime, state: FSMContext) -> None:
    """A message that is changed changes the answer that it gave; after the deposit it says that it does not."""
    known = here.opened.flags.get("answered", {}).get(str(message.message_id))
    if not message.text:
        return
    if here.opened.etat != Etat.BROUILLON:
        if known is not None:
            await _too_late(message, here, now, state)
        return
    if known is None:
        await message.answer(say("candidature/edit_unknown"))
        return
    kind, code = known
    if kind == "question":
        value: Any = read_question(here.campagne, code, message.text)
        if value is None:
            raise Refusal("candidature/edit_unclear", source=here.campagne.question(code).source)
    else:
        value = read_field(here.campagne.notice_field(code), message.text)
    await _take(message, here, work, now, state, kind, code, value, edited=True)


@router.callback_query(F.data.startswith("summary:"), at)
async def summary_tapped(
    callback: CallbackQuery, here: Place, work: UnitOfWork, files: Files, now: datetime, state: FSMContext
) -> None:
    """The notice is exact, or something is to be corrected."""
    message, data = pressed(callback)
    await _summary(message, here, work, files, now, state, exact=data == "summary:oui")


async def at_summary(message: Message, work: UnitOfWork, campagne: Campagne) -> bool | dict[str, Any]:
    """True when the summary of the notice is being shown, and the words say yes or no."""
    here = await place(work, campagne, message.chat.id)
    if here.step != "summary" or not message.text:
        return False
    exact = read_summary(message.text)
    return {"here": here, "exact": exact} if exact is not None else False


@router.message(at_summary)
async def summary_typed(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    now: datetime,
    state: FSMContext,
    *,
    exact: bool,
) -> None:
    """The same, typed."""
    await _summary(message, here, work, files, now, state, exact=exact)


router.message(names_a_line)(item_chosen)


async def _summary(
    message: Message,
    here: Place,
    work: UnitOfWork,
    files: Files,
    now: datetime,
    state: FSMContext,
    *,
    exact: bool,
) -> None:
    if here.step != "summary" or here.candidature is None:
        await ask(message, here, now, state, lead=say("steps/stale"))
    elif exact:
        piece = await write_notice(here, work, files, now)
        await ask(message, here, now, state, lead=say("candidature/notice_written", piece=piece))
    else:
        await _choose(message, here, now, state)


async def _take(
    message: Message,
    here: Place,
    work: UnitOfWork,
    now: datetime,
    state: FSMContext,
    kind: str,
    code: str,
    value: Any,
    *,
    said_as: str = "",
    edited: bool = False,
) -> None:
    """Keep an answer, and go on."""
    candidature = here.candidature
    if candidature is None:
        return
    before = candidature.answers, candidature.notice
    keep_answer(here, candidature, kind, code, value)
    if candidature.notice != before[1]:
        await withdraw_notice(here, work, now)
    answered = {**candidature.flags.get("answered", {}), said_as or str(message.message_id): [kind, code]}
    candidature.flags = {**candidature.flags, "answered": answered}
    candidature.changed_at = now
    work.note(f"{kind}.answered", actor=f"candidat:{here.person_id}", candidature_id=candidature.id, code=code)
    corrected = edited or await state.get_state() == Aside.correcting.state
    await state.clear()
    leads = [say("candidature/corrected")] if corrected else []
    if here.question is None and (kind == "question" or candidature.answers != before[0]):
        verdict = assess(here.campagne, candidature.answers)
        candidature.verdict = verdict.code
        leads.append(say("candidature/verdict", verdict=verdict, campagne=here.campagne))
    await ask(message, here, now, state, lead="\n".join(leads))
