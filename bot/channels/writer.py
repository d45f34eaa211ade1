"""Writes what a bot says into the unit of work at hand, and shows it at once as the message that it will be."""

import asyncio
import json
import mimetypes
from typing import Any, cast

from aiogram import Bot, methods
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile, Message, Update, User

from bot.channels.door import AnsweringDoor, Door
from bot.channels.payload import chat_of, refusal
from storage import identities
from storage.files import Files
from storage.outbox import Letter
from storage.work import UnitOfWork

_KEPT = "kept-"  # the file_id of a file of ours: its SHA-256 and its name


class Writer:
    """The pen of one door's bot.

    Args:
        me: who writes.
    """

    def __init__(self, door: Door, files: Files, me: User) -> None:
        self.door = door
        self.me = me
        self.albums = isinstance(door, AnsweringDoor)  # a network that speaks the Bot API shows several files as one
        self._files = files
        self._signals: set[asyncio.Task[None]] = set()

    async def room_of(self, work: UnitOfWork, chat_id: int) -> str | None:
        """The door's own name of a conversation, None when it is unknown; one begun in this very update is known."""
        fresh = (peer["room"] or peer["name"] for peer in work.peers.values() if peer["id"] == chat_id)
        known = next(fresh, None) or await work.run(identities.address, chat_id)
        return known or (str(chat_id) if self.albums else None)  # numbers of the network itself need no row

    async def describe(self, work: UnitOfWork, file_id: str) -> tuple[str | None, str | None, int | None]:
        """The name, the type and the size of a file by its `file_id`, None for what is not known."""
        if file_id.startswith(_KEPT):
            return file_id.split("-", 2)[2], None, None
        media = await identities.find_media(work, file_id) or {}
        return media.get("name"), media.get("mime"), media.get("size")

    async def store(self, bot: Bot, work: UnitOfWork, given: InputFile | str, name: str) -> dict[str, Any]:
        """Keep the bytes of a file to send; a `file_id` stands for a file that somebody sent."""
        mime = None
        if isinstance(given, str):
            data = await self.fetch(work, given)
            known, mime, _ = await self.describe(work, given)
            name = known or name
        else:
            data = b"".join([chunk async for chunk in given.read(bot)])
            name = given.filename or name
        sha256 = await asyncio.to_thread(self._files.put, data)
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"file": sha256, "name": name, "mime": mime, "size": len(data)}

    def put(
        self, work: UnitOfWork, method: TelegramMethod[Any], payload: dict[str, Any], *, creates: bool, called: str = ""
    ) -> int:
        """Write the letter; returns the message's id.

        Args:
            called: the method of the letter, where it is not `method` itself (each file of an album).
        """
        message_id = work.take_id() if creates else int(payload.get("message_id") or 0)
        chat_id = payload.pop("chat_id")
        letter = Letter(
            chat_id=chat_of(method, chat_id),
            method=called or method.__api_method__,
            payload=payload,
            kind=work.kept.pop("kind", ""),
            candidature_id=work.kept.get("candidature_id"),
            door=self.door.name,
            message_id=message_id if creates else None,
        )
        work.outbox.put(letter)
        return message_id

    def message(self, bot: Bot, work: UnitOfWork, chat_id: int, message_id: int, **said: Any) -> Message:
        """The message as it will be, at once.

        It is read as updates are, with their validator: those of `Message` and of `Chat` would weigh 5 MB more.
        """
        chat = {"id": chat_id, "type": "private" if chat_id > 0 else "group"}
        sent = {"message_id": message_id, "date": work.now, "chat": chat, "from_user": self.me, **said}
        read = Update.model_validate({"update_id": message_id, "message": sent}, context={"bot": bot})
        return cast("Message", read.message)

    def signal(self, room: str, *, on: bool) -> None:
        """Show that an answer is on its way, without waiting for the network."""
        task = asyncio.create_task(self.door.typing(room, on=on))
        self._signals.add(task)
        task.add_done_callback(self._signals.discard)

    async def fetch(self, work: UnitOfWork, file_id: str) -> bytes:
        """The bytes of a file by its `file_id`."""
        if file_id.startswith(_KEPT):
            return await asyncio.to_thread(self._files.get, file_id.split("-", 2)[1])
        media = await identities.find_media(work, file_id)
        if media is None:
            raise refusal(methods.GetFile(file_id=file_id), "invalid file_id")
        return await self.door.fetch(json.loads(media["source"]))
