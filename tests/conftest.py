"""What every folder of tests may ask for."""

import gc

import pytest

from tests.figures import figure, pytest_terminal_summary
from tests.servers.postgres import postgres, postgres_url

__all__ = ["figure", "postgres", "postgres_url", "pytest_terminal_summary"]


# Fixtures that open the whole application, its database and its doors, as `greffier run` does.
_SERVICES = frozenset({"talk", "reopen", "story", "open_world", "world", "opened", "hosted", "house", "build"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that bring a whole service up, so that a fast run leaves them out."""
    for item in items:
        if _SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("service")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking for garbage in it took a quarter of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
