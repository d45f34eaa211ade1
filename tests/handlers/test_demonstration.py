"""The demonstration moves its own clock: how a day is said, what is refused, and that nobody else can."""

from datetime import datetime

import pytest

from bot.channels.console import BUREAU
from bot.clock import PARIS
from tests.handlers.conftest import OPEN_DAY, Talk

HOW = (
    "Nous sommes le lundi 10 avril 2017 à 9 h 00 min 00 s (heure de Paris). Pour avancer : « !demo avancer 2017-04-22 »"
    " ou « !demo avancer 3 h ». On n’avance que vers l’avenir."
)


@pytest.mark.parametrize(
    ("typed", "day", "hour", "minute"),
    [
        ("2017-04-12", 12, 9, 0),
        ("2017-04-12 14:30", 12, 14, 30),
        ("2017-04-12T14h30", 12, 14, 30),
        ("3 h", 10, 12, 0),
        ("45 min", 10, 9, 45),
        ("2 jours", 12, 9, 0),
    ],
    ids=["a day", "a day and an hour", "an hour in French", "hours", "minutes", "days"],
)
async def test_the_clock_moves_to_what_was_typed(talk: Talk, typed: str, day: int, hour: int, minute: int) -> None:
    talk.app.given["demo"] = True

    await talk.says(BUREAU, f"!demo avancer {typed}")

    assert talk.clock.now() == datetime(2017, 4, day, hour, minute, tzinfo=PARIS)


@pytest.mark.parametrize(
    "typed",
    ["", "avancer", "avancer 2017-04-09", "avancer 2017-02-31", "avancer 2017-04-12 25:30", "avancer 0 h"],
    ids=["nothing", "no duration", "a day gone by", "no such day", "no such hour", "no time at all"],
)
async def test_what_does_not_lead_into_the_future_is_explained(talk: Talk, typed: str) -> None:
    talk.app.given["demo"] = True

    await talk.says(BUREAU, f"!demo {typed}")

    assert (talk.heard(BUREAU), talk.clock.now()) == (HOW, OPEN_DAY)


async def test_moving_past_the_closing_closes_the_call(talk: Talk) -> None:
    talk.app.given["demo"] = True

    await talk.says(BUREAU, "!demo avancer 2017-04-22")

    moved, closed = (one.text for one in talk.said if one.room == BUREAU)
    assert moved == (
        "Nous sommes maintenant le samedi 22 avril 2017 à 9 h 00 min 00 s (heure de Paris)."
        " Ce qui devait arriver entre-temps arrive tout de suite."
    )
    assert closed == (
        "La campagne 17AN0076 est close depuis le vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)."
        "\nAucun dossier."
    )


async def test_outside_a_demonstration_the_command_does_not_exist(talk: Talk) -> None:
    await talk.says(BUREAU, "!demo avancer 2017-04-22")

    assert talk.clock.now() == OPEN_DAY
    assert talk.heard(BUREAU) == (
        "Je ne connais pas la commande « demo ».\nÉcrivez aide pour voir tout ce que vous pouvez me demander."
    )


async def test_in_a_demonstration_a_candidate_is_told_that_the_bureau_alone_moves_the_clock(talk: Talk) -> None:
    talk.app.given["demo"] = True

    await talk.says("camille", "!demo avancer 2017-04-22")

    assert talk.clock.now() == OPEN_DAY
    assert talk.heard() == (
        "La commande « demo » est réservée au bureau, dans son salon."
        " Écrivez aide pour voir ce que vous pouvez me demander."
    )
