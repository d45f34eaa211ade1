"""A pytest plugin that points aiogram's own tests at our storage and our session; loaded with `-p`.

It stands outside of our `tests` package because aiogram's tests import theirs under the same name.
GREFFIER_UPSTREAM_URL is the database, GREFFIER_UPSTREAM_REPORT where the methods that were called are listed.
"""

import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.storage.base import StorageKey
from aiogram.methods import TelegramMethod
from pydantic import TypeAdapter

from bot.channels.console import ConsoleDoor
from bot.channels.mailbox import DoorMailbox
from bot.channels.session import LetterSession
from bot.clock import Clock
from storage.commit import Committer
from storage.database import Database
from storage.files import Files
from storage.fsm import WorkStorage
from storage.opening import open_database

CALLED: dict[str, str] = {}
# aiogram's tests take nothing but UTC from a library that we do not have.
sys.modules.setdefault("pytz", cast("Any", SimpleNamespace(utc=UTC)))


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = await open_database(os.environ["GREFFIER_UPSTREAM_URL"])
    yield opened
    await opened.close()


@pytest.fixture
async def storage(database: Database) -> WorkStorage:
    """What aiogram's storage tests ask for, whichever storage they name."""
    return WorkStorage(alone=(database, Committer(database), Clock()))


@pytest.fixture
def storage_key(request: pytest.FixtureRequest) -> StorageKey:
    """One conversation for each test: the database outlives them."""
    return StorageKey(bot_id=42, chat_id=-42, user_id=42, destiny=request.node.nodeid)


class OurBot(Bot):
    """Carries out each call through our session, then hands back what the test expects to see."""

    expected: Any = ...
    request: TelegramMethod[Any] | None = None

    def add_result_for(self, _: type[TelegramMethod[Any]], *, result: Any = None, **__: Any) -> Any:
        self.expected = result
        return type("Prepared", (), {"result": result})

    def get_request(self) -> TelegramMethod[Any] | None:
        """What was asked last."""
        return self.request

    async def __call__(self, method: TelegramMethod[Any], request_timeout: int | None = None) -> Any:
        name, self.request = type(method).__name__, method
        try:
            result = await super().__call__(method, request_timeout)
        except TelegramBadRequest as error:
            CALLED[name] = "refused" if "is not available" in error.message else "served"
            pytest.skip(error.message)
        CALLED[name] = "served"
        TypeAdapter(type(method).__returning__).validate_python(result)
        return result if self.expected is ... else self.expected


@pytest.fixture
def bot(database: Database, tmp_path: Path) -> OurBot:
    """What aiogram's method tests ask for."""
    door = ConsoleDoor(DoorMailbox("console", database, lambda _: None), Clock(), lambda _: None)
    session = LetterSession(door, database, Committer(database), Files(tmp_path / "pieces"), Clock())
    return OurBot("42:TEST", session=session)


@pytest.hookimpl
def pytest_sessionfinish() -> None:
    if report := os.environ.get("GREFFIER_UPSTREAM_REPORT"):
        Path(report).write_text(json.dumps(CALLED, indent=1, sort_keys=True))


@pytest.fixture(autouse=True)
def base_session(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[None]:
    """In aiogram's base session tests, their session is ours."""
    module = request.node.module
    if not module.__name__.endswith("test_base_session"):
        yield
        return
    theirs = module.CustomSession
    module.CustomSession = our_session(database, tmp_path)
    yield
    module.CustomSession = theirs


def our_session(database: Database, folder: Path) -> type[LetterSession]:
    """Our session as a class that needs no argument."""

    class CustomSession(LetterSession):
        def __init__(self) -> None:
            door = ConsoleDoor(DoorMailbox("console", database, lambda _: None), Clock(), lambda _: None)
            super().__init__(door, database, Committer(database), Files(folder / "pieces"), Clock())

    return CustomSession
