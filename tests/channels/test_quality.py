"""The table of what each door does says what the code does, and the README shows it."""

import inspect
from pathlib import Path

import pytest
from aiogram import methods
from aiogram.methods import TelegramMethod
from aiogram.types import Update

from bot.channels.matrix.render import METHODS
from bot.channels.quality import BEGIN, DOORS, END, lines, shown
from bot.channels.served import LETTERS, SERVED
from bot.channels.telegram.door import TelegramDoor
from bot.channels.telegram.inward import KINDS

ROOT = Path(__file__).parents[2]
ALL = [
    name
    for name, value in vars(methods).items()
    if inspect.isclass(value) and issubclass(value, TelegramMethod) and value is not TelegramMethod
]


def done(kind: str, door: str) -> set[str]:
    return {line.name for line in lines(kind) if line.states[door] == "done"}


def test_each_method_and_each_update_of_aiogram_has_one_line() -> None:
    assert sorted(line.name for line in lines("methods")) == sorted(ALL)
    assert sorted(line.name for line in lines("updates")) == sorted(set(Update.model_fields) - {"update_id"})


@pytest.mark.parametrize("door", DOORS)
def test_a_method_is_done_where_the_session_serves_it(door: str) -> None:
    assert done("methods", door) == {method.__name__ for method in SERVED}


def test_what_the_network_answers_itself_is_done_there() -> None:
    named = {name[0].upper() + name[1:] for name in TelegramDoor.answers}

    assert named - done("methods", "telegram") == set()


def test_each_letter_that_may_be_written_can_be_said_on_matrix() -> None:
    assert {method.__api_method__ for method in LETTERS} - set(METHODS) == set()


def test_telegram_is_asked_for_the_updates_that_are_done() -> None:
    assert done("updates", "telegram") == set(KINDS)


def test_the_readme_shows_the_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert readme.partition(BEGIN)[2].partition(END)[0].strip() == shown()
