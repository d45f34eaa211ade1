"""The same conversation at each door: what a person does there, what they see, and how its network falls ill."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bot.channels.arrival import Arrival
from bot.channels.console import ConsoleDoor
from bot.channels.door import Door, Mailbox, Parcel, Sent
from bot.channels.matrix.choices import POLL
from bot.channels.matrix.door import MatrixDoor
from bot.channels.telegram.door import TelegramDoor
from bot.channels.translate import buttons_of
from bot.clock import Clock
from bot.errors import DoubtfulDeliveryError, PermanentDeliveryError, TemporaryDeliveryError
from bot.settings import MatrixSettings, TelegramSettings
from tests.channels.matrix.stub import BOT, Fault, StubHomeserver, slow_down
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

ROOM = "!salon:stub"
VOTE = "org.matrix.msc3381.poll.response"


class Counted:
    """A mailbox that counts what it received, so that a test knows when something has arrived."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.received = 0

    async def receive(self, arrivals: Sequence[Arrival], *, position: str | None = None) -> None:
        await self._mailbox.receive(arrivals, position=position)
        self.received += len(arrivals)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)


class Place(Protocol):
    """One person in front of one door."""

    name: str
    mailbox: Counted

    def make(self, mailbox: Mailbox, clock: Clock) -> Door: ...

    async def ready(self) -> None:
        """The door listens."""

    async def say(self, text: str) -> Any:
        """Types words; returns the message."""

    async def edit(self, message: Any, text: str) -> None: ...

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        """Taps a choice, counted from 0, of a keyboard: the last one, or the first (0)."""

    async def drop(self, path: Path) -> None: ...

    def seen(self) -> list[str]:
        """The words of the bot as they stand now: edits made, deletions gone."""

    def files(self) -> list[tuple[str, bytes]]:
        """The files that the bot sent."""

    def labels(self) -> list[str]:
        """The choices of the last keyboard, as it stands now."""

    def notices(self) -> list[str]:
        """What presses were answered with, beside the messages."""

    def trouble(self, kind: str) -> None:
        """The next words meet « temporary » (not now) or « lost » (they arrive, the answer does not)."""

    def shut(self, *, shut: bool) -> None:
        """The bot may not write to the person any more, or may again."""


class _Console(ConsoleDoor):
    """The console with a memory of what is on the screen, ill on command."""

    def __init__(self, mailbox: Mailbox, clock: Clock, place: "ConsolePlace") -> None:
        super().__init__(mailbox, clock, lambda _: None)
        self._place = place

    async def send(self, parcel: Parcel) -> Sent:
        trouble = self._place.troubles.pop(0) if parcel.method == "sendMessage" and self._place.troubles else None
        if trouble == "temporary":
            raise TemporaryDeliveryError("busy", retry_after=0.2)
        if self._place.closed:
            raise PermanentDeliveryError("no")
        sent = await super().send(parcel)
        self._place.show(parcel)
        if trouble == "lost":
            raise DoubtfulDeliveryError("no answer")
        return sent


class ConsolePlace:
    """A terminal."""

    name = "console"

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self.closed = False
        self._screen: dict[str, str] = {}
        self._files: list[tuple[str, bytes]] = []
        self._keyboards: list[str] = []
        self._labels: list[str] = []
        self._notices: list[str] = []

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        self.door = _Console(self.mailbox, clock, self)
        return self.door

    async def ready(self) -> None:
        """A terminal always listens."""

    def show(self, parcel: Parcel) -> None:
        target = next(iter(parcel.targets.get(int(parcel.payload.get("message_id") or 0), ())), "")
        if parcel.file:
            self._files.append((str(parcel.file["name"]), parcel.read(str(parcel.file["file"]))))
        elif parcel.method == "sendMessage":
            self._screen[parcel.key] = str(parcel.payload["text"])
        elif parcel.method == "editMessageText":
            self._screen[target] = str(parcel.payload["text"])
        elif parcel.method == "deleteMessage":
            del self._screen[target]
        elif parcel.method == "answerCallbackQuery":
            self._notices.append(str(parcel.payload["text"]))
        if parcel.payload.get("reply_markup"):
            self._keyboards.append(target or parcel.key)
            self._labels = [button["text"] for button in buttons_of(parcel.payload["reply_markup"])]

    async def say(self, text: str) -> Any:
        return await self.door.say("camille", text)

    async def edit(self, message: Any, text: str) -> None:
        await self.door.edit("camille", message, text)

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        await self.door.choose("camille", self._keyboards[keyboard], option)

    async def drop(self, path: Path) -> None:
        await self.door.drop("camille", path)

    def seen(self) -> list[str]:
        return list(self._screen.values())

    def files(self) -> list[tuple[str, bytes]]:
        return self._files

    def labels(self) -> list[str]:
        return self._labels

    def notices(self) -> list[str]:
        return self._notices

    def trouble(self, kind: str) -> None:
        self.troubles.append(kind)

    def shut(self, *, shut: bool) -> None:
        self.closed = shut


class MatrixPlace:
    """A homeserver of ours."""

    name = "matrix"
    ill: Mapping[str, Fault] = {"temporary": slow_down(200), "lost": Fault(lost=True)}

    def __init__(self, stub: StubHomeserver, folder: Path) -> None:
        self.stub, self._folder = stub, folder

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        said = {"homeserver": self.stub.url, "user": BOT, "password": "x", "encryption": "off"}
        settings = MatrixSettings.model_validate(said)
        return MatrixDoor(settings, self.mailbox, clock, self._folder / "cles", "un secret assez long")

    async def ready(self) -> None:
        asked = self.stub.count("client/v3/sync")
        while self.stub.count("client/v3/sync") < asked + 2:  # noqa: ASYNC110 -- the door asks when it likes
            await asyncio.sleep(0.01)

    async def say(self, text: str) -> Any:
        return self.stub.say(ROOM, text)

    async def edit(self, message: Any, text: str) -> None:
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": message}
        self.stub.happen(ROOM, {**fresh, "body": f"* {text}", "m.new_content": fresh, "m.relates_to": relation})

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        polls = [event["event_id"] for event in self.stub.events[ROOM] if event["type"] == POLL]
        relation = {"rel_type": "m.reference", "event_id": polls[keyboard]}
        self.stub.happen(ROOM, {VOTE: {"answers": [str(option)]}, "m.relates_to": relation}, type=VOTE)

    async def drop(self, path: Path) -> None:
        self.stub.uploads.append(path.read_bytes())
        self.stub.happen(ROOM, {"msgtype": "m.file", "body": path.name, "url": f"mxc://stub/{len(self.stub.uploads)}"})

    def _ours(self, *kinds: str) -> list[dict[str, Any]]:
        ours = [event for event in self.stub.events[ROOM] if event["sender"] == BOT]
        return [event for event in ours if event["content"].get("msgtype") in kinds]

    def seen(self) -> list[str]:
        return [words.partition("\n")[0] for words in self._screen()]

    def labels(self) -> list[str]:
        return re.findall(r"^\d+\. (.+)$", self._screen()[-1], re.MULTILINE)

    def notices(self) -> list[str]:
        return [event["content"]["body"] for event in self._ours("m.notice")]

    def _screen(self) -> list[str]:
        gone = {part for asked in self.stub.asked if "/redact/" in asked for part in asked.split("/")}
        screen: dict[str, str] = {}
        for event in self._ours("m.text"):
            relation, content = event["content"].get("m.relates_to") or {}, event["content"]
            edits = relation.get("rel_type") == "m.replace"
            screen[relation["event_id"] if edits else event["event_id"]] = (
                content["m.new_content"]["body"] if edits else content["body"]
            )
        return [words for event, words in screen.items() if event not in gone]

    def files(self) -> list[tuple[str, bytes]]:
        numbers = [(event["content"], event["content"]["url"].rpartition("/")[2]) for event in self._ours("m.file")]
        return [(content["body"], self.stub.uploads[int(number) - 1]) for content, number in numbers]

    def trouble(self, kind: str) -> None:
        self.stub.faults["/send/m.room.message"].append(self.ill[kind])

    def shut(self, *, shut: bool) -> None:
        forbidden = Fault(403, {"errcode": "M_FORBIDDEN", "error": "no"})
        self.stub.faults["/send/m.room.message"] = [forbidden] * 10 if shut else []


class TelegramPlace:
    """A Bot API server of ours."""

    name = "telegram"

    def __init__(self, stub: StubTelegram) -> None:
        self.stub, self.person = stub, Person(stub)

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": self.stub.url})
        return TelegramDoor(settings, self.mailbox, clock, hold=1)

    async def ready(self) -> None:
        """Updates wait at Telegram until they are fetched."""

    async def say(self, text: str) -> Any:
        return self.person.says(text)

    async def edit(self, message: Any, text: str) -> None:
        self.person.edits(message, text)

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        self.person.taps(option + 1, on=self.person.keyboards[keyboard])

    async def drop(self, path: Path) -> None:
        self.person.drops(path)

    def seen(self) -> list[str]:
        return [message["text"] for message in self.person.heard if "text" in message]

    def files(self) -> list[tuple[str, bytes]]:
        shown = [message["document"] for message in self.person.heard if "document" in message]
        return [self.stub.files[document["file_id"]] for document in shown]

    def labels(self) -> list[str]:
        rows = self.person.keyboards[-1]["_keyboard"]["inline_keyboard"]
        return [button["text"] for row in rows for button in row]

    def notices(self) -> list[str]:
        return [words for words in self.stub.presses.values() if words]

    def trouble(self, kind: str) -> None:
        self.stub.troubles["sendMessage"].append(1 if kind == "temporary" else "lost")

    def shut(self, *, shut: bool) -> None:
        self.person.chat.closed = "bot was blocked by the user" if shut else None
