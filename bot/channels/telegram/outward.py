"""From a letter to a call of the Bot API: our numbers of messages become Telegram's, our files become uploads."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import InputFile, InputMedia

from bot.channels.door import FILES, Parcel
from bot.channels.telegram.names import Names, place_of
from bot.errors import PermanentDeliveryError

LARGEST = 50 * 1024 * 1024  # bytes that Telegram takes
_OURS = ("from_room", "event", "thread_event", "album")  # words of the house, none of Telegram's


@dataclass(frozen=True)
class Call:
    """A call of the Bot API, ready to leave."""

    method: str
    data: dict[str, Any]


async def call_of(parcel: Parcel, names: Names) -> Call:
    """The call that a letter is.

    Raises:
        PermanentDeliveryError: the message it changes never reached Telegram, or its file is too big.
    """
    data = {name: value for name, value in parcel.payload.items() if name not in _OURS}
    data["chat_id"] = names.here(int(parcel.room))
    _aim(data, parcel)
    if "callback_query_id" in data:
        data["callback_query_id"] = str(data["callback_query_id"]).rpartition(":")[2]
        del data["chat_id"]
    file = parcel.file
    if parcel.method == "sendMediaGroup":
        data["media"] = [await _media(parcel, media) for media in data["media"]]
    elif parcel.method == "editMessageMedia":
        data["media"] = await _media(parcel, data["media"])
    elif file is not None:
        data[FILES[parcel.method]] = await _upload(parcel, file)
    return Call(parcel.method, data)


def _aim(data: dict[str, Any], parcel: Parcel) -> None:
    """Put Telegram's numbers in the place of ours."""
    reply = data.get("reply_parameters")
    if reply:
        data["reply_parameters"] = _reply(reply, parcel)
    thread = _place(data.pop("message_thread_id", None), parcel)
    if thread is not None:
        data["message_thread_id"] = thread[1]
    if "message_id" not in data:
        return
    place = _place(data["message_id"], parcel)
    if place is None:
        raise PermanentDeliveryError("the message that this letter changes never reached Telegram")
    data["message_id"] = place[1]
    data["from_chat_id" if "from_chat_id" in data else "chat_id"] = place[0]


def _reply(reply: Mapping[str, Any], parcel: Parcel) -> dict[str, Any] | None:
    """What is answered; words are never lost for a message that is not there any more."""
    place = _place(reply["message_id"], parcel)
    if place is None:
        return None
    kept = {name: value for name, value in reply.items() if name != "chat_id"}
    return {**kept, "message_id": place[1], "allow_sending_without_reply": True}


def _place(message_id: Any, parcel: Parcel) -> tuple[int, int] | None:
    return None if message_id is None else place_of(parcel.targets.get(int(message_id), ()))


async def _media(parcel: Parcel, media: Mapping[str, Any]) -> InputMedia:
    """One file of an album, or the one that takes another's place, its words beside it."""
    said = {name: value for name, value in media.items() if name not in {"type", "media", "caption", "parse_mode"}}
    file = await _upload(parcel, media["media"], attach=True)
    words = {"caption": media.get("caption"), "parse_mode": media.get("parse_mode")}
    return InputMedia(media["type"], file, **words, api_kwargs=said)


async def _upload(parcel: Parcel, file: Mapping[str, Any], *, attach: bool = False) -> InputFile:
    if file["size"] > LARGEST:
        raise PermanentDeliveryError("the file is bigger than Telegram takes: 50 MB")
    try:
        data = await asyncio.to_thread(parcel.read, str(file["file"]))
    except OSError as error:
        raise PermanentDeliveryError("the file of this letter is no longer kept") from error
    return InputFile(data, filename=file["name"], attach=attach)


def as_message(call: Call, room: int) -> Call:
    """An answer to a press that Telegram has forgotten, as a message: its words are not lost."""
    return Call("sendMessage", {"chat_id": room, "text": call.data["text"]})
