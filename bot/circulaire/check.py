"""Checks the folder of a campagne before anybody relies on it: every fault at once, in French."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from bot.circulaire.campagne import Campagne, build_campagne, read_anchored, read_values
from bot.circulaire.candidature import VerdictCode
from bot.circulaire.cited import CitedTable
from bot.circulaire.delais import day_words, read_day_words, weekday_name
from bot.circulaire.notice import FIELD_KINDS
from bot.circulaire.passages import AnchoredText
from bot.circulaire.reading import fold, in_digits

Level = Literal["erreur", "avertissement"]

_HEADING = re.compile(r"^[#* ]*([A-Z]) ?[-–—]", re.MULTILINE)
_ACRONYM = re.compile(r"\b[A-Z]{6,}\b")
_DATES = (
    ("published_on", "la publication"),
    ("closes_at", "la clôture"),
    ("convocation_on", "la convocation"),
    ("alert_on", "le signalement d’une convocation non reçue"),
    ("entretien_on", "l’entretien"),
    ("avis_from", "l’avis"),
)


@dataclass(frozen=True)
class Finding:
    """Something that the person who keeps the campagne must mend (erreur) or know (avertissement)."""

    level: Level
    message: str


def check_campagne(folder: Path) -> list[Finding]:
    """Everything that is wrong or odd in the folder of a campagne; errors first."""
    faults: list[str] = []
    values, anchored = read_values(folder, faults), read_anchored(folder, faults)
    if faults:
        return [Finding("erreur", fault) for fault in faults]
    tables = CitedTable(values, "", faults)
    campagne = build_campagne(tables, anchored, faults)
    faults += _quotation_faults(values, anchored)
    faults += _weekday_faults(values)
    faults += _value_faults(values, anchored)
    faults += _order_faults(values)
    faults += _code_faults(campagne)
    faults += _piece_faults(campagne)
    found = [Finding("erreur", fault) for fault in dict.fromkeys(faults)]
    unread = [f"campagne.toml : personne ne lit {key}. Est-ce bien écrit ?" for key in tables.unread()]
    return found + [Finding("avertissement", oddity) for oddity in (*unread, *_oddities(anchored))]


def _cited(values: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table that cites a passage, with its name as the file has it."""
    if "source" in values or "quote" in values:
        yield name, values
        return
    for key, inside in values.items():
        if isinstance(inside, Mapping):
            yield from _cited(inside, f"{name}.{key}" if name else key)
        elif isinstance(inside, list):
            for rank, item in enumerate(inside, start=1):
                if isinstance(item, Mapping):
                    yield from _cited(item, f"{key} n° {rank}")


def _quotation_faults(values: Mapping[str, Any], anchored: AnchoredText) -> Iterator[str]:
    for name, table in _cited(values):
        source, quote = table.get("source"), table.get("quote")
        if not isinstance(source, str) or not isinstance(quote, str):
            continue  # named already as a missing key
        passage = anchored.passages.get(source)
        if passage is None:
            yield f"[{name}] : le paragraphe « {source} » n’existe pas dans la circulaire."
        elif not quote.strip() or not passage.contains(quote):
            yield f"[{name}] : le paragraphe {source} ne dit pas « {quote} »."


def _weekday_faults(values: Mapping[str, Any]) -> Iterator[str]:
    """A quotation that names a day must name the value's, and the weekday that this day really is."""
    for name, table in _cited(values):
        value, quote = table.get("value"), table.get("quote")
        if not isinstance(quote, str):
            continue
        for weekday, day, month, year in read_day_words(quote):
            try:
                real = date(year, month, day)
            except ValueError:
                yield f"[{name}] : la date de « {quote} » n’existe pas."
                continue
            if weekday not in {None, weekday_name(real)}:
                yield f"[{name}] : « {quote} », mais ce jour est un {weekday_name(real)}."
            if isinstance(value, date) and _day(value) != real:
                yield f"[{name}] : la valeur est le {day_words(_day(value))}, la citation dit « {quote} »."


def _value_faults(values: Mapping[str, Any], anchored: AnchoredText) -> Iterator[str]:
    """Numbers, addresses and telephones are the circular's own: the cited words hold them."""
    for name, table in _cited(values):
        passage = anchored.passages.get(str(table.get("source")))
        value, quote = table.get("value"), fold(str(table.get("quote")))
        if type(value) is int and str(value) not in in_digits(quote).split():
            yield f"[{name}] : la citation ne dit pas « {value} »."
        given = [value, table.get("email"), table.get("phone"), *(value if isinstance(value, list) else ())]
        for words in given:
            exact = isinstance(words, str) and any(sign.isdecimal() or sign == "@" for sign in words)
            if exact and passage is not None and fold(str(words)) not in fold(passage.text):
                yield f"[{name}] : le paragraphe {passage.id} ne contient pas « {words} »."


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _order_faults(values: Mapping[str, Any]) -> Iterator[str]:
    """The dates of a campagne follow each other."""
    table = values.get("dates")
    dates = table if isinstance(table, Mapping) else {}
    known = [
        (words, _day(dates[key]["value"]))
        for key, words in _DATES
        if isinstance(dates.get(key), Mapping) and isinstance(dates[key].get("value"), date)
    ]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            yield f"[dates] : {later} ({day_words(second)}) vient avant {earlier} ({day_words(first)})."


def _piece_faults(campagne: Campagne) -> Iterator[str]:
    """Each piece stands in a paragraph of its own, in the circular's words."""
    for piece in campagne.pieces:
        passage = campagne.passages.get(piece.source)
        if passage is None or not passage.contains(piece.label):
            yield f"[[pieces]] « {piece.code} » : le paragraphe {piece.source} ne demande pas « {piece.label} »."


def _code_faults(campagne: Campagne) -> Iterator[str]:
    """Codes are unique, and what one part says of another exists."""
    parts = {
        "pieces": [piece.code for piece in campagne.pieces],
        "questions": [question.code for question in campagne.questions],
        "contacts": [contact.code for contact in campagne.contacts],
        "notice_fields": [field.code for field in campagne.notice_fields],
    }
    for name, codes in parts.items():
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"[[{name}]] : le code « {code} » sert deux fois."
    choices = {question.code: {code for code, _ in question.choices} for question in campagne.questions}
    for question in campagne.questions:
        said = {question.code: [code for code, _ in question.synonyms]}
        yield from _unknown_answers(f"[[questions]] « {question.code} »", {**question.only_if, **said}, choices)
    for rank, outcome in enumerate(campagne.outcomes, start=1):
        yield from _unknown_answers(f"[[outcomes]] n° {rank}", outcome.when, choices)
        if outcome.code not in set(VerdictCode):
            yield f"[[outcomes]] n° {rank} : le code « {outcome.code} » n’est pas l’un de : {', '.join(VerdictCode)}."
    for field in campagne.notice_fields:
        if field.kind not in FIELD_KINDS:
            yield f"[[notice_fields]] « {field.code} » : « {field.kind} » n’est pas l’un de : {', '.join(FIELD_KINDS)}."


def _unknown_answers(name: str, when: Mapping[str, Sequence[str]], choices: Mapping[str, set[str]]) -> Iterator[str]:
    for question, codes in when.items():
        if question not in choices:
            yield f"{name} : la question « {question} » n’existe pas."
        else:
            yield from (
                f"{name} : « {code} » n’est pas une réponse à « {question} »."
                for code in codes
                if code not in choices[question]
            )


def _oddities(anchored: AnchoredText) -> Iterator[str]:
    """What the circular itself says twice or in two ways: nobody can mend it, everybody must know it."""
    letters = [found[1] for found in _HEADING.finditer(anchored.text)]
    for letter in sorted({letter for letter in letters if letters.count(letter) > 1}):
        sections = dict.fromkeys(
            f"§{passage.section} « {passage.section_title} »"
            for passage in anchored.passages.values()
            if re.fullmatch(rf"{letter}\d*", passage.section)
        )
        yield f"La circulaire a plusieurs sections « {letter} » : {' ; '.join(sections)}. Citez toujours leur titre."
    words = sorted(set(_ACRONYM.findall(anchored.text)))
    for first in words:
        for second in words:
            if len(first) == len(second) + 1 and _without_one_letter(first, second):
                yield f"La circulaire écrit « {first} » et « {second} »."


def _without_one_letter(longer: str, shorter: str) -> bool:
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
