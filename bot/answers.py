"""The answers of a campagne, compiled beside the start so that nobody waits for them."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from bot.circulaire.campagne import Campagne
from bot.circulaire.faq import load_bank
from bot.retrieval.index import Index, build_index
from bot.retrieval.model import UnlearntError


class Answers:
    """The compiled bank; `index` waits until it is ready.

    Args:
        folder: the folder of the campagne.
        semantic: with sentence vectors; None takes them when they are installed.
        cache: the folder that keeps what was learnt; None takes the user's own.
    """

    def __init__(
        self, folder: Path, campagne: Campagne, *, semantic: bool | None = None, cache: Path | None = None
    ) -> None:
        self._semantic = semantic
        self._folder = folder
        self._campagne = campagne
        self._cache = cache
        self._building: asyncio.Task[Index] | None = None

    def prepare(self) -> asyncio.Task[Index]:
        """Begin to compile; a preparation that failed is begun again."""
        if self._building is None or _failed(self._building):
            self._building = asyncio.create_task(self._compiled())
        return self._building

    async def index(self) -> Index:
        """The index, compiled now if it was not yet."""
        return await asyncio.shield(self.prepare())

    async def _compiled(self) -> Index:
        """What was learnt is read back; a bank that is new is learnt first."""
        with suppress(UnlearntError):
            return await asyncio.to_thread(self._build, learn=False)
        await self._learn_beside()
        return await asyncio.to_thread(self._build, learn=True)

    async def _learn_beside(self) -> None:
        """Learn in a process of its own: the doors stay quick, the memory comes back, and a stop ends it at once."""
        how = {None: [], True: ["--semantic"], False: ["--lexical"]}[self._semantic]
        where = ["--cache", str(self._cache)] if self._cache else []
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.retrieval", str(self._folder), *how, *where
        )
        try:
            if await process.wait() < 0:
                raise RuntimeError("the answers were being learnt when their process was killed")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _build(self, *, learn: bool) -> Index:
        bank = load_bank(self._folder, self._campagne)
        return build_index(bank, semantic=self._semantic, cache=self._cache, learn=learn)


def _failed(building: asyncio.Task[Index]) -> bool:
    return building.done() and (building.cancelled() or building.exception() is not None)
