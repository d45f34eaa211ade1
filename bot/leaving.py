"""Work that a signal ends in good order."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Work until a signal to leave: one that comes while the doors open is heard too."""
    task = asyncio.create_task(work)
    for name in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
