"""Several files at once: an album of the bot is one letter, one that a person sends has one answer."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto, Message
from sqlalchemy import select

from bot.channels.session import LetterSession
from storage.tables import Outbox, Piece, table
from tests.channels.telegram.conftest import PAPERS, OpenWorld, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import StubTelegram

_outbox = table(Outbox)


def photo(name: str, **said: Any) -> InputMediaPhoto:
    return InputMediaPhoto(media=BufferedInputFile(name.encode(), f"{name}.jpg"), **said)


def bot_of(world: World) -> Bot:
    session = LetterSession(world.door, world.app.database, world.app.committer, world.app.files, world.clock)
    return Bot("1:telegram", session=session)


async def send(world: World, person: Person, media: Sequence[Any]) -> list[Message]:
    """The bot sends an album, as any aiogram bot does."""
    messages: list[Message] = await bot_of(world).send_media_group(person.chat.id, list(media))
    world.app.postman.look()
    return messages


async def states(world: World, person: Person) -> list[tuple[str, str]]:
    query = select(_outbox.c.method, _outbox.c.state).where(_outbox.c.chat_id == person.chat.id).order_by(_outbox.c.id)
    rows = await world.app.database.query(lambda session: list(session.execute(query)))
    return [(row.method, row.state) for row in rows]


async def test_an_album_leaves_as_one_letter_with_its_files_and_words(world: World, camille: Person) -> None:
    await send(world, camille, [photo("un", caption="<b>Un</b>", parse_mode="HTML"), photo("deux"), photo("trois")])
    await world.settled()

    assert await states(world, camille) == [("sendMediaGroup", "sent")]
    assert [message.get("caption") for message in camille.heard] == ["Un", None, None]
    files = [world.stub.files[message["photo"][-1]["file_id"]] for message in camille.heard]
    assert files == [("un.jpg", b"un"), ("deux.jpg", b"deux"), ("trois.jpg", b"trois")]
    assert len({message["media_group_id"] for message in camille.heard}) == 1


async def test_each_message_of_an_album_may_be_edited_and_deleted_before_it_left(world: World, camille: Person) -> None:
    first, second, third = await send(world, camille, [photo("un"), photo("deux"), photo("trois")])
    await bot_of(world).delete_message(camille.chat.id, second.message_id)
    await bot_of(world).edit_message_caption(chat_id=camille.chat.id, message_id=first.message_id, caption="Premier")
    await bot_of(world).send_message(camille.chat.id, "Voici.", reply_to_message_id=third.message_id)
    world.app.postman.look()
    await world.settled()

    one, three, answer = camille.heard
    assert (one["caption"], three["photo"][-1]["file_size"]) == ("Premier", len(b"trois"))
    assert answer["reply_to_message"]["message_id"] == three["message_id"]


async def test_an_album_of_one_file_is_a_single_message(world: World, camille: Person) -> None:
    (message,) = await send(world, camille, [photo("seule", caption="Seule")])
    await world.settled()

    assert await states(world, camille) == [("sendPhoto", "sent")]
    assert (message.media_group_id, camille.words) == (None, ["Seule"])


async def test_documents_and_pictures_are_not_mixed_in_an_album(world: World, camille: Person) -> None:
    paper = InputMediaDocument(media=BufferedInputFile(b"%PDF", "cv.pdf"))

    with pytest.raises(TelegramBadRequest, match="only with files of the same kind"):
        await send(world, camille, [photo("un"), paper])

    assert await states(world, camille) == []


async def test_an_album_whose_answer_was_lost_is_one_doubtful_letter(
    world: World, stub: StubTelegram, camille: Person
) -> None:
    stub.troubles["sendMediaGroup"].append("lost")

    await send(world, camille, [photo("un"), photo("deux")])
    await world.settled()

    assert await states(world, camille) == [("sendMediaGroup", "doubtful")]
    assert len(camille.heard) == 2


async def answers_everything(world: World, person: Person) -> None:
    for line in ("bonjour", "1", "1", "1", "1", "1", "1"):
        person.says(line)
        await world.settled()


async def test_an_album_that_a_person_sends_has_one_answer(world: World, camille: Person) -> None:
    await answers_everything(world, camille)
    before = len(camille.words)

    camille.sends_together([PAPERS / name for name in ("notice annexe 1.pdf", "vide.pdf", "scan0001.pdf")])
    await world.settled()

    (answer,) = camille.words[before:]
    assert answer.split("\n")[:4] == [
        "J’ai reçu 3 fichiers :",
        "– « notice annexe 1.pdf » : la notice de renseignements (1 page, 697 octets).",
        "– « vide.pdf » : pas gardé, voir plus bas.",
        "– « scan0001.pdf » : pièce à préciser.",
    ]
    assert answer.split("\n")[-1] == "J’ai reçu « scan0001.pdf ». De quelle pièce s’agit-il ?"


async def test_the_words_under_an_album_of_photographs_make_them_the_pages_of_one_piece(
    world: World, camille: Person
) -> None:
    await answers_everything(world, camille)
    before = len(camille.words)

    for number in (1, 2, 3):
        data = (PAPERS / f"etat-services-{number}.jpg").read_bytes()
        words = {"caption": "mon état des services"} if number == 1 else {}
        camille.sends("photo", "photo.jpg", data, said={"media_group_id": "7", **words})
    await world.settled()

    (answer,) = camille.words[before:]
    pieces = [(piece.code, piece.pages) for piece in await world.rows(Piece) if piece.replaced_at is None]
    assert answer.split("\n")[1:4] == [f"– « photo.jpg » : l’état des services, page {page}." for page in (1, 2, 3)]
    assert pieces == [("etat_services", 3)]


async def test_two_albums_have_two_answers(world: World, camille: Person) -> None:
    await answers_everything(world, camille)
    before = len(camille.words)

    for album, names in (("7", ("notice annexe 1.pdf", "scan0001.pdf")), ("8", ("CV_corrige.pdf", "IMG_2034.jpg"))):
        for name in names:
            camille.drops(PAPERS / name, media_group_id=album)
    await world.settled()

    told = [line.partition(" :")[0] for answer in camille.words[before:] for line in answer.split("\n")[:3]]
    first = ["J’ai reçu 2 fichiers", "– « notice annexe 1.pdf »", "– « scan0001.pdf »"]
    assert told == [*first, "J’ai reçu 2 fichiers", "– « CV_corrige.pdf »", "– « IMG_2034.jpg »"]


async def test_an_album_cut_by_a_stop_is_answered_once_by_the_next_run(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    async with open_world() as world:
        await answers_everything(world, camille)
        before = len(camille.words)
        world.app.clerk.quiet = 30.0
        camille.sends_together([PAPERS / name for name in ("notice annexe 1.pdf", "CV_corrige.pdf")])
        await world.until(lambda: not stub.unconfirmed)  # kept, and waited with for a third file
    kept_before = len(camille.words)
    async with open_world() as world:
        await world.settled()
        pieces = [piece.name for piece in await world.rows(Piece)]

    assert (kept_before, pieces) == (before, ["notice annexe 1.pdf", "CV_corrige.pdf"])
    assert [answer.split("\n")[0] for answer in camille.words[before:]] == ["J’ai reçu 2 fichiers :"]
