"""What a page of conversation cannot write: instants of the server, edits, clear words, restarts, frozen bytes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.clock import PARIS
from storage.tables import Candidat, Candidature, Piece, Receipt
from tests.handlers.conftest import ANSWERED, OPEN_DAY, Talk

LAST_SECOND = datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)
TOO_LATE = LAST_SECOND + timedelta(seconds=1)
NEXT_MORNING = datetime(2017, 4, 22, 8, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("sent_at", "etat"), [(LAST_SECOND, "deposee"), (TOO_LATE, "hors_delai")], ids=["23:59:59", "0:00:00"]
)
async def test_a_deposit_counts_from_when_the_server_had_it(talk: Talk, sent_at: datetime, etat: str) -> None:
    await talk.completes()
    talk.clock.set(NEXT_MORNING)

    await talk.types("je dépose ma candidature", sent_at=sent_at)

    (candidature,) = await talk.rows(Candidature)
    assert (candidature.etat, candidature.received_at) == (etat, sent_at)


async def test_a_piece_sent_on_time_is_kept_though_the_draft_has_expired_meanwhile(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("notice annexe 1.pdf", "etat-des-services.pdf", "CV_Camille_Martin.pdf")
    talk.clock.set(NEXT_MORNING)
    await talk.app.settled()

    await talk.drops("scan0001.pdf", sent_at=LAST_SECOND, shown_as="lettre.pdf")
    await talk.types("je dépose ma candidature", sent_at=LAST_SECOND)

    (candidature,) = await talk.rows(Candidature)
    assert (candidature.etat, len(await talk.rows(Receipt))) == ("deposee", 1)


async def test_an_edit_corrects_the_typed_answer(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    event = await talk.types("Camille Martin")

    await talk.door.edit("camille", event, "Camille Durand")
    await talk.app.settled()

    (candidature,) = await talk.rows(Candidature)
    assert candidature.notice["nom"] == "Camille Durand"


async def test_an_edit_corrects_an_answer_typed_as_a_label(talk: Talk) -> None:
    await talk.types("bonjour", "j'accepte")
    event = await talk.types("oui")

    await talk.door.edit("camille", event, "non")
    await talk.app.settled()

    (candidature,) = await talk.rows(Candidature)
    assert candidature.answers == {"corps": "non"}


async def test_useful_is_no_consent(talk: Talk) -> None:
    await talk.types("bonjour", "combien de temps dure l'entretien ?")

    await talk.types("oui")

    assert await talk.rows(Candidat) == []


async def test_frozen_pieces_never_change(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("notice annexe 1.pdf", "etat-des-services.pdf", "CV_Camille_Martin.pdf")
    await talk.drops("IMG_2034.jpg", shown_as="lettre.jpg")
    await talk.types("je dépose ma candidature")
    before = {piece.id: piece.sha256 for piece in await talk.rows(Piece)}

    await talk.drops("IMG_2035.jpg", shown_as="lettre 2.jpg")
    await talk.types("1")

    after = {piece.id: piece.sha256 for piece in await talk.rows(Piece)}
    assert {number: after[number] for number in before} == before
    assert [receipt.rank for receipt in await talk.rows(Receipt)] == [1, 2]


async def test_words_in_clear_change_nothing(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types(*ANSWERED)
    before = (await talk.rows(Candidature))[0].notice

    await talk.types("Camille Martin", clear=True)

    assert (await talk.rows(Candidature))[0].notice == before


async def test_a_second_deposit_gives_no_second_receipt(talk: Talk) -> None:
    await talk.completes()

    await talk.types("je dépose ma candidature", "je dépose ma candidature")

    assert [receipt.rank for receipt in await talk.rows(Receipt)] == [1]


async def test_a_restart_loses_nothing_and_asks_the_same_question(reopen: Any) -> None:
    async with reopen(OPEN_DAY) as talk:
        await talk.types(*ANSWERED[:-1])
        asked = talk.heard()

    async with reopen(OPEN_DAY + timedelta(days=3)) as talk:
        await talk.types("reprendre")

        assert talk.heard().endswith(asked)


async def test_a_draft_that_is_erased_leaves_a_tombstone(talk: Talk) -> None:
    await talk.completes()
    hashes = sorted({piece.sha256 for piece in await talk.rows(Piece)})

    await talk.types("effacer mes données", "oui")

    (candidature,) = await talk.rows(Candidature)
    pieces = await talk.rows(Piece)
    assert (candidature.etat, candidature.answers, candidature.notice) == ("effacee", {}, {})
    assert sorted(piece.sha256 for piece in pieces) == hashes
    assert {piece.name for piece in pieces} == {""}
    assert list(talk.app.files) == []
    assert await talk.rows(Candidat) == []


async def test_an_erasure_that_was_asked_aside_is_asked_again_after_a_digression(talk: Talk) -> None:
    await talk.types(*ANSWERED, "effacer mes données")
    asked = talk.heard()

    await talk.types("combien de temps dure l'entretien ?")

    assert talk.heard() == asked


async def test_a_press_or_a_command_in_clear_changes_nothing(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types("bonjour")

    await talk.types("j'accepte", "!aide", clear=True)

    assert await talk.rows(Candidat) == []
    assert talk.heard().startswith("Ce message m’est parvenu sans chiffrement")


async def test_an_erasure_that_was_asked_is_asked_again_after_a_digression(talk: Talk) -> None:
    await talk.types(*ANSWERED, "effacer mes données")
    asked = talk.heard()

    await talk.types("combien de temps dure l'entretien ?")

    assert talk.heard() == asked


async def test_a_choice_or_a_command_in_clear_changes_nothing(talk: Talk) -> None:
    talk.app.given["refuse_clear"] = True
    await talk.types("bonjour")

    await talk.types("j'accepte", "!aide", clear=True)

    assert await talk.rows(Candidat) == []
    assert talk.heard().startswith("Ce message m’est parvenu sans chiffrement")
