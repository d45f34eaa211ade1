"""What `greffier check` says of the homeserver, of the account and of the chain that signs the device."""

from pathlib import Path

import aiohttp

from bot.channels.door import Mailbox
from bot.channels.matrix.door import MatrixDoor
from bot.channels.matrix.login import Account
from bot.channels.matrix.vault import Vault
from bot.clock import Clock
from bot.errors import ConfigurationError

_PATIENCE = aiohttp.ClientTimeout(total=10)

Line = tuple[bool, str, str]  # fine or not, of what, and why or what to do


async def report_on(settings: Account, mailbox: Mailbox, clock: Clock, folder: Path, secret: str) -> list[Line]:
    """Look without changing anything: a first start is left to `greffier run`."""
    reached = await _homeserver(settings.homeserver)
    if not reached[0]:
        return [reached]
    started = (folder / "session.sealed").exists() or settings.access_token is not None
    if not started:
        return [reached, (True, "appareil", "pas encore créé : « greffier run » le fera au premier démarrage")]
    try:
        Vault(folder, secret).read("session")
        return [reached, *await _device(MatrixDoor(settings, mailbox, clock, folder, secret))]
    except ConfigurationError as error:
        return [reached, *((False, "appareil", fault) for fault in error.faults)]


async def _homeserver(url: str) -> Line:
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as client,
            client.get(f"{url}/_matrix/client/versions") as answer,
        ):
            answer.raise_for_status()
            versions = (await answer.json())["versions"]
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
        return False, "serveur", f"{url} ne répond pas comme un serveur Matrix ({type(error).__name__})"
    return True, "serveur", f"{url} parle Matrix {versions[-1]}"


async def _device(door: MatrixDoor) -> list[Line]:
    try:
        await door.open()
        trust = door.trust
        if trust is None:
            return [(False, "appareil", "le chiffrement est désactivé (réservé aux essais)")]
        if trust.faults:
            return [(False, "appareil", fault) for fault in trust.faults]
        return [(True, "appareil", f"signé par le compte ; empreinte à publier : {trust.fingerprint}")]
    finally:
        await door.close()
