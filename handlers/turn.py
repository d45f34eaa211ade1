"""A turn of a conversation: what a person did and everything that the answer may need, in one object."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Self, cast

from aiogram import Bot, Dispatcher, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Document, Message, TelegramObject, User

from bot.circulaire.campagne import Campagne
from bot.circulaire.reading import fold
from handlers.choices import Choices, keyboard
from handlers.say import parts
from storage.files import Files
from storage.work import UnitOfWork

SAID = F.text.func(lambda text: fold(text or ""))  # what was typed, folded: `SAID.regexp(…)`
Aside = Callable[[Callable[[UnitOfWork], None]], Coroutine[Any, Any, None]]
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Desk:
    """What an act of the procedure works with, whether a person, the clock or a letter's return asks for it.

    `bureau` are the bureau's rooms, `members` whose its accounts are; `aside` writes at once, in its own transaction.
    """

    work: UnitOfWork
    campagne: Campagne
    files: Files
    bureau: tuple[int, ...]
    members: Mapping[str, str]
    aside: Aside

    @classmethod
    def of(cls, given: Mapping[str, Any], **own: Any) -> Self:
        """Taken from what the app gives every handler by name, and from what is its own."""
        every = {**given, **own}
        return cls(**{one.name: every[one.name] for one in fields(cls)})

    @property
    def now(self) -> datetime:
        """The instant of the unit of work."""
        return self.work.now


@dataclass(frozen=True)
class Turn(Desk):
    """What a person did: they wrote, changed or tapped `event`, which counts as received at an instant.

    Rooms are handed it in the place of the event; filters may ask for it by name.
    """

    event: Any
    bot: Bot
    state: FSMContext
    received_at: datetime
    file_limit: int

    @property
    def message(self) -> Message:
        """What the person wrote, or the message whose choice they tapped."""
        said: Any = self.event.message if isinstance(self.event, CallbackQuery) else self.event
        return cast("Message", said)  # each door says which message it was, however old

    @property
    def text(self) -> str:
        """The words that the person typed; empty for a choice and for a file."""
        return (self.event.text or "") if isinstance(self.event, Message) else ""

    @property
    def words(self) -> str:
        """The words that the person typed, or wrote under a file."""
        return self.text or ((self.event.caption or "") if isinstance(self.event, Message) else "")

    @property
    def person(self) -> User:
        """Whose turn it is."""
        person: User = self.event.from_user
        return person

    @property
    def chat_id(self) -> int:
        """The conversation."""
        return self.message.chat.id

    @property
    def in_bureau(self) -> bool:
        """Whether this is a room of the bureau."""
        return self.chat_id in self.bureau

    @property
    def actor(self) -> str:
        """Who acts, as the journal says it."""
        return f"{'bureau' if self.in_bureau else 'candidat'}:{self.person.id}"

    def beside(self, what: str) -> FSMContext:
        """A memory of its own beside the conversation's, that no `clear` of a room empties."""
        return FSMContext(self.state.storage, replace(self.state.key, destiny=what))

    async def answer(self, words: str, *, choices: Choices = ()) -> Message:
        """Answer the person here, in several messages where one would be too long; the choices stand under the last."""
        *before, last = parts(words)
        for part in before:
            await self.message.answer(part)
        return await self.message.answer(last, reply_markup=keyboard(choices) if choices else None)

    async def answer_document(self, data: bytes, name: str, *, caption: str = "") -> None:
        """A file, with its caption."""
        await self.message.answer_document(BufferedInputFile(data, filename=name), caption=caption or None)

    async def answer_photo(self, data: bytes, name: str, *, caption: str) -> None:
        """A picture, with its caption."""
        await self.message.answer_photo(BufferedInputFile(data, filename=name), caption=caption)

    async def download(self, document: Document) -> bytes:
        """The bytes of a file that came."""
        stream = await self.bot.download(document)
        return stream.read() if stream else b""


def room(name: str, enters: Callable[..., Awaitable[bool]]) -> Router:
    """The router of a room that not everybody enters."""
    router = Router(name=name)
    for event in ("message", "edited_message", "callback_query"):
        router.observers[event].filter(enters)
    return router


def hand_turns(dispatcher: Dispatcher) -> None:
    """Let the filters of every room ask for the `turn`, and hand it to the handlers in the place of the event."""
    for name in ("message", "edited_message", "callback_query", "my_chat_member"):
        observer = dispatcher.observers[name]
        observer.outer_middleware(_give)
        observer.middleware(_hand)


async def _give(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
    return await handler(event, {**data, "turn": Turn.of(data, event=event)})


async def _hand(handler: Handler, _: TelegramObject, data: dict[str, Any]) -> Any:
    given = dict(data)
    return await handler(given.pop("turn"), given)
