"""The server that Telegram brings updates to, by itself."""

import asyncio
import socket

import pytest

from bot.channels.telegram.webhook import Webhook
from deploy.homeserver import free_port


async def keep(_: object) -> None:
    """What would put an update into the inbox."""


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_while_it_begins_leaves_nothing_that_listens(turns: int) -> None:
    port = free_port()

    async def listen() -> None:
        async with Webhook(f"127.0.0.1:{port}", "/", "secret", keep):
            await asyncio.sleep(60)

    task = asyncio.create_task(listen())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    with socket.create_server(("127.0.0.1", port)):  # the port is free again
        pass
