"""What a person does, and the aiogram update that it is."""

from datetime import timedelta
from typing import Any

import pytest
from aiogram import F
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    MessageReactionUpdated,
    PollAnswer,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.arrival import (
    FileArrival,
    IncomingFile,
    MemberArrival,
    RawArrival,
    ReactionArrival,
    TextArrival,
    received_instant,
)
from bot.channels.mailbox import DoorMailbox
from bot.channels.translate import buttons_of, typed_button
from tests.core.conftest import NOW, Built


def inline(*labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=label.lower())] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def replies(*labels: str, once: bool = False) -> ReplyKeyboardMarkup:
    row = [KeyboardButton(text=label) for label in labels]
    return ReplyKeyboardMarkup(keyboard=[row], one_time_keyboard=once)


def furnish(house: Built) -> list[str]:
    """A room that notes what it is told, and asks what the test wants."""
    noted: list[str] = []

    @house.router.callback_query()
    async def pressed(callback: CallbackQuery) -> None:
        words = callback.message.text if isinstance(callback.message, Message) else None
        noted.append(f"press {callback.data} under {words}")

    @house.router.message(F.text.startswith("question"))
    async def ask(message: Message) -> None:
        await message.answer("Oui ?", reply_markup=inline("Oui", "Non"))

    @house.router.message(F.text == "suite")
    async def ask_more(message: Message) -> None:
        await message.answer("Toujours ?", reply_markup=inline("Toujours", "Jamais"))

    @house.router.message(F.text == "clavier")
    async def show(message: Message) -> None:
        await message.answer("Clavier", reply_markup=replies("Un jour", "Jamais"))

    @house.router.message(F.text == "clavier d’un coup")
    async def show_once(message: Message) -> None:
        await message.answer("Clavier", reply_markup=replies("Un jour", "Jamais", once=True))

    @house.router.message(F.text == "range")
    async def put_away(message: Message) -> None:
        await message.answer("Rangé", reply_markup=ReplyKeyboardRemove())

    @house.router.message(F.text == "autre")
    async def say_more(message: Message) -> None:
        await message.answer("Autre chose")

    @house.router.message()
    async def note(message: Message) -> None:
        earlier = message.reply_to_message
        noted.append(f"text {message.text}" + (f" to {earlier.text}" if earlier else ""))

    return noted


async def talk(house: Built, *lines: str) -> None:
    for line in lines:
        await house.door.say("camille", line)
        await house.settled()


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        ("1", "press oui under Oui ?"),
        ("2.", "press non under Oui ?"),
        (" NON ", "press non under Oui ?"),
        ("3", "text 3"),
        ("0", "text 0"),
        ("Oui, bien sûr", "text Oui, bien sûr"),
    ],
    ids=["number", "number and full stop", "label", "no such number", "zero", "sentence"],
)
async def test_a_number_or_an_exact_label_presses_the_keyboard_just_shown(house: Built, typed: str, noted: str) -> None:
    seen = furnish(house)

    await talk(house, "question", typed)

    assert seen == [noted]


async def test_a_number_is_an_ordinary_answer_once_something_else_was_said(house: Built) -> None:
    seen = furnish(house)

    await talk(house, "question", "autre", "1")

    assert seen == ["text 1"]


@pytest.mark.parametrize("meanwhile", ["autre", "suite"], ids=["words", "another keyboard"])
async def test_a_number_that_answers_an_older_keyboard_presses_it(house: Built, meanwhile: str) -> None:
    seen = furnish(house)
    await talk(house, "question")
    asked = house.heard[-1].event
    await talk(house, meanwhile)

    mailbox = DoorMailbox("console", house.database, house.clerk.take)
    arrival = TextArrival(
        door="console",
        event="$reply",
        room="camille",
        sender="camille",
        sent_at=NOW,
        arrived_at=NOW,
        text="2",
        reply_to=asked,
    )
    await mailbox.receive([arrival, arrival.model_copy(update={"event": "$words", "text": "pourquoi ?"})])
    await house.settled()

    assert seen == ["press non under Oui ?", "text pourquoi ? to Oui ?"]


@pytest.mark.parametrize(
    ("lines", "noted"),
    [
        (("clavier", "1"), ["text Un jour"]),
        (("clavier", "autre", "2"), ["text Jamais"]),
        (("clavier", "range", "2"), ["text 2"]),
        (("clavier d’un coup", "1"), ["text Un jour"]),
        (("clavier d’un coup", "autre", "1"), ["text 1"]),
        (("clavier", "question", "2"), ["press non under Oui ?"]),
    ],
    ids=["pressed", "stays", "put away", "once", "once and gone", "replaced"],
)
async def test_a_keyboard_of_answers_says_its_label_and_stays_until_it_is_put_away(
    house: Built, lines: tuple[str, ...], noted: list[str]
) -> None:
    seen = furnish(house)

    await talk(house, *lines)

    assert seen == noted


async def test_a_tap_presses_even_when_the_conversation_has_gone_on(house: Built) -> None:
    seen = furnish(house)
    await talk(house, "question")
    asked = house.heard[-1].event
    await talk(house, "autre")

    await house.door.choose("camille", asked, 1)
    await house.door.choose("camille", asked, 7)
    await house.door.choose("camille", "$inconnu", 0)
    await house.settled()

    assert seen == ["press non under Oui ?"]


async def test_after_an_edit_the_new_buttons_are_the_ones_that_are_pressed(house: Built) -> None:
    seen: list[str] = []

    @house.router.message(F.text == "question")
    async def ask(message: Message) -> None:
        said = await message.answer("Avant ?", reply_markup=inline("Oui", "Non"))
        await said.edit_text("Après ?", reply_markup=inline("Peut-être", "Jamais"))

    @house.router.callback_query()
    async def pressed(callback: CallbackQuery) -> None:
        assert isinstance(callback.message, Message)
        seen.append(f"{callback.data} under {callback.message.text}")

    await talk(house, "question")
    await house.door.choose("camille", house.heard[0].event, 0)
    await talk(house, "2")

    assert seen == ["peut-être under Après ?", "jamais under Après ?"]


async def test_after_an_edit_without_buttons_nothing_can_be_pressed(house: Built) -> None:
    seen: list[str] = []

    @house.router.message(F.text == "question")
    async def ask(message: Message) -> None:
        said = await message.answer("Oui ?", reply_markup=inline("Oui", "Non"))
        await said.edit_reply_markup(reply_markup=None)

    @house.router.message()
    async def note(message: Message) -> None:
        seen.append(f"text {message.text}")

    await talk(house, "question")
    await house.door.choose("camille", house.heard[0].event, 0)
    await talk(house, "2")

    assert seen == ["text 2"]


async def test_changing_what_one_typed_is_an_edited_message_even_when_it_had_pressed_a_button(house: Built) -> None:
    furnish(house)
    edited: list[tuple[str | None, bool]] = []
    numbers: list[int] = []

    @house.router.edited_message()
    async def change(message: Message) -> None:
        edited.append((message.text, message.edit_date is not None))
        numbers.append(message.message_id)

    words = await house.door.say("camille", "bonjour")
    await talk(house, "question")
    press = await house.door.say("camille", "1")
    await house.door.edit("camille", words, "bonsoir")
    await house.door.edit("camille", words, "bonne nuit")
    await house.door.edit("camille", press, "2")
    await house.door.edit("camille", "$inconnu", "perdu")
    await house.settled()

    assert edited == [("bonsoir", True), ("bonne nuit", True), ("2", True)]
    assert numbers[0] == numbers[1] != numbers[2]


async def test_a_poll_is_answered_by_a_tap(house: Built) -> None:
    answers: list[tuple[list[int], str]] = []

    @house.router.message(F.text)
    async def ask(message: Message) -> None:
        await message.answer_poll("Quand ?", ["lundi", "mardi"])

    @house.router.poll_answer()
    async def take(answer: PollAnswer) -> None:
        assert answer.user is not None
        answers.append((answer.option_ids, answer.user.first_name))

    await talk(house, "bonjour")
    await house.door.choose("camille", house.heard[0].event, 1)
    await house.settled()

    assert list(house.heard[0].choices) == ["lundi", "mardi"]
    assert answers == [([1], "Camille")]


async def receive(house: Built, kind: Any, **more: Any) -> None:
    given = {"door": "console", "event": f"${kind.__name__}", "room": "camille", "sender": "camille", **more}
    mailbox = DoorMailbox("console", house.database, house.clerk.take)
    await mailbox.receive([kind(sent_at=NOW, arrived_at=NOW, **given)])
    await house.settled()


async def test_a_reaction_is_an_update_about_the_message_under_which_it_stands(house: Built) -> None:
    furnish(house)
    reactions: list[list[list[str]]] = []

    @house.router.message_reaction()
    async def react(reaction: MessageReactionUpdated) -> None:
        old, new = reaction.old_reaction, reaction.new_reaction
        reactions.append([[one.model_dump()["emoji"] for one in side] for side in (old, new)])

    await talk(house, "question")
    target = house.heard[0].event
    await receive(house, ReactionArrival, target=target, key="👍", event="$put")
    await receive(house, ReactionArrival, target=target, key="👍", event="$taken", taken_back=True)

    assert reactions == [[[], ["👍"]], [["👍"], []]]
    assert house.door.tried[0].key == house.heard[0].event


@pytest.mark.parametrize(
    ("old", "new", "statuses"),
    [
        ("leave", "join", ("left", "member")),
        ("join", "leave", ("member", "left")),
        ("join", "ban", ("member", "kicked")),
        ("leave", "invite", ("left", "left")),
    ],
    ids=["comes", "leaves", "is banned", "is invited"],
)
@pytest.mark.parametrize("is_self", [True, False], ids=["the bot", "somebody"])
async def test_who_comes_and_who_leaves_is_an_update(
    house: Built, old: str, new: str, statuses: tuple[str, str], *, is_self: bool
) -> None:
    seen: list[tuple[bool, str, str]] = []

    @house.router.my_chat_member()
    async def self_moved(change: ChatMemberUpdated) -> None:
        seen.append((True, change.old_chat_member.status, change.new_chat_member.status))

    @house.router.chat_member()
    async def moved(change: ChatMemberUpdated) -> None:
        seen.append((False, change.old_chat_member.status, change.new_chat_member.status))

    await receive(house, MemberArrival, who="camille", old=old, new=new, is_self=is_self)

    assert seen == [(is_self, *statuses)]


async def test_a_person_keeps_their_number_in_every_room_and_a_room_has_a_negative_one(house: Built) -> None:
    seen: list[tuple[int, int, str]] = []

    @house.router.message()
    async def note(message: Message) -> None:
        assert message.from_user is not None
        seen.append((message.chat.id, message.from_user.id, message.chat.type))

    await receive(house, TextArrival, text="un", event="$1")
    await receive(house, TextArrival, text="deux", event="$2", room="un autre salon direct")
    await receive(house, TextArrival, text="trois", event="$3", room="bureau", direct=False)

    (direct, camille, private), again, (bureau, writer, group) = seen
    assert (direct, private, again) == (camille, "private", (camille, camille, "private"))
    assert (writer, group) == (camille, "group")
    assert -(2**53) < bureau < -(2**52) < 2**52 < camille < 2**53


async def test_an_answer_goes_to_the_room_where_the_person_wrote_last(house: Built) -> None:
    @house.router.message()
    async def answer(message: Message) -> None:
        await message.answer(f"{message.text}")

    await receive(house, TextArrival, text="un", event="$1", room="ancien salon")
    await receive(house, TextArrival, text="deux", event="$2", room="nouveau salon")

    assert [(said.room, said.text) for said in house.heard] == [("ancien salon", "un"), ("nouveau salon", "deux")]


async def test_a_thread_is_kept_in_the_answer(house: Built) -> None:
    @house.router.message()
    async def answer(message: Message) -> None:
        await message.answer(f"{message.text}")

    await receive(house, TextArrival, text="racine", event="$racine")
    await receive(house, TextArrival, text="dans le fil", event="$fil", thread="$racine")

    first, second = house.door.tried
    assert "message_thread_id" not in first.payload
    assert second.targets[second.payload["message_thread_id"]] == ("$racine",)


@pytest.mark.parametrize("image", [False, True], ids=["document", "picture"])
async def test_a_file_is_a_document_with_its_name_and_a_picture_is_one_too(house: Built, *, image: bool) -> None:
    seen: list[tuple[Any, ...]] = []

    @house.router.message()
    async def take(message: Message) -> None:
        assert message.document is not None
        file = message.document
        seen.append((file.file_name, file.mime_type, file.file_size, message.caption, bool(message.photo)))

    file = IncomingFile(name="photo.jpg", mime="image/jpeg", size=5, source={"path": "/x"})
    await receive(house, FileArrival, file=file, image=image, caption="Ma lettre")

    assert seen == [("photo.jpg", "image/jpeg", 5, "Ma lettre", image)]


async def test_a_message_of_telegram_has_one_number_of_the_house(house: Built) -> None:
    seen: list[tuple[int, str | None]] = []

    @house.router.message()
    @house.router.edited_message()
    async def note(message: Message) -> None:
        seen.append((message.message_id, message.text))

    said = {"event": "9:5", "date": 1, "chat": {"id": 9, "type": "private"}}
    await receive(house, RawArrival, update={"message": {**said, "text": "bonjour"}})
    await receive(house, RawArrival, event="$2", update={"edited_message": {**said, "edit_date": 2, "text": "bonsoir"}})

    assert seen == [(seen[0][0], "bonjour"), (seen[0][0], "bonsoir")]


async def test_what_a_handler_is_given_says_when_and_how_a_message_came(house: Built) -> None:
    given: list[Any] = []

    @house.router.message()
    async def note(message: Message, **data: Any) -> None:
        given.append((data["received_at"], data["clear"], data["work"].now))

    early = NOW - timedelta(hours=3)
    await house.door.say("camille", "bonjour", sent_at=early, clear=True)
    await house.settled()

    assert given == [(early, True, NOW)]


@pytest.mark.parametrize(
    ("minutes", "counts"),
    [(-600, "sent"), (0, "sent"), (5, "sent"), (5.01, "arrived")],
    ids=["kept while the bot was down", "at once", "five minutes ahead", "further ahead"],
)
def test_the_servers_instant_counts_unless_it_runs_more_than_five_minutes_ahead(minutes: float, counts: str) -> None:
    sent = NOW + timedelta(minutes=minutes)

    assert received_instant(sent, NOW) == {"sent": sent, "arrived": NOW}[counts]


def test_links_are_not_pressed_and_do_not_count() -> None:
    markup = {"inline_keyboard": [[{"text": "Site", "url": "https://x"}, {"text": "Oui", "callback_data": "o"}], []]}

    assert [button["text"] for button in buttons_of(markup)] == ["Oui"]
    assert typed_button(markup, "1") == {"text": "Oui", "callback_data": "o"}
    assert typed_button(markup, "Site") is None
