"""What the README draws is what the code says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.accounts import EmailSettings, MatrixSettings, TelegramSettings
from bot.circulaire.avis import AVIS
from bot.circulaire.campagne import Campagne, load_campagne
from bot.circulaire.candidature import CANDIDATURE
from bot.circulaire.convocation import CONVOCATION
from bot.circulaire.dossier import PIECE
from bot.circulaire.relais import RELAIS
from bot.circulaire.stage import CAMPAGNE
from bot.settings import CAMPAGNES, Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "diagram",
    [CAMPAGNE.diagram, CANDIDATURE.diagram, PIECE.diagram, CONVOCATION.diagram, AVIS.diagram, RELAIS.diagram],
)
def test_the_states_drawn_are_those_of_the_table(diagram: Callable[[Campagne], str]) -> None:
    assert diagram(load_campagne(CAMPAGNES / "17AN0076")).strip() in README


def test_every_setting_is_documented() -> None:
    plain = [
        f"`GREFFIER_{name.upper()}`"
        for name in Settings.model_fields
        if name not in {"matrix", "telegram", "demo", "log_json"}
    ]
    doors = [
        f"{name.upper()}`" for door in (MatrixSettings, TelegramSettings, EmailSettings) for name in door.model_fields
    ]

    assert [name for name in [*plain, *doors] if name not in README] == []
