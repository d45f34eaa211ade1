"""`greffier check` says what to do before anybody starts the service."""

import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.settings import Settings
from deploy.homeserver import free_port
from deploy.service import GREFFIER
from storage import identities
from storage.commit import Committer
from storage.opening import open_database
from storage.work import UnitOfWork

pytestmark = pytest.mark.service

TOKEN = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def checked(folder: Path, **settings: str) -> tuple[int, list[str]]:
    """Run the command with these settings and no others: its end, and the lines that it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GREFFIER_")}
    given = {f"GREFFIER_{name}": value for name, value in settings.items()}
    env = {**kept, "GREFFIER_DATA_DIR": str(folder), **given}
    done = subprocess.run([*GREFFIER, "check"], env=env, capture_output=True, text=True, check=False, cwd=folder)
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


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SECRT": "x"}, "GREFFIER_SECRT : réglage inconnu. Vouliez-vous dire GREFFIER_SECRET ?"),
        (
            {"TELEGRAM__TOKN": "x", "TELEGRAM__TOKEN": TOKEN},
            "GREFFIER_TELEGRAM__TOKN : réglage inconnu. Vouliez-vous dire GREFFIER_TELEGRAM__TOKEN ?",
        ),
        ({"ROLES": "{bad"}, 'GREFFIER_ROLES : du JSON est attendu : {"@nadia:serveur": "president"}'),
        (
            {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__BUREAU_CHAT": "le bureau"},
            "GREFFIER_TELEGRAM__BUREAU_CHAT : un nombre entier est attendu",
        ),
        (
            {"MATRIX": "non"},
            "GREFFIER_MATRIX : ne se donne pas seul : donnez les réglages dont le nom commence par lui et « __ »",
        ),
        (
            {"MEMBERS": "Nadia"},
            'GREFFIER_MEMBERS : du JSON est attendu : {"Nadia Roussel": ["@nadia:serveur", "123456789"]}',
        ),
        (
            {"MEMBERS": '{"Nadia": ["@n:s", 88001], "Paul": [88001]}'},
            "GREFFIER_MEMBERS : un compte est à une seule personne ; à plusieurs ici : 88001",
        ),
        (
            {"MEMBERS": '{"Nadia": ["@n:s", 88001]}', "ROLES": '{"@n:s": "lecteur", "Nadia": "president"}'},
            "GREFFIER_ROLES : une personne n’a qu’un rôle ; Nadia en a plusieurs",
        ),
        ({"DATE": "hier"}, "GREFFIER_DATE : une date est attendue : 2017-04-10"),
        ({"FILE_LIMIT": "grand"}, "GREFFIER_FILE_LIMIT : un nombre entier est attendu"),
        ({"SEMANTIC": "peut-être"}, "GREFFIER_SEMANTIC : 1 ou 0 est attendu"),
        ({"DATABASE_URL": "mysql://ici"}, "GREFFIER_DATABASE_URL : sqlite:///fichier ou postgresql://… est attendu"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_fault_is_said_in_french_without_its_value(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    assert checked(tmp_path, **settings) == (1, [f"à faire  réglages : {said}"])


def test_every_account_is_held_to_what_it_needs(tmp_path: Path) -> None:
    _, lines = checked(
        tmp_path,
        MATRIX__HOMESERVER="https://serveur.fr",
        MATRIX__USER="@greffier:serveur.fr",
        MATRIX__ALLOWED_SERVERS="serveur.fr",
        MATRIX__BUREAU_ROOM="#bureau:serveur.fr",
        MATRIX__ENCRYPTION="oui",
    )

    assert [line.removeprefix("à faire  réglages : GREFFIER_MATRIX__") for line in lines] == [
        "ENCRYPTION : une de ces valeurs est attendue : 'required', 'optional' ou 'off'",
        'ALLOWED_SERVERS : une liste JSON est attendue : ["serveur.fr"]',
        "BUREAU_ROOM : l’identifiant interne du salon est attendu : il commence par « ! »",
    ]


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    empty = ("DATE", "DATABASE_URL", "CAMPAGNE", "SECRET", "ROLES", "EMAIL__HOST", "MATRIX__PASSWORD", "FILE_LIMIT")

    _, lines = checked(tmp_path, **dict.fromkeys(empty, ""))

    assert [line.split(" : ")[0] for line in lines if "réglages" in line] == ["ok       réglages"]


def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "greffier.toml").write_text("[[[", encoding="utf-8")

    code, lines = checked(tmp_path)

    assert (code, [line.rpartition(" : ")[0] for line in lines]) == (
        1,
        ["à faire  réglages : greffier.toml ne se lit pas"],
    )


async def test_a_file_of_the_database_that_is_damaged_is_told(tmp_path: Path) -> None:
    await (await open_database(f"sqlite:///{tmp_path}/greffier.db")).close()
    file = tmp_path / "greffier.db"
    with closing(sqlite3.connect(file)) as database:
        ((page, size),) = database.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'relais_line'"
        )
    data = file.read_bytes()
    file.write_bytes(
        data[: (page - 1) * size] + bytes(size) + data[page * size :]
    )  # a table that a start does not read

    _, lines = checked(tmp_path)

    assert "à faire  base : le fichier est endommagé : restaurez une sauvegarde" in lines


def test_a_role_of_a_person_is_that_of_all_their_accounts() -> None:
    settings = Settings.model_validate(
        {"members": {"Nadia": ["@n:s", 88001], "Paul": ["@p:s"]}, "roles": {"@n:s": "lecteur", "Paul": "president"}}
    )

    assert settings.persons == {"@n:s": "Nadia", "88001": "Nadia", "@p:s": "Paul"}
    assert settings.roles == {"@n:s": "lecteur", "88001": "lecteur", "Paul": "president", "@p:s": "president"}


UNTOLD = "à faire  membres : à qui sont ces comptes du bureau : 88001 ? GREFFIER_MEMBERS ne le dit pas"


@pytest.mark.parametrize(
    ("told", "said"),
    [('{"Nadia": ["@n:s"]}', [UNTOLD]), ('{"Nadia": ["@n:s"], "Paul": [88001]}', [])],
    ids=["one untold", "all told"],
)
async def test_who_acts_on_two_networks_without_being_told_is_named(tmp_path: Path, told: str, said: list[str]) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/greffier.db")
    await database.reserve_ids()
    work = UnitOfWork(database, datetime.now(UTC))
    for number in (await identities.person(work, "matrix", "@n:s"), 88001):
        work.note("dossier.read", actor=f"bureau:{number}")
    await Committer(database).commit(work)
    await database.close()

    _, lines = checked(tmp_path, MEMBERS=told)

    assert [line for line in lines if " membres : " in line] == said


def test_a_bureau_on_two_networks_is_told_to_name_its_accounts(tmp_path: Path) -> None:
    refused = f"http://127.0.0.1:{free_port()}"
    telegram = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__API_URL": refused, "TELEGRAM__BUREAU_CHAT": "-5005"}
    matrix = {"MATRIX__HOMESERVER": refused, "MATRIX__USER": "@greffier:s", "MATRIX__PASSWORD": "mot"}

    _, lines = checked(tmp_path, **telegram, **matrix, MATRIX__BUREAU_ROOM="!bureau:s")

    assert [line.partition(" : ")[2] for line in lines if line.startswith("à savoir membres")] == [
        "GREFFIER_MEMBERS ne dit pas à qui sont les comptes : nul ne confirme d’une messagerie à l’autre"
    ]
