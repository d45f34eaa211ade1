"""Files as letters: one by itself, or several as an album where the network shows one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from aiogram import Bot, methods
from aiogram.types import InlineKeyboardMarkup, Message

from bot.channels import answered
from bot.channels.door import FILES
from bot.channels.markup import Marked
from bot.channels.payload import chat_of, payload_of, refusal, written
from bot.channels.writer import Writer
from storage.work import UnitOfWork

_NAMES = {"photo": "image.png", "animation": "animation.gif", "sticker": "autocollant.webp", "video_note": "video.mp4"}
_ALBUM = range(1, 11)
_ALONE = ("document", "audio")  # kinds that Telegram shows beside none but their own


def shown(method: Any) -> dict[str, Any]:
    """The buttons of a method, as the message shows them."""
    markup = getattr(method, "reply_markup", None)
    return {"reply_markup": markup} if isinstance(markup, InlineKeyboardMarkup) else {}


def words(field: str, marked: Marked) -> dict[str, Any]:
    """The words of a method, as the message shows them."""
    if not marked.words:
        return {}
    entities = {"entities" if field == "text" else "caption_entities": marked.entities} if marked.entities else {}
    return {field: marked.words, **entities}


async def send_file(writer: Writer, bot: Bot, method: Any, work: UnitOfWork) -> Message:
    """A file with the words under it."""
    field = FILES[method.__api_method__]
    return await _file(writer, bot, method, work, field, getattr(method, field), payload_of(method, bot))


async def _file(
    writer: Writer,
    bot: Bot,
    method: Any,
    work: UnitOfWork,
    field: str,
    given: Any,
    payload: dict[str, Any],
    **more: Any,
) -> Message:
    chat_id = chat_of(method, method.chat_id)
    said = await _carried(writer, bot, method, work, field, given, payload)
    called = next(name for name, carried in FILES.items() if carried == field)
    message_id = writer.put(work, method, payload, creates=True, called=called)
    return writer.message(bot, work, chat_id, message_id, **said, **shown(method), **more)


async def _carried(
    writer: Writer, bot: Bot, method: Any, work: UnitOfWork, field: str, given: Any, payload: dict[str, Any]
) -> dict[str, Any]:
    """Keep a file in the payload, its words checked; returns what the message shows of them."""
    marked = written(method, payload, "caption")
    for dressing in ("thumbnail", "cover"):  # no network but Telegram shows them
        payload.pop(dressing, None)
    payload[field] = await writer.store(bot, work, given, _NAMES.get(field, "fichier"))
    return {**words("caption", marked), **answered.file(field, payload[field])}


async def edit_media(writer: Writer, bot: Bot, method: methods.EditMessageMedia, work: UnitOfWork) -> Message:
    """Another file in the place of a message's own, with its words."""
    if method.chat_id is None or method.message_id is None:
        raise refusal(method, "message to edit not found")
    payload = payload_of(method, bot)
    media, field = payload["media"], method.media.type
    if field not in FILES.values():
        raise refusal(method, f"a message cannot become a {field}")
    said = await _carried(writer, bot, method, work, field, cast("Any", method.media).media, media)
    media["media"] = media.pop(field)
    writer.put(work, method, payload, creates=False)
    edited = int(work.now.timestamp())
    chat_id = chat_of(method, method.chat_id)
    return writer.message(bot, work, chat_id, method.message_id, **said, **shown(method), edit_date=edited)


async def send_album(writer: Writer, bot: Bot, method: methods.SendMediaGroup, work: UnitOfWork) -> list[Message]:
    """One letter, where the network shows albums; elsewhere one for each file, which then fails alone."""
    if len(method.media) not in _ALBUM:
        raise refusal(method, "an album holds from 1 to 10 files")
    shared = payload_of(method, bot)
    pages = [_Page(said.pop("type"), cast("Any", media).media, said) for media, said in _each_said(method, shared)]
    for page in pages:
        if page.field not in FILES.values():
            raise refusal(method, f"an album cannot hold a {page.field}")
    album = {"media_group_id": str(work.take_id())} if len(pages) > 1 else {}
    if album and writer.albums:
        return await _together(writer, bot, method, work, pages, shared, **album)
    return [
        await _file(writer, bot, method, work, page.field, page.given, {**shared, **page.said}, **album)
        for page in pages
    ]


@dataclass(frozen=True)
class _Page:
    """One file of an album: its kind, the file, what is said of it."""

    field: str
    given: Any
    said: dict[str, Any]


def _each_said(method: methods.SendMediaGroup, shared: dict[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    for media, said in zip(method.media, shared.pop("media"), strict=True):
        said.pop("media", None)
        yield media, said


async def _together(
    writer: Writer,
    bot: Bot,
    method: methods.SendMediaGroup,
    work: UnitOfWork,
    pages: Sequence[_Page],
    payload: dict[str, Any],
    **album: str,
) -> list[Message]:
    """An album as one letter: one try, one state, as many messages as files; the letter bears the last one's number."""
    if len({page.field if page.field in _ALONE else "" for page in pages}) > 1:
        raise refusal(method, "documents and sounds can be grouped in an album only with files of the same kind")
    chat_id, media, seen = chat_of(method, method.chat_id), [], []
    for page in pages:
        seen.append(await _carried(writer, bot, method, work, page.field, page.given, page.said))
        file = page.said.pop(page.field)
        media.append({"type": page.field, "media": file, **page.said})
    before = [work.take_id() for _ in pages[1:]]
    last = writer.put(work, method, {**payload, "media": media, "album": before}, creates=True)
    numbered = zip((*before, last), seen, strict=True)
    return [writer.message(bot, work, chat_id, number, **said, **album) for number, said in numbered]
