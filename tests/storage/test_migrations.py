"""A database of an older release is brought up to date at start."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

from storage import migrations
from storage.database import Database, open_database
from storage.tables import REVISION, Fact

FIRST = "85ee4ec9ff22"  # the first release's


def test_the_tables_name_the_newest_revision() -> None:
    assert migrations.head() == REVISION


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


async def test_a_migrated_database_is_what_the_tables_say(database: Database) -> None:
    assert await database.transact(differences) == []


async def test_a_database_of_the_release_before_keeps_its_rows_and_gets_the_new_tables(tmp_path: Path) -> None:
    file = tmp_path / "greffier.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(migrations.configuration(connection), FIRST)
        connection.execute(text("INSERT INTO fact (key, value) VALUES ('console.runs', '7')"))
    engine.dispose()

    database = await open_database(f"sqlite:///{file}")

    kept = await database.query(lambda session: session.get(Fact, "console.runs"))
    found = await database.transact(differences)
    await database.close()
    assert kept is not None
    assert (kept.value, found) == ("7", [])
