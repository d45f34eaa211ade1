"""A copy of everything that a database holds, in another one: what a rehearsal plays on."""

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from storage.database import Database


async def copy_rows(source: Database, target: Database) -> None:
    """Fill `target`, fresh, with every row of `source`; arrivals stay where they are handled."""

    def read(session: Session) -> list[tuple[Any, list[dict[str, Any]]]]:
        tables = [one for one in SQLModel.metadata.sorted_tables if one.name != "inbox"]
        return [
            (one, [dict(row) for row in session.execute(select(one)).mappings()])
            for one in tables
            if one.name != "inbox"
        ]

    everything = await source.query(read)

    def write(connection: Connection) -> None:
        for one, rows in everything:
            connection.execute(one.delete())
            if rows:
                connection.execute(insert(one), rows)

    await target.transact(write)
