"""One update, one unit of work, one transaction: what it changes is buffered, then written by `storage.commit`."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.errors import WorkClosedError
from storage import journal
from storage.database import BoundSession, Database
from storage.outbox import Letter

T = TypeVar("T")
P = ParamSpec("P")

_NO_MESSAGE = frozenset({"sendChatAction", "sendEmail"})  # what leaves no message in the conversation
_current: ContextVar["UnitOfWork | None"] = ContextVar("work", default=None)


@dataclass
class _Mark:
    """Where the buffers stood, to go back to when a handler fails."""

    sizes: tuple[int, ...]
    fsm: dict[str, tuple[str | None, str]]
    chats: dict[int, dict[str, Any]]


class UnitOfWork:
    """What one update changes. Rooms receive it as `work`.

    Args:
        now: the instant of the update, Europe/Paris.
        inbox_id: the arrival it handles, None for a duty of the agenda or a command of the console.

    `buried` is why that arrival is given up instead of handled; `along` holds arrivals that it handles besides;
    `alone` units share their commit with no other.
    """

    def __init__(self, database: Database, now: datetime, *, inbox_id: int | None = None) -> None:
        self.database = database
        self.now = now
        self.inbox_id = inbox_id
        self.outbox = Letters(self)
        self.agenda = Duties(self)
        self.letters: list[dict[str, Any]] = []
        self.fsm: dict[str, tuple[str | None, str]] = {}
        self.fsm_read: dict[str, tuple[str | None, str]] = {}
        self.chats: dict[int, dict[str, Any]] = {}
        self.keyboards: list[dict[str, Any]] = []
        self.lines: list[journal.Line] = []
        self.peers: dict[tuple[str, str], dict[str, Any]] = {}
        self.media: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.duties: list[dict[str, Any]] = []
        self.ended: list[dict[str, Any]] = []
        self.freed: list[dict[str, Any]] = []
        self.kept: dict[str, Any] = {}
        self.buried: str | None = None
        self.along: list[int] = []
        self.alone = False
        self.session: BoundSession | None = None
        self._closed = False

    # --- for rooms ---

    async def run(self, function: Callable[Concatenate[BoundSession, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a repository function over this unit's session: `await work.run(candidatures.by_numero, 12)`."""
        self.check_open()
        if self.session is None:
            self.session = self.database.session()
        return await self.database.read(function, self.session, *args, **kwargs)

    async def add(self, row: Any) -> None:
        """Keep a new row of the procedure; it is written at the commit."""
        await self.run(lambda session: session.add(row))

    def free_creneau(self, convocation_id: int) -> None:
        """Let go of a creneau before anything else is written: another convocation may take it in the same commit."""
        self.freed.append({"convocation": convocation_id})

    def take_id(self) -> int:
        """An id for a new row."""
        return self.database.ids.take()

    def note(
        self, act: str, *, actor: str, candidature_id: int | None = None, source: str | None = None, **details: Any
    ) -> None:
        """Write a line of the journal; details hold ids and codes, never words of a person."""
        self.check_open()
        self.lines.append(journal.Line(self.now, actor, act, candidature_id, source, details))

    # --- for the spine ---

    def check_open(self) -> None:
        """Refuse any use after the commit (a task started by a handler, say)."""
        if self._closed:
            raise WorkClosedError("unit of work used after its commit")

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make this the unit of work of everything called inside; a fault ends it, and its session with it."""
        token = _current.set(self)
        try:
            yield
        except BaseException:
            self.close()
            raise
        finally:
            _current.reset(token)

    def mark(self) -> _Mark:
        """Remember where the buffers stand (a savepoint)."""
        return _Mark(tuple(len(buffer) for buffer in self._lists()), dict(self.fsm), dict(self.chats))

    def rollback_to(self, mark: _Mark) -> None:
        """Forget everything since `mark`; changed rows are forgotten whole."""
        for buffer, size in zip(self._lists(), mark.sizes, strict=True):
            del buffer[size:]
        self.fsm, self.chats = dict(mark.fsm), dict(mark.chats)
        self.kept.clear()
        if self.session is not None:
            self.database.dismiss(self.session)
            self.session = None

    def _lists(self) -> tuple[list[Any], ...]:
        buffers: tuple[list[Any], ...] = (self.letters, self.keyboards, self.lines, self.media)
        return (*buffers, self.duties, self.ended, self.freed, self.along)

    def close(self) -> None:
        """Nothing may be changed any more."""
        self._closed = True
        if self.session is not None:
            self.database.dismiss(self.session)
            self.session = None


def current_work() -> UnitOfWork | None:
    """The unit of work of the update being handled, None outside of any."""
    return _current.get()


class Letters:
    """`work.outbox`: letters of this unit."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def put(self, letter: Letter) -> int | None:
        """Write a letter; it leaves after the commit.

        Returns:
            The id of the message that it creates, None for a letter that creates none.
        """
        work = self._work
        work.check_open()
        message_id = letter.message_id
        if (
            message_id is None
            and letter.method.startswith(("send", "copy", "forward"))
            and letter.method not in _NO_MESSAGE
        ):
            message_id = work.take_id()
        work.letters.append(
            {
                "door": letter.door,
                "chat_id": letter.chat_id,
                "message_id": letter.payload["message_id"] if letter.method.startswith("edit") else message_id,
                "method": letter.method,
                "payload": json.dumps(letter.payload, ensure_ascii=False),
                "kind": letter.kind,
                "candidature_id": letter.candidature_id,
                "inbox_id": work.inbox_id,
                "state": "waiting",
                "created_at": work.database.instant(work.now),
                "attempts": 0,
                "next_try_at": None,
                "progress": "{}",
            }
        )
        markup = letter.payload.get("reply_markup")
        if message_id is not None:
            self._show(letter.chat_id, message_id, markup)
        elif letter.method.startswith("edit"):
            shown = json.dumps(markup, ensure_ascii=False) if markup else None
            work.keyboards.append({"chat_id": letter.chat_id, "edited": letter.payload["message_id"], "markup": shown})
        return message_id

    def _show(self, chat_id: int, message_id: int, markup: Mapping[str, Any] | None) -> None:
        """Remember what the conversation ends with, and which keyboard may be pressed by typing."""
        row = self._work.chats.get(chat_id) or {"id": chat_id, "keyboard_message_id": None, "keyboard": None}
        row = {**row, "last_message_id": message_id}
        if markup is not None:
            shown = "inline_keyboard" in markup or "keyboard" in markup
            row["keyboard_message_id"] = message_id if shown else None
            row["keyboard"] = json.dumps(markup, ensure_ascii=False) if shown else None
            row["shows"] = True
        self._work.chats[chat_id] = row


class Duties:
    """`work.agenda`: what must happen at an instant."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def put(
        self,
        kind: str,
        key: str,
        due_at: datetime,
        *,
        candidature_id: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a duty; the same `key` is written once."""
        work = self._work
        work.check_open()
        work.duties.append(
            {
                "id": work.take_id(),
                "kind": kind,
                "key": key,
                "candidature_id": candidature_id,
                "due_at": work.database.instant(due_at),
                "details": json.dumps(details or {}, ensure_ascii=False),
                "done_at": None,
                "outcome": None,
            }
        )

    def end(self, key: str, outcome: str) -> None:
        """A duty is done, or has become pointless: `outcome` says which."""
        now = self._work.database.instant(self._work.now)
        self._work.ended.append({"duty": key, "now": now, "result": outcome})
