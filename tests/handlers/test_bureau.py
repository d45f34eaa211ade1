"""The bureau reads: the list page by page, a dossier with its files and its history, what became of the letters."""

from datetime import datetime

import pytest

from bot.channels.console import BUREAU
from bot.clock import PARIS
from handlers.words import letter_reason
from tests.handlers.conftest import Talk

NO_DOSSIER = "Il n’y a pas de dossier n° 99. Écrivez !dossiers pour voir la liste."


async def taps(talk: Talk, words: str, option: int) -> None:
    """Somebody of the bureau taps a choice under the newest message that begins with some words."""
    asked = [one.event for one in talk.said if one.room == BUREAU and one.choices and one.text.startswith(words)][-1]
    await talk.door.choose(BUREAU, asked, option)
    await talk.app.settled()


@pytest.mark.parametrize(
    "line",
    ["!dossier 99", "!pieces-de 99", "!journal 99", "!lettres 99"],
    ids=["dossier", "pieces", "journal", "lettres"],
)
async def test_a_number_without_a_dossier_is_said_to_be_one(talk: Talk, line: str) -> None:
    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == NO_DOSSIER


async def test_a_long_list_is_read_page_by_page(talk: Talk) -> None:
    for number in range(17):
        await talk.says(f"c{number:02}", "bonjour", "j'accepte")

    await talk.says(BUREAU, "!dossiers brouillon")
    first = talk.heard(BUREAU).split("\n")
    await taps(talk, "Dossiers : 17, page 1 sur 2", 0)

    assert (first[0], len(first)) == ("Dossiers : 17, page 1 sur 2", 17)
    assert talk.heard(BUREAU).split("\n") == [
        "Dossiers : 17, page 2 sur 2",
        "16 — C15 — en brouillon — 0 pièce sur 4",
        "17 — C16 — en brouillon — 0 pièce sur 4",
        "en brouillon : 17",
    ]


@pytest.mark.parametrize(
    ("search", "total"),
    [("déposées", 1), ("déposée paul", 1), ("brouillon camille", 0), ("martin", 1), ("1", 1), ("tintin", 0)],
    ids=["a state", "a state and a name", "another state", "a name", "a number", "nobody"],
)
async def test_the_list_is_searched(talk: Talk, search: str, total: int) -> None:
    await talk.deposits("paul", "Paul Martin")
    await talk.types("bonjour", "j'accepte")

    await talk.says(BUREAU, f"!dossiers {search}")

    assert talk.heard(BUREAU).partition("\n")[0] == f"Dossiers : {total}"


async def test_a_dossier_without_a_file_says_so(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")

    await talk.says(BUREAU, "!pieces-de 1")

    assert talk.heard(BUREAU) == "Le dossier n° 1 n’a encore aucune pièce en fichier."


async def test_the_files_and_the_history_are_a_tap_away(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!dossier 1")

    await taps(talk, "Dossier n° 1", 0)
    files = [one.file[0] for one in talk.said if one.room == BUREAU and one.file]
    await taps(talk, "Dossier n° 1", 1)

    assert files == ["dossier-1-notice.pdf", "dossier-1-etat_services.pdf"]
    assert talk.heard(BUREAU).split("\n")[1].endswith("— dossier ouvert — candidat")


async def test_the_letters_of_a_dossier_are_listed(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    talk.clock.set(datetime(2017, 4, 22, 9, tzinfo=PARIS))
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1", "!lettres 1")

    first, *rows = talk.heard(BUREAU).split("\n")
    assert first.startswith("Messages du dossier n° 1 : ")
    assert rows[-1].endswith("22/04 09:00, conversation, instruction : envoyé le 22/04 à 09:00")


async def test_where_nothing_failed_nothing_is_sent_again(talk: Talk) -> None:
    await talk.types("bonjour")

    await talk.says(BUREAU, "!lettres relancer")

    assert talk.heard(BUREAU) == "Messages : 1 partis, 0 en attente, 0 retardés, 0 abandonnés, 0 douteux."


async def test_people_of_the_bureau_may_talk_to_each_other(talk: Talk) -> None:
    await talk.says(BUREAU, "Bonjour tout le monde, on commence à neuf heures ?")

    assert talk.said == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, ""),
        ("", ""),
        ("returned: 5.1.1 unknown user", "l’adresse n’existe pas ou est mal écrite"),
        ("the person blocked the bot", "la personne a bloqué Greffier"),
        ("something new", "la messagerie refuse ce message"),
    ],
    ids=["none", "empty", "an address", "a person", "unknown"],
)
def test_why_a_letter_did_not_leave_is_said_in_plain_words(error: str | None, words: str) -> None:
    assert letter_reason(error) == words
