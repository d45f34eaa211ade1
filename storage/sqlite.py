"""A database in a file: used in place in the event loop, one connection to read and one to write."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from bot.errors import HeldDatabaseError
from storage.database import BoundSession, Database, P, T


class SqliteDatabase(Database):
    """A file, in the event loop's own thread."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._lock = _lock_file(path)
        self._reader = _sqlite_engine(path, durable=durable)
        self._writer = _sqlite_engine(path, durable=durable)
        super().__init__(self._writer.dialect)
        self._reading, self._writing = self._reader.connect(), self._writer.connect()

    def session(self) -> BoundSession:
        """A new session on the reader."""
        session = BoundSession(self._reader, autoflush=False, expire_on_commit=False)
        session.reader = self._reading
        return session

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in place."""
        return function(*args, **kwargs)

    def dismiss(self, session: BoundSession) -> None:
        """Close it in place."""
        session.close()

    async def transact(self, function: Callable[[Connection], T]) -> T:
        """Run in place, the write lock held from the first statement."""
        try:
            self._writing.exec_driver_sql("BEGIN IMMEDIATE")
            result = function(self._writing)
            self._writing.commit()
        except BaseException:
            self._writing.rollback()
            self._writing.connection.rollback()  # the driver's own: a commit that failed (a full disk) ended nothing
            raise
        return result

    async def keep(self) -> None:
        """Nobody takes a file from under its lock."""

    async def close(self) -> None:
        """Close both connections, then let another process in."""
        self._writing.close()
        self._reading.close()
        self._writer.dispose()
        self._reader.dispose()
        self._lock.close()


def _lock_file(path: Path) -> IO[str]:
    handle = path.with_name(path.name + ".lock").open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise HeldDatabaseError from error
    return handle


def _sqlite_engine(path: Path, *, durable: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        pool_reset_on_return=None,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",  # we say BEGIN IMMEDIATE ourselves
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "busy_timeout=10000",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    if path.exists():
        path.chmod(0o600)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    return engine
