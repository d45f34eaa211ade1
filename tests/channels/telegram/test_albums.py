"""Several files at once: an album of the bot is one letter, one that a person sends has one answer."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto, Message
from sqlalchemy import select

from bot.channels.session import LetterSession
from storage.tables import Outbox, table
from tests.channels.telegram.conftest import World
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
