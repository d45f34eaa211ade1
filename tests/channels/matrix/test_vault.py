"""What must stay private."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.matrix.vault import Vault
from bot.errors import ConfigurationError

SECRET = "un secret assez long"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """An open vault, in a folder that was open to all."""
    (tmp_path / "keys").mkdir(mode=0o755)
    opened = Vault(tmp_path / "keys", SECRET)
    opened.open()
    yield opened
    opened.close()


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in [folder, *folder.iterdir()]}


def test_everything_in_the_vault_is_readable_by_its_owner_alone(vault: Vault) -> None:
    vault.write("session", {"token": "t"})
    vault.key_store("@greffier:s", "DEV")

    assert modes(vault.folder) == {
        "keys": "0o700",
        "lock": "0o600",
        "session.sealed": "0o600",
        "@greffier:s_DEV.db": "0o600",
    }


def test_a_sealed_fact_comes_back_and_cannot_be_read_on_the_disk(vault: Vault) -> None:
    vault.write("session", {"token": "syt_visible"})

    assert vault.read("session") == {"token": "syt_visible"}
    assert (vault.folder / "session.sealed").read_bytes().count(b"syt_visible") == 0


def test_a_fact_that_was_never_sealed_is_none(vault: Vault) -> None:
    assert vault.read("session") is None


def test_another_secret_opens_nothing_and_says_so(vault: Vault) -> None:
    vault.write("session", {"token": "t"})

    with pytest.raises(ConfigurationError, match="GREFFIER_SECRET"):
        Vault(vault.folder, "un autre secret").read("session")


@pytest.mark.parametrize("secret", ["", "DEFAULT_KEY"])
def test_the_default_secret_of_the_library_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ConfigurationError, match="GREFFIER_SECRET"):
        Vault(tmp_path, secret)
