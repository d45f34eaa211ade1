"""Questions and fields: choices of a step that is over, the way back, what is changed after the deposit."""

import pytest

from storage.tables import Candidature
from tests.handlers.conftest import ANSWERED, Talk

STALE = "Cette étape est passée. Voici où vous en êtes."
TOO_LATE = (
    "Vos réponses ne se corrigent plus après le dépôt. Pour changer la notice, envoyez-en une nouvelle, en fichier."
)
NOTICE = ("Camille Martin", "École, 12 rue des Lilas", "Paris 19A", "1", "12 ans", "c.m@ac-paris.fr", "06 12 34 56 78")
DEPOSITED = ("oui", "C’est exact", "cv via iprof", "lettre via iprof")


async def taps(talk: Talk, words: str, option: int) -> None:
    """Camille taps a choice under the first message that holds some words and has that choice."""
    asked = next(one.event for one in talk.said if len(one.choices) > option and words in one.text)
    await talk.door.choose("camille", asked, option)
    await talk.app.settled()


async def edits(talk: Talk, event: str, text: str) -> None:
    """Camille changes what they typed."""
    await talk.door.edit("camille", event, text)
    await talk.app.settled()


async def the_one(talk: Talk) -> Candidature:
    (candidature,) = await talk.rows(Candidature)
    found: Candidature = candidature
    return found


async def deposited(talk: Talk) -> str:
    """Camille deposits; returns the event of the words that gave the name."""
    await talk.types(*ANSWERED)
    name = await talk.types(NOTICE[0])
    await talk.types(*NOTICE[1:], *DEPOSITED)
    await talk.drops("etat-des-services.pdf")
    await talk.types("je dépose ma candidature")
    return name


async def test_a_question_is_answered_by_its_own_choices_once(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")
    await taps(talk, "Question 1 sur", 0)

    await taps(talk, "Question 1 sur", 1)

    assert talk.heard().partition("\n")[0] == STALE
    assert len((await the_one(talk)).answers) == 1


@pytest.mark.parametrize(
    ("words", "answer"),
    [("j'accepte", "oui"), ("j'accepte pas", "non"), ("je l'accepte pas", "non"), ("ok j'accepte", "oui")],
)
async def test_a_question_is_answered_with_its_own_verb(talk: Talk, words: str, answer: str) -> None:
    await talk.types("bonjour", "j'accepte", "oui", "oui", "oui", words)

    assert (await the_one(talk)).answers["horaires"] == answer


@pytest.mark.parametrize(
    "words", ["je suis prof des écoles", "PE", "professeur·e des écoles", "je suis une instit de l’académie de Paris"]
)
async def test_who_says_that_they_are_what_is_asked_has_said_yes(talk: Talk, words: str) -> None:
    await talk.types("bonjour", "j'accepte", words)

    assert (await the_one(talk)).answers == {"corps": "oui"}
    assert talk.heard().split("\n")[0] == "J’ai noté : Oui. Si ce n’est pas cela, écrivez « retour »."
    assert talk.heard().split("\n\n")[-1].startswith("Question 2 sur 5.")


@pytest.mark.parametrize(
    "words",
    [
        *("je suis prof des écoles dans le privé", "prof des écoles à Versailles", "je suis pas prof des écoles"),
        *("ancienne prof des écoles", "vous êtes prof des écoles", "prof des écoles ?", "prof de collège"),
        *("ok merci madame", "d’accord, je fais ça ce soir", "parfait, à bientôt"),
    ],
)
async def test_what_does_not_plainly_answer_is_no_answer(talk: Talk, words: str) -> None:
    await talk.types("bonjour", "j'accepte", words)

    assert (await the_one(talk)).answers == {}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        *(("j'ai le cafipemf", "oui"), ("je l'ai depuis 2012", "oui"), ("ok je le prépare", "en_preparation")),
        *(("en cours", "en_preparation"), ("j'ai pas le CAFIPEMF", "non"), ("pas encore", "non")),
        *(("j'ai le cafipemf mais pas l'option", None), ("j'ai le cafipemf option arts", None)),
    ],
)
async def test_the_cafipemf_is_answered_in_the_words_of_the_question(
    talk: Talk, words: str, answer: str | None
) -> None:
    await talk.types("bonjour", "j'accepte", "oui", words)

    assert (await the_one(talk)).answers.get("cafipemf") == answer


async def test_an_agreement_with_what_is_asked_is_a_yes(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "oui", "oui", "d’accord pour trois ans", "ok oui", "ok, j’accepte")

    answers = (await the_one(talk)).answers
    assert [answers[code] for code in ("mission", "horaires", "affectation")] == ["oui", "oui", "oui"]


async def test_before_the_first_answer_there_is_no_way_back(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")

    await talk.types("retour")

    assert talk.heard().split("\n\n")[-1].startswith("Question 1 sur 5.")
    assert (await the_one(talk)).answers == {}


async def test_from_the_pieces_the_way_back_leads_to_the_last_answer(talk: Talk) -> None:
    await talk.types(*ANSWERED, *NOTICE, "oui", "C’est exact")

    await talk.types("retour")

    assert talk.heard().startswith("Correction. Notice de renseignements, 13.")


async def test_the_summary_is_accepted_once(talk: Talk) -> None:
    await talk.types(*ANSWERED, *NOTICE, "oui")
    await taps(talk, "Voici votre notice", 0)

    await taps(talk, "Voici votre notice", 0)

    assert talk.heard().partition("\n")[0] == STALE


async def test_an_answer_edited_after_the_deposit_stays_and_it_is_said(talk: Talk) -> None:
    name = await deposited(talk)

    await edits(talk, name, "Camille Durand")

    assert talk.heard().partition("\n")[0] == TOO_LATE
    assert (await the_one(talk)).notice["nom"] == "Camille Martin"


async def test_other_words_edited_after_the_deposit_are_nobodys_business(talk: Talk) -> None:
    await deposited(talk)
    event = await talk.types("merci")
    before = len(talk.said)

    await edits(talk, event, "merci beaucoup")

    assert len(talk.said) == before


@pytest.mark.parametrize("line", ["corriger 6", "retour"])
async def test_after_the_deposit_nothing_is_asked_again(talk: Talk, line: str) -> None:
    await deposited(talk)

    await talk.types(line)

    assert "Notice de renseignements" not in talk.heard()
