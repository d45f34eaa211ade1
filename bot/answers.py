"""The answers of a campagne, compiled beside the start so that nobody waits for them."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.circulaire.campagne import Campagne
from bot.circulaire.faq import load_bank

if TYPE_CHECKING:
    from bot.retrieval.index import Index


class Answers:
    """The compiled bank; `index` waits until it is ready.

    Args:
        folder: the folder of the campagne.
        semantic: with sentence vectors; None takes them when they are installed.
    """

    def __init__(self, folder: Path, campagne: Campagne, *, semantic: bool | None = None) -> None:
        self._semantic = semantic
        self._folder = folder
        self._campagne = campagne
        self._building: asyncio.Task[Index] | None = None

    def prepare(self) -> "asyncio.Task[Index]":
        """Begin to compile, in a thread."""
        if self._building is None:
            self._building = asyncio.create_task(asyncio.to_thread(self._build))
        return self._building

    async def index(self) -> "Index":
        """The index, compiled now if it was not yet."""
        return await asyncio.shield(self.prepare())

    def _build(self) -> "Index":
        from bot.retrieval.index import build_index  # noqa: PLC0415 -- numpy and the model load beside the start

        return build_index(load_bank(self._folder, self._campagne), semantic=self._semantic)
