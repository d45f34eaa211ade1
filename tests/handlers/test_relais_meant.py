"""Words that may be meant for the bureau: none reaches it unknown to the person, none of them is lost."""

import pytest

from bot.channels.console import BUREAU
from storage.bureau import RelaisLine
from storage.tables import Candidature
from tests.handlers.conftest import ANSWERED, Talk

ON_THE_WAY = ("bonjour", "j'accepte")
UNANSWERED = "Y a-t-il un parking pour mon vélo ?"
PROMPT = "Quelle est votre question pour le bureau ?"
MISSED = "Le bureau n’a pas reçu ce message. Pour le lui transmettre, écrivez « parler à quelqu’un »."
FOR_WHOM = "Répondez-vous au bureau, ou à la question ci-dessous ? Je n’ai rien noté et rien transmis."


async def passed_on(talk: Talk) -> list[str]:
    return [line.text for line in await talk.rows(RelaisLine) if line.kind == "question"]


async def test_what_had_no_answer_a_while_ago_is_shown_before_it_is_passed_on(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, UNANSWERED, "aide", "parler à quelqu'un")

    assert await passed_on(talk) == []
    assert talk.heard().split("\n")[1] == f"Pour transmettre « {UNANSWERED} », écrivez « oui »."

    await talk.types("oui merci")

    assert await passed_on(talk) == [UNANSWERED]


async def test_another_question_may_be_asked_than_the_one_shown(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, UNANSWERED, "aide", "parler à quelqu'un", "Et une douche ?")

    assert await passed_on(talk) == ["Et une douche ?"]


@pytest.mark.parametrize("words", ["bonjour", "Bonjour madame", "oui", "2", "👍", "?"])
async def test_what_says_nothing_yet_is_no_question(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, "parler à quelqu'un", words)

    assert await passed_on(talk) == []
    assert talk.heard().startswith(PROMPT)


@pytest.mark.parametrize("words", ["oui, la lettre peut-elle être manuscrite", "Non, mais ai-je le bon formulaire ?"])
async def test_a_question_may_begin_with_a_yes_or_a_no(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, "parler à quelqu'un", words)

    assert await passed_on(talk) == [words]


@pytest.mark.parametrize("words", ["annuler", "non merci", "non je préfère demander à mon inspectrice", "rien"])
async def test_who_renounces_sends_nothing(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, "parler à quelqu'un", words)

    assert await passed_on(talk) == []
    assert talk.heard().startswith("Entendu, rien n’est transmis.")


@pytest.mark.parametrize("words", ["c'est urgent", "vous êtes là ?", "j'attends votre réponse"])
async def test_while_a_relay_is_open_what_nobody_answered_may_still_go_to_the_bureau(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, "!parler Et mon vélo ?", words)

    assert [one.text.count(MISSED) for one in talk.said if one.room == "camille"].count(1) == 1

    await talk.types("parler à quelqu'un")

    assert await passed_on(talk) == ["Et mon vélo ?", words]


@pytest.mark.parametrize("words", ["demain", "un instant", "plus tard"])
async def test_a_pause_said_after_the_bureau_may_be_its_answer(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, words)

    assert not talk.heard().endswith(MISSED)

    await talk.types("!parler Et mon vélo ?")
    await talk.says(BUREAU, "!repondre 1 Quand viendrez-vous ?")
    await talk.types(words)

    assert talk.heard().endswith(MISSED)

    await talk.types("parler à quelqu'un", "oui")

    assert await passed_on(talk) == ["Et mon vélo ?", words]


@pytest.mark.parametrize("words", ["merci", "combien de temps dure la mission ?", "oui", "la liste"])
async def test_what_was_answered_or_thanks_is_not_said_to_be_missed(talk: Talk, words: str) -> None:
    opened = () if words == "la liste" else ("!parler Et mon vélo ?",)

    await talk.types(*ON_THE_WAY, *opened, words)

    assert not any(MISSED in one.text for one in talk.said)


async def test_a_yes_to_the_bureau_answers_no_question_of_the_dossier(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, "!parler Et mon vélo ?")
    await talk.says(BUREAU, "!repondre 1 Avez-vous un antivol ?")

    await talk.types("oui j'en ai un")

    (candidature,) = await talk.rows(Candidature)
    assert candidature.answers == {}
    assert talk.heard().split("\n")[0] == FOR_WHOM
    assert talk.heard().split("\n\n")[-1].startswith("Question 1 sur 5.")

    await talk.types("parler à quelqu'un", "oui")

    assert await passed_on(talk) == ["Et mon vélo ?", "oui j'en ai un"]
    assert candidature.answers == {}
    assert (await talk.rows(Candidature))[0].answers == {"corps": "oui"}


@pytest.mark.parametrize("words", ["1", "je suis prof des écoles"])
async def test_what_plainly_answers_the_question_does_so_after_the_bureau_too(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY, "!parler Et mon vélo ?")
    await talk.says(BUREAU, "!repondre 1 Oui.")

    await talk.types(words)

    assert (await talk.rows(Candidature))[0].answers == {"corps": "oui"}


async def test_what_is_said_to_the_bureau_becomes_no_name(talk: Talk) -> None:
    await talk.types(*ANSWERED, "!parler Et mon vélo ?")
    await talk.says(BUREAU, "!repondre 1 Avez-vous un antivol ?")

    await talk.types("Je vais demander")

    assert (await talk.rows(Candidature))[0].notice == {"cafipemf": "oui"}
    assert talk.heard().split("\n")[0] == FOR_WHOM

    await talk.types("Camille Martin")

    assert (await talk.rows(Candidature))[0].notice["nom"] == "Camille Martin"


@pytest.mark.parametrize("asked", ["effacer mes données", "retirer ma candidature"])
async def test_a_yes_to_the_bureau_erases_and_withdraws_nothing(talk: Talk, asked: str) -> None:
    await talk.types(*ON_THE_WAY, "!parler Et mon vélo ?", asked)
    question = talk.heard()
    await talk.says(BUREAU, "!repondre 1 Avez-vous un antivol ?")

    await talk.types("oui")

    assert (await talk.rows(Candidature))[0].etat == "brouillon"
    assert talk.heard().split("\n\n")[-1] == question

    await talk.types("oui")

    assert [one.etat for one in await talk.rows(Candidature)] != ["brouillon"]


async def test_a_changed_question_is_told_not_to_have_reached_the_bureau(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY)
    event = await talk.types("!parler Et mon vélo ?")

    await talk.door.edit("camille", event, "Et ma trottinette ?")
    await talk.app.settled()

    assert await passed_on(talk) == ["Et mon vélo ?"]
    assert (
        talk.heard().split("\n")[1] == "Le bureau n’a pas reçu ce changement. Pour lui écrire : « parler à quelqu’un »."
    )
