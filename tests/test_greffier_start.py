"""What stops a start is said in French, with no traceback, and its exit status tells whether a new try may mend it."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import CAMPAGNES
from deploy.homeserver import free_port
from deploy.service import GREFFIER
from storage.opening import open_database

pytestmark = pytest.mark.service

MENDED_BY_SOMEBODY, MAY_PASS = 2, 1
PATIENCE = 60  # seconds


def command(folder: Path, *words: str, **settings: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREFFIER_")}
    given = {"DATA_DIR": str(folder / "donnees"), "MATRIX__HOMESERVER": f"http://127.0.0.1:{free_port()}"} | settings
    given = {"MATRIX__USER": "@greffier:ici.fr", "MATRIX__PASSWORD": "un mot de passe", **given}
    env = kept | {f"GREFFIER_{name}": value for name, value in given.items()}
    return subprocess.Popen(
        [*GREFFIER, *words],
        env=env,
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def refused(folder: Path, **settings: str) -> tuple[int, list[str]]:
    """How a start ends that cannot be one: its status, and the lines under the title."""
    process = command(folder, "run", **settings)
    _, said = process.communicate(timeout=PATIENCE)
    title, *lines = said.splitlines()
    assert title == "Greffier ne peut pas démarrer :"
    return process.returncode, lines


def test_a_data_folder_that_is_none_waits_for_somebody(tmp_path: Path) -> None:
    (tmp_path / "donnees").touch()

    assert refused(tmp_path, SECRET="un secret assez long") == (
        MENDED_BY_SOMEBODY,
        [f"  - GREFFIER_DATA_DIR : {tmp_path / 'donnees'} n’est pas un dossier où l’on peut écrire"],
    )


def _is_none(file: Path) -> None:
    file.write_bytes(os.urandom(5000))


def _is_newer(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        database.execute("INSERT INTO alembic_version VALUES ('to come')")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            _is_none,
            "La base ne s’ouvre pas (file is not a database) : voyez GREFFIER_DATABASE_URL et le disque.",
        ),
        (_is_newer, "La base est d’une version plus récente de Greffier : remettez-la."),
    ],
)
def test_a_database_that_cannot_be_opened_may_be_so_later(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    (tmp_path / "donnees").mkdir()
    spoil(tmp_path / "donnees" / "greffier.db")

    assert refused(tmp_path) == (MAY_PASS, [f"  - {said}"])


def test_a_server_of_databases_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    code, (line,) = refused(tmp_path, DATABASE_URL=f"postgresql://greffier:motdepasse@127.0.0.1:{free_port()}/greffier")

    assert (code, line.startswith("  - La base ne s’ouvre pas (connection failed"), "motdepasse" in line) == (
        MAY_PASS,
        True,
        False,
    )


def test_a_bank_of_questions_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    shutil.copytree(CAMPAGNES / "17AN0076", tmp_path / "appel")
    (tmp_path / "appel" / "faq" / "reponses" / "illisible.md").write_bytes(b"\xff")

    code, lines = refused(tmp_path, CAMPAGNE=str(tmp_path / "appel"))

    assert (code, lines[0].partition(" : ")[0]) == (
        MENDED_BY_SOMEBODY,
        "  - faq/reponses/illisible.md ne se lit pas",
    )


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The service, its homeserver away."""
    process = command(tmp_path, "run")
    assert process.stderr is not None
    assert any("app.started" in line for line in process.stderr)
    yield process
    process.kill()
    process.communicate()


def test_beside_the_service_the_check_says_so_and_a_second_service_waits(
    tmp_path: Path, at_work: subprocess.Popen[str]
) -> None:
    assert at_work.poll() is None
    said, _ = command(tmp_path, "check").communicate(timeout=PATIENCE)

    assert "à savoir base : le service travaille dessus" in said.splitlines()
    assert refused(tmp_path) == (
        MAY_PASS,
        ["  - Un autre Greffier travaille déjà sur cette base : arrêtez-le d’abord."],
    )


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_leave_ends_in_good_order(at_work: subprocess.Popen[str], name: signal.Signals) -> None:
    at_work.send_signal(name)
    _, said = at_work.communicate(timeout=PATIENCE)

    assert (at_work.returncode, "app.stopped" in said.splitlines()[-1], "Traceback" in said) == (0, True, False)


def test_a_signal_to_leave_is_heard_while_the_homeserver_keeps_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = command(tmp_path, "run", MATRIX__HOMESERVER=address)
        asked, _ = silent.accept()
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
        asked.close()

    assert (process.returncode, said) == (0, "")


async def test_what_a_database_refuses_is_told_without_what_was_written(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/greffier.db")
    with pytest.raises(SQLAlchemyError, match="no such table") as caught:
        await database.transact(
            lambda connection: connection.exec_driver_sql("INSERT INTO nulle_part VALUES (?)", ("Camille Moreau",))
        )
    await database.close()

    assert "Camille" not in str(caught.value)
