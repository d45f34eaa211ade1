"""The Matrix/Tchap door: implements `bot.channels.door.Door`."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.channels.door import Mailbox, Membership, Parcel, Sent
from bot.channels.matrix.client import Client, RefusedError, asked, quoted
from bot.channels.matrix.history import History
from bot.channels.matrix.invitations import Invitations
from bot.channels.matrix.login import Account, Entrance
from bot.channels.matrix.media import Media
from bot.channels.matrix.render import KEY, MESSAGE, REACTION, Part, parts_of
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.sync import Listener
from bot.channels.matrix.translate import DOOR
from bot.channels.matrix.trust import CrossSigning, Trust, upload_fallback_key
from bot.channels.matrix.unread import Unread
from bot.channels.matrix.vault import Vault
from bot.channels.matrix.words import NOT_ENCRYPTED
from bot.clock import Clock
from bot.errors import DeliveryError, PermanentDeliveryError, TemporaryDeliveryError
from bot.events import Event, log

_TYPING = 20_000  # milliseconds
_FORGETFUL = timedelta(hours=23)  # a homeserver forgets transactions after a day
_CREATORS_HOLD_ALL = 12  # the version of rooms
_RUNS = 50  # the power from which people and messages may be removed
_AWAY = 5.0  # seconds between two tries to come in


class MatrixDoor:
    """The account of the bot on one homeserver.

    Args:
        folder: private folder of the session and its keys; to be saved together with the database.
        secret: what seals them.
    """

    name = DOOR

    def __init__(self, settings: Account, mailbox: Mailbox, clock: Clock, folder: Path, secret: str) -> None:
        self._settings = settings
        self._mailbox = mailbox
        self._clock = clock
        self._vault = Vault(folder, secret)
        self._client = Client(settings.homeserver)
        self._entrance = Entrance(settings, self._client, self._vault, clock)
        self._rooms = Rooms(self._client, mailbox, encryption=settings.encryption, bureau=settings.bureau_room)
        self._history = History(self._client, mailbox)
        self._media = Media(self._client)
        self._unread = Unread(self._client, self._rooms, mailbox, clock)
        self._plain: asyncio.Queue[str] = asyncio.Queue()
        self._born = clock.now()
        self._inside = False
        self._typing: set[str] = set()  # rooms that were told that an answer is on its way
        self.trust: Trust | None = None

    # --- coming and going ---

    async def open(self) -> None:
        """Come in, as the device we already are; where the homeserver is away, `run` tries again.

        Raises:
            ConfigurationError: the account, the secret or the key store cannot be used.
        """
        self._vault.open()
        await self._client.open()
        try:
            await self._enter()
        except TemporaryDeliveryError as error:
            log.warning(Event.DOOR_DELAYED, door=self.name, error=type(error).__name__, why=str(error))

    async def _enter(self) -> None:
        if self._client.nio is not None:
            await self._client.detach()
        await self._entrance.enter()
        if self._client.nio.olm is not None:
            await self._prove()
        self._born = self._entrance.born() or self._born
        path = f"client/v3/profile/{quoted(self._client.user)}/displayname"
        shown = await self._client.call("GET", path)
        if shown.get("displayname") != self._settings.name:
            await self._client.call("PUT", path, {"displayname": self._settings.name})
        self._inside = True

    async def _prove(self) -> None:
        """Publish our keys, have the device signed by the account, leave a key that never runs out."""
        if self._client.nio.should_upload_keys:
            await asked(self._client.nio.keys_upload())
        self.trust = await CrossSigning(self._client, self._vault, self._settings.password).establish()
        await upload_fallback_key(self._client)

    async def run(self) -> None:
        """Receive until cancelled."""
        while not self._inside:
            await asyncio.sleep(_AWAY)
            with contextlib.suppress(TemporaryDeliveryError):
                await self._enter()
                log.info(Event.DOOR_ENTERED, door=self.name)
        allowed = self._settings.allowed_servers
        invitations = Invitations(self._client, self._rooms, self._mailbox, allowed=allowed)
        required = self._settings.encryption == "required"
        listener = Listener(
            self._client,
            self._rooms,
            self._mailbox,
            self._clock,
            invitations,
            self._unread,
            digits=self._settings.choices == "réactions",
            plain_seen=self._plain if required else None,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run())
            group.create_task(invitations.run())
            group.create_task(self._warn_plain_rooms())

    async def close(self) -> None:
        """Leave in good order; the session stays, for the next start."""
        self._inside = False
        await self._client.close()
        self._vault.close()

    async def _warn_plain_rooms(self) -> None:
        """Say once, in each room that is not encrypted, where to write instead."""
        while True:
            room_id = await self._plain.get()
            if await self._mailbox.recall(f"plain.{room_id}"):
                continue
            with contextlib.suppress(DeliveryError):
                if not await self._rooms.is_plain(room_id):
                    continue
                content = {"msgtype": "m.notice", "body": NOT_ENCRYPTED}
                await self._rooms.put(room_id, MESSAGE, content, f"plain-{room_id}")
                await self._mailbox.remember(f"plain.{room_id}", value=True)

    # --- letters ---

    async def send(self, parcel: Parcel) -> Sent:
        """Hand over one letter; a letter tried again under the same key is not a second message."""
        if not self._inside:
            raise TemporaryDeliveryError("the door is not open yet", retry_after=_AWAY)
        try:
            return await self._send(parcel)
        except DeliveryError:
            raise
        except Exception as error:
            log.error(Event.DOOR_FAILED, door=self.name, key=parcel.key, error=type(error).__name__)
            raise PermanentDeliveryError(f"the letter cannot be said: {type(error).__name__}") from error

    async def _send(self, parcel: Parcel) -> Sent:
        room_id = await self._rooms.direct(parcel.room) if parcel.room.startswith("@") else parcel.room
        room = await self._rooms.learn(room_id)
        if self._settings.encryption == "required" and not room.encrypted:
            raise PermanentDeliveryError("the room is not encrypted")
        content = await self._content(parcel, room)
        parts = parts_of(parcel, choices=self._settings.choices, poll=await self._poll(parcel), file=content)
        if any(part.counts for part in parts) and not room.users.keys() - {self._client.user}:
            raise PermanentDeliveryError("nobody is in this room any more")
        events: list[str] = []
        for number, part in enumerate(parts):
            event = await self._part(parcel, room_id, part, f"{parcel.key}.{number}", events)
            if part.counts:
                events.append(event)
        if room_id in self._typing:  # unlike Telegram, a message does not end it
            await self.typing(room_id, on=False)
        return Sent(tuple(event for event in events if event))

    async def _content(self, parcel: Parcel, room: Any) -> Mapping[str, Any] | None:
        """What a part is made of beside the payload: an uploaded file, or an earlier event."""
        if parcel.file is not None:
            return await self._media.content(parcel, sealed=room.encrypted)
        if parcel.method in {"editMessageCaption", "copyMessage", "forwardMessage"}:
            events = parcel.targets.get(int(parcel.payload["message_id"]), ())
            told = str(parcel.payload.get("from_room") or room.room_id)
            return await self._history.content(told, events[0]) if events else None
        return None

    async def _poll(self, parcel: Parcel) -> str | None:
        """The poll that stands for the message which a letter changes."""
        if not parcel.method.startswith(("edit", "delete", "stop")):
            return None
        events = parcel.targets.get(int(parcel.payload.get("message_id") or 0), ())
        renewed: str | None = await self._mailbox.recall(f"poll_of.{events[0]}") if events else None
        return renewed or next(iter(events[1:]), None)

    async def _part(self, parcel: Parcel, room_id: str, part: Part, key: str, before: list[str]) -> str:
        path = f"client/v3/rooms/{quoted(room_id)}"
        match part.kind:
            case "redact":
                await self._client.call("PUT", f"{path}/redact/{quoted(str(part.target), key)}", {})
            case "pin" | "unpin" | "unpin all":
                await self._pin(f"{path}/state/m.room.pinned_events", part)
            case "leave":
                await self._client.call("POST", f"{path}/leave", {})
                self._rooms.forget(room_id)
            case _:
                return await self._event(parcel, room_id, part, key, before)
        return ""

    async def _pin(self, path: str, part: Part) -> None:
        """Pin above what is pinned already, or take away; done twice it is done once."""
        pinned = [] if part.kind == "unpin all" else list((await self._state(path)).get("pinned") or [])
        target = part.target or next(reversed(pinned), None)
        kept = [event for event in pinned if event != target]
        fresh = [*kept, target] if part.kind == "pin" else kept
        if fresh != pinned or part.kind == "unpin all":
            await self._client.call("PUT", path, {"pinned": fresh})

    async def _state(self, path: str, **query: str) -> Mapping[str, Any]:
        """A state event of a room, empty where there is none."""
        try:
            found: Mapping[str, Any] = await self._client.call("GET", path, query=query)
        except RefusedError as error:
            if error.code != "M_NOT_FOUND":
                raise
            return {}
        return found

    async def membership(self, room: str) -> Membership:
        """Who is in a room, and who runs it; somebody not met yet is alone in theirs."""
        if not room.startswith("!"):
            return Membership("", {room: "member"})
        known = await self._rooms.learn(room)
        path = f"client/v3/rooms/{quoted(room)}/state"
        title = str((await self._state(f"{path}/m.room.name")).get("name") or "")
        powers = await self._state(f"{path}/m.room.power_levels")
        creation = await self._state(f"{path}/m.room.create", format="event")
        held = {**(powers.get("users") or {}), **dict.fromkeys(_creators(creation), _RUNS)}
        default = powers.get("users_default", 0)
        standing = {one: _standing(held.get(one, default)) for one in known.users}
        me = standing.pop(self._client.user, "member")
        return Membership(title, standing, me)

    async def _event(self, parcel: Parcel, room_id: str, part: Part, key: str, before: list[str]) -> str:
        content = dict(part.content)
        if part.kind == REACTION:
            content.setdefault("m.relates_to", _annotation(before, content.pop("key", None)))
        else:
            content[KEY] = key
        event = await self._said_before(parcel, room_id, key) or await self._rooms.put(room_id, part.kind, content, key)
        if part.replaces is not None:
            await self._mailbox.remember(f"poll.{event}", part.replaces)
            await self._mailbox.remember(f"poll_of.{part.replaces}", event)
        return event

    async def _said_before(self, parcel: Parcel, room_id: str, key: str) -> str | None:
        """The event of an earlier try, looked for where the homeserver may have forgotten its transaction."""
        now = self._clock.now()
        if now - parcel.written_at < _FORGETFUL and parcel.written_at >= self._born:
            return None
        return await self._history.find(room_id, key, parcel.written_at, self._clock.offset)

    # --- files, typing ---

    async def fetch(self, source: Mapping[str, Any]) -> bytes:
        """The clear bytes of a file announced by `source`."""
        return await self._media.fetch(source)

    async def file_limit(self) -> int | None:
        """The biggest file that the homeserver takes, in bytes; None where it does not say."""
        return await self._media.limit()

    async def typing(self, room: str, *, on: bool) -> None:
        """Show, or stop showing, that an answer is on its way; never raises."""
        if not self._inside or not room.startswith("!"):
            return
        (self._typing.add if on else self._typing.discard)(room)
        path = f"client/v3/rooms/{quoted(room, 'typing', self._client.user)}"
        with contextlib.suppress(DeliveryError):
            await self._client.call("PUT", path, {"typing": on, **({"timeout": _TYPING} if on else {})})


def _creators(creation: Mapping[str, Any]) -> list[str]:
    """Those who hold every power without being named among the powers, since version 12 of rooms."""
    content = creation.get("content") or {}
    version = str(content.get("room_version", "1"))
    if not version.isdecimal() or int(version) < _CREATORS_HOLD_ALL:
        return []
    return [str(creation["sender"]), *content.get("additional_creators", [])]


def _standing(power: Any) -> str:
    """What a power makes of somebody; before version 10 of rooms it may be written « "100" »."""
    held = str(power)
    return "administrator" if held.isdecimal() and int(held) >= _RUNS else "member"


def _annotation(before: list[str], key: Any) -> dict[str, Any]:
    if not before:
        raise PermanentDeliveryError("there is nothing to put a reaction under")
    return {"rel_type": "m.annotation", "event_id": before[0], "key": key}
