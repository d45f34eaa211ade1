"""What `greffier check` says of the homeserver, the account and the device: nothing is changed, nobody is disturbed."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.channels.matrix.client import Client, LoggedOutError, RefusedError, quoted
from bot.channels.matrix.login import SESSION, Account
from bot.channels.matrix.trust import SEEDS, chain_faults, device_key, master_of
from bot.channels.matrix.vault import Vault
from bot.clock import Clock
from bot.errors import ConfigurationError, DeliveryError

_APART = timedelta(seconds=30)
Line = tuple[bool, str, str]  # fine or not, what, why or what to do


async def report_on(settings: Account, clock: Clock, folder: Path, secret: str) -> list[Line]:
    """One line for each thing, in French; may run beside the service."""
    client = await Client(settings.homeserver).open()
    try:
        return await _Examination(settings, client, Vault(folder, secret), clock).lines()
    finally:
        await client.close()


class _Examination:
    def __init__(self, settings: Account, client: Client, vault: Vault, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client = client
        self._vault = vault

    async def lines(self) -> list[Line]:
        try:
            await self._client.call("GET", "client/versions")
        except DeliveryError as error:
            return [(False, "serveur", f"{self._settings.homeserver} : {_why(error)}")]
        answers = [(True, "serveur", f"{self._settings.homeserver} répond"), *self._hour()]
        try:
            kept = self._vault.read(SESSION)
            return [*answers, *(await (self._never_started() if kept is None else self._started(kept)))]
        except ConfigurationError as error:
            return [*answers, *((False, "coffre", fault) for fault in error.faults)]

    def _hour(self) -> list[Line]:
        """What is due falls due by the machine's clock, what arrives by the homeserver's: they must agree."""
        try:
            apart = abs(self._clock.now() - parsedate_to_datetime(self._client.date))
        except ValueError:
            return []
        advice = f"à {round(apart.total_seconds())} s de celle du serveur : mettez la machine à l’heure (NTP)"
        return [(False, "horloge", advice)] if apart > _APART else []

    async def _never_started(self) -> list[Line]:
        """Before the first start the password is tried, and the session closed again."""
        if self._settings.access_token is not None:
            self._client.token = self._settings.access_token.get_secret_value()
            return [await self._session(str(self._settings.device_id))]
        password = self._settings.password
        if password is None:
            return [(False, "compte", "donnez GREFFIER_MATRIX__PASSWORD")]
        try:
            user, called = self._settings.user, self._settings.name
            _, token = await self._client.log_in(user, password.get_secret_value(), None, called=called)
            self._client.token = token
            await self._client.call("POST", "client/v3/logout", {})
        except RefusedError as error:
            return [(False, "compte", f"{self._settings.user} n’entre pas ({error.code}) : vérifiez USER et PASSWORD")]
        except DeliveryError as error:
            return [(False, "compte", f"l’entrée n’a pas pu être essayée : {_why(error)}")]
        return [(True, "compte", f"{self._settings.user} entre ; l’identité sera signée au premier démarrage")]

    async def _started(self, kept: Mapping[str, Any]) -> list[Line]:
        self._client.user, self._client.device = str(kept["user"]), str(kept["device"])
        self._client.token = str(kept["token"])
        session = await self._session(self._client.device)
        if not session[0]:
            return [session]
        identity = [] if self._settings.encryption == "off" else await self._identity()
        return [session, *identity, *(await self._bureau())]

    async def _session(self, device: str) -> Line:
        try:
            await self._client.call("GET", "client/v3/account/whoami")
        except LoggedOutError:
            return (False, "compte", "la session est close : redémarrez le service (avec PASSWORD, il rentrera seul)")
        except DeliveryError as error:
            return (False, "compte", f"la session n’a pas pu être vérifiée : {_why(error)}")
        return (True, "compte", f"{self._settings.user}, appareil {device}")

    async def _identity(self) -> list[Line]:
        """The chain from the device to the fingerprint that people verify."""
        seeds = self._vault.read(SEEDS)
        if seeds is None:
            return [(False, "identité", "aucune signature : démarrez le service une fois")]
        shown = await self._client.own_keys()
        user, device, master = self._client.user, self._client.device, master_of(seeds)
        held = device_key(shown, user, device) or ""  # the service holds the key store: what the server shows is taken
        faults = chain_faults(shown, user, device, device_key=held, master=master)
        if faults:
            return [(False, "identité", f"{fault} : redémarrez le service") for fault in faults]
        return [(True, "identité", f"l’appareil est signé par le compte, empreinte {_spaced(master)}")]

    async def _bureau(self) -> list[Line]:
        """Whether the bot is in the bureau's room, where it says everything to the staff."""
        room = self._settings.bureau_room
        if room is None:
            return []
        if room not in (await self._client.call("GET", "client/v3/joined_rooms"))["joined_rooms"]:
            return [(False, "salon", f"{self._settings.user} n’est pas dans {room} : invitez-le depuis ce salon")]
        if replaced := await self._state(room, "m.room.tombstone"):
            new = replaced.get("replacement_room")
            return [(False, "salon", f"{room} est remplacé par {new} : GREFFIER_MATRIX__BUREAU_ROOM={new}")]
        if not await self._state(room, "m.room.encryption"):
            fine = self._settings.encryption != "required"
            return [(fine, "salon", f"{room} n’est pas chiffré" + ("" if fine else " : activez-le dans ce salon"))]
        return [(True, "salon", f"le robot est dans {room}, chiffré")]

    async def _state(self, room: str, kind: str) -> Mapping[str, Any]:
        """A state of a room, empty where there is none."""
        try:
            found: Mapping[str, Any] = await self._client.call("GET", f"client/v3/rooms/{quoted(room)}/state/{kind}")
        except RefusedError:
            return {}
        return found


def _why(error: DeliveryError) -> str:
    """Why the homeserver did not answer, and what to look at."""
    match error.__cause__:
        case aiohttp.ClientConnectorCertificateError():
            return "son certificat n’est pas reconnu par cette machine"
        case aiohttp.ClientConnectorDNSError():
            return "ce nom est inconnu, vérifiez l’adresse et le réseau"
        case TimeoutError():
            return "rien ne vient, vérifiez l’adresse et le réseau"
        case None:
            status = str(error).rpartition(": ")[2]
            answer = f" (réponse {status})" if status.isdecimal() else ""
            return f"ce qui répond n’est pas un serveur Matrix en état de marche{answer}"
        case cause:
            return f"personne ne répond ({type(cause).__name__}), vérifiez l’adresse et le réseau"


def _spaced(fingerprint: str) -> str:
    """A fingerprint in groups of four, as clients show it."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))
