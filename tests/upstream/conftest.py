"""The databases that aiogram's storage suite runs on."""

from pathlib import Path

import pytest

from tests.servers.fixtures import newcomer, synapse

__all__ = ["newcomer", "synapse"]  # fixtures


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of either make."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/greffier.db"
    address: str = request.getfixturevalue("postgres_url")
    return address
