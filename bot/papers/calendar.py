"""The convocation as an entry of a calendar, which every change brings up to date and a withdrawal takes away."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from bot.circulaire.convocation import ConvocationFacts
from bot.circulaire.delais import day_words, hour_words
from bot.clock import PARIS
from bot.papers.convocation import contact_words, duration_words

if TYPE_CHECKING:
    from icalendar import Alarm, Event, Timezone, vCalAddress

MIME = "text/calendar"
_DAY = timedelta(days=1)


def calendar(
    facts: ConvocationFacts, *, at: datetime, method: Literal["REQUEST", "CANCEL"] = "REQUEST", attendee: str = ""
) -> bytes:
    """The entry of an entretien, to be sent by e-mail or opened; the same for the same facts.

    Args:
        at: the instant at which it is made (aware).
        method: CANCEL takes the entry away; its `sequence` must be greater than that of the last one sent.
        attendee: the candidate's address; a server of calendars files the entry by itself when it knows it.
    """
    from icalendar import Calendar

    entry = Calendar()
    entry.add("prodid", "-//Greffier//Convocations//FR")
    entry.add("version", "2.0")
    entry.add("calscale", "GREGORIAN")
    entry.add("method", method)
    entry.add_component(_paris_around(facts.starts_at))
    event = _event(facts, at, "CANCELLED" if method == "CANCEL" else "CONFIRMED", attendee)
    if method == "REQUEST":
        event.add_component(_alarm(facts))
    entry.add_component(event)
    written: bytes = entry.to_ical()
    return written


def _event(facts: ConvocationFacts, at: datetime, status: str, attendee: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", facts.uid)
    event.add("sequence", facts.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", facts.starts_at.astimezone(PARIS))
    event.add("dtend", facts.ends_at.astimezone(PARIS))
    event.add("status", status)
    event.add("class", "PRIVATE")
    event.add("summary", _summary(facts))
    event.add("location", facts.place)
    event.add("description", _description(facts))
    event.add("organizer", _person(facts.contact.email, CN=facts.contact.name))
    if attendee:
        event.add("attendee", _person(attendee, RSVP="FALSE", ROLE="REQ-PARTICIPANT"))
    return event


def _paris_around(instant: datetime) -> "Timezone":
    """The rules of Paris time for that year, so that no calendar has to know the zone by its name."""
    from icalendar import Timezone

    year = instant.astimezone(PARIS).year
    return Timezone.from_tzinfo(PARIS, first_date=date(year, 1, 1), last_date=date(year + 1, 1, 1))


def _alarm(facts: ConvocationFacts) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"Demain à {hour_words(facts.starts_at)} : {_summary(facts)}")
    alarm.add("trigger", -_DAY)
    return alarm


def _summary(facts: ConvocationFacts) -> str:
    """No name: calendars are shared."""
    return f"Entretien, candidature n° {facts.numero} (circulaire {facts.campagne})"


def _description(facts: ConvocationFacts) -> str:
    lines = (
        f"Le {day_words(facts.starts_at)} à {hour_words(facts.starts_at)} (heure de Paris)",
        f"Durée : {duration_words(facts)}",
        f"À apporter : {', '.join(facts.to_bring)}",
        f"Commission : {facts.commission}" if facts.commission else "",
        f"Une question ? {contact_words(facts.contact)}.",
    )
    return "\n".join(filter(None, lines))


def _person(email: str, **parameters: str) -> "vCalAddress":
    from icalendar import vCalAddress

    address = vCalAddress(f"mailto:{email}")
    address.params.update(parameters)
    return address
