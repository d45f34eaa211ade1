"""A person on the stub: what they type, drop, tap and change becomes updates as Telegram makes them."""

import copy
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.channels.telegram.conversations import BOT, Chat
from tests.channels.telegram.stub import StubTelegram

STICKER: Mapping[str, Any] = {"type": "regular", "is_animated": False, "is_video": False}
_PLACE = {"latitude": 48.87, "longitude": 2.33}
_FLAGS = ("is_closed", "is_anonymous", "allows_multiple_answers", "members_only", "allows_revoting")
SHARED: Mapping[str, dict[str, Any]] = {
    "location": {"location": _PLACE},
    "venue": {"location": _PLACE, "venue": {"location": _PLACE, "title": "Rectorat", "address": "Paris"}},
    "contact": {"contact": {"phone_number": "+33612345678", "first_name": "Camille"}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "poll": {
        "poll": {
            "id": "59",
            "question": "Quand ?",
            "total_voter_count": 0,
            "type": "regular",
            "options": [{"persistent_id": "0", "text": "lundi", "voter_count": 0}],
            **dict.fromkeys(_FLAGS, False),
        }
    },
}  # what a message holds that has neither words nor a file


@dataclass
class Person:
    """Somebody in a private conversation with the bot, or in a group where it sits."""

    stub: StubTelegram
    id: int = 77001
    name: str = "Camille"
    group: int | None = None
    chat: Chat = field(init=False)

    def __post_init__(self) -> None:
        place = (self.group, "group", "Bureau") if self.group else (self.id, "private", self.name)
        self.chat = self.stub.chat(*place)
        self.chat.people[self.id] = self.user

    @property
    def user(self) -> dict[str, Any]:
        """The person as updates show them."""
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": "fr"}

    def enters(self) -> None:
        """The person lets the bot in again after having shut it out: the only entry that Telegram tells of."""
        me = {"chat": self.chat.shown(), "from": self.user, "date": self.stub.now}
        old, new = {"status": "kicked", "user": BOT, "until_date": 0}, {"status": "member", "user": BOT}
        self.stub.bring(my_chat_member={**me, "old_chat_member": old, "new_chat_member": new})

    def says(self, text: str, *, to: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The person types words, in answer to a message or not."""
        command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
        marks = {"entities": [{"type": "bot_command", "offset": 0, "length": len(command)}]} if command else {}
        reply = {"reply_to_message": _shown(to)} if to else {}
        return self._brings(text=text, **marks, **reply)

    def drops(self, path: Path, **said: Any) -> dict[str, Any]:
        """The person sends a file."""
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return self.sends("document", path.name, path.read_bytes(), file_name=path.name, mime_type=mime, said=said)

    def sends(
        self, kind: str, name: str, data: bytes, *, said: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """The person sends a file as a picture, a sound, a film or a document."""
        file_id = self.stub.keep_file(name, data)
        file = {"file_id": file_id, "file_unique_id": f"u{file_id[8:]}", "file_size": len(data), **more}
        small = {**file, "file_id": f"{file_id}s", "width": 1, "height": 1, "file_size": 1}
        shown = [small, {**file, "width": 2, "height": 2}] if kind == "photo" else file
        return self._brings(**{kind: shown}, **(said or {}))

    def sends_together(self, paths: Sequence[Path]) -> None:
        """The person sends several files at once: Telegram makes an album of them, one update each."""
        for path in paths:
            self.drops(path, media_group_id="13000000000000001")

    def taps(self, button: str | int, *, on: Mapping[str, Any] | None = None, too_old: bool = False) -> str:
        """The person presses a button of a message, by its words or its place from 1; returns the press.

        Args:
            too_old: Telegram no longer says what stood in that message.
        """
        message = on or self.keyboards[-1]
        buttons = [button for row in message["_keyboard"]["inline_keyboard"] for button in row]
        labels = [shown["text"] for shown in buttons]
        data = buttons[button - 1 if isinstance(button, int) else labels.index(button)]["callback_data"]
        press = f"38{len(self.stub.presses):016}"
        self.stub.presses[press] = None
        query = {"id": press, "from": self.user, "chat_instance": "-9", "data": data, "message": _shown(message)}
        if too_old:
            query["message"] = {"chat": message["chat"], "message_id": message["message_id"], "date": 0}
        self.stub.bring(callback_query=query)
        return press

    def shares(self, kind: str) -> dict[str, Any]:
        """The person sends what is neither words nor a file: « sticker », « location », « venue », « contact »…"""
        if kind == "sticker":
            return self.sends(kind, "sticker.webp", b"RIFF", width=1, height=1, **STICKER)
        return self._brings(**copy.deepcopy(SHARED[kind]))

    def edits(self, message: dict[str, Any], text: str) -> None:
        """The person changes what they typed."""
        message.update(text=text, edit_date=self.stub.now)
        self.stub.bring(edited_message=_shown(message))

    def votes(self, message: Mapping[str, Any], *options: int) -> None:
        """The person votes in a poll, or takes the vote back."""
        kept = [str(number) for number in options]
        vote = {"poll_id": message["poll"]["id"], "user": self.user, "option_ids": list(options)}
        self.stub.bring(poll_answer={**vote, "option_persistent_ids": kept})

    def reacts(self, message: Mapping[str, Any], emoji: str) -> None:
        """The person puts an emoji under a message."""
        fresh = [{"type": "emoji", "emoji": emoji}]
        where = {"chat": self.chat.shown(), "message_id": message["message_id"], "user": self.user}
        self.stub.bring(message_reaction={**where, "date": self.stub.now, "old_reaction": [], "new_reaction": fresh})

    def _brings(self, **said: Any) -> dict[str, Any]:
        message = self.chat.keep(self.user, self.stub.now, **said)
        self.stub.bring(message=_shown(message))
        return message

    # --- what they see ---

    @property
    def heard(self) -> list[dict[str, Any]]:
        """What the bot said, in order."""
        return [message for message in self.chat.messages.values() if message["from"]["id"] == BOT["id"]]

    @property
    def words(self) -> list[str]:
        """The words of what the bot said."""
        return [message.get("text") or message.get("caption", "") for message in self.heard]

    @property
    def keyboards(self) -> list[dict[str, Any]]:
        """The messages that may be pressed."""
        return [message for message in self.heard if "inline_keyboard" in (message.get("_keyboard") or {})]


def _shown(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if not name.startswith("_") and value is not None}
