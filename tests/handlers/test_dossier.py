"""The pieces: choices that came too late, places that were taken, what may be removed and until when."""

from datetime import datetime, timedelta

from bot.clock import PARIS
from storage.tables import Piece
from tests.handlers.conftest import ANSWERED, Talk

LAST_SECOND = datetime(2017, 4, 21, 23, 59, 59, tzinfo=PARIS)
STALE = "Cette étape est passée. Voici où vous en êtes."


async def taps(talk: Talk, words: str, option: int) -> None:
    """Camille taps a choice under the first message that holds some words and has that choice."""
    asked = next(one.event for one in talk.said if len(one.choices) > option and words in one.text)
    await talk.door.choose("camille", asked, option)
    await talk.app.settled()


async def in_force(talk: Talk) -> list[str]:
    return [one.code for one in await talk.rows(Piece) if one.replaced_at is None]


async def test_a_file_is_given_its_place_once(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("scan0001.pdf")
    await taps(talk, "scan0001.pdf", 2)

    await taps(talk, "scan0001.pdf", 3)

    assert talk.heard().partition("\n")[0] == STALE
    assert await in_force(talk) == ["lettre"]


async def test_a_piece_is_declared_once(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("notice annexe 1.pdf")
    await taps(talk, "1 pièce sur 4", 0)

    await taps(talk, "1 pièce sur 4", 0)

    assert talk.heard().partition("\n")[0] == STALE
    assert await in_force(talk) == ["notice", "lettre"]


async def test_a_piece_is_declared_at_any_step_and_never_by_a_denial(talk: Talk) -> None:
    await talk.types(*ANSWERED, "Camille Martin", "mon cv n'est pas sur iprof", "la lettre n'est plus sur i-prof")
    denied = await in_force(talk)

    await talk.types("mon cv est sur iprof")
    await talk.drops("scan0001.pdf")
    await talk.types("la lettre aussi est sur iprof")

    assert denied == []
    assert await in_force(talk) == ["cv", "", "lettre"]


async def test_a_photograph_is_a_next_page_only_while_the_piece_is_in_photographs(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("etat-services-1.jpg", "etat-services-2.jpg")
    page = talk.heard()
    await talk.types("enlève l’état des services")
    removed = talk.heard()
    await talk.drops("etat-services-3.jpg")
    await talk.types("2")
    again = talk.heard()
    await talk.drops("etat-des-services.pdf")

    assert "« etat-services-2.jpg ». L’état des services est déjà là, en images." in page
    assert "J’ai reçu « etat-services-2.jpg ». De quelle pièce s’agit-il ?" in removed
    assert "« etat-services-2.jpg ». L’état des services est déjà là, en images." in again
    assert "J’ai reçu « etat-services-2.jpg ». De quelle pièce s’agit-il ?" in talk.heard()


async def test_a_declaration_after_the_closing_is_refused_with_the_rule(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.drops("notice annexe 1.pdf")
    late = LAST_SECOND + timedelta(seconds=1)
    talk.clock.set(late)

    await taps(talk, "1 pièce sur 4", 0)

    refused, expired = (one.text.partition("\n")[0] for one in talk.said[-3:] if one.room == "camille")
    assert expired == "Votre candidature n° 1 n’a pas été déposée à temps."
    assert refused == (
        "Je n’ai pas enregistré cette déclaration : votre message est arrivé le samedi 22 avril 2017 à 0 h 00 min 00 s"
        " (heure de Paris), et le dossier ne change plus."
    )
    assert await in_force(talk) == ["notice"]


async def test_a_piece_is_removed_before_the_deposit(talk: Talk) -> None:
    await talk.types(*ANSWERED)
    await talk.types("supprimer cv")
    nothing = talk.heard().partition("\n")[0]
    await talk.drops("CV_Camille_Martin.pdf")
    await talk.types("supprimer la lune")
    which = talk.heard()

    await talk.types("supprimer cv")

    assert nothing == "Vous n’avez encore donné aucune pièce."
    assert which.startswith(
        "Quelle pièce voulez-vous supprimer ? Écrivez par exemple « supprimer le CV ».\n– le CV\n\n"
    )
    assert await in_force(talk) == []


async def test_a_deposited_piece_is_replaced_and_never_removed(talk: Talk) -> None:
    await talk.deposits("camille", "Camille Martin")

    await talk.types("supprimer le cv")

    assert talk.heard().startswith("Une pièce déposée ne se supprime plus.\n\nVotre candidature n° 1 est déposée")
    assert len(await in_force(talk)) == 4


async def test_a_piece_is_kept_under_a_name_without_signs_that_turn_what_is_read(talk: Talk) -> None:
    await talk.types(*ANSWERED)

    await talk.drops("CV_Camille_Martin.pdf", shown_as="CV \u202efdp.exe.pdf")

    (piece,) = await talk.rows(Piece)
    assert piece.name == "CV fdp.exe.pdf"
