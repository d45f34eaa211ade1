"""One account on one homeserver: plain calls with our own errors, and nio for the keys and the shape of a sync.

nio answers errors as values and sleeps inside its calls; here every fault is an exception of the DeliveryError tree
and nobody sleeps but the postman and the listener.
"""

import contextlib
import copy
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import nio

from bot.errors import PermanentDeliveryError, TemporaryDeliveryError
from bot.events import Event, log

_PATIENCE = 30.0  # seconds for an ordinary call
_CONNECTIONS = 128
_DEFAULT_RETRY = 5.0  # seconds, when a server asks to slow down without saying for how long
_ENDED = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
_DEEPEST = 100  # values in values: more is no message, and would exhaust whatever walks it
SEALED = "m.room.encrypted"


class RefusedError(PermanentDeliveryError):
    """The homeserver said no, and will say no again; `body` is its answer."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("errcode", ""))
        self.body = body
        super().__init__(f"the homeserver refused: {status} {self.code}".strip())


class LoggedOutError(TemporaryDeliveryError):
    """The homeserver no longer knows our session: letters wait until somebody starts the bot anew."""


class Client:
    """The session of the bot with its homeserver."""

    def __init__(self, homeserver: str) -> None:
        self.homeserver = homeserver.rstrip("/")
        self.user = ""
        self.device = ""
        self.token = ""
        self.date = ""  # what the homeserver's clock said last
        self.nio: Any = None
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> Self:
        """Be ready to call; nothing is said yet. nio's own log names people, so it stays shut."""
        logging.getLogger("nio").setLevel(logging.CRITICAL)
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_CONNECTIONS))
        return self

    async def close(self) -> None:
        """Let go of connections and of the key store."""
        await self.detach()
        if self._http is not None:
            await self._http.close()

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        mime: str = "application/json",
        patience: float = _PATIENCE,
    ) -> Any:
        """Ask the homeserver once; `path` follows « /_matrix/ » and its parts are quoted (`quoted`).

        Returns: the JSON of the answer, or its bytes where it is a file.

        Raises:
            TemporaryDeliveryError: unreachable, too slow, overloaded, or asking to slow down.
            LoggedOutError: the session is over.
            RefusedError: any other refusal.
        """
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Content-Type": mime}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self._http is None:
            raise TemporaryDeliveryError("the door is closed")
        timeout = aiohttp.ClientTimeout(total=patience)
        try:
            async with self._http.request(
                method, f"{self.homeserver}/_matrix/{path}", data=data, params=query, headers=headers, timeout=timeout
            ) as answer:
                content = await answer.read()
                self.date = answer.headers.get("Date", "")
                return _understood(answer, content, file="/download/" in path)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TemporaryDeliveryError(f"the homeserver cannot be reached: {type(error).__name__}") from error

    def attach(self, user: str, device: str, token: str, *, folder: Path, pickle_key: str, encryption: bool) -> None:
        """Take up a session: from here on calls are signed, and keys are read from `folder`."""
        self.user, self.device, self.token = user, device, token
        config = nio.AsyncClientConfig(
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=_PATIENCE,
            encryption_enabled=encryption,
            store=nio.store.SqliteStore,
            store_sync_tokens=False,
            pickle_key=pickle_key,
        )
        self.nio = nio.AsyncClient(self.homeserver, user, device, str(folder) if encryption else "", config)
        self.nio.restore_login(user, device, token)

    async def detach(self) -> None:
        """Put the session down; the key store is closed."""
        if self.nio is None:
            return
        await self.nio.close()
        if self.nio.store is not None:
            self.nio.store.database.close()
        self.nio = None

    async def log_in(self, user: str, password: str, device: str | None, *, called: str) -> tuple[str, str]:
        """Open a session with the password; the same `device` again replaces only its token.

        Returns: the device and its token.
        """
        asked = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user},
            "password": password,
            "initial_device_display_name": called,
            **({"device_id": device} if device else {}),
        }
        self.token = ""
        answer = await self.call("POST", "client/v3/login", asked)
        return str(answer["device_id"]), str(answer["access_token"])

    async def own_keys(self) -> Mapping[str, Any]:
        """What everybody sees of our devices and signing keys (`/keys/query`)."""
        answer = await self.call("POST", "client/v3/keys/query", {"device_keys": {self.user: []}})
        return answer if isinstance(answer, dict) else {}

    async def absorb(self, raw: Mapping[str, Any]) -> None:
        """Let nio take in a sync: keys are stored, rooms brought up to date.

        What was sent to the device is taken in one by one: a single malformed message makes nio drop all that follow,
        the keys of people's messages among them, and anybody may send one. Sealed events are kept from it for the same
        reason, and because it believes what is in them as it believes the homeserver: they are opened one by one
        (`history.opened`).
        """
        for event in (raw.get("to_device") or {}).get("events", []):
            counts = {"device_one_time_keys_count": raw.get("device_one_time_keys_count", {})}
            with contextlib.suppress(TemporaryDeliveryError):  # one that cannot even be parsed
                await self._take_in({"next_batch": raw["next_batch"], "to_device": {"events": [event]}, **counts})
        await self._take_in({**raw, "to_device": {}, "rooms": _in_clear(raw.get("rooms") or {})})

    async def _take_in(self, raw: Mapping[str, Any]) -> None:
        """Hand one answer to nio.

        nio passes over an answer whose position it has seen, undecrypted; the same answer may come twice here, so its
        own position is forgotten first. And nio takes pieces out of what it parses: it gets a copy.
        """
        response = _parsed(raw)
        self.nio.next_batch = ""
        try:
            await self.nio.receive_response(response)
        except Exception as error:  # noqa: BLE001 -- whatever others send, the rest of the batch is still read
            log.error(Event.DOOR_FAILED, door="matrix", error=type(error).__name__)


def quoted(*parts: str) -> str:
    """Parts of a path, safe for « ! », « # », « / » and the like."""
    return "/".join(quote(part, safe="") for part in parts)


async def asked(answer: Any) -> Any:
    """Wait for one of nio's own calls; its errors-as-values become ours."""
    try:
        response = await answer
    except (aiohttp.ClientError, TimeoutError, nio.LocalProtocolError) as error:
        raise TemporaryDeliveryError(f"keys cannot be exchanged: {type(error).__name__}") from error
    if isinstance(response, nio.ErrorResponse):
        raise TemporaryDeliveryError(f"keys cannot be exchanged: {response.status_code}")
    return response


def sound(value: Any, deepest: int = _DEEPEST) -> Any:
    """A value of JSON that can be written and copied: half a sign (an emoji that a client cut) becomes « ? »."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        case dict() if deepest:
            return {sound(name): sound(one, deepest - 1) for name, one in value.items()}
        case list() if deepest:
            return [sound(one, deepest - 1) for one in value]
        case dict() | list():
            return None
    return value


def _in_clear(rooms: Mapping[str, Any]) -> dict[str, Any]:
    """The rooms of a sync without their sealed events."""
    return {**rooms, "join": {room_id: _room_in_clear(room) for room_id, room in (rooms.get("join") or {}).items()}}


def _room_in_clear(room: Mapping[str, Any]) -> dict[str, Any]:
    timeline = room.get("timeline") or {}
    shown = [event for event in timeline.get("events", ()) if event.get("type") != SEALED]
    return {**room, "timeline": {**timeline, "events": shown}}


def _parsed(raw: Mapping[str, Any]) -> Any:
    try:
        response = nio.SyncResponse.from_dict(copy.deepcopy(dict(raw)))
    except Exception as error:
        raise TemporaryDeliveryError(f"the homeserver's sync cannot be read: {type(error).__name__}") from error
    if not isinstance(response, nio.SyncResponse):
        raise TemporaryDeliveryError("the homeserver's sync cannot be read")
    return response


def _understood(answer: aiohttp.ClientResponse, content: bytes, *, file: bool) -> Any:
    if answer.ok and file:
        return content
    try:
        body = sound(json.loads(content or b"{}"))
    except (ValueError, RecursionError):
        body = None
    if answer.ok and body is not None:
        return body
    raise _fault(answer, body if isinstance(body, dict) else {})


def _fault(answer: aiohttp.ClientResponse, body: Mapping[str, Any]) -> Exception:
    """Which error an answer is: by its status and its errcode, by nothing else."""
    code = body.get("errcode")
    if answer.status == 429 or code == "M_LIMIT_EXCEEDED":  # noqa: PLR2004 -- HTTP's own number
        return TemporaryDeliveryError("the homeserver asks to slow down", retry_after=_retry_after(answer, body))
    if code in _ENDED:
        return LoggedOutError("the homeserver no longer knows our session", retry_after=60)
    if answer.status >= 500 or not body:  # noqa: PLR2004 -- a page of a proxy says nothing about the question
        return TemporaryDeliveryError(f"the homeserver is not well: {answer.status}")
    return RefusedError(answer.status, body)


def _retry_after(answer: aiohttp.ClientResponse, body: Mapping[str, Any]) -> float:
    asked_ms = body.get("retry_after_ms")
    if isinstance(asked_ms, int | float):
        return max(0.05, asked_ms / 1000)
    header = answer.headers.get("Retry-After", "")
    return float(header) if header.isdecimal() else _DEFAULT_RETRY
