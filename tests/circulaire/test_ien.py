"""Which circonscription is meant, and the directory of the IEN as a bureau keeps it in a table."""

import pytest

from bot.circulaire.ien import IenEntry, circonscription_key, read_directory

HEAD = "circonscription;nom;courriel;tchap"
ROCHE = IenEntry("Paris 19A", "Mme Roche", "ien19a@ac-paris.fr")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Paris 19A", "19a"),
        ("19 A", "19a"),
        ("circonscription de Paris 19a", "19a"),
        ("Circo 19A", "19a"),
        ("19e A", "19a"),
        ("19ème A", "19a"),
        ("5e", "5"),
        ("5ème arrondissement", "5"),
        ("1er arr.", "1"),
        ("12e-13e", "1213"),
        ("Paris 18E", "18e"),
        ("Paris", "paris"),
    ],
)
def test_one_circonscription_has_one_key_however_it_is_written(written: str, key: str) -> None:
    assert circonscription_key(written) == key


@pytest.mark.parametrize(
    "text",
    [
        "circonscription;nom;courriel\nParis 19A;Mme Roche;ien19a@ac-paris.fr",
        "circonscription,nom,courriel\nParis 19A,Mme Roche,ien19a@ac-paris.fr",
        "circonscription\tnom\tcourriel\nParis 19A\tMme Roche\tien19a@ac-paris.fr",
        "\ufeffcirconscription;nom;courriel\nParis 19A;Mme Roche;ien19a@ac-paris.fr",
        "E-mail;IEN;Circo\nien19a@ac-paris.fr;Mme Roche;Paris 19A",
        "circonscription;nom;courriel\n;;\nParis 19A; Mme Roche ;ien19a@ac-paris.fr\n\n",
        "sep=;\r\ncirconscription;nom;courriel\r\nParis 19A;Mme Roche;ien19a@ac-paris.fr\r\n",
        "Annuaire 2017;;\n;;\nCirconscription;Nom de l’IEN;Mél\nParis 19A;Mme Roche;ien19a@ac-paris.fr",
        "Circonscription;Prénom;Nom;Courriel académique\nParis 19A;Mme;Roche;mailto:ien19a@ac-paris.fr",
        'Circonscription,Nom,Courriel\n"Paris 19A","Mme Roche",Roche <ien19a@ac-paris.fr>',
    ],
    ids=[
        "semicolons",
        "commas",
        "tabs",
        "a byte order mark",
        "other names, other order",
        "empty lines",
        "the separator first",
        "a title first",
        "two names, a link",
        "quoted, a name with the address",
    ],
)
def test_a_table_is_read_however_it_was_saved(text: str) -> None:
    assert read_directory(text) == ([ROCHE], [])


def test_an_ien_on_the_messenger_is_kept_with_their_name_there() -> None:
    entries, faults = read_directory(f"{HEAD}\nParis 19A;Mme Roche;ien19a@ac-paris.fr;@roche:x")

    assert (entries, faults) == ([IenEntry("Paris 19A", "Mme Roche", "ien19a@ac-paris.fr", "@roche:x")], [])


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (";Mme Roche;a@b.fr;", "Ligne 3 : il manque la circonscription ou le nom."),
        ("Paris 20B;;a@b.fr;", "Ligne 3 : il manque la circonscription ou le nom."),
        ("Paris 20B;M. Lambert;a.b.fr;", "Ligne 3 : « a.b.fr » n’est pas une adresse de courriel."),
        ("Paris 20B;M. Lambert", "Ligne 3 : il manque le courriel."),
        ("Paris 20B;M. Lambert;a@b.fr, c@d.fr;", "Ligne 3 : il faut une seule adresse."),
        ("19 a;M. Petit;c@d.fr;", "Ligne 3 : la circonscription « 19 a » est déjà plus haut."),
    ],
    ids=["no circonscription", "no name", "no address", "a short line", "two addresses", "twice the same"],
)
def test_a_line_that_is_wrong_is_named_and_the_others_are_taken(line: str, fault: str) -> None:
    text = f"{HEAD}\nParis 19A;Mme Roche;ien19a@ac-paris.fr;\n{line}"

    assert read_directory(text) == ([ROCHE], [fault])


@pytest.mark.parametrize(
    ("text", "missing"),
    [("", "circonscription, nom, courriel"), ("circonscription;nom\nParis 19A;Mme Roche", "courriel")],
    ids=["nothing", "a column"],
)
def test_a_table_without_its_columns_is_not_guessed(text: str, missing: str) -> None:
    assert read_directory(text) == ([], [f"Il manque les colonnes : {missing} (première ligne du fichier)."])
