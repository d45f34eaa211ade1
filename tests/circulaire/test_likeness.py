"""How alike two words are."""

import pytest

from bot.circulaire.likeness import likeness, likest
from bot.retrieval.words import Speller


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("entretien", "entretien", 100),
        ("entretien", "entretein", 800 / 9),
        ("entretien", "entretiens", 1800 / 19),
        ("avis", "visa", 75),
        ("abc", "xyz", 0),
        ("", "abc", 0),
    ],
)
def test_two_words_are_as_alike_as_the_letters_they_share_in_order(one: str, other: str, expected: float) -> None:
    assert likeness(one, other) == pytest.approx(expected)
    assert likeness(other, one) == pytest.approx(expected)


def test_a_word_is_like_one_that_it_is_a_part_of() -> None:
    names = ["planning", "plan", "candidature", "avis"]

    assert likest("plann", names, 70) == ["planning", "plan"]
    assert likest("candid", names, 70) == ["candidature"]
    assert likest("", names, 70) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("entretein", "entretien"),
        ("entretienss", "entretiens"),
        ("inspectueur", "inspecteur"),
        ("directric", "directrice"),
        ("calendrier", "calendrier"),
        ("candidatx", "candidata"),
    ],
)
def test_a_word_mistyped_is_the_likest_known_one_and_the_first_among_equals(typed: str, meant: str) -> None:
    speller = Speller({}, ["directeur directrice entretien entretiens inspecteur candidate candidata"])

    assert speller.words(typed) == [meant]
