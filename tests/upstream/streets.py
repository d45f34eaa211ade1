"""Where the people of a page are: at a terminal, or on a real homeserver with an ordinary client."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from nio.crypto.attachments import decrypt_attachment

from bot.accounts import MatrixSettings
from bot.channels.console import ConsoleDoor, Said
from bot.channels.door import Door
from bot.channels.mailbox import DoorMailbox
from bot.channels.matrix.door import MatrixDoor
from bot.clock import Clock
from storage import identities
from storage.database import Database
from storage.inbox import Arrived
from storage.work import UnitOfWork
from tests.channels.matrix.person import Person

Take = Callable[[list[Arrived]], None]
POLL, POLL_END = "org.matrix.msc3381.poll.start", "org.matrix.msc3381.poll.end"
VOTE = "org.matrix.msc3381.poll.response"


class Street(Protocol):
    """One person in front of one door; what they do returns the name of its event."""

    door: Door

    async def open(self) -> None:
        """Be ready."""

    async def close(self) -> None:
        """Go home."""

    async def meet(self, work: UnitOfWork) -> int:
        """The person's integer, before they said anything."""

    async def enter(self, who: str) -> None:
        """Open the conversation."""

    async def say(self, who: str, text: str) -> str:
        """Type words."""

    async def edit(self, who: str, target: str, text: str) -> None:
        """Change words."""

    async def tap(self, who: str, option: int) -> None:
        """Tap a choice of the last keyboard, from 0."""

    async def drop(self, who: str, path: Path) -> None:
        """Drop a file."""

    async def heard(self) -> list[Said]:
        """What came since."""


class ConsoleStreet:
    """A terminal."""

    def __init__(self, database: Database, clock: Clock, take: Take) -> None:
        self._heard: list[Said] = []
        self._keyboards: dict[str, Said] = {}
        self._console = ConsoleDoor(DoorMailbox("console", database, take), clock, self._heard.append)
        self.door: Door = self._console

    async def open(self) -> None:
        await self._console.open()

    async def close(self) -> None:
        await self._console.close()

    async def meet(self, work: UnitOfWork) -> int:
        return await identities.person(work, "console", "camille", room="camille")

    async def enter(self, who: str) -> None:
        await self._console.enter(who)

    async def say(self, who: str, text: str) -> str:
        return await self._console.say(who, text)

    async def edit(self, who: str, target: str, text: str) -> None:
        await self._console.edit(who, target, text)

    async def tap(self, who: str, option: int) -> None:
        await self._console.choose(who, self._keyboards[who].event, option)

    async def drop(self, who: str, path: Path) -> None:
        await self._console.drop(who, path)

    async def heard(self) -> list[Said]:
        heard = list(self._heard)
        self._keyboards |= {said.room: said for said in heard if said.choices}
        self._heard.clear()
        return heard


class Seat:
    """A person on a homeserver, with an ordinary client that shows polls."""

    def __init__(self, who: str, person: Person, bot: str) -> None:
        self.who, self.person, self.bot = who, person, bot
        self.room: str | None = None
        self._read = 0
        self._poll = ""

    async def enter(self) -> None:
        """Open an encrypted conversation with the bot."""
        self.room = await self.person.open_room(self.bot)
        await self.person.joined(self.room, self.bot)
        self._read = len(self.person.seen)

    def vote(self, option: int) -> tuple[dict[str, Any], str]:
        """What a tap on the last poll sends."""
        relation = {"rel_type": "m.reference", "event_id": self._poll}
        return {VOTE: {"answers": [str(option)]}, "m.relates_to": relation}, VOTE

    async def heard(self) -> list[Said]:
        """What the bot said since."""
        for _ in range(2):  # an invitation is accepted by the first, what is in the room is read by the second
            await self.person.sync()
        fresh, self._read = self.person.seen[self._read :], len(self.person.seen)
        said = [await self._said(event.source) for event in fresh if event.sender == self.bot]
        return [one for one in said if one is not None]

    async def _said(self, source: dict[str, Any]) -> Said | None:
        kind, content = source["type"], source["content"]
        if kind == POLL:
            self._poll = source["event_id"]
        if kind == POLL_END:
            return Said(self.who, "editMessageReplyMarkup", "")
        if kind != "m.room.message":
            return None
        if (content.get("m.relates_to") or {}).get("rel_type") == "m.replace":
            return Said(self.who, "editMessageText", content["m.new_content"]["body"])
        if "file" in content:
            shown = (str(content.get("filename") or content["body"]), await self._opened(content["file"]))
            return Said(self.who, "sendDocument", content["body"] if "filename" in content else "", file=shown)
        method = "answerCallbackQuery" if content["msgtype"] == "m.notice" else "sendMessage"
        return Said(self.who, method, content["body"])

    async def _opened(self, file: dict[str, Any]) -> bytes:
        answer = await self.person.client.download(file["url"])
        return bytes(decrypt_attachment(answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"]))


class MatrixStreet:
    """A real homeserver and encrypted conversations.

    Args:
        given: `homeserver`, `bot`, `password`, and the account of each person under their name.
    """

    def __init__(self, database: Database, clock: Clock, take: Take, folder: Path, given: dict[str, str]) -> None:
        self._take, self._folder, self._given = take, folder, given
        self._arrived: set[str] = set()
        self._news = asyncio.Event()
        settings = {"homeserver": given["homeserver"], "user": given["bot"], "password": given["password"]}
        mailbox = DoorMailbox("matrix", database, self._receive)
        secret = "un secret assez long pour la maison"
        self.door: Door = MatrixDoor(MatrixSettings.model_validate(settings), mailbox, clock, folder / "keys", secret)
        self._stack = contextlib.AsyncExitStack()
        self._seats: dict[str, Seat] = {}

    def _receive(self, rows: list[Arrived]) -> None:
        self._arrived |= {row.event for row in rows}
        self._take(rows)
        self._news.set()

    async def open(self) -> None:
        await self._seat("camille")
        await self.door.open()
        listening = asyncio.create_task(self.door.run())
        self._stack.push_async_callback(self.door.close)
        self._stack.push_async_callback(stop, listening)

    async def close(self) -> None:
        await self._stack.aclose()

    async def meet(self, work: UnitOfWork) -> int:
        return await identities.person(work, "matrix", self._given["camille"])

    async def enter(self, who: str) -> None:
        seat, before = await self._seat(who), len(self._arrived)
        await seat.enter()
        await self._received(lambda: len(self._arrived) > before)

    async def say(self, who: str, text: str) -> str:
        return await self._send(who, {"msgtype": "m.text", "body": text})

    async def edit(self, who: str, target: str, text: str) -> None:
        fresh = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": target}
        await self._send(who, {**fresh, "body": f"* {text}", "m.new_content": fresh, "m.relates_to": relation})

    async def tap(self, who: str, option: int) -> None:
        await self._send(who, *(await self._seat(who)).vote(option))

    async def drop(self, who: str, path: Path) -> None:
        seat = await self._seat(who)
        with path.open("rb") as data:
            answer, keys = await seat.person.client.upload(
                data, content_type="application/octet-stream", filesize=path.stat().st_size, encrypt=True
            )
        file = {**keys, "url": answer.content_uri}
        await self._send(who, {"msgtype": "m.file", "body": path.name, "file": file})

    async def heard(self) -> list[Said]:
        return [said for seat in self._seats.values() for said in await seat.heard()]

    async def _seat(self, who: str) -> Seat:
        if who not in self._seats:
            person = Person(self._given["homeserver"], self._given[who], self._given["password"], self._folder / who)
            await self._stack.enter_async_context(person)
            self._seats[who] = Seat(who, person, self._given["bot"])
        return self._seats[who]

    async def _send(self, who: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        seat = await self._seat(who)
        if seat.room is None:
            await self.enter(who)
        event = await seat.person.send(str(seat.room), content, kind)
        await self._received(lambda: event in self._arrived)
        return event

    async def _received(self, test: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not test():
                self._news.clear()
                await self._news.wait()


async def stop(task: "asyncio.Task[None]") -> None:
    """Let a listening door go."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
