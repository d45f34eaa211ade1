"""The pieces of a dossier, how a file is recognised, the states of a piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.dossier import PIECE, PieceEtat, declare_iprof, missing_pieces, recognise_piece
from bot.errors import Refusal

EVENTS = sorted({line.event for line in PIECE.table})


@pytest.mark.parametrize(
    ("received", "missing"),
    [
        pytest.param([], ["notice", "etat_services", "lettre", "cv"], id="nothing yet"),
        pytest.param(["cv", "notice"], ["etat_services", "lettre"], id="two of four"),
        pytest.param(["cv", "notice", "lettre", "etat_services"], [], id="complete"),
    ],
)
def test_missing_pieces_are_said_in_the_order_of_the_circular(
    campagne: Campagne, received: list[str], missing: list[str]
) -> None:
    assert [piece.code for piece in missing_pieces(campagne, received)] == missing


@pytest.mark.parametrize(
    ("file_name", "codes"),
    [
        pytest.param("CV_dupont.pdf", ("cv",), id="underscore"),
        pytest.param("CVDupont.pdf", ("cv",), id="two words in one"),
        pytest.param("MonCV.pdf", ("cv",), id="a word before"),
        pytest.param("cv2.pdf", ("cv",), id="a version"),
        pytest.param("mon_cv_2017.PDF", ("cv",), id="a year"),
        pytest.param("Curriculum-vitæ.pdf", ("cv",), id="a ligature"),
        pytest.param(r"C:\Documents\cv.pdf", ("cv",), id="a path"),
        pytest.param("cv", ("cv",), id="no extension"),
        pytest.param("lettre motiv.docx", ("lettre",), id="shortened"),
        pytest.param("LettreMotivation.odt", ("lettre",), id="capitals inside"),
        pytest.param("LM Dupont.pdf", ("lettre",), id="initials"),
        pytest.param("Ma motivation.pdf", ("lettre",), id="one word of it"),
        pytest.param("etat-des-services.pdf", ("etat_services",), id="hyphens"),
        pytest.param("État de services.PDF", ("etat_services",), id="accents"),
        pytest.param("etatdesservices.pdf", ("etat_services",), id="glued"),
        pytest.param("annexe 1.pdf", ("notice",), id="the annexe"),
        pytest.param("annexe 1 - dossier de candidature.pdf", ("notice",), id="the annexe by its title"),
        pytest.param("fiche de renseignements.pdf", ("notice",), id="another word for it"),
        pytest.param("lettre et cv.pdf", ("lettre", "cv"), id="two pieces at once"),
        pytest.param("dossier de candidature.pdf", ("notice", "etat_services", "lettre", "cv"), id="perhaps all"),
        pytest.param("candidature.pdf", ("notice", "lettre"), id="one of two"),
        pytest.param("IMG_2034.HEIC", (), id="a photo"),
        pytest.param("scan.pdf", (), id="a scan"),
        pytest.param("etat civil.pdf", (), id="another paper"),
        pytest.param("lettre de recommandation.pdf", (), id="another letter"),
        pytest.param("etat.pdf", (), id="a vague word alone"),
        pytest.param(".pdf", (), id="an extension alone"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_a_piece_is_recognised_from_its_file_name(campagne: Campagne, file_name: str, codes: tuple[str, ...]) -> None:
    assert recognise_piece(campagne, file_name) == codes


def test_the_words_that_recognise_a_piece_are_the_campagnes(invented: Campagne) -> None:
    names = ("Projet_école.pdf", "relevé carrière.pdf", "cv.pdf", "permis.pdf", "mon dossier.pdf")

    codes = [recognise_piece(invented, name) for name in names]

    assert codes == [("projet",), ("carriere",), (), (), ("fiche", "projet", "carriere", "conseil", "domicile")]


@given(file_name=st.text(max_size=80))
def test_any_file_name_is_recognised_or_asked_about(campagne: Campagne, file_name: str) -> None:
    codes = recognise_piece(campagne, file_name)

    assert [code for code in codes if code not in {piece.code for piece in campagne.pieces}] == []


def test_the_lettre_and_the_cv_may_be_declared_through_iprof(campagne: Campagne) -> None:
    assert [declare_iprof(campagne, code).code for code in ("lettre", "cv")] == ["lettre", "cv"]


def test_the_notice_may_not_be_declared_through_iprof(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        declare_iprof(campagne, "notice")

    assert (refused.value.text, refused.value.source) == ("dossier/iprof_refused", "D1.6.1")
    assert refused.value.values == {"piece": "la notice de renseignements"}


def test_a_piece_goes_from_its_announcement_to_the_frost() -> None:
    state = PieceEtat.ANNONCEE

    for event in ("receive", "analyse", "pass", "freeze"):
        state = PIECE.after(state, event)

    assert state == PieceEtat.GELEE


def test_a_piece_still_in_analysis_may_be_frozen_by_a_deposit() -> None:
    assert PIECE.after(PieceEtat.EN_ANALYSE, "freeze") == PieceEtat.GELEE


def test_a_refused_piece_cannot_be_frozen() -> None:
    with pytest.raises(Refusal) as refused:
        PIECE.after(PieceEtat.REFUSEE, "freeze")

    assert (refused.value.text, refused.value.values["act"]) == ("dossier/transition_refused", "geler")


@given(state=st.sampled_from(PieceEtat), event=st.sampled_from([*EVENTS, "inventer"]))
def test_a_piece_moves_only_along_its_table(state: PieceEtat, event: str) -> None:
    allowed = {line.after for line in PIECE.table if line.event == event and state in line.before}

    try:
        reached = {PIECE.after(state, event)}
    except Refusal:
        reached = set()

    assert reached == allowed


def test_the_diagram_of_a_piece_has_two_beginnings(campagne: Campagne) -> None:
    lines = PIECE.diagram(campagne).splitlines()

    assert lines[1:4] == [
        "    [*] --> ANNONCEE",
        "    [*] --> DECLAREE_IPROF",
        "    ANNONCEE --> RECUE : recevoir (§D1.6)",
    ]
