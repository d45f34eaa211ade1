"""A ZIP whose bytes depend on its content and on a given date alone."""

import zipfile
from datetime import datetime

from bot.clock import PARIS

_PACKED_ALREADY = (".pdf", ".zip", ".docx", ".odt", ".xlsx")
_FILE_MODE = 0o600


def add_entry(archive: zipfile.ZipFile, name: str, data: bytes, *, at: datetime) -> None:
    """Add a file that only its owner may read once it is unpacked.

    Args:
        at: the instant that it bears (aware), even seconds only.
    """
    entry = zipfile.ZipInfo(name, at.astimezone(PARIS).timetuple()[:6])
    entry.external_attr = _FILE_MODE << 16
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
