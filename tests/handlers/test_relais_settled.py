"""A person closes their own relais, by words or by a choice; the bureau is told, and the pending step comes back."""

import asyncio

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.relais import RelaisEtat
from storage import journal
from storage.bureau import RelaisLine
from tests.handlers.conftest import Talk
from tests.handlers.test_relais import NOON, answers, asks, etats, received

SETTLED = "Ma question est réglée"


@pytest.mark.parametrize("words", ["C'est réglé", "Merci, c'est bon !", "merci j'ai ma réponse"])
async def test_the_words_close_it_and_the_pending_step_comes_back(talk: Talk, words: str) -> None:
    await asks(talk)
    await talk.types("oui")
    pending = talk.heard()
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await talk.types(words)

    assert await etats(talk) == [RelaisEtat.FERME]
    lead, _, asked = talk.heard().partition("\n\n")
    assert lead == (
        "Votre question est réglée (relais n° 1) : j’en préviens le bureau.\n"
        "Je reprends la main. Reprenons où vous en étiez."
    )
    assert asked == pending
    assert talk.heard(BUREAU).startswith("Relais n° 1 fermé par la personne — Camille, dossier n° 1 (en brouillon)")
    assert [line.kind for line in await talk.rows(RelaisLine)] == ["question", "reply"]


async def test_it_closes_before_an_answer_and_nobody_is_reminded(talk: Talk) -> None:
    await asks(talk)

    await talk.types("c'est réglé")
    talk.clock.set(NOON)
    await talk.app.settled()

    assert "sans attendre votre réponse" in talk.heard(BUREAU)
    assert sum("en retard" in one for one in received(talk, BUREAU)) == 0


async def test_it_is_good_closes_in_answer_to_the_bureau_alone(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await talk.types("c'est bon")
    elsewhere = await etats(talk)
    await answers(talk, "camille", "De la part du bureau", "C’est bon")

    assert (elsewhere, await etats(talk)) == ([RelaisEtat.REPONDU], [RelaisEtat.FERME])


async def test_nothing_is_closed_for_who_has_no_relais(talk: Talk) -> None:
    await asks(talk, "paul")
    await talk.types("bonjour", "j'accepte", "c'est réglé")

    assert await etats(talk) == [RelaisEtat.OUVERT]


async def test_a_thank_you_to_a_closed_relais_does_not_open_it_again(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")
    await talk.says(BUREAU, "!fermer 1")

    await answers(talk, "camille", "De la part du bureau", "Merci, c'est bon")

    assert await etats(talk) == [RelaisEtat.FERME]
    assert talk.heard().startswith("Cette question est déjà fermée (relais n° 1).")


async def test_the_choice_is_offered_where_nothing_else_is_asked(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.types("!parler Et maintenant ?")
    await answers(talk, BUREAU, "Relais n° 1", "Vous attendez.")
    offered = [one for one in talk.said if one.room == "camille" and one.choices == [SETTLED]][-1]

    await talk.door.choose("camille", offered.event, 0)
    await talk.app.settled()

    assert await etats(talk) == [RelaisEtat.FERME]
    assert talk.heard().startswith("Votre question est réglée (relais n° 1) : j’en préviens le bureau.\nJe reprends")
    acts = await talk.app.database.query(journal.lines)
    assert (acts[-1].act, acts[-1].actor.partition(":")[0]) == ("relais.closed", "candidat")


async def test_a_number_meant_for_the_dossier_closes_nothing(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await talk.types("1")

    assert await etats(talk) == [RelaisEtat.REPONDU]
    assert talk.heard().startswith("Question 2 sur 5.")


async def test_nobody_taps_for_somebody_else(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.types("!parler Et maintenant ?")
    await answers(talk, BUREAU, "Relais n° 1", "Vous attendez.")
    offered = [one for one in talk.said if one.choices == [SETTLED]][-1]

    await talk.door.choose("paul", offered.event, 0)
    await talk.app.settled()

    assert await etats(talk) == [RelaisEtat.REPONDU]


async def test_the_person_may_ask_again_afterwards(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")
    await talk.types("c'est réglé")

    await answers(talk, "camille", "De la part du bureau", "En fait, non : et la souris ?")

    assert await etats(talk) == [RelaisEtat.OUVERT]


async def test_both_sides_close_at_once_and_the_person_is_told_once(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await asyncio.gather(talk.door.say("camille", "c'est réglé"), talk.door.say(BUREAU, "!fermer 1"))
    await talk.app.settled()

    acts = [line.act for line in await talk.app.database.query(journal.lines)]
    assert (await etats(talk), acts.count("relais.closed")) == ([RelaisEtat.FERME], 1)
    assert sum("Je reprends la main" in one for one in received(talk, "camille")) == 1


async def test_an_answer_that_crosses_the_end_is_sent_or_refused_and_never_lost(talk: Talk) -> None:
    await asks(talk)

    await asyncio.gather(talk.door.say("camille", "c'est réglé"), talk.door.say(BUREAU, "!repondre 1 Oui, zinzolin."))
    await talk.app.settled()

    sent = sum("Oui, zinzolin." in one for one in received(talk, "camille"))
    refused = sum("Rien n’est parti." in one for one in received(talk, BUREAU))
    assert (await etats(talk), sent + refused) == ([RelaisEtat.FERME], 1)
