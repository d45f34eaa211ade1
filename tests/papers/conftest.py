"""The campagne whose papers are made."""

import pytest

from bot.circulaire.campagne import Campagne, load_campagne
from bot.settings import CAMPAGNES


@pytest.fixture(scope="session")
def campagne() -> Campagne:
    return load_campagne(CAMPAGNES / "17AN0076")
