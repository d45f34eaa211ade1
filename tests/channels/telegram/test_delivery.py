"""Letters on a bad day: what may have left is never repeated, what has not left is tried again."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.outward import LARGEST
from storage.outbox import Letter
from storage.tables import Outbox, table
from storage.work import UnitOfWork
from tests.channels.telegram.conftest import BUREAU, OPEN_DAY, OpenWorld, World
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import StubTelegram

_outbox = table(Outbox)
Writes = Callable[..., Any]


async def write(world: World, chat: Person, method: str = "sendMessage", **payload: Any) -> int:
    """Write a letter; returns the number of its message."""
    return await write_to(world, chat.chat.id, method, **payload)


async def write_to(world: World, chat_id: int, method: str = "sendMessage", **payload: Any) -> int:
    await world.app.database.reserve_ids()
    work = UnitOfWork(world.app.database, world.clock.now())
    number = work.outbox.put(Letter(chat_id, method, payload))
    await world.app.committer.commit(work)
    world.app.postman.look()
    return number or 0


async def states(world: World) -> list[tuple[str, str | None]]:
    """State and reason of each letter to a person, in order; what is told to the bureau is left out."""
    query = select(_outbox.c.state, _outbox.c.error).where(_outbox.c.chat_id != BUREAU).order_by(_outbox.c.id)
    rows = await world.app.database.query(lambda session: list(session.execute(query)))
    return [(row.state, row.error) for row in rows]


async def test_a_letter_whose_answer_was_lost_is_doubtful_and_is_never_repeated(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    stub.troubles["sendMessage"].append("lost")

    async with open_world() as world:
        await write(world, camille, text="Un.")
        await write(world, camille, text="Deux.")
        await world.settled()
        found = await states(world)
    async with open_world() as world:
        await world.settled()

    assert found[0] == ("doubtful", "the answer of Telegram was lost: the message may have arrived")
    assert found[1] == ("sent", None)
    assert camille.words == ["Un.", "Deux."]


async def test_the_bureau_is_told_of_a_doubtful_letter(world: World, camille: Person, stub: StubTelegram) -> None:
    stub.troubles["sendMessage"].append("lost")

    await write(world, camille, text="Un.")
    await world.settled()
    await world.until(lambda: len(stub.chats[BUREAU].messages) == 1)

    (told,) = stub.chats[BUREAU].messages.values()
    assert "lettres" in told["text"]


async def test_a_letter_that_a_stop_cut_short_is_doubtful_after_the_restart(
    open_world: OpenWorld, stub: StubTelegram, camille: Person
) -> None:
    async with open_world() as world:
        await write(world, camille, text="Un.")
        await world.settled()
        killed = _outbox.update().values(state="waiting", progress=json.dumps({"leaving": True}))
        await world.app.database.transact(lambda connection: connection.execute(killed))

    async with open_world() as world:
        await world.settled()
        found = await states(world)

    assert found == [("doubtful", "an earlier try was cut short: the message may have arrived")]
    assert camille.words == ["Un."]


async def test_a_gateway_that_fails_leaves_a_doubt_too(world: World, camille: Person, stub: StubTelegram) -> None:
    stub.troubles["sendMessage"].append("502")

    await write(world, camille, text="Un.")
    await world.settled()

    assert [state for state, _ in await states(world)] == ["doubtful"]


async def test_a_wait_that_telegram_asks_for_is_kept(world: World, camille: Person, stub: StubTelegram) -> None:
    stub.troubles["sendMessage"].append(7)

    await write(world, camille, text="Un.")
    await world.settled()
    early = list(camille.words)
    world.clock.set(OPEN_DAY + timedelta(seconds=6.9))
    await world.settled()
    still_early = list(camille.words)
    world.clock.set(OPEN_DAY + timedelta(seconds=7.1))
    await world.settled()

    assert (early, still_early, camille.words) == ([], [], ["Un."])
    assert [state for state, _ in await states(world)] == ["sent"]


async def test_a_server_that_cannot_be_reached_is_tried_again(open_world: OpenWorld, camille: Person) -> None:
    nobody = asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    server = await nobody
    port = server.sockets[0].getsockname()[1]
    server.close()

    async with open_world(receiving=False, api_url=f"http://127.0.0.1:{port}") as world:
        await write(world, camille, text="Un.")
        await world.app.settled()
        found = await states(world)

    assert found == [("retry", "Telegram cannot be reached: NetworkError")]


@pytest.mark.parametrize("trouble", ["lost", "cut", "502"])
async def test_an_edit_whose_answer_was_lost_is_simply_made_again(
    world: World, camille: Person, stub: StubTelegram, trouble: str
) -> None:
    number = await write(world, camille, text="Un.")
    await world.settled()
    stub.troubles["editMessageText"].append(trouble)

    await write(world, camille, "editMessageText", message_id=number, text="Deux.")
    await world.settled()
    world.clock.set(OPEN_DAY + timedelta(seconds=2))
    await world.settled()

    assert camille.words == ["Deux."]
    assert [state for state, _ in await states(world)] == ["sent", "sent"]


async def test_an_edit_that_changes_nothing_is_done(world: World, camille: Person) -> None:
    number = await write(world, camille, text="Un.")

    await write(world, camille, "editMessageText", message_id=number, text="Un.")
    await world.settled()

    assert [state for state, _ in await states(world)] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        ("bot was blocked by the user", "the person has blocked the bot"),
        ("user is deactivated", "the person's account no longer exists"),
    ],
)
async def test_a_person_who_is_gone_is_written_to_no_more(
    world: World, camille: Person, closed: str, reason: str
) -> None:
    camille.chat.closed = closed

    await write(world, camille, text="Un.")
    await world.settled()

    assert await states(world) == [("abandoned", reason)]


async def test_a_conversation_that_telegram_does_not_know_is_given_up(world: World) -> None:
    await write_to(world, 123456, text="Un.")
    await world.settled()

    assert await states(world) == [("abandoned", "the conversation is not known to Telegram")]


async def test_a_group_that_became_a_supergroup_is_followed_and_remembered(
    open_world: OpenWorld, stub: StubTelegram
) -> None:
    new = stub.chat(-1001234567890, "supergroup", "Bureau")
    stub.chats[BUREAU].moved_to = new.id

    async with open_world() as world:
        await write_to(world, BUREAU, text="Un.")
        await world.settled()
    async with open_world() as world:
        await write_to(world, BUREAU, text="Deux.")
        await world.settled()
        asked = stub.sent("sendMessage")
        Person(stub, 88, "Dominique", group=new.id).says("/dossiers")
        await world.settled()

    assert [message["text"] for message in new.messages.values() if message["from"]["is_bot"]][:2] == ["Un.", "Deux."]
    assert [int(call["chat_id"]) for call in asked] == [BUREAU, new.id, new.id]
    assert list(new.messages.values())[-1]["text"].startswith("Dossiers : 0")


async def test_a_file_bigger_than_telegram_takes_is_given_up_before_it_is_read(world: World, camille: Person) -> None:
    file = {"file": "0" * 64, "name": "enorme.pdf", "mime": "application/pdf", "size": LARGEST + 1}

    await write(world, camille, "sendDocument", document=file)
    await world.settled()

    assert await states(world) == [("abandoned", "the file is bigger than Telegram takes: 50 MB")]


async def test_what_answers_a_message_that_is_gone_is_said_all_the_same(world: World, camille: Person) -> None:
    number = await write(world, camille, text="Un.")
    await world.settled()
    camille.chat.messages.clear()

    await write(world, camille, text="Deux.", reply_parameters={"message_id": number})
    await world.settled()

    assert camille.words == ["Deux."]


async def test_each_kind_of_letter_reaches_the_person(world: World, camille: Person) -> None:
    sha = world.app.files.put(b"quelques notes\n")
    file = {"file": sha, "name": "notes.txt", "mime": "text/plain", "size": 15}
    first = await write(world, camille, text="<b>Un</b> & deux", parse_mode="HTML")
    await write(world, camille, text="Réponse.", reply_parameters={"message_id": first})
    document = await write(world, camille, "sendDocument", document=file, caption="Notes")
    await write(world, camille, "sendPhoto", photo={**file, "name": "image.png"})
    await write(world, camille, "sendPoll", question="Quand ?", options=[{"text": "Lundi"}, {"text": "Mardi"}])
    await write(world, camille, "sendLocation", latitude=48.85, longitude=2.35)
    await write(world, camille, "forwardMessage", from_chat_id=camille.id, message_id=first)
    await write(world, camille, "copyMessage", from_chat_id=camille.id, message_id=first)
    await write(world, camille, "editMessageCaption", message_id=document, caption="Mes notes")
    await write(world, camille, "setMessageReaction", message_id=first, reaction=[{"type": "emoji", "emoji": "👍"}])
    await write(world, camille, "pinChatMessage", message_id=first)
    await write(world, camille, "deleteMessage", message_id=document)

    await world.settled()

    assert [state for state, _ in await states(world)] == ["sent"] * 12
    heard = camille.heard
    assert [sorted({"text", "photo", "poll", "location"} & message.keys()) for message in heard] == [
        ["text"],
        ["text"],
        ["photo"],
        ["poll"],
        ["location"],
        ["text"],
        ["text"],
    ]
    assert [message["text"] for message in heard if "text" in message] == [
        "Un & deux",
        "Réponse.",
        "Un & deux",
        "Un & deux",
    ]
    assert heard[1]["reply_to_message"]["message_id"] == heard[0]["message_id"]
    assert (heard[0]["_pinned"], heard[0]["_reaction"]) == (True, [{"type": "emoji", "emoji": "👍"}])


async def test_a_press_that_is_answered_with_words_shows_them_on_the_button(world: World, camille: Person) -> None:
    await write(
        world, camille, text="Un ?", reply_markup={"inline_keyboard": [[{"text": "Oui", "callback_data": "o"}]]}
    )
    await world.settled()
    press = camille.taps("Oui")
    await world.settled()

    await write(world, camille, "answerCallbackQuery", callback_query_id=f"{camille.id}:{press}", text="C’est noté.")
    await world.settled()

    assert world.stub.presses[press] == "C’est noté."


async def test_the_words_of_a_press_that_telegram_has_forgotten_become_a_message(world: World, camille: Person) -> None:
    await write(world, camille, "answerCallbackQuery", callback_query_id=f"{camille.id}:12", text="C’est noté.")
    await world.settled()

    assert camille.words == ["C’est noté."]
