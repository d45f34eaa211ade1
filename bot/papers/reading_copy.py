"""The pages to read of a word processor's file; the file itself is the piece."""

import io
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.papers.paper import PaperKind

_ROOT = Path(__file__).parents[2]
_LONGEST = 120  # seconds, on a machine that is very busy; the limits of `office_pages` are counted in its own time


def reading_copy(data: bytes, kind: PaperKind, at: datetime, **paper: Any) -> bytes | None:
    """The file as a PDF to read, made in a process of its own; None where it is damaged, or too much for its limits.

    Args:
        at: the instant that the PDF bears (aware).
        paper: what the template reads, as for any paper.
    """
    from bot.papers.pdf import MOST_PAGES
    from bot.papers.qpdf import pikepdf

    given = json.dumps({"kind": kind, "at": at.isoformat(), **paper}).encode() + b"\n" + data
    command = [sys.executable, "-m", "bot.papers.office_pages"]
    try:
        made = subprocess.run(  # noqa: S603 -- our own words, and none of the settings of the service
            command, input=given, capture_output=True, timeout=_LONGEST, check=True, cwd=_ROOT, env={}
        )
        with pikepdf.open(io.BytesIO(made.stdout)) as pdf:
            return made.stdout if len(pdf.pages) <= MOST_PAGES else None
    except (subprocess.SubprocessError, pikepdf.PdfError):
        return None
