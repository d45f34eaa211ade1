"""The first words: a person is greeted, agrees or not, in as many ways as people say it, and once."""

from datetime import datetime, timedelta

import pytest

from bot.clock import PARIS
from storage.tables import Candidat, Candidature
from tests.handlers.conftest import Talk

STALE = "Cette étape est passée. Voici où vous en êtes."
CONSENT_AGAIN = (
    "Pour ouvrir votre dossier, il me faut votre accord. "
    "Ce que je garde, pourquoi et pour combien de temps est écrit plus haut ; « mes données » le redit."
)
CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)


async def taps(talk: Talk, words: str, option: int) -> None:
    """Camille taps a choice under the first message that holds some words."""
    asked = next(one.event for one in talk.said if one.choices and words in one.text)
    await talk.door.choose("camille", asked, option)
    await talk.app.settled()


async def test_who_opens_a_conversation_is_greeted_once(talk: Talk) -> None:
    await talk.door.enter("camille", name="Camille")
    await talk.app.settled()
    greeted = talk.heard()
    await talk.types("j'accepte")
    before = len(talk.said)

    await talk.door.enter("camille", name="Camille")
    await talk.app.settled()

    assert greeted.startswith("Bonjour Camille. Je suis Greffier, l’assistant du bureau DE2")
    assert len(talk.said) == before


@pytest.mark.parametrize("words", ["oui", "j'accepte", "J’accepte !", "d'accord"])
async def test_an_agreement_is_understood_as_people_say_it(talk: Talk, words: str) -> None:
    await talk.types("bonjour", words)

    assert [one.numero for one in await talk.rows(Candidature)] == [1]


@pytest.mark.parametrize(
    "words",
    ["non", "je n'accepte pas", "j'accepte pas", "je veux pas accepter", "je refuse", "je ne suis pas d'accord"],
)
async def test_a_refusal_keeps_nothing_and_leaves_the_questions_open(talk: Talk, words: str) -> None:
    await talk.types("bonjour", words)

    assert talk.heard().startswith("C’est entendu : je ne garde aucune réponse.")
    assert await talk.rows(Candidat) == []


async def test_a_yes_that_may_answer_something_else_is_asked_about(talk: Talk) -> None:
    await talk.types("bonjour", "combien de temps dure la mission ?", "d'accord")

    assert talk.heard().endswith("Êtes-vous d’accord ?")
    assert await talk.rows(Candidat) == []


@pytest.mark.parametrize(
    "words",
    ["j'accepterai demain", "avant d'accepter, qui lit", "j'accepte mais c'est confidentiel", "d'accord avec quoi"],
)
async def test_an_agreement_on_conditions_is_none(talk: Talk, words: str) -> None:
    await talk.types("bonjour", words)

    assert await talk.rows(Candidat) == []


async def test_who_asks_what_is_kept_is_told_it_whole(talk: Talk) -> None:
    await talk.types("bonjour", "qui va lire ce que j'écris ?")

    assert talk.heard().startswith("Ce que je garde sur vous\nRien :")
    assert "Combien de temps" in talk.heard()


async def test_what_is_kept_is_said_once_an_hour(talk: Talk) -> None:
    await talk.door.enter("camille", name="Camille")
    await talk.types("bonjour", "euh")
    again = talk.heard()
    talk.clock.set(talk.clock.now() + timedelta(hours=1))
    await talk.types("euh")

    assert again.split("\n")[2] == CONSENT_AGAIN
    assert "Combien de temps" in talk.heard()
    assert talk.heard().endswith("Êtes-vous d’accord ?")


async def test_an_agreement_tapped_twice_is_one(talk: Talk) -> None:
    await talk.types("bonjour")

    await taps(talk, "Êtes-vous d’accord", 0)
    await taps(talk, "Êtes-vous d’accord", 0)

    assert talk.heard().partition("\n")[0] == STALE
    assert len(await talk.rows(Candidature)) == 1


async def test_a_new_candidature_follows_one_that_was_withdrawn(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "retirer ma candidature", "oui", "reprendre")

    await taps(talk, "Vous n’avez pas de candidature en cours", 0)
    await taps(talk, "Vous n’avez pas de candidature en cours", 0)

    assert [one.etat for one in await talk.rows(Candidature)] == ["retiree", "brouillon"]


async def test_a_new_candidature_is_opened_in_so_many_words_after_something_else(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "retirer ma candidature", "oui", "c'est payé combien ?")

    await talk.types("ouvrir une candidature")

    assert talk.heard().startswith("Question 1 sur 5.")


async def test_after_the_closing_no_agreement_opens_a_dossier(talk: Talk) -> None:
    await talk.types("bonjour")
    talk.clock.set(CLOSED)
    await talk.app.settled()

    await taps(talk, "Êtes-vous d’accord", 0)

    assert await talk.rows(Candidature) == []
    assert talk.heard().startswith(
        "La date limite était le vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris). La circulaire dit :"
    )
