"""What falls due: said once, late when Greffier was away, and not at all once it has become pointless."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from bot.channels.console import BUREAU
from bot.circulaire.candidature import Etat
from bot.clock import PARIS
from bot.errors import UnreadableFileError
from storage.tables import Agenda, Candidature, Outbox, Piece
from tests.handlers.conftest import ANSWERED, PAPERS, Talk
from tests.handlers.test_the_call import CLOSED, COMMISSION, convoked

LAST_SECOND = datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)


def april(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2017, 4, day, hour, minute, tzinfo=PARIS)


async def at(talk: Talk, *instants: datetime) -> None:
    """Time passes: Greffier is at work at these instants, and away between them."""
    for instant in instants:
        talk.clock.set(instant)
        await talk.app.settled()


async def outcomes(talk: Talk, kind: str) -> list[str | None]:
    """What became of each duty of a kind, in the order of their instants."""
    rows = sorted(await talk.rows(Agenda), key=lambda row: row.due_at)
    return [row.outcome for row in rows if row.kind == kind]


async def letters(talk: Talk, kind: str) -> int:
    return len([row for row in await talk.rows(Outbox) if row.kind == kind])


async def etats(talk: Talk) -> list[str]:
    return [one.etat for one in await talk.rows(Candidature)]


REMINDED: dict[str, tuple[tuple[datetime, ...], list[str | None], int]] = {
    "each in its time": ((april(14, 9), april(19, 9), april(21, 21)), ["done", "done", "done"], 3),
    "away for two of them": (
        (april(21, 21, 30),),
        ["a later reminder is due too", "a later reminder is due too", "done"],
        1,
    ),
    "away until after the closing": (
        (april(22, 9),),
        ["after the closing", "after the closing", "after the closing"],
        0,
    ),
}


@pytest.mark.parametrize(("instants", "expected", "sent"), REMINDED.values(), ids=REMINDED)
async def test_an_unfinished_dossier_is_reminded_of_what_is_still_true(
    talk: Talk, instants: tuple[datetime, ...], expected: list[str | None], sent: int
) -> None:
    await talk.types("bonjour", "j'accepte")

    await at(talk, *instants)

    assert (await outcomes(talk, "reminder"), await letters(talk, "agenda/reminder")) == (expected, sent)


async def test_an_erased_draft_is_reminded_of_nothing(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte", "effacer mes données", "oui")

    await at(talk, april(14, 9))

    assert (await outcomes(talk, "reminder"))[0] == "no longer a draft"
    assert await letters(talk, "agenda/reminder") == 0


async def test_a_deposit_sent_on_time_and_heard_late_is_not_erased_as_a_draft(talk: Talk) -> None:
    await talk.completes()
    await at(talk, april(22, 9))
    await talk.types("je dépose ma candidature", sent_at=LAST_SECOND)

    await at(talk, datetime(2017, 5, 7, 9, tzinfo=PARIS), datetime(2017, 5, 22, 9, tzinfo=PARIS))

    assert await etats(talk) == [Etat.DEPOSEE]
    assert await outcomes(talk, "erasure_notice") == ["no longer to be erased"]
    assert await outcomes(talk, "erasure") == ["no longer to be erased"]


async def test_the_bytes_that_another_dossier_holds_too_outlive_an_erasure(talk: Talk) -> None:
    for who in ("camille", "paul"):
        await talk.says(who, *ANSWERED)
        await talk.door.drop(who, PAPERS / "etat-des-services.pdf")
        await talk.app.settled()
    await talk.types("effacer mes données", "oui")

    await at(talk, april(10, 10))

    kept = next(row for row in await talk.rows(Piece) if row.replaced_at is None)
    assert await outcomes(talk, "forget_file") == ["the same bytes are in another dossier"]
    assert talk.app.files.get(kept.sha256) == (PAPERS / "etat-des-services.pdf").read_bytes()


async def test_the_bytes_that_nobody_else_holds_go_with_the_dossier(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("etat-des-services.pdf")
    sha256 = (await talk.rows(Piece))[0].sha256

    await talk.types("effacer mes données", "oui")

    assert await outcomes(talk, "forget_file") == ["done"]
    with pytest.raises(UnreadableFileError):
        talk.app.files.get(sha256)


async def test_an_entretien_is_recalled_on_its_eve_and_not_once_it_has_begun(talk: Talk) -> None:
    await convoked(talk, "camille", "paul")
    await talk.says(BUREAU, "!creneau 2 11:30")

    await at(talk, april(26, 9, 30))

    assert await outcomes(talk, "entretien_reminder") == ["the entretien has begun", "replaced", "done"]
    assert await letters(talk, "agenda/entretien") == 1


async def test_the_net_catches_nobody_whose_entretien_is_over(talk: Talk) -> None:
    await convoked(talk, "camille")

    await at(talk, april(26, 18))

    assert await outcomes(talk, "convocation_net") == ["everybody has answered"]
    assert await outcomes(talk, "convocation_alert") == ["everybody has answered"]
    assert await letters(talk, "convocation/again") == 0


MOVED: dict[str, dict[str, Any]] = {
    "convocation_net": {"convocation_on": date(2017, 4, 25)},
    "convocation_alert": {"alert_on": date(2017, 4, 26)},
}


@pytest.mark.parametrize(("kind", "later"), MOVED.items(), ids=MOVED)
async def test_a_date_that_was_moved_is_not_kept_on_the_old_day(talk: Talk, kind: str, later: dict[str, Any]) -> None:
    await convoked(talk, "camille")
    talk.app.given["campagne"] = replace(talk.app.campagne, **later)

    await at(talk, april(24, 20), april(25, 8))

    expected = "the convocations are later now" if kind == "convocation_net" else "the day of the alert is later now"
    assert await outcomes(talk, kind) == [expected]


async def test_the_digest_of_a_circonscription_names_its_convoked_alone(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("ines", "Inès Petit")
    await talk.directory()
    await talk.says(
        BUREAU, "!ien importer\ncirconscription;nom;courriel;tchap\nParis 19A;Mme Roche;ien19a@ac-paris.fr;roche"
    )
    await talk.says("roche", "!copies résumé")
    await at(talk, CLOSED)
    await talk.says(BUREAU, "!recevable 1", COMMISSION, "!planning", "!convoquer", "oui")

    await at(talk, april(22, 18))

    assert await outcomes(talk, "ien_digest") == ["done"]
    assert talk.heard("courriel").split("\n")[3:] == [
        "– n° 1, Camille Martin : convoquée, entretien le mercredi 26 avril 2017 à 9 h, salle 12"
    ]
