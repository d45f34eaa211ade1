"""aiogram's own tests and examples, from its source distribution at the version and hash that are locked."""

import re
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements" / "runtime.txt"
CACHE = ROOT / ".cache" / "upstream"


def upstream() -> Path:
    """The folder that holds `tests/` and `examples/`, fetched once."""
    folder = CACHE / f"aiogram-{version('aiogram')}"
    if not folder.exists():
        _unpack(_fetch(), folder)
    return folder


def _fetch() -> Path:
    """The source distribution, checked by pip against the hashes of the lock file."""
    CACHE.mkdir(parents=True, exist_ok=True)
    found = re.search(r"^aiogram==(?:.*\\\n)*.*", LOCK.read_text(), re.MULTILINE)
    assert found is not None
    wanted = CACHE / "aiogram.txt"
    wanted.write_text(found[0] + "\n")
    # Only the archive is wanted: building it would need its build tools.
    options = ["--quiet", "--no-deps", "--no-binary", "aiogram", "--require-hashes", "--dest", str(CACHE)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "-r", str(wanted)], check=True)
    return next(CACHE.glob("aiogram-*.tar.gz"))


def _unpack(archive: Path, folder: Path) -> None:
    """Its tests and examples alone: the library is the one that is installed."""
    beside = folder.with_suffix(".part")
    with tarfile.open(archive) as bundle:
        for member in bundle.getmembers():
            parts = Path(member.name).parts
            if parts[1:2] in {("tests",), ("examples",)}:
                bundle.extract(member.replace(name=str(Path(*parts[1:]))), beside, filter="data")
    beside.rename(folder)
