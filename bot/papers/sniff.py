"""What a file is, from its first bytes. Its name says nothing: anybody may write « .pdf » at its end."""

import io
import re
import zipfile

from bot.papers.paper import PaperKind, Unfit

_HEAD = 1024
_BLANK_BEFORE = b"\xef\xbb\xbf \t\r\n\0"  # what may stand before a PDF: a byte order mark, empty lines
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")

# What else people send, in the words they use. The first that fits is said.
_SEEN: tuple[tuple[bytes, str], ...] = (
    (rb"MZ|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|#!", "un programme"),
    (rb"Rar!|7z\xbc\xaf\x27\x1c|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "une archive compressée"),
    (rb"PK\x05\x06", "une archive ZIP vide"),
    (rb"GIF8", "une image GIF"),
    (rb"II\*\0|MM\0\*", "une image TIFF"),
    (rb"BM", "une image BMP"),
    (rb"8BPS", "une image Photoshop"),
    (rb".{4}ftypavi[fs]", "une image AVIF"),
    (rb".{4}ftyp(?:M4A|M4B)", "un enregistrement sonore"),
    (rb".{4}ftyp|\x1a\x45\xdf\xa3|RIFF.{4}AVI ", "une vidéo"),
    (rb"ID3|OggS|fLaC|\xff[\xfb\xf3\xf2]|RIFF.{4}WAVE|#!AMR", "un enregistrement sonore"),
    (rb"\{\\rtf", "un document RTF"),
    (rb"%!PS", "un document PostScript"),
    (rb"(?i)\s*(?:<\?xml[^>]*>\s*)?<svg", "une image SVG"),
    (rb"(?i)\s*<(?:!doctype html|html|head|body|script)", "une page web"),
    (rb"\s*<\?xml", "un fichier XML"),
    (rb"(?i)From |Received:|Return-Path:|MIME-Version:", "un courriel"),
    (rb"age-encryption.org|-----BEGIN PGP", "un fichier chiffré"),
)


def kind_of(data: bytes) -> PaperKind | None:
    """What a file is; None for a ZIP, which may be a document.

    Raises:
        Unfit: it is nothing that a dossier may hold.
    """
    kind = _known(data[:_HEAD])
    if kind is not None and zipfile.is_zipfile(io.BytesIO(data)):
        raise Unfit("unknown", seen="deux fichiers cachés en un (une archive ZIP derrière autre chose)")
    if kind is None and not data.startswith(b"PK\x03\x04"):
        raise _unknown(data)
    return kind


def _known(head: bytes) -> PaperKind | None:
    if head.lstrip(_BLANK_BEFORE).startswith(b"%PDF-"):
        return PaperKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return PaperKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PaperKind.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return PaperKind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head[8:32]:
        return PaperKind.HEIF
    return None


def _unknown(data: bytes) -> Unfit:
    if data.startswith(_OLE):
        return Unfit("password") if _ENCRYPTED_OFFICE in data else Unfit("old_word")
    head = data[:_HEAD]
    for pattern, seen in _SEEN:
        if re.match(pattern, head, re.DOTALL):
            return Unfit("unknown", seen=seen)
    return Unfit("unknown", seen="du texte brut" if _is_text(head) else "un fichier d’un type inconnu")


def _is_text(head: bytes) -> bool:
    """Whether people could read it; the last sign may be cut."""
    words = head.decode("utf-8", errors="ignore")
    return len(words.encode()) > len(head) - 4 and all(sign.isprintable() or sign.isspace() for sign in words)
