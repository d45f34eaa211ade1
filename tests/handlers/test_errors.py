"""What is said when words came in clear, when a rule says no, and when Greffier itself fails."""

import shutil
from pathlib import Path

from structlog.testing import capture_logs

from bot.channels.console import BUREAU
from storage import journal
from storage.tables import Candidat, Candidature, Piece
from tests.handlers.conftest import PAPERS, Talk

CLEAR = (
    "Ce message m’est parvenu sans chiffrement, dans une conversation qui est chiffrée. Pour votre sécurité, je n’en"
    " tiens pas compte.\nEnvoyez-le de nouveau depuis votre application habituelle. Rien de ce que vous aviez déjà"
    " donné n’est perdu."
)
APOLOGY = (
    "Je n’ai pas réussi à traiter votre dernier message : c’est une erreur de ma part, pas de la vôtre. Rien de ce que"
    " vous aviez donné n’est perdu, et le bureau est prévenu.\nVous pouvez le redire autrement, ou écrire à Katia"
    " BINAUX : katia.binaux@ac-paris.fr."
)
OPENING = "!deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-10 08:30 Paris 19A"


async def drops_a_file_that_vanishes(talk: Talk, who: str, folder: Path) -> None:
    """A file that the network announced and can no longer give."""
    lost = folder / "etat-des-services.pdf"
    shutil.copy(PAPERS / "etat-des-services.pdf", lost)
    await talk.door.drop(who, lost)
    lost.unlink()
    with capture_logs():  # four stack traces with everything they hold
        await talk.app.settled()


async def test_an_answer_in_clear_changes_nothing(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types("bonjour")

    await talk.types("j'accepte", clear=True)

    assert (talk.heard().startswith(f"{CLEAR}\n\n"), await talk.rows(Candidat)) == (True, [])


async def test_an_answer_in_clear_that_is_sent_again_counts(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types("bonjour")
    await talk.types("oui", clear=True)

    await talk.types("oui")

    assert len(await talk.rows(Candidat)) == 1


async def test_a_choice_tapped_in_clear_changes_nothing(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types("bonjour")

    await talk.door.choose("camille", talk.said[-1].event, 0, clear=True)
    await talk.app.settled()

    assert (talk.heard().startswith(f"{CLEAR}\n\n"), await talk.rows(Candidat)) == (True, [])


async def test_where_nothing_is_encrypted_what_is_in_clear_counts(talk: Talk) -> None:
    await talk.types("bonjour")

    await talk.types("j'accepte", clear=True)

    assert len(await talk.rows(Candidat)) == 1


async def test_a_refusal_to_a_candidate_says_the_rule_and_asks_the_pending_question_again(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")

    await talk.types("!deposer")

    assert talk.heard() == (
        "Votre candidature ne peut pas encore être déposée."
        "\nIl manque : la notice de renseignements, l’état des services, la lettre de motivation, le CV."
        "\n(circulaire 17AN0076, D- Conditions de candidature à la fonction de formateur (trice) informatique"
        " pédagogique)"
        "\n\nQuestion 1 sur 5. Êtes-vous instituteur, institutrice, professeur ou professeure des écoles, dans"
        " l’enseignement public de l’académie de Paris ?"
        "\nLa circulaire s’adresse aux enseignants et enseignantes du 1er degré public."
        " (circulaire 17AN0076, Préambule (public concerné))"
    )
    (one,) = await talk.rows(Candidature)
    lines = await talk.app.database.query(journal.lines)
    assert [line.candidature_id for line in lines if line.act == "act.refused"] == [one.id]


async def test_a_refusal_to_an_edit_is_said_like_another(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")
    event = await talk.types("oui")

    await talk.door.edit("camille", event, "peut-être")
    await talk.app.settled()

    refusal, question = talk.heard().split("\n\n")
    assert refusal == (
        "Je ne reconnais aucune des réponses possibles dans votre message modifié. Votre réponse précédente reste en"
        " place.\n(circulaire 17AN0076, Préambule (public concerné))"
    )
    assert question.startswith("Question 2 sur 5. Avez-vous le CAFIPEMF")


async def test_a_refusal_to_the_bureau_says_the_rule_alone(talk: Talk) -> None:
    await talk.says(BUREAU, "!avis publier")

    assert talk.heard(BUREAU) == (
        "Les avis ne sont transmis qu’à compter du vendredi 28 avril 2017 à 0 h 00 min 00 s (heure de Paris)."
        " Rien n’est envoyé.\n(circulaire 17AN0076, D – Avis de la commission d'entretien)"
    )


async def test_a_message_that_cannot_be_handled_is_owned_up_to(talk: Talk, tmp_path: Path) -> None:
    await talk.types("bonjour", "j'accepte")

    await drops_a_file_that_vanishes(talk, "camille", tmp_path)

    assert talk.heard() == APOLOGY
    assert talk.heard(BUREAU) == (
        "Un message n’a pas pu être traité. La personne a été prévenue ; le journal du service en dit la cause."
    )
    assert await talk.rows(Piece) == []


async def test_the_conversation_goes_on_after_a_failure(talk: Talk, tmp_path: Path) -> None:
    await talk.types("bonjour", "j'accepte")
    await drops_a_file_that_vanishes(talk, "camille", tmp_path)

    await talk.types("oui")

    assert talk.heard().startswith("Question 2 sur 5. Avez-vous le CAFIPEMF")


async def test_the_bureau_is_told_of_its_own_message_as_its_own(talk: Talk, tmp_path: Path) -> None:
    await talk.says(BUREAU, OPENING)
    before = len(talk.said)

    await drops_a_file_that_vanishes(talk, BUREAU, tmp_path)

    assert [one.room for one in talk.said[before:]] == [BUREAU]
    assert talk.heard(BUREAU) == (
        "Un message n’a pas pu être traité. Rien n’a été fait : vous pouvez le redire autrement ;"
        " le journal du service en dit la cause."
    )
