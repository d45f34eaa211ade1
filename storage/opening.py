"""Opens the database that an address names."""

from contextlib import AsyncExitStack
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DatabaseError
from storage.database import Database
from storage.sqlite import SqliteDatabase


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
    from storage.postgres import PostgresDatabase  # noqa: PLC0415 -- its driver and its engine weigh 13 MB

    return PostgresDatabase(url.set(drivername="postgresql+psycopg"))
