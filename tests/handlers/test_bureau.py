"""The bureau reads: the list page by page, a dossier with its files and its history, what became of the letters."""

import io
import json
from datetime import datetime

import openpyxl
import pytest
from sqlalchemy import text

from bot.channels.console import BUREAU
from bot.clock import PARIS
from handlers.words import letter_reason
from storage.tables import Outbox
from tests.handlers.conftest import Talk
from tests.handlers.test_the_call import convoked

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
    second = talk.heard(BUREAU)
    await talk.says(BUREAU, "!dossiers brouillon page 9")

    assert (first[0], len(first)) == ("Dossiers : 17, page 1 sur 2", 17)
    assert talk.heard(BUREAU) == second
    assert second.split("\n") == [
        "Dossiers : 17, page 2 sur 2",
        "16 — C15 — en brouillon — 0 pièce sur 4",
        "17 — C16 — en brouillon — 0 pièce sur 4",
        "en brouillon : 17",
    ]


@pytest.mark.parametrize(
    ("search", "total"),
    [
        ("déposées", 1),
        ("déposés", 1),
        ("déposée paul", 1),
        ("brouillon camille", 0),
        ("martin", 1),
        ("1", 1),
        ("tintin", 0),
    ],
    ids=["a state", "a state of a dossier", "a state and a name", "another state", "a name", "a number", "nobody"],
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

    first, *rows, talk_alone = talk.heard(BUREAU).split("\n")
    assert first == f"Messages du dossier n° 1 : {len(rows)}"
    assert rows[-1].endswith("22/04 09:00, conversation, recevable : envoyé le 22/04 à 09:00")
    assert not any("question posée" in row for row in rows)
    assert talk_alone.endswith("messages de conversation, partis.")


async def test_where_nothing_failed_nothing_is_sent_again(talk: Talk) -> None:
    await talk.types("bonjour")

    await talk.says(BUREAU, "!lettres relancer")

    assert talk.heard(BUREAU) == "Messages : 1 parti.\nAucun message abandonné : rien à relancer."


async def test_what_is_sent_again_goes_to_the_address_of_today(talk: Talk) -> None:
    await convoked(talk, "camille")
    mark = text("UPDATE outbox SET state = 'returned' WHERE door = 'email'")
    await talk.app.database.transact(lambda database: database.execute(mark))
    await talk.says(BUREAU, "!lettres")
    shown = talk.heard(BUREAU).split("\n")
    rows = [row for row in await talk.rows(Outbox) if row.door == "email"]
    await talk.says(BUREAU, "!renseigner 1 courriel camille.neuve@ac-paris.fr")
    await talk.says(BUREAU, "!ien importer\ncirconscription;nom;courriel\n19A;Mme Roche;neuve@ac-paris.fr")

    await talk.says(BUREAU, *(f"!lettres relancer {row.id}" for row in rows))

    sent = [row for row in await talk.rows(Outbox) if row.door == "email" and row.state == "sent"]
    assert [json.loads(row.payload)["to"] for row in sent] == [["camille.neuve@ac-paris.fr"], ["neuve@ac-paris.fr"]]
    assert shown[1].startswith(f"– n° {rows[1].id} (copie à l’IEN, dossier n° 1, courriel) : revenu")
    assert talk.heard(BUREAU) == "1 message relancé. Son état : !lettres."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!dossiers", "Il n’y a pas encore de dossier."),
        ("!dossiers retirées", "Aucun dossier dans l’état « retirée »."),
        (
            "!dossiers truc",
            "Aucun dossier ne correspond à « truc ». On cherche un état, un nom, un numéro ou une circonscription.",
        ),
    ],
    ids=["all", "a state", "a word"],
)
async def test_a_list_that_is_empty_says_what_was_looked_for(talk: Talk, line: str, said: str) -> None:
    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU).split("\n")[1] == said


async def test_a_dossier_shows_where_it_stands(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.says(BUREAU, "!contrainte 1 pas avant 9h", "!contrainte 1 connaît M. Inconnu")
    await talk.says("camille", "autre créneau", "Je suis en classe")

    await talk.says(BUREAU, "!dossier 1")
    one = talk.heard(BUREAU).split("\n")
    await talk.says(BUREAU, "!dossiers convoquées")

    assert one[2:6] == [
        "Entretien : mercredi 26 avril 2017, 9 h, salle 12, Commission A — convocation envoyée, sans réponse",
        "Demande un autre créneau : « Je suis en classe »",
        "Contraintes : pas avant 9h ; connaît M. Inconnu",
        "IEN : Mme Roche",
    ]
    assert talk.heard(BUREAU).split("\n")[1] == (
        "1 — Camille Martin — convoquée — 9 h, salle 12, convocation envoyée, sans réponse"
    )


async def test_a_dossier_that_waits_or_is_refused_shows_until_when_and_why(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin", circonscription="Paris 5")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible", "!prolonger 1 24/04 Grève")
    await talk.says("bureau-edith", "oui")
    talk.clock.set(datetime(2017, 4, 22, 9, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!irrecevable 1 dossier incomplet Le CV manque", "oui", "!dossier 1")

    assert talk.heard(BUREAU).split("\n")[2:5] == [
        "Délai pour compléter : jusqu’au lundi 24 avril 2017 à 23 h 59 min 59 s (heure de Paris)",
        "Motif : Le CV manque",
        "IEN : pas dans l’annuaire (!ien importer)",
    ]


async def test_the_history_names_the_member_who_acted(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says("bureau-edith", "!piece 1 cv refuser illisible", "!journal 1")

    assert talk.heard(BUREAU).split("\n")[-1].endswith("— pièce refusée — bureau (Bureau-edith) — cv")


async def test_the_export_says_in_words_who_answered_what(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.says("camille", "j’y serai")

    await talk.says(BUREAU, "!export")

    book = next(one.file[1] for one in talk.said if one.file and one.file[0].endswith(".xlsx"))
    page = openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]
    head, row = (list(cells) for cells in page.iter_rows(values_only=True))
    assert dict(zip(head, row, strict=True)) == {
        "N°": 1,
        "État": "convoquée",
        "Reçu le": datetime(2017, 4, 10, 9),  # noqa: DTZ001 -- no zone there
        "Nom et prénom": "Camille Martin",
        "École d’affectation": "École, 12 rue des Lilas",
        "Circonscription": "Paris 19A",
        "Grade": "Professeur ou professeure des écoles",
        "Ancienneté dans l’enseignement": 12,
        "Courriel académique": "camille.camille@ac-paris.fr",
        "Téléphone": "06 12 34 56 78",
        "CAFIPEMF": "Oui, je l’ai",
        "Entretien": datetime(2017, 4, 26, 9),  # noqa: DTZ001 -- no zone there
        "Lieu": "salle 12",
        "Commission": "Commission A",
        "Convocation": "acceptée",
        "Pièces manquantes": None,
    }


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
