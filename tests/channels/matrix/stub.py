"""A homeserver of ours that can be ill on command: just enough of Matrix for one bot, no encryption."""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

BOT = "@greffier:stub"
ANN = "@ann:stub"
TS = 1_492_700_000_000  # 20 April 2017, 16:53:20 in Paris


@dataclass
class Fault:
    """What the stub answers instead; `lost` does the work and cuts the line before the answer."""

    status: int = 500
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False


HTML = Fault(502, "<html>Bad gateway</html>")
ENDED = Fault(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "gone"})


def slow_down(milliseconds: int) -> Fault:
    """What a homeserver answers to a bot that is too quick."""
    return Fault(429, {"errcode": "M_LIMIT_EXCEEDED", "error": "slow", "retry_after_ms": milliseconds})


class StubHomeserver:
    """One account, its rooms, and the faults that wait for it.

    Args:
        delay: seconds that every send takes.
    """

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.asked: list[str] = []
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.members: dict[str, list[str]] = defaultdict(lambda: [BOT, ANN])
        self.transactions: dict[tuple[str, str], str] = {}
        self.limit = 20  # events of one room in one sync
        self.uploads: list[bytes] = []
        self.bodies: list[tuple[str, Any]] = []
        self.invited: dict[str, str] = {}
        self.names: dict[str, Any] = {}
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/_matrix/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    # --- what tests do ---

    def happen(self, room: str, content: Mapping[str, Any], *, sender: str = ANN, **more: Any) -> str:
        """Something is said in a room; returns the event."""
        number = next(self._numbers)
        event = {
            "event_id": f"$e{number}",
            "type": "m.room.message",
            "sender": sender,
            "origin_server_ts": TS + number,
            "content": dict(content),
            "number": number,
            **more,
        }
        self.events[room].append(event)
        self._news.set()
        return f"$e{number}"

    def say(self, room: str, text: str, **more: Any) -> str:
        """Ann types words."""
        return self.happen(room, {"msgtype": "m.text", "body": text}, **more)

    def invite(self, room: str, by: str = ANN) -> None:
        """Somebody invites the bot."""
        self.invited[room] = by
        self._news.set()

    def count(self, part: str) -> int:
        """How many questions had `part` in them."""
        return sum(part in one for one in self.asked)

    def said(self, room: str) -> list[str]:
        """What the bot said in a room."""
        return [event["content"].get("body", "") for event in self.events[room] if event["sender"] == BOT]

    # --- what the bot gets ---

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        asked = f"{request.method} {path}"
        self.asked.append(asked)
        fault = next((queue.pop(0) for part, queue in self.faults.items() if part in asked and queue), None)
        if fault is not None and not fault.lost:
            text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
            kind = "text/html" if isinstance(fault.body, str) else "application/json"
            return web.Response(status=fault.status, text=text, content_type=kind, headers=fault.headers)
        answer = await self._served(request, path.split("/"))
        if fault is not None and request.transport is not None:
            request.transport.close()
        return answer

    async def _served(  # noqa: C901, PLR0911 -- one line per question is the clearest
        self, request: web.Request, parts: Sequence[str]
    ) -> web.StreamResponse:
        match [request.method, *parts]:
            case ["GET", "client", "v3", "sync"]:
                return web.json_response(await self._sync(request.query))
            case ["PUT", "client", "v3", "rooms", room, "send", kind, key]:
                return web.json_response({"event_id": await self._send(room, kind, key, await request.json())})
            case ["GET", "client", "v3", "rooms", room, "messages"]:
                return web.json_response(self._messages(room, request.query))
            case ["GET", "client", "v3", "rooms", room, "members"]:
                return web.json_response({"chunk": [self._member(one) for one in self.members[room]]})
            case ["GET", "client", "v3", "rooms", _, "state", "m.room.encryption"]:
                return web.json_response({"errcode": "M_NOT_FOUND", "error": "no"}, status=404)
            case ["POST", "client", "v3", "rooms", room, "join" | "leave"]:
                self.invited.pop(room, None)
                self.bodies.append((parts[-1], await request.json()))
                return web.json_response({})
            case ["POST", "media", "v3", "upload"]:
                self.uploads.append(await request.read())
                return web.json_response({"content_uri": f"mxc://stub/{len(self.uploads)}"})
            case ["GET", "client", "v1", "media", "download", "stub", number]:
                return web.Response(body=self.uploads[int(number) - 1])
            case ["GET", "client", "v1", "media", "config"]:
                return web.json_response({"m.upload.size": 1000})
            case ["POST", "client", "v3", "login"]:
                return web.json_response({"device_id": "STUB", "access_token": f"token-{len(self.asked)}"})
            case _:
                return web.json_response({})

    async def _sync(self, query: Mapping[str, str]) -> dict[str, Any]:
        since = int(query.get("since", "0"))
        if not self._fresh(since) and not self.invited and query.get("timeout") != "0":
            self._news.clear()
            try:
                async with asyncio.timeout(int(query["timeout"]) / 1000):
                    await self._news.wait()
            except TimeoutError:
                return {"next_batch": query["since"]}
        rooms = {room: self._timeline(events, since) for room, events in self._fresh(since).items()}
        last = max((event["number"] for events in self.events.values() for event in events), default=since)
        invited = {room: {"invite_state": {"events": [_invitation(by)]}} for room, by in self.invited.items()}
        return {"next_batch": str(max(last, since)), "rooms": {"join": rooms, "invite": invited}}

    def _fresh(self, since: int) -> dict[str, list[dict[str, Any]]]:
        fresh = {room: [one for one in events if one["number"] > since] for room, events in self.events.items()}
        return {room: events for room, events in fresh.items() if events}

    def _timeline(self, fresh: list[dict[str, Any]], since: int) -> dict[str, Any]:
        shown = fresh[-self.limit :]
        limited = len(fresh) > self.limit
        prev = str(shown[0]["number"] - 1 if limited else since)
        return {"timeline": {"events": shown, "limited": limited, "prev_batch": prev}, "state": {"events": []}}

    def _messages(self, room: str, query: Mapping[str, str]) -> dict[str, Any]:
        start = int(query.get("from", "1000000"))
        until = int(query.get("to", "0"))
        older = [one for one in self.events[room] if until < one["number"] <= start]
        page = older[::-1][: int(query["limit"])]
        end = {"end": str(page[-1]["number"] - 1)} if len(older) > len(page) else {}
        return {"chunk": page, **end}

    async def _send(self, room: str, kind: str, key: str, content: dict[str, Any]) -> str:
        if self.delay:
            await asyncio.sleep(self.delay)
        known = self.transactions.get((room, key))
        if known is None:
            known = self.transactions[room, key] = self.happen(room, content, sender=BOT, type=kind)
        return known

    def _member(self, user: str) -> dict[str, Any]:
        name = self.names.get(user, user[1:].partition(":")[0].capitalize())
        content = {"membership": "join", "displayname": name}
        return {"type": "m.room.member", "state_key": user, "sender": user, "content": content}


def _invitation(by: str) -> dict[str, Any]:
    content = {"membership": "invite", "is_direct": True}
    return {"type": "m.room.member", "state_key": BOT, "sender": by, "content": content}
