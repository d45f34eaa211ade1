"""What the bot knows of its rooms: who is there, whether they are encrypted, and who can read what it says."""

import asyncio
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

import nio

from bot.channels.door import Mailbox
from bot.channels.matrix.client import Client, RefusedError, asked, quoted
from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from bot.events import Event, log

_ENCRYPTION = {"algorithm": "m.megolm.v1.aes-sha2"}
_ALIAS_TAKEN = "M_ROOM_IN_USE"
_SOON = 2.0  # seconds until a join that is under way has ended


class Rooms:
    """The rooms, learnt one by one when something first happens in them: no full state at a restart.

    Args:
        encryption: « required », « optional » or « off ».
        bureau: the room of the bureau, never taken for a conversation with one person.
    """

    def __init__(self, client: Client, mailbox: Mailbox, *, encryption: str, bureau: str | None = None) -> None:
        self._client = client
        self._mailbox = mailbox
        self._encryption = encryption
        self._bureau = bureau
        self._learnt: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._querying = asyncio.Lock()
        self._opening = asyncio.Lock()
        self.joining: set[str] = set()

    async def learn(self, room_id: str) -> Any:
        """The room (nio's), with its members, invited ones included, and its encryption.

        Raises:
            TemporaryDeliveryError: it cannot be learnt now, or we are about to join it.
            PermanentDeliveryError: we are not in it.
        """
        if room_id not in self._learnt or room_id not in self._client.nio.rooms:
            async with self._lock(room_id):
                try:
                    await self._learn(room_id)
                except RefusedError as error:
                    raise self._not_there(room_id, error) from error
        return self._client.nio.rooms[room_id]

    def forget(self, room_id: str) -> None:
        """We are no longer in the room; if we come back it is learnt anew."""
        self._learnt.discard(room_id)

    def is_direct(self, room: Any, *others: str) -> bool:
        """Whether the room is a conversation between the bot and one person.

        Args:
            others: people who were there a moment ago.
        """
        return self.other(room, *others) is not None

    def other(self, room: Any, *others: str) -> str | None:
        """The person of a conversation with one person, None where there are more, or nobody."""
        present = {*room.users, *others} - {self._client.user}
        return present.pop() if len(present) == 1 and room.room_id != self._bureau else None

    async def _learn(self, room_id: str) -> None:
        known = self._client.nio.rooms
        if room_id in self._learnt and room_id in known:
            return
        room = known.get(room_id)
        path = f"client/v3/rooms/{quoted(room_id)}"
        members = await self._client.call("GET", f"{path}/members", query={"not_membership": "leave"})
        if room is None:
            encrypted = room_id in self._client.nio.encrypted_rooms
            room = known.setdefault(room_id, nio.MatrixRoom(room_id, self._client.user, encrypted))
        if not room.encrypted and await self._is_encrypted(path):
            room.encrypted = True
            self._client.nio.encrypted_rooms.add(room_id)
            if self._client.nio.store is not None:
                self._client.nio.store.save_encrypted_rooms({room_id})
        for event in members["chunk"]:
            _seat(room, event)
        room.members_synced = True
        if room.encrypted and self._client.nio.olm is not None:
            self._client.nio.olm.update_tracked_users(room)
        self._learnt.add(room_id)

    async def _is_encrypted(self, path: str) -> bool:
        try:
            await self._client.call("GET", f"{path}/state/m.room.encryption")
        except RefusedError as error:
            if error.code == "M_NOT_FOUND":
                return False
            raise
        return True

    def _not_there(self, room_id: str, error: RefusedError) -> Exception:
        if room_id in self.joining or room_id in self._client.nio.invited_rooms:
            return TemporaryDeliveryError("the room is being joined", retry_after=_SOON)
        return PermanentDeliveryError(f"the bot is not in this room: {error.code}")

    def _lock(self, room_id: str) -> asyncio.Lock:
        return self._locks.setdefault(room_id, asyncio.Lock())

    # --- saying something in a room ---

    async def put(self, room_id: str, kind: str, content: Mapping[str, Any], key: str) -> str:
        """Say one event in a room, encrypted where the room is; `key` is its transaction id. Returns the event's id."""
        room = await self.learn(room_id)
        said: Mapping[str, Any] = dict(content)
        if room.encrypted and self._client.nio.olm is None:
            raise PermanentDeliveryError("the room is encrypted and encryption is off")
        if room.encrypted and kind != "m.reaction":
            async with self._lock(room_id):
                await self._share_key(room_id)
                kind, said = self._client.nio.encrypt(room_id, kind, dict(content))
        path = f"client/v3/rooms/{quoted(room_id)}/send/{quoted(kind, key)}"
        answer = await self._client.call("PUT", path, said)
        return str(answer["event_id"])

    async def _share_key(self, room_id: str) -> None:
        """See to it that everybody in the room can read what comes next.

        nio's own way takes a proxy's error page for a success and marks the key as handed over; here the key counts as
        handed over to those whose message the homeserver took, and a later try goes on with the rest.
        """
        async with self._querying:
            if self._client.nio.should_query_keys:
                await asked(self._client.nio.keys_query())
        olm = self._client.nio.olm
        if not olm.should_share_group_session(room_id):
            return
        missing = self._client.nio.get_missing_sessions(room_id)
        if missing:
            await asked(self._client.nio.keys_claim(missing))
        people = list(self._client.nio.rooms[room_id].users)
        for reached, messages in olm.share_group_session_parallel(room_id, people, ignore_unverified_devices=True):
            path = f"client/v3/sendToDevice/m.room.encrypted/{uuid.uuid4()}"
            await self._client.call("PUT", path, messages)
            olm.outbound_group_sessions[room_id].users_shared_with.update(reached)
        olm.outbound_group_sessions[room_id].shared = True
        left = self._client.nio.get_missing_sessions(room_id)
        if left:
            log.warning(Event.KEYS_WITHHELD, room=room_id, devices=sum(map(len, left.values())))

    # --- a person without a room ---

    async def direct(self, user: str) -> str:
        """The conversation with a person, opened by us where there is none.

        Its alias is made from the person's name, so that a crash between the opening and the note of it does not open
        a second one.
        """
        known: str | None = await self._mailbox.recall(f"direct.{user}")
        if known is not None:
            return known
        name = f"greffier-{hashlib.sha256(f'{self._client.user} {user}'.encode()).hexdigest()[:24]}"
        room_id = await self._open(user, name)
        await self._mailbox.remember(f"direct.{user}", room_id)
        return room_id

    async def _open(self, user: str, name: str) -> str:
        state = [{"type": "m.room.encryption", "state_key": "", "content": _ENCRYPTION}]
        asked_for = {
            "preset": "private_chat",
            "is_direct": True,
            "invite": [user],
            "room_alias_name": name,
            "initial_state": [] if self._encryption == "off" else state,
        }
        async with self._opening:
            try:
                answer = await self._client.call("POST", "client/v3/createRoom", asked_for)
            except RefusedError as error:
                if error.code != _ALIAS_TAKEN:
                    raise
                alias = f"#{name}:{self._client.user.partition(':')[2]}"
                answer = await self._client.call("GET", f"client/v3/directory/room/{quoted(alias)}")
        room_id = str(answer["room_id"])
        async with self._lock(room_id):  # a sync may have shown it half made, and somebody may be learning it so
            self.forget(room_id)
        return room_id

    async def is_plain(self, room_id: str) -> bool:
        """Whether a room is really not encrypted: one that we are opening is asked about once it is made."""
        async with self._opening:
            self.forget(room_id)
        try:
            return not (await self.learn(room_id)).encrypted
        except PermanentDeliveryError:
            return False


def _seat(room: Any, event: Mapping[str, Any]) -> None:
    content = event["content"]
    if content.get("membership") in {"join", "invite"}:
        invited = content["membership"] == "invite"
        name = content.get("displayname")
        shown = name if isinstance(name, str) else None  # whoever wrote the event wrote what they liked
        room.add_member(event["state_key"], shown, content.get("avatar_url"), invited)
