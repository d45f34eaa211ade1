"""One database, two makes of it, one code path.

SQLite: used in place in the event loop, one connection to read and one to write (a commit blocks the loop for about
0.2 ms; a thread would cost five times that). PostgreSQL: psycopg through SQLAlchemy's asyncio engine. Either way the
house writes plain functions over a `Session` or a `Connection` and hands them to `read` or `transact`.
"""

import asyncio
import fcntl
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import greenlet_spawn

from bot.errors import DatabaseError, HeldDatabaseError
from storage.ids import BLOCK, Ids, reserve_block
from storage.schema import bring_up_to_date, instance_of
from storage.tables import index_for_postgresql

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
P = ParamSpec("P")

_ADVISORY_LOCK = 17_0076  # one Greffier per PostgreSQL database
_LOOK = 1.0  # seconds between two looks at whether it is still ours


class BoundSession(Session):
    """A session that reads without a transaction, and writes inside the one that it is given at the end."""

    reader: Connection | None = None
    writer: Connection | None = None

    def spine(self) -> Connection:
        """Where the spine's statements read: a connection at hand, which costs the session no transaction."""
        return self.reader or self.connection()

    def get_bind(self, *_: Any, **__: Any) -> Engine | Connection:
        """The writer's connection once there is one, else the reader."""
        bind = self.writer or self.bind
        if bind is None:
            raise RuntimeError("session without a reader")
        return bind


class Database(ABC):
    """The database of one Greffier. Open it with `open_database`."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.ids = Ids()
        self.instance = ""

    def instant(self, moment: datetime | None) -> Any:
        """An instant as the driver wants it in plain SQL."""
        if moment is None or self.dialect.name != "sqlite":
            return moment
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    @abstractmethod
    def session(self) -> BoundSession:
        """A new session on the reader."""

    @abstractmethod
    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a plain function over a session of ours where it may read."""

    @abstractmethod
    async def transact(self, function: Callable[[Connection], T]) -> T:
        """Run `function(connection)` in one transaction: committed when it returns, undone when it raises."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of everything."""

    @abstractmethod
    def dismiss(self, session: BoundSession) -> None:
        """Let go of a session that is read no more."""

    @abstractmethod
    async def keep(self) -> None:
        """Keep the database for this process alone, until cancelled where that takes work.

        Raises:
            HeldDatabaseError: another Greffier took it.
        """

    async def query(self, function: Callable[[BoundSession], T]) -> T:
        """Run `function(session)` in a session of its own that only reads."""
        return await self.read(self._alone, function)

    def _alone(self, function: Callable[[BoundSession], T]) -> T:
        with self.session() as session:
            return function(session)

    async def reserve_ids(self) -> None:
        """Reserve a block when few ids are left."""
        if self.ids.low:
            start = await self.transact(reserve_block)
            self.ids.extend(start, start + BLOCK)

    async def prepare(self) -> None:
        """Bring the tables up to date, learn this database's own name, reserve ids."""
        await self.transact(bring_up_to_date)
        self.instance = await self.transact(instance_of)
        await self.reserve_ids()


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


class PostgresDatabase(Database):
    """A server, through psycopg's asyncio connection."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 -- a database in a file needs none of it

        index_for_postgresql()
        self._engine = create_async_engine(url, hide_parameters=True, pool_size=40, max_overflow=20, pool_pre_ping=True)
        self._reader: AsyncEngine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._guard: Any = None
        self._closing: set[asyncio.Task[None]] = set()
        self._sessions: WeakSet[BoundSession] = WeakSet()
        super().__init__(self._engine.dialect)

    def session(self) -> BoundSession:
        """A new session on the reader."""
        session = BoundSession(self._reader.sync_engine, autoflush=False, expire_on_commit=False)
        self._sessions.add(session)
        return session

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run where SQLAlchemy turns each wait for the server into an await."""
        return await greenlet_spawn(partial(function, *args, **kwargs))

    def dismiss(self, session: BoundSession) -> None:
        """Close it where the server can be awaited: its connection goes back to the pool."""
        task = asyncio.create_task(self.read(session.close))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def transact(self, function: Callable[[Connection], T]) -> T:
        """Run in one transaction of the server."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(function)

    async def prepare(self) -> None:
        """Take the database for this process first."""
        await self._take()
        await super().prepare()

    async def keep(self) -> None:
        """The lock goes when its connection does (the server was restarted): it is taken again on another."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._guard.scalar(text("SELECT 1"))
            except SQLAlchemyError:
                with suppress(SQLAlchemyError):  # still away
                    await self._take()

    async def _take(self) -> None:
        if self._guard is not None:
            await self._guard.close()
        self._guard = await self._reader.connect()
        if not await self._guard.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK}):
            raise HeldDatabaseError

    async def close(self) -> None:
        """Give the pool and the lock back."""
        await asyncio.gather(*self._closing, return_exceptions=True)
        for session in list(self._sessions):
            await self.read(session.close)
        if self._guard is not None:
            await self._guard.close()
        await self._engine.dispose()


async def open_database(url: str, *, durable: bool = True) -> Database:
    """Open the database at `url`: `sqlite:///path` or `postgresql://…`, created and ready to use.

    Args:
        durable: False only for rehearsals and demonstrations in memory: a power cut may lose the last commits.

    Raises:
        DatabaseError: another process has it, it is away, full, damaged, or of a newer release.
    """
    async with AsyncExitStack() as stack:
        try:
            database = _make(make_url(url), durable=durable)
            stack.push_async_callback(database.close)
            await database.prepare()
        except (SQLAlchemyError, OSError) as error:
            why = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise DatabaseError(
                f"La base ne s’ouvre pas ({why}) : voyez GREFFIER_DATABASE_URL et le disque."
            ) from error
        stack.pop_all()
    return database


def _make(url: URL, *, durable: bool) -> Database:
    if url.get_backend_name() == "sqlite":
        return SqliteDatabase(Path(url.database or ""), durable=durable)
    return PostgresDatabase(url.set(drivername="postgresql+psycopg"))
