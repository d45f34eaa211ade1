"""aiogram's memory of conversations, in the same transaction as everything else."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from aiogram.exceptions import DataNotDictLikeError
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from sqlalchemy import bindparam, select

from bot.clock import Clock
from bot.errors import WorkClosedError
from storage.commit import Committer
from storage.database import BoundSession, Database
from storage.statements import Plain
from storage.tables import Fsm, table
from storage.work import UnitOfWork, current_work

_fsm = table(Fsm)
_row_of = Plain(select(_fsm.c.state, _fsm.c.data).where(_fsm.c.key == bindparam("conversation")))
_TAG = "$"  # marks what JSON cannot say by itself

Row = tuple[str | None, str]


class WorkStorage(BaseStorage):
    """Reads and writes in the unit of work of the update being handled.

    Args:
        alone: where to read and write outside of any update, in a unit of its own; None refuses.
    """

    def __init__(self, alone: tuple[Database, Committer, Clock] | None = None) -> None:
        self._alone = alone

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Remember the state."""
        name = state.state if isinstance(state, State) else state
        await self._change(key, lambda row: (name, row[1]))

    async def get_state(self, key: StorageKey) -> str | None:
        """The state, None where there is none."""
        return (await self._read(key))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Remember the data, keys and types as they are.

        Raises:
            DataNotDictLikeError: data without names.
            TypeError: a value that would not come back as it was.
        """
        if not isinstance(data, Mapping):
            raise DataNotDictLikeError(f"data must be a dict or dict-like object, got {type(data).__name__}")
        text = dumps(dict(data))
        await self._change(key, lambda row: (row[0], text))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The data, an empty dictionary where there is none."""
        data: dict[str, Any] = loads((await self._read(key))[1])
        return data

    async def close(self) -> None:
        """Nothing to let go of: the database is closed by whoever opened it."""

    async def _read(self, key: StorageKey) -> Row:
        name = key_of(key)
        work = current_work()
        if work is None:
            return await self._outside()[0].query(lambda session: _find(session, name))
        known = work.fsm.get(name) or work.fsm_read.get(name)
        if known is None:
            known = work.fsm_read[name] = await work.run(_find, name)
        return known

    async def _change(self, key: StorageKey, change: Any) -> None:
        row = change(await self._read(key))
        work = current_work()
        if work is not None:
            work.check_open()
            work.fsm[key_of(key)] = row
            return
        database, committer, clock = self._outside()
        alone = UnitOfWork(database, clock.now())
        alone.fsm[key_of(key)] = row
        await committer.commit(alone)

    def _outside(self) -> tuple[Database, Committer, Clock]:
        if self._alone is None:
            raise WorkClosedError("the state of a conversation is read and changed inside an update only")
        return self._alone


def key_of(key: StorageKey) -> str:
    """One row per bot, conversation, person, thread and destiny."""
    thread, business = key.thread_id, key.business_connection_id
    rest = f"{'' if thread is None else thread}:{'' if business is None else business}:{key.destiny}"
    return f"{key.bot_id}:{key.chat_id}:{key.user_id}:{rest}"


def _find(session: BoundSession, name: str) -> Row:
    row = _row_of.first(session.spine(), conversation=name)
    return (row[0], row[1]) if row else (None, "{}")


def dumps(value: Any) -> str:
    """JSON that keeps the types of keys, tuples, sets and dates."""
    return json.dumps(_encode(value), ensure_ascii=False)


def loads(text: str) -> Any:
    """What `dumps` was given."""
    return _decode(json.loads(text))


def _encode(value: Any) -> Any:  # noqa: PLR0911 -- one line per type is the clearest
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        if all(isinstance(key, str) and key != _TAG for key in value):
            return {key: _encode(item) for key, item in value.items()}
        return {_TAG: "map", "of": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, tuple):
        return {_TAG: "tuple", "of": [_encode(item) for item in value]}
    if isinstance(value, set | frozenset):
        return {_TAG: "set", "of": [_encode(item) for item in value]}
    if isinstance(value, datetime):
        return {_TAG: "datetime", "of": value.isoformat()}
    if isinstance(value, date):
        return {_TAG: "date", "of": value.isoformat()}
    raise TypeError(f"{type(value).__name__} cannot be kept in the data of a conversation")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {key: _decode(item) for key, item in value.items()}
    return _TAGGED[value[_TAG]](value["of"])


_TAGGED: dict[str, Any] = {
    "map": lambda of: {_decode(key): _decode(item) for key, item in of},
    "tuple": lambda of: tuple(_decode(item) for item in of),
    "set": lambda of: {_decode(item) for item in of},
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}
