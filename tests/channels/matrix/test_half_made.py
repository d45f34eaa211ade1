"""A room that the bot opens, seen while the homeserver is still making it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.channels.matrix.conftest import World, listening
from tests.channels.matrix.person import Post
from tests.channels.matrix.proxy import IllProxy

pytestmark = pytest.mark.server


class SlowToOpen(IllProxy):
    """A homeserver that shows a new room, and tells who is in it, before it invites the person the room is for.

    What happens later in the room is not shown before `shown` is set.
    """

    def __init__(self, behind: str) -> None:
        super().__init__(behind)
        self.shown = asyncio.Event()
        self._listed = asyncio.Event()
        self._opened = asyncio.Event()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/createRoom"):
            return await self._create(request)
        if request.path.endswith("/sync") and self._listed.is_set():
            await self.shown.wait()
        answer = await super()._answer(request)
        if request.path.endswith("/members"):
            self._listed.set()
            await self._opened.wait()
        return answer

    async def _create(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        invited = asked.pop("invite")
        made = await self._ask(request, request.path, asked)
        async with asyncio.timeout(20):
            await self._listed.wait()
        for user in invited:
            await self._ask(request, f"/_matrix/client/v3/rooms/{made['room_id']}/invite", {"user_id": user})
        asyncio.get_running_loop().call_later(0.3, self._opened.set)
        return web.json_response(made)

    async def _ask(self, request: web.Request, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"Authorization": request.headers["Authorization"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.behind + path, json=body, headers=headers) as answer,
        ):
            return await answer.json()


async def test_the_first_letter_in_a_room_seen_half_made_can_be_read(world: World, letters: Post) -> None:
    async with SlowToOpen(world.synapse.url) as proxy, listening(world.door(url=proxy.url)) as door:
        await door.send(letters.letter(world.ann.user, "sendMessage", text="Convocation"))
        proxy.shown.set()
        answer = await world.ann.until(lambda event: getattr(event, "body", "") == "Convocation")

    assert answer.decrypted is True
