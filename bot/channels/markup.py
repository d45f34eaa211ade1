"""The HTML that messages may carry: Telegram's subset, checked when written, shown as plain words where needed."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

ALLOWED = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "blockquote", "tg-spoiler", "span"}
)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.fault: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- HTMLParser's signature
        if tag not in ALLOWED:
            self.fault = self.fault or f'unsupported start tag "{tag}"'
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = self.fault or f'unexpected end tag "{tag}"'


def fault_of(text: str) -> str | None:
    """What is wrong with a marked-up text, None when nothing is."""
    if "<" not in text:
        return None
    checker = _Checker()
    checker.feed(text)
    checker.close()
    if checker.fault is None and checker.open:
        return f'can\'t find end tag corresponding to start tag "{checker.open[-1]}"'
    return checker.fault


def words_of(payload: Mapping[str, Any]) -> str:
    """The words of a message of the Bot API, as the person sees them."""
    said = str(payload.get("text") or payload.get("caption") or payload.get("question") or "")
    return plain_text(said) if payload.get("parse_mode") == "HTML" else said


def plain_text(text: str) -> str:
    """The words alone."""
    return html.unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text
