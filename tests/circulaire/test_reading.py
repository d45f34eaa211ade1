"""What people type is understood, or asked again; never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circulaire.reading import Command, fold, in_digits, read_choice, read_command, read_yes_no

CAFIPEMF = (("oui", "Oui, je l’ai"), ("en_preparation", "Je le prépare"), ("non", "Non"))
GRADES = (("professeur_ecoles", "Professeur ou professeure des écoles"), ("instituteur", "Instituteur ou institutrice"))
COMMANDS = ("aide", "annuler", "état", "contact", "mes-candidats", "dossier", "piece")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("1", "oui", id="number"),
        pytest.param("1.", "oui", id="number and point"),
        pytest.param("2)", "en_preparation", id="number and bracket"),
        pytest.param("le 1", "oui", id="the number"),
        pytest.param("réponse 2", "en_preparation", id="answer and number"),
        pytest.param("je choisis le n° 3 svp", "non", id="a sentence around a number"),
        pytest.param("2️⃣", "en_preparation", id="keycap"),
        pytest.param("deux", "en_preparation", id="number in words"),
        pytest.param("la première", "oui", id="ordinal"),
        pytest.param("le second", "en_preparation", id="the other ordinal"),
        pytest.param("la troisième", "non", id="third"),
        pytest.param("la dernière", "non", id="the last"),
        pytest.param("1. Oui", "oui", id="number and label"),
        pytest.param("Oui, je l'ai", "oui", id="label with another apostrophe"),
        pytest.param("JE LE PREPARE", "en_preparation", id="no accents, capitals"),
        pytest.param("je le pré", "en_preparation", id="beginning of a label"),
        pytest.param("Oui, bien sûr !", "oui", id="sentence beginning"),
        pytest.param("Je le prépare depuis deux ans", "en_preparation", id="longer than the label"),
        pytest.param("Non merci", "non", id="polite no"),
        pytest.param("ouais", "oui", id="familiar yes"),
        pytest.param("ben oui", "oui", id="with a filler"),
        pytest.param("bien sûr que non", "non", id="the longest phrase wins"),
        pytest.param("pas de problème", "oui", id="yes without yes"),
        pytest.param("oui mais non", None, id="yes but no"),
        pytest.param("oui ou non", None, id="yes or no"),
        pytest.param("oui et je n’ai pas l’option", None, id="yes and its denial"),
        pytest.param("oui option EPS", None, id="yes to another option"),
        pytest.param("oui, sous réserve", None, id="yes with a condition"),
        pytest.param("oui pas de souci", "oui", id="a yes that says no trouble"),
        pytest.param("non, pas pour moi", "non", id="a no that says it again"),
        pytest.param("OK oki", "oui", id="typed on a telephone"),
        pytest.param("non je le prépare", None, id="no and another choice"),
        pytest.param("2) non", None, id="number against label"),
        pytest.param("9 oui", None, id="number out of range with a label"),
        pytest.param("4", None, id="number out of range"),
        pytest.param("0", None, id="zero"),
        pytest.param("12 ans", None, id="a number of something"),
        pytest.param("9" * 5000, None, id="a very long number"),
        pytest.param("je", None, id="too short a beginning"),
        pytest.param("je ne sais pas", None, id="does not know"),
        pytest.param("nonante", None, id="another word"),
        pytest.param("🙂", None, id="an emoji"),
        pytest.param("👍🏽", "oui", id="a thumb up"),
        pytest.param("👎", "non", id="a thumb down"),
        pytest.param("", None, id="nothing"),
        pytest.param("euh ", None, id="a filler alone"),
    ],
)
def test_a_choice_is_read_as_people_type_it(text: str, code: str | None) -> None:
    assert read_choice(text, CAFIPEMF) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("instit", "instituteur", id="beginning"),
        pytest.param("prof", "professeur_ecoles", id="another beginning"),
        pytest.param("PE hors classe", "professeur_ecoles", id="synonym beginning a sentence"),
        pytest.param("professeur(e) des écoles", "professeur_ecoles", id="inclusive, as the circular writes"),
        pytest.param("professeur·e", "professeur_ecoles", id="inclusive, with a point"),
        pytest.param("oui", None, id="yes is no choice here"),
    ],
)
def test_a_choice_may_have_synonyms(text: str, code: str | None) -> None:
    assert (
        read_choice(
            text,
            GRADES,
            (("professeur_ecoles", "PE"), ("professeur_ecoles", "professeur des écoles"), ("inconnu", "oui")),
        )
        == code
    )


def test_a_beginning_that_fits_two_labels_is_asked_again() -> None:
    assert read_choice("lundi", (("a", "Lundi matin"), ("b", "Lundi soir"))) is None


@given(text=st.text(max_size=200))
def test_reading_a_choice_never_raises(text: str) -> None:
    assert read_choice(text, CAFIPEMF) in {"oui", "en_preparation", "non", None}


@given(rank=st.integers(min_value=1, max_value=3), spaces=st.text(alphabet=" \t\n.", max_size=4))
def test_every_number_shown_is_a_choice(rank: int, spaces: str) -> None:
    assert read_choice(f"{spaces}{rank}{spaces}", CAFIPEMF) == CAFIPEMF[rank - 1][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("oui", True, id="yes"),
        pytest.param("D’accord", True, id="agreed"),
        pytest.param("c’est exact", True, id="it is right"),
        pytest.param("N", False, id="one letter"),
        pytest.param("OUIII !!", True, id="a long yes"),
        pytest.param("pas d’accord", False, id="not agreed"),
        pytest.param("je suis d’accord", True, id="agreed, in a sentence"),
        pytest.param("je suis pas d’accord", False, id="not agreed, in a sentence"),
        pytest.param("c’est ok pour moi", True, id="it is fine"),
        pytest.param("peut-être", None, id="perhaps"),
        pytest.param("oui, peut-être", None, id="a hesitation"),
    ],
)
def test_yes_and_no_are_read(text: str, said: bool | None) -> None:
    assert read_yes_no(text) is said


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("/aide", ("aide", ""), id="slash"),
        pytest.param(" /aide", ("aide", ""), id="space and slash"),
        pytest.param("//aide", ("aide", ""), id="two slashes"),
        pytest.param("/ aide", ("aide", ""), id="slash and space"),
        pytest.param("!aide", ("aide", ""), id="exclamation mark"),
        pytest.param("aide", ("aide", ""), id="bare word"),
        pytest.param("Aide !", ("aide", ""), id="bare word, exclaimed"),
        pytest.param("aide?", ("aide", ""), id="bare word, asked"),
        pytest.param("/ETAT", ("état", ""), id="without accents"),
        pytest.param("/mes_candidats", ("mes-candidats", ""), id="underscore for hyphen"),
        pytest.param("/dossier@greffier_bot 12", ("dossier", "12"), id="named bot"),
        pytest.param("dossier 12", ("dossier", "12"), id="bare with an argument"),
        pytest.param(
            '/piece 12 notice refuser "pas\nlisible"', ("piece", '12 notice refuser "pas\nlisible"'), id="args"
        ),
        pytest.param("/dosier 12", ("dosier", "12"), id="unknown with its sign"),
        pytest.param("dosier 12", None, id="unknown without sign"),
        pytest.param("aide moi pour mon dossier", None, id="a sentence"),
        pytest.param("contact avec Katia possible ?", None, id="a question"),
        pytest.param("/home/martin/cv.pdf", None, id="a path"),
        pytest.param("/", None, id="a slash alone"),
        pytest.param("!", None, id="a mark alone"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_command_is_read_whatever_its_sign(text: str, command: tuple[str, str] | None) -> None:
    assert read_command(text, COMMANDS) == (command and Command(*command))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("! dossier 3", ("dossier", "3")),
        ("!\u00a0dossier 3", ("dossier", "3")),
        ("dossier\u00a03", ("dossier", "3")),
        ("! attention à tous", None),
    ],
    ids=["a space", "a space that does not break", "no sign", "no command"],
)
def test_a_space_behind_the_sign_or_the_name_changes_nothing(text: str, read: tuple[str, str] | None) -> None:
    assert read_command(text, COMMANDS) == (read and Command(*read))


def test_the_bureau_may_type_long_commands_without_sign() -> None:
    line = "piece 12 notice refuser illisible"

    assert read_command(line, COMMANDS, bare_words=20) == Command("piece", "12 notice refuser illisible")


@given(text=st.text(max_size=100))
def test_reading_a_command_never_raises(text: str) -> None:
    command = read_command(text, COMMANDS)

    assert command is None or (command.name, command.args.strip()) == tuple(command)


@given(text=st.text(max_size=100))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        pytest.param("vingt et un ans", "21 ans", id="twenty-one"),
        pytest.param("quarante deux", "42", id="forty-two"),
        pytest.param("dix sept", "17", id="seventeen"),
        pytest.param("trente", "30", id="thirty"),
        pytest.param("zero", "0", id="zero"),
    ],
)
def test_numbers_in_words_become_digits(words: str, digits: str) -> None:
    assert in_digits(words) == digits
