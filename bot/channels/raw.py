"""An update that is one of the Bot API already (Telegram): its messages and files under numbers of the house.

Telegram counts messages anew in each conversation; a message has one number in the house, the same whichever door
it came through, so that it can be answered, edited and found again.
"""

import copy
from collections.abc import Mapping
from typing import Any

from bot.channels.answered import keep_vote
from bot.channels.arrival import RawArrival
from storage import identities
from storage.work import UnitOfWork

_NAMES = {
    "photo": ("photo.jpg", "image/jpeg"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video.mp4", "video/mp4"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("message-vocal.ogg", "audio/ogg"),
    "sticker": ("autocollant.webp", "image/webp"),
    "document": ("fichier", "application/octet-stream"),
}  # what a file is called and is where nobody says
_INNER = ("message", "reply_to_message", "pinned_message")


async def said_in(arrival: RawArrival, work: UnitOfWork) -> dict[str, Any]:
    """The update of an arrival, without its number."""
    said = copy.deepcopy(arrival.update)
    kind = next(iter(said))
    content = said[kind]
    if kind == "poll_answer":
        await _vote(arrival, work, content)
    elif kind != "callback_query":
        await _number(arrival, work, content)
    for name in _INNER:
        if isinstance(content.get(name), dict):
            await _number(arrival, work, content[name])
    if kind == "callback_query":
        content["id"] = f"{arrival.room}:{content['id']}"
        message = content.get("message") or {}
        if message.get("date") == 0:  # too old for Telegram to show: it was pressed all the same
            message["date"] = int(arrival.arrived_at.timestamp())
    return said


async def _vote(arrival: RawArrival, work: UnitOfWork, vote: dict[str, Any]) -> None:
    """A vote names the message that shows its poll, and its options twice, as newer servers do."""
    message_id = await work.run(identities.message_of, arrival.door, vote.pop("event"))
    if message_id is not None and "user" in vote:
        await keep_vote(work, message_id, vote["user"]["id"], next(iter(vote["option_ids"]), None))
    vote["poll_id"] = str(message_id or vote["poll_id"])
    vote.setdefault("option_persistent_ids", [str(number) for number in vote["option_ids"]])


async def _number(arrival: RawArrival, work: UnitOfWork, message: dict[str, Any]) -> None:
    """Give a message, its thread and its files the house's numbers."""
    for field, event in (("message_id", "event"), ("message_thread_id", "thread_event")):
        if event in message:
            message[field] = await _number_of(arrival.door, work, message.pop(event))
    for kind, (name, mime) in _NAMES.items():
        if kind in message:
            _keep(arrival.door, work, message, kind, name, mime)
    for inner in _INNER[1:]:
        if isinstance(message.get(inner), dict):
            await _number(arrival, work, message[inner])


async def _number_of(door: str, work: UnitOfWork, event: str) -> int:
    fresh = (row["message_id"] for row in work.events if row["event"] == event)
    known = next(fresh, None) or await work.run(identities.message_of, door, event)
    if known is not None:
        return int(known)
    number = work.take_id()
    identities.remember_event(work, door, event, number)
    return number


def _keep(door: str, work: UnitOfWork, message: dict[str, Any], kind: str, name: str, mime: str) -> None:
    """Keep where a file is; whatever a client shows as a picture or a sound is a document too, as on other doors."""
    given: Mapping[str, Any] = message[kind][-1] if kind == "photo" else message[kind]  # the last is the largest
    name, mime, size = given.get("file_name") or name, given.get("mime_type") or mime, given.get("file_size")
    if str(given["file_id"]).startswith(f"{door}-"):
        return  # an animation is a document already
    file_id = identities.keep_media(
        work, door, {"file_id": given["file_id"]}, name, mime, size, peer_id=message.get("from", {}).get("id")
    )
    kept = {**given, "file_id": file_id, "file_unique_id": file_id}
    kept.pop("thumbnail", None)
    message[kind] = [kept] if kind == "photo" else kept
    if kind not in {"document", "sticker"}:
        shared = {"file_id": file_id, "file_unique_id": file_id, "file_size": size}
        message["document"] = {**shared, "file_name": name, "mime_type": mime}
