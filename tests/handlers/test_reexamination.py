"""A decision taken by mistake is taken back: the person is told, the creneau is free, the bureau decides anew."""

from datetime import timedelta

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from storage.bureau import Convocation
from storage.tables import Candidature, Journal, Outbox
from tests.handlers.conftest import Talk
from tests.handlers.test_instruction import closed, etats

ASKED = '!reexaminer 1 "Numéro tapé par erreur"'
CONTACT = (
    "Pour toute question : Katia BINAUX, katia.binaux@ac-paris.fr (circulaire 17AN0076, En-tête de la circulaire)."
)


async def deposited(talk: Talk, *lines: str) -> None:
    """Camille has deposited, the closing has come, the bureau has decided."""
    await talk.deposits("camille", "Camille Martin")
    await closed(talk)
    await talk.says(BUREAU, *lines)


async def test_who_was_irrecevable_by_mistake_is_studied_again_and_told_why(talk: Talk) -> None:
    await deposited(talk, '!irrecevable 1 "Reçu deux fois"', "oui", ASKED)
    preview = talk.heard(BUREAU)
    before = await etats(talk)

    await talk.says(BUREAU, "oui")

    words = (
        "Votre candidature n° 1 est de nouveau à l’étude.\nLa décision qui la déclarait irrecevable est retirée."
        "\nMotif : Numéro tapé par erreur\nVous n’avez rien à faire : la nouvelle décision vous sera annoncée."
        f"\n{CONTACT}"
    )
    subject = "Objet : Circulaire 17AN0076 : votre candidature n° 1 est de nouveau à l’étude"
    assert words in preview
    assert (before, await etats(talk)) == ([Etat.IRRECEVABLE], [Etat.DEPOSEE])
    assert (talk.heard(), talk.heard("courriel")) == (words, f"À : camille.camille@ac-paris.fr\n{subject}\n{words}")
    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : la décision « irrecevable » est retirée, état : déposée. La personne est prévenue."
        "\nLa suite : !recevable 1, !irrecevable 1, ou une pièce à refuser."
    )
    assert "rejected" not in (await talk.rows(Candidature))[0].flags
    lines = await talk.app.database.query(lambda session: session.query(Journal).all())
    assert [row.source for row in lines if row.act == "candidature.reexamine"] == ["D1.6"]

    await talk.says(BUREAU, "!recevable 1")

    assert (await etats(talk), talk.heard(BUREAU)) == (
        [Etat.RECEVABLE],
        "– n° 1 : déclaré recevable ; la personne est prévenue",
    )


async def test_where_a_piece_still_misses_the_dossier_is_to_be_completed_again(talk: Talk) -> None:
    await deposited(talk, "!piece 1 CV refuser illisible", '!irrecevable 1 "Jamais complété"', "oui", ASKED, "oui")

    assert await etats(talk) == [Etat.INCOMPLETE]
    assert "Il y manque toujours : le CV. Le bureau vous dira si vous pouvez encore compléter." in talk.heard()
    assert talk.heard(BUREAU).endswith("\nIl manque : le CV. Pour laisser compléter : !prolonger 1.")


async def test_the_creneau_of_who_was_recevable_by_mistake_is_free_again(talk: Talk) -> None:
    commission = "!commissions Commission A : salle 12 ; 9h-12h ; membres Mme Petit"
    await deposited(talk, "!recevable 1", commission, "!planning", ASKED, "oui")

    assert await etats(talk) == [Etat.DEPOSEE]
    assert "La décision qui la déclarait recevable est retirée." in talk.heard()
    assert [row.etat for row in await talk.rows(Convocation)] == [ConvocationEtat.ANNULEE]
    assert [row for row in await talk.rows(Outbox) if row.kind == "convocation/cancelled"] == []


async def test_what_changed_meanwhile_is_not_taken_back(talk: Talk) -> None:
    await deposited(talk, "!recevable 1", ASKED)
    talk.clock.set(talk.clock.now() + timedelta(minutes=5))
    await talk.says("camille", "retirer", "oui")

    await talk.says(BUREAU, "oui")

    assert await etats(talk) == [Etat.RETIREE]
    assert talk.heard(BUREAU) == "Cette demande n’a plus d’objet : le dossier a changé depuis. Rien n’est fait."


@pytest.mark.parametrize(
    ("decided", "line", "told"),
    [
        ((), ASKED, "– n° 1 : rien de fait, état : déposée"),
        (
            ('!irrecevable 1 "Reçu deux fois"', "oui"),
            "!recevable 1",
            "– n° 1 : rien de fait, état : irrecevable (pour y revenir : !reexaminer 1)",
        ),
    ],
    ids=["nothing decided", "the other way"],
)
async def test_what_may_not_be_taken_back_is_said(talk: Talk, decided: tuple[str, ...], line: str, told: str) -> None:
    await deposited(talk, *decided, line)

    assert talk.heard(BUREAU) == told
