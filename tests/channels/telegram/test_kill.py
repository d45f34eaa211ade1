"""The service as it is run, killed at any moment while people write: nothing lost unseen, nothing said twice."""

import asyncio
import os
import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from deploy.service import GREFFIER
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

pytestmark = pytest.mark.server  # starts the service as a program of its own
ROOT = Path(__file__).parents[3]
KILLS, WRITERS = 5, 3


async def _start(stub: StubTelegram, folder: Path) -> asyncio.subprocess.Process:
    """The service, once it listens."""
    given = {
        "GREFFIER_DATA_DIR": str(folder),
        "GREFFIER_TELEGRAM__TOKEN": TOKEN,
        "GREFFIER_TELEGRAM__API_URL": stub.url,
        "GREFFIER_EMAIL__HOST": "127.0.0.1",
        "GREFFIER_EMAIL__SENDER": "greffier@example.fr",
        "GREFFIER_DIAGNOSTICS": "1",
        "GREFFIER_SEMANTIC": "0",
    }
    asked = len(stub.sent("getUpdates"))
    nowhere = asyncio.subprocess.DEVNULL
    service = await asyncio.create_subprocess_exec(
        *GREFFIER, "run", cwd=ROOT, env={**os.environ, **given}, stdout=nowhere, stderr=nowhere
    )
    async with asyncio.timeout(60):
        while len(stub.sent("getUpdates")) == asked:
            await asyncio.sleep(0.01)
    return service


async def _write(people: list[Person], number: int) -> int:
    """Everybody writes a little, for a while that nobody knows."""
    for _ in range(4):
        for person in people:
            person.says(f"ping {number}")
            number += 1
        await asyncio.sleep(random.uniform(0, 0.05))
    return number


def _count(folder: Path, query: str) -> int:
    database = sqlite3.connect(folder / "greffier.db")
    found: int = database.execute(query).fetchone()[0]
    database.close()
    return found


def _at_work(stub: StubTelegram, folder: Path) -> bool:
    """Whether something has still to be received, handled or said."""
    waiting = _count(folder, "select count(*) from inbox where state = 'waiting'")
    unsaid = _count(folder, "select count(*) from outbox where state in ('waiting', 'retry')")
    return bool(stub.unconfirmed or waiting or unsaid)


async def _run_to_the_end(stub: StubTelegram, folder: Path) -> int:
    """Run the service until nothing is left to do, then stop it in good order; returns its status."""
    service = await _start(stub, folder)
    async with asyncio.timeout(90):
        while _at_work(stub, folder):
            await asyncio.sleep(0.2)
    service.terminate()
    return await service.wait()


async def test_a_service_killed_at_random_answers_each_message_once_or_says_that_it_does_not_know(
    stub: StubTelegram, tmp_path: Path
) -> None:
    people = [Person(stub, 500 + place, f"Personne {place}") for place in range(WRITERS)]
    number = 0

    for _ in range(KILLS):
        service = await _start(stub, tmp_path)
        number = await _write(people, number)
        await asyncio.sleep(random.uniform(0, 0.3))
        service.kill()
        await service.wait()
    status = await _run_to_the_end(stub, tmp_path)

    said = Counter(words.split(" count=")[0] for person in people for words in person.words)
    expected = {f"pong {one}" for one in range(number)}
    assert status == 0
    assert set(said) - expected == set()
    assert max(said.values()) == 1
    doubtful = _count(tmp_path, "select count(*) from outbox where state = 'doubtful'")
    assert len(expected) - len(said) <= doubtful <= KILLS * WRITERS


async def test_an_album_has_one_answer_wherever_the_service_is_killed(stub: StubTelegram, tmp_path: Path) -> None:
    people = [Person(stub, 600 + place, f"Personne {place}") for place in range(WRITERS)]
    pages = [[tmp_path / f"{part}-{number}.pdf" for part in "abc"] for number in range(KILLS)]

    for number, album in enumerate(pages):
        service = await _start(stub, tmp_path)
        for page in album:
            page.write_bytes(b"%PDF-1.7")
        for person in people:
            for page in album:
                person.drops(page, media_group_id=f"13{number}")
        await asyncio.sleep(random.uniform(0, 2.5))  # while it waits for a fourth file, handles or answers
        service.kill()
        await service.wait()
    status = await _run_to_the_end(stub, tmp_path)

    written = _count(tmp_path, "select count(*) from outbox where payload like '%vos fichiers%'")
    doubtful = _count(tmp_path, "select count(*) from outbox where state = 'doubtful'")
    read = [words.split(" : ")[0] for person in people for words in person.words if "pas gardé" in words]
    assert status == 0
    assert written == KILLS * WRITERS
    assert set(read) == {"Je n’ai pas gardé vos fichiers"}
    assert written - len(read) <= doubtful <= KILLS * WRITERS
    assert len(read) <= written
