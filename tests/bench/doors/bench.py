"""What the doors cost: one word in, one answer written, beside aiogram alone, python-telegram-bot and a bare nio callback.

    python tests/bench/doors/bench.py [--updates 2000] [--rounds 3]

Everybody runs in one process, in turn, on the same disk: a word arrives, one handler reads and writes a state and answers.
Ours: the arrival is in the inbox already → update → dispatcher → letter → commit (SQLite, synchronous=FULL), one
conversation (one commit each) or 32 (commits are shared). The others keep state in memory, write nothing down, and their
network is a function that answers at once: what they lose in a crash is not in the figures. Ratios are what to keep.
"""

import argparse
import asyncio
import cProfile
import itertools
import json
import pstats
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nio
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.fsm.context import FSMContext
from aiogram.types import Chat, Message, Update, User
from telegram import Update as CarrierUpdate
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import BaseRequest

from bot.channels.arrival import TextArrival
from bot.channels.console import ConsoleDoor
from bot.channels.mailbox import DoorMailbox
from bot.channels.session import LetterSession
from bot.clerk import Clerk, Savepoint
from bot.clock import PARIS, FrozenClock
from bot.compat.filters import repair_filters
from bot.events import configure_logging
from storage.commit import Committer
from storage.fsm import WorkStorage
from storage.opening import open_database

NOW = datetime(2017, 4, 10, 9, tzinfo=PARIS)
SAID = "Bien reçu, merci."
STAGES = {"update_of": "arrival → update", "feed_update": "dispatcher, handler, letter", "_drain": "commit"}


async def answer(message: Message, state: FSMContext) -> None:
    """The one handler."""
    data = await state.get_data()
    await state.update_data(count=data.get("count", 0) + 1)
    await message.answer(SAID)


async def ours(folder: Path, updates: int, rooms: int, profile: cProfile.Profile | None = None) -> float:
    """Microseconds an update through the session."""
    database = await open_database(f"sqlite:///{folder}/ours-{time.monotonic_ns()}.db")
    clock, committer = FrozenClock(NOW), Committer(database)
    dispatcher = Dispatcher(storage=WorkStorage())
    dispatcher.update.outer_middleware(Savepoint())
    dispatcher.message.register(answer)
    repair_filters(dispatcher)
    clerk = Clerk(dispatcher, database, committer, clock, given={}, letters=lambda: None)
    received: list[Any] = []
    mailbox = DoorMailbox("console", database, received.extend)
    door = ConsoleDoor(mailbox, clock, lambda _: None)
    session = LetterSession(door, database, committer, None, clock)  # type: ignore[arg-type] # no file is sent here
    clerk.attach(door, Bot("1:console", session=session))
    await mailbox.receive([_arrival(number, rooms) for number in range(updates + rooms)])
    clerk.take(received[:rooms])
    await clerk.settled()
    if profile:
        profile.enable()
    started = time.perf_counter()
    clerk.take(received[rooms:])
    await clerk.settled()
    spent = time.perf_counter() - started
    if profile:
        profile.disable()
    await database.close()
    return spent / updates * 1e6


def _arrival(number: int, rooms: int) -> TextArrival:
    who = f"r{number % rooms}"
    said = {"event": f"e{number}", "room": who, "sender": who, "sender_name": "Camille", "text": f"bonjour {number}"}
    return TextArrival(door="console", sent_at=NOW, arrived_at=NOW, **said)


class Instant(BaseSession):
    """aiogram's network, answering at once."""

    numbers = itertools.count(1)

    async def close(self) -> None: ...

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:  # noqa: ASYNC109, ARG002 -- aiogram's signature
        return Message(message_id=next(self.numbers), date=NOW, chat=Chat(id=method.chat_id, type="private")).as_(bot)

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        yield b""


async def aiogram_alone(updates: int) -> float:
    """Aiogram with its memory storage."""
    dispatcher, bot = Dispatcher(), Bot("1:alone", session=Instant())
    dispatcher.message.register(answer)
    person = User(id=7, is_bot=False, first_name="Camille")
    chat = Chat(id=7, type="private")
    said = [
        Update(update_id=n, message=Message(message_id=n, date=NOW, chat=chat, from_user=person, text=f"bonjour {n}"))
        for n in range(updates)
    ]
    started = time.perf_counter()
    for update in said:
        await dispatcher.feed_update(bot, update)
    return (time.perf_counter() - started) / updates * 1e6


class InstantRequest(BaseRequest):
    """python-telegram-bot's network, answering at once."""

    read_timeout = None

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        me = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "b_bot"}
        sent = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "text": SAID}
        return 200, json.dumps({"ok": True, "result": me if url.endswith("getMe") else sent}).encode()


async def carrier(updates: int) -> float:
    """python-telegram-bot's Application, its user_data in memory."""

    async def reply(update: CarrierUpdate, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        assert context.user_data is not None
        context.user_data["count"] = context.user_data.get("count", 0) + 1
        await update.message.reply_text(SAID)

    application = (
        Application.builder().token("1:x").request(InstantRequest()).get_updates_request(InstantRequest()).build()
    )
    application.add_handler(MessageHandler(filters.TEXT, reply))
    await application.initialize()
    person = {"id": 7, "is_bot": False, "first_name": "Camille"}
    said = [
        {
            "update_id": n,
            "message": {
                "message_id": n,
                "date": 1491807600,
                "chat": {"id": 7, "type": "private"},
                "from": person,
                "text": f"bonjour {n}",
            },
        }
        for n in range(updates)
    ]
    started = time.perf_counter()
    for one in said:
        await application.process_update(CarrierUpdate.de_json(one, application.bot))
    spent = time.perf_counter() - started
    await application.shutdown()
    return spent / updates * 1e6


class InstantClient(nio.AsyncClient):  # type: ignore[misc] # nio has no types
    """nio with a network that answers at once."""

    async def room_send(self, room_id: str, *_: Any, **__: Any) -> Any:
        return nio.RoomSendResponse("$x", room_id)


async def bare_nio(updates: int) -> float:
    """A callback on nio's client, a count in a dictionary."""
    client = InstantClient("https://x", "@bot:x")
    client.user_id, client.access_token = "@bot:x", "x"
    counts: dict[str, int] = {}

    async def reply(room: Any, event: Any) -> None:
        counts[event.sender] = counts.get(event.sender, 0) + 1
        await client.room_send(room.room_id, "m.room.message", {"msgtype": "m.text", "body": SAID})

    client.add_event_callback(reply, nio.RoomMessageText)
    batches = [_sync(number) for number in range(updates)]
    started = time.perf_counter()
    for batch in batches:
        await client.receive_response(nio.SyncResponse.from_dict(batch))
    spent = time.perf_counter() - started
    await client.close()
    assert counts == {"@ann:x": updates}
    return spent / updates * 1e6


def _sync(number: int) -> dict[str, Any]:
    event = {
        "event_id": f"$e{number}",
        "type": "m.room.message",
        "sender": "@ann:x",
        "origin_server_ts": int(datetime.now(UTC).timestamp() * 1000),
        "content": {"msgtype": "m.text", "body": f"bonjour {number}"},
    }
    timeline = {"events": [event], "limited": False, "prev_batch": "p"}
    room = {"timeline": timeline, "state": {"events": []}, "ephemeral": {"events": []}, "account_data": {"events": []}}
    return {
        "next_batch": str(number),
        "rooms": {"join": {"!r:x": room}, "invite": {}, "leave": {}},
        "to_device": {"events": []},
        "device_one_time_keys_count": {},
        "device_lists": {"changed": [], "left": []},
        "presence": {"events": []},
    }


def shares(profile: cProfile.Profile) -> list[tuple[str, float]]:
    """Which part of an update's time each stage takes."""
    stats: Any = pstats.Stats(profile)
    whole = stats.total_tt
    found = []
    for (_, __, name), (___, ____, _____, cumulative, ______) in stats.stats.items():
        if name in STAGES:
            found.append((STAGES[name], cumulative / whole))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    configure_logging(json=True, level=50)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs: dict[str, Callable[[], Any]] = {
            "ours, one conversation": lambda: ours(folder, given.updates, 1),
            "ours, 32 conversations": lambda: ours(folder, given.updates, 32),
            "aiogram alone, in memory": lambda: aiogram_alone(given.updates),
            "python-telegram-bot, in memory": lambda: carrier(given.updates),
            "bare nio callback, in memory": lambda: bare_nio(given.updates),
        }
        taken: dict[str, list[float]] = {called: [] for called in runs}
        for _ in range(given.rounds):
            for called, run in runs.items():
                taken[called].append(asyncio.run(run()))
        reference = statistics.median(taken["aiogram alone, in memory"])
        print(f"{'':32}{'µs an update':>14}{'against aiogram':>18}")
        for called, times in taken.items():
            middle = statistics.median(times)
            print(f"{called:32}{middle:14.0f}{middle / reference:17.2f}×")
        profile = cProfile.Profile()
        asyncio.run(ours(folder, given.updates, 1, profile))
        print("\nwhere ours goes (one conversation, under the profiler):")
        for stage, share in sorted(shares(profile), key=lambda pair: -pair[1]):
            print(f"  {stage:32}{share:6.0%}")


if __name__ == "__main__":
    main()
