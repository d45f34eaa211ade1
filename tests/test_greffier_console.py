"""The same handlers in a terminal: three people to be, files by their path, and what cannot be is said in French."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.service

PAPERS = Path(__file__).parent / "conversations" / "fichiers"
PATIENCE = 60  # seconds


def console(*words: str, typed: str = "") -> tuple[int, str, str]:
    """How it ends, what it said, and what it said of its arguments."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GREFFIER_")}
    command = [sys.executable, "-m", "bot", "console", *words]
    done = subprocess.run(command, input=typed, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout, done.stderr


def test_three_people_talk_in_a_terminal_and_drop_files(tmp_path: Path) -> None:
    directory = tmp_path / "ien.csv"
    directory.write_text(
        "Circonscription;Nom;Courriel;Tchap\nParis 19A;Mme Roche;r@ac-paris.fr;ien\n", encoding="utf-8"
    )
    lines = (
        "j'accepte",
        str(PAPERS / "CV.odt"),
        "/qui bureau",
        f"{directory} « !ien importer »",
        "/qui ien",
        "bonjour",
    )

    status, said, _ = console("--date", "2017-04-10", typed="\n".join(lines))

    assert status == 0
    assert "Il reste 11 jours pour déposer" in said
    assert "Reçu : le CV (« CV.odt », 751 octets)." in said
    assert "des candidates et candidats de votre circonscription (Paris 19A)" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "demain"), "--date: « demain » n’est pas une date : écrivez 2017-04-10 ou 2017-04-10T23:59"),
        (("--script", "absent.md"), "--script: « absent.md » n’est pas un fichier"),
    ],
)
def test_an_argument_that_cannot_be_is_said_in_french(words: tuple[str, ...], said: str) -> None:
    status, _, errors = console(*words)

    assert status == 2
    assert errors.splitlines()[-1] == f"greffier console: error: argument {said}"
