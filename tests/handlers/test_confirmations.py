"""A « oui » in a room where people also talk to each other: what it means is never guessed."""

from datetime import timedelta

import pytest

from bot.channels.console import BUREAU
from handlers.arguments import Role
from storage.bureau import Confirmation
from tests.handlers.conftest import Talk

EDITH = "bureau-edith"
WRITTEN = "message écrit"


@pytest.fixture
async def asked(talk: Talk) -> Talk:
    """A dossier, and a broadcast to it that waits for a « oui »."""
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!diffuser tous Bonjour")
    return talk


def _written(talk: Talk) -> bool:
    return any(one.room == BUREAU and WRITTEN in one.text for one in talk.said)


@pytest.mark.parametrize("words", ["ok je regarde", "d’accord, merci Édith", "oui mais pas avant demain"])
async def test_a_sentence_to_a_colleague_confirms_nothing(asked: Talk, words: str) -> None:
    before = len(asked.said)

    await asked.says(BUREAU, words)

    assert len(asked.said) == before


@pytest.mark.parametrize("words", ["oui", "OK", "Yes !", "oui merci", "Oui, confirmer"])
async def test_a_yes_and_nothing_else_confirms(asked: Talk, words: str) -> None:
    await asked.says(BUREAU, words)

    assert _written(asked)


@pytest.mark.parametrize("words", ["non", "annuler", "Stop."])
async def test_a_no_or_annuler_lets_it_go(asked: Talk, words: str) -> None:
    await asked.says(BUREAU, words, "oui")

    assert asked.heard(BUREAU) == "Entendu : rien n’est fait."


async def test_a_missing_argument_that_says_never_refuses_nothing(asked: Talk) -> None:
    await asked.says(BUREAU, "!contrainte 1", "jamais l’après-midi")
    kept = asked.heard(BUREAU)
    await asked.says(BUREAU, "!contrainte 1", "annuler", "oui")

    assert kept.startswith("Dossier n° 1 : jamais l’après-midi")
    assert _written(asked)


async def test_what_was_just_asked_comes_before_what_waited(asked: Talk) -> None:
    await asked.says(BUREAU, "!piece 1 cv refuser illisible", "!prolonger 1 30/04/2017 Grève", "oui")

    assert asked.heard(BUREAU).startswith("Il faut deux personnes")
    assert not _written(asked)


@pytest.mark.parametrize("words", ["oui", "non"])
async def test_who_may_not_give_the_command_neither_confirms_nor_refuses(asked: Talk, words: str) -> None:
    await asked.says(BUREAU, "!piece 1 cv refuser illisible", "!prolonger 1 30/04/2017 Grève")
    asked.app.given["roles"] = {EDITH: Role.LECTEUR}

    await asked.says(EDITH, words)

    assert [row.outcome for row in await asked.rows(Confirmation) if row.act == "extend"] == [None]
    assert asked.heard(BUREAU).startswith("La commande !prolonger n’est pas ouverte à votre rôle. Rien n’a été fait")


async def test_two_accounts_of_one_person_are_one_person(asked: Talk) -> None:
    asked.app.given["members"] = {BUREAU: "Édith Petit", EDITH: "Édith Petit"}

    await asked.says(EDITH, "oui")
    await asked.says(BUREAU, "!piece 1 cv refuser illisible", "!prolonger 1 30/04/2017 Grève")
    await asked.says(EDITH, "oui")

    assert _written(asked)
    assert asked.heard(BUREAU) == (
        "Il faut deux personnes : celle qui demande ne peut pas confirmer. Cette demande vient d’un autre de vos"
        " comptes. Rien n’est fait pour le moment."
    )


async def test_of_two_acts_of_others_which_one_is_asked(talk: Talk) -> None:
    for who, name in (("camille", "Camille Martin"), ("paul", "Paul Durand")):
        await talk.deposits(who, name)
    await talk.says(BUREAU, "!piece 1 cv refuser illisible", "!piece 2 cv refuser illisible")
    await talk.says(BUREAU, "!prolonger 1 30/04/2017 Grève", "!prolonger 2 30/04/2017 Grève")

    await talk.says(EDITH, "oui")
    which = talk.said[-1]
    await talk.door.choose(EDITH, which.event, 1)
    await talk.app.settled()

    assert which.text.startswith("2 demandes attendent")
    assert which.choices == ["Oui, confirmer : un délai, dossier n° 2", "Oui, confirmer : un délai, dossier n° 1"]
    assert talk.heard(BUREAU).startswith("Dossier n° 1 : délai prolongé")


async def test_the_same_asked_again_replaces_the_first(asked: Talk) -> None:
    first = next(one for one in asked.said if one.room == BUREAU and "Confirmez-vous" in one.text)
    await asked.says(BUREAU, "!diffuser tous Bonjour")

    await asked.door.choose(BUREAU, first.event, 0)
    await asked.app.settled()

    assert "elle a été remplacée par une autre" in asked.heard(BUREAU)
    assert not _written(asked)


async def test_a_yes_that_comes_too_late_is_told_so(asked: Talk) -> None:
    asked.clock.set(asked.clock.now() + timedelta(hours=3))

    await asked.says(BUREAU, "oui")

    assert asked.heard(BUREAU).startswith("Cette demande a expiré")
