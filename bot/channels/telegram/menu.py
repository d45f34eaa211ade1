"""The menu of commands that Telegram shows beside the line where people type."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LONGEST = 256  # characters of a sentence in the menu

Entry = tuple[str, str]  # a command and what it does


@dataclass(frozen=True)
class Menu:
    """What is shown: to everybody, and in the bureau's own conversation."""

    everybody: Sequence[Entry] = ()
    bureau: Sequence[Entry] = ()
    bureau_chat: int | None = None


def menu_calls(menu: Menu) -> Iterator[dict[str, Any]]:
    """The calls that show it, one for each of those who see another."""
    if menu.everybody:
        yield {"commands": _entries(menu.everybody)}
    if menu.bureau and menu.bureau_chat is not None:
        yield {"commands": _entries(menu.bureau), "scope": {"type": "chat", "chat_id": menu.bureau_chat}}


def _entries(commands: Sequence[Entry]) -> list[dict[str, str]]:
    named = ((name.replace("-", "_"), sentence) for name, sentence in commands)
    return [{"command": name, "description": sentence[:_LONGEST]} for name, sentence in named if _NAME.fullmatch(name)]
