"""The avis: what its author means, its states, and the day before which nobody reads it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.avis import AVIS, AvisEtat, AvisValue, may_release, read_avis, require_release, visible_from
from bot.circulaire.campagne import Campagne
from bot.clock import PARIS
from bot.errors import Refusal

EVENTS = sorted({line.event for line in AVIS.table})
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("favorable", AvisValue.FAVORABLE),
        ("Fav", AvisValue.FAVORABLE),
        ("avis favorable", AvisValue.FAVORABLE),
        ("FAVORABLE.", AvisValue.FAVORABLE),
        ("défavorable", AvisValue.DEFAVORABLE),
        ("defavorable", AvisValue.DEFAVORABLE),
        ("déf", AvisValue.DEFAVORABLE),
        ("Avis défavorable", AvisValue.DEFAVORABLE),
        ("réservé", AvisValue.RESERVE),
        ("reserve", AvisValue.RESERVE),
        ("avec réserves", AvisValue.RESERVE),
        ("rés", AvisValue.RESERVE),
    ],
)
def test_an_avis_is_read_as_people_type_it(typed: str, value: AvisValue) -> None:
    assert read_avis(typed) == value


@pytest.mark.parametrize(
    "typed",
    [
        *("", "oui", "f", "pas favorable", "non favorable", "favorable mais à revoir", "favorable ou réservé"),
        *("favorable, avec réserves", "ni favorable ni défavorable", "très bien"),
    ],
)
def test_an_avis_that_is_not_clear_is_not_guessed(typed: str) -> None:
    assert read_avis(typed) is None


def test_the_three_values_are_said_in_french() -> None:
    assert [value.label for value in AvisValue] == ["favorable", "réservé", "défavorable"]


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        pytest.param(datetime(2017, 4, 27, 23, 59, 59, tzinfo=PARIS), False, id="the second before"),
        pytest.param(datetime(2017, 4, 28, tzinfo=PARIS), True, id="the first instant of the day"),
        pytest.param(datetime(2017, 4, 27, 21, 59, 59, tzinfo=UTC), False, id="the second before, in UTC"),
        pytest.param(datetime(2017, 4, 27, 22, tzinfo=UTC), True, id="midnight in Paris, in UTC"),
        pytest.param(datetime(2018, 1, 1, tzinfo=PARIS), True, id="long after"),
    ],
)
def test_an_avis_is_released_from_its_day_on(campagne: Campagne, now: datetime, allowed: bool) -> None:
    assert may_release(campagne, now) is allowed


def test_an_avis_that_would_leave_too_early_is_refused_with_its_paragraph(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        require_release(campagne, datetime(2017, 4, 27, 23, 59, 59, tzinfo=PARIS))

    assert (refused.value.text, refused.value.source) == ("avis/too_early", "D2.1")
    assert refused.value.values == {"day": "vendredi 28 avril 2017"}


def test_every_campagne_keeps_its_own_day(campagne: Campagne, invented: Campagne) -> None:
    days = [visible_from(campagne), visible_from(invented)]

    assert [may_release(each, day) for each, day in zip((campagne, invented), days, strict=True)] == [True, True]
    assert [may_release(each, day - SECOND) for each, day in zip((campagne, invented), days, strict=True)] == [
        False,
        False,
    ]


@given(events=st.lists(st.sampled_from(EVENTS), max_size=30))
def test_no_version_leaves_without_having_been_sealed_and_confirmed(events: list[str]) -> None:
    state, since_draft = AvisEtat.BROUILLON, list[str]()
    for event in events:
        if event not in AVIS.events(state):
            continue
        state = AVIS.after(state, event)
        since_draft = [] if state == AvisEtat.BROUILLON else [*since_draft, event]

        if state.is_public:
            assert [step for step in since_draft if step != "amend"][:3] == ["seal", "confirm", "release"]


@given(state=st.sampled_from(AvisEtat), event=st.sampled_from([*EVENTS, "inventer"]))
def test_an_avis_moves_only_along_its_table(state: AvisEtat, event: str) -> None:
    allowed = {line.after for line in AVIS.table if line.event == event and state in line.before}

    try:
        reached = {AVIS.after(state, event)}
    except Refusal:
        reached = set()

    assert reached == allowed


def test_an_avis_that_was_not_confirmed_is_refused_to_leave() -> None:
    with pytest.raises(Refusal) as refused:
        AVIS.after(AvisEtat.SCELLE, "release")

    assert (refused.value.text, refused.value.values["act"]) == ("avis/transition_refused", "transmettre")


def test_an_avis_once_confirmed_changes_only_by_being_reopened() -> None:
    assert AVIS.events(AvisEtat.CONFIRME) == ("release", "reopen")


def test_every_state_has_its_words_and_every_rule_its_paragraph(campagne: Campagne, invented: Campagne) -> None:
    rules = {line.rule for line in AVIS.table} - {""}

    assert [state for state in AvisEtat if not state.label] == []
    assert (rules - campagne.sources.keys(), rules - invented.sources.keys()) == (set(), set())


def test_the_diagram_is_drawn_from_the_table_with_its_paragraphs(campagne: Campagne) -> None:
    lines = AVIS.diagram(campagne).splitlines()

    assert lines[1:3] == ["    [*] --> BROUILLON", "    BROUILLON --> SCELLE : sceller (§D2.1)"]
    assert len(lines) == 2 + sum(len(line.before) for line in AVIS.table)
