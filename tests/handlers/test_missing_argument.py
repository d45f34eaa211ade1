"""What misses is asked for, and waited for, without taking what colleagues say to each other for it."""

import pytest

from bot.channels.console import BUREAU
from storage.bureau import Relais
from tests.handlers.conftest import Talk

ASKED = "Pour !piece, il me faut la raison."
REFUSED = "Une pièce de votre dossier n° 1 est refusée."


async def _asks(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.says(BUREAU, "!piece 1 cv refuser")


async def test_a_wrong_answer_is_named_and_the_right_one_still_waited_for(talk: Talk) -> None:
    await _asks(talk)
    assert talk.heard(BUREAU).splitlines()[0] == ASKED

    await talk.says(BUREAU, "trop sombre")
    named = talk.heard(BUREAU).splitlines()[0]
    await talk.says(BUREAU, "illisible")

    assert named == "Je ne comprends pas « trop sombre » : il me faut ici la raison."
    assert REFUSED in talk.heard()


async def test_a_sentence_to_a_colleague_is_no_answer_and_ends_nothing(talk: Talk) -> None:
    await _asks(talk)

    await talk.says(BUREAU, "attends, je regarde ce CV de plus près")
    still = talk.heard(BUREAU).splitlines()[0]
    await talk.says(BUREAU, "illisible")

    assert still == ASKED
    assert REFUSED in talk.heard()


@pytest.mark.parametrize("ended_by", ["annuler", "!dossiers"])
async def test_another_command_ends_the_wait(talk: Talk, ended_by: str) -> None:
    await _asks(talk)

    await talk.says(BUREAU, ended_by, "illisible")

    assert REFUSED not in talk.heard()
    assert await talk.rows(Relais) == []
