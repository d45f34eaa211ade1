"""The bureau instructs: what each command says when it cannot be done, and what is told when it is."""

from datetime import datetime, timedelta

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.circulaire.dossier import PieceEtat
from bot.clock import PARIS
from handlers.words import numeros
from storage.tables import Candidature, Outbox, Piece, Receipt
from tests.handlers.conftest import Talk

CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)
GONE_BY = "avril 2017 à 23 h 59 min 59 s (heure de Paris) est déjà passé. Rien n’est fait."
NO_DOSSIER = "Il n’y a pas de dossier n° 9. Écrivez !dossiers pour voir la liste."
BEFORE_CLOSING = (
    "– n° 1 : pas encore : on instruit après la clôture, le vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)"
)


async def closed(talk: Talk, *, instant: datetime = CLOSED) -> None:
    """The closing has come."""
    talk.clock.set(instant)
    await talk.app.settled()


async def etats(talk: Talk) -> list[str]:
    return [one.etat for one in await talk.rows(Candidature)]


@pytest.mark.parametrize(
    "line",
    [
        "!piece 9 cv refuser illisible",
        '!irrecevable 9 "Reçu deux fois"',
        "!prolonger 9 2017-04-24 Serveur en panne",
        "!renseigner 9 courriel claire@ac-paris.fr",
    ],
    ids=["piece", "irrecevable", "prolonger", "renseigner"],
)
async def test_a_number_without_a_dossier_is_said_to_be_one(talk: Talk, line: str) -> None:
    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == NO_DOSSIER


async def test_a_piece_that_is_not_in_the_dossier_is_not_refused(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!piece 1 diplôme refuser illisible")

    assert await etats(talk) == [Etat.DEPOSEE]
    assert talk.heard(BUREAU) == (
        "« diplôme » ne désigne pas une pièce du dossier n° 1.\nPièces présentes : la notice de renseignements, le CV,"
        " la lettre de motivation, l’état des services."
    )


async def test_a_second_piece_of_the_same_dossier_is_refused_too(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!piece 1 etat refuser illisible", "!piece 1 cv refuser mauvais document")

    refused = {one.code: one.etat for one in await talk.rows(Piece) if one.details.get("refused")}
    assert refused == {"etat_services": PieceEtat.REFUSEE, "cv": PieceEtat.DECLAREE_IPROF}
    assert await etats(talk) == [Etat.INCOMPLETE]
    assert talk.heard().startswith(
        "Une pièce de votre dossier n° 1 est refusée.\nPièce : un CV rédigé sur papier libre ou via iprof"
        "\nRaison : mauvais document"
    )


async def test_a_piece_refused_after_the_closing_says_who_decides(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await closed(talk)

    await talk.says(BUREAU, "!piece 1 cv refuser illisible")

    assert talk.heard() == (
        "Une pièce de votre dossier n° 1 est refusée.\nPièce : un CV rédigé sur papier libre ou via iprof"
        "\nRaison : illisible"
        "\nLe délai de la circulaire est passé depuis le vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)."
        " Le bureau décide de la suite et vous l’écrira."
        " Pour toute question : Katia BINAUX, katia.binaux@ac-paris.fr."
    )
    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : le CV — refusée (illisible). La personne est prévenue. Le dossier est à compléter ; le délai"
        " est passé : !prolonger 1 à deux personnes, ou !irrecevable 1."
        " Si c’est une erreur : !piece 1 cv rétablir."
    )


async def test_a_piece_of_a_dossier_that_is_decided_stays(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await closed(talk)

    await talk.says(BUREAU, "!recevable 1", "!piece 1 cv refuser illisible")

    assert [one.replaced_at for one in await talk.rows(Piece)] == [None] * 4
    assert talk.heard(BUREAU).partition("\n")[0] == (
        "Dossier n° 1, état : recevable. Une pièce ne se refuse que sur un dossier déposé ou à compléter."
    )


async def test_each_number_has_its_line_in_the_report(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")
    await closed(talk)

    await talk.says(BUREAU, "!recevable 1 2 9")

    assert await etats(talk) == [Etat.INCOMPLETE, Etat.RECEVABLE]
    assert talk.heard(BUREAU) == (
        "– n° 1 : rien de fait, état : à compléter"
        "\n– n° 2 : déclaré recevable ; la personne est prévenue"
        "\n– n° 9 : aucun dossier de ce numéro"
    )


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([], ""), ([7], "7"), ([3, 1, 2], "1, 2, 3"), ([1, 2, 3, 4], "1 à 4"), ([8, 1, 2, 3, 4, 6, 7], "1 à 4, 6, 7, 8")],
    ids=["none", "one", "three", "a run", "a run and others"],
)
def test_numbers_that_follow_each_other_are_said_together(numbers: list[int], said: str) -> None:
    assert numeros(numbers) == said


async def test_what_is_done_to_several_dossiers_is_said_once(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Martin")
    await closed(talk)

    await talk.says(BUREAU, "!recevable 1-2 8 9")

    assert talk.heard(BUREAU) == (
        "– n° 1, 2 : déclarés recevables ; les personnes sont prévenues\n– n° 8, 9 : aucun dossier de ces numéros"
    )


@pytest.mark.parametrize("line", ["!recevable 1", '!irrecevable 1 "Reçu deux fois"'])
async def test_nothing_is_decided_before_the_closing(talk: Talk, line: str) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, line)

    assert (talk.heard(BUREAU), await etats(talk)) == (BEFORE_CLOSING, [Etat.DEPOSEE])


async def test_a_dossier_that_is_decided_is_not_rejected(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await closed(talk)

    await talk.says(BUREAU, "!recevable 1", '!irrecevable 1 "Reçu deux fois"')

    assert talk.heard(BUREAU) == "– n° 1 : rien de fait, état : recevable (pour y revenir : !reexaminer 1)"


async def test_the_words_of_a_rejection_reach_the_person_whole(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await closed(talk)

    await talk.says(BUREAU, '!irrecevable 1 "Dossier jamais complété"', "oui")

    words = (
        "Votre candidature n° 1 est déclarée irrecevable.\nMotif : Dossier jamais complété"
        "\nPour toute question : Katia BINAUX, katia.binaux@ac-paris.fr (circulaire 17AN0076, En-tête de la"
        " circulaire)."
    )
    mail = f"À : camille.camille@ac-paris.fr\nObjet : Circulaire 17AN0076 : votre candidature n° 1\n{words}"
    assert (talk.heard(), talk.heard("courriel")) == (words, mail)
    assert talk.heard(BUREAU) == "– n° 1 : déclaré irrecevable ; la personne est prévenue"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "!prolonger 1 2017-04-24 Serveur en panne",
            "Dossier n° 1, état : déposée. Un délai ne se prolonge que pour un dossier à compléter. Rien n’est fait.",
        ),
        (
            "!prolonger 2 2017-04-09 Serveur en panne",
            f"Dossier n° 2, état : à compléter. Le dimanche 9 {GONE_BY}",
        ),
    ],
    ids=["nothing to complete", "a day gone by"],
)
async def test_a_delay_that_makes_no_sense_is_not_asked_of_a_second_person(talk: Talk, line: str, said: str) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Martin")
    await talk.says(BUREAU, "!piece 2 cv refuser illisible")

    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == said


async def test_a_delay_confirmed_once_it_has_run_out_is_not_given(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")
    await closed(talk)
    await talk.says(BUREAU, "!prolonger 1 2017-04-22 Serveur en panne")
    await closed(talk, instant=datetime(2017, 4, 23, 9, tzinfo=PARIS))

    await talk.says("bureau-edith", "oui")

    (one,) = await talk.rows(Candidature)
    assert one.flags == {} or "extended_until" not in one.flags
    assert talk.heard(BUREAU) == (f"Dossier n° 1, état : à compléter. Le samedi 22 {GONE_BY}")


async def test_a_delay_confirmed_for_a_dossier_rejected_meanwhile_is_not_given(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")
    await closed(talk)
    await talk.says(BUREAU, "!prolonger 1 2017-04-24 Serveur en panne")
    asked = talk.said[-1].event
    await talk.says(BUREAU, "!irrecevable 1 dossier incomplet : CV illisible", "oui")

    await talk.door.choose("bureau-edith", asked, 0)
    await talk.app.settled()

    assert [row.kind for row in await talk.rows(Outbox) if row.kind == "instruction/extended"] == []
    assert talk.heard(BUREAU) == (
        "Dossier n° 1, état : irrecevable. Un délai ne se prolonge que pour un dossier à compléter. Rien n’est fait."
    )


async def test_a_field_that_the_notice_does_not_have_is_answered_with_those_it_has(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!renseigner 1 chapeau melon")

    assert talk.heard(BUREAU) == (
        "« chapeau » n’est pas un champ de la notice. Champs : nom (Nom et prénom), ecole (École d’affectation),"
        " circonscription (Circonscription), grade (Grade), anciennete (Ancienneté dans l’enseignement),"
        " courriel (Courriel académique), telephone (Téléphone), cafipemf (CAFIPEMF)."
    )


async def test_an_answer_of_the_notice_is_filled_in_as_the_field_reads_it(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!renseigner 1 courriel écrivez à Claire@AC-Paris.fr")

    (one,) = await talk.rows(Candidature)
    assert one.notice["courriel"] == "claire@ac-paris.fr"
    assert talk.heard(BUREAU) == "Dossier n° 1 : Courriel académique — claire@ac-paris.fr."


async def test_an_answer_that_the_field_cannot_read_leaves_the_earlier_one(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!renseigner 1 courriel aucun")

    (one,) = await talk.rows(Candidature)
    assert one.notice["courriel"] == "camille.camille@ac-paris.fr"
    assert talk.heard(BUREAU) == (
        "Je n’ai pas trouvé d’adresse dans « aucun ».\n(circulaire 17AN0076, C – Déroulement de l'entretien)"
    )


async def test_a_piece_refused_by_mistake_is_accepted_again_as_it_was(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    before = [(one.code, one.etat, one.sha256) for one in await talk.rows(Piece)]

    await talk.says(BUREAU, "!piece 1 etat refuser illisible", "!piece 1 etat rétablir")

    assert [(one.code, one.etat, one.sha256) for one in await talk.rows(Piece)] == before
    assert (await etats(talk), len(await talk.rows(Receipt))) == ([Etat.DEPOSEE], 1)
    assert talk.heard() == (
        "Une pièce de votre dossier n° 1 était refusée par erreur : elle est acceptée, telle que vous l’avez donnée."
        "\nPièce : l'état des services\nVotre dossier est complet et déposé : vous n’avez rien à faire."
    )
    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : l’état des services — de nouveau acceptée. La personne est prévenue."
        " Le dossier est de nouveau déposé."
    )
    await talk.says(BUREAU, "!journal 1")
    assert [line.partition("— ")[2] for line in talk.heard(BUREAU).split("\n")[-2:]] == [
        "pièce rétablie, refusée par erreur — bureau (Bureau) — §D1.6 — etat_services",
        "dossier de nouveau complet — bureau (Bureau) — §D1.6 — etat_services",
    ]


async def test_of_two_pieces_refused_the_one_that_is_accepted_again_leaves_the_dossier_to_complete(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!piece 1 cv refuser illisible", "!piece 1 lettre refuser illisible")
    await talk.says(BUREAU, "!piece 1 cv retablir")

    assert await etats(talk) == [Etat.INCOMPLETE]
    assert talk.heard().endswith(
        "Pour cette pièce, vous n’avez rien à faire. Il manque encore : la lettre de motivation."
    )


async def test_what_was_given_meanwhile_in_the_place_of_another_piece_is_certified(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible", "!piece 1 etat refuser illisible")
    await talk.drops("CV_Camille_Martin.pdf")

    await talk.says(BUREAU, "!piece 1 etat rétablir")

    given = {one.code: one.etat for one in await talk.rows(Piece) if one.replaced_at is None}
    assert (given["cv"], given["etat_services"]) == (PieceEtat.GELEE, PieceEtat.GELEE)
    assert (await etats(talk), len(await talk.rows(Receipt))) == ([Etat.DEPOSEE], 2)
    assert talk.heard().startswith("Votre candidature est déposée.\nRécépissé n° 2, candidature n° 1")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("!piece 1 cv rétablir",), "le CV — cette pièce n’est pas refusée. Rien n’est fait."),
        (
            ("!piece 1 cv refuser illisible", "!piece 1 cv rétablir", "!piece 1 cv rétablir"),
            "le CV — cette pièce n’est pas refusée. Rien n’est fait.",
        ),
        (
            ("!piece 1 cv refuser illisible", "!piece 1 cv refuser périmée"),
            "le CV — déjà refusée (illisible). Rien n’est fait de plus.",
        ),
    ],
    ids=["never refused", "twice", "refused twice"],
)
async def test_an_act_on_a_piece_that_has_nothing_to_change_says_why(
    talk: Talk, lines: tuple[str, ...], said: str
) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, *lines)

    assert talk.heard(BUREAU) == f"Dossier n° 1 : {said}"


async def test_a_piece_that_the_person_has_replaced_is_not_taken_back(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")
    await talk.drops("CV_Camille_Martin.pdf")

    await talk.says(BUREAU, "!piece 1 cv rétablir")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : le CV — la personne en a donné une autre depuis le refus ; c’est la nouvelle qui compte."
        " Rien n’est fait."
    )


async def test_a_piece_of_a_dossier_that_went_further_is_not_taken_back(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")
    await closed(talk)
    await talk.says(BUREAU, '!irrecevable 1 "Dossier jamais complété"', "oui")

    await talk.says(BUREAU, "!piece 1 cv rétablir")

    assert await etats(talk) == [Etat.IRRECEVABLE]
    assert talk.heard(BUREAU) == (
        "Dossier n° 1, état : irrecevable. Une pièce ne se rétablit que sur un dossier à compléter. Rien n’est fait."
    )


async def test_a_rejection_asked_before_the_piece_is_taken_back_is_not_carried_out(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible", "!dossier 1")
    shown = talk.heard(BUREAU)
    await closed(talk)
    await talk.says(BUREAU, "!irrecevable 1 dossier incomplet : CV illisible")
    talk.clock.set(talk.clock.now() + timedelta(minutes=5))
    await talk.says("bureau-edith", "!piece 1 cv rétablir")

    await talk.says(BUREAU, "oui")

    assert "– le CV : refusée (illisible), à donner" in shown.split("\n")
    assert await etats(talk) == [Etat.DEPOSEE]
    assert talk.heard(BUREAU) == "Cette demande n’a plus d’objet : le dossier a changé depuis. Rien n’est fait."


async def test_what_to_do_with_a_piece_is_asked_and_its_restoration_asks_for_no_reason(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser illisible")

    await talk.says(BUREAU, "!piece 1 cv")
    asked = talk.heard(BUREAU)
    await talk.says(BUREAU, "rétablir")

    assert "Au choix : refuser, rétablir." in asked
    assert await etats(talk) == [Etat.DEPOSEE]
