"""What every door keeps, whatever its network: the same tests for the console, Matrix and Telegram."""

from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    Message,
    MessageReactionUpdated,
    PollAnswer,
)

from tests.channels.contract.conftest import Open
from tests.channels.contract.places import Place

BUTTONS = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Oui", callback_data="o")],
        [InlineKeyboardButton(text="Non", callback_data="n")],
    ]
)


@pytest.fixture
def router() -> Router:
    return Router()


async def test_what_is_said_in_a_row_is_read_in_a_row(router: Router, opened: Open, place: Place) -> None:
    @router.message()
    async def count(message: Message) -> None:
        for number in range(5):
            await message.answer(f"{message.text} {number}")

    async with opened(router) as talk:
        await talk.do(place.say("un"))
        await talk.do(place.say("deux"))

    assert place.seen() == [f"{word} {number}" for word in ("un", "deux") for number in range(5)]


async def test_a_message_is_edited_deleted_and_answered_before_it_left(
    router: Router, opened: Open, place: Place
) -> None:
    @router.message()
    async def change(message: Message) -> None:
        first, second = await message.answer("avant"), await message.answer("de trop")
        await first.edit_text("après")
        await second.delete()
        await first.reply("réponse")

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))

    assert place.seen() == ["après", "réponse"]


async def test_words_changed_by_the_person_bear_the_number_of_the_message(
    router: Router, opened: Open, place: Place
) -> None:
    numbers: list[tuple[int, str | None]] = []

    @router.message()
    @router.edited_message()
    async def note(message: Message) -> None:
        numbers.append((message.message_id, message.text))

    async with opened(router) as talk:
        said = await talk.do(place.say("bonjour"))
        await talk.do(place.edit(said, "bonsoir"))

    assert numbers == [(numbers[0][0], "bonjour"), (numbers[0][0], "bonsoir")]


async def test_a_file_goes_both_ways_byte_for_byte(router: Router, opened: Open, place: Place, tmp_path: Path) -> None:
    path = tmp_path / "cv.pdf"
    path.write_bytes(b"%PDF-1.7 " + bytes(range(256)))

    @router.message(F.document)
    async def give_back(message: Message, bot: Bot) -> None:
        assert message.document is not None
        data = await bot.download(message.document)
        assert data is not None
        await message.answer_document(BufferedInputFile(data.read(), f"copie de {message.document.file_name}"))

    async with opened(router) as talk:
        await talk.do(place.drop(path))

    assert place.files() == [("copie de cv.pdf", path.read_bytes())]


async def test_a_file_takes_the_place_of_another(router: Router, opened: Open, place: Place) -> None:
    def document(name: str) -> BufferedInputFile:
        return BufferedInputFile(name.encode(), f"{name}.pdf")

    @router.message()
    async def change(message: Message) -> None:
        sent = await message.answer_document(document("avant"), caption="Avant")
        media = InputMediaDocument(media=document("apres"), caption="<b>Après</b>", parse_mode="HTML")
        edited = await sent.edit_media(media, reply_markup=BUTTONS)
        assert isinstance(edited, Message)
        assert edited.document is not None
        assert (edited.message_id, edited.caption, edited.document.file_name) == (sent.message_id, "Après", "apres.pdf")

    @router.callback_query()
    async def pressed(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.answer(str(query.data))

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(place.tap(1))

    assert (place.files(), place.seen()) == ([("apres.pdf", b"apres")], ["n"])


async def test_a_reaction_names_the_message_under_which_it_stands(router: Router, opened: Open, place: Place) -> None:
    sent: list[int] = []
    reactions: list[tuple[int, list[Any]]] = []

    @router.message()
    async def answer(message: Message) -> None:
        sent.append((await message.answer("Bravo")).message_id)

    @router.message_reaction()
    async def note(reaction: MessageReactionUpdated) -> None:
        reactions.append((reaction.message_id, [one.model_dump() for one in reaction.new_reaction]))

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(place.react("👍"))

    assert reactions == [(sent[0], [{"type": "emoji", "emoji": "👍"}])]


async def test_a_vote_names_its_poll_and_is_counted_when_the_poll_is_stopped(
    router: Router, opened: Open, place: Place
) -> None:
    polls: list[Message] = []
    votes: list[tuple[str, list[int]]] = []

    @router.message()
    async def ask(message: Message) -> None:
        polls.append(await message.answer_poll("Quand ?", ["lundi", "mardi"], is_anonymous=False))

    @router.poll_answer()
    async def note(vote: PollAnswer) -> None:
        votes.append((vote.poll_id, vote.option_ids))

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(place.vote(1))
        stopped = await talk.hosted.bot.stop_poll(polls[0].chat.id, polls[0].message_id)
        await talk.hosted.settled()

    assert polls[0].poll is not None
    assert votes == [(polls[0].poll.id, [1])]
    assert [option.voter_count for option in stopped.options] == [0, 1]


CHOICES: dict[str, Any] = {
    "tapped": lambda place: place.tap(1),
    "typed number": lambda place: place.say("2"),
    "typed label": lambda place: place.say("non"),
}


@pytest.mark.parametrize("way", CHOICES)
async def test_a_choice_is_the_same_whichever_way_it_is_made(
    router: Router, opened: Open, place: Place, way: str
) -> None:
    pressed: list[str | None] = []

    @router.message()
    async def ask(message: Message) -> None:
        await message.answer("Prêt·e ?", reply_markup=BUTTONS)

    @router.callback_query()
    async def take(query: CallbackQuery) -> None:
        pressed.append(query.data)
        assert isinstance(query.message, Message)
        await query.message.answer("Noté")
        await query.answer()

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(CHOICES[way](place))

    assert (pressed, place.seen()) == (["n"], ["Prêt·e ?", "Noté"])


async def test_a_number_typed_after_other_words_is_a_number(router: Router, opened: Open, place: Place) -> None:
    typed: list[str | None] = []

    @router.message(F.text == "bonjour")
    async def ask(message: Message) -> None:
        await message.answer("Prêt·e ?", reply_markup=BUTTONS)
        await message.answer("Combien d’années ?")

    @router.message()
    async def note(message: Message) -> None:
        typed.append(message.text)

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await talk.do(place.say("2"))

    assert typed == ["2"]


async def test_a_stale_choice_reaches_its_room_which_may_say_so(router: Router, opened: Open, place: Place) -> None:
    @router.message()
    async def ask(message: Message, state: FSMContext) -> None:
        await state.update_data(step=message.text)
        keyboard = [[InlineKeyboardButton(text="Oui", callback_data=str(message.text))]]
        await message.answer(f"{message.text} ?", reply_markup=InlineKeyboardMarkup(inline_keyboard=keyboard))

    @router.callback_query()
    async def take(query: CallbackQuery, state: FSMContext) -> None:
        assert isinstance(query.message, Message)
        current = (await state.get_data())["step"] == query.data
        await query.message.answer("Noté" if current else "Cette étape est passée")

    async with opened(router) as talk:
        await talk.do(place.say("un"))
        await talk.do(place.say("deux"))
        await talk.do(place.tap(0, keyboard=0))
        await talk.do(place.tap(0))

    assert place.seen() == ["un ?", "deux ?", "Cette étape est passée", "Noté"]


async def test_a_choice_pressed_twice_is_taken_once(router: Router, opened: Open, place: Place) -> None:
    @router.message()
    async def ask(message: Message, state: FSMContext) -> None:
        await state.set_state("open")
        await message.answer("Prêt·e ?", reply_markup=BUTTONS)

    @router.callback_query()
    async def take(query: CallbackQuery, state: FSMContext) -> None:
        assert isinstance(query.message, Message)
        if await state.get_state() == "open":
            await query.message.answer("Noté")
        await state.clear()

    async with opened(router) as talk:
        await talk.do(place.say("bonjour"))
        await place.tap(0)
        await talk.do(place.tap(0))
        await talk.hosted.settled()

    assert place.seen() == ["Prêt·e ?", "Noté"]


def twice(router: Router) -> None:
    @router.message()
    async def answer(message: Message) -> None:
        await message.answer(f"{message.text} 1")
        await message.answer(f"{message.text} 2")


async def test_words_that_cannot_leave_now_leave_later_and_in_order(router: Router, opened: Open, place: Place) -> None:
    twice(router)
    place.trouble("temporary")

    async with opened(router) as talk:
        await place.say("a")
        await talk.until(lambda: len(place.seen()) == 2)

    assert place.seen() == ["a 1", "a 2"]


async def test_words_that_may_never_leave_hold_up_no_others(router: Router, opened: Open, place: Place) -> None:
    twice(router)

    async with opened(router) as talk:
        place.shut(shut=True)
        await talk.do(place.say("a"))
        place.shut(shut=False)
        await talk.do(place.say("b"))

    assert place.seen() == ["b 1", "b 2"]


async def test_words_whose_answer_was_lost_are_said_once(router: Router, opened: Open, place: Place) -> None:
    twice(router)
    place.trouble("lost")

    async with opened(router) as talk:
        await place.say("a")
        await talk.until(lambda: len(place.seen()) == 2)
        await talk.hosted.settled()

    assert place.seen() == ["a 1", "a 2"]


async def test_what_had_not_left_before_a_restart_leaves_after_it_once(
    router: Router, opened: Open, place: Place
) -> None:
    twice(router)
    place.trouble("temporary")
    async with opened(router) as talk:
        before = place.mailbox.received
        await place.say("a")
        await talk.until(lambda: place.mailbox.received > before)
        await talk.hosted.clerk.settled()

    again = Router()
    twice(again)
    async with opened(again) as talk:
        await talk.until(lambda: len(place.seen()) == 2)
        await talk.do(place.say("b"))

    assert place.seen() == ["a 1", "a 2", "b 1", "b 2"]
