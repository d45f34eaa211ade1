"""`greffier check` says what to do before anybody starts the service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels.imap import free_port

pytestmark = pytest.mark.service

TOKEN = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def checked(folder: Path, **settings: str) -> tuple[int, list[str]]:
    """Run the command with these settings and no others: its end, and the lines that it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREFFIER_")}
    given = {f"GREFFIER_{name}": value for name, value in settings.items()}
    env = {**kept, "GREFFIER_DATA_DIR": str(folder), **given}
    command = [sys.executable, "-m", "bot", "check"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout.splitlines()


WAITS = "à savoir courriel : GREFFIER_EMAIL__HOST n’est pas réglé : les courriels attendent"
MISSING = (
    "à faire  courriel : GREFFIER_EMAIL__HOST : réglage manquant. Sur Telegram, convocations et avis ne sont "
    "qu’annoncés : ils partent par courriel. Réglez un serveur de courriel, ou écrivez "
    'personal = "envoyé" sous [telegram] dans campagne.toml'
)


@pytest.mark.parametrize(("telegram", "said"), [(False, WAITS), (True, MISSING)], ids=["none", "a discreet Telegram"])
def test_what_has_no_mail_server_is_told_what_it_means(tmp_path: Path, said: str, *, telegram: bool) -> None:
    settings = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__API_URL": f"http://127.0.0.1:{free_port()}"} if telegram else {}

    code, lines = checked(tmp_path, **settings)

    assert (code, [line for line in lines if " courriel : " in line]) == (1, [said])


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    code, lines = checked(tmp_path, TELEGRAM__TOKEN="non", FILE_LIMIT="-1")

    assert code == 1
    assert [line.split(" : ")[1] for line in lines] == ["GREFFIER_TELEGRAM__TOKEN", "GREFFIER_FILE_LIMIT"]
