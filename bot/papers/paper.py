"""A paper that was looked at, and how a paper is refused."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import Refusal

MIB = 1024 * 1024
_KO = 1000
_MO = 1000 * _KO
_LONGEST_NAME = 80


class PaperKind(StrEnum):
    """What a paper is, from its content."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIF = "heif"
    ODT = "odt"
    DOCX = "docx"

    @property
    def is_image(self) -> bool:
        """Whether several of them may be joined into one PDF."""
        return self in {PaperKind.JPEG, PaperKind.PNG, PaperKind.WEBP, PaperKind.HEIF}


MIMES = {
    PaperKind.PDF: "application/pdf",
    PaperKind.JPEG: "image/jpeg",
    PaperKind.PNG: "image/png",
    PaperKind.WEBP: "image/webp",
    PaperKind.HEIF: "image/heif",
    PaperKind.ODT: "application/vnd.oasis.opendocument.text",
    PaperKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
KINDS = {mime: kind for kind, mime in MIMES.items()}


@dataclass(frozen=True)
class Paper:
    """A paper that may be kept.

    Args:
        pages: None where only a word processor could tell.
        size: bytes.
        blank: nothing is drawn on any page; to be said, never refused.
    """

    kind: PaperKind
    mime: str
    pages: int | None
    size: int
    sha256: str
    blank: bool = False


class Unfit(Exception):  # noqa: N818 -- never leaves this package: `inspect` makes a Refusal of it, with the name
    """A paper cannot be kept, for a reason that has its text « dossier/refused_<reason> »."""

    def __init__(self, reason: str, **values: str | int) -> None:
        self.reason = reason
        self.values = values
        super().__init__(reason)

    def refusal(self, name: str) -> Refusal:
        """The refusal as the person reads it."""
        return Refusal(f"dossier/refused_{self.reason}", source=None, name=shown_name(name), **self.values)


def shown_name(name: str) -> str:
    """The name of a file, without signs that hide or turn what is read, and not too long."""
    visible = "".join(sign for sign in name if not unicodedata.category(sign).startswith("C")).strip()
    if len(visible) > _LONGEST_NAME:
        return f"{visible[: _LONGEST_NAME - 11]}…{visible[-10:]}"
    return visible or "sans nom"


def megabytes(size: int) -> str:
    """A size as people read it: « 4,2 Mo », « 120 ko », « 12 octets »."""
    if size >= _MO:
        return f"{size / _MO:.1f}".replace(".", ",").removesuffix(",0") + " Mo"
    return f"{size // _KO} ko" if size >= _KO else f"{size} octets"
