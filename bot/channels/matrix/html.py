"""From the HTML that messages carry (Telegram's subset) to what Matrix clients show, and to plain words."""

import html
from collections.abc import Mapping
from html.parser import HTMLParser

_SAME = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "u",
    "ins": "u",
    "s": "del",
    "strike": "del",
    "del": "del",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_PERSON = "tg://user?id="
_PAGE = "https://matrix.to/#/"


class _Reader(HTMLParser):
    def __init__(self, people: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.rich: list[str] = []
        self.plain: list[str] = []
        self._people = people
        self._ends: list[tuple[str, str]] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        begin, end, plain_end = self._shown(tag, given)
        self._verbatim += tag == "pre"
        self.rich.append(begin)
        self._ends.append((end, plain_end))

    def handle_endtag(self, tag: str) -> None:
        if not self._ends:
            return
        end, plain_end = self._ends.pop()
        self._verbatim -= tag == "pre"
        self.rich.append(end)
        self.plain.append(plain_end)

    def handle_data(self, data: str) -> None:
        words = html.escape(data, quote=False)
        self.rich.append(words if self._verbatim else words.replace("\n", "<br>"))
        self.plain.append(data)

    def _shown(self, tag: str, given: Mapping[str, str]) -> tuple[str, str, str]:
        """How a tag begins and ends, and what plain words add at its end."""
        if tag == "tg-spoiler" or given.get("class") == "tg-spoiler":
            return "<span data-mx-spoiler>", "</span>", ""
        if tag == "a":
            return self._link(given.get("href", ""))
        name = _SAME.get(tag)
        if name is None:
            return "", "", ""
        language = given.get("class", "")
        if name == "code" and language.startswith("language-"):
            return f'<code class="{html.escape(language)}">', "</code>", ""
        return f"<{name}>", f"</{name}>", ""

    def _link(self, address: str) -> tuple[str, str, str]:
        if address.startswith(_PERSON):
            person = self._people.get(address.removeprefix(_PERSON))
            return (f'<a href="{_PAGE}{html.escape(person)}">', "</a>", "") if person else ("", "", "")
        return f'<a href="{html.escape(address)}">', "</a>", f" ({address})" if address else ""


def shown(marked: str, people: Mapping[str, str]) -> tuple[str, str]:
    """Marked-up words as `(plain, rich)`; links are said in the plain words as « texte (adresse) ».

    Args:
        people: for each integer of a mention (« tg://user?id=… »), the person's name on the network.
    """
    reader = _Reader(people)
    reader.feed(marked)
    reader.close()
    return "".join(reader.plain), "".join(reader.rich)


def escaped(words: str) -> str:
    """Plain words as HTML."""
    return html.escape(words, quote=False)
