"""Messages a second through the Matrix door, when the homeserver needs 100 ms for each message it takes.

    python tests/bench/doors_matrix.py [--rooms 200] [--each 10] [--delay 0.1]

The homeserver is the tests' stub, in a process of its own. Every message of every room arrives through the door's
sync and is answered through its `send`: in order for each room, rooms side by side, 64 letters under way at once as
the postman does. What is counted: answers a second, each being one message in and one out; no encryption. A door that
answers inside its listening would do 1 / delay, ten a second. Goal: 300.
"""

import argparse
import asyncio
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.accounts import MatrixSettings
from bot.channels.arrival import Arrival
from bot.channels.door import Parcel
from bot.channels.matrix.door import MatrixDoor
from bot.clock import Clock
from bot.events import configure_logging
from tests.channels.matrix.memory import MemoryMailbox
from tests.channels.matrix.person import Post
from tests.channels.matrix.stub import BOT, StubHomeserver

GOAL = 300  # answers a second
AT_ONCE = 64


class EchoMailbox(MemoryMailbox):
    """Answers every text, in order for each room."""

    def __init__(self) -> None:
        super().__init__()
        self.door: MatrixDoor | None = None
        self.answered: list[tuple[str, str]] = []
        self._queues: dict[str, asyncio.Queue[Parcel]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._post = Post(Clock().now())

    async def receive(self, arrivals: Sequence[Arrival], *, position: str | None = None) -> None:
        self.arrivals += arrivals
        for arrival in arrivals:
            if arrival.kind == "text":
                self._queue(arrival.room).put_nowait(
                    self._post.letter(arrival.room, "sendMessage", key=arrival.event, text=arrival.text)
                )
        if position is not None:
            await self.remember("position", position)

    def _queue(self, room: str) -> asyncio.Queue[Parcel]:
        if room not in self._queues:
            self._queues[room] = asyncio.Queue()
            self._tasks.add(asyncio.create_task(self._answer(self._queues[room])))
        return self._queues[room]

    async def _answer(self, queue: asyncio.Queue[Parcel]) -> None:
        assert self.door is not None
        while True:
            parcel = await queue.get()
            async with self._gate:
                await self.door.send(parcel)
            self.answered.append((parcel.room, str(parcel.payload["text"])))


async def serve(rooms: int, each: int, delay: float) -> None:
    """The homeserver's process: prints its address, stops when its input closes."""
    async with StubHomeserver(delay) as stub:
        stub.limit = 100
        for number in range(each):
            for room in range(rooms):
                stub.say(f"!{room}:stub", f"{number}")
        print(stub.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def measure(url: str, rooms: int, each: int) -> dict[str, Any]:
    """Answers a second, and what one cost."""
    box = EchoMailbox()
    await box.remember("position", "0")
    with tempfile.TemporaryDirectory() as folder:
        settings = MatrixSettings(homeserver=url, user=BOT, password="x", encryption="off")
        door = box.door = MatrixDoor(settings, box, Clock(), Path(folder), "le secret d’un banc d’essai")
        await door.open()
        start, cpu = time.perf_counter(), time.process_time()
        task = asyncio.create_task(door.run())
        while len(box.answered) < rooms * each:
            await asyncio.sleep(0.02)
        seconds, spent = time.perf_counter() - start, time.process_time() - cpu
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await door.close()
    by_room: dict[str, list[int]] = {}
    for room, text in box.answered:
        by_room.setdefault(room, []).append(int(text))
    return {
        "answers": len(box.answered),
        "per_second": round(len(box.answered) / seconds),
        "cpu_ms_each": round(1000 * spent / len(box.answered), 2),
        "in_order": all(said == sorted(said) for said in by_room.values()),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> int:
    """Run the bench; 1 when the goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--delay", type=float, default=0.1)
    parser.add_argument("--serve", action="store_true")
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.rooms, given.each, given.delay))
        return 0
    configure_logging(json=False, level=logging.WARNING)
    sizes = ["--rooms", str(given.rooms), "--each", str(given.each), "--delay", str(given.delay)]
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", *sizes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        found = asyncio.run(measure(server.stdout.readline().strip(), given.rooms, given.each))
        server.communicate("")
    print(found)
    return int(found["per_second"] < GOAL or not found["in_order"])


if __name__ == "__main__":
    sys.exit(main())
