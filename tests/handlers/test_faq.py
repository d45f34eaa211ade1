"""Questions at any moment: what was meant, what is cited and proved, what was useful, and the way back."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.answers import Answers
from bot.channels.console import BUREAU
from bot.circulaire.campagne import load_campagne
from bot.clock import PARIS
from storage.tables import AskedQuestion
from tests.handlers.conftest import Talk

INVENTED = Path(__file__).parents[1] / "campagnes" / "25XX0001"
MISSION = "combien de temps dure la mission ?"
UNSURE = "puis-je garer ma trottinette ?"
CONTACT = "Pour parler à quelqu’un : Katia BINAUX, katia.binaux@ac-paris.fr, 01.44.62.41.93."
THANKS = "Merci, c’est noté."
ON_THE_WAY = ("bonjour", "j'accepte")
FIRST_QUESTION = "Question 1 sur 5. "
CLOSING = "le vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)."


async def taps(talk: Talk, words: str, option: int) -> None:
    """Camille taps a choice under the newest message that begins with some words."""
    asked = [one.event for one in talk.said if one.choices and one.text.startswith(words)][-1]
    await talk.door.choose("camille", asked, option)
    await talk.app.settled()


async def counted(talk: Talk) -> list[tuple[str, str]]:
    return [(row.outcome, row.words) for row in await talk.rows(AskedQuestion)]


def lead(talk: Talk) -> str:
    """The first line of what Camille heard last."""
    return talk.heard().partition("\n")[0]


async def test_whom_the_circular_names_is_told_to_anyone(talk: Talk) -> None:
    await talk.types("!contact")

    assert lead(talk) == CONTACT


async def test_after_the_contact_the_pending_question_is_asked_again(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, "!contact")

    assert lead(talk) == CONTACT
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


async def test_a_choice_is_offered_in_whole_words(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, "12 rue de la paix")

    offered = talk.said[-1].choices
    assert "les coordonnées de l’enseignement scolaire, boulevard d’Indochine" in offered


async def test_a_proof_needs_something_that_was_cited(talk: Talk) -> None:
    await talk.types("!preuve")

    sha256 = talk.app.campagne.sha256
    assert talk.heard() == (
        f"Je n’ai encore rien cité. La circulaire 17AN0076 que j’utilise a pour empreinte SHA-256 {sha256}."
    )


async def test_what_was_cited_is_proved_between_its_neighbours(talk: Talk) -> None:
    await talk.types(MISSION, "!preuve")

    passage = "Les Formateurs Informatique Pédagogiques (FIP) s'engagent pour une mission de trois ans renouvelable."
    assert lead(talk) == "A – Cadre général de la fonction"
    assert talk.heard().split("\n")[2] == f"« {passage} »"


async def test_after_a_proof_the_pending_question_is_asked_again(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, MISSION, "!preuve")

    assert lead(talk) == "A – Cadre général de la fonction"
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


@pytest.mark.parametrize(
    "words",
    [
        *("on est le combien ?", "quel jour sommes-nous ?", "on est quel jour svp", "quelle heure est-il ?"),
        *("il reste combien de temps ?", "combien de jours reste-t-il ?", "il me reste combien de temps"),
        *("Bonjour, combien de temps me reste-t-il ?", "encore combien de jours ?", "combien il reste de jours"),
    ],
)
async def test_the_day_and_what_is_left_are_told_and_the_pending_question_is_asked_again(
    talk: Talk, words: str
) -> None:
    await talk.types(*ON_THE_WAY, words)

    assert talk.heard().split("\n\n")[0] == (
        "Nous sommes le lundi 10 avril 2017, il est 9 h (heure de Paris)."
        f"\nIl reste 11 jours : la date limite est {CLOSING}"
    )
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2017, 3, 29, 10, 5, tzinfo=PARIS), "On pourra candidater à partir du jeudi 30 mars 2017."),
        (datetime(2017, 4, 21, 23, 58, tzinfo=PARIS), f"Il reste 2 minutes : la date limite est {CLOSING}"),
        (datetime(2017, 4, 22, 8, tzinfo=PARIS), f"C’est clos depuis hier : la date limite était {CLOSING}"),
    ],
    ids=["before", "two minutes", "closed"],
)
async def test_what_is_left_is_told_at_any_time_of_the_campagne(talk: Talk, now: datetime, said: str) -> None:
    talk.clock.set(now)

    await talk.types("il reste combien de temps ?")

    assert talk.heard().split("\n")[1:] == [said]


async def test_a_question_of_days_with_something_of_its_own_is_the_circulars(talk: Talk) -> None:
    await talk.types("l'entretien c'est quel jour ?")

    assert talk.said[0].text.startswith("Voici ce que dit la circulaire sur la date de l’entretien.")


@pytest.mark.parametrize(("option", "useful"), [(0, True), (1, False)], ids=["useful", "not useful"])
async def test_whether_an_answer_was_useful_is_asked_once_a_day_and_kept(talk: Talk, option: int, useful: bool) -> None:
    await talk.types(MISSION)

    await taps(talk, "Cette réponse vous a-t-elle été utile", option)
    said = lead(talk)
    await talk.types(MISSION)

    assert [row.useful for row in await talk.rows(AskedQuestion)] == [useful, None]
    assert said == THANKS
    assert len([one for one in talk.said if one.text.startswith("Cette réponse vous")]) == 1


async def test_what_was_meant_is_answered_when_it_is_tapped(talk: Talk) -> None:
    await talk.types(UNSURE)
    offered = talk.said[-1].choices

    await taps(talk, "Je ne suis pas sûr de comprendre", 0)

    assert offered[-1] == "parler à quelqu’un"
    assert [outcome for outcome, _ in await counted(talk)] == ["unsure", "meant"]


async def test_what_was_meant_is_answered_when_it_is_typed(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, UNSURE)
    offered = talk.said[-1].choices[0]

    await talk.types(offered)

    assert [outcome for outcome, _ in await counted(talk)] == ["unsure", "meant"]
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


async def test_a_choice_of_an_earlier_bank_is_answered_with_whom_to_ask(talk: Talk) -> None:
    await talk.types(UNSURE)
    talk.app.given["answers"] = Answers(INVENTED, load_campagne(INVENTED), semantic=False)

    await taps(talk, "Je ne suis pas sûr de comprendre", 0)

    assert lead(talk) == CONTACT


async def test_a_question_in_the_bureaus_room_is_not_the_circulars_to_answer(talk: Talk) -> None:
    await talk.says(BUREAU, MISSION)

    assert (talk.said, await counted(talk)) == ([], [])


@pytest.mark.parametrize("words", ["42", "asdf qwer"], ids=["a number", "noise"])
async def test_on_the_way_what_is_no_answer_is_met_with_the_question_again(talk: Talk, words: str) -> None:
    await talk.types(*ON_THE_WAY)

    await talk.types(words)

    assert lead(talk) == (
        "Je n’ai pas compris votre message. Répondez à la question ci-dessous, par un numéro ou par des mots,"
        " ou posez-moi une question sur la circulaire."
    )
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


async def test_where_the_circular_is_silent_the_contact_and_the_bureau_are_named(talk: Talk) -> None:
    await talk.types("quel est le lieu ?")

    assert talk.heard() == (
        "La circulaire ne dit rien sur le lieu de l’entretien."
        "\nVous pouvez demander à Katia BINAUX : katia.binaux@ac-paris.fr (circulaire 17AN0076, D- Conditions de"
        " candidature à la fonction de formateur (trice) informatique pédagogique)."
        "\nOu écrivez « parler à quelqu’un » : je transmets votre question au bureau, qui vous répond ici."
    )
    assert talk.said[-1].choices == ["parler à quelqu’un"]


async def test_without_a_bureau_nobody_is_offered_to_be_passed_on(talk: Talk) -> None:
    talk.app.given["bureau"] = ()

    await talk.types("quel est le lieu ?")

    assert lead(talk) == "La circulaire ne dit rien sur le lieu de l’entretien."
    assert talk.said[-1].choices == []


async def test_a_thank_you_changes_nothing_of_what_was_asked(talk: Talk) -> None:
    await talk.types(*ON_THE_WAY, "quel est le lieu ?", "merci")

    assert lead(talk) == "Avec plaisir. Si une autre question vient, écrivez-la ici."
    assert talk.heard().split("\n\n")[-1].startswith(FIRST_QUESTION)


async def test_who_has_deposited_is_not_told_how_long_they_may_still_send(talk: Talk) -> None:
    deposited = "Votre candidature n° 1 est déposée ici : vous n’avez pas à l’envoyer autrement."
    await talk.completes()
    await talk.types("je dois envoyer aussi par mail ?")
    before = " ".join(one.text for one in talk.said)
    await talk.types("je dépose ma candidature", "je dois envoyer aussi par mail ?")

    assert "pour envoyer votre dossier ou le déposer ici." in before
    assert deposited not in before
    assert talk.heard().endswith(deposited)
