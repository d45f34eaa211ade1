"""One database, two makes of it, one code path.

SQLite: used in place in the event loop, one connection to read and one to write (a commit blocks the loop for about
0.2 ms; a thread would cost five times that). PostgreSQL: psycopg through SQLAlchemy's asyncio engine. Either way the
house writes plain functions over a `Session` or a `Connection` and hands them to `read` or `transact`.
"""

import asyncio
import fcntl
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, inspect, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import greenlet_spawn

from bot.errors import ConfigurationError
from storage.tables import REVISION, Fact, IdBlock, table

T = TypeVar("T")
P = ParamSpec("P")

_BLOCK = 10_000  # ids reserved at a time; a restart wastes at most as many
_ADVISORY_LOCK = 17_0076  # one Greffier per PostgreSQL database


class Plain:
    """A Core statement compiled once per dialect and run as plain SQL: the spine's statements are never rebuilt.

    Values are given as the driver wants them: instants through `Database.instant`, JSON as text.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def _build(self, dialect: Dialect) -> Any:  # noqa: ARG002 -- an upsert's words depend on it
        return self._statement

    def _for(self, dialect: Dialect) -> "_Compiled":
        if dialect.name not in self._compiled:
            made = self._build(dialect).compile(dialect=dialect)
            constants = {name: bind.value for name, bind in made.binds.items() if not bind.required}
            positions = list(made.positiontup) if made.positional else None
            self._compiled[dialect.name] = _Compiled(str(made), positions, constants)
        return self._compiled[dialect.name]

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]] = ({},)) -> Any:
        """Run the statement for each of `rows`; returns SQLAlchemy's cursor result."""
        made = self._for(connection.dialect)
        given = [made.values(row) for row in rows]
        return connection.exec_driver_sql(made.sql, given[0] if len(given) == 1 else given)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    positions: list[str] | None
    constants: Mapping[str, Any]

    def values(self, row: Mapping[str, Any]) -> Any:
        """A row as the driver wants it."""
        if self.constants:
            row = {**self.constants, **row}
        return row if self.positions is None else tuple([row[name] for name in self.positions])


class Upsert(Plain):
    """The same upsert in the words of either dialect; without `changed`, a row already there is left alone."""

    def __init__(self, into: Table, keys: Sequence[str], changed: Sequence[str] = ()) -> None:
        super().__init__(None)
        self._into, self._keys, self._changed = into, keys, changed

    def _build(self, dialect: Dialect) -> Any:
        insert: Any = sqlite_insert if dialect.name == "sqlite" else postgresql_insert
        statement = insert(self._into)
        taken = {name: statement.excluded[name] for name in self._changed}
        if taken:
            return statement.on_conflict_do_update(index_elements=list(self._keys), set_=taken)
        return statement.on_conflict_do_nothing(index_elements=list(self._keys))


class BoundSession(Session):
    """A session that reads without a transaction, and writes inside the one that it is given at the end."""

    writer: Connection | None = None

    def get_bind(self, *_: Any, **__: Any) -> Engine | Connection:
        """The writer's connection once there is one, else the reader."""
        bind = self.writer or self.bind
        if bind is None:
            raise RuntimeError("session without a reader")
        return bind


class Ids:
    """Hands out ids from blocks reserved in the database, so that nothing waits for one."""

    def __init__(self) -> None:
        self._next = 0
        self._end = 0

    @property
    def low(self) -> bool:
        """True when a new block should be reserved before more work starts."""
        return self._end - self._next < _BLOCK // 2

    def extend(self, start: int, end: int) -> None:
        """Go on with a block just reserved; what is left of the old one is dropped."""
        self._next, self._end = start, end

    def take(self) -> int:
        """An id that nothing else has."""
        if self._next >= self._end:
            raise RuntimeError("more ids taken in one update than a block holds")
        self._next += 1
        return self._next - 1


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

    async def query(self, function: Callable[[Session], T]) -> T:
        """Run `function(session)` in a session of its own that only reads."""
        return await self.read(self._alone, function)

    def _alone(self, function: Callable[[Session], T]) -> T:
        with self.session() as session:
            return function(session)

    async def reserve_ids(self) -> None:
        """Reserve a block when few ids are left."""
        if self.ids.low:
            start = await self.transact(_reserve)
            self.ids.extend(start, start + _BLOCK)

    async def prepare(self) -> None:
        """Bring the tables up to date, learn this database's own name, reserve ids."""
        await self.transact(_bring_up_to_date)
        self.instance = await self.transact(_instance)
        await self.reserve_ids()


def _bring_up_to_date(connection: Connection) -> None:
    stamped = inspect(connection).has_table("alembic_version")
    if stamped and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION:
        return
    from storage.migrations import upgrade  # noqa: PLC0415 -- Alembic takes a third of a second, most starts need none

    upgrade(connection)


def _reserve(connection: Connection) -> int:
    block = table(IdBlock)
    start = connection.execute(select(block.c.next).where(block.c.name == "id")).scalar()
    if start is None:
        connection.execute(block.insert().values(name="id", next=1 + _BLOCK))
        return 1
    connection.execute(block.update().where(block.c.name == "id").values(next=block.c.next + _BLOCK))
    return int(start)


def _instance(connection: Connection) -> str:
    """A name drawn once per database: transaction ids of two databases on one account never meet."""
    fact = table(Fact)
    known = connection.execute(select(fact.c.value).where(fact.c.key == "instance")).scalar()
    if known is not None:
        return str(known)
    drawn = secrets.token_hex(6)
    connection.execute(fact.insert().values(key="instance", value=drawn))
    return drawn


class SqliteDatabase(Database):
    """A file, in the event loop's own thread."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._lock = _lock_file(path)
        self._reader = _sqlite_engine(path, durable=durable)
        self._writer = _sqlite_engine(path, durable=durable)
        super().__init__(self._writer.dialect)
        self._writing = self._writer.connect()

    def session(self) -> BoundSession:
        """A new session on the reader."""
        return BoundSession(self._reader, autoflush=False, expire_on_commit=False)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in place."""
        return function(*args, **kwargs)

    def dismiss(self, session: BoundSession) -> None:
        """Close it in place."""
        session.close()

    async def transact(self, function: Callable[[Connection], T]) -> T:
        """Run in place, the write lock held from the first statement."""
        self._writing.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = function(self._writing)
        except BaseException:
            self._writing.rollback()
            raise
        self._writing.commit()
        return result

    async def close(self) -> None:
        """Close both connections, then let another process in."""
        self._writing.close()
        self._writer.dispose()
        self._reader.dispose()
        self._lock.close()


def _lock_file(path: Path) -> IO[str]:
    handle = path.with_name(path.name + ".lock").open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise ConfigurationError(["Un autre Greffier travaille déjà sur cette base : arrêtez-le d’abord."]) from error
    return handle


def _sqlite_engine(path: Path, *, durable: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        pool_reset_on_return=None,
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
        self._engine = create_async_engine(url, pool_size=40, max_overflow=20, pool_pre_ping=True)
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
        """Take the database for this process first: the lock goes when the connection does."""
        self._guard = await self._reader.connect()
        taken = await self._guard.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        if not taken:
            raise ConfigurationError(["Un autre Greffier travaille déjà sur cette base : arrêtez-le d’abord."])
        await super().prepare()

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
        ConfigurationError: another process has it, or the kind of database is not one of the two.
    """
    parsed = make_url(url)
    make = parsed.get_backend_name()
    if make == "sqlite" and parsed.database:
        database: Database = SqliteDatabase(Path(parsed.database), durable=durable)
    elif make == "postgresql":
        database = PostgresDatabase(parsed.set(drivername="postgresql+psycopg"))
    else:
        raise ConfigurationError(
            [f"Base de données « {make} » : seules sqlite:///fichier et postgresql:// conviennent."]
        )
    await database.prepare()
    return database
