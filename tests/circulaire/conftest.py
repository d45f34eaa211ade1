"""The campagne that the circular fixes, read once; and the invented one."""

from pathlib import Path

import pytest

from bot.circulaire.campagne import Campagne, load_campagne

ROOT = Path(__file__).parents[2]
REAL = ROOT / "bot" / "circulaire" / "campagnes" / "17AN0076"
INVENTED = ROOT / "tests" / "campagnes" / "25XX0001"


@pytest.fixture(scope="session")
def campagne() -> Campagne:
    return load_campagne(REAL)


@pytest.fixture(scope="session")
def invented() -> Campagne:
    return load_campagne(INVENTED)
