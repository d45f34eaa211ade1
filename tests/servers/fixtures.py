"""A real homeserver, started once per run of the tests, and people nobody has met yet."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from deploy.homeserver import Homeserver

ROOT = Path(__file__).parents[2]
PASSWORD = "un mot de passe de passage"  # on a homeserver thrown away after the tests
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """A real homeserver, without limits of rate."""
    server = Homeserver(tmp_path_factory.mktemp("synapse"), venv=ROOT / ".cache" / "synapse")
    server.install()
    server.start()
    yield server
    server.stop()


Register = Callable[[str], Awaitable[str]]


@pytest.fixture
def newcomer(synapse: Homeserver) -> Register:
    """Registration of somebody nobody has met: awaited with a display name, it gives the user id."""

    async def register(name: str) -> str:
        localpart = f"{name.split(maxsplit=1)[0].lower()}-{next(_numbers)}"
        return await asyncio.to_thread(synapse.register, localpart, PASSWORD, display_name=name)

    return register
