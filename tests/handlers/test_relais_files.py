"""Files in a relais: the bureau's reach the person, the person's reach the bureau, a piece goes to the dossier."""

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.console import BUREAU, Said
from bot.circulaire.relais import RelaisEtat
from handlers.arguments import Role
from storage import journal
from storage.bureau import Relais, RelaisLine
from storage.files import Files
from storage.tables import Outbox, Piece
from tests.handlers.conftest import PAPERS, Talk
from tests.handlers.test_relais import answers, asks, received

PLAN = PAPERS / "scan0001.pdf"  # no piece by its name


async def drops(talk: Talk, who: str, to: str, path: Path = PLAN, *, thread: bool = False, **more: Any) -> None:
    """Somebody answers the latest message of their room that has some words with a file."""
    room = BUREAU if who.startswith(BUREAU) else who
    event = [one.event for one in talk.said if one.room == room and to in one.text][-1]
    await talk.door.drop(who, path, reply_to=None if thread else event, thread=event if thread else None, **more)
    await talk.app.settled()


def with_file(talk: Talk, who: str) -> list[Said]:
    """What somebody received as a file."""
    return [one for one in talk.said if one.room == who and one.file]


async def kinds(talk: Talk) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in await talk.rows(RelaisLine)]


def kept(talk: Talk) -> Files:
    """What is on the disk."""
    files: Files = talk.app.given["files"]
    return files


@pytest.mark.parametrize("thread", [False, True], ids=["reply", "thread"])
async def test_a_file_of_the_bureau_reaches_the_person_byte_for_byte(talk: Talk, thread: bool) -> None:
    await asks(talk)

    await drops(talk, BUREAU, "Relais n° 1", thread=thread, caption="Voici le plan d’accès.")

    (sent,) = with_file(talk, "camille")
    assert (sent.file, sent.text) == (("scan0001.pdf", PLAN.read_bytes()), "Relais n° 1 : scan0001.pdf")
    assert received(talk, "camille")[-1].split("\n")[:3] == [
        "De la part du bureau (relais n° 1) :",
        "Voici le plan d’accès.",
        "Fichier joint : « scan0001.pdf ».",
    ]
    assert talk.heard(BUREAU).startswith("Relais n° 1 : « scan0001.pdf » part à Camille.")
    assert (await kinds(talk))[1:] == [("reply", "Voici le plan d’accès."), ("reply_file", "scan0001.pdf")]
    assert [row.etat for row in await talk.rows(Relais)] == [RelaisEtat.REPONDU]


async def test_a_file_alone_is_an_answer_and_the_person_answers_the_file(talk: Talk) -> None:
    await asks(talk)
    await drops(talk, BUREAU, "Relais n° 1")

    await answers(talk, "camille", "Relais n° 1 : scan0001.pdf", "Le plan est illisible")

    assert await kinds(talk) == [
        ("question", "Puis-je venir avec ma tablette zinzoline ?"),
        ("reply_file", "scan0001.pdf"),
        ("question", "Le plan est illisible"),
    ]


async def test_a_file_of_the_person_reaches_the_bureau_and_is_no_piece(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Avez-vous une photo ?")

    await drops(talk, "camille", "De la part du bureau", caption="La voici")

    (sent,) = with_file(talk, BUREAU)
    assert (sent.file, sent.text) == (("scan0001.pdf", PLAN.read_bytes()), "Relais n° 1 : scan0001.pdf")
    assert "« La voici »\nFichier : scan0001.pdf\n" in talk.heard(BUREAU)
    assert "Fichier transmis au bureau : « scan0001.pdf ». Il n’entre pas dans votre dossier." in talk.heard()
    assert "Question 1 sur 5." in talk.heard()
    assert await talk.rows(Piece) == []
    assert [row.etat for row in await talk.rows(Relais)] == [RelaisEtat.OUVERT]


async def test_the_bureau_answers_under_the_file_of_the_person(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Avez-vous une photo ?")
    await drops(talk, "camille", "De la part du bureau")

    await answers(talk, BUREAU, "Relais n° 1 : scan0001.pdf", "Merci.", thread=True)

    assert (await kinds(talk))[-1] == ("reply", "Merci.")


async def test_a_piece_sent_in_answer_goes_to_the_dossier_and_the_bureau_is_told(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Il manque votre CV.")

    await drops(talk, "camille", "De la part du bureau", PAPERS / "CV_Camille_Martin.pdf")

    assert [piece.code for piece in await talk.rows(Piece)] == ["cv"]
    assert with_file(talk, BUREAU) == []
    assert "un fichier dont le nom est celui d’une pièce : « CV_Camille_Martin.pdf »" in talk.heard(BUREAU)
    assert [line for line in await kinds(talk) if line[0].endswith("_file")] == []


async def test_a_file_that_answers_nothing_goes_to_the_dossier_while_a_relais_is_open(talk: Talk) -> None:
    await asks(talk)

    await talk.drops("scan0001.pdf")

    assert len(await talk.rows(Piece)) == 1
    assert with_file(talk, BUREAU) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("mon dossier.zip", "J’y vois une archive ZIP", id="a wrong kind"),
        pytest.param("protege.pdf", "il est protégé par un mot de passe", id="a password"),
        pytest.param("vide.pdf", "ce fichier est vide", id="nothing"),
    ],
)
@pytest.mark.parametrize("who", [BUREAU, "camille"], ids=["bureau", "person"])
async def test_a_file_that_cannot_be_looked_at_is_refused_with_its_reason(
    talk: Talk, who: str, path: str, reason: str
) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")
    before = await kinds(talk)

    await drops(talk, who, "Réponse promise" if who == BUREAU else "De la part du bureau", PAPERS / path)

    assert reason in talk.heard(who)
    assert (await kinds(talk), with_file(talk, "camille"), with_file(talk, BUREAU)) == (before, [], [])


@pytest.mark.parametrize("who", [BUREAU, "camille"], ids=["bureau", "person"])
async def test_a_file_that_is_too_large_is_refused_with_the_limit(talk: Talk, who: str) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")
    talk.app.given["file_limit"] = 100

    await drops(talk, who, "Réponse promise" if who == BUREAU else "De la part du bureau")

    assert "et la limite est de" in talk.heard(who)
    assert (with_file(talk, "camille"), with_file(talk, BUREAU)) == ([], [])


async def test_a_reader_hands_no_file_on(talk: Talk) -> None:
    await asks(talk)
    talk.app.given["roles"] = {"bureau-edith": Role.LECTEUR}

    await drops(talk, "bureau-edith", "Relais n° 1")

    assert with_file(talk, "camille") == []
    assert "n’est pas ouverte à votre rôle" in talk.heard(BUREAU)


async def test_a_closed_relais_takes_no_file_of_the_bureau(talk: Talk) -> None:
    await asks(talk)
    await talk.says(BUREAU, "!fermer 1")

    await drops(talk, BUREAU, "Réponse promise")

    assert with_file(talk, "camille") == []
    assert "ce relais est dans l’état « fermé ». Rien n’est parti." in talk.heard(BUREAU)


async def test_a_command_beside_a_file_stays_a_command(talk: Talk) -> None:
    await asks(talk)

    await drops(talk, BUREAU, "Relais n° 1", caption="!note 1 À lire")

    assert (await kinds(talk))[1:] == [("note", "À lire")]
    assert with_file(talk, "camille") == []


async def test_before_the_agreement_no_file_is_kept(talk: Talk) -> None:
    await talk.types("bonjour", "!parler Puis-je venir ?")
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await drops(talk, "camille", "De la part du bureau")

    assert "il me faut d’abord votre accord" in talk.heard()
    assert (with_file(talk, BUREAU), list(kept(talk))) == ([], [])


async def test_the_relais_names_its_files_and_no_log_does(talk: Talk) -> None:
    with capture_logs() as logs:
        await asks(talk)
        await drops(talk, BUREAU, "Relais n° 1")
        await talk.says(BUREAU, "!relais 1")

    lines = await talk.app.database.query(journal.lines)
    assert ", le bureau (Bureau) : fichier « scan0001.pdf »" in talk.heard(BUREAU)
    assert [one for one in (*logs, *lines) if "scan0001" in str(one)] == []


async def test_an_erasure_takes_the_files_of_the_relais_too(talk: Talk) -> None:
    await asks(talk)
    await drops(talk, BUREAU, "Relais n° 1")
    await drops(talk, "camille", "De la part du bureau", PAPERS / "CV_corrige.pdf", shown_as="zinzolin.pdf")
    assert len(list(kept(talk))) == 2

    await talk.types("effacer mes données", "oui")

    assert list(kept(talk)) == []
    assert [text for _, text in await kinds(talk)] == ["", "", ""]
    letters = [json.loads(row.payload) for row in await talk.rows(Outbox) if row.state == "sent"]
    assert [one for one in letters if "zinzolin" in str(one).casefold()] == []
