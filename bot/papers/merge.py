"""A candidate's whole dossier as one PDF with bookmarks, for the commission."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.circulaire.campagne import Campagne
from bot.circulaire.delais import day_words, hour_words
from bot.errors import Refusal
from bot.papers.join import join_images
from bot.papers.paper import PaperKind
from bot.papers.reading_copy import OFFICE, leaf_words, reading_copy
from bot.papers.typeset import typeset

if TYPE_CHECKING:
    from bot.papers.qpdf import pikepdf


@dataclass(frozen=True)
class BundlePiece:
    """A piece as the commission gets it. Without `read` it was declared through I-Prof.

    Args:
        read: gives the bytes as they were deposited, when their turn comes.
    """

    code: str
    label: str
    kind: PaperKind | None = None
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True)
class BundleEntry:
    """A candidature as the commission gets it.

    Args:
        starts_at: the beginning of the creneau (aware); None before the planning.
        facts: (label, words) pairs for the first page, the same labels for every candidature.
    """

    numero: int
    holder: str
    facts: tuple[tuple[str, str], ...] = ()
    pieces: tuple[BundlePiece, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    room: str = ""
    commission: str = ""

    @property
    def file_name(self) -> str:
        """« dossier-12.pdf »: never a person's name."""
        return f"dossier-{self.numero}.pdf"


@dataclass(frozen=True)
class Merged:
    """One dossier: its PDF, and the files that count for more than their pages in it, under the names that it gives."""

    pdf: bytes
    beside: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class _Part:
    """A piece as it stands in the PDF, and where the first page says that it is."""

    label: str
    pages: bytes
    where: str
    beside: tuple[str, bytes] | None = None


def merge_dossier(campagne: Campagne, entry: BundleEntry, *, at: datetime) -> Merged:
    """One dossier as a PDF: a first page that says what is in it, then each piece under its bookmark.

    A word processor's file has pages to read there, and lies beside. A piece that has no page (declared through I-Prof,
    damaged) has one that says where it is: nothing is missing in silence.

    Args:
        at: the instant that the PDF bears (aware).
    """
    parts = [_part(campagne, entry, piece, at) for piece in entry.pieces]
    merged = _joined(campagne, entry, [("Page de garde", _cover(campagne, entry, parts, at)), *_titled(parts)])
    return Merged(merged, tuple(part.beside for part in parts if part.beside))


def creneau_words(entry: BundleEntry) -> str:
    """« mercredi 26 avril 2017 à 10 h 30 »; nothing before the planning."""
    return f"{day_words(entry.starts_at)} à {hour_words(entry.starts_at)}" if entry.starts_at else ""


def _titled(parts: list[_Part]) -> list[tuple[str, bytes]]:
    return [(part.label, part.pages) for part in parts]


def _part(campagne: Campagne, entry: BundleEntry, piece: BundlePiece, at: datetime) -> _Part:
    from bot.papers.qpdf import pikepdf

    if piece.read is None:
        statement = "Cette pièce a été déclarée déposée via I-Prof. Elle est à consulter dans I-Prof."
        return _Part(piece.label, _leaf(campagne, entry, piece, statement, at), "dans I-Prof")
    data = piece.read()
    if piece.kind in OFFICE:
        return _copied(campagne, entry, piece, piece.kind, data, at)
    try:
        pages = join_images([data]) if piece.kind and piece.kind.is_image else _flat(data)
    except (pikepdf.PdfError, Refusal):
        return _beside(campagne, entry, piece, data, at)
    return _Part(piece.label, pages, "dans ce document")


def _copied(
    campagne: Campagne, entry: BundleEntry, piece: BundlePiece, kind: PaperKind, data: bytes, at: datetime
) -> _Part:
    """A word processor's file: pages to read, and the file beside, which is the piece."""
    name = _file_name(entry, piece)
    pages = reading_copy(campagne, entry.numero, piece.label, data, kind, name, at=at)
    if pages is None:
        return _beside(campagne, entry, piece, data, at)
    return _Part(piece.label, pages, f"copie de lecture dans ce document, fichier déposé à part : {name}", (name, data))


def _beside(campagne: Campagne, entry: BundleEntry, piece: BundlePiece, data: bytes, at: datetime) -> _Part:
    name = _file_name(entry, piece)
    statement = "Cette pièce ne peut pas être affichée ici. Elle est jointe telle quelle, sous ce nom :"
    return _Part(piece.label, _leaf(campagne, entry, piece, statement, at, name), f"à part : {name}", (name, data))


def _file_name(entry: BundleEntry, piece: BundlePiece) -> str:
    return f"dossier-{entry.numero}-{piece.code}.{piece.kind or 'bin'}"


def _leaf(
    campagne: Campagne, entry: BundleEntry, piece: BundlePiece, statement: str, at: datetime, name: str = ""
) -> bytes:
    return typeset("leaf", campagne, at, **leaf_words(campagne, entry.numero, piece.label, statement, name))


def _cover(campagne: Campagne, entry: BundleEntry, parts: list[_Part], at: datetime) -> bytes:
    planned = [
        ("Entretien", creneau_words(entry)),
        ("Lieu", entry.room),
        ("Commission", entry.commission),
    ]
    return typeset(
        "cover",
        campagne,
        at,
        title=f"Dossier n° {entry.numero}",
        footer=f"Circulaire {campagne.numero} – candidature n° {entry.numero}",
        numbered=False,
        holder=entry.holder,
        opening=f"{campagne.title}, année scolaire {campagne.school_year} (circulaire {campagne.numero}).",
        facts=[pair for pair in (*planned, *entry.facts) if pair[1]],
        pieces=[(part.label, part.where) for part in parts],
    )


def _flat(data: bytes) -> bytes:
    """The pages with what was typed into their fields drawn on them: a form does not survive a merge."""
    from bot.papers.qpdf import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        if "/AcroForm" in pdf.Root:
            pdf.generate_appearance_streams()
        pdf.flatten_annotations("all")
        return _saved(pdf)


def _joined(campagne: Campagne, entry: BundleEntry, parts: list[tuple[str, bytes]]) -> bytes:
    from bot.papers.qpdf import pikepdf

    with pikepdf.new() as merged:
        with merged.open_outline() as outline:
            for label, data in parts:
                outline.root.append(pikepdf.OutlineItem(label, len(merged.pages)))
                with pikepdf.open(io.BytesIO(data)) as pdf:
                    merged.pages.extend(pdf.pages)
        merged.Root.Lang = "fr-FR"
        merged.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        merged.Root.PageMode = pikepdf.Name.UseOutlines
        with merged.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = f"Dossier n° {entry.numero} – circulaire {campagne.numero}"
        return _saved(merged)


def _saved(pdf: "pikepdf.Pdf") -> bytes:
    from bot.papers.qpdf import pikepdf

    written = io.BytesIO()
    pdf.remove_unreferenced_resources()
    pdf.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()
