"""The pages to read of a word processor's file; the file itself is the piece."""

import io
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.circulaire.campagne import Campagne
from bot.papers.paper import PaperKind

OFFICE = frozenset({PaperKind.DOCX, PaperKind.ODT})
_ROOT = Path(__file__).parents[2]
_LONGEST = 120  # seconds, on a machine that is very busy; the limits of `office_pages` are counted in its own time
_STATEMENT = (
    "Copie de lecture établie par Greffier : la mise en page est simplifiée, les formes dessinées n’y sont pas. "
    "Le fichier déposé fait foi. Il est joint tel quel, sous ce nom :"
)


def reading_copy(
    campagne: Campagne, numero: int, label: str, data: bytes, kind: PaperKind, name: str, *, at: datetime
) -> bytes | None:
    """The file as a PDF to read, made in a process of its own; None where it is damaged, or too much for its limits.

    Args:
        label: what the piece is.
        kind: one of OFFICE.
        name: that of the file which lies beside the copy.
        at: the instant that the PDF bears (aware).
    """
    from bot.papers.pdf import MOST_PAGES
    from bot.papers.qpdf import pikepdf

    paper = {"kind": kind, "at": at.isoformat(), **leaf_words(campagne, numero, label, _STATEMENT, name)}
    command = [sys.executable, "-m", "bot.papers.office_pages"]
    try:
        made = subprocess.run(
            command,
            input=json.dumps(paper).encode() + b"\n" + data,
            capture_output=True,
            timeout=_LONGEST,
            check=True,
            cwd=_ROOT,
            env={},
        )
        with pikepdf.open(io.BytesIO(made.stdout)) as pdf:
            return made.stdout if len(pdf.pages) <= MOST_PAGES else None
    except (subprocess.SubprocessError, pikepdf.PdfError):
        return None


def leaf_words(campagne: Campagne, numero: int, label: str, statement: str, name: str) -> dict[str, Any]:
    """What the templates of a page about one piece read."""
    return {
        "title": label[:1].upper() + label[1:],
        "author": campagne.service.name,
        "footer": f"Circulaire {campagne.numero} – candidature n° {numero}",
        "numbered": False,
        "statement": statement,
        "name": name,
    }
