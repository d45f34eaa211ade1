"""One database, two makes of it, one code path.

SQLite: used in place in the event loop, one connection to read and one to write (a commit blocks the loop for about
0.2 ms; a thread would cost five times that). PostgreSQL: psycopg through SQLAlchemy's asyncio engine. Either way the
house writes plain functions over a `Session` or a `Connection` and hands them to `read` or `transact`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.orm import Session

from storage.ids import BLOCK, Ids, reserve_block
from storage.schema import bring_up_to_date, instance_of

T = TypeVar("T")
P = ParamSpec("P")


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
    """The database of one Greffier. Open it with `storage.opening`."""

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
