"""The directory of the IEN, and what an IEN may ask: how it is imported, what is said to whom is not in it."""

from pathlib import Path

import pytest

from bot.channels.console import BUREAU
from bot.papers.sheets import Cell, Sheet, workbook
from storage.bureau import Ien, RelaisLine
from storage.tables import Outbox
from tests.handlers.conftest import PAPERS, Talk
from tests.handlers.test_the_call import convoked

HOW = (
    "Déposez un fichier CSV ou Excel (.xlsx) avec la légende « !ien importer ». Il nomme ses colonnes :"
    " circonscription ; nom ; courriel ; tchap (facultatif). Pour retirer un IEN : !ien retirer circonscription."
)
HEAD = "circonscription;nom;courriel;tchap"
LINES = f"{HEAD}\nParis 19A;Mme Roché;ien19a@ac-paris.fr;roche\nParis 20B;M. Lambert;ien20b@ac-paris.fr;"
ROCHE = "– Paris 19A : Mme Roché, ien19a@ac-paris.fr, roche, copies : conversation et courriel"
LAMBERT = "– Paris 20B : M. Lambert, ien20b@ac-paris.fr, copies : courriel"
WHERE = (
    "Pour la liste de vos candidates et candidats : « mes candidats »."
    " Pour choisir comment arrivent vos copies : « copies »."
)
NOT_AN_IEN = (
    "Cette commande est réservée aux IEN de l’annuaire."
    " Si vous êtes IEN, demandez au bureau de vous y ajouter : katia.binaux@ac-paris.fr."
)


async def imports(talk: Talk, file: Path, data: bytes) -> None:
    """The bureau drops a table."""
    file.write_bytes(data)
    await talk.door.drop(BUREAU, file, caption="!ien importer")
    await talk.app.settled()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_a_table_is_imported_however_it_was_saved(talk: Talk, tmp_path: Path, encoding: str) -> None:
    await imports(talk, tmp_path / "ien.csv", LINES.encode(encoding))

    assert talk.heard(BUREAU) == "2 IEN ajoutés, 0 mis à jour."
    assert [row.name for row in await talk.rows(Ien)] == ["Mme Roché", "M. Lambert"]


async def test_a_second_import_brings_up_to_date_and_names_its_faults(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says(BUREAU, f"!ien importer\n{HEAD}\n19A;Mme Petit;ien19a@ac-paris.fr;\nParis 5;M. Roy;sans adresse;")

    assert talk.heard(BUREAU) == (
        "0 IEN ajouté, 1 mis à jour.\n– Ligne 3 : « sans adresse » n’est pas une adresse de courriel."
        "\nCes lignes ne sont pas prises ; les autres le sont. Corrigez-les et importez à nouveau."
    )
    assert [row.name for row in await talk.rows(Ien)] == ["Mme Petit", "M. Lambert"]


async def test_a_table_in_which_nothing_can_be_read_changes_nothing(talk: Talk) -> None:
    await talk.says(BUREAU, "!ien importer\nbonjour")

    assert await talk.rows(Ien) == []
    assert talk.heard(BUREAU) == (
        "Aucun IEN n’est ajouté ni changé."
        "\n– Il manque les colonnes : circonscription, nom, courriel (première ligne du fichier)."
        "\nCorrigez le fichier et importez-le à nouveau."
    )


async def test_a_workbook_is_imported_as_it_is(talk: Talk, tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["Paris 19A", "Mme Roché", "ien19a@ac-paris.fr"], [20, "M. Lambert", None]]
    book = workbook([Sheet("IEN", ("Circonscription", "Nom", "Courriel"), rows)], at=talk.clock.now())

    await imports(talk, tmp_path / "ien.xlsx", book)

    assert talk.heard(BUREAU).split("\n")[:2] == ["1 IEN ajouté, 0 mis à jour.", "– Ligne 3 : il manque le courriel."]


async def test_an_archive_that_is_no_workbook_is_not_read(talk: Talk, tmp_path: Path) -> None:
    await imports(talk, tmp_path / "ien.xlsx", b"PK\x03\x04 nothing of the kind")

    assert (talk.heard(BUREAU), await talk.rows(Ien)) == (HOW, [])


async def test_an_import_says_whose_ien_is_still_missing(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin", circonscription="Paris 5e")
    await talk.says(BUREAU, f"!ien importer\n{LINES}")
    missing = talk.heard(BUREAU)
    await talk.says(BUREAU, f"!ien importer\n{HEAD}\n5ème;M. Roy;ien5@ac-paris.fr;")

    assert missing == "2 IEN ajoutés, 0 mis à jour.\n– pas encore d’IEN pour « Paris 5e » : dossier n° 1"
    assert talk.heard(BUREAU) == "1 IEN ajouté, 0 mis à jour."


async def test_a_line_too_many_is_taken_out(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}", "!ien retirer 19 A")
    taken = talk.heard(BUREAU)
    await talk.says(BUREAU, "!ien retirer 19 A")

    assert taken == "Mme Roché (Paris 19A) n’est plus dans l’annuaire. Pour remettre un IEN : !ien importer."
    assert talk.heard(BUREAU) == "Aucun IEN pour « 19 A ». L’annuaire : !ien."
    assert [row.name for row in await talk.rows(Ien)] == ["M. Lambert"]


async def test_an_import_without_lines_says_how(talk: Talk) -> None:
    await talk.says(BUREAU, "!ien importer")

    assert talk.heard(BUREAU) == HOW


async def test_a_file_too_large_for_a_directory_is_not_read(talk: Talk, tmp_path: Path) -> None:
    await imports(talk, tmp_path / "ien.csv", LINES.encode() + b"\n" * 1_000_000)

    assert (talk.heard(BUREAU), await talk.rows(Ien)) == (HOW, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "!ien",
            f"IEN : 2\n{ROCHE}\n{LAMBERT}",
        ),
        ("!ien lambert", f"IEN : 1 sur 2\n{LAMBERT}"),
        ("!ien zzz", "IEN : 0 sur 2\nAucun IEN ne correspond à « zzz »."),
    ],
    ids=["all", "one", "none"],
)
async def test_the_directory_is_shown_whole_or_searched(talk: Talk, line: str, said: str) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says(BUREAU, line)

    assert talk.heard(BUREAU) == said


async def test_a_list_longer_than_a_message_is_said_in_several(talk: Talk) -> None:
    numbers = range(100, 200)
    lines = [f"Paris {number};Mme Annuaire;annuaire{number}@ac-paris.fr;" for number in numbers]
    await talk.says(BUREAU, "!ien importer\n" + "\n".join([HEAD, *lines]))
    before = len(talk.said)

    await talk.says(BUREAU, "!ien")

    said = [one.text for one in talk.said[before:]]
    assert [words for words in said if len(words) >= 2000] == []
    assert "\n".join(said).split("\n")[1:] == [
        f"– Paris {number} : Mme Annuaire, annuaire{number}@ac-paris.fr, copies : courriel"
        for number in range(100, 200)
    ]


async def test_an_empty_directory_says_how_to_fill_it(talk: Talk) -> None:
    await talk.says(BUREAU, "!ien")

    assert talk.heard(BUREAU) == (
        "IEN : 0\nAucun IEN. Pour en ajouter, déposez un fichier CSV ou Excel avec la légende « !ien importer »."
    )


@pytest.mark.parametrize("line", ["!mes-candidats", "!copies courriel"])
async def test_who_is_not_in_the_directory_is_told_so_and_no_more(talk: Talk, line: str) -> None:
    await talk.says("ines", line)

    assert talk.heard("ines") == NOT_AN_IEN


async def test_an_ien_sees_their_own_candidates_alone(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")
    await talk.deposits("paul", "Paul Martin", circonscription="Paris 20B")
    await talk.types("bonjour")
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "!mes-candidats")

    assert talk.heard("roche") == "Candidatures de Paris 19A : 1\n– n° 1, Camille Martin : déposée"


async def test_an_ien_without_candidates_is_told_so(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "!mes-candidats")

    assert talk.heard("roche") == "Candidatures de Paris 19A : 0\nAucune candidature pour le moment."


async def test_an_ien_chooses_how_the_copies_come(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "!copies")
    before = talk.heard("roche")
    await talk.says("roche", "!copies courriel")

    assert before == (
        "Vos copies arrivent ici et par courriel.\nPour changer : !copies tout, !copies courriel ou !copies résumé."
    )
    assert talk.heard("roche") == "C’est noté : vos copies arriveront par courriel seulement."
    assert [row.prefers for row in await talk.rows(Ien)] == ["courriel", "tout"]


async def test_who_chose_the_mail_alone_has_no_copy_in_the_chat(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")
    await talk.says("roche", "!copies courriel")
    before = len([one for one in talk.said if one.room == "roche"])

    await convoked(talk, "camille")

    copies = [row.door for row in await talk.rows(Outbox) if row.kind == "ien/convocation"]
    assert copies == ["email"]
    assert len([one for one in talk.said if one.room == "roche"]) == before


async def test_an_ien_who_asks_is_answered_by_the_circular(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "quelle est la date limite ?")

    words = [one.text for one in talk.said if one.room == "roche"]
    assert any("pour le vendredi 21 avril 2017 au plus tard" in one for one in words)
    assert not any("Êtes-vous d’accord" in one for one in words)


async def test_the_help_of_an_ien_is_their_own(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "aide")

    named = [line.split(" ")[0] for line in talk.heard("roche").split("\n") if line.startswith("!")]
    assert named == ["!aide", "!contact", "!mes-candidats", "!copies"]


async def test_whatever_else_an_ien_writes_is_met_with_what_they_may_ask(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "je voudrais candidater")

    assert talk.heard("roche").endswith(
        "\n!mes-candidats — leur liste"
        "\n!copies courriel — par courriel seulement ; !copies résumé — un résumé le soir ;"
        " !copies tout — ici et par courriel"
    )


async def test_a_thank_you_of_an_ien_is_answered_as_one(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "merci beaucoup")

    assert talk.heard("roche") == "Avec plaisir. Si une autre question vient, écrivez-la ici."


@pytest.mark.parametrize("line", ["contact", "!parler Quand aurai-je la liste ?"])
async def test_an_ien_is_never_asked_for_the_agreement_of_a_candidate(talk: Talk, line: str) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", line)

    assert talk.heard("roche").split("\n\n")[-1] == WHERE


async def test_a_file_of_an_ien_is_not_kept_and_they_are_told_whom_to_send_it_to(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.door.drop("roche", PAPERS / "etat-des-services.pdf")
    await talk.app.settled()

    assert talk.heard("roche") == (
        "Je n’ai pas gardé « etat-des-services.pdf » : les fichiers sont ceux des personnes qui candidatent."
        f" Pour le bureau : katia.binaux@ac-paris.fr.\n\n{WHERE}"
    )


async def test_an_ien_sees_what_is_kept_of_them_and_erases_what_they_wrote(talk: Talk) -> None:
    await talk.says(BUREAU, f"!ien importer\n{LINES}")

    await talk.says("roche", "!parler Quand aurai-je la liste ?", "mes données")
    kept = talk.heard("roche").split("\n")
    await talk.says("roche", "effacer mes données")

    assert kept[1].startswith("– votre ligne dans l’annuaire des IEN, que tient le bureau DE2 : Paris 19A, Mme Roché, ")
    assert kept[2].startswith("– 1 message échangé avec le bureau, du lundi 10 avril 2017 ")
    assert [line.text for line in await talk.rows(RelaisLine)] == [""]
    assert len(await talk.rows(Ien)) == 2
