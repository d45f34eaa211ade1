"""Tests and examples of others, from their source distributions at the version and hash that are locked."""

import re
import subprocess
import sys
import tarfile
from collections.abc import Container
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements" / "runtime.txt"
DIALOG = Path(__file__).with_name("dialog.txt")
CACHE = ROOT / ".cache" / "upstream"


def upstream() -> Path:
    """The folder that holds aiogram's `tests/` and `examples/`, fetched once: the library is the one installed."""
    found = re.search(r"^aiogram==(?:.*\\\n)*.*", LOCK.read_text(), re.MULTILINE)
    assert found is not None
    return _unpacked(f"aiogram-{version('aiogram')}", found[0], {"tests", "examples"})


def dialogs() -> Path:
    """The folder that holds aiogram_dialog: its `src/` and the examples of its `docs/`.

    It is not installed: it wants an older cachetools than the doors do.
    """
    wanted = DIALOG.read_text().strip()
    return _unpacked(wanted.partition(" ")[0].replace("==", "-"), wanted, {"src", "docs"})


def _unpacked(name: str, requirement: str, folders: Container[str]) -> Path:
    folder = CACHE / name
    if not folder.exists():
        _unpack(_fetch(name, requirement), folder, folders)
    return folder


def _fetch(name: str, requirement: str) -> Path:
    """The source distribution, checked by pip against its hash."""
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = CACHE / f"{name}.txt"
    wanted.write_text(requirement + "\n")
    package = name.rpartition("-")[0]
    # Only the archive is wanted: building it would need its build tools.
    options = ["--quiet", "--no-deps", "--no-binary", package, "--require-hashes", "--dest", str(CACHE)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "-r", str(wanted)], check=True)
    return CACHE / f"{name}.tar.gz"


def _unpack(archive: Path, folder: Path, folders: Container[str]) -> None:
    beside = folder.with_suffix(".part")
    with tarfile.open(archive) as bundle:
        for member in bundle.getmembers():
            parts = Path(member.name).parts
            if len(parts) > 1 and parts[1] in folders:
                bundle.extract(member.replace(name=str(Path(*parts[1:]))), beside, filter="data")
    beside.rename(folder)
