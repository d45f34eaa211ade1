"""The carrier: python-telegram-bot's bot, its pacing and its requests, spoken to in the Bot API's own JSON.

Answers and updates stay JSON: a message that has left is never lost for a field that a library does not know yet,
and an update is never changed on its way to the inbox.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.accounts import TelegramSettings

Leaving = Callable[[], Awaitable[None]]
_CONNECTIONS = 64  # as many letters as the postman has under way
_WAIT = 20.0  # seconds for an answer
_UPLOAD = 300.0  # seconds for a file

for _name in ("telegram", "httpx", "httpcore"):  # their lines carry the token, and words of people
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class _Pace(AIORateLimiter):
    """Telegram's limits, per second and per group; tells each letter when its request really leaves."""

    async def process_request(
        self,
        callback: Callable[..., Any],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Any,
    ) -> Any:
        """Wait for the request's turn."""

        async def leave(*given: Any, **named: Any) -> Any:
            if rate_limit_args is not None:
                await rate_limit_args()
            return await callback(*given, **named)

        return await super().process_request(leave, args, kwargs, endpoint, data, None)


class Carrier(ExtBot[Any]):
    """The bot of one token."""

    def __init__(self, settings: TelegramSettings) -> None:
        self._wire = HTTPXRequest(connection_pool_size=_CONNECTIONS, read_timeout=_WAIT, media_write_timeout=_UPLOAD)
        super().__init__(
            settings.token.get_secret_value(),
            base_url=f"{settings.api_url}/bot",
            base_file_url=f"{settings.api_url}/file/bot",
            request=self._wire,
            get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=_WAIT),
            rate_limiter=_Pace(),
        )

    async def call(self, method: str, data: Mapping[str, Any], *, leaving: Leaving | None = None) -> Any:
        """Call a method of the Bot API in its turn; returns its result.

        Args:
            leaving: awaited at the last instant before the request leaves.

        Raises:
            TelegramError: what python-telegram-bot makes of a refusal or of a broken connection.
        """
        return await self._post(method, dict(data), api_kwargs=self._merge_api_rl_kwargs(None, leaving))

    async def updates(self, offset: int | None, kinds: Sequence[str], wait: int) -> list[dict[str, Any]]:
        """What has arrived; all that is older than `offset` is thereby confirmed, and never given again.

        Args:
            wait: seconds that Telegram may hold the line for.
        """
        data = {"offset": offset, "timeout": wait, "allowed_updates": list(kinds)}
        found: list[dict[str, Any]] = await self._post("getUpdates", data, read_timeout=wait + _WAIT)
        return found

    async def download(self, file_id: str) -> bytes:
        """The bytes of a file."""
        file = await self.call("getFile", {"file_id": file_id})
        return await self._wire.retrieve(f"{self.base_file_url}/{file['file_path']}", read_timeout=_UPLOAD)
