"""The answers are prepared beside the start: learnt in a process of their own, read back, never waited for."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot.answers import Answers
from bot.circulaire.campagne import Campagne
from bot.clock import PARIS
from tests.circulaire.conftest import INVENTED, REAL, ROOT

pytestmark = pytest.mark.service

NOW = datetime(2017, 4, 10, 12, tzinfo=PARIS)
LEAVES_AT_ONCE = """
import asyncio, sys
from pathlib import Path
from bot.answers import Answers
from bot.circulaire.campagne import load_campagne
from tests.circulaire.test_answers import begins

async def main():
    folder = Path(sys.argv[1])
    Answers(folder, load_campagne(folder), semantic=False, cache=Path(sys.argv[2])).prepare()
    await begins()

asyncio.run(main())
"""


async def test_a_new_bank_is_learnt_beside_and_read_back_by_the_next_start(invented: Campagne, tmp_path: Path) -> None:
    first = await Answers(INVENTED, invented, semantic=False, cache=tmp_path).index()
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    again = await Answers(INVENTED, invented, semantic=False, cache=tmp_path).index()

    assert len(kept) == 1
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == kept
    assert again.ask("Bonjour", now=NOW) == first.ask("Bonjour", now=NOW)


async def test_a_machine_that_can_keep_nothing_learns_for_itself(invented: Campagne, tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.touch()

    index = await Answers(INVENTED, invented, semantic=False, cache=nowhere / "cache").index()

    assert index.bank.numero == invented.numero


async def test_a_preparation_that_was_killed_is_begun_again_by_the_next_question(
    invented: Campagne, tmp_path: Path
) -> None:
    answers = Answers(INVENTED, invented, semantic=False, cache=tmp_path)
    others = children()
    first = answers.prepare()
    os.kill(await begins(others), signal.SIGTERM)

    outcome = (await asyncio.gather(first, return_exceptions=True))[0]
    index = await answers.index()

    assert repr(outcome) == "RuntimeError('the answers were being learnt when their process was killed')"
    assert index.bank.numero == invented.numero


async def test_a_preparation_that_is_given_up_leaves_no_process(invented: Campagne, tmp_path: Path) -> None:
    others = children()
    building = Answers(INVENTED, invented, semantic=False, cache=tmp_path).prepare()
    await begins(others)

    building.cancel()
    await asyncio.wait([building])

    assert children() - others == set()


def children() -> set[int]:
    """The processes that this one has started and not yet seen the end of."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            found.update(map(int, (task / "children").read_text(encoding="ascii").split()))
    return found


async def begins(others: set[int] | None = None) -> int:
    """The process that learns, once there is one beside the servers of other tests."""
    while not (learning := children() - (others or set())):
        await asyncio.sleep(0.01)
    return learning.pop()


async def test_everybody_who_asks_waits_for_the_same_preparation(invented: Campagne, tmp_path: Path) -> None:
    answers = Answers(INVENTED, invented, semantic=False, cache=tmp_path)

    first, second = await asyncio.gather(answers.index(), answers.index())

    assert first is second


def test_a_stop_does_not_wait_for_a_bank_that_is_being_learnt(tmp_path: Path) -> None:
    """The whole bank takes some ten seconds to learn; the process leaves as soon as that has begun."""
    command = [sys.executable, "-c", LEAVES_AT_ONCE, str(REAL), str(tmp_path)]

    subprocess.run(command, cwd=ROOT, check=True)

    assert list(tmp_path.iterdir()) == []  # nothing was learnt
