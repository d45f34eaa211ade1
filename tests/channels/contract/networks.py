"""The people in front of Matrix and of Telegram: servers of ours that can be ill on command."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.channels.door import Door, Mailbox
from bot.channels.matrix.choices import POLL
from bot.channels.matrix.door import MatrixDoor
from bot.channels.telegram.door import TelegramDoor
from bot.clock import Clock
from bot.settings import MatrixSettings, TelegramSettings
from tests.channels.contract.places import Counted
from tests.channels.matrix.stub import BOT, Fault, StubHomeserver, slow_down
from tests.channels.telegram.person import Person
from tests.channels.telegram.stub import TOKEN, StubTelegram

ROOM = "!salon:stub"
VOTE = "org.matrix.msc3381.poll.response"


class MatrixPlace:
    """A homeserver of ours."""

    name = "matrix"
    ill: Mapping[str, Fault] = {"temporary": slow_down(200), "lost": Fault(lost=True)}

    def __init__(self, stub: StubHomeserver, folder: Path) -> None:
        self.stub, self._folder = stub, folder

    def make(self, mailbox: Mailbox, clock: Clock) -> Door:
        self.mailbox = Counted(mailbox)
        said = {"homeserver": self.stub.url, "user": BOT, "password": "x", "encryption": "off"}
        settings = MatrixSettings.model_validate(said)
        return MatrixDoor(settings, self.mailbox, clock, self._folder / "cles", "un secret assez long")

    async def ready(self) -> None:
        asked = self.stub.count("client/v3/sync")
        while self.stub.count("client/v3/sync") < asked + 2:  # noqa: ASYNC110 -- the door asks when it likes
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
        for event in self._ours("m.text"):
            relation, content = event["content"].get("m.relates_to") or {}, event["content"]
            edits = relation.get("rel_type") == "m.replace"
            screen[relation["event_id"] if edits else event["event_id"]] = (
                content["m.new_content"]["body"] if edits else content["body"]
            )
        return [words for event, words in screen.items() if event not in gone]

    def files(self) -> list[tuple[str, bytes]]:
        numbers = [(event["content"], event["content"]["url"].rpartition("/")[2]) for event in self._ours("m.file")]
        return [(content["body"], self.stub.uploads[int(number) - 1]) for content, number in numbers]

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

    def trouble(self, kind: str) -> None:
        self.stub.troubles["sendMessage"].append(1 if kind == "temporary" else "lost")

    def shut(self, *, shut: bool) -> None:
        self.person.chat.closed = "bot was blocked by the user" if shut else None
