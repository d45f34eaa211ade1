"""What may be sent through the Bot API server: each kind as strict as Telegram is about it."""

from collections.abc import Mapping
from typing import Any

from tests.channels.telegram.conversations import Conversations
from tests.channels.telegram.rules import (
    RefusedError,
    check_album,
    check_caption,
    check_contact,
    check_place,
    check_poll,
    check_text,
    refuse,
)

TAKEN_AT_MOST = 50 * 1024 * 1024
_PASSED_ON = ("text", "caption", "document", "photo", "audio", "video", "voice", "location", "contact", "poll")
_LASTING = {"duration": 1}
_SHOWN = {"width": 1, "height": 1}
_ABOUT: Mapping[str, Mapping[str, Any]] = {
    "document": {},
    "photo": _SHOWN,
    "audio": _LASTING,
    "voice": _LASTING,
    "video": {**_LASTING, **_SHOWN},
    "animation": {**_LASTING, **_SHOWN},
    "video_note": {**_LASTING, "length": 1},
    "sticker": {**_SHOWN, "type": "regular", "is_animated": False, "is_video": False},
}  # what Telegram says of a file of each kind
_NAMED = ("document", "audio", "video", "animation")
_BARE = ("sticker", "video_note")  # no words stand under them


class Sending(Conversations):
    """The methods that send."""

    async def send_message(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, text=check_text(data))

    async def send_file(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        words = {} if kind in _BARE else check_caption(data)
        return self.deliver(data, **self._kept(kind, data.get(kind)), **words)

    async def edit_media(self, data: dict[str, Any]) -> dict[str, Any]:
        media = data["media"]
        if media["type"] not in {"animation", "audio", "document", "photo", "video"}:
            raise refuse("wrong type of a media to edit")
        file = self._kept(media["type"], data.get(media["media"].removeprefix("attach://")))
        fresh = {**dict.fromkeys(_ABOUT), "caption": None, **file, **check_caption(media)}
        return await self.change(fresh, data)

    async def send_album(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """All files or none; each is a message of its own, and they share the number of the album."""
        self.open_chat(data)
        album = check_album(data.get("media"))
        words = [check_caption(one) for one in album]
        files = [self._kept(one["type"], data.get(one["media"].removeprefix("attach://"))) for one in album]
        group = f"13{next(self.counter):015}"
        plain = {name: value for name, value in data.items() if name != "reply_markup"}
        return [
            self.deliver(plain, media_group_id=group, **file, **said) for file, said in zip(files, words, strict=True)
        ]

    def _kept(self, kind: str, given: Any) -> dict[str, Any]:
        """A file that was given, as the message shows it."""
        if not isinstance(given, tuple):
            raise refuse(f"there is no {kind} in the request")
        name, content = given
        if not content:
            raise refuse("file must be non-empty")
        if len(content) > TAKEN_AT_MOST:
            raise RefusedError(413, "Request Entity Too Large")
        file_id = self.keep_file(name, content)
        named = {"file_name": name} if kind in _NAMED else {}
        file = {"file_id": file_id, "file_unique_id": file_id[-3:], "file_size": len(content), **_ABOUT[kind], **named}
        return {kind: [file] if kind == "photo" else file}

    async def send_poll(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, poll=check_poll(data, f"5{next(self.counter):015}"))

    async def send_location(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, location=check_place(data))

    async def send_venue(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        place = check_place(data)
        named = {name: data.get(name) for name in ("title", "address")}
        if not all(named.values()):
            raise refuse("venue title and address must be non-empty")
        return self.deliver(data, location=place, venue={"location": place, **named})

    async def send_contact(self, data: dict[str, Any]) -> dict[str, Any]:
        self.open_chat(data)
        return self.deliver(data, contact=check_contact(data))

    async def forward_message(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self.message(data, "from_chat_id", "message to forward not found")
        origin = {"type": "user", "date": message["date"], "sender_user": message["from"]}
        return self.deliver(data, **_content(message), forward_origin=origin)

    async def copy_message(self, data: dict[str, Any]) -> dict[str, Any]:
        message = self.message(data, "from_chat_id", "message to copy not found")
        caption = check_caption(data) if "caption" in data else {}
        return {"message_id": self.deliver(data, **{**_content(message), **caption})["message_id"]}


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in _PASSED_ON if name in message}
