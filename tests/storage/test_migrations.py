"""A database of an older release is brought up to date at start."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from storage import migrations
from storage.database import Database
from storage.tables import REVISION


def test_the_tables_name_the_newest_revision() -> None:
    assert migrations.head() == REVISION


async def test_a_migrated_database_is_what_the_tables_say(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))

    assert await database.transact(differences) == []
