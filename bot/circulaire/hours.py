"""Hours as people type and read them, « 10h30 », « 10 heures et demie », « midi »; the names of the days."""

import re
from datetime import time

from bot.circulaire.reading import fold, in_digits

HOUR = r"@(\d{4})"  # how an hour stands in a marked text
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

_CLOCK = re.compile(
    r"\b(\d{1,2}) ?(?:h|heures?)(?: ?([0-5]\d)\b|\b)(?: (et demie?|et quart|moins le quart))?"
    r"(?: (du matin|de l apres midi|du soir))?"
)
_COLON = re.compile(r"(?<=\d)\s?:\s?(?=[0-5]\d\b)")
_DASH = re.compile(r"(?<=[\dh])\s?[-–—]\s?(?=\d)")
_NOON_AND_TWO = re.compile(r"\bentre midi et (?:2 ?h?|deux)\b")
_NOON = re.compile(r"(?<!apres )\bmidi\b|(?<=jour apres )\bmidi\b")
_SHIFTS = {None: 0, "et quart": 15, "et demi": 30, "et demie": 30, "moins le quart": -15}
_LATEST = 24 * 60


def mark_hours(text: str) -> str:
    """A text, folded, with each hour as « @1030 », « à » between two hours joined by a dash; what is no hour stays."""
    said = in_digits(fold(_DASH.sub(" à ", _COLON.sub("h", text))))
    said = _NOON_AND_TWO.sub("entre @1200 et @1400", said)
    return _NOON.sub("@1200", _CLOCK.sub(_marked, said))


def hour_of(mark: str) -> time:
    """The hour of four marked digits, « 1030 »."""
    return time(int(mark[:2]), int(mark[2:]))


def read_hour(text: str) -> time | None:
    """The hour that a text is, and nothing else: « 9h », « 9 h 30 », « midi »; None for any other text."""
    found = re.fullmatch(HOUR, mark_hours(text))
    return hour_of(found[1]) if found else None


def clock_words(hour: time) -> str:
    """« 9 h », « 10 h 30 »."""
    return f"{hour.hour} h" + (f" {hour.minute:02}" if hour.minute else "")


def _marked(found: re.Match[str]) -> str:
    hour, minutes, shift, part = found.groups()
    noon = 12 * 60
    total = int(hour) * 60 + int(minutes or 0) + _SHIFTS[shift]
    if part in {"de l apres midi", "du soir"} and total < noon:
        total += noon
    return f"@{total // 60:02}{total % 60:02}" if 0 <= total < _LATEST else found[0]
