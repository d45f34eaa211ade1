"""Every page of conversation, played word for word: a wrong word fails with a readable difference."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.transcript import play
from handlers.say import TEXTS, environment
from tests.conversations.stage import SealingHomeserver, StagedMatrixDoor

pytestmark = pytest.mark.service

FOLDER = Path(__file__).parent
HOUSE = FOLDER.parents[1]
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.stem != "README")
REFUSAL = re.compile(r"Refusal\(\s*(?P<begun>f?)\"(?P<text>[a-z]+/[a-z_]+)")
MESSAGE = re.compile(r"^(?!courriel)[a-zà-ÿ][\w-]* < .*(?:\n  .*)*", re.MULTILINE)
LONGEST = 2000  # characters
BEHIND = {"candidature/question_open"}  # the rooms ask before; so it is with what the tables of states refuse


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
async def test_a_page_is_what_is_really_said(page: Path, tmp_path: Path) -> None:
    written = page.read_text(encoding="utf-8")

    assert await played(written, tmp_path) == written


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_no_message_is_too_long_for_a_client(page: Path) -> None:
    messages = MESSAGE.findall(page.read_text(encoding="utf-8"))

    assert [message[:80] for message in messages if len(message) >= LONGEST] == []


async def test_each_refusal_is_on_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: set[str] = set()
    find = environment().get_template

    def heard(name: str, *given: Any) -> Any:
        said.add(name.removesuffix(".html.j2"))
        return find(name, *given)

    monkeypatch.setattr(environment(), "get_template", heard)
    for page in PAGES:
        await played(page.read_text(encoding="utf-8"), tmp_path / page.stem)

    assert refusals() - said == set()


def refusals() -> set[str]:
    """The texts with which the house says no."""
    found = set()
    for folder in ("bot", "handlers"):
        for source in (HOUSE / folder).rglob("*.py"):
            for one in REFUSAL.finditer(source.read_text(encoding="utf-8")):
                begun = TEXTS.glob(f"{one['text']}*.html.j2") if one["begun"] else ()
                family = {str(text.relative_to(TEXTS)).removesuffix(".html.j2") for text in begun}
                found |= family or {one["text"]}
    return found - BEHIND | {"errors/clear"}


async def played(page: str, folder: Path) -> str:
    """The page, played at the door that it names."""
    async with SealingHomeserver() as homeserver:
        doors = {"matrix": partial(StagedMatrixDoor, stub=homeserver, folder=folder)}
        return await play(page, Settings(matrix=homeserver.account), files=FOLDER / "fichiers", doors=doors)
