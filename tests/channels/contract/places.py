"""The same conversation at each door: what a person does there, what they see, and how its network falls ill."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from bot.channels.arrival import Arrival, MemberArrival
from bot.channels.console import BUREAU, ConsoleDoor, Said
from bot.channels.door import Door, Mailbox, Parcel, Sent
from bot.channels.translate import buttons_of
from bot.clock import Clock
from bot.errors import DoubtfulDeliveryError, PermanentDeliveryError, TemporaryDeliveryError


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

    async def react(self, emoji: str) -> None:
        """Puts an emoji under the last words of the bot."""

    async def vote(self, option: int) -> None:
        """Votes in the bot's poll."""

    async def share(self, kind: str) -> None:
        """Sends something of a kind: « text », « document », « sticker », « location »…"""

    async def shut_out(self) -> None:
        """Puts the bot out of the conversation."""

    async def let_in(self) -> None:
        """Lets the bot in again."""

    async def somebody(self, old: str, new: str) -> None:
        """Somebody else comes into a group where the bot sits, or goes: « leave », « join »."""

    async def say_in_group(self, text: str) -> None:
        """Types words there."""

    def seen(self) -> list[str]:
        """The words of the bot as they stand now: edits made, deletions gone."""

    def files(self) -> list[tuple[str, bytes]]:
        """The files of the bot as they stand now."""

    def labels(self) -> list[str]:
        """The choices of the last keyboard, as it stands now."""

    def notices(self) -> list[str]:
        """What presses were answered with, beside the messages."""

    def pins(self) -> list[str]:
        """The words that are pinned."""

    def gone(self) -> bool:
        """Whether the bot has left the group."""

    def trouble(self, kind: str) -> None:
        """The next words meet « temporary » (not now) or « lost » (they arrive, the answer does not)."""

    def shut(self, *, shut: bool) -> None:
        """The bot may not write to the person any more, or may again."""


class _Console(ConsoleDoor):
    """The console with a memory of what is on the screen, ill on command."""

    def __init__(self, mailbox: Mailbox, clock: Clock, place: "ConsolePlace") -> None:
        super().__init__(mailbox, clock, place.hear)
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
        self._files: dict[str, tuple[str, bytes]] = {}
        self._keyboards: list[str] = []
        self._labels: list[str] = []
        self._polls: list[str] = []
        self._pinned: list[str] = []
        self._gone = False
        self._notices: list[str] = []

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        self.door = _Console(self.mailbox, clock, self)
        return self.door

    async def ready(self) -> None:
        """A terminal always listens."""

    def hear(self, said: Said) -> None:
        if said.method in {"sendMessage", "forwardMessage", "copyMessage"}:
            self._screen[said.event] = said.text

    def show(self, parcel: Parcel) -> None:
        target = next(iter(parcel.targets.get(int(parcel.payload.get("message_id") or 0), ())), "")
        if parcel.file:
            self._files[target or parcel.key] = (str(parcel.file["name"]), parcel.read(str(parcel.file["file"])))
        else:
            self._act(parcel, target)
        if parcel.payload.get("reply_markup"):
            self._keyboards.append(target or parcel.key)
            self._labels = [button["text"] for button in buttons_of(parcel.payload["reply_markup"])]

    def _act(self, parcel: Parcel, target: str) -> None:
        match parcel.method:
            case "editMessageText":
                self._screen[target] = str(parcel.payload["text"])
            case "deleteMessage":
                del self._screen[target]
            case "pinChatMessage":
                self._pinned.append(target)
            case "unpinChatMessage":
                self._pinned.remove(target)
            case "leaveChat":
                self._gone = True
            case "sendPoll":
                self._polls.append(parcel.key)
            case "answerCallbackQuery":
                self._notices.append(str(parcel.payload["text"]))

    async def say(self, text: str) -> Any:
        return await self.door.say("camille", text)

    async def edit(self, message: Any, text: str) -> None:
        await self.door.edit("camille", message, text)

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        await self.door.choose("camille", self._keyboards[keyboard], option)

    async def drop(self, path: Path) -> None:
        await self.door.drop("camille", path)

    async def react(self, emoji: str) -> None:
        await self.door.react("camille", list(self._screen)[-1], emoji)

    async def vote(self, option: int) -> None:
        await self.door.choose("camille", self._polls[-1], option)

    async def share(self, kind: str) -> None:
        if kind == "text":
            await self.door.say("camille", "bonjour")
        else:
            await self.door.drop("camille", Path(__file__), shown_as="cv.pdf")

    async def shut_out(self) -> None:
        self.closed = True
        await self._moves("join", "leave")

    async def let_in(self) -> None:
        self.closed = False
        await self.door.enter("camille")

    async def _moves(self, old: str, new: str) -> None:
        await self.door._receive(MemberArrival, "camille", name="", who="camille", old=old, new=new, is_self=True)

    async def somebody(self, old: str, new: str) -> None:
        await self.door.move(f"{BUREAU}-bob", old=old, new=new)

    async def say_in_group(self, text: str) -> None:
        await self.door.say(BUREAU, text)

    def seen(self) -> list[str]:
        return list(self._screen.values())

    def files(self) -> list[tuple[str, bytes]]:
        return list(self._files.values())

    def labels(self) -> list[str]:
        return self._labels

    def notices(self) -> list[str]:
        return self._notices

    def pins(self) -> list[str]:
        return [self._screen[event] for event in self._pinned]

    def gone(self) -> bool:
        return self._gone

    def trouble(self, kind: str) -> None:
        self.troubles.append(kind)

    def shut(self, *, shut: bool) -> None:
        self.closed = shut
