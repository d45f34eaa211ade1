"""Who asks the bureau before any agreement: what is kept, what they may see and erase, and the term of it all."""

import json
from datetime import datetime, timedelta

from bot.channels.console import BUREAU
from bot.circulaire.relais import RelaisEtat
from bot.clock import PARIS
from storage import journal
from storage.bureau import Relais, RelaisLine
from storage.tables import Agenda, Fsm, Outbox, Peer
from tests.handlers.conftest import PAPERS, Talk
from tests.handlers.test_relais import SECRET, answers, etats
from tests.handlers.test_relais_files import drops

TERM = datetime(2017, 5, 21, 23, 59, 59, tzinfo=PARIS)  # 30 days after the closing, as for a draft
QUESTION = "!parler Puis-je venir avec ma tablette zinzoline ?"


async def texts(talk: Talk) -> list[str]:
    return [line.text for line in await talk.rows(RelaisLine)]


async def told_of(talk: Talk, word: str) -> list[str]:
    """Letters that have left and still hold a word."""
    return [row.payload for row in await talk.rows(Outbox) if row.state == "sent" and word in row.payload.casefold()]


async def test_the_person_is_told_until_when_it_is_kept(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    asked = talk.heard()

    await talk.types("mes données")

    assert "Sans votre accord, je garde cet échange jusqu’au dimanche 21 mai 2017." in asked
    assert "– 1 message échangé avec le bureau, du lundi 10 avril 2017 à 9 h" in talk.heard()
    assert "Combien de temps : jusqu’au dimanche 21 mai 2017." in talk.heard()


async def test_who_agreed_is_told_of_no_other_term(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", QUESTION)

    assert "Sans votre accord" not in talk.heard()
    assert [row for row in await talk.rows(Agenda) if row.kind == "relais_erasure"] == []


async def test_who_said_nothing_is_told_that_nothing_is_kept(talk: Talk) -> None:
    await talk.types("bonjour", "mes données")

    assert talk.heard().startswith("Ce que je garde sur vous\nRien : vous n’avez pas de dossier")


async def test_they_erase_it_all_at_once(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    await answers(talk, BUREAU, "Relais n° 1", "Oui, même zinzoline.")
    await talk.says(BUREAU, "!note 1 zinzolin", "!relais 1", "!relais")
    await talk.types("Et zinzolin ?")

    await talk.types("effacer mes données")

    assert talk.heard().startswith("C’est fait : vous n’avez pas de dossier")
    assert (await texts(talk), await etats(talk)) == (["", "", ""], [RelaisEtat.FERME])
    assert await told_of(talk, SECRET) == []
    assert [row.data for row in await talk.app.database.query(lambda s: s.query(Fsm).all()) if SECRET in row.data] == []
    assert "Relais n° 1 : la personne a effacé ce qu’elle vous avait écrit." in talk.heard(BUREAU)
    acts = await talk.app.database.query(journal.lines)
    assert (acts[-1].act, acts[-1].actor.partition(":")[0]) == ("relais.erased", "candidat")


async def test_the_name_is_forgotten_in_the_lists_of_the_bureau_too(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    await talk.says(BUREAU, "!relais", "!repondre 1 Oui")

    await talk.types("effacer mes données")

    letters = [json.loads(row.payload) for row in await talk.rows(Outbox) if row.kind.startswith("relais/")]
    assert [one for one in letters if "Camille" in str(one)] == []
    assert [row.display_name for row in await talk.rows(Peer) if row.name == "camille"] == [""]


async def test_the_file_that_they_were_given_is_removed_too(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    await drops(talk, BUREAU, "Relais n° 1")
    given = list(talk.app.given["files"])

    await talk.types("effacer mes données")

    assert (len(given), list(talk.app.given["files"])) == (1, [])


async def test_the_file_that_is_also_a_piece_of_somebody_else_stays(talk: Talk) -> None:
    await talk.deposits("paul", "Paul Petit")
    await talk.types("bonjour", QUESTION)
    await drops(talk, BUREAU, "Relais n° 1", PAPERS / "etat-des-services.pdf")  # the bytes of a piece of Paul's
    before = list(talk.app.given["files"])

    await talk.types("effacer mes données")

    assert list(talk.app.given["files"]) == before


async def test_what_others_said_stays(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    await talk.says("paul", "bonjour", "!parler Et le vélo ?")

    await talk.types("effacer mes données")

    assert await texts(talk) == ["", "Et le vélo ?"]
    assert await etats(talk) == [RelaisEtat.FERME, RelaisEtat.OUVERT]
    assert len(await told_of(talk, "et le vélo ?")) == 2


async def test_it_is_forgotten_at_its_term_and_not_before(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION)
    await answers(talk, BUREAU, "Relais n° 1", "Oui.")

    talk.clock.set(TERM - timedelta(seconds=1))
    await talk.app.settled()
    before = await texts(talk)
    talk.clock.set(TERM)
    await talk.app.settled()

    assert (len([one for one in before if one]), await texts(talk)) == (2, ["", ""])
    assert await told_of(talk, SECRET) == []
    assert await etats(talk) == [RelaisEtat.FERME]


async def test_who_agrees_later_keeps_it_with_the_dossier(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION, "j'accepte")

    talk.clock.set(TERM)
    await talk.app.settled()

    outcomes = [row.outcome for row in await talk.rows(Agenda) if row.kind == "relais_erasure"]
    assert outcomes == ["agreed since"]


async def test_an_erasure_of_the_dossier_takes_what_was_asked_before_it(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION, "j'accepte")

    await talk.types("effacer mes données", "oui")

    assert await texts(talk) == [""]
    assert await told_of(talk, SECRET) == []


async def test_a_question_after_the_closing_runs_its_own_time(talk: Talk) -> None:
    late = datetime(2017, 5, 20, 10, tzinfo=PARIS)
    await talk.types("bonjour", QUESTION)
    talk.clock.set(late)
    await talk.types("!parler Et l’an prochain ?")

    talk.clock.set(TERM)
    await talk.app.settled()
    at_first_term = len([one for one in await texts(talk) if one])
    talk.clock.set(late + timedelta(days=30))
    await talk.app.settled()

    assert (at_first_term, await texts(talk)) == (2, ["", ""])


async def test_after_an_erasure_the_old_term_does_nothing(talk: Talk) -> None:
    await talk.types("bonjour", QUESTION, "effacer mes données")

    talk.clock.set(TERM)
    await talk.app.settled()

    outcomes = [row.outcome for row in await talk.rows(Agenda) if row.kind == "relais_erasure"]
    assert outcomes == ["erased already"]
    assert len(await talk.rows(Relais)) == 1
