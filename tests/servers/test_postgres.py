"""The tests' PostgreSQL is real, closed to the network, new for each test, and gone afterwards."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers.postgres import Postgres, find_binaries

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[2]
START = """
import sys, time
from pathlib import Path
from tests.servers.postgres import Postgres, find_binaries
server = Postgres(Path(sys.argv[1]), find_binaries())
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_finds_an_empty_database(postgres_url: str, turn: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE seen (turn text)")

    tables = ask(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")

    assert tables == 1


def test_it_listens_on_no_address(postgres_url: str) -> None:
    assert ask(postgres_url, "SHOW listen_addresses") == ""


def test_a_database_in_use_is_dropped_all_the_same(postgres: Postgres) -> None:
    name = postgres.create_database()
    connection = psycopg.connect(postgres.url(name).replace("+psycopg", ""), autocommit=True)
    connection.execute("SELECT 1")

    postgres.drop_database(name)

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_it_is_gone_once_stopped() -> None:
    with tempfile.TemporaryDirectory(prefix="greffier-pg-") as folder:
        server = Postgres(Path(folder), find_binaries())
        server.start()

        server.stop()

        with pytest.raises(psycopg.OperationalError):
            ask(server.url("postgres"), "SELECT 1")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a child with its parent")
def test_it_ends_with_the_run_that_started_it_even_when_killed() -> None:
    with tempfile.TemporaryDirectory(prefix="greffier-pg-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-c", START, folder]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as started:
            assert started.stdout is not None
            pid = int(started.stdout.readline())

            started.kill()

        ends = time.monotonic() + 20
        while runs(pid) and time.monotonic() < ends:
            time.sleep(0.05)
        assert not runs(pid)


def runs(pid: int) -> bool:
    """Whether a process works still: one that has ended stays in the list where nobody asks for its status."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False
