"""The people in front of Matrix and of Telegram: servers of ours that can be ill on command."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.accounts import MatrixSettings, TelegramSettings
from bot.channels.door import Door, Mailbox
from bot.channels.matrix.choices import POLL
from bot.channels.matrix.door import MatrixDoor
from bot.channels.telegram.door import TelegramDoor
from bot.clock import Clock
from tests.channels.contract.homeserver import BOB, GROUP, ROOM, RoomyHomeserver
from tests.channels.contract.places import Counted
from tests.channels.matrix.stub import ANN, BOT, Fault, slow_down
from tests.channels.telegram.conversations import BOT as ROBOT
from tests.channels.telegram.person import SHARED, Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

VOTE = "org.matrix.msc3381.poll.response"

LASTING: Mapping[str, Mapping[str, Any]] = {
    "audio": {"duration": 1},
    "voice": {"duration": 1},
    "video": {"duration": 1, "width": 1, "height": 1},
}  # what Telegram says of a sound and of a film
_WEBP = {"mimetype": "image/webp"}
SAID_ON_MATRIX: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"msgtype": "m.text", "body": "bonjour"}, {}),
    "sticker": ({"body": "coucou", "info": _WEBP}, {"type": "m.sticker"}),
    "location": ({"msgtype": "m.location", "body": "Rectorat", "geo_uri": "geo:48.87,2.33"}, {}),
    "document": ({"msgtype": "m.file", "body": "cv.pdf"}, {}),
    "photo": ({"msgtype": "m.image", "body": "photo.png"}, {}),
    **{kind: ({"msgtype": f"m.{kind}", "body": f"un.{kind}"}, {}) for kind in ("audio", "video")},
    "poll": ({"org.matrix.msc3381.poll.start": {}, "body": "Quand ?"}, {"type": "org.matrix.msc3381.poll.start"}),
    "voice": ({"msgtype": "m.audio", "body": "vocal.ogg", "org.matrix.msc3245.voice": {}}, {}),
}  # what a client on Matrix says of each kind


class MatrixPlace:
    """A homeserver of ours."""

    name = "matrix"
    ill: Mapping[str, Fault] = {"temporary": slow_down(200), "lost": Fault(lost=True)}

    def __init__(self, stub: RoomyHomeserver, folder: Path) -> None:
        self.stub, self._folder = stub, folder

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        said = {"homeserver": self.stub.url, "user": BOT, "password": "x", "encryption": "off"}
        settings = MatrixSettings.model_validate(said)
        return MatrixDoor(settings, self.mailbox, clock, self._folder / "cles", "un secret assez long")

    async def ready(self) -> None:
        asked = self.stub.count("client/v3/sync")
        while self.stub.count("client/v3/sync") < asked + 2:
            await asyncio.sleep(0.01)

    async def say(self, text: str) -> Any:
        return self.stub.say(ROOM, text)

    async def edit(self, message: Any, text: str) -> None:
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": message}
        self.stub.happen(ROOM, {**fresh, "body": f"* {text}", "m.new_content": fresh, "m.relates_to": relation})

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        polls = [event["event_id"] for event in self.stub.events[ROOM] if event["type"] == POLL]
        relation = {"rel_type": "m.reference", "event_id": polls[keyboard]}
        self.stub.happen(ROOM, {VOTE: {"answers": [str(option)]}, "m.relates_to": relation}, type=VOTE)

    async def drop(self, path: Path) -> None:
        self.stub.uploads.append(path.read_bytes())
        self.stub.happen(ROOM, {"msgtype": "m.file", "body": path.name, "url": f"mxc://stub/{len(self.stub.uploads)}"})

    async def react(self, emoji: str) -> None:
        event = self._ours("m.text")[-1]["event_id"]
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        self.stub.happen(ROOM, {"m.relates_to": relation}, type="m.reaction")

    async def vote(self, option: int) -> None:
        await self.tap(option)

    async def share(self, kind: str) -> None:
        content, more = SAID_ON_MATRIX[kind]
        self.stub.uploads.append(b"data")
        self.stub.happen(ROOM, {**content, "url": f"mxc://stub/{len(self.stub.uploads)}"}, **more)

    async def shut_out(self) -> None:
        self.stub.left.add(ROOM)
        self.stub.moves(ROOM, BOT, "join", "leave", by=ANN)

    async def let_in(self) -> None:
        self.stub.left.discard(ROOM)
        self.stub.moves(ROOM, BOT, "invite", "join", by=BOT)

    async def somebody(self, old: str, new: str) -> None:
        self.stub.moves(GROUP, BOB, old, new, by=BOB)

    async def say_in_group(self, text: str) -> None:
        self.stub.say(GROUP, text)

    def _ours(self, *kinds: str) -> list[dict[str, Any]]:
        ours = [event for event in self.stub.events[ROOM] if event["sender"] == BOT]
        return [event for event in ours if event["content"].get("msgtype") in kinds]

    def seen(self) -> list[str]:
        return [words.partition("\n")[0] for words in self._screen()]

    def labels(self) -> list[str]:
        return re.findall(r"^\d+\. (.+)$", self._screen()[-1], re.MULTILINE)

    def notices(self) -> list[str]:
        return [event["content"]["body"] for event in self._ours("m.notice")]

    def _screen(self) -> list[str]:
        gone = {part for asked in self.stub.asked if "/redact/" in asked for part in asked.split("/")}
        screen: dict[str, str] = {}
        for event in self._ours("m.text", "m.location"):
            relation, content = event["content"].get("m.relates_to") or {}, event["content"]
            edits = relation.get("rel_type") == "m.replace"
            screen[relation["event_id"] if edits else event["event_id"]] = (
                content["m.new_content"]["body"] if edits else content["body"]
            )
        return [words for event, words in screen.items() if event not in gone]

    def files(self) -> list[tuple[str, bytes]]:
        standing: dict[str, Mapping[str, Any]] = {}
        for event in self._ours("m.file"):
            replaced = (event["content"].get("m.relates_to") or {}).get("event_id", event["event_id"])
            standing[replaced] = event["content"].get("m.new_content", event["content"])
        numbers = [(content, content["url"].rpartition("/")[2]) for content in standing.values()]
        return [
            (content.get("filename", content["body"]), self.stub.uploads[int(number) - 1])
            for content, number in numbers
        ]

    def pins(self) -> list[str]:
        words = {event["event_id"]: event["content"].get("body", "") for event in self.stub.events[ROOM]}
        return [words[event] for event in self.stub.pinned]

    def gone(self) -> bool:
        return GROUP in self.stub.left

    def trouble(self, kind: str) -> None:
        self.stub.faults["/send/m.room.message"].append(self.ill[kind])

    def shut(self, *, shut: bool) -> None:
        forbidden = Fault(403, {"errcode": "M_FORBIDDEN", "error": "no"})
        self.stub.faults["/send/m.room.message"] = [forbidden] * 10 if shut else []


class TelegramPlace:
    """A Bot API server of ours."""

    name = "telegram"

    def __init__(self, stub: StubTelegram) -> None:
        self.stub, self.person = stub, Person(stub)
        self.member = Person(stub, self.person.id, group=-7007)

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        settings = TelegramSettings.model_validate({"token": TOKEN, "api_url": self.stub.url})
        return TelegramDoor(settings, self.mailbox, clock, hold=1)

    async def ready(self) -> None:
        """Updates wait at Telegram until they are fetched."""

    async def say(self, text: str) -> Any:
        return self.person.says(text)

    async def edit(self, message: Any, text: str) -> None:
        self.person.edits(message, text)

    async def tap(self, option: int, *, keyboard: int = -1) -> None:
        self.person.taps(option + 1, on=self.person.keyboards[keyboard])

    async def drop(self, path: Path) -> None:
        self.person.drops(path)

    async def react(self, emoji: str) -> None:
        self.person.reacts(self.person.heard[-1], emoji)

    async def vote(self, option: int) -> None:
        self.person.votes(self.person.heard[-1], option)

    async def share(self, kind: str) -> None:
        if kind == "text":
            self.person.says("bonjour")
        elif kind in SHARED or kind == "sticker":
            self.person.shares(kind)
        else:
            self.person.sends(kind, kind, b"data", **LASTING.get(kind, {}))

    async def shut_out(self) -> None:
        self.person.chat.closed = "bot was blocked by the user"
        self._bring("my_chat_member", self.person, ROBOT, "member", "kicked")

    async def let_in(self) -> None:
        self.person.chat.closed = None
        self.person.enters()

    async def somebody(self, old: str, new: str) -> None:
        bob = {"id": 88, "is_bot": False, "first_name": "Bob"}
        self._bring("chat_member", self.member, bob, *({"join": "member"}.get(one, "left") for one in (old, new)))

    def _bring(self, kind: str, where: Person, whom: Mapping[str, Any], old: str, new: str) -> None:
        def standing(status: str) -> dict[str, Any]:
            return {"status": status, "user": whom, **({"until_date": 0} if status == "kicked" else {})}

        said = {"chat": where.chat.shown(), "from": where.user, "date": self.stub.now}
        self.stub.bring(**{kind: {**said, "old_chat_member": standing(old), "new_chat_member": standing(new)}})

    async def say_in_group(self, text: str) -> None:
        self.member.says(text)

    def seen(self) -> list[str]:
        return [message["text"] for message in self.person.heard if "text" in message]

    def files(self) -> list[tuple[str, bytes]]:
        shown = [message["document"] for message in self.person.heard if "document" in message]
        return [self.stub.files[document["file_id"]] for document in shown]

    def labels(self) -> list[str]:
        rows = self.person.keyboards[-1]["_keyboard"]["inline_keyboard"]
        return [button["text"] for row in rows for button in row]

    def notices(self) -> list[str]:
        return [words for words in self.stub.presses.values() if words]

    def pins(self) -> list[str]:
        return [message["text"] for message in self.stub.pinned(self.person.chat)]

    def gone(self) -> bool:
        return self.member.chat.closed is not None

    def trouble(self, kind: str) -> None:
        self.stub.troubles["sendMessage"].append(1 if kind == "temporary" else "lost")

    def shut(self, *, shut: bool) -> None:
        self.person.chat.closed = "bot was blocked by the user" if shut else None
