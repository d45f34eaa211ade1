"""The bureau describes a commission in one line; what is not understood is named."""

from datetime import date

import pytest

from bot.circulaire.campagne import Campagne
from bot.circulaire.commission_day import read_commission_day
from bot.circulaire.planning import Commission
from bot.clock import paris
from bot.errors import Refusal

DAY = date(2017, 4, 26)
MEMBERS = ("Mme Durand", "M. Petit")
LUNCH = (paris(DAY, 12, 30), paris(DAY, 14))
WHOLE = Commission(
    "A", "salle 12", paris(DAY, 9), paris(DAY, 17), ((paris(DAY, 10, 30), paris(DAY, 10, 45)), LUNCH), MEMBERS
)

SAID = {
    "salle 12 ; 9h-12h30, 14h-17h ; membres Mme Durand, M. Petit ; pause 10h30-10h45": WHOLE,
    "membres : Mme Durand et M. Petit\nde 9h à 12h30 et de 14h à 17h\nlieu : salle 12\npause de 10h30 à 10h45": WHOLE,
    "salle 12;9:00-12:30;14:00-17:00;pauses 10:30-10:45, 12:30-14:00;membres Mme Durand, M. Petit": WHOLE,
    "204 ; 9h-17h": Commission("A", "204", paris(DAY, 9), paris(DAY, 17)),
    "salle 12 ; 9h-17h": Commission("A", "salle 12", paris(DAY, 9), paris(DAY, 17)),
}
REFUSED = {
    "salle 12 ; 9h-12h ; le chat": ("planning/commission_unread", {"words": "le chat"}),
    "salle 12 ; 9h-25h": ("planning/commission_unread", {"words": "9h-25h"}),
    "salle 12 ; salle 13 ; 9h-12h": ("planning/commission_unread", {"words": "salle 13"}),
    "9h-12h": ("planning/commission_incomplete", {"missing": ["room"]}),
    "salle 12": ("planning/commission_incomplete", {"missing": ["hours"]}),
    "": ("planning/commission_incomplete", {"missing": ["room", "hours"]}),
    "salle 12 ; 12h-9h": ("planning/commission_hours", {"words": "12 h à 9 h"}),
    "salle 12 ; 9h-12h, 11h-17h": ("planning/commission_hours", {"words": "12 h à 11 h"}),
    "salle 12 ; 9h-12h ; pause 12h-13h": ("planning/commission_hours", {"words": "12 h à 13 h"}),
}


@pytest.mark.parametrize(("words", "meant"), SAID.items(), ids=SAID)
def test_a_commission_is_read_from_a_line(words: str, meant: Commission, campagne: Campagne) -> None:
    assert read_commission_day(campagne, "A", words) == meant


@pytest.mark.parametrize(("words", "refusal"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_understood_is_named(
    words: str, refusal: tuple[str, dict[str, object]], campagne: Campagne
) -> None:
    with pytest.raises(Refusal) as refused:
        read_commission_day(campagne, "A", words)

    assert (refused.value.text, refused.value.values) == refusal


def test_a_commission_without_a_name_is_asked_for_it(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        read_commission_day(campagne, "salle 12 ; 9", "00-12:00")

    assert refused.value.values == {"missing": ["name"]}
