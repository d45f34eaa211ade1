"""The closing is judged to the second, in Paris, whatever the zone of whoever sends."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import (
    Phase,
    Reminder,
    day_words,
    duration_words,
    hour_words,
    instant_words,
    is_on_time,
    phase,
    read_day_words,
    remaining,
    reminders,
)
from bot.clock import PARIS

REUNION = ZoneInfo("Indian/Reunion")
CAYENNE = ZoneInfo("America/Cayenne")


@pytest.mark.parametrize(
    ("instant", "on_time"),
    [
        pytest.param(datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS), True, id="Paris, the last second"),
        pytest.param(datetime(2017, 4, 21, 23, 59, 59, 999999, tzinfo=PARIS), True, id="Paris, its last instant"),
        pytest.param(datetime(2017, 4, 22, 0, 0, 0, tzinfo=PARIS), False, id="Paris, midnight"),
        pytest.param(datetime(2017, 4, 22, 1, 59, 59, tzinfo=REUNION), True, id="Réunion, the last second"),
        pytest.param(datetime(2017, 4, 22, 2, 0, 0, tzinfo=REUNION), False, id="Réunion, too late"),
        pytest.param(datetime(2017, 4, 21, 18, 59, 59, tzinfo=CAYENNE), True, id="Cayenne, the last second"),
        pytest.param(datetime(2017, 4, 21, 19, 0, 0, tzinfo=CAYENNE), False, id="Cayenne, too late"),
    ],
)
def test_a_dossier_sent_in_the_last_minute_is_judged_by_the_clock_of_paris(
    campagne: Campagne, instant: datetime, on_time: bool
) -> None:
    assert is_on_time(campagne, instant) is on_time


@pytest.mark.parametrize(
    ("now", "words"),
    [
        pytest.param(datetime(2017, 4, 10, tzinfo=PARIS), "il reste 12 jours", id="twelve days"),
        pytest.param(datetime(2017, 4, 10, 0, 0, 1, tzinfo=PARIS), "il reste 11 jours", id="a second less"),
        pytest.param(datetime(2017, 4, 20, tzinfo=PARIS), "il reste 2 jours", id="two days"),
        pytest.param(datetime(2017, 4, 20, 10, tzinfo=PARIS), "il reste 1 jour 14 heures", id="a day and hours"),
        pytest.param(datetime(2017, 4, 21, tzinfo=PARIS), "il reste 1 jour", id="a day exactly"),
        pytest.param(datetime(2017, 4, 21, 20, 55, tzinfo=PARIS), "il reste 3 heures 5 minutes", id="hours"),
        pytest.param(datetime(2017, 4, 21, 22, 59, tzinfo=PARIS), "il reste 1 heure 1 minute", id="singulars"),
        pytest.param(datetime(2017, 4, 21, 23, tzinfo=PARIS), "il reste 1 heure", id="an hour exactly"),
        pytest.param(datetime(2017, 4, 21, 23, 58, tzinfo=PARIS), "il reste 2 minutes", id="minutes"),
        pytest.param(datetime(2017, 4, 21, 23, 59, tzinfo=PARIS), "il reste 1 minute", id="the last minute"),
        pytest.param(datetime(2017, 4, 21, 23, 59, 18, tzinfo=PARIS), "il reste 42 secondes", id="seconds"),
        pytest.param(datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS), "il reste 1 seconde", id="the last second"),
        pytest.param(
            datetime(2017, 4, 21, 23, 59, 59, 500000, tzinfo=PARIS), "il reste moins d’une seconde", id="its end"
        ),
        pytest.param(datetime(2017, 4, 22, 0, 30, tzinfo=REUNION), "il reste 1 heure 30 minutes", id="from Réunion"),
        pytest.param(datetime(2017, 4, 21, 18, 30, tzinfo=CAYENNE), "il reste 30 minutes", id="from Cayenne"),
        pytest.param(datetime(2017, 4, 22, tzinfo=PARIS), "c’est clos depuis hier", id="midnight"),
        pytest.param(datetime(2017, 4, 21, 19, 0, tzinfo=CAYENNE), "c’est clos depuis hier", id="closed from Cayenne"),
        pytest.param(datetime(2017, 4, 24, 9, tzinfo=PARIS), "c’est clos depuis 3 jours", id="three days ago"),
    ],
)
def test_what_remains_is_said_in_exact_french(campagne: Campagne, now: datetime, words: str) -> None:
    assert remaining(campagne, now) == words


def test_a_call_that_closes_at_noon_is_over_the_same_day(campagne: Campagne) -> None:
    noon = _closing(campagne, datetime(2017, 4, 21, 12, tzinfo=PARIS))

    assert remaining(noon, datetime(2017, 4, 21, 12, 0, 1, tzinfo=PARIS)) == "c’est clos depuis aujourd’hui"


def test_the_night_of_the_summer_time_change_has_an_hour_less(campagne: Campagne) -> None:
    sunday = _closing(campagne, datetime(2017, 3, 26, 23, 59, 59, tzinfo=PARIS))

    words = [remaining(sunday, datetime(2017, 3, 26, hour, tzinfo=PARIS)) for hour in (0, 1, 3)]

    assert words == ["il reste 1 jour", "il reste 22 heures", "il reste 21 heures"]


def test_a_closing_just_after_the_summer_time_change_is_judged_in_real_time(campagne: Campagne) -> None:
    early = _closing(campagne, datetime(2017, 3, 26, 3, 0, 0, tzinfo=PARIS))

    judged = [is_on_time(early, datetime(2017, 3, 26, 1, minute, 0, tzinfo=UTC)) for minute in (0, 1)]

    assert judged == [True, False]
    assert remaining(early, datetime(2017, 3, 26, 1, 59, 1, tzinfo=PARIS)) == "il reste 1 minute"


def test_the_hour_that_winter_time_repeats_is_counted_twice(campagne: Campagne) -> None:
    repeated = _closing(campagne, datetime(2017, 10, 29, 2, 15, 0, fold=1, tzinfo=PARIS))
    now = datetime(2017, 10, 29, 2, 30, 1, fold=0, tzinfo=PARIS)

    assert (is_on_time(repeated, now), remaining(repeated, now)) == (True, "il reste 45 minutes")


def test_two_days_across_the_change_are_two_days_of_the_calendar() -> None:
    start, end = datetime(2017, 3, 25, 12, tzinfo=PARIS), datetime(2017, 3, 27, 12, tzinfo=PARIS)

    assert duration_words(start, end) == "2 jours"


@given(
    moment=st.datetimes(min_value=datetime(2017, 3, 1), max_value=datetime(2017, 5, 31), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis wants naive bounds
    zone=st.sampled_from([PARIS, REUNION, CAYENNE, UTC]),
)
def test_the_zone_in_which_an_instant_is_written_changes_nothing(
    campagne: Campagne, moment: datetime, zone: ZoneInfo
) -> None:
    here, there = moment.astimezone(PARIS), moment.astimezone(zone)

    assert (is_on_time(campagne, there), remaining(campagne, there)) == (
        is_on_time(campagne, here),
        remaining(campagne, here),
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(datetime(2017, 3, 29, 23, 59, tzinfo=PARIS), Phase.BEFORE, id="the eve"),
        pytest.param(datetime(2017, 3, 30, tzinfo=PARIS), Phase.OPEN, id="publication"),
        pytest.param(datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS), Phase.OPEN, id="the last second"),
        pytest.param(datetime(2017, 4, 22, tzinfo=PARIS), Phase.CLOSED, id="closed"),
        pytest.param(datetime(2017, 4, 24, 8, tzinfo=PARIS), Phase.CONVOCATION, id="convocations"),
        pytest.param(datetime(2017, 4, 25, 8, tzinfo=PARIS), Phase.ALERT, id="nothing received"),
        pytest.param(datetime(2017, 4, 26, 8, tzinfo=PARIS), Phase.ENTRETIEN, id="the entretien"),
        pytest.param(datetime(2017, 4, 27, 23, 59, tzinfo=PARIS), Phase.AFTER_ENTRETIEN, id="before the avis"),
        pytest.param(datetime(2017, 4, 28, tzinfo=PARIS), Phase.AVIS, id="the avis"),
        pytest.param(datetime(2017, 4, 28, 0, 30, tzinfo=REUNION), Phase.AFTER_ENTRETIEN, id="not yet in Paris"),
    ],
)
def test_the_phase_follows_the_dates_of_the_circular(campagne: Campagne, now: datetime, expected: Phase) -> None:
    assert phase(campagne, now) == expected


def test_reminders_come_seven_days_two_days_and_three_hours_before(campagne: Campagne) -> None:
    assert reminders(campagne) == (
        Reminder("7_days", datetime(2017, 4, 14, 9, tzinfo=PARIS)),
        Reminder("2_days", datetime(2017, 4, 19, 9, tzinfo=PARIS)),
        Reminder("3_hours", datetime(2017, 4, 21, 21, tzinfo=PARIS)),
    )


def test_reminders_across_the_summer_time_change_keep_their_hour(campagne: Campagne) -> None:
    sunday = _closing(campagne, datetime(2017, 3, 26, 23, 59, 59, tzinfo=PARIS))

    instants = [reminder.due_at.isoformat() for reminder in reminders(sunday)]

    assert instants == ["2017-03-19T09:00:00+01:00", "2017-03-24T09:00:00+01:00", "2017-03-26T21:00:00+02:00"]


def test_an_instant_is_said_with_its_weekday_its_second_and_its_zone(campagne: Campagne) -> None:
    assert instant_words(campagne.closes_at) == "vendredi 21 avril 2017 à 23 h 59 min 59 s (heure de Paris)"


def test_an_instant_of_another_zone_is_said_in_paris() -> None:
    assert instant_words(datetime(2017, 4, 22, 0, 5, tzinfo=REUNION)) == (
        "vendredi 21 avril 2017 à 22 h 05 min 00 s (heure de Paris)"
    )


@pytest.mark.parametrize(
    ("day", "words"),
    [
        pytest.param(date(2017, 4, 1), "samedi 1er avril 2017", id="the first"),
        pytest.param(date(2017, 8, 20), "dimanche 20 août 2017", id="accents"),
    ],
)
def test_a_day_is_said_in_french(day: date, words: str) -> None:
    assert day_words(day) == words


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        pytest.param(datetime(2017, 4, 26, 10, 30, tzinfo=PARIS), "10 h 30", id="with minutes"),
        pytest.param(datetime(2017, 4, 26, 9, tzinfo=PARIS), "9 h", id="full hour"),
        pytest.param(datetime(2017, 4, 26, 9, 5, tzinfo=UTC), "11 h 05", id="from another zone"),
    ],
)
def test_an_hour_is_said_in_french(instant: datetime, words: str) -> None:
    assert hour_words(instant) == words


@given(day=st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_day_that_was_said_is_read_back(day: date) -> None:
    weekday = day_words(day).partition(" ")[0]

    assert read_day_words(f"pour le {day_words(day)}, au plus tard") == ((weekday, day.day, day.month, day.year),)


def test_a_day_at_the_very_beginning_is_read_without_its_weekday() -> None:
    assert read_day_words("24 avril 2017") == ((None, 24, 4, 2017),)


def _closing(campagne: Campagne, instant: datetime) -> Campagne:
    """The same campagne with another closing."""
    return replace(campagne, closes_at=instant, published_on=(instant - timedelta(days=30)).date())
