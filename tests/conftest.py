"""What every folder of tests may ask for."""

import gc

from tests.figures import figure, pytest_terminal_summary
from tests.servers.postgres import postgres, postgres_url

__all__ = ["figure", "postgres", "postgres_url", "pytest_terminal_summary"]


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking for garbage in it took a quarter of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
