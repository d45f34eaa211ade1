"""What a method of the Bot API says, as the JSON of a letter: every field said, defaults resolved, one markup.

Whatever marks a bot writes (HTML, either Markdown, entities), the letter carries HTML or plain words.
"""

from datetime import datetime
from enum import Enum
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile, MessageEntity
from aiogram.utils.text_decorations import HtmlDecoration
from pydantic import BaseModel

from bot.channels.markdown import MarkdownError, html_of
from bot.channels.markup import Marked, read_marked

LONGEST_TEXT = 4096  # characters, as Telegram
LONGEST_CAPTION = 1024
_PLAIN = frozenset({str, int, bool, float})  # JSON as they are: nearly all that a method says


def refusal(method: TelegramMethod[Any], why: str) -> TelegramBadRequest:
    """What Telegram answers to a method that it will not carry out."""
    return TelegramBadRequest(method, f"Bad Request: {why}")


def chat_of(method: TelegramMethod[Any], given: int | str) -> int:
    """The integer of the conversation that a method is about."""
    try:
        return int(given)
    except ValueError:
        raise refusal(method, "chat not found") from None


def plain(value: Any, bot: Bot) -> Any:  # noqa: PLR0911 -- one line per kind is the clearest
    """A value of the Bot API as JSON: every field said, None left out, defaults taken from the bot.

    The bytes of a file are no JSON: they are left out, whoever wants them keeps them beforehand.
    """
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Default):
        return plain(bot.default[value.name], bot)
    if isinstance(value, BaseModel):
        said = ((name, plain(item, bot)) for name, item in value.__dict__.items() if item is not None)
        return {_alias(value, name): item for name, item in said if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item, bot) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, InputFile):
        return None
    return int(value.timestamp()) if isinstance(value, datetime) else value


def _alias(value: BaseModel, name: str) -> str:
    return type(value).model_fields[name].alias or name


def payload_of(method: TelegramMethod[Any], bot: Bot) -> dict[str, Any]:
    """A method as the JSON of a letter."""
    payload = cast("dict[str, Any]", plain(method, bot))
    earlier = payload.pop("reply_to_message_id", None)  # the older name of an answer
    if earlier is not None:
        payload.setdefault("reply_parameters", {"message_id": earlier})
    return payload


def written(method: TelegramMethod[Any], payload: dict[str, Any], field: str) -> Marked:
    """The words of `field` as the person will see them; the payload then carries them as HTML, or plain.

    Raises:
        TelegramBadRequest: the marks do not agree, or the words are too long, as Telegram would refuse them.
    """
    entities = payload.pop("entities" if field == "text" else "caption_entities", None)
    words = payload.get(field)
    if not words:
        return Marked()
    if entities:
        words, payload["parse_mode"] = html_with(words, entities), "HTML"
    mode = str(payload.get("parse_mode") or "").upper()
    payload[field], marked = _read(method, words, mode)
    if mode:
        payload["parse_mode"] = "HTML"
    longest, called = (LONGEST_TEXT, "message") if field == "text" else (LONGEST_CAPTION, "message caption")
    if len(marked.words) > longest:
        raise refusal(method, f"{called} is too long")
    return marked


def _read(method: TelegramMethod[Any], words: str, mode: str) -> tuple[str, Marked]:
    if mode not in {"", "HTML", "MARKDOWN", "MARKDOWNV2"}:
        raise refusal(method, f"unsupported parse_mode {mode}")
    if not mode:
        return words, Marked(words)
    try:
        words = words if mode == "HTML" else html_of(words, mode)
    except MarkdownError as error:
        raise refusal(method, f"can't parse entities: {error}") from error
    marked = read_marked(words)
    if marked.fault:
        raise refusal(method, f"can't parse entities: {marked.fault}")
    return words, marked


class _Decoration(HtmlDecoration):
    """aiogram's, with its addresses escaped and the language of a listing where Telegram reads it."""

    def link(self, value: str, link: str) -> str:
        return super().link(value, self.quote(link).replace('"', "&quot;"))

    def pre_language(self, value: str, language: str) -> str:
        return f'<pre><code class="language-{self.quote(language)}">{value}</code></pre>'


_DECORATION = _Decoration()


def html_with(words: str, entities: list[dict[str, Any]]) -> str:
    """Words with the entities of the Bot API, as HTML."""
    return _DECORATION.unparse(words, [MessageEntity.model_validate(entity) for entity in entities])
