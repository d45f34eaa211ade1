"""The campagne is data: what the circular fixes is read from its folder."""

from datetime import date, datetime

from bot.circulaire.campagne import Campagne
from bot.clock import PARIS


def test_the_text_without_its_anchors_is_the_circular_byte_for_byte(campagne: Campagne):
    assert campagne.sha256 == "ef1fc2a89c4f8ebfca6e1186362f7668d0308add74086284552da10a862c1233"


def test_the_dates_are_those_of_the_circular(campagne: Campagne):
    days = (campagne.published_on, campagne.convocation_on, campagne.alert_on, campagne.entretien_on)

    assert days == (date(2017, 3, 30), date(2017, 4, 24), date(2017, 4, 25), date(2017, 4, 26))
    assert campagne.closes_at == datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)
    assert campagne.opens_at == datetime(2017, 3, 30, tzinfo=PARIS)
    assert campagne.avis_visible_from == datetime(2017, 4, 28, tzinfo=PARIS)


def test_a_dossier_has_four_pieces_and_two_may_be_declared_through_iprof(campagne: Campagne):
    pieces = [(piece.code, piece.via_iprof) for piece in campagne.pieces]

    assert pieces == [("notice", False), ("etat_services", False), ("lettre", True), ("cv", True)]
