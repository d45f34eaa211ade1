"""What an attacker would send as an ODT, a DOCX or an old document: refused for its own reason, and soon."""

import io
import struct
import time
import zipfile
from collections.abc import Callable

import pytest

from bot.errors import Refusal
from bot.papers.intake import inspect
from tests.papers.makers import LIMIT, Maker

make = Maker()
MIB = 1024 * 1024


def zip_that_lies() -> bytes:
    """Its list says that an entry has ten bytes; it has ten million."""
    data = bytearray(make.docx(word__media__a_xml=bytes(10_000_000)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def twice_the_same_entry() -> bytes:
    written = io.BytesIO(make.docx())
    with zipfile.ZipFile(written, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<other/>")
    return written.getvalue()


def locked_entry() -> bytes:
    data = bytearray(make.docx())
    for at in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[at] |= 1
    return bytes(data)


def docx_packed_slowly() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    return written.getvalue()


TEMPLATE = (
    '<?xml version="1.0"?><Relationships><Relationship Id="r" TargetMode="External" Target="http://x.example/t.dotm"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)
LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w:document>&b;</w:document>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "docx with macros": (
        lambda: make.zip({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "word/vbaProject.bin": b"x"}),
        "macros",
    ),
    "docm called docx": (
        lambda: make.zip(
            {
                "[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml",
                "word/document.xml": "<x/>",
            }
        ),
        "macros",
    ),
    "odt with macros": (
        lambda: make.zip(
            {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>", "Basic/Standard/a.xml": "x"}
        ),
        "macros",
    ),
    "docx with a hidden object": (
        lambda: make.zip(
            {"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "word/embeddings/oleObject1.bin": b"x"}
        ),
        "active",
    ),
    "docx that fetches a template": (
        lambda: make.zip(
            {"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "word/_rels/settings.xml.rels": TEMPLATE}
        ),
        "active",
    ),
    "docx that multiplies": (lambda: make.zip({"[Content_Types].xml": "<x/>", "word/document.xml": LAUGHS}), "active"),
    "docx that multiplies, in wide letters": (
        lambda: make.zip({"[Content_Types].xml": "<x/>", "word/document.xml": LAUGHS.encode("utf-16")}),
        "active",
    ),
    "docx that takes in a page": (
        lambda: make.zip(
            {
                "[Content_Types].xml": "<x/>",
                "word/document.xml": "<x/>",
                "word/_rels/document.xml.rels": "<R><Relationship Type='http://x/aFChunk' Target='p>.html'/></R>",
            }
        ),
        "active",
    ),
    "docx with macros under another name": (
        lambda: make.zip(
            {
                "[Content_Types].xml": "<x/>",
                "word/document.xml": "<x/>",
                "word/_rels/document.xml.rels": "<R><Relationship Type='http://x/vbaProject' Target='a'/></R>",
            }
        ),
        "macros",
    ),
    "docx with a long unclosed list": (
        lambda: make.zip(
            {"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "_rels/.rels": "<Relationship " * 70_000}
        ),
        "damaged",
    ),
    "docx with a list of two megabytes": (
        lambda: make.zip({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "_rels/.rels": " " * 2 * MIB}),
        "bomb",
    ),
    "docx whose text is no XML": (
        lambda: make.zip({"[Content_Types].xml": "<x/>", "word/document.xml": "x"}),
        "damaged",
    ),
    "odt that calls a program": (
        lambda: make.zip(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": "<x>" + " " * (MIB - 10) + "<a href='vnd.sun.star.script:os.system'/></x>",
            }
        ),
        "macros",
    ),
    "docx packed slowly": (docx_packed_slowly, "damaged"),
    "docx bomb": (lambda: make.docx(word__media__a=bytes(200 * MIB)), "bomb"),
    "docx of 3000 entries": (lambda: make.docx(**{f"a{number}": "" for number in range(3000)}), "bomb"),
    "docx that lies": (zip_that_lies, "damaged"),
    "docx with an entry twice": (twice_the_same_entry, "damaged"),
    "docx with a locked entry": (locked_entry, "password"),
    "cut docx": (lambda: make.docx()[:-30], "damaged"),
    "locked odt": (
        lambda: make.zip(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": "<x/>",
                "META-INF/manifest.xml": "<manifest:encryption-data/>",
            }
        ),
        "password",
    ),
    "locked docx": (lambda: OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "password"),
    "doc": (lambda: OLE + bytes(500), "old_word"),
}


@pytest.mark.parametrize(("maker", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_refused_for_its_reason_and_soon(maker: Callable[[], bytes], reason: str) -> None:
    data = maker()
    start = time.perf_counter()

    with pytest.raises(Refusal) as caught:
        inspect(data, name="cv.docx", limit=LIMIT)

    assert caught.value.text == f"dossier/refused_{reason}"
    assert time.perf_counter() - start < 30  # it would hang: no figure of speed
