"""« à faire »: at any moment the bureau finds what waits for it, and the command that settles it."""

from datetime import datetime

import pytest
from sqlalchemy import text

from bot.channels.console import BUREAU
from bot.clock import PARIS
from tests.handlers.conftest import Talk
from tests.handlers.test_the_call import convoked

OPEN = "Prochaine date : clôture des candidatures, vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)."
NO_IEN = "– pas d’IEN pour la circonscription « Paris 5 », dossier n° 1 : !ien importer"
CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)


async def todo(talk: Talk) -> list[str]:
    """What waits, line by line, without its title."""
    await talk.says(BUREAU, "!a-faire")
    return talk.heard(BUREAU).split("\n")[1:]


@pytest.mark.parametrize("line", ["à faire", "/a-faire", "!afaire", "que dois-je faire aujourd’hui ?", "!À-faire"])
async def test_it_is_asked_as_one_would_say_it(talk: Talk, line: str) -> None:
    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == f"À faire, le lundi 10 avril 2017\nRien n’attend.\n{OPEN}"


async def test_before_the_closing_only_what_can_be_done_is_named(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin", circonscription="Paris 5")
    await talk.deposits("paul", "Paul Durand")
    await talk.directory()
    await talk.says(BUREAU, "!deposer-pour Anne Blanc ; anne.blanc@ac-paris.fr 2017-04-09 10:30 Paris 19A")
    await talk.says(BUREAU, "!piece 2 cv refuser illisible", "!diffuser tous Bonjour")
    await talk.says("camille", "parler à quelqu’un", "Qui lit mon dossier ?")

    assert await todo(talk) == [
        "– à confirmer : un message à diffuser ; répondez « oui » ou « non »",
        "– 1 relais sans réponse : !relais",
        "– dossiers reçus par courriel ou par la poste, à finir (n° 3) : !verser numéro",
        "– à compléter par les personnes (n° 2)",
        f"{NO_IEN}, ou corrigez-la : !renseigner 1 circonscription",
        OPEN,
    ]


async def test_after_the_closing_what_is_late_is_named_as_late(talk: Talk) -> None:
    for who, name in (("camille", "Camille Martin"), ("paul", "Paul Durand"), ("ines", "Inès Benali")):
        await talk.deposits(who, name)
    await talk.directory()
    await talk.says(BUREAU, "!piece 2 cv refuser illisible", "!piece 3 cv refuser illisible")
    await talk.says(BUREAU, "!prolonger 3 24/04/2017 Grève")
    await talk.says("bureau-edith", "oui")
    await talk.says("camille", "parler à quelqu’un", "Qui lit mon dossier ?")
    talk.clock.set(CLOSED)
    await talk.app.settled()

    assert await todo(talk) == [
        "– 1 relais sans réponse, dont 1 en retard : !relais",
        "– à instruire (n° 1) : !dossier numéro, puis !recevable ou !irrecevable",
        "– à compléter par les personnes (n° 3)",
        "– incomplets, délai passé (n° 2) : !prolonger à deux personnes, ou !irrecevable",
        "Prochaine date : convocations, lundi 24 avril 2017.",
    ]


async def test_who_wishes_another_hour_is_not_counted_as_silent(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    await talk.says("camille", "autre créneau", "Je suis en classe")

    wishing = await todo(talk)
    asked = [one.event for one in talk.said if one.choices and "demande un autre créneau" in one.text][-1]
    await talk.door.choose(BUREAU, asked, 0)
    await talk.app.settled()

    assert wishing[:2] == [
        "– n° 1, Camille Martin, demande un autre créneau que 9 h : !creneau 1 heure, ou refusez sous sa demande",
        "– n’ont pas confirmé leur convocation : n° 2 Paul Martin (9 h 30)",
    ]
    assert (await todo(talk))[0] == (
        "– n’ont pas confirmé leur convocation : n° 1 Camille Martin (9 h), n° 2 Paul Martin (9 h 30)"
    )


async def test_letters_that_may_not_have_arrived_are_counted_but_for_those_asked_again(talk: Talk) -> None:
    await convoked(talk, "camille")
    mark = text("UPDATE outbox SET state = :state WHERE kind LIKE :kind AND door = 'console'")
    given = [{"state": "doubtful", "kind": "steps/%"}, {"state": "abandoned", "kind": "instruction/accepted"}]
    await talk.app.database.transact(lambda database: database.execute(mark, given))

    assert (await todo(talk))[0] == "– 1 message qui n’a peut-être pas atteint son destinataire : !lettres"
