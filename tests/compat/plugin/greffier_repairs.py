"""A pytest plugin that gives aiogram's own tests what their conftest would, and our two repairs when asked.

It stands outside of our `tests` package because aiogram's tests import theirs under the same name, and takes the place
of their conftest because that one needs database drivers that we do not have.
GREFFIER_REPAIRED is `yes` (then `-p bot` comes first, which defers) or `no`; GREFFIER_REPORT is where the outcome of
each test is written.
"""

import importlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, Router
from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.memory import DisabledEventIsolation, MemoryStorage
from aiogram.types import Update

OUTCOMES: dict[str, str] = {}
SEEN = {"repaired": 0, "built": Update.__pydantic_complete__ is True}


def _repair_while_running() -> None:
    """Repair before each update: an application does it once, but these tests add handlers at any time."""
    from bot.compat.filters import repair_filters  # noqa: PLC0415 -- only where the repairs are asked for

    propagate = Router.propagate_event

    async def propagate_repaired(self: Any, *given: Any, **known: Any) -> Any:
        repair_filters(self)
        SEEN["repaired"] += 1
        return await propagate(self, *given, **known)

    Router.propagate_event = propagate_repaired  # type: ignore[method-assign] # these tests have no start-up


if os.environ["GREFFIER_REPAIRED"] == "yes":
    _repair_while_running()


@pytest.fixture(name="bot")
def mocked_bot() -> Bot:
    """Their bot, which plays answers back."""
    made: Bot = importlib.import_module("tests.mocked_bot").MockedBot()
    return made


@pytest.fixture
def storage_key(bot: Bot) -> StorageKey:
    return StorageKey(chat_id=-42, user_id=42, bot_id=bot.id)


@pytest.fixture
async def memory_storage() -> AsyncIterator[MemoryStorage]:
    storage = MemoryStorage()
    yield storage
    await storage.close()


@pytest.fixture
def disabled_isolation() -> DisabledEventIsolation:
    return DisabledEventIsolation()


@pytest.fixture
async def dispatcher() -> AsyncIterator[Dispatcher]:
    made = Dispatcher()
    await made.emit_startup()
    yield made
    await made.emit_shutdown()


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The worst that was said of each test is its outcome."""
    if report.outcome != "passed" or report.nodeid not in OUTCOMES:
        OUTCOMES[report.nodeid] = f"{report.outcome} {report.when}" if report.outcome != "passed" else "passed"


@pytest.hookimpl
def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be read is an outcome too."""
    if report.failed:
        OUTCOMES[report.nodeid] = "unreadable"


@pytest.hookimpl
def pytest_sessionfinish() -> None:
    found = {"outcomes": OUTCOMES, **SEEN}
    Path(os.environ["GREFFIER_REPORT"]).write_text(json.dumps(found, indent=1, sort_keys=True))
