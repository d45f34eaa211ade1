"""The statements of the spine: compiled once, run as plain SQL in the words of either database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError


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

    def __call__(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run the statement for each of `rows`; returns how many rows of the database it changed."""
        return int(self._run(connection, rows).rowcount)

    def first(self, connection: Connection, **row: Any) -> tuple[Any, ...] | None:
        """The first row that the statement finds, None where there is none."""
        found: tuple[Any, ...] | None = self._run(connection, [row]).fetchone()
        return found

    def _run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Any:
        """The driver's cursor: with SQLAlchemy's, a statement costs three times as much."""
        made = self._for(connection.dialect)
        cursor, given = connection.connection.cursor(), [made.values(row) for row in rows]
        driver: Any = connection.dialect.dbapi
        try:
            if len(given) == 1:
                cursor.execute(made.sql, given[0])
            else:
                cursor.executemany(made.sql, given)
        except driver.Error as error:
            raise DBAPIError.instance(made.sql, given, error, driver.Error, dialect=connection.dialect) from error
        return cursor


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
        insert: Any = import_module(f"sqlalchemy.dialects.{dialect.name}").insert  # each weighs some megabytes
        statement = insert(self._into)
        taken = {name: statement.excluded[name] for name in self._changed}
        if taken:
            return statement.on_conflict_do_update(index_elements=list(self._keys), set_=taken)
        return statement.on_conflict_do_nothing(index_elements=list(self._keys))
