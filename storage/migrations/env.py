"""What Alembic runs: always on a connection of ours, so that a start is one transaction."""

from alembic import context
from sqlmodel import SQLModel

import storage.bureau
import storage.tables

connection = context.config.attributes["connection"]
storage.tables.index_for_postgresql()
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
