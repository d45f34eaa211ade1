"""The files that people drop in the pages."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "fichiers"
TOO_LARGE = 24 * 1024 * 1024  # bytes, above the limit of the settings


@pytest.fixture(scope="session")
def fichiers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder beside the pages, and a file too large to be kept there: a hole on the disk after one line."""
    folder = tmp_path_factory.mktemp("fichiers")
    for file in FOLDER.iterdir():
        (folder / file.name).symlink_to(file)
    with (folder / "trop-lourd.pdf").open("wb") as large:
        large.write(b"%PDF-1.7\n")
        large.truncate(TOO_LARGE)
    return folder
