"""A second, independent Matrix client for the journeys: matrix-js-sdk and its Rust cryptography, in Node."""

import asyncio
import itertools
import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from deploy.page.build import install

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Heard:
    """Something that was said in a room, decrypted."""

    room: str
    id: str
    sender: str
    type: str
    at: int
    encrypted: bool
    undecryptable: bool
    shield: str | None
    shield_reason: int | None
    content: dict[str, Any] = field(repr=False)

    @property
    def body(self) -> str:
        """The words, without HTML; of a poll, its question."""
        return str(self.content.get("body", ""))

    @property
    def html(self) -> str:
        """The words with HTML, or nothing."""
        return str(self.content.get("formatted_body", ""))

    @property
    def replaces(self) -> str | None:
        """The message of which this is the new version."""
        relation = self.content.get("m.relates_to") or {}
        return relation.get("event_id") if relation.get("rel_type") == "m.replace" else None

    @property
    def answers(self) -> dict[str, str]:
        """Of a poll: the answers by their ids."""
        start = self.content.get("org.matrix.msc3381.poll.start") or {}
        return {one["id"]: one["org.matrix.msc1767.text"] for one in start.get("answers", [])}


class JsClient:
    """Somebody with an ordinary client.

    Args:
        isolation: speaks only with devices signed by their owners, and reads nothing from others.
    """

    def __init__(self, url: str, user: str, password: str, *, isolation: bool = False) -> None:
        self._login = {"url": url, "user": user, "password": password, "isolation": isolation}
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Condition()
        self._given: set[str] = set()
        self.heard: list[Heard] = []
        self.user = user
        self.device = ""

    async def __aenter__(self) -> Self:
        environment = await asyncio.to_thread(install, ROOT)
        self._process = await asyncio.create_subprocess_exec(
            *("node", "--no-warnings", str(Path(__file__).with_name("client.mjs"))),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        self._reading = asyncio.create_task(self._read())
        started = await self._do("start", **self._login)
        self.user, self.device = started["user"], started["device"]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def create_dm(self, user: str) -> str:
        """A new encrypted direct room with somebody."""
        return str(await self._do("create_dm", user=user))

    async def accept(self) -> str:
        """Wait for an invitation and accept it."""
        room = str(await self._do("invited"))
        await self._do("join", room=room)
        return room

    async def joined(self, room: str, user: str) -> None:
        """Wait until somebody is in the room."""
        await self._do("member", room=room, user=user, membership="join")

    async def send(self, room: str, kind: str, content: dict[str, Any]) -> str:
        """An event as it is, encrypted."""
        return str(await self._do("send", room=room, type=kind, content=content))

    async def send_text(self, room: str, text: str, *, html: str | None = None) -> str:
        """A message."""
        content = {"msgtype": "m.text", "body": text}
        if html is not None:
            content |= {"format": "org.matrix.custom.html", "formatted_body": html}
        return await self.send(room, "m.room.message", content)

    async def edit(self, room: str, event: str, text: str) -> str:
        """A new version of one's own message."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        content = {"msgtype": "m.text", "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        return await self.send(room, "m.room.message", content)

    async def react(self, room: str, event: str, key: str) -> str:
        """A reaction, which is stored in clear."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def send_poll(self, room: str, question: str, answers: list[str]) -> str:
        """A question with answers to press."""
        start = {
            "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": 1,
            "question": {"org.matrix.msc1767.text": question},
            "answers": [{"id": f"a{n}", "org.matrix.msc1767.text": text} for n, text in enumerate(answers)],
        }
        return await self.send(room, "org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": start})

    async def vote(self, poll: Heard, index: int) -> str:
        """Press an answer, counted from 0."""
        answer = list(poll.answers)[index]
        return str(await self._do("vote", room=poll.room, poll=poll.id, answer=answer))

    async def send_file(self, room: str, path: Path, mimetype: str | None = None) -> str:
        """A file, encrypted, under its own name."""
        guessed = mimetype or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return str(await self._do("send_file", room=room, path=str(path), mimetype=guessed))

    async def redact(self, room: str, event: str) -> None:
        """Take a message or a reaction back."""
        await self._do("redact", room=room, event=event)

    async def typing(self, room: str, *, now: bool = True) -> None:
        """Show that one is writing."""
        await self._do("typing", room=room, typing=now)

    async def save(self, heard: Heard, path: Path) -> Path:
        """The decrypted bytes of a file that was said."""
        await self._do("save", content=heard.content, path=str(path))
        return path

    async def next(
        self,
        room: str,
        *,
        sender: str,
        kind: str | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109 -- a person's patience
    ) -> Heard:
        """The next thing that `sender` says: a message, a poll or a file; votes and reactions only when `kind` asks."""
        async with asyncio.timeout(timeout), self._news:
            while True:
                for one in self.heard:
                    if one.id not in self._given and (one.room, one.sender) == (room, sender) and _wanted(one, kind):
                        self._given.add(one.id)
                        return one
                await self._news.wait()

    async def _do(self, deed: str, **given: Any) -> Any:
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, "do": deed, **given}).encode() + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "event" in said:
                async with self._news:
                    self.heard.append(Heard(**said["event"]))
                    self._news.notify_all()
                continue
            answer = self._asked.pop(said["id"])
            if answer.done():
                continue
            if "error" in said:
                answer.set_exception(RuntimeError(said["error"]))
            else:
                answer.set_result(said["result"])
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(RuntimeError("the client has stopped"))


def _wanted(one: Heard, kind: str | None) -> bool:
    if kind is not None:
        return one.type == kind
    return one.undecryptable or one.type == "m.room.message" or one.type.endswith("poll.start")
