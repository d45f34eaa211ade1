"""The service as the sysadmin runs it, in a process that may be killed."""

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from deploy.service import GREFFIER

ROOT = Path(__file__).parents[2]


class Service:
    """`greffier run` with settings of its own.

    Args:
        settings: its environment; what is changed in it holds from the next start on.
    """

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        self.settings = dict(settings)
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process, once started."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start; the doors open a few seconds later."""
        self._process = await self._run("run")

    async def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        assert self._process.returncode is None, f"stopped by itself: {self._log.read_text()[-2000:]}"
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> None:
        """Ask it to leave in good order, and wait."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def command(self, *words: str) -> int:
        """Run another command with the same settings; returns its exit status."""
        return await (await self._run(*words)).wait()

    async def _run(self, *words: str) -> asyncio.subprocess.Process:
        environment = {**os.environ, **self.settings}
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *GREFFIER, *words, cwd=ROOT, env=environment, stdout=log, stderr=log
            )
