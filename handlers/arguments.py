"""A command: who may give it, and its arguments, read from the rest of the line by their kind."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import IntEnum
from typing import Any, Literal

from bot.circulaire.delais import read_day_words
from bot.circulaire.reading import fold, unquoted

Who = Literal["candidat", "bureau", "ien"]
Kind = Literal["number", "numbers", "word", "text", "date", "hour", "choice", "name", "audience"]
_MOST = 400  # numbers in one command
_SAYS = 3  # letters that may stand for a word
_GAP = re.compile(r"^[\s;,:]+")
_NUMBER = re.compile(r"(?:n[°o] ?|nº ?|#)?(\d{1,9})(?![\w:])", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,9})\s*[-–à]\s*(\d{1,9})(?![\w:])")
_ANOTHER = re.compile(r"(?:et )?(?:n[°o] ?|nº ?|#)?\d+(?!\w)", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\w)")
_SLASHED = re.compile(r"(?:le )?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\w/])", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:le )?(?:[a-zà-ÿ]+di )?\d{1,2}(?:er)? [a-zà-ÿ]+( \d{4})?(?!\w)", re.IGNORECASE)
_HOUR = re.compile(r"([01]?\d|2[0-3]) ?(?:[:h.] ?([0-5]\d)?)(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“«]\s*(.*?)\s*[\"”»]", re.DOTALL)


@dataclass(frozen=True)
class Param:
    """One argument: its `label` with its article and an `example` are what a person is told when it misses."""

    name: str
    kind: Kind
    label: str
    example: str
    needed: bool = True
    choices: tuple[tuple[str, str], ...] = ()  # code, word
    until: str = ""  # the word at which a name ends, as a pattern
    after: str = ""  # the choice that asks for it: after another, nothing misses


class Role(IntEnum):
    """What a member of the bureau may do: each role may what those before it may."""

    LECTEUR = 1
    GESTIONNAIRE = 2
    PRESIDENT = 3
    ADMINISTRATEUR = 4


@dataclass(frozen=True)
class Command:
    """A command. `same` are other ways to say it, whole; `usage` is written from the arguments where it is empty."""

    name: str
    who: tuple[Who, ...]
    sentence: str
    usage: str = ""
    same: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    role: Role = Role.LECTEUR

    @property
    def shown(self) -> str:
        """The arguments as the help shows them."""
        return self.usage or " ".join(_shown(param) for param in self.params)


def _shown(param: Param) -> str:
    word = "|".join(word for _, word in param.choices) or param.name.replace("_", " ").replace("numero", "numéro")
    return word if param.needed else f"[{word}]"


@dataclass(frozen=True)
class Fault:
    """An argument that misses, or was not understood: `typed` is then what stands in its place."""

    param: Param
    typed: str
    before: str  # what was understood, to be completed


def read_arguments(params: Sequence[Param], args: str, year: int | None = None) -> tuple[dict[str, Any], Fault | None]:
    """The values of the arguments by name, and the first that is at fault; an optional one that misses is None.

    Args:
        year: that of a day which is said without one.
    """
    values: dict[str, Any] = {param.name: None for param in params}
    whole = rest = typed = args.strip()
    for param in params:
        taken = read_argument(param, rest, year) if rest else None
        if taken is not None:
            values[param.name], left = taken
            typed, rest = rest, _GAP.sub("", left).strip()
        elif param.needed and (not param.after or param.after in values.values()):
            return values, Fault(param, rest, whole[: len(whole) - len(rest)].strip())
    last = params[-1] if params else None
    if last is not None and last.kind == "number" and values[last.name] is not None and _ANOTHER.match(rest):
        return values, Fault(last, typed, whole[: len(whole) - len(typed)].strip())  # nothing is done by halves
    return values, None


def read_argument(param: Param, rest: str, year: int | None = None) -> tuple[Any, str] | None:
    """One argument at the beginning of a line, and what follows it; None where it is not there."""
    return _date(rest, year) if param.kind == "date" else _READERS[param.kind](param, rest)


def _number(_: Param, rest: str) -> tuple[int, str] | None:
    found = _NUMBER.match(rest)
    return (int(found[1]), rest[found.end() :]) if found else None


def _numbers(_: Param, rest: str) -> tuple[list[int], str] | None:
    """« 3 5 7 », « 3, 5 et 7 », « 3-7 »."""
    numbers: list[int] = []
    while rest:
        between, single = _RANGE.match(rest), _NUMBER.match(rest)
        found = between or single
        if found is None:
            break
        first, last = (int(between[1]), int(between[2])) if between else (int(found[1]), int(found[1]))
        numbers += range(first, min(last, first + _MOST) + 1)
        rest = re.sub(r"^(?:[\s,;]|et\s)+", "", rest[found.end() :])
    return (list(dict.fromkeys(numbers))[:_MOST], rest) if numbers else None


def _word(_: Param, rest: str) -> tuple[str, str] | None:
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted[1], rest[quoted.end() :]
    word = rest.split(maxsplit=1)[0]
    return word, rest[rest.index(word) + len(word) :]


def _name(param: Param, rest: str) -> tuple[str, str] | None:
    """Words up to a semicolon or to the word that ends them, or in quotation marks."""
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted[1], rest[quoted.end() :]
    end = re.search(rf"\s(?={param.until}\b)", rest, re.IGNORECASE) if param.until else None
    words, left = (rest[: end.start()], rest[end.end() :]) if end else (rest.partition(";")[0], rest.partition(";")[2])
    words = words.strip(" ;,\u00a0")
    return (words, left) if words else None


def _text(_: Param, rest: str) -> tuple[str, str] | None:
    """The rest of the line, without the quotation marks around it."""
    words = unquoted(rest)
    return (words, "") if words else None


def _date(rest: str, year: int | None) -> tuple[date, str] | None:
    """« 2017-04-25 », « 25/04/2017 », « mardi 25 avril 2017 »; without the year, « 25/4 » and « 25 avril »."""
    iso, slashed, written = _ISO.match(rest), _SLASHED.match(rest), _WRITTEN.match(rest)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3])), rest[iso.end() :]
        if slashed:
            return date(int(slashed[3] or year or 0), int(slashed[2]), int(slashed[1])), rest[slashed.end() :]
        if written:
            ((_weekday, day, month, spoken),) = read_day_words(written[0] if written[1] else f"{written[0]} {year}")
            return date(spoken, month, day), rest[written.end() :]
    except ValueError:
        return None
    return None


def _hour(_: Param, rest: str) -> tuple[time, str] | None:
    found = _HOUR.match(rest.removeprefix("à ").lstrip())
    return (time(int(found[1]), int(found[2] or 0)), rest[rest.index(found[0]) + len(found[0]) :]) if found else None


def _choice(param: Param, rest: str) -> tuple[str, str] | None:
    """One of the words, the longest first; its beginning is enough when no other begins so.

    What is quoted, or what an optional choice of several words only begins like, are the words that follow it.
    """
    quoted = _QUOTED.match(rest)
    if quoted:
        code = next((code for code, word in param.choices if fold(word) == fold(quoted[1])), None)
        return (code, rest[quoted.end() :]) if code else None
    said = fold(rest)
    for code, word in sorted(param.choices, key=lambda pair: len(pair[1]), reverse=True):
        whole = fold(word)
        if said == whole or said.startswith(f"{whole} "):
            return code, _after(rest, len(whole.split()))
    first = said.split(" ")[0].removesuffix("s")  # « recevables », « déposées »
    wide = [(code, word) for code, word in param.choices if param.needed or " " not in word]
    near = {code for code, word in wide if len(first) >= _SAYS and fold(word).startswith(first)}
    return (near.pop(), _after(rest, 1)) if len(near) == 1 else None


def _audience(param: Param, rest: str) -> tuple[str | list[int], str] | None:
    """Dossiers by their numbers, or one of the words."""
    return _numbers(param, rest) or _choice(param, rest)


def _after(rest: str, words: int) -> str:
    """What follows the first words."""
    found = re.match(rf"(?:[^\w]*\w+){{{words}}}", rest)
    return rest[found.end() :] if found else ""


_READERS: dict[Kind, Callable[[Param, str], tuple[Any, str] | None]] = {
    "number": _number,
    "numbers": _numbers,
    "word": _word,
    "name": _name,
    "text": _text,
    "hour": _hour,
    "choice": _choice,
    "audience": _audience,
}
