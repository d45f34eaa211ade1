"""A dossier on paper, entered by the bureau: what is refused, what is asked, and what is never touched again."""

from datetime import datetime

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from storage.tables import Candidature, Outbox, Piece, Receipt
from tests.handlers.conftest import PAPERS, Talk

ENTRY_DAY = datetime(2017, 4, 20, 12, tzinfo=PARIS)
AFTER_CLOSING = datetime(2017, 4, 22, 9, tzinfo=PARIS)
OPENING = "!deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-20 10:30 Paris 19A"
LATE_OPENING = "!deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-22 08:30 Paris 19A"
EXAMPLE = "Écrivez par exemple : !deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-20 10:30 Paris 19A"
MISSING_ALL = "Il manque : la notice de renseignements, l’état des services, la lettre de motivation, le CV."
ELSEWHERE = (
    "ne se complète pas ici : il est déjà déposé ou décidé, ou bien la personne dépose elle-même ses pièces dans sa"
    " conversation. Rien n’y est ajouté."
)
FOUR = (
    ("notice annexe 1.pdf", None),
    ("etat-des-services.pdf", None),
    ("CV_Camille_Martin.pdf", None),
    ("scan0001.pdf", "lettre de motivation"),
)


async def pours(talk: Talk, name: str, caption: str | None = None) -> None:
    """The bureau drops a file in its room."""
    await talk.door.drop(BUREAU, PAPERS / name, caption=caption)
    await talk.app.settled()


async def enters(talk: Talk, opening: str = OPENING, *, now: datetime = ENTRY_DAY) -> None:
    """The bureau opens a dossier and pours its four pieces."""
    talk.clock.set(now)
    await talk.app.settled()
    await talk.says(BUREAU, opening)
    for name, caption in FOUR:
        await pours(talk, name, caption)


async def etats(talk: Talk) -> list[str]:
    return [one.etat for one in await talk.rows(Candidature)]


async def in_force(talk: Talk) -> dict[str, str]:
    """The name of the file in each place."""
    return {one.code: one.name for one in await talk.rows(Piece) if one.replaced_at is None}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "Claire Martin ; claire.martin 2017-04-20 10:30 Paris 19A",
            "« claire.martin » n’est pas une adresse de courriel.",
        ),
        (
            "Claire Martin ; claire.martin@ac-paris.fr 2017-04-20 12:30 Paris 19A",
            "Le jeudi 20 avril 2017 à 12 h 30 min 00 s (heure de Paris) n’est pas encore passé.",
        ),
    ],
    ids=["no address", "an instant to come"],
)
async def test_an_entry_that_cannot_be_true_opens_nothing(talk: Talk, typed: str, said: str) -> None:
    talk.clock.set(ENTRY_DAY)

    await talk.says(BUREAU, f"!deposer-pour {typed}")

    assert talk.heard(BUREAU) == f"{said}\n{EXAMPLE}"
    assert await talk.rows(Candidature) == []


async def test_a_dossier_on_paper_counts_from_the_instant_that_the_bureau_gave(talk: Talk) -> None:
    await enters(talk, now=AFTER_CLOSING)

    await talk.says(BUREAU, "oui")

    (one,) = await talk.rows(Candidature)
    received = datetime(2017, 4, 20, 10, 30, tzinfo=PARIS)
    assert (one.etat, one.received_at, one.deposited_at) == (Etat.DEPOSEE, received, AFTER_CLOSING)
    assert talk.heard(BUREAU) == ("Dossier n° 1 : déposé. Le récépissé n° 1 part sur la messagerie de la personne.")
    letters = [(row.door, row.kind) for row in await talk.rows(Outbox) if row.candidature_id == one.id]
    assert letters == [("email", "instruction/receipt")]


@pytest.mark.parametrize("word", ["annuler", "C’est fini"])
async def test_the_bureau_may_stop_before_the_next_file_goes_to_that_dossier(talk: Talk, word: str) -> None:
    talk.clock.set(ENTRY_DAY)
    await talk.says(BUREAU, OPENING)
    await pours(talk, "CV_Camille_Martin.pdf")

    await talk.says(BUREAU, word)
    told = talk.heard(BUREAU)
    await pours(talk, "etat-des-services.pdf")

    assert told == "Entendu : les fichiers déposés ici ne vont plus au dossier n° 1. Pour y revenir : !verser 1."
    assert await in_force(talk) == {"cv": "CV_Camille_Martin.pdf"}
    assert talk.heard(BUREAU) == told  # a file between members of the bureau


async def test_a_file_whose_place_is_not_known_is_asked_about_and_then_named(talk: Talk) -> None:
    talk.clock.set(ENTRY_DAY)
    await talk.says(BUREAU, OPENING)
    await pours(talk, "scan0001.pdf")
    asked = talk.heard(BUREAU)

    await talk.says(BUREAU, "le ciel est bleu", "lettre de motivation")

    assert asked == (
        "Dossier n° 1\nQuelle pièce est « scan0001.pdf » ? Répondez : la notice de renseignements, l’état des services,"
        f" la lettre de motivation, le CV.\n{MISSING_ALL}"
    )
    assert talk.heard(BUREAU) == (
        "Dossier n° 1\nReçu : la lettre de motivation."
        "\nIl manque : la notice de renseignements, l’état des services, le CV."
    )
    assert await in_force(talk) == {"lettre": "scan0001.pdf"}


async def test_a_dossier_with_a_file_that_waits_for_its_place_is_not_deposited(talk: Talk) -> None:
    await enters(talk)
    await pours(talk, "releve de classe.pdf")

    await talk.says(BUREAU, "oui")

    assert talk.heard(BUREAU) == (
        "Le dossier n° 1 ne peut pas encore être déposé.\nDites-moi d’abord quelle pièce est « releve de classe.pdf »."
        "\n(circulaire 17AN0076, D- Conditions de candidature à la fonction de formateur (trice) informatique"
        " pédagogique)"
    )
    assert await etats(talk) == [Etat.BROUILLON]


async def test_files_dropped_when_no_dossier_was_named_go_nowhere(talk: Talk) -> None:
    await pours(talk, "scan0001.pdf")

    assert talk.said == []
    assert await talk.rows(Piece) == []


@pytest.mark.parametrize(
    ("numero", "said"),
    [
        (1, f"Le dossier n° 1 (état : déposée) {ELSEWHERE}"),
        (9, "Il n’y a pas de dossier n° 9. Écrivez !dossiers pour voir la liste."),
    ],
    ids=["of a person who writes here", "no such dossier"],
)
async def test_files_are_poured_into_paper_dossiers_alone(talk: Talk, numero: int, said: str) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, f"!verser {numero}")

    assert talk.heard(BUREAU) == said


async def test_a_paper_dossier_is_taken_up_again_after_another(talk: Talk) -> None:
    talk.clock.set(ENTRY_DAY)
    await talk.says(BUREAU, OPENING, OPENING.replace("Claire", "Paul"), "!verser 1")

    await pours(talk, "CV_Camille_Martin.pdf")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1\nReçu : le CV."
        "\nIl manque : la notice de renseignements, l’état des services, la lettre de motivation."
    )


async def test_a_file_dropped_after_the_deposit_goes_nowhere(talk: Talk) -> None:
    await enters(talk)
    await talk.says(BUREAU, "oui")
    frozen, said = await in_force(talk), len(talk.said)

    await pours(talk, "CV_corrige.pdf")

    assert (await in_force(talk), len(talk.said)) == (frozen, said)


async def test_a_dossier_that_came_late_takes_no_further_file(talk: Talk) -> None:
    await enters(talk, LATE_OPENING, now=AFTER_CLOSING)
    await talk.says(BUREAU, "oui")
    late, given = talk.heard(BUREAU), await in_force(talk)

    await pours(talk, "CV_corrige.pdf")
    refused, said = talk.heard(BUREAU), len(talk.said)
    await pours(talk, "CV_corrige.pdf")

    assert late == (
        "Dossier n° 1 : reçu hors délai, le samedi 22 avril 2017 à 8 h 30 min 00 s (heure de Paris)."
        " Il est gardé, et la personne est prévenue par courriel."
    )
    assert refused == f"Le dossier n° 1 (état : reçue hors délai) {ELSEWHERE}"
    assert (await in_force(talk), await etats(talk)) == (given, [Etat.HORS_DELAI])
    assert len(talk.said) == said  # told once; from then on no dossier is meant


async def test_a_dossier_that_was_to_complete_is_deposited_again_with_a_new_receipt(talk: Talk) -> None:
    await enters(talk)
    await talk.says(BUREAU, "oui", "!piece 1 cv refuser illisible")
    told = talk.heard(BUREAU)
    await talk.says(BUREAU, "!verser 1")

    await pours(talk, "CV_corrige.pdf")
    await talk.says(BUREAU, "oui")

    assert "Le nouveau fichier, reçu par courriel ou par la poste, se dépose ici après !verser 1." in told
    assert [row.rank for row in await talk.rows(Receipt)] == [1, 2]
    assert (await etats(talk), (await in_force(talk))["cv"]) == ([Etat.DEPOSEE], "CV_corrige.pdf")


async def test_after_the_closing_a_paper_dossier_is_completed_only_within_a_delay_given_by_two(talk: Talk) -> None:
    await enters(talk)
    await talk.says(BUREAU, "oui", "!piece 1 cv refuser illisible", "!verser 1")
    talk.clock.set(AFTER_CLOSING)
    await talk.app.settled()

    await pours(talk, "CV_corrige.pdf")
    refused = talk.heard(BUREAU)
    await talk.says(BUREAU, "!verser 1")
    again = talk.heard(BUREAU)
    await talk.says(BUREAU, "!prolonger 1 2017-04-24 La poste a tardé")
    await talk.says("bureau:lea", "oui")
    await pours(talk, "CV_corrige.pdf")

    assert refused.startswith("La date limite est passée : le dossier n° 1 ne se complète qu’avec un délai")
    assert again == refused
    assert (await in_force(talk))["cv"] == "CV_corrige.pdf"


async def test_a_yes_to_an_earlier_preview_of_a_dossier_deposits_nothing_twice(talk: Talk) -> None:
    await enters(talk)
    await pours(talk, "CV_corrige.pdf")

    await talk.says(BUREAU, "oui")
    first = next(one.event for one in talk.said if one.text.startswith("Dossier n° 1\nReçu") and one.choices)
    await talk.door.choose(BUREAU, first, 0)
    await talk.app.settled()

    assert "elle a été remplacée par une autre" in talk.heard(BUREAU)
    assert [row.rank for row in await talk.rows(Receipt)] == [1]


async def test_at_the_closing_no_letter_leaves_for_a_conversation_that_does_not_exist(talk: Talk) -> None:
    await enters(talk)

    talk.clock.set(AFTER_CLOSING)
    await talk.app.settled()

    assert await etats(talk) == [Etat.EXPIREE]
    assert [row.kind for row in await talk.rows(Outbox) if row.door not in {"console", "email"}] == []


async def test_the_erasure_of_a_paper_dossier_is_announced_by_mail(talk: Talk) -> None:
    await enters(talk)
    for day in (datetime(2017, 4, 22, 9, tzinfo=PARIS), datetime(2017, 5, 7, 9, tzinfo=PARIS)):
        talk.clock.set(day)
        await talk.app.settled()

    assert talk.heard("courriel") == (
        "À : claire.martin@ac-paris.fr"
        "\nObjet : Circulaire 17AN0076 : vos données seront effacées le lundi 22 mai 2017 (dossier n° 1)"
        "\nVotre brouillon de candidature n° 1 n’a pas été déposé. Il sera effacé le lundi 22 mai 2017."
        " Vous n’avez rien à faire."
    )
