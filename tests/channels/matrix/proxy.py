"""A homeserver's front that is ill on command: everything else goes to the real homeserver behind it."""

from collections import defaultdict
from typing import Self

import aiohttp
from aiohttp import web


class IllProxy:
    """Stands before `behind`; `faults` counts, for each part of an address, the questions still to be refused."""

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.faults: dict[str, int] = defaultdict(int)
        self.asked: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        part = next((part for part, left in self.faults.items() if left and part in request.path), None)
        if part is not None:
            self.faults[part] -= 1
            return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")
        headers = {name: value for name, value in request.headers.items() if name in {"Authorization", "Content-Type"}}
        async with (
            aiohttp.ClientSession(auto_decompress=True) as session,
            session.request(
                request.method, self.behind + request.raw_path, data=await request.read(), headers=headers
            ) as answer,
        ):
            body = await answer.read()
            return web.Response(
                status=answer.status, body=body, headers={"Content-Type": answer.headers["Content-Type"]}
            )
