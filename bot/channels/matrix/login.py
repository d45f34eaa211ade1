"""How the bot comes in: once with the password, afterwards always as the device it already is."""

from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from bot.channels.matrix.client import Client, LoggedOutError, RefusedError
from bot.channels.matrix.trust import device_key
from bot.channels.matrix.vault import Vault
from bot.clock import Clock
from bot.errors import ConfigurationError
from bot.events import Event, log

SESSION = "session"  # the sealed fact


class Account(Protocol):
    """What the door needs to know of its account (`bot.accounts.MatrixSettings`)."""

    @property
    def homeserver(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> SecretStr | None: ...
    @property
    def access_token(self) -> SecretStr | None: ...
    @property
    def device_id(self) -> str | None: ...
    @property
    def encryption(self) -> str: ...
    @property
    def allowed_servers(self) -> tuple[str, ...]: ...
    @property
    def choices(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def bureau_room(self) -> str | None: ...


class Entrance:
    """Brings the client in, as the same device for as long as its keys are ours."""

    def __init__(self, account: Account, client: Client, vault: Vault, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._client = client
        self._vault = vault

    async def enter(self) -> None:
        """Be logged in, with keys that are the ones the others see.

        Raises:
            ConfigurationError: neither the token nor the password opens a session.
        """
        device, token = self._given() or self._kept() or await self._log_in(self._account.device_id)
        self._attach(device, token)
        try:
            await self._client.call("GET", "client/v3/account/whoami")
        except LoggedOutError:
            await self._client.detach()
            self._attach(*await self._log_in(device))
        if self._account.encryption != "off":
            await self._be_seen()

    def born(self) -> datetime | None:
        """When this device came into being: the server forgets the transactions of an earlier one."""
        kept = self._vault.read(SESSION)
        return datetime.fromisoformat(str(kept["born"])) if kept and kept["device"] == self._client.device else None

    def _given(self) -> tuple[str, str] | None:
        token, device = self._account.access_token, self._account.device_id
        return (device, token.get_secret_value()) if token is not None and device else None

    def _kept(self) -> tuple[str, str] | None:
        kept = self._vault.read(SESSION)
        if kept is None or kept["user"] != self._account.user or kept["homeserver"] != self._client.homeserver:
            return None
        return str(kept["device"]), str(kept["token"])

    async def _log_in(self, device: str | None) -> tuple[str, str]:
        password = self._account.password
        if password is None:
            fault = "GREFFIER_MATRIX__ACCESS_TOKEN : la session est close, donnez un nouveau jeton (ou PASSWORD)"
            raise ConfigurationError([fault])
        try:
            found, token = await self._client.log_in(
                self._account.user, password.get_secret_value(), device, called=self._account.name
            )
        except RefusedError as error:
            fault = f"GREFFIER_MATRIX__USER ou PASSWORD : le serveur refuse l’entrée ({error.code or error.status})"
            raise ConfigurationError([fault]) from error
        kept = self._vault.read(SESSION) or {}
        same = kept.get("device") == found
        facts = {"user": self._account.user, "homeserver": self._client.homeserver, "device": found, "token": token}
        self._vault.write(SESSION, {**facts, "born": kept["born"] if same else self._clock.now().isoformat()})
        return found, token

    def _attach(self, device: str, token: str) -> None:
        encryption = self._account.encryption != "off"
        if encryption:
            self._vault.key_store(self._account.user, device)
        self._client.attach(
            self._account.user,
            device,
            token,
            folder=self._vault.folder,
            pickle_key=self._vault.pickle_key,
            encryption=encryption,
        )

    async def _be_seen(self) -> None:
        """Be for others the device whose keys we hold: a bot that is not is deaf.

        A device that was logged out is forgotten by the homeserver, while people's clients take it for served already:
        they would give it no key again. With a token alone there is no other device to be: its keys are published anew.
        """
        account = self._client.nio.olm.account
        shown = device_key(await self._client.own_keys(), self._client.user, self._client.device)
        if shown is None and (not account.shared or self._account.password is None):
            account.shared = False
        elif shown != account.identity_keys["ed25519"]:
            await self._replace_device()

    async def _replace_device(self) -> None:
        """Come in as a new device; the old one, which nobody can speak for any more, is taken away."""
        if self._account.password is None:
            raise ConfigurationError([f"les clés de l’appareil {self._client.device} sont perdues : donnez PASSWORD"])
        await self._client.call("POST", "client/v3/logout", {})
        log.warning(Event.DEVICE_REPLACED, device=self._client.device)
        await self._client.detach()
        self._attach(*await self._log_in(None))
