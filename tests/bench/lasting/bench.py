"""How much memory `greffier run` keeps of what it has answered, on a real Synapse in an encrypted conversation.

    python tests/bench/lasting/bench.py [--messages 6000]

Somebody asks, counts and corrects without end; every thousand messages the service is left in peace until it has
answered all, and its resident memory is read. The first thousand fill what is bounded (pages of the database, the last
updates) and are not counted. What remains is nio's index of decrypted events against replays: 100,000 at the most.
"""

import argparse
import asyncio
import secrets
import tempfile
from pathlib import Path

from tests.channels.matrix.person import Person
from tests.channels.matrix.synapse import Synapse
from tests.journeys.service import Service

_EACH = 1000  # messages between two looks
_ROUND = ("contact", "combien serai-je payé ?", "1", "corriger 1", "oui", "état", "date limite ?", "non")


async def main() -> None:
    """Print a line a look, then what a message costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=6000)
    messages = parser.parse_args().messages
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "homeserver").mkdir()
        server = Synapse(folder / "homeserver")
        await asyncio.to_thread(server.start)
        try:
            looks = await write(server, folder, messages)
        finally:
            await asyncio.to_thread(server.stop)
    first, last = looks[1], looks[-1]
    print(f"{1000 * (last - first) / (_EACH * (len(looks) - 2)):.1f} kB a message")


async def write(server: Synapse, folder: Path, messages: int) -> list[float]:
    """Megabytes resident before the first message and after every thousand."""
    user = await asyncio.to_thread(server.register, "greffier", "un mot de passe de bot")
    settings = {
        "GREFFIER_DATA_DIR": str(folder / "donnees"),
        "GREFFIER_DATE": "2017-04-10",
        "GREFFIER_SEMANTIC": "0",
        "GREFFIER_DIAGNOSTICS": "1",
        "GREFFIER_MATRIX__HOMESERVER": server.url,
        "GREFFIER_MATRIX__USER": user,
        "GREFFIER_MATRIX__PASSWORD": "un mot de passe de bot",
    }
    bot = Service(settings, folder / "greffier.log")
    person = await asyncio.to_thread(server.register, "camille", "un mot de passe")
    async with Person(server.url, person, "un mot de passe", folder / "camille") as camille:
        room = await camille.open_room(user)
        await bot.start()
        try:
            await camille.joined(room, user)
            looks = [resident(bot.pid)]
            for number in range(1, messages + 1):
                await say(camille, room, _ROUND[number % len(_ROUND)])
                if number % _EACH == 0:
                    await say(camille, room, f"ping {number}")
                    await answered(camille, room, f"pong {number} ")
                    looks.append(resident(bot.pid))
                    print(f"{number:7} messages {looks[-1]:7.1f} MB", flush=True)
        finally:
            await bot.stop()
    return looks


async def say(person: Person, room: str, body: str) -> None:
    """Write, and keep up with the keys of who listens."""
    content = {"msgtype": "m.text", "body": body}
    await person.client.room_send(
        room, "m.room.message", content, tx_id=secrets.token_hex(8), ignore_unverified_devices=True
    )


async def answered(person: Person, room: str, start: str) -> None:
    """Wait until the bot has come to this answer."""
    while True:
        await person.sync(1000)
        last = await person.client.room_messages(room, start="", limit=20)
        if any(str(getattr(event, "body", "")).startswith(start) for event in last.chunk):
            return


def resident(pid: int) -> float:
    """Megabytes resident of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    asyncio.run(main())
