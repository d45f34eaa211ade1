"""The conversations of the Bot API server: what is sent into them and changed in them, as Telegram allows it."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.channels.telegram.rules import RefusedError, check_caption, check_markup, check_text, refuse

BOT = {"id": 4242, "is_bot": True, "first_name": "Greffier", "username": "greffier_bot"}
MONDAY = 1491807600  # 10 April 2017, 9:00 in Paris


@dataclass
class Chat:
    """A conversation, as Telegram keeps it. `closed` is why the bot may not write to it."""

    id: int
    kind: str = "private"
    name: str = "Camille"
    closed: str | None = None
    moved_to: int | None = None
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def shown(self) -> dict[str, Any]:
        """The chat as updates show it."""
        named = {"first_name": self.name} if self.kind == "private" else {"title": self.name}
        return {"id": self.id, "type": self.kind, **named}

    def keep(self, sender: Mapping[str, Any], at: int, **said: Any) -> dict[str, Any]:
        """Add a message."""
        number = next(self.numbers)
        message = {"message_id": number, "date": at, "chat": self.shown(), "from": dict(sender), **said}
        self.messages[number] = message
        return message


class Conversations:
    """What people and the bot said; `presses` holds what each pressed button was answered with, None until then."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.presses: dict[str, str | None] = {}
        self.now = MONDAY
        self.counter = itertools.count(1)

    def chat(self, number: int, kind: str = "private", name: str = "Camille") -> Chat:
        """A conversation that the bot may write to."""
        return self.chats.setdefault(number, Chat(number, kind, name))

    def keep_file(self, name: str, data: bytes) -> str:
        """Store the bytes of a file; returns its file_id."""
        file_id = f"BQACAgQ_{next(self.counter)}-7"
        self.files[file_id] = (name, data)
        return file_id

    # --- any call ---

    def open_chat(self, data: Mapping[str, Any], name: str = "chat_id") -> Chat:
        """The conversation of a call, where the bot may write."""
        if name not in data:
            raise refuse("chat_id is empty")
        chat = self.chats.get(int(data[name]))
        if chat is None:
            raise refuse("chat not found")
        if chat.closed is not None:
            raise RefusedError(403, f"Forbidden: {chat.closed}")
        if chat.moved_to is not None:
            moved = {"migrate_to_chat_id": chat.moved_to}
            raise RefusedError(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
        return chat

    def deliver(self, data: Mapping[str, Any], **said: Any) -> dict[str, Any]:
        """Put what the bot says into its conversation."""
        chat = self.open_chat(data)
        reply = data.get("reply_parameters")
        if reply and reply["message_id"] in chat.messages:
            said["reply_to_message"] = chat.messages[reply["message_id"]]
        elif reply and not reply.get("allow_sending_without_reply"):
            raise refuse("message to be replied not found")
        markup = check_markup(data.get("reply_markup"))
        shown = {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
        message = chat.keep(BOT, self.now, **said, **shown)
        message["_keyboard"] = markup
        return public(message)

    # --- changing ---

    def message(self, data: Mapping[str, Any], chat: str = "chat_id", missing: str = "not found") -> dict[str, Any]:
        """The message that a call is about."""
        message = self.open_chat(data, chat).messages.get(int(data["message_id"]))
        if message is None:
            raise refuse(missing)
        return message

    async def edit(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        fresh: dict[str, Any] = {}
        if kind == "text":
            fresh["text"] = check_text(data)
        elif kind == "caption":
            fresh = {"caption": None, **check_caption(data)}
        return await self.change(fresh, data)

    async def change(self, fresh: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        """Put `fresh` in the place of what a message said."""
        message = self.message(data, missing="message to edit not found")
        if message["from"]["id"] != BOT["id"]:
            raise refuse("message can't be edited")
        markup = check_markup(data.get("reply_markup"))
        if all(message.get(name) == value for name, value in fresh.items()) and message.get("reply_markup") == markup:
            same = "specified new message content and reply markup are exactly the same as a current content"
            raise refuse(f"message is not modified: {same} and reply markup of the message")
        message.update(fresh, reply_markup=markup, _keyboard=markup, edit_date=self.now)
        return public(message)

    async def delete_message(self, data: dict[str, Any]) -> bool:
        self.message(data, missing="message to delete not found")
        del self.chats[int(data["chat_id"])].messages[int(data["message_id"])]
        return True

    async def react(self, data: dict[str, Any]) -> bool:
        self.message(data, missing="message to react not found")["_reaction"] = data.get("reaction", [])
        return True

    async def pin(self, data: dict[str, Any]) -> bool:
        self.message(data, missing="message to pin not found")["_pinned"] = True
        return True

    async def unpin(self, data: dict[str, Any]) -> bool:
        """The message that is named, or else the one that was pinned last."""
        pinned = self.pinned(self.open_chat(data))
        wanted = [one for one in pinned if str(one["message_id"]) == str(data["message_id"])]
        found = wanted if "message_id" in data else pinned[-1:]
        if not found:
            raise refuse("message to unpin not found")
        del found[-1]["_pinned"]
        return True

    async def unpin_all(self, data: dict[str, Any]) -> bool:
        for message in self.pinned(self.open_chat(data)):
            del message["_pinned"]
        return True

    def pinned(self, chat: Chat) -> list[dict[str, Any]]:
        """The messages that are pinned."""
        return [message for message in chat.messages.values() if "_pinned" in message]

    async def stop_poll(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self.message(data, missing="message with poll to stop not found")
        if "poll" not in message:
            raise refuse("message with poll to stop not found")
        if message["from"]["id"] != BOT["id"]:
            raise refuse("poll can't be stopped")
        if message["poll"]["is_closed"]:
            raise refuse("poll has already been closed")
        message["poll"]["is_closed"] = True
        stopped: dict[str, Any] = message["poll"]
        return stopped

    async def leave(self, data: dict[str, Any]) -> bool:
        chat = self.open_chat(data)
        if chat.kind == "private":
            raise refuse("chat member status can't be changed in private chats")
        chat.closed = "bot is not a member of the group chat"
        return True

    async def chat_action(self, data: dict[str, Any]) -> bool:
        self.open_chat(data)
        return True

    async def answer_press(self, data: dict[str, Any]) -> bool:
        if self.presses.get(data["callback_query_id"], "gone") is not None:
            raise refuse("query is too old and response timeout expired or query ID is invalid")
        self.presses[data["callback_query_id"]] = data.get("text", "")
        return True

    # --- who is there ---

    async def get_member(self, data: dict[str, Any]) -> dict[str, Any]:
        chat = self.open_chat(data)
        return self._member(chat, int(data["user_id"]))

    async def count_members(self, data: dict[str, Any]) -> int:
        return len(self.open_chat(data).people) + 1

    async def get_administrators(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Nobody runs the groups of this server; a private conversation has no administrators to ask for."""
        if self.open_chat(data).kind == "private":
            raise refuse("there are no administrators in the private chat")
        return []

    def _member(self, chat: Chat, number: int) -> dict[str, Any]:
        here: dict[Any, dict[str, Any]] = {**chat.people, BOT["id"]: BOT}
        known = next((other.people[number] for other in self.chats.values() if number in other.people), None)
        user = here.get(number) or known
        if user is None:
            raise refuse("user not found")
        return {"status": "member" if number in here else "left", "user": user}


def public(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as answers and updates show it."""
    return {name: value for name, value in message.items() if not name.startswith("_") and value is not None}
