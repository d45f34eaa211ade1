"""A database of an older release is brought up to date at start."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text
from sqlmodel import SQLModel

from storage import migrations
from storage.database import Database
from storage.opening import open_database
from storage.tables import REVISION, Fact

FIRST = "85ee4ec9ff22"  # the first release's


def test_the_tables_name_the_newest_revision() -> None:
    assert migrations.head() == REVISION


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def rules(connection: Connection) -> dict[str, list[str]]:
    """What each table refuses: Alembic does not compare it."""
    found = inspect(connection)
    names = sorted(found.get_table_names())
    return {name: sorted(one["sqltext"] for one in found.get_check_constraints(name)) for name in names}


def migrate(connection: Connection) -> None:
    """Take every table away, and come back through every revision."""
    SQLModel.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))
    migrations.upgrade(connection)


async def test_a_new_database_and_a_migrated_one_are_the_same(database: Database) -> None:
    new = await database.transact(differences), await database.transact(rules)

    await database.transact(migrate)

    migrated = await database.transact(differences), await database.transact(rules)
    assert new[0] == []
    assert migrated == new


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
