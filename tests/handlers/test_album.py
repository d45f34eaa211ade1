"""Files dropped at once: each keeps its own instant and its own place, and all have one answer."""

from datetime import datetime, timedelta

from bot.clock import PARIS
from storage import journal
from storage.tables import Candidat, Candidature, Outbox, Piece, Receipt
from storage.work import UnitOfWork
from tests.handlers.conftest import ANSWERED, PAPERS, Talk

LAST_SECOND = datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)
TOO_LATE = LAST_SECOND + timedelta(seconds=1)
NEXT_MORNING = datetime(2017, 4, 22, 8, tzinfo=PARIS)


async def drop_together(talk: Talk, *files: tuple[str, datetime | None]) -> list[str]:
    """Camille drops files at once; returns what she reads of it."""
    before = len(talk.said)
    for name, sent_at in files:
        await talk.door.drop("camille", PAPERS / name, sent_at=sent_at)
    await talk.app.settled()
    return [one.text for one in talk.said[before:] if one.room == "camille" and one.text]


async def test_each_file_is_judged_on_its_own_instant(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    talk.clock.set(NEXT_MORNING)
    await talk.app.settled()

    (answer,) = await drop_together(talk, ("etat-des-services.pdf", LAST_SECOND), ("CV_Camille_Martin.pdf", TOO_LATE))

    first, second = answer.split("\n")[1:3]
    assert first == "– « etat-des-services.pdf » : l’état des services (1 page, 706 octets)."
    assert second == "– « CV_Camille_Martin.pdf » : pas gardé, voir plus bas."
    assert "votre message est arrivé le samedi 22 avril 2017" in answer
    assert [(piece.name, piece.received_at) for piece in await talk.rows(Piece)] == [
        ("etat-des-services.pdf", LAST_SECOND)
    ]


async def test_two_corrections_at_once_after_the_deposit_give_one_receipt_of_the_later_instant(talk: Talk) -> None:
    await talk.completes()
    await talk.types("je dépose ma candidature")
    later = LAST_SECOND - timedelta(hours=1)
    talk.clock.set(LAST_SECOND)
    await talk.app.settled()

    await drop_together(talk, ("CV_corrige.pdf", later), ("lettre de motivation.docx", LAST_SECOND))

    first, second = await talk.rows(Receipt)
    assert (first.rank, second.rank) == (1, 2)
    (received,) = [line for line in second.text.split("\n") if line.startswith("Reçue le")]
    assert received.endswith(f" ; {LAST_SECOND.isoformat()}")


async def test_a_refusal_among_several_is_in_the_journal_and_loses_no_other(talk: Talk) -> None:
    await talk.types(*ANSWERED)

    await drop_together(talk, ("vide.pdf", None), ("notice annexe 1.pdf", None), ("programme.pdf", None))

    (one,) = await talk.rows(Candidature)
    lines = await talk.app.database.query(lambda session: journal.lines(session, one.id))
    acts = [line.act for line in lines if line.act.startswith(("act.", "piece."))]
    assert acts == ["act.refused", "piece.received", "piece.placed", "act.refused"]


async def test_two_versions_of_a_piece_sent_at_once_leave_the_later_and_say_so(talk: Talk) -> None:
    await talk.types(*ANSWERED)

    (answer,) = await drop_together(talk, ("CV_Camille_Martin.pdf", None), ("CV_corrige.pdf", None))

    assert answer.split("\n")[1:3] == [
        "– « CV_Camille_Martin.pdf » : le CV (2 pages, 1 ko), remplacé par un des fichiers suivants.",
        "– « CV_corrige.pdf » : le CV (1 page, 714 octets) ; remplace « CV_Camille_Martin.pdf ».",
    ]


async def test_a_file_whose_words_are_a_command_stands_by_itself(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    before = len(talk.said)

    await talk.door.drop("camille", PAPERS / "CV_corrige.pdf")
    await talk.door.drop("camille", PAPERS / "scan0001.pdf", caption="!pieces")
    await talk.app.settled()

    assert len([one for one in talk.said[before:] if one.room == "camille"]) == 2


async def test_a_file_after_a_withdrawal_is_answered_too(talk: Talk) -> None:
    await talk.types(*ANSWERED, "retirer ma candidature", "oui")

    (answer,) = await drop_together(talk, ("CV_corrige.pdf", None))

    assert answer.split(" : ")[0] == "Je n’ai pas ajouté « CV_corrige.pdf »"
    assert await talk.rows(Piece) == []


async def test_a_file_of_somebody_who_agreed_in_another_campagne_is_answered_too(talk: Talk) -> None:
    await talk.types("bonjour")
    person = (await talk.rows(Outbox))[-1].chat_id
    work = UnitOfWork(talk.app.database, talk.clock.now())
    await work.add(Candidat(id=person, door="console", display_name="Camille", agreed_at=talk.clock.now()))
    await talk.app.committer.commit(work)

    (answer,) = await drop_together(talk, ("CV_corrige.pdf", None))

    assert answer.split("\n\n") == [
        "Je n’ai pas gardé « CV_corrige.pdf ». Ouvrez d’abord une candidature, puis envoyez-le de nouveau.",
        "Vous n’avez pas de candidature en cours. Il reste 11 jours pour déposer.",
    ]
