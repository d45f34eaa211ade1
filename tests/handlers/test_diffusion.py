"""A message to all, or to those of a state: whom it reaches, by which way, and never twice."""

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from handlers.arguments import Role
from storage import journal
from storage.tables import Candidature, Outbox
from tests.handlers.conftest import Talk

WORDS = "La salle a changé : salle 14."
ENTERED = "!deposer-pour « Claire Martin » ; claire.martin@ac-paris.fr 2017-04-10 09:00 Paris 19A"


async def begun(talk: Talk, *people: str) -> None:
    """People open their dossier."""
    for who in people:
        await talk.says(who, "bonjour", "j'accepte")


async def reached(talk: Talk) -> list[tuple[str, str]]:
    """The dossiers that the message was written to, with the method, in order."""
    numbers = {one.id: str(one.numero) for one in await talk.rows(Candidature)}
    rows = [row for row in await talk.rows(Outbox) if row.kind == "diffusion/message"]
    return sorted((numbers[row.candidature_id], row.method) for row in rows)


async def test_a_message_to_all_goes_to_conversations_and_to_the_mailboxes_of_those_without(talk: Talk) -> None:
    await begun(talk, "camille", "paul")
    await talk.says(BUREAU, ENTERED)

    await talk.says(BUREAU, f"!diffuser tous {WORDS}", "oui")

    assert await reached(talk) == [("1", "sendMessage"), ("2", "sendMessage"), ("3", "sendEmail")]
    assert talk.heard("paul") == f"Message du bureau (circulaire 17AN0076) :\n{WORDS}"


@pytest.mark.parametrize("word", ["déposée", "déposées", "deposee", "Déposée", "dépo"])
async def test_a_state_is_named_as_people_write_it(talk: Talk, word: str) -> None:
    await talk.deposits("camille", "Camille Martin")
    await begun(talk, "paul")

    await talk.says(BUREAU, f"!diffuser {word} « {WORDS} »", "oui")

    assert await reached(talk) == [("1", "sendMessage")]


async def test_a_message_to_some_dossiers_names_them_first(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Durand")
    await begun(talk, "ines")

    await talk.says(BUREAU, f"!diffuser n°1 et 2 « {WORDS} »")
    shown = talk.heard(BUREAU).split("\n")[0]
    await talk.says(BUREAU, "oui")

    assert shown == "Ce message partirait à 2 personnes (n° 1, Camille Martin ; n° 2, Paul Durand) :"
    assert await reached(talk) == [("1", "sendMessage"), ("2", "sendMessage")]


async def test_a_number_that_cannot_be_written_to_stops_them_all(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Durand")
    await talk.says("paul", "retirer ma candidature", "oui")

    await talk.says(BUREAU, f"!diffuser 1 2 9 « {WORDS} »", "oui")

    assert talk.heard(BUREAU) == (
        "On ne peut pas écrire : dossiers n° 2, 9 (aucun dossier de ce numéro, ou retiré, clos ou effacé)."
        " Rien n’est envoyé."
    )
    assert await reached(talk) == []


async def test_a_state_of_several_words_is_understood(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 etat refuser illisible")

    await talk.says(BUREAU, f"!diffuser à compléter {WORDS}", "oui")

    assert await reached(talk) == [("1", "sendMessage")]
    assert talk.heard().endswith(f"\n{WORDS}")


async def test_the_message_leaves_once_when_it_is_confirmed_twice_at_once(talk: Talk) -> None:
    await begun(talk, "camille", "paul")
    await talk.says(BUREAU, f"!diffuser tous {WORDS}")

    await asyncio.gather(talk.door.say(BUREAU, "oui"), talk.door.say(BUREAU, "oui"))
    await talk.app.settled()

    assert await reached(talk) == [("1", "sendMessage"), ("2", "sendMessage")]


async def test_a_button_tapped_again_sends_nothing_more(talk: Talk) -> None:
    await begun(talk, "camille")
    await talk.says(BUREAU, f"!diffuser tous {WORDS}")
    event = [one.event for one in talk.said if one.room == BUREAU and one.choices][-1]

    for _ in range(2):
        await talk.door.choose(BUREAU, event, 0)
        await talk.app.settled()

    assert await reached(talk) == [("1", "sendMessage")]


async def test_who_is_gone_between_the_preview_and_the_yes_is_not_written_to(talk: Talk) -> None:
    await begun(talk, "camille", "paul")
    await talk.says(BUREAU, f"!diffuser tous {WORDS}")
    await talk.says("paul", "effacer mes données", "oui")

    await talk.says(BUREAU, "oui")

    assert await reached(talk) == [("1", "sendMessage")]
    assert talk.heard(BUREAU).startswith("1 message écrit, qui part maintenant. 1 dossier retiré ou effacé")


async def test_nothing_leaves_before_the_yes_and_the_yes_survives_a_restart(reopen: Any) -> None:
    async with reopen(datetime(2017, 4, 10, 9, tzinfo=PARIS)) as talk:
        await begun(talk, "camille")
        await talk.says(BUREAU, f"!diffuser tous {WORDS}")
        before = await reached(talk)

    async with reopen(datetime(2017, 4, 10, 9, 30, tzinfo=PARIS)) as again:
        await again.says(BUREAU, "oui")

        assert before == []
        assert await reached(again) == [("1", "sendMessage")]


async def test_a_withdrawn_dossier_is_not_among_all(talk: Talk) -> None:
    await begun(talk, "camille", "paul")
    await talk.says("paul", "retirer ma candidature", "oui")

    await talk.says(BUREAU, f"!diffuser tous {WORDS}", "oui")

    assert Etat.RETIREE in [one.etat for one in await talk.rows(Candidature)]
    assert await reached(talk) == [("1", "sendMessage")]


async def test_a_reader_writes_to_nobody(talk: Talk) -> None:
    await begun(talk, "camille")
    talk.app.given["roles"] = {BUREAU: Role.LECTEUR}

    await talk.says(BUREAU, f"!diffuser tous {WORDS}", "oui")

    assert "n’est pas ouverte à votre rôle" in [one.text for one in talk.said if one.room == BUREAU][-1]
    assert await reached(talk) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"!diffuser tous {'a' * 3001}", "Votre texte compte 3001 caractères"),
        (f"!diffuser recevable {WORDS}", "Aucun dossier dans l’état « recevable »"),
        (f"!diffuser avis {WORDS}", "il me faut ici le destinataire"),
        ("!diffuser tous", "il me faut le message"),
    ],
    ids=["too long", "nobody", "two states", "no words"],
)
async def test_what_cannot_be_sent_is_said_and_awaits_no_yes(talk: Talk, line: str, said: str) -> None:
    await begun(talk, "camille")

    await talk.says(BUREAU, line)
    told = talk.heard(BUREAU)
    await talk.says(BUREAU, "annuler", "oui")

    assert said in told
    assert await reached(talk) == []


async def test_the_words_are_kept_nowhere_but_in_the_letters(talk: Talk) -> None:
    await begun(talk, "camille")

    await talk.says(BUREAU, "!diffuser tous Zinzolin", "oui")

    lines = await talk.app.database.query(journal.lines)
    assert [line.act for line in lines][-2:] == ["confirmation.given", "message.broadcast"]
    assert [line for line in lines if "zinzolin" in str(line).casefold()] == []


async def test_what_was_typed_is_shown_as_words_in_the_chat_and_in_the_mail(talk: Talk) -> None:
    await begun(talk, "camille")
    await talk.says(BUREAU, ENTERED)

    await talk.says(BUREAU, "!diffuser tous <b>Avant</b> midi & demi", "oui")

    chat, mail = [json.loads(row.payload) for row in await talk.rows(Outbox) if row.kind == "diffusion/message"]
    assert "&lt;b&gt;Avant&lt;/b&gt; midi &amp; demi" in chat["text"]
    assert "<b>Avant" not in mail["html"]
    assert "<b>Avant</b> midi & demi" in mail["text"]
