"""The candidate's whole path and a question, on Telegram; what a phone does that a keyboard does not."""

import io

import pikepdf
import pytest
from PIL import Image

from bot.channels.telegram.menu import Menu
from storage.tables import Candidature, Piece, Receipt
from tests.channels.telegram.conftest import BUREAU, PAPERS, OpenWorld, World
from tests.channels.telegram.person import SHARED, Person
from tests.channels.telegram.stub import GIVEN_AT_MOST, StubTelegram

FOUR = ("notice annexe 1.pdf", "etat-des-services.pdf", "CV_Camille_Martin.pdf", "scan0001.pdf")
UNREAD = (
    "Je ne sais pas lire ce que vous venez d’envoyer. Je lis ce que vous écrivez, et vos fichiers : "
    "PDF, photo (JPEG, PNG, HEIC ou WebP), ODT ou DOCX."
)
NOTICE = (
    "Camille Martin",
    "École élémentaire, 12 rue des Lilas, Paris 19e",
    "Paris 19A",
    "1",
    "12 ans",
    "camille.martin@ac-paris.fr",
    "06 12 34 56 78",
    "1",
)


async def _taps(world: World, person: Person, *buttons: str | int) -> None:
    for button in buttons:
        person.taps(button)
        await world.settled()


async def _says(world: World, person: Person, *lines: str) -> None:
    for line in lines:
        person.says(line)
        await world.settled()


async def _drops(world: World, person: Person, *names: str) -> None:
    for name in names:
        person.drops(PAPERS / name)
        await world.settled()


async def test_a_button_of_a_message_too_old_for_telegram_to_show_counts(world: World, camille: Person) -> None:
    await _says(world, camille, "/start")

    camille.taps("J’accepte", too_old=True)
    await world.settled()

    assert len(await world.rows(Candidature)) == 1
    assert camille.heard[-1]["text"].splitlines()[-2].startswith("Question 1 sur 5.")


async def test_a_candidate_goes_from_the_welcome_to_the_receipt(world: World, camille: Person) -> None:
    await _says(world, camille, "/start")
    await _taps(world, camille, "J’accepte", 1, 1, 1, 1, 1)
    await _says(world, camille, *NOTICE)
    await _drops(world, camille, *FOUR[1:])
    await _taps(world, camille, "La lettre de motivation")
    await _says(world, camille, "je dépose ma candidature")

    (candidature,) = await world.rows(Candidature)
    (receipt,) = await world.rows(Receipt)
    (sent,) = [message["document"] for message in camille.heard if "document" in message]
    name, data = world.stub.files[sent["file_id"]]
    assert (candidature.etat, receipt.rank) == ("deposee", 1)
    assert name == "recepisse-1.pdf"
    assert data == world.app.files.get(receipt.sha256)
    assert len(pikepdf.open(io.BytesIO(data)).pages) >= 1


async def test_the_same_path_passes_in_typed_numbers_alone(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1", *NOTICE)
    await _drops(world, camille, *FOUR[1:])
    await _says(world, camille, "3", "je dépose ma candidature")

    assert [one.etat for one in await world.rows(Candidature)] == ["deposee"]


async def test_an_album_of_four_files_gives_four_pieces_in_order(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")

    camille.sends_together([PAPERS / name for name in FOUR])
    await world.settled()

    assert [piece.name for piece in await world.rows(Piece)] == list(FOUR)


async def test_a_question_is_answered_with_the_words_of_the_circular(world: World, camille: Person) -> None:
    await _says(world, camille, "combien de temps dure l'entretien ?")

    _, quoted, source, *_ = camille.words[0].split("\n")
    assert quoted == "« L'entretien dure au total 30 minutes. »"
    assert source == "circulaire 17AN0076, C – Déroulement de l'entretien"


async def test_an_edited_message_corrects_the_answer(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")
    typed = camille.says("Camille Martin")
    await world.settled()

    camille.edits(typed, "Camille Durand")
    await world.settled()

    assert [one.notice["nom"] for one in await world.rows(Candidature)] == ["Camille Durand"]


async def test_an_edit_corrects_an_answer_that_was_typed_as_a_number(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1")
    typed = camille.says("1")
    await world.settled()

    camille.edits(typed, "non")
    await world.settled()

    assert [one.answers["corps"] for one in await world.rows(Candidature)] == ["non"]


async def test_a_photograph_is_a_piece_though_it_has_no_name(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")
    picture = io.BytesIO()
    Image.new("RGB", (1200, 1600), "white").save(picture, "JPEG")

    camille.sends("photo", "photo", picture.getvalue())
    await world.settled()

    assert [(piece.name, piece.mime) for piece in await world.rows(Piece)] == [("photo.jpg", "image/jpeg")]
    assert camille.words[-1].startswith("J’ai reçu « photo.jpg ». De quelle pièce s’agit-il ?")


async def test_a_voice_message_is_refused_with_what_to_do(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")

    camille.sends("voice", "voice", b"OggS" + bytes(100), mime_type="audio/ogg", duration=3)
    await world.settled()

    assert "message-vocal.ogg" in camille.words[-1]
    assert await world.rows(Piece) == []


@pytest.mark.parametrize("kind", ["sticker", *SHARED])
@pytest.mark.parametrize("begun", [False, True], ids=["before the agreement", "in the notice"])
async def test_what_is_neither_words_nor_a_file_is_answered_and_the_question_asked_again(
    world: World, camille: Person, kind: str, *, begun: bool
) -> None:
    await _says(world, camille, "bonjour", *["1"] * 6 * begun)
    asked = camille.words[-1].rpartition("\n")[2]

    camille.shares(kind)
    await world.settled()

    assert camille.words[-1].startswith(f"{UNREAD}\n\n")
    assert camille.words[-1].rpartition("\n")[2] == asked


async def test_a_file_that_telegram_does_not_give_is_refused_with_the_limit(world: World, camille: Person) -> None:
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")

    camille.sends("document", "enorme.pdf", bytes(GIVEN_AT_MOST + 1), file_name="enorme.pdf")
    await world.settled()

    refusal = camille.words[-1].partition("\n")[0]
    assert refusal == "Je n’ai pas gardé « enorme.pdf » : il pèse 21 Mo, et la limite est de 21 Mo."
    assert (await world.rows(Piece), world.stub.sent("getFile")) == ([], [])


async def test_the_bureau_is_told_of_a_deposit_and_gives_commands_from_the_menu(
    world: World, camille: Person, stub: StubTelegram
) -> None:
    member = Person(stub, 88, "Dominique", group=BUREAU)
    await _says(world, camille, "bonjour", "1", "1", "1", "1", "1", "1")
    await _drops(world, camille, *FOUR)
    await _says(world, camille, "3", "je dépose ma candidature")
    told = list(member.words)

    await _says(world, member, "/dossiers@greffier_bot")

    assert [words.partition("\n")[0] for words in told] == ["Nouveau dépôt : dossier n° 1, Camille."]
    assert member.words[1].partition("\n")[0] == "Dossiers : 1"


async def test_the_menu_shows_to_each_what_they_may_ask(open_world: OpenWorld, stub: StubTelegram) -> None:
    menu = Menu([("aide", "ce que je sais faire")], [("pieces-de", "les pièces d’un dossier")], BUREAU)

    async with open_world(menu) as world:
        Person(stub).says("bonjour")
        await world.settled()

    assert stub.commands == {
        "default": [{"command": "aide", "description": "ce que je sais faire"}],
        str(BUREAU): [{"command": "pieces_de", "description": "les pièces d’un dossier"}],
    }


@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
async def test_a_pressed_button_stops_turning_and_a_second_press_changes_nothing(
    world: World, camille: Person, *, twice: bool
) -> None:
    await _says(world, camille, "bonjour")
    question = camille.keyboards[-1]

    presses = [camille.taps("J’accepte", on=question) for _ in range(1 + twice)]
    await world.settled()
    await world.until(lambda: all(world.stub.presses[press] == "" for press in presses))

    assert len(await world.rows(Candidature)) == 1
