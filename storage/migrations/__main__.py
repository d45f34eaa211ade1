"""Writes a new revision from the difference between the tables and the newest one."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from storage.migrations import configuration, upgrade

with tempfile.TemporaryDirectory() as folder:
    engine = create_engine(f"sqlite:///{Path(folder)}/empty.db")
    with engine.begin() as connection:
        upgrade(connection)
    with engine.connect() as connection:
        command.revision(configuration(connection), sys.argv[1], autogenerate=True)
