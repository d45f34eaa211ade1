"""When somebody cannot be heard, as people type it. What is ambiguous, vague or half understood is never guessed."""

import re
from collections.abc import Sequence
from datetime import time
from typing import NamedTuple

from bot.circulaire.hours import HOUR, hour_of, mark_hours
from bot.circulaire.planning import Constraint

_NOON = time(12)
_NEVER_GUESSED = re.compile(
    r"\b(?:ou|si|vers|environ|peut etre|plutot|prefer\w*|preference|eventuellement|sinon|debut|fin|milieu|demain"
    r"|semaine|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|trop|tot|tard"
    r"|(?:pas|jamais) (?:de |en )?(?:indisponible|indispo|impossible|cours|classe|reunion|rendez vous|rdv)"
    r"|pas (?:seulement|uniquement|toujours|sur|sure|certaine?))\b"
)
_FREE = re.compile(
    r"(?:je suis )?(?:(?:pas d|aucune?|sans) ?(?:e )?(?:contraintes?|indisponibilites?|empechements?)"
    r"|(?:disponible |libre )?(?:n importe quand|toute la journee|tout le temps|a toute heure)|rien|aucune?)"
)
_FREE_WORDS = re.compile(r"\bpas de\b")
_ALL_DAY = r"(?:toute )?la journee|tout le jour"
_FORMS = (
    ("always", re.compile(rf"\b(?:{_ALL_DAY})\b")),
    ("span", re.compile(rf"\bentre {HOUR} et {HOUR}")),
    ("span", re.compile(rf"(?:\b(?:de|des|depuis) )?{HOUR} (?:a|jusqu a) {HOUR}")),
    ("before", re.compile(rf"\b(?:pas (?:plus tard|apres) que|au plus tard(?: a)?) {HOUR}")),
    ("after", re.compile(rf"\b(?:pas plus tot que|au plus tot(?: a)?) {HOUR}")),
    ("before", re.compile(rf"\b(?:avant|jusqu a|jusque|jusqu) {HOUR}")),
    ("after", re.compile(rf"\b(?:apres|a partir de|a compter de|des|depuis) {HOUR}")),
    ("afternoon", re.compile(r"\b(?:l |en )?apres midi\b")),
    ("morning", re.compile(r"\b(?:le |la |en |dans la )?mati(?:n|nee)\b")),
)
_MARKS = (
    ("-", re.compile(r"\b(?:pas|non|jamais|plus) (?:[a-z]+ ){0,3}?(?:disponible|dispo|possible|libre)s?\b")),
    ("-", re.compile(r"\b(?:in|non )dispo(?:nible|nibilites?)?\b|\bindisponibilite\b")),
    ("-", re.compile(r"\b(?:impossible|absente?|empechee?|occupee?|prise?|sauf|excepte|hors|pas|ni|jamais)\b")),
    ("work", re.compile(r"\b(?:cours|classe|reunion|rendez vous|rdv|formation|travaille)\b")),
    ("+", re.compile(r"\b(?:disponible|dispo|possible|libre|mais|present)e?s?\b")),
)
_UNREAD = re.compile(r"@|\d|\b(?:avant|apres|entre|jusqu|jusque|partir|compter|midi)\b")


class _Token(NamedTuple):
    """A piece of what was said: « + » what follows suits, « - » it does not, or hours."""

    at: int
    kind: str
    hours: tuple[time | None, time | None] = (None, None)


def read_constraint(text: str) -> Constraint | None:
    """What a person says hinders them: « indisponible avant 10h », « après 14h », « pas le matin », « aucune ».

    Hours without a word that says otherwise are those that suit: « après 14h » is « disponible après 14h ».

    Returns:
        None when the words are not hours, are a wish or a doubt, or contradict each other: the person is asked again.
    """
    said = mark_hours(text)
    if _FREE.fullmatch(_FREE_WORDS.sub("aucune", said)):
        return Constraint()
    tokens, rest = _tokens(said)
    is_vague = _NEVER_GUESSED.search(rest) or _NEVER_GUESSED.search(
        said.replace("plus tot", "").replace("plus tard", "")
    )
    if is_vague or _UNREAD.search(rest):
        return None
    return _meaning(tokens)


def _tokens(said: str) -> tuple[list[_Token], str]:
    """What is understood, in the order said, and the rest of the words."""
    found: list[_Token] = []
    for kind, pattern in (*_FORMS, *_MARKS):
        for match in list(pattern.finditer(said)):
            marks = tuple(map(hour_of, match.groups()))
            found.append(
                _Token(match.start(), kind, _hours(kind, marks) if kind not in {"+", "-", "work"} else (None, None))
            )
            said = said[: match.start()] + "#" * len(match[0]) + said[match.end() :]
    return sorted(found), said.replace("#", "")


def _hours(kind: str, marks: tuple[time, ...]) -> tuple[time | None, time | None]:
    """From and to: None is the beginning or the end of the day."""
    match kind:
        case "span":
            return marks[0], marks[1]
        case "before":
            return None, marks[0]
        case "after":
            return marks[0], None
        case "morning":
            return None, _NOON
        case "afternoon":
            return _NOON, None
    return None, None


def _meaning(tokens: Sequence[_Token]) -> Constraint | None:
    """The hours under the words that stand before them, or after all of them: « avant 10h, impossible »."""
    is_free, marks, parts = True, 0, list[tuple[bool, tuple[time | None, time | None]]]()
    previous = ""
    for token in tokens:
        if token.kind in {"+", "-", "work"}:
            is_free = token.kind == "+" and previous != "-"
            marks += 1
        else:
            parts.append((is_free, token.hours))
        previous = token.kind
    if previous == "-" and marks == 1:
        parts = [(False, hours) for _, hours in parts]
    elif previous in {"+", "-"}:
        return None
    return _together(parts) if parts else None


def _together(parts: Sequence[tuple[bool, tuple[time | None, time | None]]]) -> Constraint | None:
    starts, ends, away = list[time](), list[time](), list[tuple[time, time]]()
    for is_free, (start, end) in parts:
        if start is not None and end is not None and start >= end:
            return None
        if is_free:
            starts += [] if start is None else [start]
            ends += [] if end is None else [end]
        elif start is not None and end is not None:
            away.append((start, end))
        elif start is None and end is None:
            away.append((time.min, time.max))
        else:
            starts += [] if end is None else [end]
            ends += [] if start is None else [start]
    not_before, not_after = max(starts, default=None), min(ends, default=None)
    if not_before is not None and not_after is not None and not_before >= not_after:
        return None
    return Constraint(not_before, not_after, tuple(away))
