"""aiogram's own tests end the same with and without our repairs."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.upstream.source import ROOT, upstream

pytestmark = pytest.mark.server  # downloads aiogram's source distribution
PLUGIN = Path(__file__).parent / "plugin"
SUITES = ("dispatcher", "filters", "flags", "handler", "fsm", "issues", "api/test_types", "api/test_methods")
# These need database drivers or a web server of their own; tests/upstream runs the storage tests on our storage.
LEFT_OUT = ("tests/test_fsm/storage", "tests/test_api/test_types/test_input_file.py")
WITHIN = 120.0  # seconds; ten are usual
SKIPPED = {  # by aiogram itself, for another system or another Python
    "tests/test_dispatcher/test_dispatcher.py::TestDispatcher::test_stop_polling_by_signal",
    "tests/test_issues/test_1741_forward_ref_in_callbacks.py::test_forward_ref_in_callback",
}


@dataclass
class Ended:
    """How each test ended, how many updates met repaired filters, whether the import had built `Update`."""

    outcomes: dict[str, str]
    repaired: int
    built: bool


async def run(report: Path, *, repaired: bool) -> Ended:
    variables = {
        "PYTHONPATH": os.pathsep.join(map(str, (PLUGIN, ROOT))),
        "GREFFIER_REPAIRED": "yes" if repaired else "no",
        "GREFFIER_REPORT": str(report),
    }
    plugins = ["-p", "no:cacheprovider", *(["-p", "bot"] if repaired else []), "-p", "greffier_repairs"]
    options = ["--noconftest", "-c", os.devnull, "--rootdir", ".", *plugins]
    modes = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    left_out = [f"--ignore={path}" for path in LEFT_OUT]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", *options, *modes, *left_out),
        *(f"tests/test_{suite}" for suite in SUITES),
        cwd=upstream(),
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WITHIN):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert report.exists(), said.decode()
    return Ended(**json.loads(report.read_text()))


async def test_aiograms_own_tests_end_the_same_with_and_without_the_repairs(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    plain, repaired = await asyncio.gather(
        run(tmp_path / "plain", repaired=False), run(tmp_path / "repaired", repaired=True)
    )

    passed = sum(outcome == "passed" for outcome in repaired.outcomes.values())
    figure(f"aiogram, everything else, with our repairs: {passed} of {len(plain.outcomes)} passed, as without")
    assert repaired.outcomes == plain.outcomes
    assert {name for name, outcome in plain.outcomes.items() if outcome != "passed"} == SKIPPED
    assert len(plain.outcomes) > 1200
    assert (plain.repaired, plain.built) == (0, True)
    assert (repaired.repaired > 0, repaired.built) == (True, False)
