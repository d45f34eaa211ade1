"""The bytes of pieces and of receipts: kept under the SHA-256 of what was given, encrypted (age), never under a name.

The key stands in a file of its own, beside the folder: a back-up of the folder alone opens nothing.
"""

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pyrage import DecryptError, IdentityError, decrypt, encrypt, x25519

from bot.errors import ConfigurationError, UnreadableFileError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = ".age"
_OTHERS = 0o077  # the rights of everybody but the owner


class Files:
    """What people gave, byte for byte. Safe for several threads and processes at once.

    Args:
        folder: created 0700; holds encrypted files alone.
        key: the file of the secret key, created 0600 at first use; beside the folder where none is given.
    """

    def __init__(self, folder: Path, key: Path | None = None) -> None:
        self._folder = folder
        _open_folder(folder)
        key = key or folder.with_name(f"{folder.name}.key")
        identity = _read_key(key) if key.exists() else _new_key(key, unless=folder)
        self._identity = identity
        self._recipient = identity.to_public()

    def put(self, data: bytes) -> str:
        """Keep what a person gave; on the disk for good when this returns.

        Returns:
            The SHA-256 of the clear bytes, under which they are found again.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if not self._holds(sha256):
            self._write(sha256, encrypt(data, [self._recipient]))
        return sha256

    def get(self, sha256: str) -> bytes:
        """What was given, byte for byte.

        Raises:
            UnreadableFileError: the file is not there, or is not what was given.
        """
        try:
            data: bytes = decrypt(self._path(sha256).read_bytes(), [self._identity])
        except (OSError, DecryptError) as error:
            raise UnreadableFileError(sha256) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UnreadableFileError(sha256)
        return data

    def seal(self, words: str) -> str:
        """Words that only this key opens, as text for a row."""
        return base64.b64encode(encrypt(words.encode(), [self._recipient])).decode()

    def unseal(self, sealed: str) -> str:
        """The words again.

        Raises:
            UnreadableFileError: another key sealed them, or they were altered.
        """
        try:
            opened: bytes = decrypt(base64.b64decode(sealed), [self._identity])
        except (ValueError, DecryptError) as error:
            raise UnreadableFileError("sealed words") from error
        return opened.decode()

    def has(self, sha256: str) -> bool:
        """Whether something is kept under this SHA-256."""
        return self._path(sha256).is_file()

    def remove(self, sha256: str) -> None:
        """Forget what was given. Nothing happens when it is not there."""
        self._path(sha256).unlink(missing_ok=True)
        _sync(self._folder)

    def __iter__(self) -> Iterator[str]:
        """The SHA-256 of everything kept, in their order: `get` each one to check a back-up."""
        names = (path.name.removesuffix(_SUFFIX) for path in self._folder.glob(f"*{_SUFFIX}"))
        return iter(sorted(name for name in names if _SHA256.fullmatch(name)))

    def _holds(self, sha256: str) -> bool:
        """Whether it is there and whole: what a disk has damaged is written again when it is given again."""
        try:
            self.get(sha256)
        except UnreadableFileError:
            return False
        return True

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise UnreadableFileError(sha256)
        return self._folder / f"{sha256}{_SUFFIX}"

    def _write(self, sha256: str, sealed: bytes) -> None:
        """Whole or not at all: written beside, flushed, then renamed."""
        beside = _write_beside(self._folder, sealed)
        try:
            beside.replace(self._path(sha256))
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        _sync(self._folder)


def _open_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _read_key(key: Path) -> x25519.Identity:
    if key.stat().st_mode & _OTHERS:
        raise ConfigurationError([f"La clé {key} est lisible par d’autres : faites « chmod 600 {key} »."])
    try:
        return x25519.Identity.from_str(key.read_text(encoding="ascii").strip())
    except (IdentityError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"La clé {key} ne se lit pas : remettez celle de la sauvegarde."]) from error


def _new_key(key: Path, *, unless: Path) -> x25519.Identity:
    """Make the key, unless files are already there that only the lost one opens."""
    if any(unless.glob(f"*{_SUFFIX}")) and not key.exists():
        raise ConfigurationError(
            [f"La clé {key} manque, et {unless} contient des pièces : remettez la clé de la sauvegarde."]
        )
    beside = _write_beside(key.parent, f"{x25519.Identity.generate()}\n".encode())
    # A link never replaces: when another process came first, its key is the one.
    with suppress(FileExistsError):
        os.link(beside, key)
    beside.unlink()
    _sync(key.parent)
    return _read_key(key)


def _write_beside(folder: Path, data: bytes) -> Path:
    """A new private file (0600) of that folder with these bytes, flushed to the disk."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _sync(folder: Path) -> None:
    """Make the names of a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
