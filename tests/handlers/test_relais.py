"""What a page cannot say of the relais: who may, twice at once, after a restart, what never leaks, what is erased."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.console import BUREAU
from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.relais import RelaisEtat
from bot.clock import PARIS
from handlers.arguments import Role
from storage import journal
from storage.bureau import Relais, RelaisLine
from storage.tables import Agenda, Fsm, Outbox
from tests.handlers.conftest import Talk

ASKED = "Puis-je venir avec ma tablette zinzoline ?"  # a word that is nowhere else
SECRET = "zinzolin"
NOON = datetime(2017, 4, 10, 13, tzinfo=PARIS)  # four hours after 9:00: what is promised


async def answers(talk: Talk, who: str, to: str, text: str, *, thread: bool = False) -> None:
    """Somebody answers the latest message of their room that has some words."""
    room = BUREAU if who.startswith(BUREAU) else who
    event = [one.event for one in talk.said if one.room == room and to in one.text][-1]
    await talk.door.say(who, text, reply_to=None if thread else event, thread=event if thread else None)
    await talk.app.settled()


async def asks(talk: Talk, who: str = "camille", words: str = ASKED) -> None:
    """A candidate on their way asks the bureau."""
    await talk.says(who, "bonjour", "j'accepte", f"!parler {words}")


def received(talk: Talk, who: str) -> list[str]:
    """Everything that somebody received."""
    return [one.text for one in talk.said if one.room == who]


async def etats(talk: Talk) -> list[str]:
    return [row.etat for row in await talk.rows(Relais)]


# --- who may, and what counts as an answer ---


async def test_what_a_reader_writes_in_the_thread_does_not_leave(talk: Talk) -> None:
    await asks(talk)
    talk.app.given["roles"] = {"bureau-edith": Role.LECTEUR}
    before = received(talk, "camille")

    await answers(talk, "bureau-edith", "Relais n° 1", "Oui", thread=True)

    assert "n’est pas ouverte à votre rôle" in talk.heard(BUREAU)
    assert received(talk, "camille") == before
    assert [line.kind for line in await talk.rows(RelaisLine)] == ["question"]


@pytest.mark.parametrize("option", [0, 1], ids=["take", "close"])
async def test_a_reader_taps_in_vain(talk: Talk, option: int) -> None:
    await asks(talk)
    talk.app.given["roles"] = {"bureau-edith": Role.LECTEUR}
    event = [one.event for one in talk.said if one.room == BUREAU][-1]

    await talk.door.choose("bureau-edith", event, option)
    await talk.app.settled()

    (row,) = await talk.rows(Relais)
    assert (row.etat, row.assigned_to) == (RelaisEtat.OUVERT, None)
    acts = await talk.app.database.query(journal.lines)
    assert acts[-1].act == "command.refused"


@pytest.mark.parametrize("thread", [False, True], ids=["reply", "thread"])
@pytest.mark.parametrize("words", ["Contact pris avec la commission.", "Oui", "dossier complet ?", "1 seule suffit"])
async def test_words_in_answer_to_a_question_are_the_answer_whatever_they_begin_with(
    talk: Talk, words: str, thread: bool
) -> None:
    await asks(talk)

    await answers(talk, BUREAU, "Relais n° 1", words, thread=thread)

    assert [line.text for line in await talk.rows(RelaisLine) if line.kind == "reply"] == [words]
    assert received(talk, "camille")[-1].split("\n")[1] == words


async def test_a_command_in_the_thread_is_a_command(talk: Talk) -> None:
    await asks(talk)
    before = received(talk, "camille")

    await answers(talk, BUREAU, "Relais n° 1", "!note 1 À voir avec le président", thread=True)

    assert [line.kind for line in await talk.rows(RelaisLine)] == ["question", "note"]
    assert received(talk, "camille") == before


async def test_a_yes_in_the_thread_confirms_no_message_to_all(talk: Talk) -> None:
    await asks(talk)
    await talk.says(BUREAU, "!diffuser tous « La salle a changé »")

    await answers(talk, BUREAU, "Relais n° 1 —", "oui", thread=True)

    assert [line.text for line in await talk.rows(RelaisLine) if line.kind == "reply"] == ["oui"]
    assert [row for row in await talk.rows(Outbox) if row.kind == "diffusion/message"] == []


async def test_words_that_answer_a_colleague_stay_in_the_bureau(talk: Talk) -> None:
    await asks(talk)
    colleague = await talk.door.say("bureau-edith", "Quelqu’un connaît la réponse ?")
    await talk.app.settled()
    before = received(talk, "camille")

    await talk.door.say(BUREAU, "Je regarde.", reply_to=colleague)
    await talk.app.settled()

    assert received(talk, "camille") == before


async def test_a_candidate_answers_in_their_own_relais_alone(talk: Talk) -> None:
    await asks(talk, "camille")
    await asks(talk, "paul")
    await answers(talk, BUREAU, "Relais n° 1", "Oui, Camille.")
    event = [one.event for one in talk.said if one.room == "camille" and "De la part" in one.text][-1]

    await talk.door.say("paul", "C’est moi", reply_to=event)
    await talk.app.settled()

    first, _ = await talk.rows(Relais)
    lines = [line.kind for line in await talk.rows(RelaisLine) if line.relais_id == first.id]
    assert lines == ["question", "reply"]


async def test_everything_else_that_the_person_writes_goes_to_the_dossier(talk: Talk) -> None:
    await asks(talk)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    await talk.types("1")

    assert talk.heard().startswith("Question 2 sur 5.")
    assert [line.kind for line in await talk.rows(RelaisLine)] == ["question", "reply"]


async def test_a_choice_tapped_after_the_prompt_leaves_the_next_words_to_the_dossier(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "parler à quelqu'un")
    question = [one.event for one in talk.said if one.room == "camille" and "Question 1" in one.text][-1]
    await talk.door.choose("camille", question, 0)
    await talk.app.settled()

    await talk.types("non")

    assert await talk.rows(Relais) == []
    assert talk.heard().startswith("Question 3 sur 6.")


async def test_a_question_without_an_answer_is_passed_on_for_an_hour(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "Y a-t-il un parking pour mon vélo ?")
    talk.clock.set(talk.clock.now() + timedelta(hours=1))

    await talk.types("parler à quelqu'un")

    assert await talk.rows(Relais) == []
    assert talk.heard().startswith("Quelle est votre question pour le bureau ?")


async def test_the_choice_under_an_unsure_answer_passes_the_words_on(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "combien de temps ?")
    asked = [one for one in talk.said if one.choices and one.choices[-1] == "parler à quelqu’un"][-1]

    await talk.door.choose("camille", asked.event, len(asked.choices) - 1)
    await talk.app.settled()

    assert [line.text for line in await talk.rows(RelaisLine)] == ["combien de temps ?"]


async def test_without_a_room_of_the_bureau_the_contact_alone_is_given(talk: Talk) -> None:
    talk.app.given["bureau"] = ()

    await talk.types("bonjour", "j'accepte", "Y a-t-il un parking pour mon vélo ?")
    silent = talk.heard()
    await talk.types("parler à quelqu'un")

    assert "parler à quelqu’un" not in silent
    assert "katia.binaux@ac-paris.fr" in talk.heard()
    assert await talk.rows(Relais) == []


@pytest.mark.parametrize(
    ("who", "line"),
    [("camille", "!parler {}"), (BUREAU, "!repondre 1 {}"), (BUREAU, "!note 1 {}"), (BUREAU, "!modeles long : {}")],
    ids=["question", "reply", "note", "modele"],
)
async def test_words_that_no_letter_could_carry_are_refused_whole(talk: Talk, who: str, line: str) -> None:
    await asks(talk)
    before = [one.text for one in await talk.rows(RelaisLine)]

    await talk.says(who, line.format("a" * 3001))

    assert "3001 caractères ; un message en porte 3000 au plus" in talk.heard(who)
    assert [one.text for one in await talk.rows(RelaisLine)] == before


async def test_the_longest_words_reach_the_bureau_and_the_person_whole(talk: Talk) -> None:
    longest = "&" * 3000

    await asks(talk, words=longest)
    await talk.says(BUREAU, f"!repondre 1 {longest}", "!relais 1")

    assert sum(longest in one for one in received(talk, "camille")) == 2
    assert sum(longest in one for one in received(talk, BUREAU)) == 3
    assert [row.state for row in await talk.rows(Outbox) if row.state != "sent"] == []


# --- promises ---


async def test_who_adds_to_a_question_that_waits_keeps_the_promise(talk: Talk) -> None:
    await asks(talk)
    talk.clock.set(NOON - timedelta(hours=1))

    await talk.types("!parler Et une souris ?")

    assert [row.promised_by for row in await talk.rows(Relais)] == [NOON]
    duties = [row for row in await talk.rows(Agenda) if row.kind == "relais_late"]
    assert [row.due_at for row in duties] == [NOON]


async def test_the_hours_of_the_campagne_are_those_of_the_promise_and_of_the_reminder(talk: Talk) -> None:
    mornings = OfficeHours(opens=time(8), closes=time(12), weekdays=(1, 3), promised=timedelta(hours=1))
    talk.app.given["campagne"] = replace(talk.app.given["campagne"], office_hours=mornings)

    await asks(talk)  # on a Monday
    tuesday = datetime(2017, 4, 11, 12, tzinfo=PARIS)
    talk.clock.set(tuesday)
    await talk.app.settled()

    told = next(one for one in received(talk, "camille") if "transmise au bureau" in one)
    assert "Il est ouvert le mardi et le jeudi, de 8 h à 12 h, hors jours fériés." in told
    assert "au plus tard le mardi 11 avril 2017 à 12 h." in told
    assert [row.promised_by for row in await talk.rows(Relais)] == [tuesday]
    assert sum("en retard" in one for one in received(talk, BUREAU)) == 1


async def test_the_bureau_is_reminded_once(talk: Talk) -> None:
    await asks(talk)

    for hours in range(6):
        talk.clock.set(NOON + timedelta(hours=hours))
        await talk.app.settled()

    assert sum("en retard" in one for one in received(talk, BUREAU)) == 1


@pytest.mark.parametrize("act", ["!repondre 1 Oui", "!fermer 1"], ids=["answered", "closed"])
async def test_nobody_is_reminded_of_what_is_done(talk: Talk, act: str) -> None:
    await asks(talk)
    await talk.says(BUREAU, act)

    talk.clock.set(NOON)
    await talk.app.settled()

    assert sum("en retard" in one for one in received(talk, BUREAU)) == 0


async def test_a_reminder_missed_while_nobody_ran_comes_at_the_start(reopen: Any) -> None:
    async with reopen(datetime(2017, 4, 10, 9, tzinfo=PARIS)) as talk:
        await asks(talk)

    async with reopen(NOON + timedelta(days=1)) as again:
        await again.app.settled()

        assert sum("en retard" in one for one in received(again, BUREAU)) == 1


async def test_who_is_late_is_named_first(talk: Talk) -> None:
    await asks(talk, "camille")
    talk.clock.set(NOON - timedelta(hours=1))
    await asks(talk, "paul")
    await talk.says(BUREAU, "!repondre 1 Oui")
    talk.clock.set(datetime(2017, 4, 11, 18, tzinfo=PARIS))
    await asks(talk, "louise")

    await talk.says(BUREAU, "!relais")

    rows = [line for line in talk.heard(BUREAU).split("\n") if line.startswith("–")]
    assert [row.split(",")[1] for row in rows] == [" Paul", " Louise", " Camille"]
    assert "en retard" in rows[0]


# --- at once, and after a restart ---


async def test_two_questions_at_once_have_two_numbers(talk: Talk) -> None:
    await talk.says("camille", "bonjour", "j'accepte")
    await talk.says("paul", "bonjour", "j'accepte")

    await asyncio.gather(talk.door.say("camille", "!parler Un ?"), talk.door.say("paul", "!parler Deux ?"))
    await talk.app.settled()

    assert sorted(row.numero for row in await talk.rows(Relais)) == [1, 2]


async def test_two_members_close_at_once_and_the_person_is_told_once(talk: Talk) -> None:
    await asks(talk)

    await asyncio.gather(talk.door.say(BUREAU, "!fermer 1"), talk.door.say("bureau-edith", "!fermer 1"))
    await talk.app.settled()

    assert sum("Je reprends la main" in one for one in received(talk, "camille")) == 1
    assert talk.heard(BUREAU).startswith("Le relais n° 1 est déjà fermé.")


async def test_two_members_answer_at_once_and_both_answers_leave(talk: Talk) -> None:
    await asks(talk)

    await asyncio.gather(talk.door.say(BUREAU, "!repondre 1 Oui"), talk.door.say("bureau-edith", "!repondre 1 Non"))
    await talk.app.settled()

    assert sorted(line.text for line in await talk.rows(RelaisLine) if line.kind == "reply") == ["Non", "Oui"]
    assert sum("De la part du bureau" in one for one in received(talk, "camille")) == 2


async def test_two_ready_answers_kept_at_once_are_both_there(talk: Talk) -> None:
    await asyncio.gather(
        talk.door.say(BUREAU, "!modeles accueil : Bonjour"), talk.door.say("bureau-edith", "!modeles fin : Au revoir")
    )
    await talk.app.settled()

    await talk.says(BUREAU, "!modeles")

    assert "– accueil : Bonjour\n– fin : Au revoir" in talk.heard(BUREAU)


async def test_a_ready_answer_is_changed_and_taken_away(talk: Talk) -> None:
    await talk.says(BUREAU, "!modeles accueil : Bonjour", "!modeles accueil : Bonsoir")
    changed = talk.heard(BUREAU)

    await talk.says(BUREAU, "!modeles accueil :", "!modeles accueil")

    assert changed.startswith("Réponse toute prête « accueil » changée : Bonsoir")
    assert talk.heard(BUREAU) == "Aucune réponse toute prête « accueil ». Rien n’est parti."


async def test_the_thread_is_known_after_a_restart(reopen: Any) -> None:
    async with reopen(datetime(2017, 4, 10, 9, tzinfo=PARIS)) as talk:
        await asks(talk)
        event = [one.event for one in talk.said if one.room == BUREAU and "Relais n° 1" in one.text][-1]

    async with reopen(datetime(2017, 4, 10, 10, tzinfo=PARIS)) as again:
        await again.door.say(BUREAU, "Oui, venez avec.", thread=event)
        await again.app.settled()

        assert received(again, "camille")[-1].split("\n")[1] == "Oui, venez avec."


async def test_closing_asks_the_step_that_was_pending_also_an_aside(talk: Talk) -> None:
    await asks(talk)
    await talk.types("oui", "corriger 1")
    pending = talk.heard()

    await talk.says(BUREAU, "!repondre 1 Oui", "!fermer 1")

    assert talk.heard().endswith(pending)


# --- what never leaks, and what is erased ---


async def test_nothing_said_in_a_relais_is_in_the_journal_or_in_a_log(talk: Talk) -> None:
    with capture_logs() as logs:
        await asks(talk)
        await talk.says(BUREAU, f"!note 1 {SECRET}", f"!modeles mot : {SECRET}", "!repondre 1 modele mot", "!fermer 1")
        await answers(talk, "camille", "De la part du bureau", f"Merci, {SECRET}")

    lines = await talk.app.database.query(journal.lines)
    assert [line for line in lines if SECRET in str(line).casefold()] == []
    assert [line for line in logs if SECRET in str(line).casefold()] == []
    assert [line.act for line in lines if line.act.startswith(("relais", "modele"))] == [
        "relais.opened",
        "relais.noted",
        "modele.kept",
        "relais.answered",
        "relais.closed",
        "relais.asked_again",
    ]


async def test_a_note_is_never_in_what_the_person_receives(talk: Talk) -> None:
    await asks(talk)

    await talk.says(BUREAU, "!note 1 Zinzolin absolu", "!prendre 1", "!repondre 1 Oui", "!relais 1", "!fermer 1")
    await talk.types("mes données", "parler à quelqu'un", "Et après ?")

    assert [one for one in received(talk, "camille") if "absolu" in one] == []


async def test_the_person_is_told_that_what_was_said_is_kept(talk: Talk) -> None:
    await asks(talk)
    await talk.says(BUREAU, "!repondre 1 Oui", "!note 1 Rappelée")

    await talk.types("mes données")

    assert "– 2 messages échangés avec le bureau, du lundi 10 avril 2017 à 9 h" in talk.heard()


async def test_an_erasure_blanks_and_closes_the_relais_and_forgets_what_was_being_said(talk: Talk) -> None:
    await asks(talk)
    await talk.says(BUREAU, "!repondre 1 Oui, zinzolin", "!note 1 zinzolin")
    await talk.types("Y a-t-il un parking zinzolin ?")

    await talk.types("effacer mes données", "oui")

    assert [line.text for line in await talk.rows(RelaisLine)] == ["", "", ""]
    assert await etats(talk) == [RelaisEtat.FERME]
    letters = [row.payload for row in await talk.rows(Outbox) if row.state == "sent"]
    assert [one for one in letters if SECRET in one.casefold()] == []
    assert [row.data for row in await talk.app.database.query(lambda s: s.query(Fsm).all()) if SECRET in row.data] == []
    await talk.says(BUREAU, "!relais 1")
    assert "(effacé)" in talk.heard(BUREAU)


async def test_what_people_typed_is_shown_as_words_and_never_as_marks(talk: Talk) -> None:
    await asks(talk, words="<b>gras</b> & <a href='x'>lien</a>")
    await talk.says(BUREAU, "!repondre 1 <i>oui</i>")

    payloads = [json.loads(row.payload)["text"] for row in await talk.rows(Outbox) if row.kind.startswith("relais/")]
    assert [one for one in payloads if "<i>oui" in one or "<a href" in one or "<b>gras" in one] == []
    assert "<i>oui</i>" in talk.heard()
