"""From a Matrix event (decrypted already) to an arrival; pure, so that every shape can be tried without a server."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.arrival import (
    Arrival,
    ChoiceArrival,
    EditArrival,
    FileArrival,
    IncomingFile,
    MemberArrival,
    PlaceArrival,
    ReactionArrival,
    TextArrival,
)

DOOR = "matrix"
_FILES = frozenset({"m.file", "m.image", "m.audio", "m.video"})
_WORDS = frozenset({"m.text", "m.notice", "m.emote"})
_POLL_RESPONSES = ("org.matrix.msc3381.poll.response", "m.poll.response")
_POLL_STARTS = ("org.matrix.msc3381.poll.start", "m.poll.start")
_GEO = re.compile(r"geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")
_DIGITS = {f"{number}\ufe0f\u20e3": number - 1 for number in range(1, 10)} | {"🔟": 9}


@dataclass(frozen=True)
class Scene:
    """Where an event happened.

    Args:
        direct: the room is a conversation between the bot and one person.
        name_of: the name that a person shows.
        other: the person of a direct conversation.
        digits: a reaction with a digit is a choice (setting « réactions »).
        offset: from the server's time to the house's (a virtual clock).
    """

    room: str
    me: str
    direct: bool
    encrypted: bool
    name_of: Callable[[str], str]
    arrived_at: datetime
    other: str | None = None
    offset: timedelta = timedelta(0)
    digits: bool = False


def arrival_of(event: Mapping[str, Any], scene: Scene, *, decrypted: bool) -> Arrival | None:
    """The arrival that an event is; None when it says nothing to the bot (our own, a topic…).

    A redaction arrives as a reaction taken back, whose target is the event that went: the listener knows what it was.
    """
    kind, content = event.get("type"), event.get("content") or {}
    if kind == "m.room.member":
        return _member(event, scene)
    if kind == "m.sticker":
        kind, content = "m.room.message", {**content, "msgtype": "m.image"}
    if kind in _POLL_STARTS:
        kind, content = "m.room.message", _question(content)
    if event["sender"] == scene.me or "state_key" in event:
        return None
    head = _head(event, scene, clear=not decrypted)
    if kind == "m.room.message":
        return _message(content, head)
    if kind in _POLL_RESPONSES:
        return _vote(content, head)
    if kind == "m.reaction":
        return _reaction(content, {**head, "clear": False}, digits=scene.digits)
    return _redaction(event, {**head, "clear": False}) if kind == "m.room.redaction" else None


def instant(event: Mapping[str, Any], offset: timedelta) -> datetime:
    """When the homeserver received an event, on the house's clock."""
    return datetime.fromtimestamp(event["origin_server_ts"] / 1000, UTC) + offset


def _head(event: Mapping[str, Any], scene: Scene, *, clear: bool) -> dict[str, Any]:
    relation = (event.get("content") or {}).get("m.relates_to") or {}
    thread = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    reply = (relation.get("m.in_reply_to") or {}).get("event_id")
    if thread and relation.get("is_falling_back", False):
        reply = None
    return {
        "door": DOOR,
        "event": event["event_id"],
        "room": scene.room,
        "sender": event["sender"],
        "sender_name": scene.name_of(event["sender"]),
        "direct": scene.direct,
        "clear": clear,
        "sent_at": instant(event, scene.offset),
        "arrived_at": scene.arrived_at,
        "reply_to": reply,
        "thread": thread,
    }


def _message(content: Mapping[str, Any], head: dict[str, Any]) -> Arrival | None:
    relation = content.get("m.relates_to") or {}
    if relation.get("rel_type") == "m.replace":
        fresh = content.get("m.new_content") or {}
        if fresh.get("msgtype") not in _WORDS:
            return None
        return EditArrival(**head, target=relation["event_id"], text=str(fresh.get("body", "")))
    if content.get("msgtype") in _FILES:
        return _file(content, head)
    if content.get("msgtype") == "m.location":
        return _place(content, head)
    if content.get("msgtype") not in _WORDS:
        return None
    return TextArrival(
        **head, text=without_fallback(str(content.get("body", "")), replies=head["reply_to"] is not None)
    )


def visible(name: str) -> str:
    """A name as it may stand in a sentence: nothing in it hides, turns what is read, or ends the line."""
    return " ".join("".join(sign for sign in name if not unicodedata.category(sign).startswith("C")).split())


def without_fallback(body: str, *, replies: bool) -> str:
    """The person's own words: older clients quote what they answer at the beginning, each line with « > »."""
    lines = body.split("\n")
    if not replies or not lines[0].startswith("> <"):
        return body
    kept = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    rest = lines[kept:]
    return "\n".join(rest[1:] if rest and not rest[0] else rest)


def _file(content: Mapping[str, Any], head: dict[str, Any]) -> FileArrival | None:
    sealed = content.get("file")
    mxc = (sealed or {}).get("url") or content.get("url")
    if not mxc:
        return None
    info = content.get("info") or {}
    body = str(content.get("body", ""))
    name = str(content.get("filename") or body or "fichier")
    source = {"mxc": mxc} if sealed is None else _keys(sealed)
    size = info.get("size")
    file = IncomingFile(
        name=name,
        mime=str(info.get("mimetype") or "application/octet-stream"),
        size=size if isinstance(size, int) else None,
        source=source,
    )
    # Without the encrypted form the bytes lay in clear on the server, whatever the event did.
    clear = head["clear"] or sealed is None
    caption = body if body and body != name else None
    return FileArrival(**{**head, "clear": clear}, file=file, caption=caption, image=content["msgtype"] == "m.image")


def _place(content: Mapping[str, Any], head: dict[str, Any]) -> PlaceArrival | None:
    """« geo:48.87,2.33;u=35 », with an altitude or without."""
    found = _GEO.match(str(content.get("geo_uri", "")))
    return None if found is None else PlaceArrival(**head, latitude=float(found[1]), longitude=float(found[2]))


def _keys(sealed: Mapping[str, Any]) -> dict[str, Any]:
    """What opens a file; where some of it misses the file cannot be opened, and the person is told so."""
    return {
        "mxc": sealed["url"],
        "key": str((sealed.get("key") or {}).get("k")),
        "iv": str(sealed.get("iv")),
        "hash": str((sealed.get("hashes") or {}).get("sha256")),
    }


def _question(content: Mapping[str, Any]) -> dict[str, Any]:
    """A poll that a person opens in their conversation is a question put to the bot; its choices stay theirs."""
    said = content.get("m.poll") or content.get("org.matrix.msc3381.poll.start") or {}
    question = said.get("question") or {}
    stable = question.get("m.text") or [{}]
    words = stable[0].get("body") or question.get("org.matrix.msc1767.text") or question.get("body")
    return {"msgtype": "m.text", "body": words} if words else {}


def _vote(content: Mapping[str, Any], head: dict[str, Any]) -> ChoiceArrival | None:
    target = (content.get("m.relates_to") or {}).get("event_id")
    unstable = content.get("org.matrix.msc3381.poll.response") or {}
    answers = content.get("m.selections", unstable.get("answers"))
    if not target or not isinstance(answers, list):
        return None
    first = str(answers[0]) if answers else ""
    if answers and not first.isdecimal():
        return None
    return ChoiceArrival(**head, target=target, option=int(first) if answers else None)


def _reaction(content: Mapping[str, Any], head: dict[str, Any], *, digits: bool) -> Arrival | None:
    relation = content.get("m.relates_to") or {}
    target, key = relation.get("event_id"), relation.get("key")
    if not target or not isinstance(key, str):
        return None
    if digits and key in _DIGITS:
        return ChoiceArrival(**head, target=target, option=_DIGITS[key])
    return ReactionArrival(**head, target=target, key=key)


def _redaction(event: Mapping[str, Any], head: dict[str, Any]) -> ReactionArrival | None:
    gone = event.get("redacts") or (event.get("content") or {}).get("redacts")
    return ReactionArrival(**head, target=gone, key="", taken_back=True) if isinstance(gone, str) else None


def _member(event: Mapping[str, Any], scene: Scene) -> MemberArrival | None:
    """A change of membership; a new name or picture is none, and neither is what we did to others.

    When we come in, it is the other person's conversation that begins: the arrival is theirs.
    """
    unsigned = event.get("unsigned") or {}
    before = unsigned.get("prev_content") or event.get("prev_content") or {}
    old, new = before.get("membership", "leave"), event["content"].get("membership", "leave")
    who, ours = event["state_key"], event["sender"] == scene.me
    entering = who == scene.me and new == "join"
    invited = who == scene.me and new == "invite"  # answered before it is in any timeline
    if old == new or invited or (ours and not entering):
        return None
    sender = scene.other or scene.me if ours else event["sender"]
    head = _head({**event, "sender": sender}, scene, clear=False)
    return MemberArrival(**head, who=who, old=old, new=new, is_self=who == scene.me)
