"""The whole chain as a ratio to the bare transaction of the same rows, on the same disk, in the same run.

    python tests/bench/core/bench.py [--updates 2000] [--rounds 5]

Chain: an arrival of the inbox → aiogram update → 40 handlers in 6 routers → FSM state and data → one answer written as
a letter → commit (SQLite, synchronous=FULL). Bare: the same reads and writes by hand with sqlite3. Absolute figures
move with the machine; the ratios are what to keep. Goals: one by one ≥ 0.15, in groups ≥ 0.25, a million rows ≤ 1.7
times the cost of a thousand.
"""

import argparse
import asyncio
import json
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

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


class Form(StatesGroup):
    """Forty steps, so that forty filters are asked."""

    steps: ClassVar = [State(f"step{number}") for number in range(40)]
    last = State("last")


def dispatcher() -> Dispatcher:
    """Forty handlers in six routers; the last one answers."""
    made = Dispatcher(storage=WorkStorage())
    made.update.outer_middleware(Savepoint())
    routers = [Router() for _ in range(6)]
    for number, state in enumerate(Form.steps[:39]):
        routers[number % 5].message.register(never, F.text == f"word {number}", state)
    routers[5].message.register(answer)
    made.include_routers(*routers)
    repair_filters(made)
    return made


async def never(_: Message) -> None:
    """A handler of another step."""


async def answer(message: Message, state: FSMContext) -> None:
    """Move on, remember, answer."""
    data = await state.get_data()
    await state.set_state(Form.last)
    await state.update_data(count=data.get("count", 0) + 1)
    await message.answer("Bien reçu, merci. Il vous reste deux pièces à déposer.")


async def chain(folder: Path, updates: int, rooms: int, filled: int = 0) -> float:
    """Microseconds an update, with `rooms` conversations side by side."""
    path = folder / f"chain-{rooms}-{filled}-{time.monotonic_ns()}.db"
    database = await open_database(f"sqlite:///{path}")
    if filled:
        fill(path, filled)
    clock, committer = FrozenClock(NOW), Committer(database)
    made = dispatcher()
    clerk = Clerk(made, database, committer, clock, given={}, letters=lambda: None)
    received: list[Any] = []
    mailbox = DoorMailbox("console", database, received.extend)
    door = ConsoleDoor(mailbox, clock, lambda _: None)
    session = LetterSession(door, database, committer, None, clock)  # type: ignore[arg-type] # no file is sent here
    clerk.attach(door, Bot("1:console", session=session, default=DefaultBotProperties(parse_mode="HTML")))
    arrivals = [
        TextArrival(
            door="console",
            event=f"e{number}",
            room=f"r{number % rooms}",
            sender=f"r{number % rooms}",
            sender_name="Camille",
            sent_at=NOW,
            arrived_at=NOW,
            text=f"bonjour {number}",
        )
        for number in range(updates + rooms)
    ]
    await mailbox.receive(arrivals)
    clerk.take(received[:rooms])
    await clerk.settled()
    started = time.perf_counter()
    clerk.take(received[rooms:])
    await clerk.settled()
    spent = time.perf_counter() - started
    await database.close()
    return spent / updates * 1e6


def bare(folder: Path, updates: int, filled: int = 0) -> float:
    """Microseconds a transaction: the same rows by hand."""
    path = folder / f"bare-{filled}-{time.monotonic_ns()}.db"
    database = asyncio.run(open_database(f"sqlite:///{path}"))
    asyncio.run(database.close())
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    if filled:
        fill(path, filled)
    at, base = "2017-04-10 07:00:00.000000", 10**9
    payload = json.dumps({"text": "bonjour", "door": "console"})
    rows = [(base + n, "console", f"x{n}", "r", payload, at, at, "waiting", 0, None, None) for n in range(updates)]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO inbox VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
    connection.execute("COMMIT")
    letter = "INSERT INTO outbox (id,door,chat_id,message_id,method,payload,kind,inbox_id,state,created_at,attempts,progress) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
    started = time.perf_counter()
    for n in range(updates):
        connection.execute("SELECT state, data FROM fsm WHERE key = ?", ("1:7:7:::default",)).fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "UPDATE inbox SET state='handled', handled_at=? WHERE id=? AND state='waiting'", (at, base + n)
        )
        connection.execute(
            "INSERT INTO event_map VALUES (?,?,?,?) ON CONFLICT DO NOTHING", ("console", f"x{n}", base + n, 0)
        )
        connection.execute(
            letter, (base + n, "console", 7, base + n, "sendMessage", payload, "", base + n, "waiting", at, 0, "{}")
        )
        connection.execute(
            "INSERT INTO fsm VALUES (?,?,?) ON CONFLICT (key) DO UPDATE SET state=excluded.state, data=excluded.data",
            ("1:7:7:::default", "Form:last", '{"count": 1}'),
        )
        connection.execute(
            "INSERT INTO chat (id,last_message_id) VALUES (?,?) ON CONFLICT (id) DO UPDATE SET last_message_id=excluded.last_message_id",
            (7, base + n),
        )
        connection.execute("COMMIT")
    spent = time.perf_counter() - started
    connection.close()
    return spent / updates * 1e6


def fill(path: Path, count: int) -> None:
    """Rows of an old campagne: handled arrivals, sent letters, states."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    at = "2017-04-01 07:00:00.000000"
    inbox = ((-n, "old", f"o{n}", "r", "{}", at, at, "handled", 0, at, None) for n in range(1, count + 1))
    letters = (
        (-n, "old", n, -n, "sendMessage", '{"text": "bonjour"}', "", -n, "sent", at, 1, "{}")
        for n in range(1, count + 1)
    )
    states = ((f"1:{n}:{n}:::default", "Form:last", '{"count": 3}') for n in range(1, count + 1))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO inbox VALUES (?,?,?,?,?,?,?,?,?,?,?)", inbox)
    connection.executemany(
        "INSERT INTO outbox (id,door,chat_id,message_id,method,payload,kind,inbox_id,state,created_at,attempts,progress) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        letters,
    )
    connection.executemany("INSERT INTO fsm VALUES (?,?,?)", states)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def median_of(rounds: int, measure: Callable[[], float]) -> float:
    """The median of several rounds."""
    return statistics.median(measure() for _ in range(rounds))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-rows", type=int, default=1_000_000)
    given = parser.parse_args()
    configure_logging(json=False, level=50)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        alone, grouped, base = [], [], []
        for _ in range(given.rounds):  # side by side: the machine's speed drifts
            base.append(bare(folder, given.updates))
            alone.append(asyncio.run(chain(folder, given.updates, 1)))
            grouped.append(asyncio.run(chain(folder, given.updates, 16)))
        few = median_of(3, lambda: asyncio.run(chain(folder, 1000, 1, 1000)))
        many = median_of(3, lambda: asyncio.run(chain(folder, 1000, 1, given.most_rows)))
    ratio = statistics.median
    print(f"bare transaction            {ratio(base):8.0f} µs")
    print(
        f"chain, one by one           {ratio(alone):8.0f} µs   ratio {ratio(b / a for a, b in zip(alone, base, strict=True)):.2f}  (goal ≥ 0.15)"
    )
    print(
        f"chain, 16 conversations     {ratio(grouped):8.0f} µs   ratio {ratio(b / a for a, b in zip(grouped, base, strict=True)):.2f}  (goal ≥ 0.25)"
    )
    print(f"chain, 1000 → {given.most_rows} rows  {few:6.0f} → {many:.0f} µs   ratio {many / few:.2f}  (goal ≤ 1.7)")
    print(f"memory of this process      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MiB")


if __name__ == "__main__":
    main()
