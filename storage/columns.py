"""The columns that our tables are made of: instants that are aware, ids drawn from blocks, versions, small JSON."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Integer, TypeDecorator
from sqlmodel import Field

from bot.clock import PARIS


class Instant(TypeDecorator[datetime]):
    """An aware instant: UTC in the database, Europe/Paris in the house."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; a naive instant is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive instant")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Read as the clock on a wall in Paris."""
        if value is None:
            return None
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(PARIS)


def instant_column(*, nullable: bool = False, index: bool = False) -> Any:
    """The column of an aware instant."""
    return Field(default=None, sa_column=Column(Instant(), nullable=nullable, index=index))


def id_column() -> Any:
    """The key of a row, drawn from a block."""
    key = BigInteger().with_variant(Integer(), "sqlite")  # on SQLite an INTEGER key is the row's own address
    return Field(sa_column=Column(key, primary_key=True, autoincrement=False))


def big_column(*, nullable: bool = False, index: bool = False) -> Any:
    """The column of an id."""
    return Field(default=None, sa_column=Column(BigInteger(), nullable=nullable, index=index))


def version_column() -> Any:
    """Counts the changes of a row, so that two people cannot overwrite each other unknowingly."""
    return Field(default=None, sa_column=Column(Integer(), nullable=False))


def column_of(field: Any) -> Any:
    """The column that a field declares."""
    return field.sa_column


def json_column(default: Any = dict) -> Any:
    """The column of a small JSON value."""
    return Field(default_factory=default, sa_column=Column(JSON(), nullable=False))
