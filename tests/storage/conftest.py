"""The memory is tested on both makes of database: one code path, the same tests."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.clock import PARIS, FrozenClock
from storage.commit import Committer
from storage.database import Database
from storage.opening import open_database

NOW = datetime(2017, 4, 10, 9, 0, tzinfo=PARIS)


@pytest.fixture
def clock() -> FrozenClock:
    """A morning inside the campagne."""
    return FrozenClock(NOW)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database, of either make."""
    url = f"sqlite:///{tmp_path}/greffier.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = await open_database(url)
    yield opened
    await opened.close()


@pytest.fixture
def committer(database: Database) -> Committer:
    """Commits units of work to the database."""
    return Committer(database)
