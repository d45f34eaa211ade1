"""An erasure: no row of any table and no file holds a word of the person any more."""

from sqlalchemy import select
from sqlmodel import SQLModel

from bot.channels.console import BUREAU
from storage.tables import Receipt
from tests.handlers.conftest import PAPERS, Talk
from tests.handlers.test_relais import answers

WORD = "zinzolin"  # nowhere else


async def rows_with(talk: Talk, word: str) -> list[str]:
    """The tables and columns that hold a word."""
    return await talk.app.database.query(
        lambda session: sorted(
            {
                f"{table.name}.{name}"
                for table in SQLModel.metadata.sorted_tables
                for row in session.execute(select(table)).mappings()
                for name, value in row.items()
                if word in str(value).casefold()
            }
        )
    )


async def test_a_dossier_that_was_deposited_withdrawn_and_erased_leaves_no_word_and_no_file(talk: Talk) -> None:
    await talk.deposits("camille", "Zinzolin Martin")
    await talk.door.drop("camille", PAPERS / "CV_corrige.pdf", shown_as="CV Zinzolin.pdf")
    await talk.app.settled()
    await talk.door.drop("camille", PAPERS / "vide.pdf", shown_as="Zinzolin vide.pdf")  # refused: no piece holds it
    await talk.app.settled()
    await talk.types("!parler Et ma tablette zinzoline ?")
    await answers(talk, BUREAU, "Relais n° 1", "Oui, zinzolin.")
    await talk.says(BUREAU, "!note 1 zinzolin", "!relais", "!relais 1", "!dossier 1", "!dossiers", "!pieces-de 1")
    await talk.types("retirer ma candidature", "oui")

    await talk.types("effacer mes données", "oui")

    assert await rows_with(talk, WORD) == []
    assert list(talk.app.given["files"]) == []
    assert [receipt.rank for receipt in await talk.rows(Receipt)] == [1, 2]


async def test_what_was_withdrawn_before_is_erased_with_the_rest(talk: Talk) -> None:
    await talk.deposits("camille", "Zinzolin Martin")
    await talk.types("retirer ma candidature", "oui", "oui", "mes données")
    kept = talk.heard()

    await talk.types("effacer mes données", "oui")

    assert "– la candidature n° 1, retirée, avec ses réponses et ses pièces ;" in kept.split("\n")
    assert await rows_with(talk, WORD) == []
    assert list(talk.app.given["files"]) == []
