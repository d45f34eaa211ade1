"""The ten lines of the doors' own page, run as they stand, against a real homeserver."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from deploy.homeserver import Homeserver
from tests.channels.matrix.person import Person
from tests.servers.fixtures import PASSWORD, Register, newcomer, synapse

__all__ = ["newcomer", "synapse"]  # fixtures
pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "bot" / "channels" / "README.md"


def lines() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_ten_lines_of_the_page_answer_a_person(
    synapse: Homeserver, newcomer: Register, tmp_path: Path
) -> None:
    bot, camille = await newcomer("Bot"), await newcomer("Camille")
    account = {"SERVEUR": synapse.url, "COMPTE": bot, "MOT_DE_PASSE": PASSWORD, "DOSSIER": str(tmp_path / "bot")}
    environment = {**os.environ, **account, "SECRET": "un secret assez long", "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        lines(),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )

    async with Person(synapse.url, camille, PASSWORD, tmp_path / "camille") as person:
        room = await person.open_room(bot)
        await person.joined(room, bot)
        await person.say(room, "bonjour")
        answer = await person.until(lambda event: getattr(event, "body", "").startswith("Vous"))
        shown = person.client.rooms[room].user_name(bot)
    process.terminate()
    _, log = await process.communicate()

    assert (answer.body, answer.formatted_body, answer.decrypted) == (
        "Vous avez dit : bonjour",
        "Vous avez dit : <strong>bonjour</strong>",
        True,
    )
    assert (shown, process.returncode, b"Traceback" in log) == ("Écho", 0, False)
