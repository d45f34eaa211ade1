"""The hours of the bureau, as a campagne gives them: read, said, and refused where nobody could keep them."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from shutil import copytree

import pytest

from bot.circulaire.campagne import Campagne, load_campagne
from bot.circulaire.check import check_campagne
from bot.circulaire.office_hours import OfficeHours
from bot.circulaire.relais import promised_by
from bot.clock import PARIS
from bot.errors import CampagneError

INVENTED = Path(__file__).parents[1] / "campagnes" / "25XX0001"


def written(folder: Path, lines: str) -> Path:
    """The invented campagne with these lines under [bureau]."""
    copied = copytree(INVENTED, folder / "campagne")
    with (copied / "campagne.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[bureau]\n{lines}\n")
    return copied


def test_a_campagne_that_says_nothing_has_the_usual_hours(campagne: Campagne, invented: Campagne) -> None:
    assert (campagne.office_hours, invented.office_hours) == (OfficeHours(), OfficeHours())


def test_the_hours_of_the_campagne_are_those_of_the_promise(tmp_path: Path) -> None:
    hours_of_day = 'opens = "8h30"\ncloses = "12:30"\npromised_hours = 2'
    folder = written(tmp_path, f'days = ["mardi", "jeudi", "mardi"]\nclosed_on = [2025-03-11]\n{hours_of_day}')

    hours = load_campagne(folder).office_hours

    assert hours == OfficeHours(
        time(8, 30), time(12, 30), (1, 3), timedelta(hours=2), time(12), frozenset({date(2025, 3, 11)})
    )
    assert check_campagne(folder) == []
    asked = datetime(2025, 3, 10, 10, tzinfo=PARIS)  # a Monday; the Tuesday is closed
    assert promised_by(asked, hours) == datetime(2025, 3, 13, 12, tzinfo=PARIS)


def test_an_afternoon_bureau_promises_its_closing_to_who_comes_outside_of_it(tmp_path: Path) -> None:
    hours = load_campagne(written(tmp_path, 'opens = "13h30"')).office_hours

    assert hours.outside == time(17)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param('opens = "18h"', "« closes » (17 h) doit venir après « opens » (18 h)", id="end before start"),
        pytest.param('outside = "8h"', "« outside » (8 h) doit tomber pendant les heures du bureau", id="outside"),
        pytest.param(
            'opens = "tôt"', "« opens » doit être une heure, par exemple « 9 h 30 », et non « tôt »", id="no hour"
        ),
        pytest.param(
            'opens = "25h"', "« opens » doit être une heure, par exemple « 9 h 30 », et non « 25h »", id="no such hour"
        ),
        pytest.param("opens = 9", "« opens » doit être un texte", id="a number"),
        pytest.param(
            'days = ["lundi", "mardo"]', "« days » contient « mardo », qui n’est pas un jour de la semaine", id="no day"
        ),
        pytest.param('days = ["dimanche"]', "« days » doit compter au moins un jour du lundi au vendredi", id="Sunday"),
        pytest.param("days = []", "« days » doit compter au moins un jour du lundi au vendredi", id="never"),
        pytest.param(
            'closed_on = [2025-05-30, "le pont"]',
            "« closed_on » contient « le pont », qui n’est pas un jour (2017-05-26)",
            id="a holiday that is no date",
        ),
        pytest.param(
            "closed_on = [2025-05-30T12:00:00]",
            "« closed_on » contient « 2025-05-30 12:00:00 », qui n’est pas un jour (2017-05-26)",
            id="a holiday that is an instant",
        ),
        pytest.param("promised_hours = 0", "« promised_hours » doit être un nombre d’heures, de 1 à 40", id="at once"),
        pytest.param("promised_hours = 90", "« promised_hours » doit être un nombre d’heures, de 1 à 40", id="weeks"),
    ],
)
def test_hours_that_nobody_could_keep_are_refused_by_name(tmp_path: Path, line: str, fault: str) -> None:
    folder = written(tmp_path, line)

    found = [(finding.level, finding.message) for finding in check_campagne(folder)]

    assert found[0] == ("erreur", f"campagne.toml, [bureau] : {fault}.")
    with pytest.raises(CampagneError):
        load_campagne(folder)


def test_a_misspelt_key_is_told(tmp_path: Path) -> None:
    found = check_campagne(written(tmp_path, 'open = "8h"'))

    assert [finding.message for finding in found] == [
        "campagne.toml : personne ne lit [bureau] « open ». Est-ce bien écrit ?"
    ]


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        pytest.param((0, 1, 2, 3, 4), "du lundi au vendredi, de 9 h à 17 h", id="the week"),
        pytest.param((0, 1, 3), "le lundi, le mardi et le jeudi, de 9 h à 17 h", id="three days"),
        pytest.param((0, 1), "le lundi et le mardi, de 9 h à 17 h", id="two days"),
        pytest.param((4,), "le vendredi, de 9 h à 17 h", id="one day"),
    ],
)
def test_the_hours_are_said_in_words(weekdays: tuple[int, ...], words: str) -> None:
    assert OfficeHours(weekdays=weekdays).words == words
