"""One update, one transaction: all or nothing."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from bot.errors import StaleWorkError, WorkClosedError
from storage import agenda, identities, inbox, journal, letters, outbox
from storage.commit import Committer
from storage.database import BoundSession, Database
from storage.inbox import NewArrival
from storage.outbox import Letter
from storage.tables import Candidature, Inbox, Journal, Outbox, table
from storage.work import UnitOfWork, current_work
from tests.storage.conftest import NOW

HELLO = Letter(chat_id=7, method="sendMessage", payload={"text": "Bonjour"}, door="console")


def arrival(event: str, room: str = "camille") -> NewArrival:
    return NewArrival(event, room, "{}", NOW, NOW)


def candidature(numero: int, work: UnitOfWork) -> Candidature:
    return Candidature(
        id=work.take_id(),
        campagne="17AN0076",
        numero=numero,
        candidat_id=7,
        etat="BROUILLON",
        created_at=NOW,
        changed_at=NOW,
    )


async def count(database: Database, model: type) -> int:
    query = select(func.count()).select_from(table(model))
    return int(await database.query(lambda session: session.execute(query).scalar_one()))


async def test_an_arrival_is_kept_once_whatever_its_door_repeats(database: Database) -> None:
    first = await inbox.receive(database, "matrix", [arrival("$a"), arrival("$b")], position="s1")

    again = await inbox.receive(database, "matrix", [arrival("$b"), arrival("$c")], position="s2")

    assert [row.event for row in first] == ["$a", "$b"]
    assert [row.event for row in again] == ["$c"]
    assert await database.query(lambda session: inbox.fact(session, "matrix.position")) == "s2"


async def test_a_commit_that_fails_leaves_the_next_one_free(database: Database) -> None:
    def late_fault(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE one (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE two (one INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED)")
        connection.exec_driver_sql("INSERT INTO two VALUES (1)")

    with pytest.raises(IntegrityError):
        await database.transact(late_fault)

    assert len(await inbox.receive(database, "matrix", [arrival("$a")])) == 1


async def test_everything_of_one_update_is_written_together(database: Database, committer: Committer) -> None:
    (row,) = await inbox.receive(database, "console", [arrival("$a")])
    work = UnitOfWork(database, NOW, inbox_id=row.id)

    await work.add(candidature(1, work))
    work.outbox.put(HELLO)
    work.note("candidature.created", actor="candidat:7", source="D1.5")
    await committer.commit(work)

    assert await database.query(inbox.unhandled) == 0
    assert await count(database, Candidature) == 1
    assert [letter.payload for letter in await database.query(outbox.waiting)] == [{"text": "Bonjour"}]
    assert await count(database, Journal) == 1


async def test_nothing_of_an_update_is_written_when_one_row_is_refused(
    database: Database, committer: Committer
) -> None:
    taken = UnitOfWork(database, NOW)
    await taken.add(candidature(1, taken))
    await committer.commit(taken)
    (row,) = await inbox.receive(database, "console", [arrival("$a")])
    work = UnitOfWork(database, NOW, inbox_id=row.id)
    await work.add(candidature(1, work))
    work.outbox.put(HELLO)

    with pytest.raises(StaleWorkError):
        await committer.commit(work)

    assert await database.query(inbox.unhandled) == 1
    assert await database.query(outbox.waiting) == []


async def test_one_refused_update_does_not_take_its_group_with_it(database: Database, committer: Committer) -> None:
    taken = UnitOfWork(database, NOW)
    await taken.add(candidature(1, taken))
    await committer.commit(taken)
    refused, fine = UnitOfWork(database, NOW), UnitOfWork(database, NOW)
    await refused.add(candidature(1, refused))
    fine.outbox.put(HELLO)

    results = await asyncio.gather(committer.commit(refused), committer.commit(fine), return_exceptions=True)

    assert [type(result) for result in results] == [StaleWorkError, type(None)]
    assert len(await database.query(outbox.waiting)) == 1


async def test_an_arrival_is_never_handled_twice(database: Database, committer: Committer) -> None:
    (row,) = await inbox.receive(database, "console", [arrival("$a")])
    first, second = UnitOfWork(database, NOW, inbox_id=row.id), UnitOfWork(database, NOW, inbox_id=row.id)
    first.outbox.put(HELLO)
    second.outbox.put(HELLO)

    await committer.commit(first)
    with pytest.raises(StaleWorkError):
        await committer.commit(second)

    assert len(await database.query(outbox.waiting)) == 1


async def test_of_two_people_changing_one_dossier_the_second_plays_again(
    database: Database, committer: Committer
) -> None:
    made = UnitOfWork(database, NOW)
    await made.add(candidature(1, made))
    await committer.commit(made)
    one, two = UnitOfWork(database, NOW), UnitOfWork(database, NOW)
    query = select(Candidature)
    seen_by_one = await one.run(lambda session: session.scalars(query).one())
    seen_by_two = await two.run(lambda session: session.scalars(query).one())
    seen_by_one.etat, seen_by_two.etat = "DEPOSEE", "RETIREE"

    await committer.commit(one)
    with pytest.raises(StaleWorkError):
        await committer.commit(two)

    kept = await database.query(lambda session: session.scalars(query).one().etat)
    assert kept == "DEPOSEE"


async def test_an_update_whose_row_the_spine_has_already_is_played_again(
    database: Database, committer: Committer
) -> None:
    first, second = UnitOfWork(database, NOW), UnitOfWork(database, NOW)
    identities.keep_media(first, "console", {}, "cv.pdf", "application/pdf", None, peer_id=None)
    second.media.append(first.media[0])
    await committer.commit(first)

    with pytest.raises(StaleWorkError, match="IntegrityError"):
        await committer.commit(second)


async def test_a_savepoint_forgets_what_came_after_it(database: Database, committer: Committer) -> None:
    work = UnitOfWork(database, NOW)
    work.outbox.put(HELLO)
    mark = work.mark()
    work.outbox.put(HELLO)
    work.fsm["k"] = ("state", "{}")
    await work.add(candidature(1, work))
    work.note("candidature.created", actor="candidat:7")

    work.rollback_to(mark)
    await committer.commit(work)

    assert len(await database.query(outbox.waiting)) == 1
    assert await count(database, Candidature) == 0
    assert await count(database, Journal) == 0


async def test_a_unit_of_work_refuses_use_after_its_commit(database: Database, committer: Committer) -> None:
    work = UnitOfWork(database, NOW)
    with work.current():
        leaked = current_work()
    await committer.commit(work)

    assert leaked is work
    with pytest.raises(WorkClosedError):
        work.outbox.put(HELLO)
    with pytest.raises(WorkClosedError):
        await work.run(lambda session: session)


async def test_a_unit_of_work_that_a_fault_ends_holds_no_session(database: Database) -> None:
    work = UnitOfWork(database, NOW)

    def fail(session: BoundSession) -> None:
        session.get(Candidature, 1)
        raise LookupError

    with pytest.raises(LookupError), work.current():
        await work.run(fail)

    assert work.session is None


async def test_a_stop_waits_for_what_is_being_written(database: Database, committer: Committer) -> None:
    async def write() -> None:
        work = UnitOfWork(database, NOW)
        work.outbox.put(HELLO)
        await committer.commit(work)

    committer.beside(write())
    given_up = asyncio.create_task(write())
    await asyncio.sleep(0)
    given_up.cancel()

    await committer.close()

    assert len(await database.query(outbox.waiting)) == 2
    with pytest.raises(WorkClosedError):
        await write()


async def test_a_duty_with_the_same_key_is_written_once(database: Database, committer: Committer) -> None:
    for days in (1, 2):
        work = UnitOfWork(database, NOW)
        work.agenda.put("reminder", "reminder:1:7d", NOW + timedelta(days=days), candidature_id=1)
        await committer.commit(work)

    due = await database.query(lambda session: agenda.due(session, NOW + timedelta(days=3)))
    assert [(duty.kind, duty.due_at) for duty in due] == [("reminder", NOW + timedelta(days=1))]


async def test_the_journal_locates_an_altered_a_missing_and_a_moved_line(
    database: Database, committer: Committer
) -> None:
    for number in range(4):
        work = UnitOfWork(database, NOW + timedelta(minutes=number))
        work.note("piece.received", actor="candidat:7", candidature_id=1, source="D1.6", code="cv", rank=number)
        await committer.commit(work)

    lines = await database.query(journal.lines)

    assert journal.first_broken(lines) is None
    assert journal.first_broken([lines[0], *lines[2:]]) == 2
    assert journal.first_broken([lines[1], lines[0], *lines[2:]]) == 1
    lines[2].details = lines[2].details.replace("cv", "lettre")
    assert journal.first_broken(lines) == 3


async def test_ids_of_two_runs_never_meet(database: Database) -> None:
    first = [database.ids.take() for _ in range(3)]
    database.ids.extend(0, 0)

    await database.reserve_ids()

    assert database.ids.take() > max(first)


async def test_letters_waiting_are_read_in_order_and_from_where_one_stopped(
    database: Database, committer: Committer
) -> None:
    work = UnitOfWork(database, NOW)
    messages = [work.outbox.put(HELLO) for _ in range(3)]
    await committer.commit(work)
    first, *others = await database.query(outbox.waiting)

    rest = await database.query(lambda session: outbox.waiting(session, after=first.id))

    assert rest == others
    assert [letter.message_id for letter in (first, *others)] == messages
    assert await count(database, Outbox) == 3


async def test_the_words_of_an_arrival_are_not_kept_once_it_is_handled(
    database: Database, committer: Committer
) -> None:
    said = NewArrival("$a", "camille", '{"text": "mots de Camille"}', NOW, NOW)
    (row,) = await inbox.receive(database, "matrix", [said])
    rows = table(Inbox)
    query = select(rows.c.event, rows.c.payload)
    before = await database.query(lambda session: session.execute(query).all())

    await committer.commit(UnitOfWork(database, NOW, inbox_id=row.id))

    assert [tuple(one) for one in before] == [("$a", said.payload)]
    assert [tuple(one) for one in await database.query(lambda s: s.execute(query).all())] == [("$a", "{}")]
    assert await inbox.receive(database, "matrix", [said]) == []


@pytest.mark.parametrize(
    ("state", "after"), [("sent", "sent"), ("abandoned", "cancelled"), ("doubtful", "cancelled"), ("retry", "retry")]
)
async def test_an_erasure_takes_the_words_of_letters_and_none_of_them_is_sent_again(
    database: Database, committer: Committer, state: str, after: str
) -> None:
    work = UnitOfWork(database, NOW)
    work.outbox.put(HELLO)
    await committer.commit(work)
    (letter,) = await database.query(outbox.waiting)
    await outbox.mark_failed(database, letter.id, state=state, reason="")
    erasing = UnitOfWork(database, NOW)

    await erasing.run(letters.forget_words, 0, HELLO.chat_id)
    await committer.commit(erasing)

    rows = table(Outbox)
    query = select(rows.c.state, rows.c.payload == "{}")
    assert await database.query(lambda session: session.execute(query).all()) == [(after, state != "retry")]
