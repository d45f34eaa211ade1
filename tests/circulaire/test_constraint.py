"""What hinders somebody is read from their own words, and asked again when it may be read in two ways."""

from datetime import time

import pytest

from bot.circulaire.constraint import read_constraint
from bot.circulaire.planning import Constraint

MORNING = Constraint(not_after=time(12))
AFTERNOON = Constraint(not_before=time(12))
FROM_TEN = Constraint(not_before=time(10))
FROM_TWO = Constraint(not_before=time(14))
UNTIL_TWO = Constraint(not_after=time(14))
NINE_TO_ELEVEN = Constraint(away=((time(9), time(11)),))

SAID = {
    "indisponible avant 10h": FROM_TEN,
    "Indisponible avant 10 heures.": FROM_TEN,
    "pas avant 10h30": Constraint(not_before=time(10, 30)),
    "pas avant 10:30": Constraint(not_before=time(10, 30)),
    "pas avant dix heures et demie": Constraint(not_before=time(10, 30)),
    "je ne peux pas venir avant 10 h": FROM_TEN,
    "avant 10h, impossible": FROM_TEN,
    "j’ai cours jusqu’à 10h": FROM_TEN,
    "indisponible jusqu'à 10h": FROM_TEN,
    "après 14h": FROM_TWO,
    "disponible après 14h": FROM_TWO,
    "indisponible après 14h": UNTIL_TWO,
    "Je ne suis pas disponible après 14h": UNTIL_TWO,
    "je ne peux qu’après 14h": FROM_TWO,
    "à partir de 2 heures de l’après-midi": FROM_TWO,
    "au plus tôt à 14h": FROM_TWO,
    "pas plus tard que 14h": UNTIL_TWO,
    "disponible jusqu'à 14h": UNTIL_TWO,
    "indisponible de 9h à 11h": NINE_TO_ELEVEN,
    "indisponible 9h-11h": NINE_TO_ELEVEN,
    "sauf entre 9h et 11h": NINE_TO_ELEVEN,
    "de 9h à 11h": Constraint(time(9), time(11)),
    "le matin": MORNING,
    "avant midi": MORNING,
    "pas l’après-midi": MORNING,
    "l’après-midi": AFTERNOON,
    "pas le matin": AFTERNOON,
    "indisponible entre midi et deux": Constraint(away=((time(12), time(14)),)),
    "pas avant 10h ni après 16h": Constraint(time(10), time(16)),
    "pas avant 10h mais avant 16h": Constraint(time(10), time(16)),
    "indisponible de 9h à 11h et de 14h à 15h": Constraint(away=((time(9), time(11)), (time(14), time(15)))),
    "toute la journée sauf de 9h à 11h": NINE_TO_ELEVEN,
    "indisponible toute la journée": Constraint(away=((time.min, time.max),)),
    "aucune contrainte": Constraint(),
    "pas de contrainte": Constraint(),
    "disponible toute la journée": Constraint(),
}
ASKED_AGAIN = (
    "",
    "bonjour",
    "10h",
    "vers 10h",
    "plutôt le matin",
    "le matin ou après 16h",
    "pas trop tôt",
    "pas indisponible avant 10h",
    "avant",
    "indisponible avant 10h, disponible après",
    "disponible le matin et l’après-midi",
    "pas le lundi",
    "indisponible avant 25h",
    "indisponible de 11h à 9h",
    "disponible avant 10h, impossible",
    "mon train arrive à 9h30, après 10h",
)


@pytest.mark.parametrize(("words", "meaning"), SAID.items(), ids=SAID)
def test_what_hinders_somebody_is_read_from_their_words(words: str, meaning: Constraint) -> None:
    assert read_constraint(words) == meaning


@pytest.mark.parametrize("words", ASKED_AGAIN)
def test_what_may_be_read_in_two_ways_is_asked_again(words: str) -> None:
    assert read_constraint(words) is None
