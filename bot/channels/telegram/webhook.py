"""Updates that Telegram brings itself: a small server behind the institution's own, which answers once all is kept."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self

from aiohttp import web

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_GRACE = 5.0  # seconds that updates under way may take at a stop
_LARGEST = 1024 * 1024  # bytes: an update carries words, never files


class Webhook(AbstractAsyncContextManager["Webhook"]):
    """The server, open as long as its context.

    Args:
        listen: « 127.0.0.1:8443 ».
        take: keeps an update; Telegram is answered 200 only after it has returned.
    """

    def __init__(
        self, listen: str, path: str, secret: str, take: Callable[[Mapping[str, Any]], Awaitable[None]]
    ) -> None:
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._secret = secret.encode()
        self._take = take
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_post(path, self._receive)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE)

    async def __aenter__(self) -> Self:
        """Listen; a stop that comes meanwhile leaves nothing that listens."""
        await self._runner.setup()
        start = asyncio.ensure_future(web.TCPSite(self._runner, self._host, self._port).start())
        try:
            await asyncio.shield(start)  # cut short, asyncio's own server would listen on, known to nobody
        except BaseException:
            await asyncio.wait([start])
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop after the updates under way."""
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), self._secret):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
            known = isinstance(update["update_id"], int)
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            return web.Response(status=400)
        await self._take(update)
        return web.Response()
