"""Every page of conversation, played word for word: a wrong word fails with a readable difference."""

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.transcript import play

pytestmark = pytest.mark.service

FOLDER = Path(__file__).parent
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.stem != "README")


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
async def test_a_page_is_what_is_really_said(page: Path) -> None:
    written = page.read_text(encoding="utf-8")

    assert await play(written, Settings(), files=FOLDER / "fichiers") == written
