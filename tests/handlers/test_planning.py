"""The planning as the bureau asks for it: a member in two rooms at once is refused, and told already when named."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from storage.bureau import Convocation
from storage.tables import Candidature, Outbox
from tests.handlers.conftest import Talk

FIRST = "!commissions A : salle 12 ; 9h-12h ; membres Mme Durand, M. Petit"
SECOND = "!commissions B : salle 14 ; 9h-12h ; membres M. Roy, Anne Durand"
NO_DOSSIER = "Il n’y a pas de dossier n° 9. Écrivez !dossiers pour voir la liste."
HOW_CONSTRAINT = (
    "Je ne comprends pas « la lune ». Écrivez par exemple : « indisponible avant 10h », « après 14h »,"
    " « indisponible de 9h à 11h », « connaît Mme Durand », ou « aucune » pour tout effacer."
)
LATER = "!commissions B : salle 14 ; 14h-17h ; membres M. Roy, Anne Durand"


async def test_the_planning_refuses_a_member_who_would_sit_in_two_rooms_at_once(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST, SECOND, "!planning")

    rule, seat, *_ = talk.heard(BUREAU).split("\n")
    assert rule.startswith("Un membre ne peut pas siéger en même temps dans deux commissions. Aucun créneau")
    assert seat == "– Mme Durand : A (salle 12) et B (salle 14)"
    assert await talk.rows(Convocation) == []


async def test_it_is_told_as_soon_as_the_second_commission_is_named(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST)
    alone = talk.heard(BUREAU)

    await talk.says(BUREAU, SECOND)

    assert "Attention" not in alone
    assert talk.heard(BUREAU).split("\n")[-2:] == [
        "Attention : ce membre siégerait en même temps dans deux commissions, et !planning le refusera.",
        "– Mme Durand : A (salle 12) et B (salle 14)",
    ]


async def test_one_who_sits_in_the_afternoon_elsewhere_is_no_obstacle(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST, SECOND, LATER, "!planning")

    assert talk.heard(BUREAU).startswith("Planning du mercredi 26 avril 2017")


# --- the creneaux, one by one ---

ROOM = "!commissions A : salle 12 ; 9h-11h ; membres Mme Petit"
NO_SWAP = "Rien n’est échangé."
NOT_PLANNED = "– n° {} : pas encore de créneau (!creneau {} heure)"
CLOSED = datetime(2017, 4, 22, 9, tzinfo=PARIS)


async def recevables(talk: Talk, *people: str) -> None:
    """People deposit and are declared recevable; there is one commission."""
    for who in people:
        await talk.deposits(who, f"{who.capitalize()} Martin")
    await talk.directory()
    talk.clock.set(CLOSED)
    await talk.app.settled()
    await talk.says(BUREAU, f"!recevable 1-{len(people)}", ROOM)


async def held(talk: Talk) -> dict[int, str]:
    """The hour of each dossier that holds a creneau."""
    numeros = {one.id: one.numero for one in await talk.rows(Candidature)}
    live = [row for row in await talk.rows(Convocation) if row.live == 1]
    return {numeros[row.candidature_id]: f"{row.starts_at.astimezone(PARIS):%H:%M}" for row in live}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!contrainte 9 indisponible avant 10h", NO_DOSSIER),
        ("!creneau 9 10:00", NO_DOSSIER),
        ("!permuter 1 2", f"{NO_SWAP}\n– n° 1 : aucun dossier de ce numéro\n– n° 2 : aucun dossier de ce numéro"),
        ("!convoquer", "Personne n’est à convoquer : il n’y a pas de dossier recevable sans convocation."),
    ],
    ids=["contrainte", "creneau", "permuter", "convoquer"],
)
async def test_without_dossiers_each_command_says_so(talk: Talk, line: str, said: str) -> None:
    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == said


async def test_without_a_commission_there_is_no_planning(talk: Talk) -> None:
    await talk.says(BUREAU, "!planning")

    assert talk.heard(BUREAU) == (
        "Il n’y a pas encore de commission : les salles et les heures sont les vôtres. Par exemple :"
        " !commissions Commission A : salle 12 ; 9h-12h30, 14h-17h ; membres Mme Durand, M. Petit"
    )


async def test_a_commission_named_again_is_changed(talk: Talk) -> None:
    await talk.says(BUREAU, ROOM, "!commissions a : salle 14 ; 9h-12h", "!commissions")

    assert talk.heard(BUREAU).split("\n")[:2] == [
        "Commissions du mercredi 26 avril 2017 : 1",
        "– A : salle 14, de 9 h à 12 h",
    ]


async def test_constraints_are_noted_added_and_dropped(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    said = []
    for words in ("indisponible avant 10h", "connaît Mme Petit", "la lune", "aucune"):
        await talk.says(BUREAU, f"!contrainte 1 {words}")
        said.append(talk.heard(BUREAU))

    assert said == [
        "Dossier n° 1 : indisponible avant 10h ; le prochain !planning en tient compte.",
        "Dossier n° 1 : indisponible avant 10h ; connaît Mme Petit ; le prochain !planning en tient compte.",
        HOW_CONSTRAINT,
        "Dossier n° 1 : plus aucune contrainte ; le prochain !planning en tient compte.",
    ]


async def test_a_dossier_that_fits_nowhere_any_more_loses_the_creneau_that_was_proposed(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!contrainte 1 connaît Mme Petit", "!planning")

    assert await held(talk) == {2: "09:30"}
    assert talk.heard(BUREAU).split("\n")[1:3] == [
        "– 9 h 30, salle 12, A : n° 2 Paul Martin",
        "– n° 1 n’a pas de créneau : aucun créneau ne convient à ses contraintes (un membre connaît la personne : 4)",
    ]


async def test_who_was_convoked_keeps_the_creneau_at_a_new_planning(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!convoquer", "oui", "!contrainte 1 indisponible avant 10h", "!planning")

    assert await held(talk) == {1: "09:00", 2: "09:30"}


async def test_a_dossier_that_is_not_recevable_has_no_creneau(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.says(BUREAU, "!creneau 1 10:00")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1, état : déposée. Seul un dossier recevable ou convoqué reçoit un créneau."
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("!creneau 1 9:30", "Il est pris : dossier n° 2. Pour échanger : !permuter 1 2."),
        ("!creneau 1 10:07", "Aucune commission n’a de créneau qui commence à cette heure."),
        ("!creneau 1 10h B", "Aucune commission n’a de créneau qui commence à cette heure, parmi « B »."),
    ],
    ids=["taken", "no such hour", "no such commission"],
)
async def test_a_creneau_that_is_not_free_says_why(talk: Talk, line: str, why: str) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning")

    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU).split("\n")[1:] == [why, "Heures libres qui lui conviennent : 10 h, 10 h 30."]
    assert await held(talk) == {1: "09:00", 2: "09:30"}


async def test_who_has_no_creneau_yet_is_offered_hours_and_no_exchange(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 2 9h", "!contrainte 1 pas après 10h", "!creneau 1 9h")

    assert talk.heard(BUREAU).split("\n")[1:] == [
        "Il est pris : dossier n° 2.",
        "Heures libres qui lui conviennent : 9 h 30.",
    ]


async def test_an_hour_that_has_passed_is_given_to_nobody(talk: Talk) -> None:
    await recevables(talk, "camille")
    talk.clock.set(datetime(2017, 4, 26, 10, 40, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!creneau 1 10h30")

    assert talk.heard(BUREAU).split("\n")[1:] == [
        "Cette heure est passée.",
        "Aucune heure libre ne lui convient. Pour en ajouter : !commissions.",
    ]


async def test_the_hour_that_is_held_already_tells_nobody_anything(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!creneau 1 9h", "!convoquer", "oui")
    before = len(await talk.rows(Convocation))

    await talk.says(BUREAU, "!creneau 1 9h")

    assert talk.heard(BUREAU) == "Dossier n° 1 : c’est déjà son créneau, 9 h, salle 12, A. Rien n’est changé."
    assert len(await talk.rows(Convocation)) == before


async def test_a_creneau_of_hours_that_were_changed_never_meets_one_that_is_held(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9h30", "!convoquer", "!commissions A : salle 12 ; 9h15-11h15")

    await talk.says(BUREAU, "!creneau 2 9h45")

    assert talk.heard(BUREAU).split("\n")[1] == "Il est pris : dossier n° 1."


async def test_whoever_was_convoked_elsewhere_is_named_when_a_commission_changes(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!creneau 1 9h", "!convoquer", "oui")

    await talk.says(BUREAU, "!commissions A : salle 22 ; 9h-11h ; membres Mme Petit")
    told = talk.heard(BUREAU)
    await talk.says(BUREAU, "!creneau 1 9h")

    assert "\n– n° 1, Camille Martin : 9 h, salle 12\n" in told
    assert talk.heard(BUREAU).startswith("Dossier n° 1 : 9 h, salle 22, A. La personne et son IEN sont prévenus.")


async def test_one_room_holds_one_commission_at_a_time(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST, "!commissions B : Salle 12 ; 10h-11h")
    told = talk.heard(BUREAU)
    await talk.says(BUREAU, "!planning")

    assert told.endswith("– salle 12 : A et B")
    assert talk.heard(BUREAU).startswith("Une salle ne peut pas accueillir en même temps deux commissions.")


async def test_the_planning_shows_who_has_answered(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!convoquer", "oui")
    await talk.says("camille", "j’y serai")

    await talk.says(BUREAU, "!planning")

    assert talk.heard(BUREAU).split("\n") == [
        "Planning du mercredi 26 avril 2017",
        "– 9 h, salle 12, A : n° 1 Camille Martin — convocation acceptée",
        "– 9 h 30, salle 12, A : n° 2 Paul Martin — convocation envoyée, sans réponse",
        "Pour changer : !creneau numéro heure, !permuter numéro numéro.",
    ]


async def test_a_constraint_of_who_is_convoked_moves_nobody_and_says_so(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!planning", "!convoquer", "oui", "!contrainte 1 connaît M. Inconnu")
    unknown = talk.heard(BUREAU)
    await talk.says(BUREAU, "!contrainte 1 connaît")

    assert unknown == (
        "Dossier n° 1 : connaît M. Inconnu ; sa convocation reste à 9 h. Pour la changer : !creneau 1 heure."
        " Attention : aucune commission n’a pour membre M. Inconnu."
    )
    assert talk.heard(BUREAU) == HOW_CONSTRAINT.replace("la lune", "connaît")


async def test_nobody_is_heard_by_who_knows_them(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!contrainte 1 connaît Mme Petit")

    await talk.says(BUREAU, "!creneau 1 10:00")

    assert talk.heard(BUREAU).split("\n")[1] == "Un membre de cette commission connaît la personne."


async def test_a_constraint_of_who_has_withdrawn_is_not_said_to_count(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says("camille", "retirer ma candidature", "oui")

    await talk.says(BUREAU, "!contrainte 1 indisponible avant 10h")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1, état : retirée. Seul un dossier recevable ou convoqué reçoit un créneau."
    )


async def test_an_hour_against_the_constraints_is_given_with_a_warning(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!contrainte 1 indisponible avant 10h")

    await talk.says(BUREAU, "!creneau 1 9:00")

    assert talk.heard(BUREAU) == (
        "Dossier n° 1 : 9 h, salle 12, A. Rien n’est envoyé avant !convoquer."
        " Attention : cette heure ne convient pas à ses contraintes."
    )


async def test_two_creneaux_are_exchanged_before_anybody_is_told(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!permuter 1 2", "oui")

    assert talk.heard(BUREAU) == "Échangé : n° 1 à 9 h 30, n° 2 à 9 h."
    assert [row.kind for row in await talk.rows(Outbox) if row.kind.startswith("convocation/")] == []


@pytest.mark.parametrize(
    ("autre", "why"),
    [(1, "Il faut deux dossiers différents."), (2, NOT_PLANNED.format(2, 2))],
    ids=["with itself", "with one without a creneau"],
)
async def test_what_cannot_be_exchanged_says_why(talk: Talk, autre: int, why: str) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9:00", f"!permuter 1 {autre}")

    assert talk.heard(BUREAU) == f"{NO_SWAP}\n{why}"


async def test_nobody_is_exchanged_into_a_commission_that_knows_them(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!commissions B : salle 14 ; 9h-11h ; membres M. Roy", "!contrainte 1 connaît M. Roy")
    await talk.says(BUREAU, "!creneau 1 9h A", "!creneau 2 9h salle 14", "!permuter 1 2")

    assert talk.heard(BUREAU) == f"{NO_SWAP}\n– n° 1 : un membre de l’autre commission connaît la personne"


async def test_an_exchange_against_a_constraint_is_shown_with_a_warning(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!contrainte 1 indisponible après 9h30", "!permuter 1 2")

    assert talk.heard(BUREAU).split("\n")[:4] == [
        "Échanger :",
        "– n° 1 : 9 h, salle 12 devient 9 h 30, salle 12",
        "– n° 2 : 9 h 30, salle 12 devient 9 h, salle 12",
        "Attention : cela ne convient pas aux contraintes du dossier n° 1.",
    ]


async def test_who_was_heard_is_moved_no_more(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!convoquer", "oui")
    talk.clock.set(datetime(2017, 4, 26, 9, 20, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!entendu 1", "!permuter 1 2")

    assert talk.heard(BUREAU) == f"{NO_SWAP}\n– n° 1 : état : entendue ; son créneau ne change plus"


async def test_an_exchange_of_somebody_heard_meanwhile_is_not_done(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!convoquer", "oui")
    talk.clock.set(datetime(2017, 4, 26, 9, 20, tzinfo=PARIS))
    await talk.app.settled()
    await talk.says(BUREAU, "!permuter 1 2", "!entendu 1", "oui")

    assert talk.heard(BUREAU) == "Cette demande n’a plus d’objet : le dossier a changé depuis. Rien n’est fait."
    assert await held(talk) == {1: "09:00", 2: "09:30"}


async def convocations_of(talk: Talk) -> list[int | None]:
    """The dossiers that an e-mail has convoked, as often as it did."""
    numeros = {one.id: one.numero for one in await talk.rows(Candidature)}
    mails = [row for row in await talk.rows(Outbox) if (row.kind, row.door) == ("convocation/convocation", "email")]
    return [numeros[row.candidature_id or 0] for row in mails]


async def test_everybody_is_convoked_or_nobody(talk: Talk) -> None:
    await recevables(talk, "camille", "paul", "ines")

    await talk.says(BUREAU, "!creneau 1 9:00", "!creneau 3 10:00", "!convoquer")
    told = talk.heard(BUREAU)
    await talk.says(BUREAU, "oui")

    assert told == (
        "Rien n’est envoyé : 1 dossier recevable n’a pas encore tout ce qu’il faut, et les convocations partent"
        " ensemble. Il manque :\n– n° 2, Paul Martin : un créneau (!planning, ou !creneau 2)"
        "\nPour ne pas les attendre et convoquer les 2 qui sont prêts : !convoquer prêts."
    )
    assert await convocations_of(talk) == []


async def test_who_is_not_ready_may_be_convoked_later_and_once(talk: Talk) -> None:
    await recevables(talk, "camille", "paul", "ines")
    await talk.says(BUREAU, "!renseigner 3 circonscription Paris 5", "!creneau 1 9:00", "!creneau 3 10:00")
    await talk.says(BUREAU, "!convoquer prêts")
    preview = talk.heard(BUREAU).split("\n")
    await talk.says(BUREAU, "oui")
    first = talk.heard(BUREAU), await convocations_of(talk)
    await talk.says(BUREAU, "!a-faire", "!campagne")
    todo, campagne = (one.text for one in talk.said[-2:])

    await talk.says(BUREAU, "!renseigner 3 circonscription Paris 19A", "!creneau 2 9:30", "!convoquer", "oui")

    assert preview[1:6] == [
        "– n° 1, Camille Martin : 9 h, salle 12 ; copie : Mme Roche",
        "2 dossiers recevables ne seront pas convoqués par cet envoi. Il manque :",
        "– n° 2, Paul Martin : un créneau (!planning, ou !creneau 2)",
        "– n° 3, Ines Martin : l’IEN de la circonscription « Paris 5 » (!ien importer)",
        "Ensuite, un nouveau !convoquer n’enverra que ces convocations-là.",
    ]
    assert (first[0].partition("numéro. ")[2], first[1]) == (
        "Pas encore convoqués : n° 2, 3 (!convoquer dit ce qui manque).",
        [1],
    )
    assert "– recevables sans créneau, donc pas convoqués (n° 2) : !planning, puis !convoquer" in todo.split("\n")
    assert campagne.split("\n")[1] == (
        "État : convocations publiées. Dossiers recevables pas encore convoqués : n° 2, 3."
    )
    assert talk.heard(BUREAU).startswith("2 convocations écrites")
    assert await convocations_of(talk) == [1, 2, 3]


async def test_an_hour_that_has_begun_is_proposed_to_nobody(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    talk.clock.set(datetime(2017, 4, 26, 10, 10, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!planning")

    assert list((await held(talk)).values()) == ["10:30"]
    assert "– n° 2 n’a pas de créneau : la journée est pleine" in talk.heard(BUREAU).split("\n")


async def test_where_nobody_may_be_convoked_yet_it_is_said_what_misses(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")

    await talk.says(BUREAU, "!convoquer", "oui")

    assert talk.heard(BUREAU) == (
        "Aucune convocation ne peut partir pour le moment. Il manque :"
        "\n– n° 1, 2 : un créneau (!planning, ou !creneau numéro)"
    )


async def test_of_two_members_who_convoke_at_once_one_does(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9:00", "!convoquer prêts")
    await talk.says("bureau-edith", "!convoquer prêts", "oui")

    await talk.says(BUREAU, "oui")

    assert await convocations_of(talk) == [1]
    assert talk.heard(BUREAU).startswith("Depuis votre demande, un dossier ou un créneau a changé.")


async def test_an_hour_that_has_passed_convokes_nobody(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9:00", "!creneau 2 10:00")
    talk.clock.set(datetime(2017, 4, 26, 9, 20, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!convoquer prêts", "oui")

    assert await convocations_of(talk) == [2]


async def test_on_the_morning_after_the_bureau_is_told_who_is_not_convoked(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9:00", "!convoquer prêts", "oui")
    await talk.says("camille", "j’y serai")

    talk.clock.set(datetime(2017, 4, 25, 8, tzinfo=PARIS))
    await talk.app.settled()

    assert talk.heard(BUREAU) == (
        "1 dossier recevable n’a pas encore de convocation, que la circulaire annonçait pour le lundi 24 avril 2017 :"
        " n° 2. Ce qui manque : !convoquer."
    )


async def test_who_is_convoked_after_the_alert_is_not_called_silent_at_once(talk: Talk) -> None:
    await recevables(talk, "camille")
    talk.clock.set(datetime(2017, 4, 25, 10, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, "!creneau 1 9:00", "!convoquer", "oui")

    assert [row.kind for row in await talk.rows(Outbox) if row.kind == "agenda/alert"] == []


async def test_a_preview_that_no_longer_holds_convokes_nobody(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!planning", "!convoquer", "!creneau 1 10:30", "oui")

    assert [one.etat for one in await talk.rows(Candidature)] == [Etat.RECEVABLE] * 2
    assert talk.heard(BUREAU) == (
        "Depuis votre demande, un dossier ou un créneau a changé. Rien n’est envoyé : donnez !convoquer à nouveau."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!entendu 1 2", ["pas encore : son entretien n’a pas commencé", "notée entendue"]),
        ("!entendu 9", ["aucun dossier de ce numéro"]),
        ("!absent 2", ["notée absente"]),
    ],
    ids=["heard", "unknown", "absent"],
)
async def test_who_came_is_noted_once_it_may_be(talk: Talk, line: str, said: list[str]) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 10:00", "!creneau 2 9:00", "!convoquer", "oui")
    talk.clock.set(datetime(2017, 4, 26, 9, 20, tzinfo=PARIS))
    await talk.app.settled()

    await talk.says(BUREAU, line)

    assert [row.partition(" : ")[2] for row in talk.heard(BUREAU).split("\n")] == said


# --- another day ---


async def test_after_the_day_was_moved_nobody_is_convoked_or_left_on_the_old_one(talk: Talk) -> None:
    await recevables(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 1 9h", "!creneau 2 9h30")
    talk.app.given["campagne"] = replace(talk.app.campagne, entretien_on=date(2017, 4, 27))
    await talk.says(BUREAU, "!convoquer")
    refused = talk.heard(BUREAU)

    await talk.says(BUREAU, "!planning", "!convoquer", "oui")

    assert refused.split("\n")[1:] == [
        "– n° 1, 2 : un créneau le jeudi 27 avril 2017 (!planning)",
    ]
    assert {row.starts_at.astimezone(PARIS).day for row in await talk.rows(Convocation) if row.live} == {27}


async def test_who_was_convoked_to_the_old_day_is_named_and_moved_one_by_one(talk: Talk) -> None:
    await recevables(talk, "camille")
    await talk.says(BUREAU, "!creneau 1 9h", "!convoquer", "oui")
    talk.app.given["campagne"] = replace(talk.app.campagne, entretien_on=date(2017, 4, 27))

    await talk.says(BUREAU, "!planning")
    shown = talk.heard(BUREAU).split("\n")[1:3]
    await talk.says(BUREAU, "!a-faire")
    todo = talk.heard(BUREAU)
    await talk.says(BUREAU, "!creneau 1 9h")

    named = "– n° 1 Camille Martin a une convocation pour le mercredi 26 avril 2017, 9 h : !creneau 1 heure"
    assert named in shown
    assert "– convocations pour un autre jour que le jeudi 27 avril 2017 (n° 1) : !creneau numéro heure" in todo
    assert "Jour : jeudi 27 avril 2017" in talk.heard("camille")
