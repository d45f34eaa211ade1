"""Real papers, made here: what people send and what an attacker would."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import pikepdf
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()  # Pillow writes a HEIC only so

LIMIT = 20 * 1024 * 1024


class Maker:
    """Makes the bytes of papers."""

    def pdf(
        self, pages: int = 1, *, drawing: bytes = b"0 0 m 9 9 l S", encryption: pikepdf.Encryption | bool = False
    ) -> bytes:
        """A PDF of some pages."""
        with pikepdf.new() as pdf:
            for _ in range(pages):
                pdf.add_blank_page().obj.Contents = pdf.make_stream(drawing)
            return self.saved(pdf, encryption=encryption)

    def pdf_with(self, **root: Any) -> bytes:
        """A PDF of one page, with more in its root."""
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            for key, value in root.items():
                pdf.Root[f"/{key}"] = pdf.make_indirect(value) if isinstance(value, pikepdf.Dictionary) else value
            return self.saved(pdf)

    def pdf_with_note(self, **note: Any) -> bytes:
        """A PDF of one page that bears an annotation."""
        with pikepdf.new() as pdf:
            page = pdf.add_blank_page()
            page.obj.Annots = pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[0, 0, 9, 9], **note)])
            return self.saved(pdf)

    def pdf_with_stream(self, data: bytes, **entries: Any) -> bytes:
        """A PDF of one page that draws what a stream holds, its bytes as given."""
        with pikepdf.new() as pdf:
            pdf.add_blank_page().obj.Contents = pdf.make_stream(data, **entries)
            return self.saved(pdf)

    def saved(self, pdf: pikepdf.Pdf, *, encryption: pikepdf.Encryption | bool = False) -> bytes:
        """The bytes of a PDF, its streams untouched."""
        written = io.BytesIO()
        if encryption:
            pdf.save(written, encryption=encryption)
        else:
            pdf.save(written, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
        return written.getvalue()

    def image(self, kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
        """A picture that is not of one colour."""
        written = io.BytesIO()
        Image.linear_gradient("L").resize(size).convert(mode).save(written, kind, **options)
        return written.getvalue()

    def zip(self, entries: Mapping[str, bytes | str]) -> bytes:
        """A ZIP of some entries."""
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # of 1980: the same bytes each time
        return written.getvalue()

    def docx(self, **more: bytes | str) -> bytes:
        """A DOCX of one sentence; `more` are entries, « __ » standing for « / »."""
        extra = {name.replace("__", "/"): data for name, data in more.items()}
        return self.zip(
            {
                "[Content_Types].xml": '<?xml version="1.0"?><Types/>',
                "_rels/.rels": '<?xml version="1.0"?><Relationships/>',
                "word/document.xml": '<?xml version="1.0"?><w:document>Bonjour</w:document>',
                **extra,
            }
        )

    def odt(self, mime: str = "application/vnd.oasis.opendocument.text", **more: bytes | str) -> bytes:
        """An ODT of one sentence; `more` as for a DOCX."""
        extra = {name.replace("__", "/"): data for name, data in more.items()}
        return self.zip({"mimetype": mime, "content.xml": "<office>Bonjour</office>", **extra})


@cache
def zeros(size: int) -> bytes:
    """That many zeros, deflated: a megabyte of them, and again."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    megabyte = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + megabyte * (size >> 20) + b"\x03\x00" + struct.pack(">I", size % 65521 << 16 | 1)
