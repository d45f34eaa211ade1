"""The door that needs no network: a terminal, a transcript, a test."""

import asyncio
import itertools
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.channels.arrival import (
    ChoiceArrival,
    EditArrival,
    FileArrival,
    IncomingFile,
    MemberArrival,
    ReactionArrival,
    TextArrival,
)
from bot.channels.door import Mailbox, Membership, Parcel, Sent
from bot.channels.markup import words_of
from bot.channels.translate import buttons_of
from bot.clock import Clock

BUREAU = "bureau"  # the room where the bureau sits


@dataclass(frozen=True)
class Said:
    """What came out: to whom (a person, or the bureau's room), which words, which choices, which file."""

    room: str
    method: str
    text: str
    choices: Sequence[str] = ()
    file: tuple[str, bytes] | None = None
    event: str = ""


class ConsoleDoor:
    """Implements `bot.channels.door.Door`. Everything said is handed to `show`, in order."""

    name = "console"

    def __init__(self, mailbox: Mailbox, clock: Clock, show: Callable[[Said], None]) -> None:
        self._mailbox = mailbox
        self._clock = clock
        self._show = show
        self._numbers = itertools.count(1)
        self._words: dict[str, str] = {}  # by event: what may be passed on
        self._run = ""

    async def open(self) -> None:
        """Draw a prefix, so that events of two runs on one database never meet."""
        runs = int(await self._mailbox.recall("runs") or 0) + 1
        await self._mailbox.remember("runs", runs)
        self._run = f"{runs}"

    async def run(self) -> None:
        """Nothing arrives by itself."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to let go of."""

    async def typing(self, room: str, *, on: bool) -> None:
        """A terminal does not show it."""

    # --- what people do ---

    async def enter(self, who: str, *, name: str = "") -> str:
        """A person opens their direct conversation with the bot."""
        return await self._receive(MemberArrival, who, name=name, who=who, old="leave", new="join", is_self=True)

    async def say(
        self,
        who: str,
        text: str,
        *,
        name: str = "",
        sent_at: datetime | None = None,
        clear: bool = False,
        reply_to: str | None = None,
        thread: str | None = None,
    ) -> str:
        """A person types words, as an answer to an event or in its thread where one is given; returns the event."""
        return await self._receive(
            TextArrival, who, name=name, sent_at=sent_at, clear=clear, text=text, reply_to=reply_to, thread=thread
        )

    async def drop(
        self,
        who: str,
        path: Path,
        *,
        name: str = "",
        sent_at: datetime | None = None,
        shown_as: str = "",
        caption: str | None = None,
        reply_to: str | None = None,
        thread: str | None = None,
    ) -> str:
        """A person drops the file at `path`, as an answer to an event or in its thread where one is given."""
        shown = shown_as or path.name
        mime = mimetypes.guess_type(shown)[0] or "application/octet-stream"
        size = (await asyncio.to_thread(path.stat)).st_size
        file = IncomingFile(name=shown, mime=mime, size=size, source={"path": str(path)})
        more = {"file": file, "caption": caption, "reply_to": reply_to, "thread": thread}
        return await self._receive(FileArrival, who, name=name, sent_at=sent_at, **more)

    async def edit(self, who: str, target: str, text: str, *, name: str = "") -> str:
        """A person changes what they typed."""
        return await self._receive(EditArrival, who, name=name, target=target, text=text)

    async def choose(self, who: str, target: str, option: int, *, name: str = "", clear: bool = False) -> str:
        """A person taps a choice, counted from 0."""
        return await self._receive(ChoiceArrival, who, name=name, target=target, option=option, clear=clear)

    async def react(self, who: str, target: str, key: str, *, name: str = "", taken_back: bool = False) -> str:
        """A person puts an emoji under a message, or takes it back."""
        return await self._receive(ReactionArrival, who, name=name, target=target, key=key, taken_back=taken_back)

    async def move(self, who: str, *, old: str, new: str, name: str = "") -> str:
        """A person comes into the room, or leaves it: « join », « leave »."""
        return await self._receive(MemberArrival, who, name=name, who=who, old=old, new=new)

    async def _receive(self, kind: Any, sender: str, *, name: str, sent_at: datetime | None = None, **more: Any) -> str:
        now = self._clock.now()
        event = f"{self._run}.{next(self._numbers)}"
        in_bureau = sender.startswith(BUREAU)
        arrival = kind(
            door=self.name,
            event=event,
            room=BUREAU if in_bureau else sender,
            sender=sender,
            sender_name=name or sender.capitalize(),
            direct=not in_bureau,
            sent_at=sent_at or now,
            arrived_at=now,
            **more,
        )
        self._words[event] = str(more.get("text") or "")
        await self._mailbox.receive([arrival])
        return event

    # --- what the bot does ---

    async def send(self, parcel: Parcel) -> Sent:
        """Show one letter."""
        payload = parcel.payload
        options = [{"text": option} if isinstance(option, str) else option for option in payload.get("options") or []]
        choices = [button["text"] for button in options or buttons_of(payload.get("reply_markup") or {})]
        file = parcel.file
        shown = (file["name"], parcel.read(file["file"])) if file else None
        words = self._words[parcel.key] = self._passed_on(parcel) or words_of(payload)
        self._show(Said(parcel.room, parcel.method, words, choices, shown, parcel.key))
        return Sent((parcel.key,))

    def _passed_on(self, parcel: Parcel) -> str:
        """The words of the message that a letter forwards or copies."""
        if parcel.method not in {"forwardMessage", "copyMessage"}:
            return ""
        events = parcel.targets.get(int(parcel.payload["message_id"]), ())
        return next((self._words[event] for event in events if event in self._words), "")

    async def membership(self, room: str) -> Membership:
        """A terminal has one person at it; in the bureau nobody counts who is there."""
        return Membership("", {} if room == BUREAU else {room: "member"})

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """Read the file that was dropped."""
        return await asyncio.to_thread(Path(source["path"]).read_bytes)


class ConsoleMailbox(ConsoleDoor):
    """The e-mail door of a terminal: what would leave is shown, nothing does."""

    name = "email"

    async def send(self, parcel: Parcel) -> Sent:
        """Show one e-mail: to whom, its subject, its words, its files."""
        payload = parcel.payload
        head = [f"À : {', '.join(payload['to'])}"]
        head += [f"Copie : {', '.join(payload['cc'])}"] if payload.get("cc") else []
        attached = [*payload.get("attachments", ()), *([payload["calendar"]] if payload.get("calendar") else [])]
        files = [f"[{file['name']}]" for file in attached]
        words = "\n".join([*head, f"Objet : {payload['subject']}", payload["text"], *files])
        self._show(Said("courriel", parcel.method, words, [], None, parcel.key))
        return Sent((parcel.key,))
