"""What every folder of tests may ask for."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

import bot  # noqa: F401 -- before any test brings aiogram: built at once, its types cost 4 s
from tests.figures import figure, pytest_terminal_summary
from tests.servers.postgres import postgres, postgres_url

__all__ = ["figure", "postgres", "postgres_url", "pytest_terminal_summary"]

settings.register_profile("house", deadline=None)  # time is measured by the benches, not by a machine that is busy
settings.load_profile("house")

# Fixtures that open the whole application, its database and its doors, as `greffier run` does.
_SERVICES = frozenset({"talk", "reopen", "story", "open_world", "world", "opened", "hosted", "house", "build"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that bring a whole service up, so that a fast run leaves them out."""
    for item in items:
        if _SERVICES & set(getattr(item, "fixturenames", ())):
            item.add_marker("service")


def pytest_collection() -> None:
    """Nothing of what is imported goes away: looking for garbage meanwhile is in vain."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking for garbage in it took a quarter of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_runtest_logfinish() -> None:
    """The last 128 updates, which aiogram remembers, would each keep the application that they came to."""
    from aiogram.types import Update  # noqa: PLC0415 -- after `bot`

    Update.event_type.fget.cache_clear()  # type: ignore[attr-defined] # a property over a cached function


@pytest.fixture(autouse=True)
def _swept(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a server's test left open is told of that test: after all other fixtures, before another test."""
    yield
    if request.node.get_closest_marker("server") or request.node.get_closest_marker("service"):
        gc.collect()
