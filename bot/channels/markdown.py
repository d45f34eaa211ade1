"""Telegram's two Markdowns, read into the HTML that letters carry: whatever a bot writes, a door reads one language."""

import html
import re
from collections.abc import Callable

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_MARKS = {"*": "b", "_": "i", "__": "u", "~": "s", "||": "tg-spoiler"}
_NAMES = {"b": "Bold", "i": "Italic", "u": "Underline", "s": "Strikethrough", "tg-spoiler": "Spoiler", "a": "TextUrl"}
_FENCE = re.compile(r"```(?:([^\s`\\]+)\n|\n)?((?:\\.|[^`\\]|`(?!``))*)```", re.DOTALL)
_CODE = re.compile(r"`((?:\\.|[^`\\])+)`", re.DOTALL)
_ADDRESS = re.compile(r"\]\(((?:\\.|[^)\\])*)\)", re.DOTALL)
_ESCAPE = re.compile(r"\\([\x01-\x7e])")
_EMOJI, _TIME = "tg://emoji?id=", "tg://time?unix="
_OLD = re.compile(
    r"\\([_*`\[])"
    r"|```(?:([^\s`]+)\n|\n)?(.*?)```"
    r"|`([^`]*)`"
    r"|\*([^*]*)\*"
    r"|_([^_]*)_"
    r"|\[([^\]]*)\]\(([^)]*)\)"
    r"|([*_`])",
    re.DOTALL,
)


class MarkdownError(ValueError):
    """The marks of a text do not agree; says where, as Telegram does."""


def html_of(text: str, mode: str) -> str:
    """A text of either Markdown as HTML.

    Args:
        mode: « MARKDOWNV2 » or « MARKDOWN ».

    Raises:
        MarkdownError: its marks do not agree.
    """
    return _Reader(text).read() if mode == "MARKDOWNV2" else _read_old(text)


def _quoted(words: str) -> str:
    return html.escape(words, quote=False)


def _unescaped(words: str) -> str:
    return _quoted(_ESCAPE.sub(r"\1", words))


def _pre(language: str | None, code: str) -> str:
    return (
        f'<pre><code class="language-{html.escape(language)}">{code}</code></pre>' if language else f"<pre>{code}</pre>"
    )


class _Reader:
    """Reads MarkdownV2 from left to right; `open` holds the marks still to be closed, with where they began."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.out: list[str] = []
        self.open: list[tuple[str, int, int]] = []  # the tag, its place in `out`, where it began

    def read(self) -> str:
        while self.at < len(self.text):
            self._step()
        if self.open and self.open[-1][0] == "blockquote":
            self._end_quotation()
        if self.open:
            tag, _, began = self.open[-1]
            offset = len(self.text[:began].encode())
            raise MarkdownError(f"Can't find end of {_NAMES.get(tag, tag)} entity at byte offset {offset}")
        return "".join(self.out)

    def _step(self) -> None:
        char = self.text[self.at]
        steps: dict[str, Callable[[], bool]] = {
            "\\": self._escape,
            "`": self._code,
            "\n": self._line_end,
            "[": self._link_begins,
            "!": self._link_begins,
            "]": self._link_ends,
            ">": self._quotation,
        }
        if self._begins_quotation() or steps.get(char, self._mark)():
            return
        if char in _RESERVED:
            raise MarkdownError(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")
        self._say("" if char == "\r" else _quoted(char), 1)  # « _\r » keeps two marks apart and is not shown

    def _say(self, words: str, read: int) -> bool:
        self.out.append(words)
        self.at += read
        return True

    def _escape(self) -> bool:
        found = _ESCAPE.match(self.text, self.at)
        return self._say(_quoted(found[1]), 2) if found else self._say("\\", 1)

    def _code(self) -> bool:
        fence = _FENCE.match(self.text, self.at)
        if fence:
            return self._say(_pre(fence[1], _unescaped(fence[2])), len(fence[0]))
        code = _CODE.match(self.text, self.at)
        if code is None:
            offset = len(self.text[: self.at].encode())
            raise MarkdownError(f"Can't find end of Code entity at byte offset {offset}")
        return self._say(f"<code>{_unescaped(code[1])}</code>", len(code[0]))

    # --- marks that stand on both sides ---

    def _mark(self) -> bool:
        pair = self.text[self.at : self.at + 2]
        mark = pair if pair in {"__", "||"} else self.text[self.at]
        tag = _MARKS.get(mark)
        if tag is None:
            return False
        if mark == "||" and self._ends_expandable():
            return True
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
            return self._say(f"</{tag}>", len(mark))
        if any(tag == opened for opened, _, __ in self.open):
            return self._fail()
        return self._begin(tag, f"<{tag}>", len(mark))

    def _begin(self, tag: str, words: str, read: int) -> bool:
        self.open.append((tag, len(self.out), self.at))
        return self._say(words, read)

    def _fail(self) -> bool:
        tag, _, began = self.open[-1]
        offset = len(self.text[:began].encode())
        raise MarkdownError(f"Can't find end of {_NAMES.get(tag, tag)} entity at byte offset {offset}")

    # --- links ---

    def _link_begins(self) -> bool:
        if self.text[self.at] == "!":
            return self.text[self.at + 1 : self.at + 2] == "[" and self._begin("!", "", 2)
        return self._begin("a", "", 1)

    def _link_ends(self) -> bool:
        if not self.open or self.open[-1][0] not in {"a", "!"}:
            return bool(self.open) and any(tag in {"a", "!"} for tag, _, __ in self.open) and self._fail()
        found = _ADDRESS.match(self.text, self.at)
        tag, place, _ = self.open.pop()
        address = html.escape(_ESCAPE.sub(r"\1", found[1])) if found else ""
        self.out[place], end = _link(tag, address)
        return self._say(end, len(found[0]) if found else 1)

    # --- quotations: lines that begin with « > » ---

    def _starts_line(self) -> bool:
        return self.at == 0 or self.text[self.at - 1] == "\n"

    def _begins_quotation(self) -> bool:
        """« **> » begins a quotation of its own, folded."""
        return self._starts_line() and self.text.startswith("**>", self.at) and self._begin_quotation(3)

    def _begin_quotation(self, read: int) -> bool:
        return self._begin("blockquote", "<blockquote>", read)

    def _quotation(self) -> bool:
        if not self._starts_line():
            return False
        if any(tag == "blockquote" for tag, _, __ in self.open):
            return self._say("", 1)
        return self._begin_quotation(1)

    def _line_end(self) -> bool:
        quoted = any(tag == "blockquote" for tag, _, __ in self.open)
        if not quoted or self.text[self.at + 1 : self.at + 2] == ">":
            return self._say("\n", 1)
        self._end_quotation()
        return self._say("" if self.at + 1 == len(self.text) else "\n", 1)

    def _end_quotation(self) -> None:
        if self.open[-1][0] != "blockquote":
            self._fail()
        self.open.pop()
        self.out.append("</blockquote>")

    def _ends_expandable(self) -> bool:
        """« || » at the end of the last line of a quotation folds it."""
        after = self.text[self.at + 2 : self.at + 4]
        if not self.open or self.open[-1][0] != "blockquote" or not (after == "" or re.match(r"\n(?!>)", after)):
            return False
        self.out[self.open[-1][1]] = "<blockquote expandable>"
        self.at += 2
        return True


def _link(tag: str, address: str) -> tuple[str, str]:
    """How a link begins and ends; an emoji of Telegram's own and an instant are links to it."""
    if tag == "!" and address.startswith(_EMOJI):
        return f'<tg-emoji emoji-id="{address.removeprefix(_EMOJI)}">', "</tg-emoji>"
    if tag == "!" and address.startswith(_TIME):
        return f'<tg-time unix="{address.removeprefix(_TIME).partition("&amp;")[0]}">', "</tg-time>"
    return (f'<a href="{address}">', "</a>") if address else ("", "")


def _read_old(text: str) -> str:
    """Telegram's first Markdown: no marks inside marks, and only its own four characters are escaped."""
    out, at = [], 0
    for found in _OLD.finditer(text):
        out += [_quoted(text[at : found.start()]), _old_piece(text, found)]
        at = found.end()
    return "".join([*out, _quoted(text[at:])])


def _old_piece(text: str, found: re.Match[str]) -> str:
    escaped, language, pre, code, bold, italic, label, address, alone = found.groups()
    if alone is not None:
        offset = len(text[: found.start()].encode())
        raise MarkdownError(f"Can't find end of the entity starting at byte offset {offset}")
    if pre is not None:
        return _pre(language, _quoted(pre))
    if label is not None:
        return f'<a href="{html.escape(address)}">{_quoted(label)}</a>'
    for tag, words in (("code", code), ("b", bold), ("i", italic)):
        if words is not None:
            return f"<{tag}>{_quoted(words)}</{tag}>" if words else ""
    return _quoted(escaped)
