"""The relais: its states, and until when an answer is promised."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.office_hours import OfficeHours, easter, holidays
from bot.circulaire.relais import RELAIS, RelaisEtat, kept_until, promised_by, says_settled
from bot.clock import PARIS
from bot.errors import Refusal

EVENTS = sorted({line.event for line in RELAIS.table})
MORNINGS = OfficeHours(opens=time(8, 30), closes=time(12, 30), weekdays=(0, 1, 3), promised=timedelta(hours=6))


@pytest.mark.parametrize(
    ("opened", "promised"),
    [
        pytest.param("2017-04-24T10:00", "2017-04-24T14:00", id="a Monday morning"),
        pytest.param("2017-04-24T09:00", "2017-04-24T13:00", id="at the opening"),
        pytest.param("2017-04-24T13:00", "2017-04-24T17:00", id="just enough before the closing"),
        pytest.param("2017-04-24T15:00", "2017-04-25T11:00", id="goes on the next day"),
        pytest.param("2017-04-21T16:00", "2017-04-24T12:00", id="goes on after the week-end"),
        pytest.param("2017-04-24T17:00", "2017-04-25T12:00", id="at the closing"),
        pytest.param("2017-04-24T07:30", "2017-04-24T12:00", id="before the opening"),
        pytest.param("2017-04-21T23:00", "2017-04-24T12:00", id="a Friday night"),
        pytest.param("2017-04-22T10:00", "2017-04-24T12:00", id="a Saturday"),
        pytest.param("2017-04-28T18:00", "2017-05-02T12:00", id="the first of May is a Monday"),
        pytest.param("2017-05-01T10:00", "2017-05-02T12:00", id="on the first of May itself"),
        pytest.param("2017-04-14T16:00", "2017-04-18T12:00", id="over Easter Monday"),
        pytest.param("2017-05-24T16:00", "2017-05-26T12:00", id="over Ascension"),
        pytest.param("2026-12-31T18:00", "2027-01-04T12:00", id="over the New Year"),
        pytest.param("2017-03-24T16:00", "2017-03-27T12:00", id="over the change to summer time"),
        pytest.param("2017-10-27T16:00", "2017-10-30T12:00", id="over the change to winter time"),
    ],
)
def test_an_answer_is_promised_for_office_hours(opened: str, promised: str) -> None:
    at = datetime.fromisoformat(opened).replace(tzinfo=PARIS)

    assert promised_by(at, OfficeHours()) == datetime.fromisoformat(promised).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("opened", "promised"),
    [
        pytest.param("2017-04-24T08:30", "2017-04-25T10:30", id="two mornings"),
        pytest.param("2017-04-25T12:00", "2017-05-02T10:00", id="three mornings, over the first of May"),
        pytest.param("2017-04-26T10:00", "2017-04-27T12:00", id="a day without office"),
    ],
)
def test_the_hours_are_those_of_the_settings(opened: str, promised: str) -> None:
    at = datetime.fromisoformat(opened).replace(tzinfo=PARIS)

    assert promised_by(at, MORNINGS) == datetime.fromisoformat(promised).replace(tzinfo=PARIS)


def test_the_instant_is_understood_in_any_zone() -> None:
    opened = datetime(2017, 4, 24, 13, tzinfo=UTC)

    assert promised_by(opened, OfficeHours()) == datetime(2017, 4, 25, 11, tzinfo=PARIS)


@given(opened=st.datetimes(datetime(2017, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 -- hypothesis wants naive bounds
def test_a_promise_is_always_later_and_falls_when_somebody_is_there(opened: datetime) -> None:
    promised = promised_by(opened, OfficeHours())

    assert promised > opened
    assert OfficeHours().is_office_day(promised.date())
    assert time(9) < promised.time() <= time(17)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"opens": time(17), "closes": time(9)}, id="turned round"),
        pytest.param({"weekdays": ()}, id="never"),
        pytest.param({"weekdays": (6,)}, id="Sundays only"),
        pytest.param({"outside": time(8)}, id="noon before the opening"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        OfficeHours(**wrong)


EASTERS = (
    *("2017-04-16", "2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09"),
    *("2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "1954-04-18", "1981-04-19"),
)


@pytest.mark.parametrize("day", EASTERS)
def test_easter_is_the_one_of_the_calendar(day: str) -> None:
    sunday = date.fromisoformat(day)

    assert easter(sunday.year) == sunday


def test_the_public_holidays_of_2017_are_eleven() -> None:
    days = sorted(day.isoformat()[5:] for day in holidays(2017))

    assert days == [
        *("01-01", "04-17", "05-01", "05-08", "05-25", "06-05", "07-14", "08-15", "11-01", "11-11", "12-25"),
    ]


def test_a_relais_that_was_closed_may_be_asked_again() -> None:
    state = RelaisEtat.OUVERT

    for event in ("reply", "close", "ask_again"):
        state = RELAIS.after(state, event)

    assert state == RelaisEtat.OUVERT


def test_a_closed_relais_is_not_answered_any_more() -> None:
    with pytest.raises(Refusal) as refused:
        RELAIS.after(RelaisEtat.FERME, "reply")

    assert refused.value.text == "relais/transition_refused"
    assert RELAIS.events(RelaisEtat.FERME) == ("ask_again",)


@given(state=st.sampled_from(RelaisEtat), event=st.sampled_from([*EVENTS, "inventer"]))
def test_a_relais_moves_only_along_its_table(state: RelaisEtat, event: str) -> None:
    allowed = {line.after for line in RELAIS.table if line.event == event and state in line.before}

    try:
        reached = {RELAIS.after(state, event)}
    except Refusal:
        reached = set()

    assert reached == allowed


def test_every_state_has_its_words_and_every_rule_its_paragraph(campagne: Campagne, invented: Campagne) -> None:
    rules = {line.rule for line in RELAIS.table} - {""}

    assert [state for state in RelaisEtat if not state.label] == []
    assert (rules - campagne.sources.keys(), rules - invented.sources.keys()) == (set(), set())


def test_the_diagram_is_drawn_from_the_table(campagne: Campagne) -> None:
    lines = RELAIS.diagram(campagne).splitlines()

    assert lines[1:3] == ["    [*] --> OUVERT", "    OUVERT --> REPONDU : répondre (§D1.7)"]


@pytest.mark.parametrize(
    ("words", "alone", "in_reply"),
    [
        ("C’est réglé", True, True),
        ("c'est reglé, merci beaucoup !", True, True),
        ("Ma question est réglée", True, True),
        ("merci, c’est bon", True, True),
        ("C'est bon pour moi, merci", True, True),
        ("Merci, j’ai ma réponse.", True, True),
        ("c'est bon", False, True),
        ("OK c’est noté", False, True),
        ("oui", False, False),
        ("merci", False, False),
        ("c’est réglé ?", False, False),
        ("c’est réglé pour le vélo, mais la tablette ?", False, False),
        ("Merci, c’est bon à savoir", False, False),
        ("ce n’est pas réglé", False, False),
        ("", False, False),
    ],
)
def test_a_question_is_settled_by_words_that_say_nothing_else(words: str, alone: bool, in_reply: bool) -> None:
    assert (says_settled(words, in_reply=False), says_settled(words, in_reply=True)) == (alone, in_reply)


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        pytest.param("2017-04-10T09:00", "2017-05-21T23:59:59", id="as long as a draft"),
        pytest.param("2017-05-02T09:00", "2017-06-01T09:00", id="after the closing, from the question on"),
    ],
)
def test_what_was_asked_without_an_agreement_has_a_term(campagne: Campagne, asked: str, until: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=PARIS)

    assert kept_until(campagne, at) == datetime.fromisoformat(until).replace(tzinfo=PARIS)
