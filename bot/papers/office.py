"""ODT and DOCX: a ZIP whose structure is read under limits; nothing in it is ever run or fetched."""

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from xml.parsers import expat

from bot.papers.paper import MIB, PaperKind, Unfit

_MOST_ENTRIES = 2000
_MOST_BYTES = 100 * MIB  # unpacked, all together
_LONGEST_LIST = MIB  # of relations
_CHUNK = MIB
_SEAM = 64  # bytes kept from one chunk to the next, so that no word is cut
_ENCRYPTED = 0x1
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MACROS = re.compile(r"(?:^|/)(?:vba\w*\.bin|vbadata\.xml)$|^(?:Basic|Scripts)/.+", re.IGNORECASE)
_OLE_OBJECT = re.compile(r"(?:^|/)(?:oleObject[^/]*\.bin|activeX/.+)$|^Object [^/]*$", re.IGNORECASE)
_SCRIPT_LINK = b"vnd.sun.star.script:"  # a document of LibreOffice that calls a program of the machine
_FETCHED = frozenset({"attachedtemplate", "oleobject", "frame", "subdocument"})  # opened as soon as the document is

# What a ZIP is when it is no document for a dossier: the beginning of one of its names, in the words people use.
_OTHERS = (
    ("word/", "un document Word d’une forme inattendue"),
    ("xl/", "un classeur Excel"),
    ("ppt/", "une présentation PowerPoint"),
    ("Index/Document.iwa", "un document Pages"),
    ("Index/", "un document Pages, Numbers ou Keynote"),
    ("index.apxl", "une présentation Keynote"),
    ("META-INF/MANIFEST.MF", "un programme Java"),
    ("AndroidManifest.xml", "un programme Android"),
)
_OTHER_MIMES = {
    b"application/vnd.oasis.opendocument.spreadsheet": "un classeur OpenDocument",
    b"application/vnd.oasis.opendocument.presentation": "une présentation OpenDocument",
    b"application/epub+zip": "un livre EPUB",
}
_ODT = b"application/vnd.oasis.opendocument.text"


def look_at_office(data: bytes) -> PaperKind:
    """Tell an ODT from a DOCX, and read it to its last byte.

    Raises:
        Unfit: it is another ZIP, damaged, a bomb, holds macros or something that acts by itself.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _look(archive)
    except Unfit:
        raise
    except Exception as error:  # zipfile, zlib and expat raise a dozen families on hostile bytes
        raise Unfit("damaged") from error


def _look(archive: zipfile.ZipFile) -> PaperKind:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise Unfit("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(entry.compress_type not in _PACKINGS for entry in entries):
        raise Unfit("damaged")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Unfit("password")
    kind = _kind(archive, names)
    _refuse_macros(archive, names)
    for entry in entries:
        _read(archive, entry)
    return kind


def _kind(archive: zipfile.ZipFile, names: list[str]) -> PaperKind:
    if "[Content_Types].xml" in names and "word/document.xml" in names:
        return PaperKind.DOCX
    mime = archive.read("mimetype").strip() if "mimetype" in names else b""
    if mime == _ODT and "content.xml" in names:
        return PaperKind.ODT
    seen = [words for start, words in _OTHERS if any(name.startswith(start) for name in names)]
    raise Unfit("unknown", seen=_OTHER_MIMES.get(mime) or (seen or ["une archive ZIP"])[0])


def _refuse_macros(archive: zipfile.ZipFile, names: list[str]) -> None:
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if b"macroEnabled" in types or b"vbaProject" in types or any(map(_MACROS.search, names)):
        raise Unfit("macros")
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise Unfit("password")
    if any(map(_OLE_OBJECT.search, names)):
        raise Unfit("active", seen="un objet incorporé")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read an entry to its end, which checks its length and its sum; look into what a word processor obeys."""
    name = entry.filename.lower()
    head = seam = b""
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk
            if _SCRIPT_LINK in seam + chunk:
                raise Unfit("macros")
            seam = chunk[-_SEAM:]
    if name.endswith(".rels"):
        if entry.file_size > _LONGEST_LIST:
            raise Unfit("bomb")
        _parse(head, _refuse_relation)
    elif name.endswith(".xml") and head:
        _parse(head, _stop)


class _EnoughError(Exception):
    """The first element has come: definitions may only stand before it."""


def _parse(data: bytes, element: Callable[[str, dict[str, str]], None]) -> None:
    """Parse XML as far as `element` wishes; definitions of its own, which can multiply, are refused."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_definitions
    parser.StartElementHandler = element
    with suppress(_EnoughError):
        parser.Parse(data, True)  # noqa: FBT003 -- expat takes no keyword


def _stop(_name: str, _attributes: dict[str, str]) -> None:
    raise _EnoughError


def _refuse_definitions(_name: str, _system: str | None, _public: str | None, internal: int) -> None:
    if internal:
        raise Unfit("active", seen="des définitions qui se multiplient")


def _refuse_relation(_name: str, attributes: dict[str, str]) -> None:
    """Refuse what a document fetches elsewhere, or takes in whole, without asking."""
    kind = attributes.get("Type", "").rsplit("/", 1)[-1].lower()
    if kind == "vbaproject":
        raise Unfit("macros")
    if kind == "afchunk" or (kind in _FETCHED and attributes.get("TargetMode", "").lower() == "external"):
        raise Unfit("active", seen="un modèle ou un objet à chercher ailleurs")
