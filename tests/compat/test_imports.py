"""aiogram is imported without building its types, and each of them works as before when it is used."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.service

ROOT = Path(__file__).parents[2]
WAITING = (
    *(
        "h11",
        "h2",
        "icalendar",
        "lxml",
        "numpy",
        "openpyxl",
        "pikepdf",
        "PIL",
        "pillow_heif",
        "psycopg",
        "pycparser",
    ),
    *("rich", "scipy", "snowballstemmer.tamil_stemmer", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio"),
    "typst",
)


@dataclass
class Looked:
    """What a process of its own found: how many types there are, how many the import built, what each understood."""

    count: int
    built: int
    found: dict[str, list[str]]


def start(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-m", "tests.compat.corpus", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def read(process: subprocess.Popen[str]) -> Looked:
    said, _ = process.communicate()
    assert process.returncode == 0
    return Looked(**json.loads(said))


@pytest.fixture(scope="module")
def looked() -> tuple[Looked, Looked]:
    """With the repair, the types used in the opposite order; and without it."""
    with start("--deferred", "--backwards") as deferred, start() as eager:
        return read(deferred), read(eager)


def test_the_import_builds_less_than_a_quarter_of_the_types(looked: tuple[Looked, Looked]) -> None:
    deferred, _ = looked

    assert deferred.built < deferred.count / 4


def test_upstream_still_builds_every_type_at_once(looked: tuple[Looked, Looked]) -> None:
    """The day this fails, `bot/compat/imports.py` has become needless."""
    _, eager = looked

    assert eager.built == eager.count


def test_every_type_and_method_makes_the_same_of_the_same_documents(looked: tuple[Looked, Looked]) -> None:
    deferred, eager = looked

    assert deferred.found == eager.found


def test_the_documents_say_something_to_every_type_and_method(looked: tuple[Looked, Looked]) -> None:
    _, eager = looked
    outcomes = [outcome.split()[0] for said in eager.found.values() for outcome in said]
    deaf = [name for name, said in eager.found.items() if not any(word.startswith("accepted") for word in said)]

    assert deaf == []
    assert outcomes.count("accepted") > 5000
    assert outcomes.count("refused") > 500


def test_others_can_use_a_type_that_nobody_has_used_yet() -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.compat.unseen"]

    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)

    assert json.loads(done.stdout) == {
        "in_a_list": "",
        "as_the_base_of_another_type": "",
        "as_the_base_of_another_method": "",
        "inside_another_model": "",
        "inside_another_method": "",
        "as_a_schema": "",
    }


def test_the_store_of_the_keys_comes_without_the_driver_of_postgresql_and_a_compiler_of_c() -> None:
    """The day this fails without the repair too, upstream no longer loads it."""
    assert loaded_by("import bot, nio.store") == []
    assert loaded_by("import nio.store") == ["h11", "h2", "psycopg", "pycparser"]


def test_the_log_comes_without_a_painter() -> None:
    """The painter is installed here, not where the service is."""
    assert loaded_by("import bot, structlog") == []
    assert loaded_by("import structlog") == ["rich"]


def test_what_stood_in_for_a_library_is_gone_when_somebody_else_loads_it() -> None:
    words = "import bot, nio, h2.connection, h11; print(h2.connection.H2Connection.__name__, h11.Connection.__name__)"

    assert said_by(words) == ["H2Connection", "Connection"]


def test_a_start_loads_nothing_that_only_a_paper_a_planning_or_another_database_needs() -> None:
    assert loaded_by("import bot.app, bot.rehearsal, bot.channels.matrix.door") == []


def test_a_conversation_reads_and_writes_its_messages_with_one_validator() -> None:
    """Those of `Message` and of `Chat` would weigh 5 MB more."""
    words = """
import asyncio, logging, pathlib
from bot.events import configure_logging
from bot.settings import Settings
from bot.transcript import play
configure_logging(json=False, level=logging.CRITICAL)
page = "Le 10 avril 2017.\\n\\ncandidat > bonjour\\n"
asyncio.run(play(page, Settings(), files=pathlib.Path()))
from aiogram.types import Chat, Message, Update
print(*(kind.__name__ for kind in (Chat, Message, Update) if kind.__pydantic_complete__))
"""

    assert said_by(words) == ["Update"]


def test_one_stemmer_comes_without_those_of_other_languages() -> None:
    """The day this fails without the repair too, upstream no longer loads them."""
    assert loaded_by("import bot, snowballstemmer.french_stemmer") == []
    assert loaded_by("import snowballstemmer.french_stemmer") == ["snowballstemmer.tamil_stemmer"]


def test_the_driver_of_postgresql_loads_as_ever_when_it_is_asked_for() -> None:
    assert loaded_by("import bot, nio.store, psycopg") == ["psycopg"]


def loaded_by(words: str) -> list[str]:
    """Which of the libraries that can wait a process of its own has loaded."""
    return said_by(f"{words}; import sys; print(*[name for name in {WAITING} if name in sys.modules])")


def said_by(script: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()
