"""The candidate and their convocation: answers that came too late, wishes, exchanges that both must want."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.circulaire.convocation import ConvocationEtat
from bot.clock import PARIS
from storage.bureau import Convocation
from storage.tables import Candidature, Outbox
from tests.handlers.conftest import PAPERS, Talk
from tests.handlers.test_the_call import COMMISSION, INTERVIEW, convoked

STALE = "Cette proposition est passée. Votre entretien est le mercredi 26 avril 2017 à {hour}, salle 12."
COMING = (
    "C’est noté : vous serez là le mercredi 26 avril 2017 à 9 h, salle 12."
    "\nÀ apporter : votre pièce d’identité, votre convocation. Je vous le rappelle la veille."
)
FREE = "9 h 30, 10 h, 10 h 30, 11 h, 11 h 30"
ENTRY = "!deposer-pour Claire Martin ; claire.martin@ac-paris.fr 2017-04-10 08:30 Paris 19A"


async def taps(talk: Talk, who: str, words: str, option: int) -> None:
    """Somebody taps a choice under the newest message to them that begins with some words."""
    room = BUREAU if who.startswith(BUREAU) else who
    asked = [one.event for one in talk.said if one.choices and one.room == room and one.text.startswith(words)][-1]
    await talk.door.choose(who, asked, option)
    await talk.app.settled()


async def hours(talk: Talk) -> dict[int, int]:
    """The hour of each dossier's entretien."""
    numeros = {one.id: one.numero for one in await talk.rows(Candidature)}
    held = [row for row in await talk.rows(Convocation) if row.live == 1]
    return {numeros[row.candidature_id]: row.starts_at.astimezone(PARIS).hour for row in held}


async def offered(talk: Talk) -> None:
    """Camille and Paul are convoked at 9 and at 11, and Camille proposes an exchange."""
    await convoked(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 2 11:00")
    await talk.types("je voudrais un autre creneau", "échange avec le dossier 2")


@pytest.mark.parametrize("line", ["!convocation", "ma convocation"])
async def test_before_the_convocations_it_is_said_when_they_come(talk: Talk, line: str) -> None:
    await talk.types("bonjour", "j'accepte")

    await talk.types(line)

    said, question = talk.heard().split("\n\n")
    assert said.partition("\n")[0] == (
        "Je n’ai pas encore de convocation pour vous. Les convocations sont adressées pour le lundi 24 avril 2017"
        " (circulaire 17AN0076, C – Déroulement de l'entretien)."
    )
    assert question.startswith("Question 1 sur 5.")


@pytest.mark.parametrize("line", ["je voudrais un autre creneau", "j’y serai"])
async def test_words_about_a_convocation_mean_nothing_to_who_has_none(talk: Talk, line: str) -> None:
    await talk.types("bonjour", "j'accepte")

    await talk.types(line)

    assert talk.heard().startswith("Je n’ai pas compris votre message.")


async def test_a_creneau_that_is_only_prepared_is_nobodys_convocation_yet(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.directory()
    talk.clock.set(datetime(2017, 4, 22, 9, tzinfo=PARIS))
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1", COMMISSION, "!planning")

    await talk.types("!convocation")

    assert talk.heard().startswith("Je n’ai pas encore de convocation pour vous.")


async def test_a_yes_to_come_is_noted_once_and_told_to_the_bureau_once(talk: Talk) -> None:
    await convoked(talk, "camille")

    await talk.types("j’y serai")
    first = talk.heard()
    await talk.types("bien reçu")

    told = [one.text for one in talk.said if one.room == BUREAU and "viendra" in one.text]
    assert told == ["Dossier n° 1, Camille Martin : viendra le mercredi 26 avril 2017 à 9 h."]
    assert (first, talk.heard()) == (COMING, COMING)
    assert [row.etat for row in await talk.rows(Convocation)] == [ConvocationEtat.ACQUITTEE]


async def test_a_yes_tapped_is_a_yes(talk: Talk) -> None:
    await convoked(talk, "camille")

    await taps(talk, "camille", "Convocation à l’entretien", 0)

    assert talk.heard() == COMING


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *(("vu", "Votre entretien, d’après"), ("c'est bien demain ?", "Votre entretien, d’après")),
        *(
            ("est-ce que je peux décaler à l'après-midi ?", "Pour quelle raison"),
            ("j'ai un rdv médical", "Votre entretien est le"),
        ),
    ],
)
async def test_what_convoked_people_write_is_about_their_entretien(talk: Talk, line: str, said: str) -> None:
    await convoked(talk, "camille")

    await talk.types(line)

    assert talk.heard().startswith(said)
    assert [row.etat for row in await talk.rows(Convocation)] == [ConvocationEtat.PUBLIEE]


async def test_the_answers_under_a_convocation_that_was_moved_are_past(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.says(BUREAU, "!creneau 1 11:00")

    await taps(talk, "camille", "Convocation à l’entretien", 0)

    assert talk.heard().startswith(STALE.format(hour="11 h"))
    assert [row.etat for row in await talk.rows(Convocation) if row.live] == [ConvocationEtat.PUBLIEE]


async def test_a_candidature_is_withdrawn_from_under_its_convocation(talk: Talk) -> None:
    await convoked(talk, "camille")

    await taps(talk, "camille", "Convocation à l’entretien", 2)
    asked = talk.heard()
    await talk.types("oui")

    assert asked == (
        "Voulez-vous vraiment retirer votre candidature n° 1 ? Elle ne sera plus examinée.\n"
        "La date limite est passée : vous ne pourrez pas en ouvrir une autre."
    )
    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.RETIREE]


@pytest.mark.parametrize("line", ["je n’ai pas reçu ma convocation", "!convocation"])
async def test_a_convocation_that_did_not_arrive_is_sent_again_by_both_ways(talk: Talk, line: str) -> None:
    await convoked(talk, "camille")
    before = len(talk.said)

    await talk.types(line, line)

    again = [(one.room, one.file and one.file[0]) for one in talk.said[before:]]
    assert again.count(("camille", "convocation-1.pdf")) == 2
    assert again.count(("courriel", None)) == 2
    assert talk.heard().startswith("Voici de nouveau votre convocation — candidature n° 1\n")


async def test_a_wish_is_the_bureaus_to_grant(talk: Talk) -> None:
    await convoked(talk, "camille")

    await taps(talk, "camille", "Convocation à l’entretien", 1)
    await talk.types("Je suis en formation à cette heure")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1, Camille Martin, demande un autre créneau que 9 h :\n« Je suis en formation à cette heure »"
        f"\nPour accepter : !creneau 1 heure. Heures libres : {FREE}."
    )
    assert talk.heard() == (
        "Votre demande est passée au bureau, qui décide. Tant que vous n’avez pas de réponse, votre entretien reste"
        " le mercredi 26 avril 2017 à 9 h."
    )


async def test_a_wish_that_the_bureau_refuses_is_told_and_the_person_asked_again(talk: Talk) -> None:
    await convoked(talk, "camille")
    await taps(talk, "camille", "Convocation à l’entretien", 1)
    await talk.types("Je suis en formation à cette heure")

    await taps(talk, BUREAU, "Dossier n° 1", 0)
    refused, told = talk.heard(BUREAU), talk.heard()
    await taps(talk, "bureau-edith", "Dossier n° 1", 0)
    twice = talk.heard(BUREAU)
    await talk.types("1")

    assert refused == "Dossier n° 1 : le créneau ne change pas, 9 h. La personne est prévenue."
    assert told == (
        "Le bureau ne peut pas changer votre créneau (candidature n° 1). Votre entretien reste le mercredi 26 avril"
        " 2017 à 9 h, salle 12. Merci de répondre :"
    )
    assert twice == "Cette demande est déjà réglée : rien n’est fait."
    assert talk.heard().startswith("C’est noté : vous serez là le mercredi 26 avril 2017 à 9 h")


async def test_two_members_who_refuse_a_wish_at_once_tell_the_person_once(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.types("autre créneau", "Je suis en formation à cette heure")
    asked = next(one.event for one in talk.said if one.choices and "demande un autre créneau" in one.text)

    await asyncio.gather(talk.door.choose(BUREAU, asked, 0), talk.door.choose("bureau-edith", asked, 0))
    await talk.app.settled()

    told = [row for row in await talk.rows(Outbox) if row.kind == "convocation/wish_declined"]
    assert [row.door for row in told] == ["console"]


async def test_no_exchange_is_proposed_with_a_commission_that_knows_the_person(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    await talk.says(BUREAU, "!commissions B : salle 14 ; 9h-11h ; membres M. Roy", "!creneau 2 9h B")
    await talk.says(BUREAU, "!contrainte 1 connaît M. Roy")
    before = len(talk.said)

    await talk.says("camille", "autre créneau", "échange avec le dossier 2")

    assert [one.text for one in talk.said[before:] if one.room == "paul"] == []


@pytest.mark.parametrize("meanwhile", ["annuler", None], ids=["it is left", "an hour has passed"])
async def test_words_that_come_after_a_wish_was_left_are_not_its_reason(talk: Talk, meanwhile: str | None) -> None:
    await convoked(talk, "camille")
    await talk.types("je voudrais un autre creneau")
    before = talk.heard(BUREAU)

    if meanwhile:
        await talk.types(meanwhile)
    else:
        talk.clock.set(talk.clock.now() + timedelta(hours=1, seconds=1))
    await talk.types("merci")

    assert talk.heard(BUREAU) == before


async def test_a_command_is_not_the_reason_of_a_wish(talk: Talk) -> None:
    await convoked(talk, "camille")
    await talk.types("je voudrais un autre creneau")
    before = talk.heard(BUREAU)

    await talk.types("!etat")
    meanwhile = talk.heard(BUREAU)
    await talk.types("Je suis en formation")

    assert meanwhile == before
    assert "« Je suis en formation »" in talk.heard(BUREAU)


@pytest.mark.parametrize("numero", [1, 9], ids=["one’s own", "nobody’s"])
async def test_an_exchange_with_nobody_is_not_told_as_proposed(talk: Talk, numero: int) -> None:
    await convoked(talk, "camille")

    await talk.types("je voudrais un autre creneau", f"échange avec le dossier {numero}")

    assert talk.heard(BUREAU) == (
        f"Dossier n° 1, Camille Martin, demande un autre créneau que 9 h :\n« échange avec le dossier {numero} »"
        f"\nPour accepter : !creneau 1 heure. Heures libres : {FREE}."
    )
    assert [row.kind for row in await talk.rows(Outbox) if row.kind == "convocation/swap_offer"] == []


async def test_whether_a_dossier_exists_is_not_told_to_who_names_it(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")

    answers = []
    for numero in (2, 9):
        await talk.types("je voudrais un autre creneau", f"échange avec le dossier {numero}")
        answers.append(talk.heard().replace(f"n° {numero}", "n° X"))

    assert answers[0] == answers[1]


async def test_who_has_no_conversation_is_offered_no_exchange(talk: Talk) -> None:
    await talk.says(BUREAU, ENTRY)
    for name in ("notice annexe 1.pdf", "etat-des-services.pdf", "CV_Camille_Martin.pdf"):
        await talk.door.drop(BUREAU, PAPERS / name)
    await talk.door.drop(BUREAU, PAPERS / "scan0001.pdf", caption="lettre de motivation")
    await talk.app.settled()
    await talk.says(BUREAU, "oui")
    await talk.deposits("camille", "Camille Martin")
    await talk.directory()
    talk.clock.set(datetime(2017, 4, 22, 9, tzinfo=PARIS))
    await talk.app.settled()
    await talk.says(BUREAU, "!recevable 1 2", COMMISSION, "!planning", "!convoquer", "oui")

    await talk.types("je voudrais un autre creneau", "échange avec le dossier 1")

    assert {row.door for row in await talk.rows(Outbox)} == {"console", "email"}
    assert "La proposition d’échange" not in talk.heard(BUREAU)


async def test_an_exchange_that_both_want_is_done_and_told_to_all(talk: Talk) -> None:
    await offered(talk)

    await taps(talk, "paul", "Une autre personne", 0)

    assert await hours(talk) == {1: 11, 2: 9}
    told = [one.text for one in talk.said if one.room == BUREAU]
    assert told[-1] == (
        "Échange d’un commun accord : les dossiers n° 2 et n° 1 ont échangé leurs créneaux."
        " Tous sont prévenus, leurs IEN aussi."
    )


async def test_an_exchange_that_was_declined_stays_declined(talk: Talk) -> None:
    await offered(talk)

    await taps(talk, "paul", "Une autre personne", 1)
    declined = (talk.heard(), talk.heard("paul"))
    await taps(talk, "paul", "Une autre personne", 0)

    kept = "Votre entretien reste le mercredi 26 avril 2017 à 9 h."
    assert declined == (
        f"L’échange de créneau que vous avez proposé n’est pas accepté. {kept}",
        "Entendu : vous gardez 11 h.",
    )
    assert talk.heard("paul").startswith(STALE.format(hour="11 h"))
    assert await hours(talk) == {1: 9, 2: 11}


async def test_an_exchange_is_past_once_another_wish_was_made(talk: Talk) -> None:
    await offered(talk)
    await talk.types("je voudrais un autre creneau", "Finalement, je préfère l’après-midi")

    await taps(talk, "paul", "Une autre personne", 0)

    assert talk.heard("paul").startswith(STALE.format(hour="11 h"))
    assert await hours(talk) == {1: 9, 2: 11}


async def test_an_exchange_is_past_once_the_asker_has_left(talk: Talk) -> None:
    await offered(talk)
    await talk.types("retirer ma candidature", "oui")

    await taps(talk, "paul", "Une autre personne", 0)

    assert talk.heard("paul").startswith(STALE.format(hour="11 h"))


async def test_who_was_heard_exchanges_nothing(talk: Talk) -> None:
    await offered(talk)
    talk.clock.set(INTERVIEW)
    await talk.app.settled()
    await talk.says(BUREAU, "!entendu 1")

    await taps(talk, "paul", "Une autre personne", 0)

    assert talk.heard("paul").startswith(STALE.format(hour="11 h"))
    assert await hours(talk) == {1: 9, 2: 11}


async def test_a_withdrawal_names_the_person_and_the_creneau_that_is_free(talk: Talk) -> None:
    await convoked(talk, "camille")

    await talk.types("retirer ma candidature", "oui")

    assert talk.heard(BUREAU) == (
        "Candidature retirée par la personne : dossier n° 1, Camille Martin. Son créneau est libre : 9 h, salle 12."
    )
