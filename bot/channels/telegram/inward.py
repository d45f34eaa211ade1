"""From an update of Telegram to an arrival: where, who, when; its messages named as the house names events."""

import copy
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.channels.arrival import RawArrival
from bot.channels.telegram.names import Names

KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "poll_answer",
    "message_reaction",
    "my_chat_member",
    "chat_member",
)  # what is asked of Telegram


def arrival_of(update: Mapping[str, Any], names: Names, now: datetime) -> RawArrival | None:
    """The arrival that an update is; None for kinds that were not asked for."""
    kind = next((kind for kind in KINDS if kind in update), None)
    if kind is None:
        return None
    said = copy.deepcopy(update[kind])
    for message in _messages(kind, said):
        _name(message, names)
    if kind == "poll_answer":
        said["event"] = names.poll(said["poll_id"])
    chat = _chat(said)
    sender = said.get("from") or said.get("user") or said.get("actor_chat") or said.get("voter_chat") or chat
    return RawArrival(
        door="telegram",
        event=names.update(update["update_id"]),
        room=str(chat["id"]),
        sender=str(sender["id"]),
        sender_name=sender.get("first_name") or "",
        direct=chat.get("type", "private") == "private",
        sent_at=_instant(kind, said) or now,
        arrived_at=now,
        update={kind: said},
    )


def moved(update: Mapping[str, Any]) -> tuple[int, int] | None:
    """The old and the new number of a group that this update says has become a supergroup."""
    message = update.get("message") or {}
    if "migrate_to_chat_id" in message:
        return message["chat"]["id"], message["migrate_to_chat_id"]
    if "migrate_from_chat_id" in message:
        return message["migrate_from_chat_id"], message["chat"]["id"]
    return None


def _messages(kind: str, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every part of an update that speaks of a message."""
    if kind in {"message", "edited_message", "message_reaction"}:
        yield said
    elif "chat" in said:
        yield said  # a membership: a conversation without a message
    inner = (said.get(name) for name in ("message", "reply_to_message", "pinned_message"))
    for message in inner:
        if isinstance(message, dict):
            yield from _messages("message", message)


def _name(said: dict[str, Any], names: Names) -> None:
    chat_id = said["chat"]["id"]
    if "message_id" in said:
        said["event"] = names.message(chat_id, said["message_id"])
    if "message_thread_id" in said:
        said["thread_event"] = names.message(chat_id, said["message_thread_id"])
    said["chat"] = {**said["chat"], "id": names.known_as(chat_id)}


def _chat(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it happened; a vote in a poll happens between the bot and the person."""
    message = said.get("message")
    held = said if "chat" in said else message if isinstance(message, dict) else {}
    chat: Mapping[str, Any] = held.get("chat") or said.get("user") or said.get("voter_chat") or said["from"]
    return chat


def _instant(kind: str, said: Mapping[str, Any]) -> datetime | None:
    """When Telegram received it; None where it does not say (a press, a vote)."""
    if kind == "callback_query":
        return None  # the date of its message is that of the question
    seconds = said.get("edit_date") or said.get("date")
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
