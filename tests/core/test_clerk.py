"""What arrives is handled once, in order, and a failure costs nobody else anything."""

import asyncio
from functools import partial

import pytest
from aiogram import F
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.methods import SendMessage
from aiogram.types import CallbackQuery, ErrorEvent, InlineKeyboardButton, InlineKeyboardMarkup, Message
from sqlalchemy import select
from structlog.testing import capture_logs

from bot import clerk
from bot.errors import StaleWorkError, WorkClosedError
from storage import inbox, journal, outbox
from storage.database import Database
from storage.inbox import NewArrival
from storage.tables import Candidature, Inbox, Journal, table
from storage.work import UnitOfWork
from tests.core.conftest import NOW, BuildHouse, Built


async def inbox_states(database: Database) -> list[tuple[str, int]]:
    rows = table(Inbox)
    query = select(rows.c.state, rows.c.attempts).order_by(rows.c.id)
    return [tuple(row) for row in await database.query(lambda session: session.execute(query).all())]


def echoing(house: Built) -> None:
    @house.router.message(F.text)
    async def echo(message: Message) -> None:
        await message.answer(f"« {message.text} »")


def counting(house: Built) -> None:
    @house.router.message(F.text)
    async def count(message: Message, state: FSMContext) -> None:
        number = (await state.get_data()).get("n", 0) + 1
        await state.update_data(n=number)
        await message.answer(f"{message.text} {number}")


def candidature(work: UnitOfWork, numero: int) -> Candidature:
    return Candidature(
        id=work.take_id(),
        campagne="17AN0076",
        numero=numero,
        candidat_id=7,
        etat="BROUILLON",
        created_at=NOW,
        changed_at=NOW,
    )


async def test_a_conversation_is_handled_in_the_order_it_was_written(house: Built) -> None:
    counting(house)

    for word in "abcdefgh":
        await house.door.say("camille", word)
    await house.settled()

    assert house.said("camille") == [f"{word} {number}" for number, word in enumerate("abcdefgh", 1)]


async def test_a_slow_conversation_holds_nobody_up(house: Built) -> None:
    release = asyncio.Event()

    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        if message.text == "lent":
            await release.wait()
        await message.answer(f"{message.text}")

    await house.door.say("camille", "lent")
    await house.door.say("camille", "après")
    await house.door.say("dominique", "vite")
    await house.until(lambda: house.heard)
    early = house.said()
    release.set()
    await house.settled()

    assert early == ["vite"]
    assert house.said("camille") == ["lent", "après"]


async def test_a_letter_written_early_and_committed_late_still_leaves(house: Built) -> None:
    release = asyncio.Event()

    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        await message.answer(f"{message.text}")
        if message.text == "lent":
            await release.wait()

    await house.door.say("camille", "lent")
    await asyncio.sleep(0.05)
    await house.door.say("dominique", "vite")
    await house.until(lambda: house.said("dominique"))
    release.set()
    await house.settled()

    assert house.said() == ["vite", "lent"]


async def test_what_a_failing_handler_had_changed_is_forgotten_and_its_error_handler_answers(house: Built) -> None:
    @house.router.message(F.text == "casse")
    async def break_(message: Message, state: FSMContext, work: UnitOfWork) -> None:
        await state.update_data(half=True)
        await message.answer("à moitié")
        await work.add(candidature(work, 1))
        work.note("candidature.created", actor="candidat:7")
        raise RuntimeError("cassé")

    @house.router.message(F.text == "montre")
    async def show(message: Message, state: FSMContext) -> None:
        await message.answer(f"{await state.get_data()}")

    @house.router.error()
    async def say_it(error: ErrorEvent) -> None:
        assert error.update.message is not None
        await error.update.message.answer(f"Erreur : {error.exception}")

    await house.door.say("camille", "casse")
    await house.door.say("camille", "montre")
    await house.settled()

    assert house.said() == ["Erreur : cassé", "{}"]
    assert await house.database.query(lambda session: session.scalars(select(Candidature)).all()) == []
    assert await house.database.query(lambda session: session.scalars(select(Journal)).all()) == []
    assert await inbox_states(house.database) == [("handled", 0), ("handled", 0)]


async def test_a_handler_that_fails_once_is_played_again_from_its_beginning(house: Built) -> None:
    failures = [RuntimeError("une fois")]

    @house.router.message(F.text)
    async def answer(message: Message, state: FSMContext) -> None:
        await state.update_data(n=(await state.get_data()).get("n", 0) + 1)
        await message.answer(f"{await state.get_data()}")
        if failures:
            raise failures.pop()

    await house.door.say("camille", "bonjour")
    await house.settled()

    assert house.said() == ["{'n': 1}"]
    assert await inbox_states(house.database) == [("handled", 1)]


async def test_the_log_tells_where_a_handler_failed_and_nothing_of_what_was_said(house: Built) -> None:
    @house.router.message(F.text)
    async def fail(message: Message) -> None:
        raise ValueError(message.text)

    with capture_logs() as logs:
        await house.door.say("camille", "je m’appelle Camille")
        await house.settled()

    told = [line for line in logs if line["event"] == "update.failed" and line["log_level"] == "error"]
    place, _, number = told[0]["where"].partition(":")
    assert (told[0]["error"], place, number.isdecimal()) == ("ValueError", "test_clerk.py", True)
    assert [line for line in told if "Camille" in str(line)] == []


@pytest.mark.parametrize("kind", ["words", "press"])
async def test_an_arrival_that_keeps_failing_is_buried_with_an_apology_and_the_conversation_goes_on(
    house: Built, kind: str
) -> None:
    @house.router.message(CommandStart())
    async def start(message: Message) -> None:
        button = InlineKeyboardButton(text="Casse", callback_data="casse")
        await message.answer("Choix", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))

    @house.router.message(F.text == "casse tout")
    @house.router.callback_query()
    async def break_(event: Message | CallbackQuery) -> None:
        raise RuntimeError("toujours")

    echoing(house)
    await house.door.say("camille", "/start")
    await house.settled()

    await house.door.say("camille", "casse tout" if kind == "words" else "1")
    await house.door.say("camille", "la suite")
    await house.settled()

    assert house.said() == ["Choix", "Pardon", "« la suite »"]
    assert await inbox_states(house.database) == [("handled", 0), ("dead", 4), ("handled", 0)]


async def test_an_arrival_that_cannot_be_read_is_buried_without_a_word(house: Built) -> None:
    echoing(house)
    broken = NewArrival("$x", "camille", "{}", NOW, NOW)

    house.clerk.take(await inbox.receive(house.database, "console", [broken]))
    await house.door.say("camille", "la suite")
    await house.settled()

    assert house.said() == ["« la suite »"]
    assert await inbox_states(house.database) == [("dead", 4), ("handled", 0)]


async def test_a_method_that_a_handler_returns_is_carried_out_in_the_same_transaction(house: Built) -> None:
    @house.router.message(F.text)
    async def answer(message: Message) -> SendMessage:
        return message.answer("rendu")

    await house.door.say("camille", "bonjour")
    await house.clerk.settled()
    (letter,) = await house.database.query(outbox.waiting)
    await house.settled()

    assert letter.payload["text"] == "rendu"
    assert house.said() == ["rendu"]


async def test_of_two_people_who_change_one_row_at_once_neither_change_is_lost(house: Built) -> None:
    seed = UnitOfWork(house.database, NOW)
    await seed.add(candidature(seed, 1))
    await house.committer.commit(seed)
    together = asyncio.Barrier(2)
    played: list[str] = []

    @house.router.message(F.text)
    async def change(message: Message, work: UnitOfWork) -> None:
        row = await work.run(lambda session: session.scalars(select(Candidature)).one())
        first_time = message.text not in played
        played.append(f"{message.text}")
        if first_time:
            await together.wait()
        row.etat = f"{row.etat}+{message.text}"
        await message.answer(row.etat)

    await house.door.say("camille", "un")
    await house.door.say("dominique", "deux")
    await house.settled()

    short, long = sorted(house.said(), key=len)
    first, second = ("un", "deux") if short.endswith("un") else ("deux", "un")
    assert (short, long) == (f"BROUILLON+{first}", f"BROUILLON+{first}+{second}")
    assert await inbox_states(house.database) == [("handled", 0), ("handled", 0)]


async def test_a_number_taken_by_somebody_else_is_played_again(house: Built) -> None:
    together = asyncio.Barrier(2)
    played: list[str] = []

    @house.router.message(F.text)
    async def create(message: Message, work: UnitOfWork) -> None:
        taken = len(await work.run(lambda session: session.scalars(select(Candidature)).all()))
        first_time = message.text not in played
        played.append(f"{message.text}")
        if first_time:
            await together.wait()
        await work.add(candidature(work, taken + 1))
        work.note("candidature.created", actor="candidat:7")
        await message.answer(f"numéro {taken + 1}")

    await house.door.say("camille", "un")
    await house.door.say("dominique", "deux")
    await house.settled()

    assert sorted(house.said()) == ["numéro 1", "numéro 2"]
    assert journal.first_broken(await house.database.query(journal.lines)) is None


async def test_an_arrival_handled_by_an_earlier_run_is_not_handled_again(house: Built) -> None:
    counting(house)
    await house.door.say("camille", "a")
    await house.settled()
    rows = table(Inbox)
    query = select(rows.c.id, rows.c.door, rows.c.event, rows.c.room, rows.c.payload)
    again = [inbox.Arrived(*row) for row in await house.database.query(lambda s: s.execute(query).all())]

    house.clerk.take(again)
    await house.settled()

    assert house.said() == ["a 1"]
    assert await inbox_states(house.database) == [("handled", 0)]


async def test_what_was_received_before_a_stop_is_handled_at_the_next_start(build: BuildHouse) -> None:
    first = await build()
    started = asyncio.Event()

    @first.router.message(F.text)
    async def never(message: Message) -> None:
        await message.answer("jamais dit")
        started.set()
        await asyncio.Event().wait()

    for word in "abc":
        await first.door.say("camille", word)
    await started.wait()
    second = await build()
    counting(second)
    await second.clerk.resume()
    await second.door.say("camille", "d")
    await second.settled()

    assert first.said() == []
    assert second.said() == ["a 1", "b 2", "c 3", "d 4"]


async def test_a_new_start_takes_up_more_arrivals_than_one_reading_holds(build: BuildHouse) -> None:
    first = await build()
    many = [NewArrival(f"$x{number}", "camille", "{}", NOW, NOW) for number in range(1200)]
    await inbox.receive(first.database, "console", many)
    second = await build()
    taken: list[int] = []

    after = 0
    while rows := await second.database.query(partial(inbox.waiting, after=after)):
        taken += [row.id for row in rows]
        after = rows[-1].id

    assert len(taken) == 1200
    assert taken == sorted(set(taken))


async def test_an_arrival_joins_the_line_while_its_conversation_is_busy(house: Built) -> None:
    release, started = asyncio.Event(), asyncio.Event()

    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        started.set()
        await release.wait()
        await message.answer(f"{message.text}")

    await house.door.say("camille", "a")
    await started.wait()
    await house.door.say("camille", "b")
    release.set()
    await house.settled()

    assert house.said() == ["a", "b"]


async def test_work_in_the_background_of_a_handler_is_refused_after_its_commit(house: Built) -> None:
    later: list[asyncio.Task[None]] = []
    handled = asyncio.Event()

    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        async def write_later() -> None:
            await handled.wait()
            await message.answer("trop tard")

        later.append(asyncio.create_task(write_later()))
        await message.answer("maintenant")

    await house.door.say("camille", "bonjour")
    await house.settled()
    handled.set()

    with pytest.raises(WorkClosedError):
        await later[0]
    assert house.said() == ["maintenant"]


async def test_typing_is_shown_while_an_answer_takes_its_time_and_not_for_a_quick_one(
    house: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerk, "_SLOW", 2.0)  # on a busy machine a quick answer takes a while

    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        while message.text == "lent" and not house.door.typed:
            await asyncio.sleep(0.01)
        await message.answer(f"{message.text}")

    await house.door.say("camille", "lent")
    await house.door.say("dominique", "vite")
    await house.settled()

    assert house.door.typed == ["camille"]


async def test_a_row_that_others_change_each_time_is_given_up_after_its_tries(house: Built) -> None:
    @house.router.message(F.text)
    async def answer(message: Message) -> None:
        raise StaleWorkError("toujours")

    await house.door.say("camille", "bonjour")
    await house.settled()

    assert house.said() == ["Pardon"]
    assert await inbox_states(house.database) == [("dead", 4)]


async def test_a_choice_waits_for_the_message_that_a_kill_left_unnoted(build: BuildHouse) -> None:
    house = await build(carrying=False)
    pressed: list[str | None] = []

    @house.router.message(F.text)
    async def offer(message: Message) -> None:
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Oui", callback_data="oui")]])
        await message.answer("Viendrez-vous ?", reply_markup=keyboard)

    @house.router.callback_query()
    async def press(callback: CallbackQuery) -> None:
        pressed.append(callback.data)

    await house.door.say("camille", "bonjour")
    await house.clerk.settled()
    (letter,) = await house.database.query(outbox.waiting)
    await house.door.choose("camille", f"{house.database.instance}-{letter.id}", 0)
    await asyncio.sleep(0.5)
    before = list(pressed)
    house.postman.attach(house.door)
    await house.until(lambda: pressed)

    assert (before, pressed) == ([], ["oui"])


async def test_an_answer_to_what_nobody_knows_is_not_waited_for(house: Built) -> None:
    echoing(house)

    await house.door.choose("camille", "unknown", 0)
    await house.door.say("camille", "bonjour")
    await house.settled()

    assert house.said("camille") == ["« bonjour »"]
