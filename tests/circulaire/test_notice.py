"""The notice is filled in as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.campagne import Campagne
from bot.circulaire.notice import field_words, read_field
from bot.errors import Refusal


@pytest.mark.parametrize(
    ("code", "typed", "value"),
    [
        pytest.param("nom", "Claire  MARTIN", "Claire MARTIN", id="name"),
        pytest.param("nom", "jean-marc de la tour", "Jean-Marc de la Tour", id="name without capitals"),
        pytest.param("nom", "Je m’appelle Noé O’Brien.", "Noé O’Brien", id="name in a sentence"),
        pytest.param("nom", "Mme Claire Martin", "Claire Martin", id="name with a title"),
        pytest.param("nom", "Noe\u0301 Martin", "Noé Martin", id="name with a detached accent"),
        pytest.param("nom", "Claire\u200b Martin\u200e", "Claire Martin", id="name with unseen signs"),
        pytest.param("nom", "claire martin 👩🏽‍🏫", "Claire Martin", id="name with a picture"),
        pytest.param("nom", "bonjour c moi claire martin merci", "Claire Martin", id="name politely"),
        pytest.param("nom", "Prénom : Claire Nom : Martin", "Claire Martin", id="name under its labels"),
        pytest.param("nom", "Claire Martin, née D’Orval", "Claire Martin, née D’Orval", id="name and name of birth"),
        pytest.param("circonscription", "ma circo c'est Paris 19A", "Paris 19A", id="circonscription in a sentence"),
        pytest.param("ecole", "je suis à l’école des Lilas", "école des Lilas", id="school in a sentence"),
        pytest.param("ecole", "École, 12\nrue des Lilas", "École, 12 rue des Lilas", id="school on two lines"),
        pytest.param("circonscription", "19A", "19A", id="short circonscription"),
        pytest.param("grade", "prof des ecoles", "professeur_ecoles", id="grade, familiar"),
        pytest.param("grade", "PE", "professeur_ecoles", id="grade, initials"),
        pytest.param("grade", "institutrice", "instituteur", id="grade, feminine"),
        pytest.param("anciennete", "12 ans", 12, id="years"),
        pytest.param("anciennete", "12", 12, id="number"),
        pytest.param("anciennete", "douze ans", 12, id="years in words"),
        pytest.param("anciennete", "vingt-et-un ans", 21, id="twenty-one"),
        pytest.param("anciennete", "quarante-deux années", 42, id="forty-two"),
        pytest.param("anciennete", "12,5 ans", 12, id="decimals"),
        pytest.param("anciennete", "12 ans et 3 mois", 12, id="years and months"),
        pytest.param("anciennete", "un an et demi", 1, id="a year and a half"),
        pytest.param("anciennete", "moins d’un an", 0, id="less than a year"),
        pytest.param("anciennete", "6 mois", 0, id="months"),
        pytest.param("anciennete", "18 mois", 1, id="months that make a year"),
        pytest.param("anciennete", "12ans", 12, id="years without a space"),
        pytest.param("anciennete", "12 ans 1/2", 12, id="years and a half in digits"),
        pytest.param("anciennete", "c’est ma première année", 0, id="first year"),
        pytest.param("courriel", "Claire.Martin@AC-Paris.fr", "claire.martin@ac-paris.fr", id="e-mail"),
        pytest.param("courriel", "mon mail : c-m2@ac-paris.fr.", "c-m2@ac-paris.fr", id="e-mail in a sentence"),
        pytest.param("courriel", "<mailto:cm@ac-paris.fr>", "cm@ac-paris.fr", id="e-mail as a link"),
        pytest.param("courriel", "cm arobase ac-paris.fr", "cm@ac-paris.fr", id="e-mail in words"),
        pytest.param(
            "courriel",
            "claire point martin arobase ac tiret paris point fr",
            "claire.martin@ac-paris.fr",
            id="dictated",
        ),
        pytest.param("courriel", "c.m@ac\u2011paris.fr\u200b", "c.m@ac-paris.fr", id="e-mail with odd signs"),
        pytest.param("telephone", "06\u201112\u201134\u201156\u201178", "06 12 34 56 78", id="odd hyphens"),
        pytest.param("telephone", "\u202a33612345678\u202c", "06 12 34 56 78", id="international without its sign"),
        pytest.param("telephone", "0612345678", "06 12 34 56 78", id="telephone"),
        pytest.param("ecole", "Jean Jaurès", "Jean Jaurès", id="a school by its name alone"),
        pytest.param("ecole", "école du Pas de la Mule", "école du Pas de la Mule", id="a street that is called Pas"),
        pytest.param(
            "ecole",
            "École Pelleport dans laquelle je suis affectée",
            "École Pelleport dans laquelle je suis affectée",
            id="a school that is a whole sentence",
        ),
        pytest.param("ecole", "je travaille à l’école Titon", "école Titon", id="a school in a sentence"),
        pytest.param("circonscription", "je crois que c’est la 20B", "20B", id="circonscription, with a doubt"),
        pytest.param("grade", "jsuis prof des écoles hors classe", "professeur_ecoles", id="grade in a sentence"),
        pytest.param(
            "cafipemf", "je suis en train de le préparer", "en_preparation", id="certification, being prepared"
        ),
        pytest.param("telephone", "06.12.34.56.78", "06 12 34 56 78", id="telephone with points"),
        pytest.param("telephone", "06-12-34-56-78", "06 12 34 56 78", id="telephone with hyphens"),
        pytest.param("telephone", "+33 6 12 34 56 78", "06 12 34 56 78", id="international"),
        pytest.param("telephone", "+33 (0)6 12 34 56 78", "06 12 34 56 78", id="international with a zero"),
        pytest.param("telephone", "0033612345678", "06 12 34 56 78", id="international with zeros"),
        pytest.param("telephone", "+262 692 12 34 56", "06 92 12 34 56", id="overseas"),
        pytest.param(
            "telephone", "au 01\u00a044\u00a062\u00a041\u00a093 le soir", "01 44 62 41 93", id="in a sentence"
        ),
        pytest.param("cafipemf", "je le prépare", "en_preparation", id="certification, in preparation"),
        pytest.param("cafipemf", "Je l’ai obtenu en 2015", "oui", id="certification, got"),
        pytest.param("cafipemf", "pas encore", "non", id="certification, not yet"),
    ],
)
def test_a_field_is_read_and_made_uniform(campagne: Campagne, code: str, typed: str, value: str | int) -> None:
    assert read_field(campagne.notice_field(code), typed) == value


@pytest.mark.parametrize(
    ("code", "typed", "reason"),
    [
        pytest.param("nom", "Martin", "alone", id="one name only"),
        pytest.param("nom", "M. Martin", "alone", id="title and one name"),
        pytest.param("nom", "R2D2 Martin", "letters", id="digits in a name"),
        pytest.param("nom", "", "letters", id="no name"),
        pytest.param("nom", "je sais pas", "letters", id="no name but words"),
        pytest.param("ecole", "oui mais pas le mercredi", "empty", id="the answer to something else"),
        pytest.param("courriel", "claire martin@ac-paris.fr", "shape", id="half an address"),
        pytest.param("courriel", "claire,martin@ac-paris.fr", "shape", id="a comma for a point"),
        pytest.param("courriel", "prenom.nom@ac-paris.fr", "shape", id="the example itself"),
        pytest.param("nom", "Claire " + "a" * 100, "long", id="too long a name"),
        pytest.param("ecole", "je ne sais pas", "empty", id="no answer"),
        pytest.param("ecole", "?", "empty", id="no word"),
        pytest.param("ecole", "c'est bon", "empty", id="an agreement"),
        pytest.param("ecole", "mon cv n’est pas sur iprof", "empty", id="something denied"),
        pytest.param("circonscription", "claire.martin@ac-paris.fr", "empty", id="an address for a line"),
        pytest.param("ecole", "06 12 34 56 78", "empty", id="a telephone for a line"),
        pytest.param("nom", "Claire Martin école Titon", "letters", id="a name and a school"),
        pytest.param("ecole", "je vous l’ai déjà dit", "empty", id="a sentence"),
        pytest.param("ecole", "j'ai pas d'école fixe", "empty", id="a sentence that says there is none"),
        pytest.param("circonscription", "vous voulez le numéro", "empty", id="something asked"),
        pytest.param("ecole", "a" * 201, "long", id="too long a line"),
        pytest.param("grade", "professeur certifié", "unclear", id="another grade"),
        pytest.param("anciennete", "12 ou 13 ans", "unclear", id="two numbers"),
        pytest.param("anciennete", "environ 10 ans", "unclear", id="about ten"),
        pytest.param("anciennete", "une vingtaine d’années", "unclear", id="a score"),
        pytest.param("anciennete", "depuis 2005", "date", id="a year of the calendar"),
        pytest.param("anciennete", "longtemps", "unclear", id="no number"),
        pytest.param("anciennete", "99 ans", "long", id="too many years"),
        pytest.param("courriel", "claire.martin", "missing", id="no address"),
        pytest.param("courriel", "a@ac-paris.fr@x.fr", "shape", id="two signs"),
        pytest.param("courriel", "claire.martin@ac-paris", "shape", id="an end that is missing"),
        pytest.param("courriel", "c@gmail.com", "domain", id="another domain"),
        pytest.param("courriel", "c@ac-paris.fr.x.com", "domain", id="a longer domain"),
        pytest.param("courriel", "c..m@ac-paris.fr", "shape", id="two points"),
        pytest.param("courriel", "zoé@ac-paris.fr", "shape", id="an accent"),
        pytest.param("courriel", "a@ac-paris.fr ou b@ac-paris.fr", "several", id="two addresses"),
        pytest.param("telephone", "06 12 34 56 7", "shape", id="nine digits"),
        pytest.param("telephone", "00 12 34 56 78", "shape", id="no such number"),
        pytest.param("telephone", "+32 475 12 34 56", "shape", id="another country"),
        pytest.param("telephone", "je n’en ai pas", "shape", id="no number"),
        pytest.param("telephone", "06 12 34 56 78 ou 07 11 22 33 44", "several", id="two numbers"),
        pytest.param("cafipemf", "oui et non", "unclear", id="both"),
    ],
)
def test_a_field_that_cannot_be_read_is_asked_again_with_its_reason(
    campagne: Campagne, code: str, typed: str, reason: str
) -> None:
    field = campagne.notice_field(code)

    with pytest.raises(Refusal) as refused:
        read_field(field, typed)

    assert (refused.value.text, refused.value.source) == (f"candidature/notice_{field.kind}", field.source)
    assert (refused.value.values["reason"], refused.value.values["example"]) == (reason, field.example)


def test_an_address_of_another_domain_is_told_the_right_one(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        read_field(campagne.notice_field("courriel"), "claire@gmail.com")

    assert refused.value.values["domain"] == "ac-paris.fr"


def test_a_choice_that_is_unclear_shows_the_choices(campagne: Campagne) -> None:
    with pytest.raises(Refusal) as refused:
        read_field(campagne.notice_field("cafipemf"), "bof")

    assert refused.value.values["choices"] == ["Oui, je l’ai", "En préparation", "Non"]


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        pytest.param("anciennete", 0, "moins d’un an", id="no year"),
        pytest.param("anciennete", 1, "1 an", id="one year"),
        pytest.param("anciennete", 12, "12 ans", id="years"),
        pytest.param("cafipemf", "en_preparation", "En préparation", id="choice"),
        pytest.param("cafipemf", "inconnu", "inconnu", id="a choice that the campagne no longer has"),
        pytest.param("nom", "Claire Martin", "Claire Martin", id="text"),
    ],
)
def test_a_value_is_shown_in_words(campagne: Campagne, code: str, value: str | int, words: str) -> None:
    assert field_words(campagne.notice_field(code), value) == words


@given(text=st.text(max_size=150), rank=st.integers(min_value=0, max_value=7))
def test_any_words_are_read_or_refused(campagne: Campagne, text: str, rank: int) -> None:
    field = campagne.notice_fields[rank]

    try:
        read = type(read_field(field, text))
    except Refusal:
        read = None

    assert read in {None, int if field.kind == "years" else str}


@given(years=st.integers(min_value=0, max_value=50))
def test_every_number_of_years_is_read_back(campagne: Campagne, years: int) -> None:
    field = campagne.notice_field("anciennete")

    assert read_field(field, field_words(field, years)) == years


@given(digits=st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), mark=st.sampled_from([" ", ".", "-", "", "/"]))
def test_every_french_number_is_read_in_every_spelling(campagne: Campagne, digits: str, mark: str) -> None:
    pairs = [digits[place : place + 2] for place in range(1, 9, 2)]
    field = campagne.notice_field("telephone")

    read = {read_field(field, mark.join([lead + digits[0], *pairs])) for lead in ("0", "+33", "0033")}

    assert read == {" ".join([f"0{digits[0]}", *pairs])}
