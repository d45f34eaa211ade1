"""The database's history (Alembic): a database of an older release is brought up to date at start.

A new revision, after changing `storage/tables.py`:
    python -m storage.migrations "what changes"
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from bot.errors import DatabaseError

FOLDER = Path(__file__).parent


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the database up to date, inside the transaction of `connection`.

    Raises:
        DatabaseError: it has been brought up to date by a newer release.
    """
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise DatabaseError("La base est d’une version plus récente de Greffier : remettez-la.") from error


def head() -> str | None:
    """The newest revision."""
    return ScriptDirectory.from_config(configuration()).get_current_head()
