"""The planning as the bureau asks for it: a member in two rooms at once is refused, and told already when named."""

from bot.channels.console import BUREAU
from storage.bureau import Convocation
from tests.handlers.conftest import Talk

FIRST = "!commissions A : salle 12 ; 9h-12h ; membres Mme Durand, M. Petit"
SECOND = "!commissions B : salle 14 ; 9h-12h ; membres M. Roy, Anne Durand"
LATER = "!commissions B : salle 14 ; 14h-17h ; membres M. Roy, Anne Durand"


async def test_the_planning_refuses_a_member_who_would_sit_in_two_rooms_at_once(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST, SECOND, "!planning")

    rule, seat, *_ = talk.heard(BUREAU).split("\n")
    assert rule.startswith("Un membre ne peut pas siéger en même temps dans deux commissions. Aucun créneau")
    assert seat == "– Mme Durand : A (salle 12) et B (salle 14)"
    assert await talk.rows(Convocation) == []


async def test_it_is_told_as_soon_as_the_second_commission_is_named(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST)
    alone = talk.heard(BUREAU)

    await talk.says(BUREAU, SECOND)

    assert "Attention" not in alone
    assert talk.heard(BUREAU).split("\n")[-2:] == [
        "Attention : ce membre siégerait en même temps dans deux commissions, et !planning le refusera.",
        "– Mme Durand : A (salle 12) et B (salle 14)",
    ]


async def test_one_who_sits_in_the_afternoon_elsewhere_is_no_obstacle(talk: Talk) -> None:
    await talk.says(BUREAU, FIRST, SECOND, LATER, "!planning")

    assert talk.heard(BUREAU).startswith("Planning du mercredi 26 avril 2017")
