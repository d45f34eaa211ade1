"""aiogram's own examples and tests, run on our session, our storage and the console door."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from bot.channels.served import SERVED
from deploy.homeserver import Homeserver
from tests.servers.fixtures import PASSWORD, Register
from tests.upstream.source import ROOT, upstream

pytestmark = pytest.mark.server  # downloads aiogram's source distribution
HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
EXAMPLES = {page.stem: page for page in sorted(GOLDEN.glob("*.md"))}
# What our session does otherwise on purpose: it has no address at Telegram, answers `getMe`, and knows its own files.
OTHERWISE = {"test_init_api", "test_default_props", "test_make_request", "test_stream_content"}


async def run(*command: str, folder: Path, path: list[Path], **variables: str) -> tuple[int, str]:
    """Run a program of ours in a process of its own: the examples and aiogram's tests use our packages' names."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **variables}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=folder, env=environment, stdout=pipe, stderr=pipe
    )
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode() or complained.decode()


async def run_suite(database: str, report: Path, *tests: str) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Run some of aiogram's tests with our plugin: their names by outcome, and the methods that were called."""
    options = ["--noconftest", "-c", os.devnull, "-p", "greffier_upstream", "-p", "no:cacheprovider", "-rA"]
    settings = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    _, said = await run(
        *("-m", "pytest", "-q", "--rootdir", ".", *options, *settings, *tests),
        folder=upstream(),
        path=[HERE / "plugin", ROOT],
        GREFFIER_UPSTREAM_URL=database,
        GREFFIER_UPSTREAM_REPORT=str(report),
    )
    return read_report(said, report)


def read_report(said: str, report: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    outcomes: dict[str, list[str]] = {"PASSED": [], "FAILED": [], "ERROR": []}
    for outcome, name in re.findall(r"^(PASSED|FAILED|ERROR) \S*?::(?:\w+::)?(\w+)", said, re.MULTILINE):
        outcomes[outcome].append(name)
    assert outcomes["PASSED"], said
    return outcomes, json.loads(report.read_text())


def counted(outcomes: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{len(names)} {outcome.lower()}" for outcome, names in outcomes.items())


def script_of(name: str) -> str:
    examples = upstream() / "examples"
    alone = examples / f"{name}.py"
    return str(alone if alone.exists() else examples / name / "bot.py")


@pytest.mark.parametrize("door", ["console", "telegram"])
@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_official_example_runs_unmodified_word_for_word(name: str, door: str) -> None:
    page = EXAMPLES[name]

    code, said = await run(
        *(str(HERE / "example.py"), script_of(name), str(page)),
        folder=ROOT,
        path=[ROOT],
        GREFFIER_UPSTREAM_DOOR=json.dumps({"door": door}),
    )

    assert (code, said) == (0, page.read_text())


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_same_example_says_the_same_on_a_real_homeserver(
    name: str, synapse: Homeserver, newcomer: Register
) -> None:
    page = EXAMPLES[name]
    people = {who: await newcomer(who.capitalize()) for who in ("camille", "dominique", "claude")}
    accounts = {
        "door": "matrix",
        "homeserver": synapse.url,
        "bot": await newcomer("Bot"),
        "password": PASSWORD,
        **people,
    }

    code, said = await run(
        *(str(HERE / "example.py"), script_of(name), str(page)),
        folder=ROOT,
        path=[ROOT],
        GREFFIER_UPSTREAM_DOOR=json.dumps(accounts),
    )

    assert (code, said) == (0, page.read_text())


async def test_aiograms_storage_suite_passes_on_our_storage(
    url: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    outcomes, _ = await run_suite(url, tmp_path / "report", "tests/test_fsm/storage/test_storages.py")

    figure(f"aiogram, storage, {url.partition(':')[0]}: {counted(outcomes)}")
    assert {outcome: len(names) for outcome, names in outcomes.items()} == {"PASSED": 12, "FAILED": 0, "ERROR": 0}


async def test_each_method_of_the_bot_api_is_served_or_cleanly_refused(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    database = f"sqlite:///{tmp_path}/greffier.db"

    outcomes, called = await run_suite(database, tmp_path / "report", "tests/test_api/test_methods")

    served = [method for method, outcome in called.items() if outcome == "served"]
    refused = len(called) - len(served)
    figure(f"aiogram, methods: {len(served)} served, {refused} refused by name, {counted(outcomes)}")
    assert (outcomes["FAILED"], outcomes["ERROR"]) == ([], [])
    assert served == sorted(method.__name__ for method in SERVED)
    assert len(called) > 180


async def test_our_session_keeps_the_contract_of_aiograms_base_session(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    database = f"sqlite:///{tmp_path}/greffier.db"

    outcomes, _ = await run_suite(
        database, tmp_path / "report", "tests/test_api/test_client/test_session/test_base_session.py"
    )

    figure(f"aiogram, session: {counted(outcomes)}")
    assert set(outcomes["FAILED"]) == OTHERWISE
    assert outcomes["ERROR"] == []
