"""The dialogs that aiogram_dialog's own pages show, unmodified, at each door: pages that are edited at every tap."""

import importlib
import runpy
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from aiogram import F, Router
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from tests.channels.contract.conftest import Open
from tests.channels.contract.places import Place
from tests.upstream.source import dialogs

pytestmark = pytest.mark.server  # downloads aiogram_dialog's source distribution


class Page(StatesGroup):
    """The one page of a dialog."""

    shown = State()


@pytest.fixture(autouse=True)
def library() -> Iterator[None]:
    """aiogram_dialog beside what is installed."""
    sys.path.append(str(dialogs() / "src"))
    yield
    sys.path.remove(str(dialogs() / "src"))


def example(name: str) -> dict[str, Any]:
    """The names that an example of the documentation defines."""
    return runpy.run_path(str(dialogs() / "docs" / "widgets" / "keyboard" / name / "example.py"))


def page(widget: Any, getter: Any = None) -> Router:
    """A dialog of one page that shows a widget, opened by « /start »."""
    library, texts = importlib.import_module("aiogram_dialog"), importlib.import_module("aiogram_dialog.widgets.text")
    router = Router()

    @router.message(F.text == "/start")
    async def start(_: Message, dialog_manager: Any) -> None:
        await dialog_manager.start(Page.shown, mode=library.StartMode.RESET_STACK)

    window = library.Window(texts.Const("Choisissez"), widget, state=Page.shown, getter=getter or ())
    router.include_router(library.Dialog(window))
    return router


def setup(dispatcher: Any) -> None:
    """What aiogram_dialog adds to a dispatcher."""
    importlib.import_module("aiogram_dialog").setup_dialogs(dispatcher)


async def test_a_select_says_what_was_selected(opened: Open, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    shown = example("select")

    async with opened(page(shown["fruits_kbd"], shown["get_data"]), setup) as talk:
        await talk.do(place.say("/start"))
        labels = place.labels()
        await talk.do(place.tap(2))
        await talk.do(place.say("Pear (2/4)"))

    assert labels == ["Apple (1/4)", "Pear (2/4)", "Orange (3/4)", "Banana (4/4)"]
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Fruit")]
    assert said == ["Fruit selected:  3", "Fruit selected:  2"]


async def test_a_multiselect_keeps_its_marks_on_the_same_message(opened: Open, place: Place) -> None:
    shown = example("multiselect")

    async with opened(page(shown["fruits_kbd"], shown["get_data"]), setup) as talk:
        await talk.do(place.say("/start"))
        for option in (0, 3, 0):
            await talk.do(place.tap(option))

    assert place.labels() == ["Apple", "Pear", "Orange", "✓ Banana"]
    assert place.seen() == ["Choisissez"]


async def test_a_scrolling_group_turns_its_pages(opened: Open, place: Place) -> None:
    shown = example("scrolling_group")

    async with opened(page(shown["scrolling_group"]), setup) as talk:
        await talk.do(place.say("/start"))
        first = place.labels()[:36]
        await talk.do(place.say(">"))

    assert first == [str(number) for number in range(36)]
    assert place.labels()[:36] == [str(number) for number in range(36, 72)]
    assert place.seen() == ["Choisissez"]


async def test_a_day_of_a_calendar_is_answered(opened: Open, place: Place) -> None:
    shown = example("calendar")
    before = date.today()  # noqa: DTZ011 -- the calendar shows the machine's own month

    async with opened(page(shown["calendar"]), setup) as talk:
        await talk.do(place.say("/start"))
        await talk.do(place.say(str(place.labels().index("15") + 1)))

    assert [*place.seen(), *place.notices()] == ["Choisissez", str(before.replace(day=15))]
