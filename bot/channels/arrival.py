"""What arrives through a door, before it is an aiogram update: one shape for every network.

A door puts arrivals into the inbox as they come, in the same transaction as its own position;
`bot.channels.translate` turns one into an aiogram `Update` when its turn comes.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class IncomingFile(BaseModel):
    """A file that was announced; its bytes are fetched from the door by `source`, which only the door reads."""

    model_config = ConfigDict(frozen=True)

    name: str
    mime: str = "application/octet-stream"
    size: int | None = None
    source: dict[str, Any]


class BaseArrival(BaseModel):
    """One event of one room.

    `sent_at` is the server's timestamp, `arrived_at` the door's own instant; both aware.
    `direct` says that the room is a conversation between the bot and one person.
    `clear` says that the event came unencrypted in a room that is encrypted. `reply_to` is the event it answers,
    `thread` the root event when it was written in a thread.
    """

    model_config = ConfigDict(frozen=True)

    door: str
    event: str
    room: str
    sender: str
    sender_name: str = ""
    direct: bool = True
    clear: bool = False
    sent_at: AwareDatetime
    arrived_at: AwareDatetime
    reply_to: str | None = None
    thread: str | None = None


class TextArrival(BaseArrival):
    """Words typed by a person."""

    kind: Literal["text"] = "text"
    text: str


class FileArrival(BaseArrival):
    """A file dropped by a person; `image` when the client shows it as a picture."""

    kind: Literal["file"] = "file"
    file: IncomingFile
    caption: str | None = None
    image: bool = False


class PlaceArrival(BaseArrival):
    """A person shared a place on a map, in degrees."""

    kind: Literal["place"] = "place"
    latitude: float
    longitude: float


class EditArrival(BaseArrival):
    """A person changed the words of an earlier message, `target`."""

    kind: Literal["edit"] = "edit"
    target: str
    text: str


class ChoiceArrival(BaseArrival):
    """A person tapped choice number `option` (from 0) of the keyboard shown by `target`; None takes the vote back."""

    kind: Literal["choice"] = "choice"
    target: str
    option: int | None


class ReactionArrival(BaseArrival):
    """A person put the reaction `key` under `target`, or took it back."""

    kind: Literal["reaction"] = "reaction"
    target: str
    key: str
    taken_back: bool = False


class MemberArrival(BaseArrival):
    """The membership of `who` (the bot itself or a person) changed in the room: join, leave, invite, ban."""

    kind: Literal["member"] = "member"
    who: str
    old: str
    new: str
    is_self: bool = False


class RawArrival(BaseArrival):
    """An update that is an aiogram update already (Telegram)."""

    kind: Literal["raw"] = "raw"
    update: dict[str, Any]


Arrival = Annotated[
    TextArrival
    | FileArrival
    | PlaceArrival
    | EditArrival
    | ChoiceArrival
    | ReactionArrival
    | MemberArrival
    | RawArrival,
    Field(discriminator="kind"),
]


def received_instant(sent_at: datetime, arrived_at: datetime) -> datetime:
    """The instant that counts for a deadline: the server's, unless it is more than five minutes ahead of ours.

    What counts is when the homeserver received the message, not when it was handled, so that a bot that was
    down harms nobody; a server clock that runs ahead is not evidence.
    """
    ahead = (sent_at - arrived_at).total_seconds()
    return arrived_at if ahead > 300 else sent_at  # noqa: PLR2004 -- five minutes, as the procedure says
