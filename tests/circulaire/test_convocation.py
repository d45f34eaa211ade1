"""What a convocation says, and the states it goes through."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.convocation import CONVOCATION, ConvocationEtat, convocation_facts
from bot.clock import PARIS
from bot.errors import Refusal

EVENTS = sorted({line.event for line in CONVOCATION.table})
AT = datetime(2017, 4, 26, 10, 30, tzinfo=PARIS)


def walk(*events: str) -> ConvocationEtat:
    state = ConvocationEtat.PREPAREE
    for event in events:
        state = CONVOCATION.after(state, event)
    return state


def test_a_convocation_takes_its_durations_and_papers_from_the_circular(campagne: Campagne) -> None:
    facts = convocation_facts(campagne, numero=12, holder="Claire Martin", starts_at=AT, room="salle 204")

    assert (facts.exposition_minutes, facts.total_minutes) == (8, 30)
    assert facts.to_bring == ("votre pièce d’identité", "votre convocation")
    assert facts.ends_at == datetime(2017, 4, 26, 11, 0, tzinfo=PARIS)
    assert facts.contact.email == "katia.binaux@ac-paris.fr"


def test_another_campagne_has_other_durations(invented: Campagne) -> None:
    facts = convocation_facts(invented, numero=1, holder="A", starts_at=AT, room="B")

    assert (facts.exposition_minutes, facts.total_minutes) == (invented.expose_minutes, invented.entretien_minutes)


@pytest.mark.parametrize(
    ("room", "address", "place"),
    [
        pytest.param("salle 204", "12, rue X", "salle 204, 12, rue X", id="both"),
        pytest.param("salle 204", "", "salle 204", id="the room alone"),
    ],
)
def test_the_place_is_what_the_bureau_gave(campagne: Campagne, room: str, address: str, place: str) -> None:
    facts = convocation_facts(campagne, numero=12, holder="C", starts_at=AT, room=room, address=address)

    assert facts.place == place


def test_a_moved_convocation_keeps_its_name_in_calendars(campagne: Campagne) -> None:
    first = convocation_facts(campagne, numero=12, holder="C", starts_at=AT, room="204")
    moved = convocation_facts(campagne, numero=12, holder="C", starts_at=AT.replace(hour=15), room="7", sequence=1)

    assert (first.uid, moved.uid) == ("convocation-12.17AN0076@ac-paris.fr",) * 2


@pytest.mark.parametrize(
    ("events", "reached"),
    [
        pytest.param(("publish", "acknowledge"), ConvocationEtat.ACQUITTEE, id="acknowledged"),
        pytest.param(("publish", "fall_silent", "remind", "acknowledge"), ConvocationEtat.ACQUITTEE, id="reminded"),
        pytest.param(("publish", "fall_silent", "acknowledge"), ConvocationEtat.ACQUITTEE, id="late answer"),
        pytest.param(("publish", "remind", "remind"), ConvocationEtat.RELANCEE, id="asked for twice"),
        pytest.param(("publish", "acknowledge", "replace"), ConvocationEtat.REMPLACEE, id="moved"),
        pytest.param(("publish", "cancel"), ConvocationEtat.ANNULEE, id="withdrawn"),
        pytest.param(("cancel",), ConvocationEtat.ANNULEE, id="withdrawn before it was sent"),
    ],
)
def test_a_convocation_goes_its_way(events: tuple[str, ...], reached: ConvocationEtat) -> None:
    assert walk(*events) == reached


@pytest.mark.parametrize("event", ["acknowledge", "fall_silent", "remind", "replace"])
def test_nothing_is_answered_before_the_sending(event: str) -> None:
    with pytest.raises(Refusal) as refused:
        walk(event)

    assert refused.value.text == "convocation/transition_refused"


def test_a_convocation_that_was_acknowledged_is_reminded_no_more() -> None:
    assert CONVOCATION.events(ConvocationEtat.ACQUITTEE) == ("replace", "cancel")


def test_what_is_replaced_or_cancelled_stays_so() -> None:
    assert [state.name for state in ConvocationEtat if not CONVOCATION.events(state)] == [
        "REMPLACEE",
        "ANNULEE",
    ]


def test_a_convocation_in_force_is_one_that_may_be_replaced() -> None:
    replaceable = {state for state in ConvocationEtat if "replace" in CONVOCATION.events(state)}

    assert {state for state in ConvocationEtat if state.in_force} == replaceable


@given(state=st.sampled_from(ConvocationEtat), event=st.sampled_from([*EVENTS, "inventer"]))
def test_a_convocation_moves_only_along_its_table(state: ConvocationEtat, event: str) -> None:
    allowed = {line.after for line in CONVOCATION.table if line.event == event and state in line.before}

    try:
        reached = {CONVOCATION.after(state, event)}
    except Refusal:
        reached = set()

    assert reached == allowed


def test_every_state_has_its_words_and_every_rule_its_paragraph(campagne: Campagne, invented: Campagne) -> None:
    rules = {line.rule for line in CONVOCATION.table} - {""}

    assert [state for state in ConvocationEtat if not state.label] == []
    assert (rules - campagne.sources.keys(), rules - invented.sources.keys()) == (set(), set())


def test_the_diagram_is_drawn_from_the_table_with_its_paragraphs(campagne: Campagne) -> None:
    lines = CONVOCATION.diagram(campagne).splitlines()

    assert lines[1:3] == ["    [*] --> PREPAREE", "    PREPAREE --> PUBLIEE : envoyer (§C2.5)"]
    assert len(lines) == 4 + sum(len(line.before) for line in CONVOCATION.table)
