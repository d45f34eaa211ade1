"""What a door is, and what passes through it: arrivals inward, parcels outward."""

import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast, runtime_checkable

from bot.channels.arrival import Arrival

FILES = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendAnimation": "animation",
    "sendVideo": "video",
    "sendVideoNote": "video_note",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendSticker": "sticker",
}  # methods that carry a file, and the field where it is


@dataclass(frozen=True)
class Parcel:
    """One letter, ready for a door.

    Args:
        key: unique for ever, the same at every try: the idempotency key of the network (Matrix transaction id).
        room: the door's own name of the conversation; for a person without one yet, the person's name.
        method: method of the Bot API, « sendMessage ».
        payload: its arguments as the Bot API's JSON; a file is `{"file": sha256, "name", "mime", "size"}`.
        targets: for each message_id named in the payload (reply, edit, deletion, reaction), the door's events.
        progress: what an earlier try noted (an uploaded file's address), so that nothing is done twice.
        written_at: when the letter was written; no try was earlier.
        note: stores the progress at once, before the door goes on.
        read: bytes of a file by its SHA-256.
    """

    key: str
    room: str
    method: str
    payload: Mapping[str, Any]
    targets: Mapping[int, tuple[str, ...]]
    progress: Mapping[str, Any]
    written_at: datetime
    note: Callable[[Mapping[str, Any]], Awaitable[None]]
    read: Callable[[str], bytes]

    @property
    def file(self) -> Mapping[str, Any] | None:
        """The file that the letter carries, None where it carries none."""
        if self.method == "editMessageMedia":
            return cast("Mapping[str, Any]", self.payload["media"]["media"])
        return self.payload.get(FILES.get(self.method, ""))


@dataclass(frozen=True)
class Sent:
    """The letter has left: the door's own names of the events it became, in order (a text, then its poll)."""

    events: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def messages(self, message_id: int, payload: Mapping[str, Any]) -> list[tuple[int, int, str]]:
        """The message, and the part of it, that each event is; an album is as many messages as files."""
        if "album" in payload:
            return list(zip((*payload["album"], message_id), itertools.repeat(0), self.events, strict=False))
        return [(message_id, part, event) for part, event in enumerate(self.events)]


class Mailbox(Protocol):
    """What a door may ask of the memory."""

    async def receive(self, arrivals: Sequence[Arrival], *, position: str | None = None) -> None:
        """Keep arrivals and the door's position in one transaction; an event already known is passed over."""

    async def read(self, events: Sequence[str], *, at: datetime) -> None:
        """Somebody has read these events of ours, and what came before them in the same room."""

    async def position(self) -> str | None:
        """The position stored last, None on the first start."""

    async def known(self, events: Sequence[str]) -> frozenset[str]:
        """Those of `events` that were received before."""

    async def recall(self, key: str) -> Any:
        """A small fact that the door stored before (JSON), None where there is none."""

    async def remember(self, key: str, value: Any) -> None:
        """Store a small fact of the door (JSON) at once."""


class Door(Protocol):
    """One network. `send` raises the DeliveryError tree and nothing else."""

    name: str

    async def open(self) -> None:
        """Log in, prove who we are, be ready to send."""

    async def run(self) -> None:
        """Receive until cancelled; every arrival goes to the mailbox before anything handles it."""

    async def send(self, parcel: Parcel) -> Sent:
        """Hand over one letter."""

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """The clear bytes of a file announced by `source`."""

    async def typing(self, room: str, *, on: bool) -> None:
        """Show, or stop showing, that an answer is on its way; never raises."""

    async def close(self) -> None:
        """Leave in good order."""


@dataclass(frozen=True)
class Membership:
    """Who is in a room.

    Args:
        people: for each person, by the door's own name, « administrator » or « member »; without the bot.
        me: the same of the bot itself.
    """

    title: str
    people: Mapping[str, str]
    me: str = "member"


@runtime_checkable
class SeeingDoor(Protocol):
    """A door that knows who is in a room."""

    async def membership(self, room: str) -> Membership:
        """Who is in a room now. Raises the DeliveryError tree."""


@runtime_checkable
class AnsweringDoor(Protocol):
    """A door whose network speaks the Bot API, and answers some methods itself, at once: `answers` names them."""

    answers: frozenset[str]

    async def answer(self, method: str, payload: Mapping[str, Any]) -> Any:
        """The network's answer, as the Bot API's JSON."""
