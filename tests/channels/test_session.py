"""What a room may say: a letter of the same commit, or a refusal when it is written."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import methods
from aiogram.client.default import DefaultBotProperties
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    ForceReply,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    PollAnswer,
    ReactionTypeCustomEmoji,
    ReactionTypeEmoji,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from storage import outbox
from storage.outbox import Waiting
from storage.work import UnitOfWork
from tests.core.conftest import NOW, Built

CHAT = 2**52 + 7
BUTTONS = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Oui", callback_data="o")]])


async def letters(house: Built) -> list[Waiting]:
    return await house.database.query(outbox.waiting)


async def written(house: Built, method: TelegramMethod[Any]) -> dict[str, Any]:
    """The one letter that a method becomes, without what is drawn anew each time."""
    await house.bot(method)
    (letter,) = await letters(house)
    return {"method": letter.method, "chat_id": letter.chat_id, **letter.payload}


SERVED: dict[str, tuple[TelegramMethod[Any], dict[str, Any]]] = {
    "words": (
        methods.SendMessage(chat_id=CHAT, text="Bonjour <b>Camille</b>"),
        {"text": "Bonjour <b>Camille</b>", "parse_mode": "HTML"},
    ),
    "words without marks": (
        methods.SendMessage(chat_id=CHAT, text="1 < 2", parse_mode=None),
        {"text": "1 < 2"},
    ),
    "words in MarkdownV2": (
        methods.SendMessage(chat_id=CHAT, text="*Bonjour* _Camille_\\.", parse_mode="MarkdownV2"),
        {"text": "<b>Bonjour</b> <i>Camille</i>.", "parse_mode": "HTML"},
    ),
    "words in the first Markdown": (
        methods.SendMessage(chat_id=CHAT, text="*Bonjour* [ici](https://ac-rennes.fr) 1 < 2.", parse_mode="Markdown"),
        {"text": '<b>Bonjour</b> <a href="https://ac-rennes.fr">ici</a> 1 &lt; 2.', "parse_mode": "HTML"},
    ),
    "words with entities": (
        methods.SendMessage(chat_id=CHAT, text="1 < 2", entities=[MessageEntity(type="bold", offset=0, length=1)]),
        {"text": "<b>1</b> &lt; 2", "parse_mode": "HTML"},
    ),
    "an answer by its older name": (
        methods.SendMessage(chat_id=CHAT, text="x", reply_to_message_id=4),
        {"text": "x", "parse_mode": "HTML", "reply_parameters": {"message_id": 4}},
    ),
    "words in HTML by its name": (
        methods.SendMessage(chat_id=CHAT, text="oui", parse_mode=ParseMode.HTML),
        {"text": "oui", "parse_mode": "HTML"},
    ),
    "a choice": (
        methods.SendMessage(chat_id=CHAT, text="Oui ?", reply_markup=BUTTONS),
        {
            "text": "Oui ?",
            "parse_mode": "HTML",
            "reply_markup": {"inline_keyboard": [[{"text": "Oui", "callback_data": "o"}]]},
        },
    ),
    "an answer": (
        methods.SendMessage(chat_id=CHAT, text="x", reply_parameters=ReplyParameters(message_id=4)),
        {"text": "x", "parse_mode": "HTML", "reply_parameters": {"message_id": 4, "quote_parse_mode": "HTML"}},
    ),
    "no preview of links": (
        methods.SendMessage(chat_id=CHAT, text="x", link_preview_options=LinkPreviewOptions(is_disabled=True)),
        {"text": "x", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}},
    ),
    "a wish for an answer": (
        methods.SendMessage(chat_id=CHAT, text="x", reply_markup=ForceReply()),
        {"text": "x", "parse_mode": "HTML", "reply_markup": {"force_reply": True}},
    ),
    "a keyboard taken away": (
        methods.SendMessage(chat_id=CHAT, text="x", reply_markup=ReplyKeyboardRemove()),
        {"text": "x", "parse_mode": "HTML", "reply_markup": {"remove_keyboard": True}},
    ),
    "a place": (
        methods.SendLocation(chat_id=CHAT, latitude=48.11, longitude=-1.68),
        {"latitude": 48.11, "longitude": -1.68},
    ),
    "a named place": (
        methods.SendVenue(chat_id=CHAT, latitude=48.11, longitude=-1.68, title="Rectorat", address="96 rue d’Antrain"),
        {"latitude": 48.11, "longitude": -1.68, "title": "Rectorat", "address": "96 rue d’Antrain"},
    ),
    "somebody to call": (
        methods.SendContact(chat_id=CHAT, phone_number="01 00 00 00 00", first_name="Bureau"),
        {"phone_number": "01 00 00 00 00", "first_name": "Bureau"},
    ),
    "a poll": (
        methods.SendPoll(chat_id=CHAT, question="Quand ?", options=["lundi"], close_date=timedelta(hours=1)),
        {
            "question": "Quand ?",
            "question_parse_mode": "HTML",
            "explanation_parse_mode": "HTML",
            "description_parse_mode": "HTML",
            "options": ["lundi"],
            "close_date": int(NOW.timestamp()) + 3600,
        },
    ),
    "a message passed on": (
        methods.ForwardMessage(chat_id=CHAT, from_chat_id=8, message_id=4),
        {"from_chat_id": 8, "message_id": 4},
    ),
    "a copy": (
        methods.CopyMessage(chat_id=CHAT, from_chat_id=8, message_id=4),
        {"from_chat_id": 8, "message_id": 4, "parse_mode": "HTML"},
    ),
    "other words": (
        methods.EditMessageText(chat_id=CHAT, message_id=4, text="<i>y</i>"),
        {"message_id": 4, "text": "<i>y</i>", "parse_mode": "HTML"},
    ),
    "another caption": (
        methods.EditMessageCaption(chat_id=CHAT, message_id=4, caption="y"),
        {"message_id": 4, "caption": "y", "parse_mode": "HTML"},
    ),
    "a choice taken away": (
        methods.EditMessageReplyMarkup(chat_id=CHAT, message_id=4),
        {"message_id": 4},
    ),
    "a deletion": (methods.DeleteMessage(chat_id=CHAT, message_id=4), {"message_id": 4}),
    "a reaction": (
        methods.SetMessageReaction(chat_id=CHAT, message_id=4, reaction=[ReactionTypeEmoji(emoji="👍")]),
        {"message_id": 4, "reaction": [{"type": "emoji", "emoji": "👍"}]},
    ),
    "a pin": (methods.PinChatMessage(chat_id=CHAT, message_id=4), {"message_id": 4}),
    "a pin taken away": (methods.UnpinChatMessage(chat_id=CHAT, message_id=4), {"message_id": 4}),
    "all pins taken away": (methods.UnpinAllChatMessages(chat_id=CHAT), {}),
    "a departure": (methods.LeaveChat(chat_id=CHAT), {}),
    "a press answered with words": (
        methods.AnswerCallbackQuery(callback_query_id=f"{CHAT}:3", text="Noté"),
        {"callback_query_id": f"{CHAT}:3", "text": "Noté"},
    ),
}


@pytest.mark.parametrize("name", SERVED)
async def test_what_is_said_becomes_a_letter(house: Built, name: str) -> None:
    method, payload = SERVED[name]

    found = await written(house, method)

    defaults = {"protect_content", "disable_web_page_preview", "show_caption_above_media"}
    said = {key: value for key, value in found.items() if key not in defaults}
    assert said == {"method": method.__api_method__, "chat_id": CHAT, **payload}


QUIET = {
    "a press answered without a word": methods.AnswerCallbackQuery(callback_query_id=f"{CHAT}:3"),
    "typing": methods.SendChatAction(chat_id=CHAT, action="typing"),
    "a menu of commands": methods.SetMyCommands(commands=[BotCommand(command="aide", description="Aide")]),
    "no webhook": methods.DeleteWebhook(),
}


@pytest.mark.parametrize("name", QUIET)
async def test_what_needs_no_letter_is_answered_and_leaves_none(house: Built, name: str) -> None:
    answer = await house.bot(QUIET[name])

    assert answer is True
    assert await letters(house) == []


def text(words: str, **more: Any) -> methods.SendMessage:
    return methods.SendMessage(chat_id=CHAT, text=words, **more)


REFUSED: dict[str, tuple[TelegramMethod[Any], str]] = {
    "empty": (text(""), "message text is empty"),
    "blank": (text(" \n "), "message text is empty"),
    "marks alone": (text("<b></b>"), "message text is empty"),
    "too long": (text("x" * 4097), "message is too long"),
    "caption too long": (
        methods.SendDocument(chat_id=CHAT, document=BufferedInputFile(b"x", "x.txt"), caption="x" * 1025),
        "message caption is too long",
    ),
    "edited caption too long": (
        methods.EditMessageCaption(chat_id=CHAT, message_id=4, caption="x" * 1025),
        "message caption is too long",
    ),
    "unknown mark": (text("<h1>x</h1>"), 'can\'t parse entities: unsupported start tag "h1"'),
    "crossed marks": (text("<b><i>x</b></i>"), 'can\'t parse entities: unexpected end tag "b"'),
    "open mark": (text("<b>x"), "can't parse entities: can't find end tag corresponding to start tag \"b\""),
    "reserved sign": (
        text("fin.", parse_mode="MarkdownV2"),
        "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    "open bold": (
        text("é *x", parse_mode="Markdown"),
        "can't parse entities: Can't find end of the entity starting at byte offset 3",
    ),
    "unknown parse mode": (text("x", parse_mode="RTF"), "unsupported parse_mode RTF"),
    "an empty album": (methods.SendMediaGroup(chat_id=CHAT, media=[]), "an album holds from 1 to 10 files"),
    "an album of eleven": (
        methods.SendMediaGroup(chat_id=CHAT, media=[InputMediaPhoto(media="x")] * 11),
        "an album holds from 1 to 10 files",
    ),
    "no poll to stop": (methods.StopPoll(chat_id=CHAT, message_id=4), "message with poll to stop not found"),
    "a room nobody knows": (methods.GetChat(chat_id=CHAT), "chat not found"),
    "unknown chat": (methods.SendMessage(chat_id="@salon", text="x"), "chat not found"),
    "edit of nothing": (methods.EditMessageText(text="x"), "message to edit not found"),
    "edit to nothing": (methods.EditMessageText(chat_id=CHAT, message_id=4, text=""), "message text is empty"),
    "poll without a question": (
        methods.SendPoll(chat_id=CHAT, question=" ", options=["x"]),
        "poll question must be non-empty",
    ),
    "poll without a choice": (
        methods.SendPoll(chat_id=CHAT, question="?", options=[]),
        "poll must have at least 1 option",
    ),
    "paid emoji": (
        methods.SetMessageReaction(chat_id=CHAT, message_id=4, reaction=[ReactionTypeCustomEmoji(custom_emoji_id="1")]),
        "only plain emoji may be put under a message",
    ),
    "unknown file": (methods.GetFile(file_id="console-99"), "invalid file_id"),
    "foreign file": (methods.SendDocument(chat_id=CHAT, document="AgAC"), "invalid file_id"),
    "method that we do not speak": (
        methods.SendDice(chat_id=CHAT),
        "method SendDice is not available on console",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_said_is_refused_when_it_is_written(house: Built, name: str) -> None:
    method, why = REFUSED[name]

    with pytest.raises(TelegramBadRequest) as refused:
        await house.bot(method)

    assert refused.value.message == f"Bad Request: {why}"
    assert await letters(house) == []


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("x" * 4096, "x" * 4096),
        (f"<b>{'x' * 4096}</b>", "x" * 4096),
        ("&lt;b&gt; &amp; co", "<b> & co"),
        ('<a href="https://ac-rennes.fr">ici</a>', "ici"),
        ("<blockquote>§ D1.5</blockquote>", "§ D1.5"),
    ],
    ids=["longest", "longest without its marks", "escaped", "link", "quotation"],
)
async def test_a_message_is_returned_with_the_words_that_the_person_sees(house: Built, words: str, seen: str) -> None:
    message = await house.bot.send_message(CHAT, words)

    assert message.text == seen


async def test_a_message_returned_has_its_final_number_and_may_be_edited_at_once(house: Built) -> None:
    message = await house.bot.send_message(CHAT, "x")

    edited = await message.edit_text("y")

    assert isinstance(edited, Message)
    first, second = await letters(house)
    assert [first.message_id, second.payload["message_id"], edited.message_id] == [message.message_id] * 3
    assert (message.chat.id, message.chat.type, message.date) == (CHAT, "private", NOW)


async def test_the_defaults_of_the_bot_are_written_into_the_letter(house: Built) -> None:
    house.bot.default = DefaultBotProperties(protect_content=True, link_preview_is_disabled=True)

    await house.bot.send_message(CHAT, "<b>x</b>")

    (letter,) = await letters(house)
    assert letter.payload["protect_content"] is True
    assert "parse_mode" not in letter.payload


@pytest.mark.parametrize("way", ["bytes", "disk"])
async def test_a_file_of_ours_is_kept_and_leaves_byte_for_byte(house: Built, tmp_path: Path, way: str) -> None:
    path = tmp_path / "recu.pdf"
    path.write_bytes(b"%PDF-1.7")
    file = FSInputFile(path) if way == "disk" else BufferedInputFile(b"%PDF-1.7", "recu.pdf")

    await house.bot.send_document(CHAT, file, caption="Votre <b>reçu</b>")
    (letter,) = await letters(house)
    await house.settled()

    assert {key: letter.payload["document"][key] for key in ("name", "mime", "size")} == {
        "name": "recu.pdf",
        "mime": "application/pdf",
        "size": 8,
    }
    assert [(said.text, said.file) for said in house.heard] == [("Votre reçu", ("recu.pdf", b"%PDF-1.7"))]


async def test_a_file_that_somebody_dropped_is_read_and_may_be_sent_on_under_its_name(
    house: Built, tmp_path: Path
) -> None:
    path = tmp_path / "cv.pdf"
    path.write_bytes(b"CV" * 40_000)
    read: list[bytes] = []

    @house.router.message()
    async def take(message: Message) -> None:
        assert message.document is not None
        data = await house.bot.download(message.document)
        assert data is not None
        read.append(data.read())
        await message.answer_document(message.document.file_id)

    await house.door.drop("camille", path)
    await house.settled()

    assert read == [path.read_bytes()]
    assert [said.file for said in house.heard] == [("cv.pdf", path.read_bytes())]


async def test_what_is_refused_outside_of_an_update_leaves_nothing_half_written(house: Built) -> None:
    work = UnitOfWork(house.database, NOW)

    with work.current(), pytest.raises(TelegramBadRequest):
        await house.bot.send_message(CHAT, "")
    await house.committer.commit(work)

    assert await letters(house) == []


async def test_the_bot_says_who_it_is(house: Built) -> None:
    me = await house.bot.get_me()

    assert (me.id, me.is_bot, me.first_name) == (1, True, "Greffier")


async def test_an_album_is_one_letter_for_each_file(house: Built) -> None:
    first = InputMediaPhoto(media=BufferedInputFile(b"1", "un.png"), caption="*Un*", parse_mode="MarkdownV2")
    second = InputMediaDocument(media=BufferedInputFile(b"2", "deux.pdf"))

    messages = await house.bot.send_media_group(CHAT, [first, second])

    found = await letters(house)
    assert [(letter.method, letter.message_id) for letter in found] == [
        ("sendPhoto", messages[0].message_id),
        ("sendDocument", messages[1].message_id),
    ]
    assert [letter.payload.get("caption") for letter in found] == ["<b>Un</b>", None]
    assert (messages[0].caption, messages[0].media_group_id) == ("Un", messages[1].media_group_id)


async def test_a_file_that_was_sent_is_sent_again_by_its_file_id(house: Built) -> None:
    first = await house.bot.send_video(CHAT, BufferedInputFile(b"film", "visite.mp4"))
    assert first.video is not None

    await house.bot.send_video(CHAT, first.video.file_id)
    await house.settled()

    assert [said.file for said in house.heard] == [("visite.mp4", b"film")] * 2


async def test_a_poll_that_is_stopped_says_how_many_chose_what(house: Built) -> None:
    polls: list[Message] = []
    chosen: list[tuple[str, list[int]]] = []

    @house.router.message()
    async def ask(message: Message) -> None:
        polls.append(await message.answer_poll("Quand ?", ["lundi", "mardi"]))

    @house.router.poll_answer()
    async def note(answer: PollAnswer) -> None:
        chosen.append((answer.poll_id, answer.option_ids))

    await house.door.say("camille", "quand")
    await house.settled()
    for option in (0, 1):
        await house.door.choose("camille", house.heard[0].event, option)
        await house.settled()
    poll = await house.bot.stop_poll(polls[0].chat.id, polls[0].message_id)

    assert polls[0].poll is not None
    assert chosen == [(polls[0].poll.id, [0]), (poll.id, [1])]
    assert [(option.text, option.voter_count) for option in poll.options] == [("lundi", 0), ("mardi", 1)]
    assert (poll.is_closed, poll.total_voter_count) == (True, 1)


async def test_a_menu_of_commands_is_kept_for_its_scope(house: Built) -> None:
    aide, bureau = BotCommand(command="aide", description="Aide"), BotCommand(command="lot", description="Lot")
    scope = BotCommandScopeChat(chat_id=CHAT)

    await house.bot.set_my_commands([aide])
    await house.bot.set_my_commands([bureau], scope=scope)
    await house.bot.delete_my_commands()

    assert await house.bot.get_my_commands() == []
    assert await house.bot.get_my_commands(scope=scope) == [bureau]


async def test_a_conversation_says_who_is_in_it(house: Built) -> None:
    seen: list[Any] = []

    @house.router.message()
    async def look(message: Message) -> None:
        assert message.from_user is not None
        chat = await house.bot.get_chat(message.chat.id)
        member = await house.bot.get_chat_member(message.chat.id, message.from_user.id)
        count = await house.bot.get_chat_member_count(message.chat.id)
        seen.extend([chat.first_name, member.status, count])

    await house.door.say("camille", "bonjour")
    await house.settled()

    assert seen == ["Camille", "member", 2]
