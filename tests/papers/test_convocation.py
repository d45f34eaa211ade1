"""The convocation: a paper that everybody can read, and an entry that every calendar can."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pikepdf
import pytest
import vobject

from bot.circulaire.campagne import Campagne
from bot.circulaire.convocation import ConvocationFacts, convocation_facts
from bot.clock import PARIS
from bot.papers.calendar import calendar
from bot.papers.convocation import typeset_convocation
from tests.papers.seen import Claims, claims, keep, pages

AT = datetime(2017, 4, 24, 9, 5, tzinfo=PARIS)
STARTS = datetime(2017, 4, 26, 10, 30, tzinfo=PARIS)


@pytest.fixture
def facts(campagne: Campagne) -> ConvocationFacts:
    return convocation_facts(
        campagne,
        numero=12,
        holder="Claire Martin",
        starts_at=STARTS,
        room="salle 204",
        address="12, boulevard d’Indochine",
        commission="commission A",
    )


def test_a_convocation_is_tagged_in_french_and_has_a_title(campagne: Campagne, facts: ConvocationFacts) -> None:
    data = typeset_convocation(campagne, facts, at=AT)

    assert claims(data) == Claims("1", "Convocation à l’entretien", "fr-FR", tagged=True)
    assert [shades > 1 for shades in keep("convocation", data)] == [True]


def test_a_convocation_says_day_hour_place_duration_papers_and_contact(
    campagne: Campagne, facts: ConvocationFacts
) -> None:
    (words,) = pages(typeset_convocation(campagne, facts, at=AT))

    expected = [
        "Claire Martin, candidature n° 12",
        "mercredi 26 avril 2017",
        "10 h 30 (heure de Paris), jusqu’à 11 h",
        "salle 204, 12, boulevard d’Indochine",
        "30 minutes en tout, dont un exposé de 8 minutes au plus",
        "commission A",
        "votre pièce d’identité",
        "votre convocation",
        "Katia BINAUX, katia.binaux@ac-paris.fr, tél. 01.44.62.41.93",
        "Convocation établie le lundi 24 avril 2017",
    ]
    assert [line for line in expected if line not in words] == []
    assert "remplace" not in words


def test_a_convocation_that_replaces_another_says_so(campagne: Campagne, facts: ConvocationFacts) -> None:
    data = typeset_convocation(campagne, replace(facts, sequence=1), at=AT)

    (words,) = pages(data)
    assert "Cette convocation remplace celle que vous avez reçue auparavant." in words
    assert "convocation n° 2" in words
    assert len(keep("convocation-remplacee", data)) == 1


def test_a_commission_that_was_not_named_leaves_no_empty_line(campagne: Campagne, facts: ConvocationFacts) -> None:
    (words,) = pages(typeset_convocation(campagne, replace(facts, commission=""), at=AT))

    assert "Commission" not in words


@pytest.mark.parametrize(
    "typed", ['#panic("x") $x$ *gras*', "李明 🙂", "", "A" * 200], ids=["typst", "signs", "", "long"]
)
def test_what_the_bureau_typed_is_shown_and_never_run(campagne: Campagne, facts: ConvocationFacts, typed: str) -> None:
    data = typeset_convocation(campagne, replace(facts, holder=typed, room=typed), at=AT)

    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) == 1


def test_the_same_convocation_makes_the_same_bytes(campagne: Campagne, facts: ConvocationFacts) -> None:
    made = {typeset_convocation(campagne, facts, at=AT) for _ in range(2)}

    assert len(made) == 1


def by_icalendar(data: bytes) -> tuple[Any, ...]:
    read = icalendar.Calendar.from_ical(data)
    event = read.walk("VEVENT")[0]
    return (
        str(read["METHOD"]),
        str(event["UID"]),
        int(str(event["SEQUENCE"])),
        event.decoded("DTSTART").astimezone(UTC),
        event.decoded("DTEND").astimezone(UTC),
        str(event["STATUS"]),
        str(event["SUMMARY"]),
        str(event["LOCATION"]),
        str(event["ORGANIZER"]),
        [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")],
    )


def by_vobject(data: bytes) -> tuple[Any, ...]:
    read = vobject.readOne(data.decode())
    event = read.vevent
    return (
        read.method.value,
        event.uid.value,
        int(event.sequence.value),
        event.dtstart.value.astimezone(UTC),
        event.dtend.value.astimezone(UTC),
        event.status.value,
        event.summary.value,
        event.location.value,
        event.organizer.value,
        [alarm.trigger.value for alarm in event.contents.get("valarm", [])],
    )


@pytest.mark.parametrize("read", [by_icalendar, by_vobject], ids=["icalendar", "vobject"])
@pytest.mark.parametrize(
    ("method", "sequence", "status", "alarms"),
    [("REQUEST", 0, "CONFIRMED", [timedelta(days=-1)]), ("CANCEL", 1, "CANCELLED", [])],
    ids=["told", "withdrawn"],
)
def test_two_libraries_read_the_same_entry(
    facts: ConvocationFacts,
    read: Callable[[bytes], tuple[Any, ...]],
    method: Any,
    sequence: int,
    status: str,
    alarms: list[timedelta],
) -> None:
    data = calendar(replace(facts, sequence=sequence), at=AT, method=method)

    assert read(data) == (
        method,
        "convocation-12.17AN0076@ac-paris.fr",
        sequence,
        datetime(2017, 4, 26, 8, 30, tzinfo=UTC),
        datetime(2017, 4, 26, 9, 0, tzinfo=UTC),
        status,
        "Entretien, candidature n° 12 (circulaire 17AN0076)",
        "salle 204, 12, boulevard d’Indochine",
        "mailto:katia.binaux@ac-paris.fr",
        alarms,
    )


def test_an_entry_carries_the_zone_of_paris_and_its_own_rules(facts: ConvocationFacts) -> None:
    lines = calendar(facts, at=AT).decode().split("\r\n")

    assert [line for line in lines if line.startswith(("DTSTART;", "DTEND;", "DTSTAMP", "TZID"))] == [
        "TZID:Europe/Paris",
        "DTSTART;TZID=Europe/Paris:20170426T103000",
        "DTEND;TZID=Europe/Paris:20170426T110000",
        "DTSTAMP:20170424T070500Z",
    ]


def test_an_entry_says_in_french_what_to_bring_and_names_nobody(facts: ConvocationFacts) -> None:
    event = icalendar.Calendar.from_ical(calendar(facts, at=AT)).walk("VEVENT")[0]

    assert str(event["DESCRIPTION"]).splitlines() == [
        "Le mercredi 26 avril 2017 à 10 h 30 (heure de Paris)",
        "Durée : 30 minutes en tout, dont un exposé de 8 minutes au plus",
        "À apporter : votre pièce d’identité, votre convocation",
        "Commission : commission A",
        "Une question ? Écrivez à Katia BINAUX, katia.binaux@ac-paris.fr, tél. 01.44.62.41.93.",
    ]
    assert b"Martin" not in calendar(facts, at=AT)


def test_an_entry_names_the_candidate_only_to_the_mailbox_it_is_sent_to(facts: ConvocationFacts) -> None:
    event = icalendar.Calendar.from_ical(calendar(facts, at=AT, attendee="claire.martin@ac-paris.fr")).walk("VEVENT")[0]

    assert (str(event["ATTENDEE"]), event["ATTENDEE"].params["RSVP"]) == ("mailto:claire.martin@ac-paris.fr", "FALSE")


@pytest.mark.parametrize("room", ["salle 204\r\nATTENDEE:mailto:x@y.fr", "a;b,c\\n:d\x00"], ids=["a line", "signs"])
def test_a_room_cannot_add_a_line_to_an_entry(facts: ConvocationFacts, room: str) -> None:
    event = icalendar.Calendar.from_ical(calendar(replace(facts, room=room), at=AT)).walk("VEVENT")[0]

    assert "ATTENDEE" not in event


def test_no_line_of_an_entry_is_longer_than_calendars_allow(facts: ConvocationFacts) -> None:
    lines = calendar(replace(facts, room="é" * 300), at=AT).split(b"\r\n")

    assert max(map(len, lines)) <= 75
