"""Choices on Matrix: numbered lines that can be typed in any client, and a poll where one tap does.

The poll has the unstable form (MSC3381): the stable form is an empty line in Tchap.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.matrix.html import escaped
from bot.channels.matrix.words import CHOICE

POLL = "org.matrix.msc3381.poll.start"
TEXT = "org.matrix.msc1767.text"
_LONGEST_QUESTION = 340  # characters


def options(payload: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, str]]]:
    """The labels that may be chosen, in order, and the links: `(label, address)`."""
    markup = payload.get("reply_markup") or {}
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    buttons = [button if isinstance(button, dict) else {"text": button} for row in rows for button in row]
    links = [(button["text"], button["url"]) for button in buttons if "url" in button]
    return [button["text"] for button in buttons if "url" not in button], links


def with_options(
    words: tuple[str, str | None], labels: Sequence[str], links: Sequence[tuple[str, str]]
) -> tuple[str, str | None]:
    """Words, then numbered lines that can be typed, then links."""
    plain, rich = words
    if not labels and not links:
        return words
    lines = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    said = [*([plain, ""] if plain else []), *lines, *(f"{label} ({url})" for label, url in links)]
    shown_lines = [escaped(line) for line in lines]
    shown_links = [f'<a href="{escaped(url).replace(chr(34), "&quot;")}">{escaped(label)}</a>' for label, url in links]
    first = rich if rich is not None else escaped(plain).replace("\n", "<br>")
    return "\n".join(said), "<br>".join([*([first, ""] if plain else []), *shown_lines, *shown_links])


def poll_content(question: str, labels: Sequence[str]) -> dict[str, Any]:
    lines = [question, *(f"{number}. {label}" for number, label in enumerate(labels, 1))]
    return {
        POLL: {
            "question": {TEXT: question, "body": question, "msgtype": "m.text"},
            "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": 1,
            "answers": [{"id": str(number), TEXT: label} for number, label in enumerate(labels)],
        },
        TEXT: "\n".join(lines),
        "body": "\n".join(lines),
    }


def question_of(plain: str) -> str:
    """The question that a poll repeats: the last line of the words when it asks something."""
    last = plain.strip().rpartition("\n")[2].strip()
    return last if last.endswith("?") and len(last) <= _LONGEST_QUESTION else CHOICE
