"""What people in a hurry write, two minutes before the closing: understood where it is plain, and never too well."""

from datetime import datetime

import pytest

from bot.clock import PARIS
from handlers.commands import read
from storage.bureau import RelaisLine
from storage.tables import Candidat, Candidature, Piece
from tests.handlers.conftest import ANSWERED, Talk

LAST_MINUTES = datetime(2017, 4, 21, 23, 58, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        *(("dépose", "deposer"), ("jdepose", "deposer"), ("je dépose mon dossier", "deposer")),
        *(("c déposé ?", "etat"), ("Avez-vous bien reçu mon dossier ?", "etat"), ("et mtn ?", "etat")),
        *(
            ("ma candidature est bien déposée ?", "etat"),
            ("je fais quoi maintenant", "etat"),
            ("et mon dossier ?", "etat"),
        ),
        *(("il manque quoi ?", "pieces"), ("est-ce que mon dossier est complet ?", "pieces")),
        *(("enlevez le cv", "supprimer"), ("effacez la lettre de motivation svp", "supprimer")),
        *(("supprimez mes données", "effacer"), ("je veux tout supprimer", "effacer"), ("effacez tout", "effacer")),
        *(("j'en suis où ?", "etat"), ("on reprend", "reprendre"), ("je me suis trompée", "corriger")),
        *(("comment annuler ma candidature ?", "retirer"), ("retirez ma candidature", "retirer")),
        *(("c'est envoyé ?", "etat"), ("vous avez bien tout reçu ?", "etat"), ("c'est fini ?", "etat")),
        ("vous avez bien reçu ?", "etat"),
        *(("je voudrais envoyer mon dossier", "deposer"), ("je valide ma candidature", "deposer")),
        *(("j'abandonne", "retirer"), ("je veux plus candidater", "retirer"), ("changer mon école", "corriger")),
        *(("bonsoir greffier, je voudrais postuler svp", "reprendre"), ("euh attendez", "annuler")),
        *(("comment candidater ?", "reprendre"), ("on en est où ?", "etat"), ("mes données vont où ?", "donnees")),
        *(("me revoilà", "reprendre"), ("où j'en étais", "etat"), ("je veux me désister", "retirer")),
        *(("je finis ce soir", "annuler"), ("plus tard", "annuler"), ("attendez", "annuler")),
        ("mon accusé de réception", "recepisse"),
    ],
)
def test_a_command_is_understood_in_the_words_of_people(words: str, command: str) -> None:
    found = read(words, "candidat")

    assert found is not None
    assert found[0] == command


@pytest.mark.parametrize(
    "words",
    [
        *("je stresse", "j ai rien compris", "JE SUIS PERDUE", "aidez moi svp", "pouvez-vous m’aider ?", "au secours"),
        *("euh je comprends pas la question", "je sais pas quoi mettre", "j'y arrive pas", "c'est trop compliqué"),
        *(
            "pourquoi vous me demandez ça ?",
            "je comprends pas pourquoi",
            "je n’ai pas compris ce qu’il faut faire",
            "faut mettre quoi ?",
        ),
    ],
)
async def test_who_is_lost_is_told_what_is_next_and_whom_to_ask(talk: Talk, words: str) -> None:
    await talk.types(*ANSWERED, "Camille Martin", words)

    said = [line for line in talk.heard().split("\n") if line]
    assert said[0] == "Avançons pas à pas. Tout ce que vous avez donné est gardé ; il reste 11 jours."
    assert said[1].startswith("Pour parler à quelqu’un : Katia BINAUX, katia.binaux@ac-paris.fr")
    assert said[3] == "Notice de renseignements, 7. Dans quelle école êtes-vous affecté ou affectée ?"
    assert [list(one.notice) for one in await talk.rows(Candidature)] == [["cafipemf", "nom"]]


async def test_who_is_lost_at_a_question_reads_the_passage_on_which_it_stands(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "oui", "oui", "je ne comprends pas la question")
    question = talk.heard()
    await talk.types("retirer", "je stresse")

    assert "La circulaire dit : « Les Formateurs Informatique Pédagogiques (FIP) s'engagent" in question
    assert "La circulaire dit" not in talk.heard()
    assert talk.heard().endswith("Elle ne sera plus examinée.")


@pytest.mark.parametrize("words", ["je suis bloquée par une grève, puis-je envoyer plus tard ?", "école Les Perdues"])
async def test_who_says_more_than_being_lost_is_answered(talk: Talk, words: str) -> None:
    await talk.types(*ANSWERED, "Camille Martin", words)

    assert not talk.heard().startswith("Avançons")


async def test_a_dossier_is_deposited_in_the_last_minutes_by_who_says_so(talk: Talk) -> None:
    await talk.completes()
    await talk.types("C’est exact")
    talk.clock.set(LAST_MINUTES)
    await talk.app.settled()

    await talk.types("il me reste cb de temps")
    left = talk.heard().split("\n")[0]
    await talk.types("déposer mon cv", "c'est bon")
    said = talk.heard().split("\n")[0]
    before = [one.etat for one in await talk.rows(Candidature)]
    await talk.types("jdepose")

    assert left == "Nous sommes le vendredi 21 avril 2017, il est 23 h 58 (heure de Paris)."
    assert said == "Rien n’est encore déposé : le dépôt se dit en toutes lettres."
    assert (before, [one.etat for one in await talk.rows(Candidature)]) == (["brouillon"], ["deposee"])


@pytest.mark.parametrize("words", ["déposer demain", "ok dépose pas encore", "déposer plus tard", "!deposer mon cv"])
async def test_what_says_more_than_a_deposit_deposits_nothing(talk: Talk, words: str) -> None:
    await talk.completes()

    await talk.types(words)

    assert [one.etat for one in await talk.rows(Candidature)] == ["brouillon"]
    assert "PAS encore déposée" in talk.heard()


async def test_signs_alone_are_no_command(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "!!!")

    assert talk.heard().startswith("Je n’ai pas compris votre message.")


async def test_what_sends_without_saying_what_deposits_nothing(talk: Talk) -> None:
    await talk.completes()

    await talk.types("j'envoie")

    assert talk.heard().startswith("Rien n’est encore déposé : le dépôt se dit en toutes lettres.")
    assert [one.etat for one in await talk.rows(Candidature)] == ["brouillon"]


async def test_an_answer_that_is_said_to_be_wrong_is_asked_again_at_any_step(talk: Talk) -> None:
    await talk.types(*ANSWERED, "Camille Martin", "École Titon", "je me suis trompée pour l'école", "École Parmentier")

    assert talk.heard().startswith("C’est corrigé.")
    assert (await talk.rows(Candidature))[0].notice["ecole"] == "École Parmentier"


async def test_a_line_of_the_summary_is_corrected_with_its_new_value(talk: Talk) -> None:
    await talk.types(*ANSWERED, "Camille Martin", "École Titon", "20B", "1", "12", "c.martin@ac-paris.fr", "0612345678")

    await talk.types("mon numéro c'est le 07 00 00 00 00")

    assert (await talk.rows(Candidature))[0].notice["telephone"] == "07 00 00 00 00"


@pytest.mark.parametrize(
    "words", ["déposer", "!deposer", "dépose maintenant", "ok, je dépose ma candidature", "dépose tout"]
)
async def test_a_deposit_is_said_in_several_ways(talk: Talk, words: str) -> None:
    await talk.completes()

    await talk.types(words)

    assert [one.etat for one in await talk.rows(Candidature)] == ["deposee"]


async def test_a_draft_says_that_it_is_not_deposited_and_what_it_lacks(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "où en est mon dossier ?")

    assert talk.heard().split("\n\n")[0] == (
        "Candidature n° 1 : en brouillon, PAS encore déposée ; il reste 11 jours."
        "\nIl manque : la fin des questions, la notice de renseignements, l’état des services, la lettre de motivation,"
        " le CV."
    )


async def test_the_state_of_services_is_a_piece_and_no_command(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("page blanche.pdf")

    await talk.types("état des services")

    (piece,) = await talk.rows(Piece)
    assert piece.code == "etat_services"
    assert talk.heard().split("\n")[:2] == [
        "C’est noté : « page blanche.pdf » pour l’état des services (1 page, 537 octets).",
        "Attention : les pages paraissent blanches. Vérifiez votre fichier ; vous pouvez l’envoyer de nouveau.",
    ]


async def test_where_nothing_is_asked_words_that_say_nothing_are_not_told_to_answer(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("notice annexe 1.pdf")

    await talk.types("blabla")

    assert talk.heard().startswith(
        "Je n’ai pas compris votre message. Voici où vous en êtes ; vous pouvez aussi me poser une question"
        " sur la circulaire.\n\n1 pièce sur 4."
    )


async def test_a_long_thank_you_is_no_school(talk: Talk) -> None:
    await talk.types(*ANSWERED, "Camille Martin", "merci beaucoup pour votre aide, bonne soirée")

    assert "ecole" not in (await talk.rows(Candidature))[0].notice
    assert talk.heard().startswith("Avec plaisir.")


async def test_the_agreement_is_no_question_to_the_bureau(talk: Talk) -> None:
    await talk.types("bonjour", "parler à quelqu'un", "oui j'accepte")

    assert await talk.rows(RelaisLine) == []
    assert len(await talk.rows(Candidat)) == 1


@pytest.mark.parametrize(
    "words",
    [
        *("remplacer la lettre", "je peux encore changer ma lettre ?", "je me suis trompée de lettre"),
        *("ce n'est pas la bonne lettre", "mauvaise lettre désolée"),
    ],
)
async def test_who_gave_the_wrong_file_is_told_how_to_replace_it(talk: Talk, words: str) -> None:
    await talk.completes()

    await talk.types(words)

    assert talk.heard().split("\n\n")[0] == (
        "Pour remplacer la lettre de motivation, envoyez le nouveau fichier, nommé par exemple « lettre.pdf » :"
        " il prend la place de l’ancien. Pour l’enlever : « supprimer la lettre de motivation »."
    )
    assert len([piece for piece in await talk.rows(Piece) if piece.replaced_at is None]) == 4


async def test_a_wrong_file_that_is_not_named_may_still_be_replaced(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("CV_Camille_Martin.pdf")

    await talk.types("ce n'est pas le bon fichier")

    assert talk.heard().startswith("Pour remplacer un fichier, envoyez le nouveau avec le nom de la pièce,")
    assert "nom" not in (await talk.rows(Candidature))[0].notice


@pytest.mark.parametrize("words", ["remplacer la lettre", "pas le bon fichier"])
async def test_where_no_file_was_given_there_is_none_to_replace(talk: Talk, words: str) -> None:
    await talk.types("bonjour", "j'accepte", words)

    assert "Pour remplacer" not in talk.heard()


async def test_once_the_dossier_is_closed_no_file_is_replaced(talk: Talk) -> None:
    await talk.completes()
    await talk.types("je dépose ma candidature")
    talk.clock.set(datetime(2017, 4, 22, 8, tzinfo=PARIS))

    await talk.types("je peux changer mon cv ?")

    assert talk.heard() == "Le dossier ne change plus."
