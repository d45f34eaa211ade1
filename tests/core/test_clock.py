"""The virtual clock shows the hour it was set to, whatever the season in which it is set."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import PARIS, Clock


@pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
def test_a_virtual_clock_shows_the_instant_it_was_set_to_and_runs_on(month: int) -> None:
    wanted = datetime(2017, month, 10, 9, tzinfo=PARIS)

    shown = Clock(wanted).now()

    assert timedelta(0) <= shown.astimezone(UTC) - wanted.astimezone(UTC) < timedelta(minutes=1)
