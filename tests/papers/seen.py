"""How a PDF is seen: its words, its claims, its pages as pictures that are kept to be looked at."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pypdfium2

ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "papers"


class Claims(NamedTuple):
    """What a PDF says of itself to a screen reader."""

    accessible: str | None
    title: str | None
    language: str
    tagged: bool


def claims(data: bytes) -> Claims:
    """What a PDF says of itself."""
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_metadata() as metadata:
        return Claims(
            metadata.get("pdfuaid:part"),
            metadata.get("dc:title"),
            str(pdf.Root.get("/Lang", "")),
            "/StructTreeRoot" in pdf.Root and bool(pdf.Root.MarkInfo.Marked),
        )


def pages(data: bytes) -> list[str]:
    """The words of each page, with single spaces."""
    reader: Any = pypdfium2.PdfDocument(data)
    with reader:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in reader]


def keep(name: str, data: bytes) -> list[int]:
    """Keep each page as a picture among the artefacts.

    Returns:
        How many shades each page has: a blank one has one.
    """
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    reader: Any = pypdfium2.PdfDocument(data)
    shades = []
    with reader:
        for number, page in enumerate(reader, 1):
            picture = page.render(scale=1.5).to_pil()
            picture.save(ARTEFACTS / f"{name}-{number}.png")
            shades.append(len(picture.convert("L").getcolors()))
    return shades
