"""PDF: its structure is read under limits; a PDF that acts by itself is refused, links and forms are not."""

import io
import re
import zlib

from bot.papers.paper import MIB, Unfit
from bot.papers.qpdf import pikepdf

MOST_PAGES = 200
_MOST_OBJECTS = 60_000
_MOST_STEPS = 600_000  # keys and items looked at: about 1.5 s
_MOST_LINES = 600_000  # twenty megabytes of scans have about 160,000
_MOST_UNPACKED = 256 * MIB  # what is not a picture, all together
_MOST_PIXELS = 400_000_000  # a picture in a PDF: an A0 plan at 300 dpi has 139 million
_END = b"startxref"  # what the end of every PDF begins with
_TAIL = 4096  # bytes in which it stands; the format says 1,024, some mailers add a line
_NO_PAGE = "no pages found"  # qpdf's own words, when it opens the file
_FEW = 4096  # bytes of drawing, packed, beyond which a page is not looked at for being blank
_SOME = MIB  # bytes of drawing, unpacked, that are looked at in all
_DRAWS = re.compile(rb"(?<![^\s\])>])(?:Tj|TJ|'|\"|Do|[fFbB]\*?|[sS]|sh|BI)(?![^\s\[<(/])")
_NO_SPACE = re.compile(r"[\s\0-\x1f]")
# What is no link to the web, to mail, or to a place on the person's own disk (which word processors leave behind).
_OTHER_LINK = re.compile(r"javascript:|vbscript:|data:|\\\\|//|file:(?!///[^/\\])", re.IGNORECASE)

_ACTIONS = {
    "/JavaScript": "du code JavaScript",
    "/Launch": "le lancement d’un programme",
    "/SubmitForm": "l’envoi d’un formulaire",
    "/ImportData": "l’import de données",
    "/GoToR": "un lien vers un autre fichier",
    "/GoToE": "un lien vers un fichier joint",
    "/Rendition": "un contenu multimédia",
    "/Movie": "un contenu multimédia",
    "/Sound": "un contenu multimédia",
    "/GoTo3DView": "un contenu en 3D",
    "/RichMediaExecute": "un contenu multimédia",
}
_ANNOTATIONS = {
    "/FileAttachment": "un fichier joint",
    "/RichMedia": "un contenu multimédia",
    "/Screen": "un contenu multimédia",
    "/Movie": "un contenu multimédia",
    "/Sound": "un contenu multimédia",
    "/3D": "un contenu en 3D",
}
_KEYS = {
    "/JS": "du code JavaScript",
    "/EF": "un fichier joint",
    "/EmbeddedFiles": "un fichier joint",
    "/XFA": "un formulaire dynamique (XFA)",
    "/Collection": "un porte-documents",
}
_EXPANDING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})


def look_at_pdf(data: bytes) -> tuple[int, bool]:
    """Count the pages of a PDF that does nothing by itself.

    Returns:
        The number of pages, and whether nothing is drawn on any of them.

    Raises:
        Unfit: it is damaged, locked, acts by itself, is a bomb, or has no page or too many.
    """
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=_may_be_mended(data)) as pdf:
            found = _look(pdf)
    except Unfit:
        raise
    except pikepdf.PasswordError as error:
        raise Unfit("password") from error
    except pikepdf.PdfError as error:
        raise Unfit("no_page" if _NO_PAGE in str(error) else "damaged") from error
    except Exception as error:  # Python's, on values of another type than the format says
        raise Unfit("damaged") from error
    if _END not in data.rstrip(b"\0")[-_TAIL:]:  # a file cut on its way opens, with pages that lost their words
        raise Unfit("damaged")
    return found


def _may_be_mended(data: bytes) -> bool:
    """Whether looking for the objects of a PDF without a good table is soon done; it goes line by line."""
    return data.count(b"\n") + data.count(b"\r") <= _MOST_LINES


def _look(pdf: pikepdf.Pdf) -> tuple[int, bool]:
    if len(pdf.objects) > _MOST_OBJECTS:
        raise Unfit("too_complex")
    _Walk().through(pdf)
    pages = len(pdf.pages)
    if pages > MOST_PAGES:
        raise Unfit("too_many_pages", pages=pages, limit=MOST_PAGES)
    return pages, _is_blank(pdf)


class _Walk:
    """Looks at every object of a PDF, also those that no page leads to."""

    def __init__(self) -> None:
        self.steps = 0
        self.unpacked = 0

    def through(self, pdf: pikepdf.Pdf) -> None:
        self._node(pdf.trailer)
        for item in pdf.objects:
            self._node(item)

    def _node(self, item: object) -> None:
        self._step()
        if isinstance(item, pikepdf.Stream):
            self._dictionary(item.stream_dict)
            self._stream(item)
        elif isinstance(item, pikepdf.Dictionary):
            self._dictionary(item)
        elif isinstance(item, pikepdf.Array):
            for child in item:
                self._child(child)

    def _child(self, child: object) -> None:
        """What stands in the object itself; what it refers to has its own turn."""
        self._step()
        if isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect:
            self._node(child)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise Unfit("too_complex")

    def _dictionary(self, item: pikepdf.Dictionary) -> None:
        for key, value in item.items():
            if key in _KEYS:
                raise Unfit("active", seen=_KEYS[key])
            if key == "/S" and str(value) in _ACTIONS:
                raise Unfit("active", seen=_ACTIONS[str(value)])
            if key == "/Subtype" and str(value) in _ANNOTATIONS:
                raise Unfit("active", seen=_ANNOTATIONS[str(value)])
            if key == "/URI" and isinstance(value, pikepdf.String) and _OTHER_LINK.match(_NO_SPACE.sub("", str(value))):
                raise Unfit("active", seen="un lien qui n’est pas un lien web")
            self._child(value)

    def _stream(self, stream: pikepdf.Stream) -> None:
        filters = _filters(stream)
        if sum(name in _EXPANDING for name in filters) > 1:
            raise Unfit("bomb")
        if stream.get("/Subtype") == "/Image":
            if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > _MOST_PIXELS:
                raise Unfit("bomb")
        elif filters and filters[0] in {"/FlateDecode", "/Fl"}:
            self._unpack(stream.read_raw_bytes())

    def _unpack(self, packed: bytes) -> None:
        """Count what a stream unpacks to, without keeping it; a damaged one is the reader's affair."""
        unpacker = zlib.decompressobj()
        try:
            while packed and not unpacker.eof:
                self.unpacked += len(unpacker.decompress(packed, MIB))
                packed = unpacker.unconsumed_tail
                if self.unpacked > _MOST_UNPACKED:
                    raise Unfit("bomb")
        except zlib.error:
            return


def _filters(stream: pikepdf.Stream) -> list[str]:
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _is_blank(pdf: pikepdf.Pdf) -> bool:
    """Whether nothing is drawn on any page, notes and fields included; no when there is much to look at."""
    looked = 0
    for page in pdf.pages:
        streams = _contents(page)
        if len(page.obj.get("/Annots", ())) or sum(len(stream.read_raw_bytes()) for stream in streams) > _FEW:
            return False
        for stream in streams:
            drawing = stream.read_bytes()
            looked += len(drawing)
            if looked > _SOME or _DRAWS.search(drawing):
                return False
    return True


def _contents(page: pikepdf.Page) -> list[pikepdf.Stream]:
    found = page.obj.get("/Contents", ())
    items = list(found) if isinstance(found, pikepdf.Array) else [found]
    return [item for item in items if isinstance(item, pikepdf.Stream)]
