"""The methods of the Bot API that become letters, each checked as Telegram would; `SERVED` names all."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from aiogram import Bot, methods
from aiogram.methods import TelegramMethod
from aiogram.types import Message, MessageId, Poll, ReactionTypeEmoji
from pydantic import BaseModel

from bot.channels import answered
from bot.channels.door import FILES
from bot.channels.files import edit_media, send_album, send_file, shown, words
from bot.channels.payload import chat_of, payload_of, refusal, written
from bot.channels.writer import Writer
from storage.work import UnitOfWork

Serve = Callable[[Writer, Bot, Any, UnitOfWork], Awaitable[Any]]
M = TypeVar("M", bound=TelegramMethod[Any])


# --- words ---


async def _send_message(writer: Writer, bot: Bot, method: methods.SendMessage, work: UnitOfWork) -> Message:
    payload = payload_of(method, bot)
    marked = written(method, payload, "text")
    if not marked.words.strip():
        raise refusal(method, "message text is empty")
    return _said(writer, bot, method, work, payload, **words("text", marked))


async def _send_other(writer: Writer, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    """What carries neither marks nor a file."""
    payload = payload_of(method, bot)
    return _said(writer, bot, method, work, payload, **_card(method))


async def _send_poll(writer: Writer, bot: Bot, method: methods.SendPoll, work: UnitOfWork) -> Message:
    if not method.question.strip():
        raise refusal(method, "poll question must be non-empty")
    if not method.options:
        raise refusal(method, "poll must have at least 1 option")
    if isinstance(method.close_date, timedelta):
        method = method.model_copy(update={"close_date": work.now + method.close_date})
    payload = payload_of(method, bot)
    message = _said(writer, bot, method, work, payload)
    return message.model_copy(update={"poll": answered.poll(message.message_id, payload)}).as_(bot)


def _said(writer: Writer, bot: Bot, method: Any, work: UnitOfWork, payload: dict[str, Any], **said: Any) -> Message:
    """Write a letter; returns the message that it will be."""
    chat_id = chat_of(method, method.chat_id)
    message_id = writer.put(work, method, payload, creates=True)
    return writer.message(bot, work, chat_id, message_id, **shown(method), **said)


def _card(method: Any) -> dict[str, Any]:
    """A place or a person to call, as the message shows it."""
    if isinstance(method, methods.SendContact):
        return {"contact": _taken(method, "phone_number", "first_name", "last_name")}
    place = _taken(method, "latitude", "longitude")
    if isinstance(method, methods.SendVenue):
        return {"location": place, "venue": {"location": place, **_taken(method, "title", "address")}}
    return {"location": place} if place else {}


def _taken(method: BaseModel, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(method, name, None)) is not None}


# --- messages passed on ---


async def _copy(writer: Writer, bot: Bot, method: methods.CopyMessage, work: UnitOfWork) -> MessageId:
    message = await _pass_on(writer, bot, method, work)
    return MessageId(message_id=message.message_id)


async def _pass_on(writer: Writer, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    payload = payload_of(method, bot)
    written(method, payload, "caption")
    room = await writer.room_of(work, chat_of(method, method.from_chat_id))
    if room is not None:
        payload["from_room"] = room
    return _said(writer, bot, method, work, payload)


async def _copy_all(writer: Writer, bot: Bot, method: methods.CopyMessages, work: UnitOfWork) -> list[MessageId]:
    return [await _copy(writer, bot, one, work) for one in _each(method, methods.CopyMessage)]


async def _pass_all_on(writer: Writer, bot: Bot, method: methods.ForwardMessages, work: UnitOfWork) -> list[MessageId]:
    passed = [await _pass_on(writer, bot, one, work) for one in _each(method, methods.ForwardMessage)]
    return [MessageId(message_id=message.message_id) for message in passed]


async def _delete_all(writer: Writer, bot: Bot, method: methods.DeleteMessages, work: UnitOfWork) -> bool:
    for one in _each(method, methods.DeleteMessage):
        await _act(writer, bot, one, work)
    return True


def _each(method: Any, kind: type[M]) -> list[M]:
    """A method about several messages, as one for each."""
    given = {name: value for name, value in method.__dict__.items() if name in kind.model_fields}
    return [kind(**given, message_id=message_id) for message_id in method.message_ids]


# --- messages changed ---


async def _edit_text(writer: Writer, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    if method.chat_id is None or method.message_id is None:
        raise refusal(method, "message to edit not found")
    payload = payload_of(method, bot)
    field = "caption" if isinstance(method, methods.EditMessageCaption) else "text"
    marked = written(method, payload, field)
    if isinstance(method, methods.EditMessageText) and not marked.words.strip():
        raise refusal(method, "message text is empty")
    writer.put(work, method, payload, creates=False)
    said = {**words(field, marked), **shown(method), "edit_date": int(work.now.timestamp())}
    return writer.message(bot, work, chat_of(method, method.chat_id), method.message_id, **said)


async def _act(writer: Writer, bot: Bot, method: Any, work: UnitOfWork) -> bool:
    writer.put(work, method, payload_of(method, bot), creates=False)
    return True


async def _react(writer: Writer, bot: Bot, method: methods.SetMessageReaction, work: UnitOfWork) -> bool:
    """An emoji that everybody's client has."""
    if any(not isinstance(reaction, ReactionTypeEmoji) for reaction in method.reaction or ()):
        raise refusal(method, "only plain emoji may be put under a message")
    return await _act(writer, bot, method, work)


async def _stop_poll(writer: Writer, bot: Bot, method: methods.StopPoll, work: UnitOfWork) -> Poll:
    found = await answered.counted(work, method.message_id)
    if found is None:
        raise refusal(method, "message with poll to stop not found")
    writer.put(work, method, payload_of(method, bot), creates=False)
    return found


async def _answer_callback(writer: Writer, bot: Bot, method: methods.AnswerCallbackQuery, work: UnitOfWork) -> bool:
    """A press that is answered with words gets them as a notice; without words there is nothing to send."""
    chat_id = method.callback_query_id.rpartition(":")[0]
    if method.text and chat_id:
        payload = {**payload_of(method, bot), "chat_id": int(chat_id)}
        writer.put(work, method, payload, creates=False)
    return True


async def _chat_action(writer: Writer, _: Bot, method: methods.SendChatAction, work: UnitOfWork) -> bool:
    room = await writer.room_of(work, chat_of(method, method.chat_id))
    if room is not None:
        writer.signal(room, on=True)
    return True


LETTERS: dict[type[TelegramMethod[Any]], Serve] = {
    methods.SendMessage: _send_message,
    **{getattr(methods, name[0].upper() + name[1:]): send_file for name in FILES},
    methods.SendPoll: _send_poll,
    methods.StopPoll: _stop_poll,
    methods.SendLocation: _send_other,
    methods.SendVenue: _send_other,
    methods.SendContact: _send_other,
    methods.ForwardMessage: _pass_on,
    methods.CopyMessage: _copy,
    methods.EditMessageText: _edit_text,
    methods.EditMessageCaption: _edit_text,
    methods.EditMessageMedia: edit_media,
    methods.EditMessageReplyMarkup: _edit_text,
    methods.DeleteMessage: _act,
    methods.SetMessageReaction: _react,
    methods.PinChatMessage: _act,
    methods.UnpinChatMessage: _act,
    methods.UnpinAllChatMessages: _act,
    methods.LeaveChat: _act,
    methods.AnswerCallbackQuery: _answer_callback,
}  # a letter each, which every door must be able to say

SERVED: dict[type[TelegramMethod[Any]], Serve] = {
    **LETTERS,
    methods.SendMediaGroup: send_album,
    methods.ForwardMessages: _pass_all_on,
    methods.CopyMessages: _copy_all,
    methods.DeleteMessages: _delete_all,
    methods.SendChatAction: _chat_action,
    methods.GetFile: answered.get_file,
    methods.GetMe: answered.get_me,
    methods.GetChat: answered.get_chat,
    methods.GetChatMember: answered.get_member,
    methods.GetChatMemberCount: answered.count_members,
    methods.GetChatAdministrators: answered.get_administrators,
    methods.SetMyCommands: answered.set_commands,
    methods.GetMyCommands: answered.get_commands,
    methods.DeleteMyCommands: answered.delete_commands,
    methods.DeleteWebhook: answered.nothing,
}
