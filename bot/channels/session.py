"""The Bot API as the house speaks it: an aiogram session that writes letters instead of sending.

`message.answer(…)` becomes a row of the outbox in the transaction of the update being handled, and returns at once a
`Message` that may be edited, deleted or replied to, even before it left. What cannot be said is refused here, when it
is written, as Telegram would refuse it; later failures of delivery are the postman's.
"""

import asyncio
import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from aiogram import Bot, methods
from aiogram.client.default import Default
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, File, InputFile, Message, MessageId, ReactionTypeEmoji, User
from pydantic import BaseModel

from bot.channels.door import Door
from bot.channels.markup import fault_of, plain_text
from bot.clock import Clock
from storage import identities
from storage.database import Database
from storage.files import Files
from storage.outbox import Letter
from storage.work import Committer, UnitOfWork, current_work

LONGEST_TEXT = 4096  # characters, as Telegram
LONGEST_CAPTION = 1024

Serve = Callable[["LetterSession", Bot, Any, UnitOfWork], Awaitable[Any]]


class LetterSession(BaseSession):
    """The session of one door's bot.

    Args:
        me: the integer of the bot itself.
    """

    def __init__(
        self, door: Door, database: Database, committer: Committer, files: Files, clock: Clock, *, me: int = 1
    ) -> None:
        super().__init__(api=TelegramAPIServer(base="greffier://{method}", file="greffier://{path}"))
        self._door = door
        self._database = database
        self._committer = committer
        self._files = files
        self._clock = clock
        self._signals: set[asyncio.Task[None]] = set()
        self.me = User(id=me, is_bot=True, first_name="Greffier", username="greffier")

    async def close(self) -> None:
        """Nothing to let go of: the door is closed by whoever opened it."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109, ARG002 -- aiogram's signature
    ) -> TelegramType:
        """Write what the method says into the current unit of work, or into one of its own outside of any update."""
        serve = _SERVED.get(type(method))
        if serve is None:
            raise refusal(method, f"method {type(method).__name__} is not available on {self._door.name}")
        async with self._work() as work:
            return cast("TelegramType", await serve(self, bot, method, work))

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,  # noqa: ARG002 -- aiogram's signature
        timeout: int = 30,  # noqa: ASYNC109, ARG002
        chunk_size: int = 65536,
        raise_for_status: bool = True,  # noqa: ARG002
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file that somebody sent, fetched through the door."""
        async with self._work() as work:
            data = await self._fetch(work, url.removeprefix("greffier://"))
        for start in range(0, len(data), chunk_size):
            yield data[start : start + chunk_size]

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[UnitOfWork]:
        current = current_work()
        if current is not None:
            current.check_open()
            yield current
            return
        await self._database.reserve_ids()
        work = UnitOfWork(self._database, self._clock.now())
        try:
            with work.current():
                yield work
            await self._committer.commit(work)
        finally:
            work.close()

    async def _fetch(self, work: UnitOfWork, file_id: str) -> bytes:
        media = await identities.find_media(work, file_id)
        if media is None:
            raise TelegramBadRequest(methods.GetFile(file_id=file_id), "Bad Request: invalid file_id")
        return await self._door.fetch(self.json_loads(media["source"]))

    async def store(self, bot: Bot, work: UnitOfWork, given: InputFile | str, name: str) -> dict[str, Any]:
        """Keep the bytes of a file to send; a `file_id` stands for a file that somebody sent."""
        mime = None
        if isinstance(given, str):
            data = await self._fetch(work, given)
            media = await identities.find_media(work, given) or {}
            name, mime = media.get("name") or name, media.get("mime")
        else:
            data = b"".join([chunk async for chunk in given.read(bot)])
            name = given.filename or name
        sha256 = await asyncio.to_thread(self._files.put, data)
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"file": sha256, "name": name, "mime": mime, "size": len(data)}

    def put(self, work: UnitOfWork, method: TelegramMethod[Any], payload: dict[str, Any], *, creates: bool) -> int:
        """Write the letter; returns the message's id."""
        message_id = work.take_id() if creates else int(payload.get("message_id") or 0)
        chat_id = payload.pop("chat_id")
        letter = Letter(
            chat_id=_chat_id(method, chat_id),
            method=method.__api_method__,
            payload=payload,
            kind=work.kept.pop("kind", ""),
            candidature_id=work.kept.get("candidature_id"),
            door=self._door.name,
            message_id=message_id if creates else None,
        )
        work.outbox.put(letter)
        return message_id

    def message(self, bot: Bot, work: UnitOfWork, chat_id: int, message_id: int, **said: Any) -> Message:
        """The message as it will be, at once."""
        kind = "private" if chat_id > 0 else "group"
        chat = Chat(id=chat_id, type=kind)
        return Message(message_id=message_id, date=work.now, chat=chat, from_user=self.me, **said).as_(bot)

    def signal(self, room: str, *, on: bool) -> None:
        """Show that an answer is on its way, without waiting for the network."""
        task = asyncio.create_task(self._door.typing(room, on=on))
        self._signals.add(task)
        task.add_done_callback(self._signals.discard)


def refusal(method: TelegramMethod[Any], why: str) -> TelegramBadRequest:
    """What Telegram answers to a method that it will not carry out."""
    return TelegramBadRequest(method, f"Bad Request: {why}")


def _chat_id(method: TelegramMethod[Any], given: int | str) -> int:
    try:
        return int(given)
    except ValueError:
        raise refusal(method, "chat not found") from None


def plain(value: Any, bot: Bot) -> Any:
    """A value of the Bot API as JSON: every field said, None left out, defaults taken from the bot."""
    if isinstance(value, Default):
        return plain(bot.default[value.name], bot)
    if isinstance(value, BaseModel):
        said = ((_alias(value, name), plain(item, bot)) for name, item in value.__dict__.items())
        return {name: item for name, item in said if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item, bot) for item in value]
    if isinstance(value, Enum):
        return value.value
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _alias(value: BaseModel, name: str) -> str:
    return type(value).model_fields[name].alias or name


def _payload(method: TelegramMethod[Any], bot: Bot) -> dict[str, Any]:
    return cast("dict[str, Any]", plain(method, bot))


def _check_text(method: TelegramMethod[Any], text: str | None, payload: dict[str, Any], longest: int) -> str:
    """The words as the person will see them; refused as Telegram would."""
    mode = str(payload.get("parse_mode") or "").upper()
    if mode not in {"", "HTML"}:
        raise refusal(method, f"unsupported parse_mode {mode}")
    if mode == "HTML" and text:
        fault = fault_of(text)
        if fault:
            raise refusal(method, f"can't parse entities: {fault}")
    seen = plain_text(text or "") if mode == "HTML" else text or ""
    if len(seen) > longest:
        raise refusal(method, "message is too long" if longest == LONGEST_TEXT else "message caption is too long")
    return seen


async def _send_message(session: LetterSession, bot: Bot, method: methods.SendMessage, work: UnitOfWork) -> Message:
    payload = _payload(method, bot)
    seen = _check_text(method, method.text, payload, LONGEST_TEXT)
    if not seen.strip():
        raise refusal(method, "message text is empty")
    chat_id = _chat_id(method, method.chat_id)
    message_id = session.put(work, method, payload, creates=True)
    return session.message(bot, work, chat_id, message_id, text=seen)


async def _send_file(session: LetterSession, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    field = "photo" if isinstance(method, methods.SendPhoto) else "document"
    given, default = getattr(method, field), "image.png" if field == "photo" else "fichier"
    payload = {name: plain(item, bot) for name, item in method.__dict__.items() if name != field}
    payload = {name: item for name, item in payload.items() if item is not None}
    seen = _check_text(method, method.caption, payload, LONGEST_CAPTION)
    payload[field] = await session.store(bot, work, given, default)
    chat_id = _chat_id(method, method.chat_id)
    message_id = session.put(work, method, payload, creates=True)
    return session.message(bot, work, chat_id, message_id, caption=seen or None)


async def _send_other(session: LetterSession, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    chat_id = _chat_id(method, method.chat_id)
    message_id = session.put(work, method, _payload(method, bot), creates=True)
    return session.message(bot, work, chat_id, message_id)


async def _send_poll(session: LetterSession, bot: Bot, method: methods.SendPoll, work: UnitOfWork) -> Message:
    if not method.question.strip():
        raise refusal(method, "poll question must be non-empty")
    if not method.options:
        raise refusal(method, "poll must have at least 1 option")
    if isinstance(method.close_date, timedelta):
        method = method.model_copy(update={"close_date": work.now + method.close_date})
    return await _send_other(session, bot, method, work)


async def _react(session: LetterSession, bot: Bot, method: methods.SetMessageReaction, work: UnitOfWork) -> bool:
    """An emoji that everybody's client has."""
    if any(not isinstance(reaction, ReactionTypeEmoji) for reaction in method.reaction or ()):
        raise refusal(method, "only plain emoji may be put under a message")
    return await _act(session, bot, method, work)


async def _copy(session: LetterSession, bot: Bot, method: methods.CopyMessage, work: UnitOfWork) -> MessageId:
    message = await _send_other(session, bot, method, work)
    return MessageId(message_id=message.message_id)


async def _edit_text(session: LetterSession, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    if method.chat_id is None or method.message_id is None:
        raise refusal(method, "message to edit not found")
    payload = _payload(method, bot)
    field = "caption" if isinstance(method, methods.EditMessageCaption) else "text"
    longest = LONGEST_TEXT if field == "text" else LONGEST_CAPTION
    seen = _check_text(method, getattr(method, field, None), payload, longest)
    if isinstance(method, methods.EditMessageText) and not seen.strip():
        raise refusal(method, "message text is empty")
    session.put(work, method, payload, creates=False)
    said = {field: seen or None, "edit_date": int(work.now.timestamp())}
    return session.message(bot, work, _chat_id(method, method.chat_id), method.message_id, **said)


async def _act(session: LetterSession, bot: Bot, method: Any, work: UnitOfWork) -> bool:
    session.put(work, method, _payload(method, bot), creates=False)
    return True


async def _answer_callback(
    session: LetterSession, bot: Bot, method: methods.AnswerCallbackQuery, work: UnitOfWork
) -> bool:
    """A press that is answered with words gets them as a notice; without words there is nothing to send."""
    chat_id = method.callback_query_id.rpartition(":")[0]
    if method.text and chat_id:
        payload = {**_payload(method, bot), "chat_id": int(chat_id)}
        session.put(work, method, payload, creates=False)
    return True


async def _chat_action(session: LetterSession, _: Bot, method: methods.SendChatAction, work: UnitOfWork) -> bool:
    room = await work.run(identities.address, _chat_id(method, method.chat_id))
    if room is not None:
        session.signal(room, on=True)
    return True


async def _get_file(_: LetterSession, __: Bot, method: methods.GetFile, work: UnitOfWork) -> File:
    media = await identities.find_media(work, method.file_id)
    if media is None:
        raise refusal(method, "invalid file_id")
    identity = method.file_id
    return File(file_id=identity, file_unique_id=identity, file_size=media["size"], file_path=identity)


async def _get_me(session: LetterSession, *_: Any) -> User:
    return session.me


async def _nothing(*_: Any) -> bool:
    """What has no meaning here and does no harm."""
    return True


_SERVED: dict[type[TelegramMethod[Any]], Serve] = {
    methods.SendMessage: _send_message,
    methods.SendPhoto: _send_file,
    methods.SendDocument: _send_file,
    methods.SendPoll: _send_poll,
    methods.SendLocation: _send_other,
    methods.ForwardMessage: _send_other,
    methods.CopyMessage: _copy,
    methods.EditMessageText: _edit_text,
    methods.EditMessageCaption: _edit_text,
    methods.EditMessageReplyMarkup: _edit_text,
    methods.DeleteMessage: _act,
    methods.SetMessageReaction: _react,
    methods.PinChatMessage: _act,
    methods.LeaveChat: _act,
    methods.AnswerCallbackQuery: _answer_callback,
    methods.SendChatAction: _chat_action,
    methods.GetFile: _get_file,
    methods.GetMe: _get_me,
    methods.SetMyCommands: _nothing,
    methods.DeleteWebhook: _nothing,
}
