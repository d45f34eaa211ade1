"""ODT and DOCX: a ZIP whose structure is read under limits; nothing in it is ever run or fetched."""

import io
import re
import zipfile

from bot.papers.paper import MIB, PaperKind, Unfit

_MOST_ENTRIES = 2000
_MOST_BYTES = 100 * MIB  # unpacked, all together
_CHUNK = MIB
_ENCRYPTED = 0x1
_MACROS = re.compile(r"(?:^|/)(?:vba\w*\.bin|vbadata\.xml)$|^(?:Basic|Scripts)/.+", re.IGNORECASE)
_OLE_OBJECT = re.compile(r"(?:^|/)(?:oleObject[^/]*\.bin|activeX/.+)$|^Object [^/]*$", re.IGNORECASE)
_FETCHED = re.compile(
    rb"<Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)(?=[^>]*/(?:attachedTemplate|oleObject|frame|subDocument)[\"'])"
)
_READ_WHOLE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")

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
    except Exception as error:  # zipfile, zlib, bz2 and lzma raise a dozen families on hostile bytes
        raise Unfit("damaged") from error


def _look(archive: zipfile.ZipFile) -> PaperKind:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise Unfit("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
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
    if mime.startswith(_ODT) and "content.xml" in names:
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
    """Read an entry to its end, which checks its length and its sum; look into what names other files."""
    head = b""
    with archive.open(entry) as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk
    if not entry.filename.lower().endswith((".xml", ".rels", ".rdf")):
        return
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise Unfit("active", seen="des définitions qui se multiplient")
    if entry.filename.endswith(".rels") and _FETCHED.search(head):
        raise Unfit("active", seen="un modèle ou un objet à chercher ailleurs")
