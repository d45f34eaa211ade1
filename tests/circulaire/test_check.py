"""The folder of a campagne is checked before anybody relies on it."""

from pathlib import Path

import pytest

from bot.circulaire.check import Finding, check_campagne

ROOT = Path(__file__).parents[2]
REAL = ROOT / "bot" / "circulaire" / "campagnes" / "17AN0076"
TWO_C = (
    "La circulaire a plusieurs sections « C » : §C1 « C- Situation administrative » ; "
    "§C2 « C – Déroulement de l'entretien ». Citez toujours leur titre."
)
TWO_D = (
    "La circulaire a plusieurs sections « D » : "
    "§D1 « D- Conditions de candidature à la fonction de formateur (trice) informatique pédagogique » ; "
    "§D2 « D – Avis de la commission d'entretien ». Citez toujours leur titre."
)
ODDITIES = [TWO_C, TWO_D, "La circulaire écrit « CAFIPEMF » et « CAFIPMF »."]


def test_the_real_campagne_has_only_the_oddities_of_its_circular() -> None:
    assert check_campagne(REAL) == [Finding("avertissement", oddity) for oddity in ODDITIES]


def test_the_invented_campagne_has_nothing_to_mend() -> None:
    assert check_campagne(ROOT / "tests" / "campagnes" / "25XX0001") == []


def test_a_folder_without_files_is_said_to_be_so(tmp_path: Path) -> None:
    found = [(finding.level, finding.message.partition(" manque")[0]) for finding in check_campagne(tmp_path)]

    assert found == [("erreur", "Le fichier campagne.toml"), ("erreur", "Le fichier circulaire.md")]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        pytest.param(
            'quote = "L\'entretien dure au total 30 minutes"',
            'quote = "L\'entretien dure en tout 30 minutes"',
            ["[durations.entretien_minutes] : le paragraphe C2.4 ne dit pas « L'entretien dure en tout 30 minutes »."],
            id="a quotation that is not in the text",
        ),
        pytest.param(
            'quote = "L\'entretien dure au total 30 minutes"',
            'quote = ""',
            [
                "[durations.entretien_minutes] : le paragraphe C2.4 ne dit pas «  ».",
                "[durations.entretien_minutes] : la citation ne dit pas « 30 ».",
            ],
            id="an empty quotation",
        ),
        pytest.param(
            'source = "C2.4"',
            'source = "C9.4"',
            ["[durations.entretien_minutes] : le paragraphe « C9.4 » n’existe pas dans la circulaire."],
            id="an unknown passage",
        ),
        pytest.param(
            "value = 30\n",
            "value = 45\n",
            ["[durations.entretien_minutes] : la citation ne dit pas « 45 »."],
            id="a duration that the quotation does not say",
        ),
        pytest.param(
            'phone = "01.44.62.41.93"',
            'phone = "01.44.62.41.94"',
            ["[contacts n° 1] : le paragraphe H.1 ne contient pas « 01.44.62.41.94 »."],
            id="a telephone that is not the circular's",
        ),
        pytest.param(
            "value = 2017-04-26",
            "value = 2017-04-27",
            [
                (
                    "[dates.entretien_on] : la valeur est le jeudi 27 avril 2017, "
                    "la citation dit « L'entretien aura lieu le mercredi 26 avril 2017 »."
                )
            ],
            id="a date that its quotation contradicts",
        ),
        pytest.param(
            'label = "l\'état des services"',
            'label = "le relevé des services"',
            ["[[pieces]] « etat_services » : le paragraphe D1.6.2 ne demande pas « le relevé des services »."],
            id="a piece without a paragraph",
        ),
        pytest.param(
            'source = "D1.6.2"',
            'source = "D1.9"',
            [
                "[pieces n° 2] : le paragraphe « D1.9 » n’existe pas dans la circulaire.",
                "[[pieces]] « etat_services » : le paragraphe D1.9 ne demande pas « l'état des services ».",
            ],
            id="a piece of an unknown paragraph",
        ),
        pytest.param(
            'code = "lettre"', 'code = "cv"', ["[[pieces]] : le code « cv » sert deux fois."], id="a code used twice"
        ),
        pytest.param(
            'only_if = { cafipemf = ["non"] }',
            'only_if = { permis = ["non"] }',
            ["[[questions]] « preparation » : la question « permis » n’existe pas."],
            id="an unknown question",
        ),
        pytest.param(
            '["oui", "pemf"]',
            '["un_jour", "pemf"]',
            ["[[questions]] « corps » : « un_jour » n’est pas une réponse à « corps »."],
            id="words for an answer that is none",
        ),
        pytest.param(
            'when = { mission = ["non"] }\ncode = "outside"',
            'when = { mission = ["jamais"] }\ncode = "dehors"',
            [
                "[[outcomes]] n° 7 : « jamais » n’est pas une réponse à « mission ».",
                "[[outcomes]] n° 7 : le code « dehors » n’est pas l’un de : eligible, encourage, outside.",
            ],
            id="an unknown answer and an unknown verdict",
        ),
        pytest.param(
            'kind = "years"',
            'kind = "siècles"',
            [
                (
                    "[[notice_fields]] « anciennete » : « siècles » n’est pas l’un de : "
                    "name, line, choice, years, email, phone."
                )
            ],
            id="an unknown kind of field",
        ),
        pytest.param(
            '[dates.alert_on]\nvalue = 2017-04-25\nsource = "C2.6"\n',
            "[dates.alert_on]\n",
            [
                "campagne.toml, [dates.alert_on] : la clé « source » manque.",
                "campagne.toml, [dates.alert_on] : la clé « value » manque.",
            ],
            id="missing keys",
        ),
        pytest.param(
            'phone = "01.44.62.41.93"\nsource = "H.1"\nquote = "Affaire suivie par : Katia BINAUX"',
            'phone = "01.44.62.41.93"\nsource = "H.1"',
            ["campagne.toml, [[contacts]] n° 1 : la clé « quote » manque."],
            id="a contact without its quotation",
        ),
    ],
)
def test_a_fault_of_the_values_is_an_error(tmp_path: Path, old: str, new: str, faults: list[str]) -> None:
    _copy(tmp_path, "campagne.toml", old, new)

    errors = [finding.message for finding in check_campagne(tmp_path) if finding.level == "erreur"]

    assert errors == faults


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        pytest.param(
            "jeudi 26 avril 2017",
            "[dates.entretien_on] : « L'entretien aura lieu le jeudi 26 avril 2017 », mais ce jour est un mercredi.",
            id="a weekday that does not fit",
        ),
        pytest.param(
            "31 avril 2017",
            "[dates.entretien_on] : la date de « L'entretien aura lieu le 31 avril 2017 » n’existe pas.",
            id="a day that does not exist",
        ),
    ],
)
def test_a_circular_that_is_wrong_about_its_own_days_is_an_error(tmp_path: Path, written: str, fault: str) -> None:
    _copy(tmp_path, "campagne.toml", "le mercredi 26 avril 2017", f"le {written}")
    text = (tmp_path / "circulaire.md").read_text(encoding="utf-8")
    (tmp_path / "circulaire.md").write_text(
        text.replace("le mercredi 26 avril 2017", f"le {written}"), encoding="utf-8"
    )

    errors = [finding.message for finding in check_campagne(tmp_path) if finding.level == "erreur"]

    assert errors == [fault]


def test_dates_out_of_order_are_an_error(tmp_path: Path) -> None:
    _copy(tmp_path, "campagne.toml", "value = 2017-04-24", "value = 2017-04-20")

    errors = [finding.message for finding in check_campagne(tmp_path) if finding.level == "erreur"]

    assert errors[-1] == (
        "[dates] : la convocation (jeudi 20 avril 2017) vient avant la clôture (vendredi 21 avril 2017)."
    )


def test_a_misspelt_key_is_shown(tmp_path: Path) -> None:
    _copy(tmp_path, "campagne.toml", 'only_if = { cafipemf = ["non"] }', 'seulement = { cafipemf = ["non"] }')
    with (tmp_path / "campagne.toml").open("a", encoding="utf-8") as values:
        values.write('[dates.jury_on]\nvalue = 2017-04-26\n[villes]\nnoms = ["Paris"]\n[[extras]]\nnom = "x"\n')

    warnings = [finding.message for finding in check_campagne(tmp_path) if finding.level == "avertissement"]

    assert warnings[: -len(ODDITIES)] == [
        "campagne.toml : personne ne lit [dates] « jury_on ». Est-ce bien écrit ?",
        "campagne.toml : personne ne lit [[questions]] n° 3 « seulement ». Est-ce bien écrit ?",
        "campagne.toml : personne ne lit « villes ». Est-ce bien écrit ?",
        "campagne.toml : personne ne lit « extras ». Est-ce bien écrit ?",
    ]


def test_a_campagne_without_dates_is_told_all_that_is_missing(tmp_path: Path) -> None:
    _copy(tmp_path)
    (tmp_path / "campagne.toml").write_text("", encoding="utf-8")

    errors = {finding.message for finding in check_campagne(tmp_path) if finding.level == "erreur"}

    assert {"campagne.toml : le tableau [dates] manque.", "campagne.toml : il faut au moins un tableau [[bring]]."} <= (
        errors
    )


def _copy(folder: Path, name: str = "", old: str = "", new: str = "") -> None:
    """The real campagne, with some words of one file changed."""
    for path in REAL.glob("c*.*"):
        text = path.read_bytes().decode()
        if path.name == name:
            assert text.count(old) == 1
            text = text.replace(old, new)
        (folder / path.name).write_bytes(text.encode())
