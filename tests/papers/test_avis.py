"""The avis as a paper."""

from dataclasses import replace
from datetime import datetime

import pytest

from bot.circulaire.avis import AvisFacts, AvisValue
from bot.circulaire.campagne import Campagne
from bot.clock import PARIS
from bot.errors import Refusal
from bot.papers.avis import typeset_avis
from tests.papers.seen import Claims, claims, keep, pages


@pytest.fixture
def facts(campagne: Campagne) -> AvisFacts:
    return AvisFacts(
        campagne=campagne.numero,
        numero=12,
        version=1,
        holder="Claire Martin",
        value=AvisValue.FAVORABLE,
        text="Un parcours solide.\n\nDes projets précis.",
        heard_on=datetime(2017, 4, 26, 10, 30, tzinfo=PARIS),
        released_at=datetime(2017, 4, 28, 9, 0, tzinfo=PARIS),
    )


def test_an_avis_is_tagged_in_french_and_has_a_title(campagne: Campagne, facts: AvisFacts) -> None:
    data = typeset_avis(campagne, facts)

    assert claims(data) == Claims("1", "Avis de la commission d’entretien", "fr-FR", tagged=True)
    assert [shades > 1 for shades in keep("avis", data)] == [True]


@pytest.mark.parametrize("value", AvisValue, ids=[value.value for value in AvisValue])
def test_an_avis_says_its_value_and_its_reasons(campagne: Campagne, facts: AvisFacts, value: AvisValue) -> None:
    (words,) = pages(typeset_avis(campagne, replace(facts, value=value)))

    expected = [
        "Claire Martin, candidature n° 12",
        "Entretien mercredi 26 avril 2017",
        f"Avis {value.label}",
        "vendredi 28 avril 2017 à 9 h 00 min 00 s (heure de Paris)",
        "Un parcours solide. Des projets précis.",
        "avis n° 1",
    ]
    assert [line for line in expected if line not in words] == []
    assert "remplace" not in words


def test_an_avis_that_was_corrected_says_so(campagne: Campagne, facts: AvisFacts) -> None:
    data = typeset_avis(campagne, replace(facts, version=2))

    (words,) = pages(data)
    assert "Cet avis remplace celui qui a été transmis auparavant." in words
    assert len(keep("avis-corrige", data)) == 1


def test_an_avis_on_somebody_who_did_not_come_says_it(campagne: Campagne, facts: AvisFacts) -> None:
    (words,) = pages(typeset_avis(campagne, replace(facts, heard_on=None, text="")))

    assert "Entretien absence à l’entretien du mercredi 26 avril 2017" in words
    assert "Ce que la commission a écrit" not in words


def test_no_avis_is_made_before_its_day(campagne: Campagne, facts: AvisFacts) -> None:
    early = replace(facts, released_at=datetime(2017, 4, 27, 23, 59, 59, tzinfo=PARIS))

    with pytest.raises(Refusal) as refused:
        typeset_avis(campagne, early)

    assert (refused.value.text, refused.value.source) == ("avis/too_early", "D2.1")


def test_a_long_avis_runs_over_pages_and_loses_no_word(campagne: Campagne, facts: AvisFacts) -> None:
    lines = [f"Remarque {rank} de la commission, #avec $des signes$ et *des étoiles*." for rank in range(120)]

    words = " ".join(pages(typeset_avis(campagne, replace(facts, text="\n".join(lines)))))

    assert [line for line in lines if line not in words] == []
