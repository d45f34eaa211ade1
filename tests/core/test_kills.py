"""Killed at a hundred random instants, Greffier loses nothing and says nothing twice."""

import asyncio
import json
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from storage import journal
from storage.opening import open_database

PEOPLE = tuple(f"personne{number}" for number in range(8))
KILLS = 100
SEED = 17


async def feed(folder: Path, process: asyncio.subprocess.Process) -> Counter[str]:
    """Let people write until the last kill is done; returns how often each one did."""
    chosen, said = random.Random(SEED), Counter[str]()
    with (folder / "in.jsonl").open("a", encoding="utf-8") as network:
        while not (folder / "mourned").exists() and process.returncode is None:
            for who in chosen.sample(PEOPLE, 2):
                said[who] += 1
                event = {"event": f"{who}-{said[who]}", "who": who, "text": f"{who}-{said[who]}"}
                network.write(json.dumps(event) + "\n")
            network.flush()
            await asyncio.sleep(0.08)
    (folder / "fed").touch()
    return said


def arrived(folder: Path) -> tuple[dict[str, list[str]], int]:
    """What each conversation shows, and how many parcels the network was handed again."""
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    once = list({line["key"]: line for line in reversed(lines)}.values())[::-1]
    shown: dict[str, list[str]] = {}
    for line in once:
        shown.setdefault(line["room"], []).append(line["text"])
    return shown, len(lines) - len(once)


@pytest.mark.server  # half a minute of lives and deaths: too long for the quick run
async def test_killed_at_a_hundred_instants_nothing_is_lost_nothing_is_said_twice_and_order_is_kept(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "in.jsonl").touch()
    lives = [sys.executable, "-m", "tests.core.lives", url, str(tmp_path), str(KILLS), str(SEED)]

    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*lives, stderr=log, stdout=log)
        said = await feed(tmp_path, process)
        code = await process.wait()

    shown, repeated = arrived(tmp_path)
    bureau = shown.pop("bureau")
    assert code == 0, (tmp_path / "log").read_text()[-3000:]
    assert repeated > 0, "the campaign proves nothing when no parcel was ever handed over twice"
    assert shown == {who: [f"{who}-{n} {n}" for n in range(1, count + 1)] for who, count in said.items()}
    assert {who: [line for line in bureau if line.startswith(f"{who}-")] for who in said} == shown
    database = await open_database(url)
    lines = await database.query(journal.lines)
    await database.close()
    assert len(lines) == said.total()
    assert journal.first_broken(lines) is None
