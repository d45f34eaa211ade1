"""The listening: what the homeserver has for us, kept together with its position before anything handles it.

A batch in hand is never let go: it is tried again until the memory has it. The position moves only then.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import Any

from bot.channels.arrival import Arrival, ReactionArrival
from bot.channels.door import Mailbox
from bot.channels.matrix.client import Client, LoggedOutError, asked
from bot.channels.matrix.history import History, Read, lets_in, opened
from bot.channels.matrix.invitations import Invitations
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.translate import Scene, arrival_of, visible
from bot.channels.matrix.trust import upload_fallback_key
from bot.channels.matrix.unread import Unread
from bot.clock import Clock
from bot.errors import ConfigurationError, DeliveryError, PermanentDeliveryError, TemporaryDeliveryError
from bot.events import Event, log

_FILTER = json.dumps(
    {
        "room": {
            "timeline": {"limit": 20, "lazy_load_members": True},
            "state": {"lazy_load_members": True},
            "ephemeral": {"types": ["m.receipt"]},
            "account_data": {"not_types": ["*"]},
        },
        "presence": {"not_types": ["*"]},
        "account_data": {"not_types": ["*"]},
    }
)
_WAIT = 30.0  # seconds that the homeserver may wait for news
_KEYS_WAIT = 5.0  # the same while a message waits for its key
_FIRST = 600.0  # seconds for the first sync of an account in many rooms
_SPARE = 30.0  # seconds for the answer to arrive
_ACCOUNT = "account"  # whose position it is
_LONGEST = 60.0  # seconds between two tries


class Listener:
    """Listens for one account."""

    def __init__(
        self,
        client: Client,
        rooms: Rooms,
        mailbox: Mailbox,
        clock: Clock,
        invitations: Invitations,
        unread: Unread,
        *,
        digits: bool,
        plain_seen: "asyncio.Queue[str] | None" = None,
    ) -> None:
        """`plain_seen` gets the rooms without encryption, where nothing is received; None where all are welcome."""
        self._client = client
        self._rooms = rooms
        self._mailbox = mailbox
        self._clock = clock
        self._invitations = invitations
        self._unread = unread
        self._history = History(client, mailbox)
        self._digits = digits
        self._plain_seen = plain_seen
        self._faults = 0
        self._heard = False

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            ConfigurationError: the session is over; asking again would only hammer the homeserver.
        """
        position = await self._position()
        await self._unread.load()
        while True:
            try:
                raw = await self._ask(position)
                await self._client.absorb(raw)
            except LoggedOutError as error:
                raise _ended() from error
            except DeliveryError as error:
                await self._pause(error)
                continue
            self._faults, self._heard = 0, True
            await self._keep(raw, position)
            position = str(raw["next_batch"])
            await self._upkeep(raw)

    async def _position(self) -> str | None:
        """Where the account stopped listening; another account begins anew."""
        account = await self._mailbox.recall(_ACCOUNT)
        await self._mailbox.remember(_ACCOUNT, self._client.user)
        return await self._mailbox.position() if account in {None, self._client.user} else None

    async def _ask(self, position: str | None) -> Mapping[str, Any]:
        wait = _KEYS_WAIT if self._unread.waits else _WAIT
        at_once = position is None or not self._heard  # the first answer says that we are back, even with nothing new
        query = {"filter": _FILTER, "timeout": "0" if at_once else str(int(wait * 1000))}
        patience = _FIRST if position is None else wait + _SPARE
        if position is not None:
            query["since"] = position
        answer = await self._client.call("GET", "client/v3/sync", query=query, patience=patience)
        if not isinstance(answer, dict) or "next_batch" not in answer:
            raise TemporaryDeliveryError("the homeserver's sync cannot be read")
        return answer

    async def _pause(self, error: Exception) -> None:
        """Wait, longer each time, and never in step with other bots."""
        self._faults += 1
        asked_for = error.retry_after if isinstance(error, TemporaryDeliveryError) else None
        wait = asked_for or min(_LONGEST, 0.5 * 2.0 ** min(self._faults, 10))
        wait *= random.uniform(0.75, 1.25)  # noqa: S311 -- no secret: only out of step
        why = {"why": str(error)} if isinstance(error, DeliveryError) else {}
        log.warning(Event.DOOR_DELAYED, door="matrix", seconds=round(wait, 1), error=type(error).__name__, **why)
        await asyncio.sleep(wait)

    async def _keep(self, raw: Mapping[str, Any], position: str | None) -> None:
        """Store a batch, as often as it takes."""
        while True:
            try:
                await self._take(raw, position)
            except LoggedOutError as error:
                raise _ended() from error
            except Exception as error:  # noqa: BLE001 -- the memory or the homeserver is away: the batch stays in hand
                await self._pause(error)
            else:
                self._faults = 0
                return

    async def _take(self, raw: Mapping[str, Any], position: str | None) -> None:
        rooms = raw.get("rooms") or {}
        await self._invitations.note(rooms.get("invite") or {})
        arrivals: list[Arrival] = []
        for room_id, shown in (rooms.get("join") or {}).items():
            reads = await self._reads(room_id, shown.get("timeline") or {}, position)
            arrivals += await self._arrivals(room_id, reads)
        for room_id, shown in (rooms.get("leave") or {}).items():
            if position is not None:
                arrivals += await self._arrivals(room_id, self._shown(room_id, shown.get("timeline") or {}))
            self._rooms.forget(room_id)
        keyed = self._unread.readable()
        for room_id, one in keyed:
            arrivals += await self._arrivals(room_id, [one])
        read = _read(raw, self._client.user)
        if read:
            await self._mailbox.read(read, at=self._clock.now())
        await self._mailbox.receive(arrivals, position=raw["next_batch"])
        if keyed:
            await self._unread.done([one.event for _, one in keyed])

    def _shown(self, room_id: str, timeline: Mapping[str, Any]) -> list[Read]:
        """The events of a room's timeline, opened."""
        return [opened(self._client, room_id, event) for event in timeline.get("events", ())]

    async def _reads(self, room_id: str, timeline: Mapping[str, Any], position: str | None) -> list[Read]:
        """The events of a room, the gap before them filled."""
        shown = self._shown(room_id, timeline)
        entered = _entered(shown, self._client.user)
        if position is None and not entered:
            return self._since_our_word(shown)
        begun = [number for number, one in enumerate(shown) if lets_in(one.source, self._client.user)]
        if entered and begun:
            return shown[begun[0] :]
        if not timeline.get("limited"):
            return shown
        missing = await self._history.gap(room_id, timeline.get("prev_batch", ""), None if entered else position)
        if missing:
            log.info(Event.GAP_FILLED, room=room_id, events=len(missing))
        return [*missing, *shown]

    def _since_our_word(self, shown: list[Read]) -> list[Read]:
        """On a first start (or after the memory was lost): what came after our last word is unanswered, no more."""
        ours = [number for number, one in enumerate(shown) if one.source["sender"] == self._client.user]
        return shown[ours[-1] + 1 :] if ours else []

    async def _arrivals(self, room_id: str, reads: list[Read]) -> list[Arrival]:
        if not reads:
            return []
        await self._unread.keep(room_id, [one for one in reads if one.sealed])
        room = await self._room(room_id)
        if room is None:
            return []
        arrivals = [await self._arrival(room, one) for one in reads if not one.sealed]
        found = [arrival for arrival in arrivals if arrival is not None]
        if found and self._plain_seen is not None and not room.encrypted and await self._rooms.is_plain(room_id):
            self._plain_seen.put_nowait(room_id)
            return []
        return found

    async def _room(self, room_id: str) -> Any:
        """The room; as much as is known of it where we are no longer in it."""
        try:
            return await self._rooms.learn(room_id)
        except PermanentDeliveryError:
            return self._client.nio.rooms.get(room_id)

    async def _arrival(self, room: Any, one: Read) -> Arrival | None:
        """An event as an arrival; one that cannot be understood is logged by its id and stops nothing."""
        source = one.source
        try:
            moved = [source["state_key"]] if source.get("type") == "m.room.member" else []
            other = self._rooms.other(room, source["sender"], *moved)
            arrival = arrival_of(source, self._scene(room, other), decrypted=one.decrypted)
        except Exception as error:  # noqa: BLE001 -- whatever people's clients send, the listening goes on
            log.warning(Event.EVENT_SKIPPED, matrix_event=one.event, error=type(error).__name__)
            return None
        if arrival is not None and arrival.kind == "choice":
            shown: str | None = await self._mailbox.recall(f"poll.{arrival.target}")
            return arrival.model_copy(update={"target": shown or arrival.target})
        return await self._reaction(arrival) if arrival is not None and arrival.kind == "reaction" else arrival

    async def _reaction(self, arrival: ReactionArrival) -> ReactionArrival | None:
        """A reaction, remembered so that its taking back says which one it was; other redactions say nothing."""
        if not arrival.taken_back:
            await self._mailbox.remember(f"reaction.{arrival.event}", [arrival.target, arrival.key])
            return arrival
        known = await self._mailbox.recall(f"reaction.{arrival.target}")
        return known and arrival.model_copy(update={"target": known[0], "key": known[1]})

    def _scene(self, room: Any, other: str | None) -> Scene:
        def name_of(person: str) -> str:
            known = room.users.get(person)
            return visible((known and known.display_name) or "") or person.removeprefix("@").partition(":")[0]

        return Scene(
            room=room.room_id,
            me=self._client.user,
            direct=other is not None,
            encrypted=room.encrypted,
            name_of=name_of,
            arrived_at=self._clock.now(),
            other=other,
            offset=self._clock.offset,
            digits=self._digits,
        )

    async def _upkeep(self, raw: Mapping[str, Any]) -> None:
        """What keeps conversations readable: our keys topped up, others' keys up to date, wedged sessions renewed."""
        client = self._client.nio
        if client.olm is None:
            return
        try:
            await self._unread.ask_again()
            await asked(_quietly(client.send_to_device_messages()))
            if client.should_upload_keys:
                await asked(client.keys_upload())
            if "signed_curve25519" not in raw.get("device_unused_fallback_key_types", ["signed_curve25519"]):
                await upload_fallback_key(self._client)
            if client.should_query_keys:
                await asked(client.keys_query())
            if client.should_claim_keys:
                await asked(client.keys_claim(client.get_users_for_key_claiming()))
        except DeliveryError as error:
            log.warning(Event.DOOR_DELAYED, door="matrix", error=type(error).__name__)


def _ended() -> ConfigurationError:
    return ConfigurationError(["GREFFIER_MATRIX : le serveur ne reconnaît plus la session du bot, redémarrez-le"])


async def _quietly(many: Any) -> None:
    await many


def _read(raw: Mapping[str, Any], me: str) -> list[str]:
    """The events that somebody else says to have read."""
    return [
        event
        for room in ((raw.get("rooms") or {}).get("join") or {}).values()
        for receipt in (room.get("ephemeral") or {}).get("events", ())
        for event, kinds in receipt["content"].items()
        if (kinds.get("m.read") or {}).keys() - {me}
    ]


def _entered(shown: list[Read], me: str) -> bool:
    """Whether these events hold our coming in."""
    return any(
        one.source.get("type") == "m.room.member"
        and one.source.get("state_key") == me
        and one.source["content"].get("membership") == "join"
        and ((one.source.get("unsigned") or {}).get("prev_content") or {}).get("membership") != "join"
        for one in shown
    )
