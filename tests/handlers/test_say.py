"""What is said breaks its lines as French does, and leaves what people typed alone."""

from datetime import datetime

from bot.clock import PARIS
from handlers.say import say


def test_a_line_ends_neither_before_a_double_sign_nor_after_a_quotation_mark() -> None:
    said = say("candidature/notice_years", reason="", typed="depuis quand ?")

    assert said == "Je n’ai pas trouvé un nombre d’années dans «\u00a0depuis quand ?\u00a0»."


def test_an_instant_is_not_cut_between_a_number_and_its_unit() -> None:
    last = datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)

    assert say("depot/too_late", received_at=last).startswith(
        "Votre message est arrivé le vendredi 21\u00a0avril 2017 à 23\u00a0h\u00a059\u00a0min\u00a059\u00a0s"
    )
