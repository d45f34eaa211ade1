"""Another circular is another folder and one setting: other dates, five pieces, other questions, no code."""

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.transcript import play

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
OTHER = HERE.parent / "campagnes" / "25XX0001"


async def test_another_campagne_speaks_from_its_own_data() -> None:
    page = OTHER / "conversation.md"
    written = page.read_text(encoding="utf-8")

    said = await play(written, Settings(campagne=OTHER), files=HERE / "fichiers")

    assert said == written
