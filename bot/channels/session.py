"""The Bot API as the house speaks it: an aiogram session that writes letters instead of sending.

`message.answer(…)` becomes a row of the outbox in the transaction of the update being handled, and returns at once a
`Message` that may be edited, deleted or replied to, even before it left. What cannot be said is refused here, when it
is written, as Telegram would refuse it; later failures of delivery are the postman's.
"""

import asyncio
import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiogram import Bot, methods
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, InputFile, Message, User
from pydantic import TypeAdapter

from bot.channels.door import AnsweringDoor, Door
from bot.channels.payload import chat_of, payload_of, refusal
from bot.channels.served import SERVED
from bot.clock import Clock
from bot.errors import DeliveryError, PermanentDeliveryError
from storage import identities
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.outbox import Letter
from storage.work import UnitOfWork, current_work

_KEPT = "kept-"  # the file_id of a file of ours: its SHA-256 and its name


class LetterSession(BaseSession):
    """The session of one door's bot.

    Args:
        me: the integer of the bot itself.
        called: its name.
    """

    def __init__(
        self,
        door: Door,
        database: Database,
        committer: Committer,
        files: Files,
        clock: Clock,
        *,
        me: int = 1,
        called: str = "Greffier",
    ) -> None:
        super().__init__(api=TelegramAPIServer(base="greffier://{method}", file="greffier://{path}"))
        self.door = door
        self._answering = door if isinstance(door, AnsweringDoor) else None
        self.albums = self._answering is not None  # a network that speaks the Bot API shows several files as one
        self.database = database
        self._committer = committer
        self._files = files
        self._clock = clock
        self._signals: set[asyncio.Task[None]] = set()
        self.me = User(id=me, is_bot=True, first_name=called, username=called.casefold().replace(" ", "_"))

    async def close(self) -> None:
        """Nothing to let go of: the door is closed by whoever opened it."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109, ARG002 -- aiogram's signature
    ) -> TelegramType:
        """Write what the method says into the current unit of work, or into one of its own outside of any update."""
        if self._answering is not None and method.__api_method__ in self._answering.answers:
            return await self._asked(self._answering, bot, method)
        serve = SERVED.get(type(method))
        if serve is None:
            raise refusal(method, f"method {type(method).__name__} is not available on {self.door.name}")
        async with self._work() as work:
            return cast("TelegramType", await serve(self, bot, method, work))

    async def _asked(self, door: AnsweringDoor, bot: Bot, method: TelegramMethod[TelegramType]) -> TelegramType:
        """What the network itself answers at once, with no letter."""
        try:
            answer = await door.answer(method.__api_method__, payload_of(method, bot))
        except PermanentDeliveryError as error:
            raise refusal(method, str(error)) from error
        except DeliveryError as error:
            raise TelegramNetworkError(method, str(error)) from error
        read: TypeAdapter[TelegramType] = TypeAdapter(type(method).__returning__)
        return read.validate_python(answer, context={"bot": bot})

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,  # noqa: ARG002 -- aiogram's signature
        timeout: int = 30,  # noqa: ASYNC109, ARG002
        chunk_size: int = 65536,
        raise_for_status: bool = True,  # noqa: ARG002
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file that somebody sent, fetched through the door."""
        async with self._work() as work:
            data = await self._fetch(work, url.removeprefix("greffier://"))
        for start in range(0, len(data), chunk_size):
            yield data[start : start + chunk_size]

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[UnitOfWork]:
        current = current_work()
        if current is not None:
            current.check_open()
            yield current
            return
        await self.database.reserve_ids()
        work = UnitOfWork(self.database, self._clock.now())
        try:
            with work.current():
                yield work
            await self._committer.commit(work)
        finally:
            work.close()

    async def _fetch(self, work: UnitOfWork, file_id: str) -> bytes:
        if file_id.startswith(_KEPT):
            return await asyncio.to_thread(self._files.get, file_id.split("-", 2)[1])
        media = await identities.find_media(work, file_id)
        if media is None:
            raise refusal(methods.GetFile(file_id=file_id), "invalid file_id")
        return await self.door.fetch(self.json_loads(media["source"]))

    async def room_of(self, work: UnitOfWork, chat_id: int) -> str | None:
        """The door's own name of a conversation, None when it is unknown; one begun in this very update is known."""
        fresh = (peer["room"] or peer["name"] for peer in work.peers.values() if peer["id"] == chat_id)
        known = next(fresh, None) or await work.run(identities.address, chat_id)
        return known or (str(chat_id) if self._answering else None)  # numbers of the network itself need no row

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
            data = await self._fetch(work, given)
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
        """The message as it will be, at once."""
        kind = "private" if chat_id > 0 else "group"
        chat = Chat(id=chat_id, type=kind)
        return Message(message_id=message_id, date=work.now, chat=chat, from_user=self.me, **said).as_(bot)

    def signal(self, room: str, *, on: bool) -> None:
        """Show that an answer is on its way, without waiting for the network."""
        task = asyncio.create_task(self.door.typing(room, on=on))
        self._signals.add(task)
        task.add_done_callback(self._signals.discard)
