"""The state of a conversation comes back as it was, keys and types included."""

from datetime import date, datetime
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey

from bot.clock import PARIS, FrozenClock
from bot.errors import WorkClosedError
from storage.commit import Committer
from storage.database import Database
from storage.fsm import WorkStorage, dumps, loads
from storage.work import UnitOfWork
from tests.storage.conftest import NOW

KEY = StorageKey(bot_id=1, chat_id=7, user_id=7)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({1: "a", "1": "b"}, id="integer keys stay integers"),
        pytest.param({"$": 1, "of": [2]}, id="a key that looks like our own mark"),
        pytest.param({"t": (1, [2, {3}])}, id="tuples and sets"),
        pytest.param({"at": datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS), "on": date(2017, 4, 21)}, id="dates"),
        pytest.param({"n": None, "b": True, "f": 0.5, "s": "é « »"}, id="plain values"),
        pytest.param({(1, "a"): {2: {3: 4}}}, id="nested maps"),
    ],
)
def test_what_is_kept_comes_back_as_it_was(value: Any) -> None:
    assert loads(dumps(value)) == value


def test_what_would_not_come_back_as_it_was_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot be kept"):
        dumps({"o": object()})


async def test_inside_an_update_state_is_written_with_everything_else(database: Database, committer: Committer) -> None:
    storage = WorkStorage()
    work = UnitOfWork(database, NOW)
    with work.current():
        await storage.set_state(KEY, "Dossier:piece")
        await storage.set_data(KEY, {"pieces": [1, 2]})
    nothing_yet = UnitOfWork(database, NOW)
    with nothing_yet.current():
        assert await storage.get_state(KEY) is None

    await committer.commit(work)

    after = UnitOfWork(database, NOW)
    with after.current():
        assert (await storage.get_state(KEY), await storage.get_data(KEY)) == ("Dossier:piece", {"pieces": [1, 2]})


async def test_outside_of_an_update_state_is_refused_unless_it_may_stand_alone(
    database: Database, committer: Committer, clock: FrozenClock
) -> None:
    with pytest.raises(WorkClosedError):
        await WorkStorage().get_state(KEY)

    alone = WorkStorage((database, committer, clock))
    await alone.set_state(KEY, "S:a")
    await alone.set_data(KEY, {"a": 1})

    assert (await alone.get_state(KEY), await alone.get_data(KEY)) == ("S:a", {"a": 1})
