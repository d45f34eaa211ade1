"""Why others may believe that the bot is the bot: its devices are signed by the account itself (cross-signing).

Clients that shut out unsigned devices (MSC4153) would neither read nor answer an unsigned bot; nio knows nothing of
this. And a fallback key, so that a person's first message is readable even after fifty others wrote to a sleeping bot.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey
from pydantic import SecretStr

from bot.channels.matrix.client import Client, RefusedError
from bot.channels.matrix.vault import Vault
from bot.errors import ConfigurationError
from bot.events import Event, log

SEEDS = "signing"  # the sealed fact
_USAGES = ("master", "self_signing", "user_signing")
_UNAUTHORISED = 401


@dataclass(frozen=True)
class Trust:
    """What `greffier check` shows: the account's fingerprint, and every fault of the chain, in French."""

    fingerprint: str
    faults: tuple[str, ...]


class CrossSigning:
    """The account's own signing keys: made once, kept for ever, checked at every start."""

    def __init__(self, client: Client, vault: Vault, password: SecretStr | None) -> None:
        self._client = client
        self._vault = vault
        self._password = password
        self._keys: dict[str, SigningKey] = {}

    async def establish(self) -> Trust:
        """Have this device signed by the account; nothing is done that was done before.

        Raises:
            ConfigurationError: another identity stands and only the password may replace it.
        """
        self._keys = self._seeds()
        shown = await self._client.own_keys()
        if _key_of(shown.get("master_keys", {}).get(self._client.user)) != _public(self._keys["master"]):
            await self._publish(replacing=bool(shown.get("master_keys", {}).get(self._client.user)))
            shown = await self._client.own_keys()
        if self._faults(shown):
            await self._sign(shown)
            shown = await self._client.own_keys()
        return Trust(_public(self._keys["master"]), tuple(self._faults(shown)))

    def _seeds(self) -> dict[str, SigningKey]:
        """The seeds, written before anything is uploaded: an identity whose seeds are lost needs a human to replace."""
        kept = self._vault.read(SEEDS)
        if kept is None:
            kept = {usage: SigningKey.generate().encode().hex() for usage in _USAGES}
            self._vault.write(SEEDS, kept)
        return {usage: SigningKey(bytes.fromhex(str(kept[usage]))) for usage in _USAGES}

    async def _publish(self, *, replacing: bool) -> None:
        """Upload the three public keys; a replacement needs the password, and is never silent."""
        body = {f"{usage}_key": self._public_object(usage) for usage in _USAGES}
        if replacing:
            log.warning(Event.IDENTITY_REPLACED, user=self._client.user)
        try:
            await self._client.call("POST", "client/v3/keys/device_signing/upload", body)
        except RefusedError as error:
            if error.status != _UNAUTHORISED or self._password is None:
                fault = "ce compte a une autre identité de signature : donnez PASSWORD, ou remettez le dossier des clés"
                raise ConfigurationError([fault]) from error
            proof = {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": self._client.user},
                "password": self._password.get_secret_value(),
                "session": error.body.get("session"),
            }
            await self._client.call("POST", "client/v3/keys/device_signing/upload", {**body, "auth": proof})

    def _public_object(self, usage: str) -> dict[str, Any]:
        public = _public(self._keys[usage])
        shown: dict[str, Any] = {"user_id": self._client.user, "usage": [usage], "keys": {f"ed25519:{public}": public}}
        return shown if usage == "master" else self._signed(shown, "master")

    def _signed(self, shown: Mapping[str, Any], usage: str) -> dict[str, Any]:
        key = self._keys[usage]
        signature = unpadded(key.sign(canonical(shown)).signature)
        return _with_signature(shown, self._client.user, f"ed25519:{_public(key)}", signature)

    async def _sign(self, shown: Mapping[str, Any]) -> None:
        """Sign this device with the account, and the account's master key with this device."""
        user, device = self._client.user, self._client.device
        own = shown["device_keys"][user][device]
        master = shown["master_keys"][user]
        by_device = self._client.nio.olm.sign_json(_bare(master))
        uploads = {
            device: self._signed(_bare(own), "self_signing"),
            _public(self._keys["master"]): _with_signature(_bare(master), user, f"ed25519:{device}", by_device),
        }
        answer = await self._client.call("POST", "client/v3/keys/signatures/upload", {user: uploads})
        if not answer.get("failures"):
            log.info(Event.DEVICE_SIGNED, device=device)

    def _faults(self, shown: Mapping[str, Any]) -> list[str]:
        """What is wrong in the chain device → self-signing key → master key, in French."""
        return chain_faults(
            shown,
            self._client.user,
            self._client.device,
            device_key=self._client.nio.olm.account.identity_keys["ed25519"],
            master=_public(self._keys["master"]),
        )


def chain_faults(shown: Mapping[str, Any], user: str, device: str, *, device_key: str, master: str) -> list[str]:
    """What a careful client would hold against this device, in French; empty when the chain holds.

    Args:
        shown: the answer of `/keys/query`.
        device_key: our own ed25519 key, as we hold it.
        master: our own master key, as we hold it.
    """
    own = shown.get("device_keys", {}).get(user, {}).get(device)
    masters = shown.get("master_keys", {}).get(user)
    signer = shown.get("self_signing_keys", {}).get(user)
    if own is None or masters is None or signer is None:
        return ["le serveur ne montre pas toutes les clés du compte"]
    faults = []
    if own.get("keys", {}).get(f"ed25519:{device}") != device_key:
        faults.append("l’appareil montré n’est pas celui dont nous avons les clés")
    if _key_of(masters) != master:
        faults.append("la clé maîtresse montrée n’est pas la nôtre")
    if not _verified(signer, user, _key_of(masters)):
        faults.append("la clé de signature des appareils n’est pas signée par la clé maîtresse")
    if not _verified(own, user, _key_of(signer)):
        faults.append("l’appareil n’est pas signé par le compte")
    if not _verified(masters, user, device_key, name=device):
        faults.append("la clé maîtresse n’est pas signée par l’appareil")
    return faults


async def upload_fallback_key(client: Client) -> None:
    """Leave one key that never runs out, signed by the device; the one before stays readable for a while."""
    account = client.nio.olm.account
    vodozemac = account._account  # noqa: SLF001 -- nio wraps the account and has no word for fallback keys
    vodozemac.generate_fallback_key()
    shown: dict[str, Any] = {}
    for name, key in vodozemac.fallback_key.items():
        bare = {"key": key.to_base64(), "fallback": True}
        signature = client.nio.olm.sign_json(bare)
        shown[f"signed_curve25519:{name}"] = _with_signature(bare, client.user, f"ed25519:{client.device}", signature)
    client.nio.olm.save_account()
    await client.call("POST", "client/v3/keys/upload", {"fallback_keys": shown})
    vodozemac.mark_keys_as_published()
    client.nio.olm.save_account()


def device_key(shown: Mapping[str, Any], user: str, device: str) -> str | None:
    """The ed25519 key that everybody sees of a device, None where there is none."""
    keys = shown.get("device_keys", {}).get(user, {}).get(device, {}).get("keys", {})
    found: str | None = keys.get(f"ed25519:{device}")
    return found


def master_of(seeds: Mapping[str, Any]) -> str:
    """The account's fingerprint: the public half of its master seed."""
    return _public(SigningKey(bytes.fromhex(str(seeds["master"]))))


def canonical(value: Mapping[str, Any]) -> bytes:
    """The one way to write a JSON object that is signed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def unpadded(data: bytes) -> str:
    """Base64 without padding: padded keys are dropped in silence by some clients."""
    return base64.b64encode(data).decode().rstrip("=")


def _public(key: SigningKey) -> str:
    return unpadded(key.verify_key.encode())


def _bare(signed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in signed.items() if name not in {"signatures", "unsigned"}}


def _with_signature(shown: Mapping[str, Any], user: str, name: str, signature: str) -> dict[str, Any]:
    return {**shown, "signatures": {user: {name: signature}}}


def _key_of(shown: Mapping[str, Any] | None) -> str:
    return next(iter((shown or {}).get("keys", {}).values()), "")


def _verified(shown: Mapping[str, Any], user: str, key: str, *, name: str = "") -> bool:
    signature = shown.get("signatures", {}).get(user, {}).get(f"ed25519:{name or key}")
    if not signature or not key:
        return False
    try:
        VerifyKey(_bytes(key)).verify(canonical(_bare(shown)), _bytes(signature))
    except (BadSignatureError, ValueError):
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
