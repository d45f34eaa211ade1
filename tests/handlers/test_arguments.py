"""How the line behind a command is read: numbers, names, days, hours, choices, and what is left for the next."""

from datetime import date, time
from typing import Any

import pytest

from handlers.arguments import Fault, Kind, Param, read_arguments
from handlers.declarations import AUDIENCES, REASONS, REJECTIONS

TEXT = Param("texte", "text", "le texte", "", needed=False)


def param(kind: Kind, **more: Any) -> Param:
    """An argument of one kind."""
    return Param("valeur", kind, "la valeur", "x", **more)


def read(one: Param, typed: str) -> tuple[Any, str | None]:
    """What is read for one argument, and the words left behind it."""
    values, fault = read_arguments((one, TEXT), typed)
    assert fault is None
    return values["valeur"], values["texte"]


@pytest.mark.parametrize(
    ("typed", "value", "left"),
    [
        ("12", 12, None),
        ("n° 12 : suite", 12, "suite"),
        ("nº12", 12, None),
        ("#12", 12, None),
    ],
    ids=["alone", "with n°", "with nº", "with a hash"],
)
def test_a_number_is_read_as_people_write_it(typed: str, value: int, left: str | None) -> None:
    assert read(param("number"), typed) == (value, left)


@pytest.mark.parametrize(
    ("typed", "value", "left"),
    [
        ("3 5 7", [3, 5, 7], None),
        ("3, 5 et 7", [3, 5, 7], None),
        ("3-6", [3, 4, 5, 6], None),
        ("3 à 5", [3, 4, 5], None),
        ("3 3 4", [3, 4], None),
        ("3 4 bravo", [3, 4], "bravo"),
        ("1-900", list(range(1, 401)), None),
    ],
    ids=["a list", "a sentence", "a range", "a range in words", "twice the same", "words behind", "never too many"],
)
def test_numbers_are_read_as_people_write_them(typed: str, value: list[int], left: str | None) -> None:
    assert read(param("numbers"), typed) == (value, left)


@pytest.mark.parametrize(
    ("kind", "typed", "value", "left"),
    [
        ("word", "courriel claire@ac-paris.fr", "courriel", "claire@ac-paris.fr"),
        ("word", "« deux mots » ensuite", "deux mots", "ensuite"),
        ("name", "Claire Martin ; ensuite", "Claire Martin", "ensuite"),
        ("name", '"Claire ; Martin" ensuite', "Claire ; Martin", "ensuite"),
        ("text", '"entre guillemets"', "entre guillemets", None),
        ("text", 'il dit "non" et part', 'il dit "non" et part', None),
    ],
    ids=["a word", "words quoted", "a name", "a name quoted", "a text quoted", "a text with a quotation"],
)
def test_words_are_read_up_to_where_they_end(kind: Kind, typed: str, value: str, left: str | None) -> None:
    assert read(param(kind), typed) == (value, left)


@pytest.mark.parametrize(
    "typed",
    ["2017-04-24", "24/04/2017", "24 avril 2017", "le lundi 24 avril 2017"],
    ids=["ISO", "slashes", "words", "words with the weekday"],
)
def test_a_day_is_read_in_each_way(typed: str) -> None:
    assert read(param("date"), f"{typed} ensuite") == (date(2017, 4, 24), "ensuite")


@pytest.mark.parametrize("typed", ["24/4", "24/04", "le 24/04", "24 avril", "lundi 24 avril"])
def test_a_day_without_its_year_is_of_the_year_that_is_given(typed: str) -> None:
    values, fault = read_arguments((param("date"), TEXT), f"{typed} ensuite", 2017)
    _, unread = read_arguments((param("date"), TEXT), f"{typed} ensuite")

    assert (values, fault) == ({"valeur": date(2017, 4, 24), "texte": "ensuite"}, None)
    assert unread is not None


@pytest.mark.parametrize("typed", ["Claire Martin ; c@d.fr", "Claire Martin c@d.fr", "Claire Martin, c@d.fr"])
def test_a_name_ends_where_an_address_begins(typed: str) -> None:
    assert read(param("name", until=r"\S+@\S+"), typed) == ("Claire Martin", "c@d.fr")


@pytest.mark.parametrize("typed", ["courriel\u00a0c@d.fr", "courriel\tc@d.fr"])
def test_a_word_ends_at_any_space(typed: str) -> None:
    assert read(param("word"), typed) == ("courriel", "c@d.fr")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("10:30", time(10, 30)),
        ("10h30", time(10, 30)),
        ("10.30", time(10, 30)),
        ("10 h", time(10)),
        ("à 9h05", time(9, 5)),
    ],
    ids=["a colon", "an h", "a point", "a whole hour", "with à"],
)
def test_an_hour_is_read_in_each_way(typed: str, value: time) -> None:
    assert read(param("hour"), f"{typed} ensuite") == (value, "ensuite")


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("number", "douze"),
        ("numbers", "trois"),
        ("date", "2017-02-31"),
        ("date", "31/02/2017"),
        ("date", "demain"),
        ("date", "le 12 brumaire 2017"),
        ("hour", "25h"),
        ("hour", "midi"),
        ("name", " ; rien devant"),
        ("number", ""),
    ],
    ids=[
        "a number in words",
        "numbers in words",
        "no such day",
        "no such day, slashed",
        "a word for a day",
        "no such month",
        "no such hour",
        "a word for an hour",
        "no name",
        "nothing",
    ],
)
def test_what_is_not_understood_is_named_with_its_argument(kind: Kind, typed: str) -> None:
    wanted = param(kind)

    values, fault = read_arguments((wanted,), typed)

    assert values == {"valeur": None}
    assert fault is not None
    assert (fault.param, fault.typed, fault.before) == (wanted, typed.strip(), "")


@pytest.mark.parametrize("typed", ["3 4", "3, 4 et 5", "3 et n° 4"])
def test_a_command_for_one_is_not_done_by_halves_for_several(typed: str) -> None:
    one = Param("numero", "number", "le numéro", "12")

    _, fault = read_arguments((one,), typed)

    assert fault == Fault(one, typed, "")


def test_what_was_understood_before_a_fault_is_kept() -> None:
    numero = Param("numero", "number", "le numéro", "12")

    values, fault = read_arguments((numero, param("date")), "12 demain")

    assert (values["numero"], fault and fault.before, fault and fault.typed) == (12, "12", "demain")


@pytest.mark.parametrize(
    ("choices", "needed", "typed", "value", "left"),
    [
        (AUDIENCES, True, "recevables La salle", "recevable", "La salle"),
        (REASONS, True, "mauvais document", "mauvais", None),
        (REASONS, True, "mauvais", "mauvais", None),
        (REASONS, True, "illi", "illisible", None),
        (REJECTIONS, False, "hors délai reçu tard", "hors_delai", "reçu tard"),
        (REJECTIONS, False, "« hors délai » reçu tard", "hors_delai", "reçu tard"),
        (REJECTIONS, False, "Dossier jamais complété", None, "Dossier jamais complété"),
        (REJECTIONS, False, '"Dossier jamais complété"', None, "Dossier jamais complété"),
        (REJECTIONS, False, "hors sujet", None, "hors sujet"),
    ],
    ids=[
        "the plural",
        "the whole",
        "a beginning",
        "three letters",
        "before its reason",
        "quoted itself",
        "a sentence that begins like one",
        "a sentence in quotation marks",
        "two begin so",
    ],
)
def test_a_choice_is_not_read_into_the_sentence_that_follows(
    choices: tuple[tuple[str, str], ...], needed: bool, typed: str, value: str | None, left: str | None
) -> None:
    assert read(param("choice", choices=choices, needed=needed), typed) == (value, left)
