"""Files dropped at once on a real homeserver, one event each: the candidate reads one answer."""

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

import nio
import pytest

from bot.accounts import MatrixSettings
from bot.app import open_app
from bot.channels.matrix.door import MatrixDoor
from bot.clock import PARIS, Clock
from bot.settings import Settings
from tests.channels.matrix.conftest import SECRET, World

pytestmark = pytest.mark.server
PAPERS = Path(__file__).parents[2] / "conversations" / "fichiers"
OPEN_DAY = datetime(2017, 4, 10, 9, tzinfo=PARIS)


async def uploaded(world: World, name: str) -> dict[str, Any]:
    """Ann's client seals a file and uploads it; returns the event that it will send."""
    data = (PAPERS / name).read_bytes()
    answer, keys = await world.ann.client.upload(
        lambda *_: data, content_type="application/pdf", filename=name, encrypt=True, filesize=len(data)
    )
    info = {"mimetype": "application/pdf", "size": len(data)}
    return {"msgtype": "m.file", "body": name, "info": info, "file": {**keys, "url": answer.content_uri}}


def by_the_bot(world: World, event: Any) -> bool:
    return isinstance(event, nio.RoomMessageText) and event.sender == world.bot


def said(world: World) -> list[str]:
    """What the bot said, in order."""
    return [
        event.body for event in world.ann.seen if isinstance(event, nio.RoomMessageText) and event.sender == world.bot
    ]


async def hear(world: World, words: str) -> None:
    await world.ann.until(lambda event: by_the_bot(world, event) and words in event.body)


async def test_files_dropped_at_once_have_one_answer(world: World, tmp_path: Path) -> None:
    clock = Clock(OPEN_DAY)
    given = {"homeserver": world.synapse.url, "user": world.bot, "password": "pw"}
    settings = Settings(data_dir=tmp_path / "data", matrix=MatrixSettings.model_validate(given))

    def make(mailbox: Any) -> MatrixDoor:
        assert settings.matrix is not None
        return MatrixDoor(settings.matrix, mailbox, clock, tmp_path / "data" / "keys", SECRET)

    async with open_app(settings, [("matrix", make)], clock=clock, bureau={}, durable=False) as app:
        task = asyncio.create_task(app.run())
        room = await world.ann.open_room(world.bot)
        await world.ann.joined(room, world.bot)
        await hear(world, "Êtes-vous d’accord")
        await world.ann.say(room, "oui")
        await hear(world, "Question 1 sur 5")
        before = len(said(world))
        names = ("notice annexe 1.pdf", "CV_Camille_Martin.pdf", "scan0001.pdf")
        for content in [await uploaded(world, name) for name in names]:
            await world.ann.send(room, content)
        await hear(world, "J’ai reçu 3 fichiers")
        await asyncio.sleep(2)
        await world.ann.sync()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    answers = [words for words in said(world)[before:] if ".pdf" in words]
    assert [words.split("\n")[:4] for words in answers] == [
        [
            "J’ai reçu 3 fichiers :",
            "– « notice annexe 1.pdf » : la notice de renseignements (1 page, 697 octets).",
            "– « CV_Camille_Martin.pdf » : le CV (2 pages, 1 ko).",
            "– « scan0001.pdf » : pièce à préciser.",
        ]
    ]
