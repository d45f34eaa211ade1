"""A database of a server: psycopg through SQLAlchemy's asyncio engine."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from bot.errors import HeldDatabaseError
from storage.database import BoundSession, Database, P, T
from storage.tables import index_for_postgresql

_ADVISORY_LOCK = 17_0076  # one Greffier per PostgreSQL database
_LOOK = 1.0  # seconds between two looks at whether it is still ours


class PostgresDatabase(Database):
    """A server, through psycopg's asyncio connection."""

    def __init__(self, url: URL) -> None:
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
