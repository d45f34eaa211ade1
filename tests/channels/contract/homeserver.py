"""The homeserver of ours, with what is asked of one beside words: pins, copies, people who come and go."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from tests.channels.matrix.stub import ANN, BOT, StubHomeserver

BOB = "@bob:stub"
ROOM, GROUP = "!salon:stub", "!groupe:stub"


class RoomyHomeserver(StubHomeserver):
    """One account in a conversation with Ann, and in a group."""

    def __init__(self) -> None:
        super().__init__()
        self.members[GROUP] = [BOT, ANN, BOB]
        self.pinned: list[str] = []
        self.left: set[str] = set()

    def moves(self, room: str, who: str, old: str, new: str, *, by: str) -> str:
        """Somebody comes into a room, or goes."""
        before = {"unsigned": {"prev_content": {"membership": old}}}
        return self.happen(room, {"membership": new}, sender=by, type="m.room.member", state_key=who, **before)

    async def _served(self, request: web.Request, parts: Sequence[str]) -> web.StreamResponse:
        match [request.method, *parts]:
            case ["GET", "client", "v3", "rooms", room, "event", event]:
                return web.json_response(next(one for one in self.events[room] if one["event_id"] == event))
            case ["GET", "client", "v3", "rooms", _, "state", "m.room.pinned_events"]:
                return web.json_response({"pinned": self.pinned})
            case ["PUT", "client", "v3", "rooms", _, "state", "m.room.pinned_events"]:
                self.pinned = (await request.json())["pinned"]
            case ["POST", "client", "v3", "rooms", room, "leave"]:
                self.left.add(room)
        return await super()._served(request, parts)

    async def _sync(self, query: Mapping[str, str]) -> dict[str, Any]:
        answer = await super()._sync(query)
        rooms = answer.get("rooms", {"join": {}})
        gone = {room: rooms["join"].pop(room) for room in self.left & set(rooms["join"])}
        return {**answer, "rooms": {**rooms, "leave": gone}}
