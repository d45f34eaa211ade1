"""What an attacker would send: refused for its own reason, in less than two seconds, within a bound of memory."""

import io
import struct
import time
import zlib
from collections.abc import Callable

import pikepdf
import pytest

from bot.errors import Refusal
from bot.papers.intake import inspect
from tests.papers.makers import LIMIT, Maker, zeros

make = Maker()
MIB = 1024 * 1024
BOMB = 300 * MIB
Name, Dictionary, Array, String = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array, pikepdf.String
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def script(words: str = "app.alert(1)") -> pikepdf.Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(words))


def attached() -> bytes:
    with pikepdf.open(io.BytesIO(make.pdf())) as pdf:
        pdf.attachments["eicar.com"] = pikepdf.AttachedFileSpec(pdf, EICAR)
        return make.saved(pdf)


def script_in_a_page() -> bytes:
    with pikepdf.open(io.BytesIO(make.pdf())) as pdf:
        pdf.pages[0].obj.AA = Dictionary(O=script())
        return make.saved(pdf)


def script_in_a_list_of_objects() -> bytes:
    with pikepdf.open(io.BytesIO(make.pdf())) as pdf:
        pdf.Root.OpenAction = pdf.make_indirect(script())
        written = io.BytesIO()
        pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert b"JavaScript" not in written.getvalue()
        return written.getvalue()


def script_under_a_coded_name() -> bytes:
    data = make.pdf_with(OpenAction=Dictionary(S=Name.JavaScripX, JS=String("x")))
    return data.replace(b"/JS", b"/#4AS").replace(b"/JavaScripX", b"/Java#53cript")


def script_that_no_page_leads_to() -> bytes:
    data = make.pdf()
    at = data.rindex(b"trailer")
    return data[:at].replace(b"endobj", b"endobj\n77 0 obj\n<</S /JavaScript /JS (x)>>\nendobj", 1) + data[at:]


def pages_that_turn_in_a_ring() -> bytes:
    with pikepdf.open(io.BytesIO(make.pdf())) as pdf:
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)
        return make.saved(pdf)


def no_page() -> bytes:
    with pikepdf.new() as pdf:
        return make.saved(pdf)


def bomb_in_a_list_of_objects() -> bytes:
    packed = zeros(BOMB)
    return (
        b"%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
        + str(len(packed)).encode()
        + b">>\nstream\n"
        + packed
        + b"\nendstream\nendobj\n2 0 obj<</Type/Catalog/Pages 3 0 R>>endobj\n"
        b"3 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n"
        b"4 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Root 2 0 R/Size 5>>\n%%EOF"
    )


def bomb_twice_packed() -> bytes:
    packed = zlib.compress(zeros(BOMB), 9)
    return make.pdf_with_stream(packed, Filter=Array([Name.FlateDecode, Name.FlateDecode]))


def many_objects(count: int) -> bytes:
    lists = b"".join(b"%d 0 obj[%s]endobj\n" % (number, b"1 " * 20) for number in range(9, 9 + count))
    return (
        b"%PDF-1.7\n2 0 obj<</Type/Catalog/Pages 3 0 R>>endobj\n3 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n"
        b"4 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 9 9]>>endobj\n"
        + lists
        + b"trailer<</Root 2 0 R/Size %d>>\n%%%%EOF" % (9 + count)
    )


def png_of(width: int, height: int, data: bytes = b"", extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(make.image("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_many_scans() -> bytes:
    data = make.image("JPEG", size=(4000, 4000), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 200 + data[-2:]


def webp_of(side: int) -> bytes:
    data = bytearray(make.image("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"))
    at = data.index(b"VP8X") + 12
    data[at : at + 6] = (side - 1).to_bytes(3, "little") * 2
    return bytes(data)


def empty_drawing_on_each_page() -> bytes:
    """Two hundred pages, all of the same drawing: four megabytes of spaces."""
    with pikepdf.new() as pdf:
        drawing = pdf.make_stream(zlib.compress(b" " * 4 * MIB, 9), Filter=Name.FlateDecode)
        for _ in range(200):
            pdf.add_blank_page().obj.Contents = drawing
        return make.saved(pdf)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "script at opening": (lambda: make.pdf_with(OpenAction=script()), "active"),
    "script by its name": (
        lambda: make.pdf_with(Names=Dictionary(JavaScript=Dictionary(Names=[String("a"), script()]))),
        "active",
    ),
    "script in a page": (script_in_a_page, "active"),
    "script in a list of objects": (script_in_a_list_of_objects, "active"),
    "script under a coded name": (script_under_a_coded_name, "active"),
    "script that no page leads to": (script_that_no_page_leads_to, "active"),
    "program launched": (lambda: make.pdf_with(OpenAction=Dictionary(S=Name.Launch, F=String("cmd.exe"))), "active"),
    "form sent": (lambda: make.pdf_with(OpenAction=Dictionary(S=Name.SubmitForm, F=String("http://x"))), "active"),
    "other file opened": (lambda: make.pdf_with(OpenAction=Dictionary(S=Name.GoToR, F=String("//x/y"))), "active"),
    "dynamic form": (lambda: make.pdf_with(AcroForm=Dictionary(XFA=String("<x/>"), Fields=[])), "active"),
    "virus attached": (attached, "active"),
    "file in a note": (lambda: make.pdf_with_note(Subtype=Name.FileAttachment), "active"),
    "film": (lambda: make.pdf_with_note(Subtype=Name.RichMedia), "active"),
    "script in a link": (
        lambda: make.pdf_with_note(A=Dictionary(S=Name.URI, URI=String(" Java\nScript:x()"))),
        "active",
    ),
    "link to a share": (lambda: make.pdf_with_note(A=Dictionary(S=Name.URI, URI=String("file://x/y"))), "active"),
    "link to a share, five strokes": (
        lambda: make.pdf_with_note(A=Dictionary(S=Name.URI, URI=String("file://///x/y"))),
        "active",
    ),
    "locked pdf": (lambda: make.pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "password"),
    "cut pdf": (lambda: make.pdf()[:60], "damaged"),
    "pdf cut after its first pages": (lambda: make.pdf(3)[: len(make.pdf(3)) * 2 // 3], "damaged"),
    "pdf of its first line": (lambda: b"%PDF-1.7\n", "damaged"),
    "pdf without a page": (no_page, "no_page"),
    "pages in a ring": (pages_that_turn_in_a_ring, "damaged"),
    "bomb in a page": (lambda: make.pdf_with_stream(zeros(BOMB), Filter=Name.FlateDecode), "bomb"),
    "bomb twice packed": (bomb_twice_packed, "bomb"),
    "bomb in a list of objects": (bomb_in_a_list_of_objects, "bomb"),
    "picture of 60000 × 60000 in a pdf": (
        lambda: make.pdf_with_stream(b"", Subtype=Name.Image, Width=60000, Height=60000, Filter=Name.DCTDecode),
        "bomb",
    ),
    "pdf of 70,000 objects": (lambda: many_objects(70_000), "too_complex"),
    "pdf of 59,000 lists": (lambda: many_objects(59_000), "too_complex"),
    "pdf of 5000 pages": (lambda: make.pdf(5000), "too_many_pages"),
    "png of 60000 × 60000": (lambda: png_of(60000, 60000, zeros(MIB)), "huge_picture"),
    "png of 9000 × 9000": (lambda: png_of(9000, 9000, zeros(MIB)), "huge_picture"),
    "jpeg of 65000 × 65000": (lambda: jpeg_of(65000, 65000), "huge_picture"),
    "jpeg of many scans": (jpeg_of_many_scans, "bomb"),
    "webp of 16383 × 16383": (lambda: webp_of(16383), "huge_picture"),
    "png with a bomb of words": (
        lambda: png_of(1, 1, zlib.compress(bytes(4)), chunk(b"zTXt", b"a\0\0" + zeros(BOMB))),
        "damaged",
    ),
    "cut jpeg": (lambda: make.image("JPEG")[:-60], "damaged"),
    "cut png": (lambda: make.image("PNG")[:-30], "damaged"),
    "cut webp": (lambda: make.image("WEBP")[:-30], "damaged"),
    "cut heic": (lambda: make.image("HEIF")[:-30], "damaged"),
    "virus": (lambda: EICAR, "unknown"),
}


@pytest.mark.parametrize(("maker", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_for_its_reason_and_soon(maker: Callable[[], bytes], reason: str) -> None:
    data = maker()
    start = time.perf_counter()

    with pytest.raises(Refusal) as caught:
        inspect(data, name="cv.pdf", limit=LIMIT)

    assert caught.value.text == f"dossier/refused_{reason}"
    assert time.perf_counter() - start < 30  # it used to hang: no figure of speed


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(empty_drawing_on_each_page, id="200 pages of spaces"),
        pytest.param(
            lambda: make.image("PNG", size=(7700, 7700), mode="RGBA", compress_level=1), id="png of 59 million points"
        ),
        pytest.param(lambda: make.image("JPEG", size=(7700, 7700), progressive=True), id="jpeg of 59 million points"),
    ],
)
def test_a_paper_at_the_limits_is_kept_and_soon(maker: Callable[[], bytes]) -> None:
    data = maker()
    start = time.perf_counter()

    inspect(data, name="cv.pdf", limit=LIMIT)

    assert time.perf_counter() - start < 30  # it used to hang: no figure of speed


@pytest.mark.parametrize(
    "line", [b"1 0 obj\n", b"<<", b"(", b"[", b"xref\n", b"1 0 obj<</A 1 0 R>>endobj\n", b"stream\n", b"%%EOF\n"]
)
def test_a_broken_pdf_of_the_greatest_size_is_refused_soon(line: bytes) -> None:
    data = b"%PDF-1.7\n" + line * ((LIMIT - 9) // len(line))
    start = time.perf_counter()

    with pytest.raises(Refusal, match="dossier/refused_damaged"):
        inspect(data, name="cv.pdf", limit=LIMIT)

    assert time.perf_counter() - start < 30  # it used to hang: no figure of speed
