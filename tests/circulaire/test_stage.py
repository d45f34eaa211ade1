"""Where a campagne stands follows its calendar and its candidatures."""

from datetime import datetime

import pytest

from bot.circulaire.campagne import Campagne
from bot.circulaire.candidature import Etat
from bot.circulaire.stage import CAMPAGNE, CampagneEtat, campagne_etat
from bot.clock import PARIS

E = Etat  # the table below is read across


def at(day: int, hour: int = 9, month: int = 4) -> datetime:
    return datetime(2017, month, day, hour, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("now", "etats", "expected"),
    [
        pytest.param(at(12), [E.DEPOSEE], "ouverte", id="before the closing"),
        pytest.param(at(21, 23), [E.DEPOSEE], "ouverte", id="on the last evening"),
        pytest.param(at(22), [], "close", id="nobody came"),
        pytest.param(at(22), [E.RECEVABLE, E.EXPIREE], "close", id="after the closing"),
        pytest.param(at(24), [E.CONVOQUEE, E.IRRECEVABLE], "convocations_publiees", id="once convoked"),
        pytest.param(at(27), [E.ENTENDUE, E.AVIS_SCELLE], "convocations_publiees", id="while avis are sealed"),
        pytest.param(at(28), [E.AVIS_SCELLE, E.AVIS_TRANSMIS], "avis_ouverts", id="once an avis has left"),
        pytest.param(at(2, month=5), [E.CLOSE, E.AVIS_TRANSMIS], "avis_ouverts", id="while one is not closed"),
        pytest.param(at(2, month=5), [E.CLOSE, E.EFFACEE], "archivee", id="all closed"),
        pytest.param(at(2, month=9), [E.EFFACEE], "archivee", id="all erased"),
        pytest.param(at(23), [E.EFFACEE], "close", id="the only draft was erased by its owner"),
    ],
)
def test_a_campagne_stands_where_its_day_and_its_candidatures_say(
    campagne: Campagne, now: datetime, etats: list[E], expected: str
) -> None:
    assert campagne_etat(campagne, now, etats) == CampagneEtat(expected)


def test_the_diagram_has_one_beginning_and_one_end(campagne: Campagne) -> None:
    lines = CAMPAGNE.diagram(campagne).splitlines()

    assert lines[1] == "    [*] --> OUVERTE"
    assert lines[-1] == "    ARCHIVEE --> [*]"
    assert "    OUVERTE --> CLOSE : clore (§D1.5)" in lines


def test_each_state_is_said_in_words() -> None:
    assert [etat.label for etat in CampagneEtat] == [
        "ouverte aux candidatures",
        "close, convocations à publier",
        "convocations publiées",
        "avis transmis",
        "archivée",
    ]
