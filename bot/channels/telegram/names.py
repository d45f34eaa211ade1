"""How an event of Telegram is called in the house: bot, conversation and message together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Names:
    """Names of events and conversations of one bot.

    Args:
        bot: the bot's own number: another bot's messages are other messages.
        moved: groups that became supergroups, new number by old one; the house knows them by the old one.
    """

    bot: str
    moved: dict[int, int] = field(default_factory=dict)

    def update(self, number: int) -> str:
        """An update's name."""
        return f"{self.bot}.{number}"

    def message(self, chat_id: int, message_id: int) -> str:
        """A message's name; messages of a supergroup are counted anew, so its own number is used."""
        return f"{self.bot}/{chat_id}/{message_id}"

    def poll(self, poll_id: str) -> str:
        """A poll's name, beside that of the message that shows it."""
        return f"{self.bot}/poll/{poll_id}"

    def here(self, chat_id: int) -> int:
        """Where a conversation is now."""
        return self.moved.get(chat_id, chat_id)

    def known_as(self, chat_id: int) -> int:
        """The number under which the house knows a conversation."""
        return next((old for old, new in self.moved.items() if new == chat_id), chat_id)


def place_of(events: tuple[str, ...]) -> tuple[int, int] | None:
    """The conversation and the number of the message that events name, None where they name none."""
    shown = (event.split("/") for event in events if "/poll/" not in event)
    return next(((int(chat), int(number)) for _, chat, number in shown), None)


def message_in(result: Any) -> Mapping[str, Any] | None:
    """The message that an answer of Telegram holds, None where it holds none."""
    return result if isinstance(result, Mapping) and "message_id" in result else None
