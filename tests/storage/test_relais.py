"""Relays in the memory, on both makes of database: numbers, messages, who waits, what was said, what is forgotten."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.circulaire.relais import RelaisEtat
from bot.errors import Refusal
from storage import candidatures, relais
from storage.bureau import Relais, RelaisLine
from storage.commit import Committer
from storage.database import Database
from storage.outbox import Letter
from storage.tables import Agenda, Candidature, Journal, Outbox, Peer, table
from storage.work import UnitOfWork
from tests.storage.conftest import NOW

CAMPAGNE = "17AN0076"
CAMILLE, PAUL, BUREAU = 7, 8, 9
NOON = NOW + timedelta(hours=4)


async def opened(
    database: Database,
    committer: Committer,
    person: int = CAMILLE,
    *,
    promised: datetime = NOON,
    said: str = "Puis-je ?",
) -> int:
    """A relay with a question in it; returns its number."""
    work = UnitOfWork(database, NOW)
    row = await relais.open_for(work, CAMPAGNE, person, None, promised)
    await relais.write_lines(work, row, "question", person, said)
    relais.put_duties(work, row, NOW + timedelta(days=30))
    await committer.commit(work)
    return row.numero


async def change(database: Database, committer: Committer, numero: int, **values: object) -> None:
    """Change some columns of a relay."""
    work = UnitOfWork(database, NOW)
    row = await work.run(relais.by_numero, CAMPAGNE, numero)
    assert row is not None
    for name, value in values.items():
        setattr(row, name, value)
    await committer.commit(work)


async def duties(database: Database) -> list[tuple[str, str | None]]:
    agenda = table(Agenda)
    query = select(agenda.c.kind, agenda.c.outcome).order_by(agenda.c.due_at)
    return [(kind, outcome) for kind, outcome in await database.query(lambda session: session.execute(query).all())]


async def test_numbers_follow_each_other_within_a_campagne(database: Database, committer: Committer) -> None:
    first = await opened(database, committer)
    second = await opened(database, committer, PAUL)

    assert (first, second) == (1, 2)
    assert await database.query(lambda session: relais.by_numero(session, "25XX0001", 1)) is None


async def test_instants_come_back_on_the_clock_of_paris(database: Database, committer: Committer) -> None:
    await opened(database, committer)

    row = await database.query(lambda session: relais.by_numero(session, CAMPAGNE, 1))

    assert row is not None
    assert (row.opened_at, row.promised_by, row.closed_at) == (NOW, NOON, None)
    assert str(row.promised_by.tzinfo) == "Europe/Paris"


async def test_who_waits_comes_first_then_the_soonest_promised(database: Database, committer: Committer) -> None:
    await opened(database, committer, promised=NOON + timedelta(hours=2))
    await opened(database, committer, PAUL, promised=NOON)
    await opened(database, committer, promised=NOW)
    await opened(database, committer, promised=NOW)
    await change(database, committer, 3, etat=RelaisEtat.REPONDU)
    await change(database, committer, 4, etat=RelaisEtat.FERME)

    rows = await database.query(lambda session: relais.open_ones(session, CAMPAGNE))

    assert [row.numero for row in rows] == [2, 1, 3]


async def test_the_open_one_of_a_person_is_their_newest(database: Database, committer: Committer) -> None:
    await opened(database, committer)
    await opened(database, committer)
    await opened(database, committer, PAUL)

    mine = await database.query(lambda session: relais.open_of(session, CAMPAGNE, CAMILLE))
    nobody = await database.query(lambda session: relais.open_of(session, CAMPAGNE, 99))

    assert (mine and mine.numero, nobody) == (2, None)


async def test_a_message_belongs_to_one_relais_and_a_persons_to_their_own(
    database: Database, committer: Committer
) -> None:
    await opened(database, committer)
    await opened(database, committer, PAUL)
    await change(database, committer, 1, messages=[2**52 + 1, 41], etat=RelaisEtat.FERME)
    await change(database, committer, 2, messages=[4])

    def found(message: int, person: int | None = None) -> Any:
        return lambda session: relais.by_message(session, CAMPAGNE, message, person)

    assert (await database.query(found(2**52 + 1))).numero == 1
    assert (await database.query(found(4))).numero == 2
    assert await database.query(found(1)) is None
    assert await database.query(found(4, CAMILLE)) is None


async def test_lines_come_back_in_order_and_a_file_is_a_line_of_its_own(
    database: Database, committer: Committer
) -> None:
    await opened(database, committer, said="« L’été » 🙂")
    work = UnitOfWork(database, NOW)
    row = await work.run(relais.by_numero, CAMPAGNE, 1)
    assert row is not None
    await relais.write_lines(work, row, "reply", BUREAU, "Voici", "plan.pdf")
    await relais.write_line(work, row, "note", BUREAU, "À suivre")
    await committer.commit(work)

    lines = await database.query(lambda session: relais.lines(session, row.id))

    assert [(line.kind, line.text) for line in lines] == [
        ("question", "« L’été » 🙂"),
        ("reply", "Voici"),
        ("reply_file", "plan.pdf"),
        ("note", "À suivre"),
    ]


async def test_closing_ends_the_promise_and_writes_the_journal_once(database: Database, committer: Committer) -> None:
    await opened(database, committer)
    work = UnitOfWork(database, NOW)
    row = await work.run(relais.by_numero, CAMPAGNE, 1)
    assert row is not None

    relais.close(work, row, actor="candidat:7")
    with pytest.raises(Refusal):
        relais.close(work, row, actor="candidat:7")
    await committer.commit(work)

    closed = await database.query(lambda session: relais.by_numero(session, CAMPAGNE, 1))
    assert closed is not None
    assert (closed.etat, closed.closed_at) == (RelaisEtat.FERME, NOW)
    assert await duties(database) == [("relais_late", "closed"), ("relais_erasure", None)]
    journal = table(Journal)
    acts = await database.query(lambda session: session.execute(select(journal.c.act, journal.c.actor)).all())
    assert [tuple(act) for act in acts] == [("relais.closed", "candidat:7")]


async def test_forgetting_one_person_leaves_what_others_said(database: Database, committer: Committer) -> None:
    for person in (CAMILLE, PAUL):
        await opened(database, committer, person)
    work = UnitOfWork(database, NOW)
    for numero, words in ((1, "Relais n° 1 : Camille"), (11, "Relais n° 11 : Zoé"), (2, "Relais n° 2 : Paul")):
        file = {"file": f"{numero:064}", "name": "plan.pdf", "mime": "application/pdf", "size": 3}
        work.outbox.put(
            Letter(BUREAU, "sendDocument", {"document": file, "caption": words}, "relais/file", door="console")
        )
    work.outbox.put(Letter(BUREAU, "sendMessage", {"text": "n° 1"}, "bureau/dossier", door="console"))
    await committer.commit(work)
    await mark_all_sent(database)

    work = UnitOfWork(database, NOW)
    hashes = await relais.forget(work, CAMILLE)
    await committer.commit(work)

    assert hashes == [f"{1:064}"]
    assert await all_texts(database) == ["", "Puis-je ?"]
    assert [row.etat for row in await rows(database, Relais)] == [RelaisEtat.FERME, RelaisEtat.OUVERT]
    payloads = [json.loads(row.payload) for row in await rows(database, Outbox)]
    assert [payload.get("caption", payload.get("text")) for payload in payloads] == [
        None,
        "Relais n° 11 : Zoé",
        "Relais n° 2 : Paul",
        "n° 1",
    ]
    assert await database.query(lambda session: relais.lines_of_person(session, CAMILLE)) == []


async def test_what_has_not_left_yet_keeps_its_words(database: Database, committer: Committer) -> None:
    await opened(database, committer)
    work = UnitOfWork(database, NOW)
    work.outbox.put(Letter(BUREAU, "sendMessage", {"text": "Relais n° 1"}, "relais/question_bureau", door="console"))
    await committer.commit(work)

    work = UnitOfWork(database, NOW)
    await relais.forget(work, CAMILLE)
    await committer.commit(work)

    assert [json.loads(row.payload) for row in await rows(database, Outbox)] == [{"text": "Relais n° 1"}]


async def test_a_file_stays_as_long_as_a_letter_has_to_carry_it(database: Database, committer: Committer) -> None:
    work = UnitOfWork(database, NOW)
    file = {"file": "a" * 64, "name": "plan.pdf", "mime": "application/pdf", "size": 3}
    work.outbox.put(Letter(CAMILLE, "sendDocument", {"document": file}, "relais/file", door="console"))
    await committer.commit(work)

    waiting = await database.query(lambda session: candidatures.hash_is_used(session, "a" * 64, 0))
    await mark_all_sent(database)
    sent = await database.query(lambda session: candidatures.hash_is_used(session, "a" * 64, 0))

    assert (waiting, sent) == (True, False)


async def test_who_asks_has_the_name_of_their_notice_before_the_one_they_show(
    database: Database, committer: Committer
) -> None:
    work = UnitOfWork(database, NOW)
    await work.add(Peer(id=CAMILLE, door="console", name="camille", is_room=False, display_name="Cam"))
    notice = {"nom": "Camille Martin"}
    facts: dict[str, Any] = {
        "campagne": CAMPAGNE,
        "numero": 1,
        "candidat_id": CAMILLE,
        "etat": "BROUILLON",
        "notice": notice,
    }
    await work.add(Candidature(id=70, created_at=NOW, changed_at=NOW, **facts))
    without = await relais.open_for(work, CAMPAGNE, CAMILLE, None, NOON)
    await committer.commit(work)
    work = UnitOfWork(database, NOW)
    within = await relais.open_for(work, CAMPAGNE, CAMILLE, 70, NOON)

    alone, named = await relais.asker(work, without), await relais.asker(work, within)

    assert (alone.name, alone.candidature) == ("Cam", None)
    assert (named.name, named.candidature and named.candidature.numero) == ("Camille Martin", 1)


async def test_ready_answers_are_kept_by_campagne_and_name(database: Database, committer: Committer) -> None:
    work = UnitOfWork(database, NOW)
    for campagne, name, words in (
        (CAMPAGNE, "fin", "Au revoir"),
        (CAMPAGNE, "accueil", "Bonjour"),
        ("25XX", "fin", "!"),
    ):
        await work.run(relais.keep_modele, campagne, name, words)
    await committer.commit(work)
    work = UnitOfWork(database, NOW)
    await work.run(relais.keep_modele, CAMPAGNE, "fin", "À bientôt")
    await work.run(relais.drop_modele, CAMPAGNE, "absent")
    await committer.commit(work)

    assert await database.query(lambda session: relais.modeles(session, CAMPAGNE)) == {
        "accueil": "Bonjour",
        "fin": "À bientôt",
    }


async def rows(database: Database, model: type) -> list[Any]:
    """Every row of a table, by id."""
    return await database.query(lambda session: list(session.scalars(select(model).order_by(table(model).c.id))))


async def all_texts(database: Database) -> list[str]:
    return [line.text for line in await rows(database, RelaisLine)]


async def mark_all_sent(database: Database) -> None:
    """As if the postman had carried everything."""
    await database.transact(lambda connection: connection.execute(table(Outbox).update().values(state="sent")))
