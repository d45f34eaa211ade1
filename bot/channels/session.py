"""The Bot API as the house speaks it: an aiogram session that writes letters instead of sending.

`message.answer(…)` becomes a row of the outbox in the transaction of the update being handled, and returns at once a
`Message` that may be edited, deleted or replied to, even before it left. What cannot be said is refused here, when it
is written, as Telegram would refuse it; later failures of delivery are the postman's.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import User
from pydantic import TypeAdapter

from bot.channels.door import AnsweringDoor, Door
from bot.channels.payload import payload_of, refusal
from bot.channels.served import SERVED
from bot.channels.writer import Writer
from bot.clock import Clock
from bot.errors import DeliveryError, PermanentDeliveryError
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.work import UnitOfWork, current_work


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
        user = User(id=me, is_bot=True, first_name=called, username=called.casefold().replace(" ", "_"))
        self.writer = Writer(door, files, user)
        self._door = door
        self._answering = door if isinstance(door, AnsweringDoor) else None
        self._database = database
        self._committer = committer
        self._clock = clock

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
            raise refusal(method, f"method {type(method).__name__} is not available on {self._door.name}")
        async with self._work() as work:
            return cast("TelegramType", await serve(self.writer, bot, method, work))

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
            data = await self.writer.fetch(work, url.removeprefix("greffier://"))
        for start in range(0, len(data), chunk_size):
            yield data[start : start + chunk_size]

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[UnitOfWork]:
        current = current_work()
        if current is not None:
            current.check_open()
            yield current
            return
        await self._database.reserve_ids()
        work = UnitOfWork(self._database, self._clock.now())
        try:
            with work.current():
                yield work
            await self._committer.commit(work)
        finally:
            work.close()
