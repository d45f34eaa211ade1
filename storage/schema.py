"""What stands in a database before anything is kept there: its tables, as they are now, and its own name."""

import secrets

from sqlalchemy import Connection, inspect, select, text
from sqlmodel import SQLModel

from storage.tables import REVISION, Fact, table


def bring_up_to_date(connection: Connection) -> None:
    """An empty database gets the tables as they are; an older one goes through the revisions since."""
    there = inspect(connection).get_table_names()
    if not there:
        _create(connection)
        return
    stamped = "alembic_version" in there
    if stamped and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == REVISION:
        return
    from storage.migrations import upgrade  # noqa: PLC0415 -- Alembic takes a third of a second, most starts need none

    upgrade(connection)


def _create(connection: Connection) -> None:
    from storage import bureau  # noqa: F401, PLC0415 -- its tables stand on those that this module needs

    SQLModel.metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def instance_of(connection: Connection) -> str:
    """A name drawn once per database: transaction ids of two databases on one account never meet."""
    fact = table(Fact)
    known = connection.execute(select(fact.c.value).where(fact.c.key == "instance")).scalar()
    if known is not None:
        return str(known)
    drawn = secrets.token_hex(6)
    connection.execute(fact.insert().values(key="instance", value=drawn))
    return drawn
