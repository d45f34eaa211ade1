"""The campagne is data: what the circular fixes is read from its folder."""

from datetime import date, datetime
from pathlib import Path

import pytest

from bot.circulaire.campagne import Campagne, load_campagne
from bot.circulaire.passages import read_text
from bot.clock import PARIS
from bot.errors import CampagneError


def test_the_text_without_its_anchors_is_the_circular_byte_for_byte(campagne: Campagne) -> None:
    assert campagne.sha256 == "ef1fc2a89c4f8ebfca6e1186362f7668d0308add74086284552da10a862c1233"


def test_the_passages_stand_in_the_order_of_the_paper(campagne: Campagne) -> None:
    leaves = [name for name in campagne.passages if "." not in name.partition(".")[2]]

    assert len(campagne.passages) == 68
    assert leaves[:11] == [*(f"H.{rank}" for rank in range(1, 11)), "I.1"]
    assert leaves[-8:] == [*(f"C2.{rank}" for rank in range(2, 8)), "D2.1", "S.1"]


def test_the_two_sections_c_are_told_apart_by_their_titles(campagne: Campagne) -> None:
    titles = (campagne.passages["C1.1"].section_title, campagne.passages["C2.1"].section_title)

    assert titles == ("C- Situation administrative", "C – Déroulement de l'entretien")


def test_a_passage_says_the_words_of_the_circular_without_marks(campagne: Campagne) -> None:
    passage = campagne.passages["D1.3"]

    assert passage.text == (
        "L'enseignant(e) adresse son dossier : De préférence par courriel à : katia.binaux@ac-paris.fr, "
        "edith.reillier@ac-paris.fr et ce.de@ac-paris.fr"
    )


def test_a_group_holds_the_words_of_its_passages(campagne: Campagne) -> None:
    group, first = campagne.passages["D1.6"], campagne.passages["D1.6.1"]

    assert (group.kind, group.parent, first.kind, first.parent) == ("group", None, "leaf", "D1.6")
    assert group.text == (
        "Le dossier est constitué de : la notice de renseignements, l'état des services, une lettre de motivation "
        "rédigée sur papier libre ou via iprof, un CV rédigé sur papier libre ou via iprof."
    )


def test_a_quotation_typed_with_another_apostrophe_is_the_same(campagne: Campagne) -> None:
    assert campagne.passages["C2.1"].contains("L’entretien  aura lieu")


def test_a_section_may_have_no_heading_and_a_passage_no_section() -> None:
    text = read_text("<!-- Z.1 -->\nSeul.\n")

    assert (text.passages["Z.1"].section_title, text.passages["Z.1"].text) == ("Z", "Seul.")


def test_the_dates_are_those_of_the_circular(campagne: Campagne) -> None:
    days = (campagne.published_on, campagne.convocation_on, campagne.alert_on, campagne.entretien_on)

    assert days == (date(2017, 3, 30), date(2017, 4, 24), date(2017, 4, 25), date(2017, 4, 26))
    assert campagne.closes_at == datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)
    assert campagne.opens_at == datetime(2017, 3, 30, tzinfo=PARIS)
    assert campagne.avis_visible_from == datetime(2017, 4, 28, tzinfo=PARIS)


def test_the_durations_are_those_of_the_circular(campagne: Campagne) -> None:
    assert (campagne.expose_minutes, campagne.entretien_minutes, campagne.mission_years) == (8, 30, 3)


def test_a_dossier_has_four_pieces_and_two_may_be_declared_through_iprof(campagne: Campagne) -> None:
    pieces = [(piece.code, piece.via_iprof) for piece in campagne.pieces]

    assert pieces == [("notice", False), ("etat_services", False), ("lettre", True), ("cv", True)]


def test_the_same_person_answers_questions_and_lost_convocations(campagne: Campagne) -> None:
    contact = campagne.information_contact

    assert contact == campagne.convocation_contact
    assert (contact.name, contact.email) == ("Katia BINAUX", "katia.binaux@ac-paris.fr")


def test_each_value_says_where_it_stands(campagne: Campagne) -> None:
    closing = campagne.sources["closes_at"]

    assert (closing.source, closing.quote) == ("D1.5", "pour le vendredi 21 avril 2017 au plus tard")


def test_a_passage_is_cited_with_the_title_of_its_section(campagne: Campagne) -> None:
    assert campagne.reference("C2.4") == "circulaire 17AN0076, C – Déroulement de l'entretien"


def test_parts_are_found_by_their_code(campagne: Campagne) -> None:
    found = (campagne.piece("cv").short, campagne.question("mission").source, campagne.notice_field("courriel").domain)

    assert found == ("le CV", "A.1", "ac-paris.fr")


def test_another_circular_has_other_dates_and_five_pieces_without_code(invented: Campagne) -> None:
    assert (invented.numero, len(invented.pieces), invented.entretien_minutes) == ("25XX0001", 5, 20)
    assert invented.closes_at == datetime(2025, 4, 2, 23, 59, 59, tzinfo=PARIS)
    assert invented.notice_field("courriel").domain == "ac-villeneuve.example"


def test_a_folder_without_files_is_refused_with_both_names(tmp_path: Path) -> None:
    with pytest.raises(CampagneError) as refused:
        load_campagne(tmp_path)

    assert [fault.split(" manque")[0] for fault in refused.value.faults] == [
        "Le fichier campagne.toml",
        "Le fichier circulaire.md",
    ]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "campagne.toml").write_text("= rien", encoding="utf-8")
    (tmp_path / "circulaire.md").write_bytes(b"\xff\xfe\xfa")

    with pytest.raises(CampagneError) as refused:
        load_campagne(tmp_path)

    assert [fault.partition(" ne se lit pas")[0] for fault in refused.value.faults] == [
        "campagne.toml",
        "circulaire.md",
    ]


def test_all_missing_and_wrong_keys_are_listed_at_once(tmp_path: Path) -> None:
    _copy(tmp_path, ("mission_years]\nvalue = 3", 'mission_years]\nvalue = "trois"'), ('code = "cv"\n', ""))

    with pytest.raises(CampagneError) as refused:
        load_campagne(tmp_path)

    assert refused.value.faults == (
        "campagne.toml, [durations.mission_years] : « value » doit être un nombre entier.",
        "campagne.toml, [[pieces]] n° 4 : la clé « code » manque.",
    )


def test_an_empty_toml_lists_every_table(tmp_path: Path) -> None:
    _copy(tmp_path)
    (tmp_path / "campagne.toml").write_text("pieces = []\n", encoding="utf-8")

    with pytest.raises(CampagneError) as refused:
        load_campagne(tmp_path)

    assert "campagne.toml : le tableau [dates] manque." in refused.value.faults
    assert "campagne.toml : il faut au moins un tableau [[pieces]]." in refused.value.faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param(
            'choices = [["oui", "Oui"], ["non", "Non"]]\nsource = "A.7"',
            'choices = [["oui"]]\nsource = "A.7"',
            "campagne.toml, [[questions]] n° 5 : « choices » doit contenir des couples [code, libellé].",
            id="a choice without a label",
        ),
        pytest.param(
            'when = { mission = ["non"] }',
            'when = { mission = "non" }',
            "campagne.toml, [[outcomes]] n° 7 : « when » doit donner une liste pour chaque question.",
            id="an outcome without a list",
        ),
        pytest.param(
            '[service.convocation_contact]\nvalue = "binaux"',
            '[service.convocation_contact]\nvalue = "personne"',
            "campagne.toml, [service.convocation_contact] : aucun contact n’a le code « personne ».",
            id="an unknown contact",
        ),
    ],
)
def test_a_wrong_part_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    _copy(tmp_path, (old, new))

    with pytest.raises(CampagneError) as refused:
        load_campagne(tmp_path)

    assert refused.value.faults == (fault,)


def _copy(folder: Path, *changes: tuple[str, str]) -> None:
    """The real campagne, with some words of its TOML changed."""
    real = Path(__file__).parents[2] / "bot" / "circulaire" / "campagnes" / "17AN0076"
    values = (real / "campagne.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert values.count(old) == 1
        values = values.replace(old, new)
    (folder / "campagne.toml").write_text(values, encoding="utf-8")
    (folder / "circulaire.md").write_bytes((real / "circulaire.md").read_bytes())
