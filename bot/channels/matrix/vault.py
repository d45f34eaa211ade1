"""What must stay private and must not be lost: the session, the signing seeds, the key store."""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from bot.errors import ConfigurationError

_SALT = b"greffier matrix vault"
_KEY = 32  # bytes
_FORBIDDEN = frozenset({"", "DEFAULT_KEY"})


class Vault:
    """A private folder (0700) of private files (0600), sealed with the house's secret, held by one process at a time.

    Raises:
        ConfigurationError: the secret is empty or nio's own default.
    """

    def __init__(self, folder: Path, secret: str) -> None:
        if secret in _FORBIDDEN:
            raise ConfigurationError(["GREFFIER_SECRET : donnez un secret, il protège les clés de chiffrement"])
        keys = hashlib.scrypt(secret.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=2 * _KEY)
        self.folder = folder
        self.pickle_key = keys[_KEY:].hex()
        self._box = SecretBox(keys[:_KEY])
        self._lock: IO[bytes] | None = None

    def open(self) -> None:
        """Hold the folder: two processes on one account corrupt its keys.

        Raises:
            ConfigurationError: another process holds it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        lock = self._private("lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ConfigurationError([f"un autre Greffier utilise déjà {self.folder} : arrêtez-le d’abord"]) from None
        self._lock = lock

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def read(self, name: str) -> dict[str, Any] | None:
        """A sealed fact, None where there is none.

        Raises:
            ConfigurationError: it was sealed with another secret, or is damaged.
        """
        path = self.folder / f"{name}.sealed"
        if not path.exists():
            return None
        try:
            value = json.loads(self._box.decrypt(path.read_bytes()))
        except (CryptoError, ValueError):
            fault = f"{path} ne s’ouvre pas avec GREFFIER_SECRET : remettez le secret d’origine"
            raise ConfigurationError([fault]) from None
        return dict(value)

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Seal a fact; it is on the disk when this returns."""
        new = self._private(f"{name}.new")
        with new.open("wb") as file:
            file.write(self._box.encrypt(json.dumps(value).encode()))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.folder / f"{name}.sealed")

    def key_store(self, user: str, device: str) -> None:
        """Make nio's key store private before nio makes it: nio would create it readable by all (0644)."""
        self._private(f"{user}_{device}.db")

    def _private(self, name: str) -> Path:
        path = self.folder / name
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        return path
