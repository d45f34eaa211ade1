"""Our Bot API server is as strict as the published Bot API: what Telegram refuses, it refuses too."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

CHAT = 77001
LONG = "x" * 1025


async def call(stub: StubTelegram, method: str, files: Mapping[str, bytes] = {}, **said: Any) -> tuple[int, Any]:
    """A call as a client makes it: the status, and the result or why it was refused."""
    form = FormData()
    for name, value in {"chat_id": CHAT, **said}.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, content in files.items():
        form.add_field(name, content, filename=f"{name}.bin")
    async with ClientSession() as session, session.post(f"{stub.url}/bot{TOKEN}/{method}", data=form) as answer:
        body = await answer.json()
        return answer.status, body.get("result", body.get("description"))


def album(*kinds: str, **first: Any) -> dict[str, Any]:
    """The arguments of an album of these kinds."""
    media = [{"type": kind, "media": f"attach://f{number}"} for number, kind in enumerate(kinds)]
    media = [{**one, **(first if number == 0 else {})} for number, one in enumerate(media)]
    return {"media": media, "files": {f"f{number}": b"data" for number in range(len(kinds))}}


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "an album of one": ("sendMediaGroup", album("photo"), "media must include 2-10 items"),
    "an album of eleven": ("sendMediaGroup", album(*["photo"] * 11), "media must include 2-10 items"),
    "a document among pictures": (
        "sendMediaGroup",
        album("photo", "document"),
        "Document can't be mixed with other media types",
    ),
    "a sound among films": ("sendMediaGroup", album("audio", "video"), "Audio can't be mixed with other media types"),
    "an animation in an album": (
        "sendMediaGroup",
        album("animation", "photo"),
        "wrong type of a media in an album",
    ),
    "a long caption in an album": (
        "sendMediaGroup",
        album("photo", "video", caption=LONG),
        "message caption is too long",
    ),
    "an album whose file is missing": (
        "sendMediaGroup",
        {**album("photo", "photo"), "files": {"f0": b"data"}},
        "there is no photo in the request",
    ),
    "a long caption": ("sendVideo", {"files": {"video": b"data"}, "caption": LONG}, "message caption is too long"),
    "no sound": ("sendAudio", {}, "there is no audio in the request"),
    "an empty voice message": ("sendVoice", {"files": {"voice": b""}}, "file must be non-empty"),
    "a place off the map": ("sendLocation", {"latitude": 91, "longitude": 2}, "wrong location specified"),
    "a nameless contact": (
        "sendContact",
        {"phone_number": "01"},
        "contact phone number and first name must be non-empty",
    ),
    "a poll that is none": ("stopPoll", {"message_id": 1}, "message with poll to stop not found"),
    "a pin of nothing": ("unpinChatMessage", {}, "message to unpin not found"),
    "leaving a person": ("leaveChat", {}, "chat member status can't be changed in private chats"),
    "administrators of a person": ("getChatAdministrators", {}, "there are no administrators in the private chat"),
    "somebody unknown": ("getChatMember", {"user_id": 5}, "user not found"),
}


@pytest.mark.parametrize(("method", "given", "why"), REFUSED.values(), ids=REFUSED)
async def test_what_telegram_refuses_is_refused_and_nothing_is_said(
    stub: StubTelegram, method: str, given: dict[str, Any], why: str
) -> None:
    person = Person(stub, CHAT)
    person.says("bonjour")

    answer = await call(stub, method, **given)

    assert answer == (400, f"Bad Request: {why}")
    assert person.heard == []


@pytest.mark.parametrize(
    "kinds",
    [("photo", "video"), ("document",) * 10, ("audio", "audio")],
    ids=["pictures and films", "ten documents", "two sounds"],
)
async def test_an_album_is_as_many_messages_under_one_number(stub: StubTelegram, kinds: tuple[str, ...]) -> None:
    person = Person(stub, CHAT)

    status, messages = await call(stub, "sendMediaGroup", **album(*kinds, caption="Un"))

    assert status == 200
    assert [message["message_id"] for message in messages] == list(range(1, len(kinds) + 1))
    assert len({message["media_group_id"] for message in messages}) == 1
    assert person.words == ["Un", *[""] * (len(kinds) - 1)]


@pytest.mark.parametrize("kind", ["video", "audio", "voice"])
async def test_a_film_and_a_sound_are_shown_with_their_words(stub: StubTelegram, kind: str) -> None:
    Person(stub, CHAT)

    method = f"send{kind.capitalize()}"
    _, message = await call(stub, method, {kind: b"data"}, caption="<b>Un</b>", parse_mode="HTML")

    assert (message["caption"], message[kind]["file_size"], message[kind]["duration"]) == ("Un", 4, 1)


async def test_a_poll_is_stopped_once(stub: StubTelegram) -> None:
    Person(stub, CHAT)
    _, asked = await call(stub, "sendPoll", question="Quand ?", options=["lundi", "mardi"])

    first = await call(stub, "stopPoll", message_id=asked["message_id"])
    second = await call(stub, "stopPoll", message_id=asked["message_id"])

    assert (first[1]["id"], first[1]["is_closed"]) == (asked["poll"]["id"], True)
    assert second == (400, "Bad Request: poll has already been closed")
