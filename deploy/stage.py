"""The stage of the demonstration: starts the homeserver, Greffier and the chat page, and stops them together."""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from courrier import Mailroom
from homeserver import Homeserver
from page.build import build
from service import GREFFIER

from bot.leaving import until_told

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
FOLDER = CACHE / "demo"
PEOPLE = {
    "candidat": ("camille", "Camille Martin"),
    "bureau": ("nadia", "Nadia (bureau DE2)"),
    "ien": ("sylvie", "Sylvie (IEN)"),
    "collegue": ("paul", "Paul (bureau DE2)"),
}
CLERK = ("greffier", "Greffier")


def main() -> int:
    """Play until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="deploy/demo", description="Greffier sur cette machine, avec un vrai serveur."
    )
    parser.add_argument("--date", type=_day, default=date(2017, 4, 10), help="le jour de la campagne")
    parser.add_argument(
        "--port", type=int, default=8017, help="le port de la page (0 : un port libre) ; les courriels au suivant"
    )
    parser.add_argument("--reset", action="store_true", help="oublie tout ce qui s’est passé, puis s’arrête")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="où la démonstration garde ce qui s’est passé")
    given = parser.parse_args()
    if given.reset:
        shutil.rmtree(given.folder, ignore_errors=True)
        print("Tout est oublié : la prochaine démonstration commence à neuf.")
        return 0
    asyncio.run(until_told(perform(given.folder, given.date, given.port)))
    return 0


async def perform(folder: Path, day: date, port: int) -> None:
    """Install what is missing, start everything, wait for Ctrl-C, stop in order whatever was started."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    started = time.monotonic()
    step("Le serveur Matrix s’installe s’il manque, puis démarre…")
    server = Homeserver(folder / "homeserver", venv=CACHE / "synapse")
    await asyncio.to_thread(server.install)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server.stop)
        server.start()  # in place, both: a Ctrl-C meanwhile is heard once there is something to stop
        step("La page de chat se construit si elle a changé…")
        page = await asyncio.to_thread(build, ROOT)
        cast = await invite_everyone(folder, server)
        smtp, mail = await Mailroom(folder / "courriels").open(stack, port=port and port + 1)
        step("Greffier démarre…")
        clerk = await start_clerk(folder, server, cast, day, smtp)
        stack.push_async_callback(stop_clerk, clerk)
        url = await serve_page(stack, page, server, cast, port)
        welcome(url, mail, day, time.monotonic() - started)
        stack.callback(step, "Tout s’arrête…")
        await clerk.wait()
        print("Greffier s’est arrêté : voyez", folder / "greffier.log")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {text} » n’est pas un jour : écrivez 2017-04-10") from None


def step(words: str) -> None:
    """Say what is being done."""
    print(f"· {words}", flush=True)


async def invite_everyone(folder: Path, server: Homeserver) -> dict[str, Any]:
    """The people and the bureau's room, made once and remembered."""
    file = folder / "cast.json"
    if file.exists():
        cast: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return cast
    cast = {"secret": secrets.token_urlsafe(32)}
    people = {**PEOPLE, "greffier": CLERK}
    for role, (localpart, name) in people.items():
        password = secrets.token_urlsafe(12)
        user = await asyncio.to_thread(server.register, localpart, password, display_name=name)
        cast[role] = {"user": user, "password": password, "name": name}
    cast["room"] = await open_bureau(server.url, cast)
    file.touch(mode=0o600)
    file.write_text(json.dumps(cast), encoding="utf-8")
    return cast


async def open_bureau(url: str, cast: dict[str, Any]) -> str:
    """The bureau's room, encrypted, with its two members and Greffier invited."""
    async with aiohttp.ClientSession() as client:
        owner = await log_in(client, url, cast["bureau"])
        asked = {
            "preset": "private_chat",
            "name": "Bureau DE2",
            "invite": [cast["greffier"]["user"], cast["collegue"]["user"]],
            "initial_state": [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}],
        }
        room = str((await post(client, f"{url}/_matrix/client/v3/createRoom", owner, asked))["room_id"])
        colleague = await log_in(client, url, cast["collegue"])
        await post(client, f"{url}/_matrix/client/v3/join/{room}", colleague, {})
        return room


async def log_in(client: aiohttp.ClientSession, url: str, person: dict[str, str]) -> str:
    """An access token."""
    identifier = {"type": "m.id.user", "user": person["user"]}
    asked = {"type": "m.login.password", "identifier": identifier, "password": person["password"]}
    return str((await post(client, f"{url}/_matrix/client/v3/login", None, asked))["access_token"])


async def post(client: aiohttp.ClientSession, url: str, token: str | None, body: dict[str, Any]) -> dict[str, Any]:
    """One request that must succeed."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with client.post(url, json=body, headers=headers) as answer:
        answer.raise_for_status()
        said: dict[str, Any] = await answer.json()
        return said


async def start_clerk(
    folder: Path, server: Homeserver, cast: dict[str, Any], day: date, smtp: int
) -> asyncio.subprocess.Process:
    """Greffier in a process of its own, its words in a file."""
    settings = {
        "GREFFIER_DATA_DIR": str(folder / "greffier"),
        "GREFFIER_DATE": day.isoformat(),
        "GREFFIER_DEMO": "1",
        "GREFFIER_SECRET": cast["secret"],
        "GREFFIER_MATRIX__HOMESERVER": server.url,
        "GREFFIER_MATRIX__USER": cast["greffier"]["user"],
        "GREFFIER_MATRIX__PASSWORD": cast["greffier"]["password"],
        "GREFFIER_MATRIX__BUREAU_ROOM": cast["room"],
        "GREFFIER_EMAIL__HOST": "127.0.0.1",
        "GREFFIER_EMAIL__PORT": str(smtp),
        "GREFFIER_EMAIL__SECURITY": "none",
        "GREFFIER_EMAIL__SENDER": "Greffier <greffier@ac-paris.fr>",
    }
    with (folder / "greffier.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *GREFFIER, "run", cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log
        )


async def stop_clerk(clerk: asyncio.subprocess.Process) -> None:
    """Ask it to leave in good order, and wait."""
    if clerk.returncode is None:
        clerk.terminate()
        await clerk.wait()


async def serve_page(
    stack: contextlib.AsyncExitStack, page: Path, server: Homeserver, cast: dict[str, Any], port: int
) -> str:
    """The page and what it needs to know, on 127.0.0.1."""
    known = {
        "homeserver": server.url,
        "bot": cast["greffier"]["user"],
        "people": {
            role: {**cast[role], **({"room": cast["room"]} if role in {"bureau", "collegue"} else {})}
            for role in PEOPLE
        },
    }

    async def config(_: web.Request) -> web.Response:
        return web.json_response(known)

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(page / "index.html")

    app = web.Application()
    app.router.add_get("/config.json", config)
    app.router.add_get("/", index)
    app.router.add_static("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    address = runner.addresses[0]
    return f"http://{address[0]}:{address[1]}"


def welcome(url: str, mail: str, day: date, seconds: float) -> None:
    """What to open and what to try."""
    print(
        f"""
Greffier est prêt ({seconds:.0f} s). Nous sommes le {day:%d/%m/%Y}, pour lui, ou plus tard
si la démonstration y était déjà.

  Candidate   {url}/?qui=candidat
  Bureau      {url}/?qui=bureau
  Collègue    {url}/?qui=collegue
  IEN         {url}/?qui=ien
  Courriels   {mail}

À essayer, côté candidate : « bonjour », puis « g mon cv sur iprof c bon ? » au milieu d’un formulaire,
et un PDF déposé dans la conversation. Côté bureau : « !dossiers », « !aide », « !demo avancer 2017-04-22 ».
Toute la campagne en dix minutes : le README, « Live the whole call », donne les commandes à la suite.
Ctrl-C arrête tout ; « deploy/demo --reset » oublie tout.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
