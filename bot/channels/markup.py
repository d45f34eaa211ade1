"""The HTML that messages may carry: Telegram's subset, checked when written, shown as plain words where needed."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
ALLOWED = frozenset(_KINDS)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_PERSON = "tg://user?id="


@dataclass
class Marked:
    """A marked-up text, read: the words as the person sees them, and where which mark stands.

    Args:
        entities: as the Bot API's JSON, offsets in UTF-16 units.
        fault: what is wrong with the marks, None when nothing is.
    """

    words: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    fault: str | None = None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.marked = Marked()
        self.pieces: list[str] = []
        self.length = 0
        self.open: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KINDS:
            self._blame(f'unsupported start tag "{tag}"')
        given = {name: value or "" for name, value in attrs}
        self.open.append((tag, {"offset": self.length, **_kind(tag, given)}))

    def handle_endtag(self, tag: str) -> None:
        begun, entity = self.open.pop() if self.open else ("", {})
        if begun != tag:
            self._blame(f'unexpected end tag "{tag}"')
            return
        length = self.length - entity["offset"]
        language = tag == "code" and self.open and self.open[-1][0] == "pre"
        if language and entity.get("language"):
            self.open[-1][1]["language"] = entity["language"]
        elif length and entity["type"]:
            entity.pop("language", None) if tag == "code" else None
            self.marked.entities.append({**entity, "length": length})

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
        self.length += len(data.encode("utf-16-le")) // 2

    def _blame(self, fault: str) -> None:
        self.marked.fault = self.marked.fault or fault


def _kind(tag: str, given: Mapping[str, str]) -> dict[str, Any]:
    kind = _KINDS.get(tag)
    address = given.get("href", "")
    if tag == "a" and address.removeprefix(_PERSON).isdecimal():
        person = {"id": int(address.removeprefix(_PERSON)), "is_bot": False, "first_name": ""}
        return {"type": "text_mention", "user": person}
    if tag == "a":
        return {"type": kind if address else None, "url": address}
    if tag == "blockquote" and "expandable" in given:
        return {"type": "expandable_blockquote"}
    if tag == "tg-emoji":
        return {"type": kind, "custom_emoji_id": given.get("emoji-id", "")}
    if tag == "tg-time":
        return {"type": kind, "unix_time": int(given["unix"])} if given.get("unix", "").isdecimal() else {"type": None}
    language = given.get("class", "").removeprefix("language-") if tag == "code" else ""
    return {"type": kind, **({"language": language} if language else {})}


def read_marked(text: str) -> Marked:
    """Read a marked-up text."""
    if "<" not in text and "&" not in text:
        return Marked(text)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    marked = reader.marked
    if marked.fault is None and reader.open:
        marked.fault = f'can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"'
    marked.words = "".join(reader.pieces)
    marked.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return marked


def words_of(payload: Mapping[str, Any]) -> str:
    """The words of a message of the Bot API, as the person sees them."""
    if isinstance(media := payload.get("media"), Mapping):  # another file in the place of one
        return words_of(media)
    said = str(payload.get("text") or payload.get("caption") or payload.get("question") or "") or "\n".join(
        line for line in _card(payload) if line
    )
    return plain_text(said) if payload.get("parse_mode") == "HTML" else said


def plain_text(text: str) -> str:
    """The words alone."""
    return html.unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text


def _card(payload: Mapping[str, Any]) -> list[str]:
    """A place or a person to call, in words."""
    if "phone_number" in payload:
        name = f"{payload['first_name']} {payload.get('last_name') or ''}"
        return [name.strip(), str(payload["phone_number"])]
    if "latitude" in payload:
        place = f"{payload['latitude']}, {payload['longitude']}"
        return [str(payload.get("title") or ""), str(payload.get("address") or ""), place]
    return []
