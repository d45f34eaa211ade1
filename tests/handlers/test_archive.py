"""The end of the campagne: it is closed by two, when nothing waits any more, and not before its last day."""

from datetime import datetime

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from storage.tables import Candidature
from tests.handlers.conftest import Talk

CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)
LAST_DAY = datetime(2017, 4, 28, 9, tzinfo=PARIS)
NOT_YET = "La campagne ne se clôt pas encore.\n"
EDITH = "bureau-edith"


async def rejected(talk: Talk) -> None:
    """One dossier, declared irrecevable."""
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, '!irrecevable 1 hors public "Second degré"', "oui")


async def etats(talk: Talk) -> list[str]:
    return [one.etat for one in await talk.rows(Candidature)]


async def test_a_campagne_without_a_dossier_has_nothing_to_close(talk: Talk) -> None:
    await talk.says(BUREAU, "!archiver")

    assert talk.heard(BUREAU) == f"{NOT_YET}Aucun dossier n’est à clore."


async def test_what_still_waits_is_named(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!archiver")

    assert talk.heard(BUREAU) == f"{NOT_YET}Attendent quelque chose : n° 1 (déposée)."


async def test_before_the_day_of_the_avis_nothing_is_closed(talk: Talk) -> None:
    await rejected(talk)

    await talk.says(BUREAU, "!archiver")

    assert talk.heard(BUREAU) == f"{NOT_YET}Les avis se transmettent à compter du vendredi 28 avril 2017."
    assert await etats(talk) == [Etat.IRRECEVABLE]


async def test_two_persons_close_the_campagne_and_each_is_told_before_their_data_go(talk: Talk) -> None:
    await rejected(talk)
    talk.clock.set(LAST_DAY)
    await talk.app.settled()
    await talk.says(BUREAU, "!archiver", "oui")
    alone = await etats(talk)

    await talk.says(EDITH, "oui")
    closed = talk.heard(BUREAU)
    for day in (datetime(2017, 7, 13, 9, tzinfo=PARIS), datetime(2017, 7, 28, 9, tzinfo=PARIS)):
        talk.clock.set(day)
        await talk.app.settled()

    assert alone == [Etat.IRRECEVABLE]
    assert closed == "1 dossier clos. Les données seront effacées le vendredi 28 juillet 2017."
    assert talk.heard() == (
        "La campagne est close. Votre dossier n° 1 et vos pièces seront effacés le vendredi 28 juillet 2017,"
        " comme annoncé. Vous n’avez rien à faire."
    )
    assert await etats(talk) == [Etat.EFFACEE]


async def test_a_dossier_that_came_back_to_life_meanwhile_keeps_the_campagne_open(talk: Talk) -> None:
    await rejected(talk)
    talk.clock.set(LAST_DAY)
    await talk.app.settled()
    await talk.says(BUREAU, "!archiver")
    await talk.says(BUREAU, "!deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-20 10:30 Paris 19A")

    await talk.says(EDITH, "oui")

    assert talk.heard(BUREAU) == "Cette demande n’a plus d’objet : le dossier a changé depuis. Rien n’est fait."
    assert await etats(talk) == [Etat.IRRECEVABLE, Etat.BROUILLON]
