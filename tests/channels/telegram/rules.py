"""What Telegram checks before it carries out a call."""

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_DATA = 4096, 1024, 64
ALBUM = range(2, 11)
_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "tg-spoiler"}
_ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "pay")


class RefusedError(Exception):
    """A call that is not carried out."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, Any] | None = None) -> None:
        self.code, self.description, self.parameters = code, description, parameters
        super().__init__(description)


def refuse(why: str) -> RefusedError:
    """The refusal of a bad request."""
    return RefusedError(400, f"Bad Request: {why}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 -- HTMLParser's signature
        if tag not in _TAGS and tag != "span":
            raise refuse(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise refuse(f'can\'t parse entities: Unexpected end tag "{tag}" at byte offset 0')

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _seen(words: str, mode: str) -> str:
    """The words as people see them."""
    if not mode:
        return words
    if mode.upper() != "HTML":
        raise refuse(f"unsupported parse_mode {mode}")
    reader = _Reader()
    reader.feed(words)
    reader.close()
    if reader.open:
        raise refuse(f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1]}\"")
    return html.unescape("".join(reader.words))


def check_text(data: Mapping[str, Any]) -> str:
    """The words of a message."""
    seen = _seen(data.get("text", ""), data.get("parse_mode", ""))
    if not seen.strip():
        raise refuse("message text is empty")
    if len(seen) > LONGEST_TEXT:
        raise refuse("message is too long")
    return seen


def check_caption(data: Mapping[str, Any]) -> dict[str, str]:
    """The words under a file."""
    seen = _seen(data.get("caption", ""), data.get("parse_mode", ""))
    if len(seen) > LONGEST_CAPTION:
        raise refuse("message caption is too long")
    return {"caption": seen} if seen else {}


def check_markup(markup: Any) -> dict[str, Any] | None:
    """A keyboard."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise refuse("can't parse reply keyboard markup JSON object")
    for button in (button for row in markup.get("inline_keyboard", []) for button in row):
        if not button.get("text"):
            raise refuse('can\'t parse inline keyboard button: Field "text" must be non-empty')
        if sum(action in button for action in _ACTIONS) != 1:
            raise refuse("text buttons are unallowed in the inline keyboard")
        if len(button.get("callback_data", "x").encode()) not in range(1, LONGEST_DATA + 1):
            raise refuse("BUTTON_DATA_INVALID")
    return markup


def check_poll(data: Mapping[str, Any], number: str) -> dict[str, Any]:
    """A poll."""
    options = [option if isinstance(option, str) else option["text"] for option in data.get("options", [])]
    if not 1 <= len(data.get("question", "")) <= 300:
        raise refuse("poll question must be non-empty")
    if not 1 <= len(options) <= 12:
        raise refuse("poll must have at least 1 option")
    shown = [{"text": option, "voter_count": 0, "persistent_id": str(place)} for place, option in enumerate(options)]
    flags = {"is_closed": False, "is_anonymous": data.get("is_anonymous", "true") != "false", "type": "regular"}
    return {"id": number, "question": data["question"], "options": shown, "total_voter_count": 0, **flags}


def check_album(media: Any) -> list[dict[str, Any]]:
    """Several files at once: from 2 to 10; documents stand among documents, sounds among sounds."""
    if not isinstance(media, list):
        raise refuse("media must be an Array of InputMedia")
    if len(media) not in ALBUM:
        raise refuse("media must include 2-10 items")
    kinds = {one.get("type") for one in media}
    if not kinds <= {"audio", "document", "photo", "video"}:
        raise refuse("wrong type of a media in an album")
    alone = sorted(kinds & {"audio", "document"})
    if alone and len(kinds) > 1:
        raise refuse(f"{alone[0].capitalize()} can't be mixed with other media types")
    return media


def check_place(data: Mapping[str, Any]) -> dict[str, float]:
    """A place on a map."""
    place = {name: float(data[name]) for name in ("latitude", "longitude") if data.get(name)}
    if len(place) != 2 or abs(place["latitude"]) > 90 or abs(place["longitude"]) > 180:
        raise refuse("wrong location specified")
    return place


def check_contact(data: Mapping[str, Any]) -> dict[str, str]:
    """A person to call."""
    shown = {name: str(data[name]) for name in ("phone_number", "first_name", "last_name") if data.get(name)}
    if not {"phone_number", "first_name"} <= set(shown):
        raise refuse("contact phone number and first name must be non-empty")
    return shown


def check_commands(commands: Any) -> list[dict[str, str]]:
    """A menu."""
    if not isinstance(commands, Sequence) or not 1 <= len(commands) <= 100:
        raise refuse("can't parse commands")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise refuse("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise refuse("BOT_COMMAND_DESCRIPTION_INVALID")
    return list(commands)
