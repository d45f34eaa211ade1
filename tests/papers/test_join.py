"""Photos of pages become one PDF, upright, light, without what a telephone writes about its owner."""

import io

import pikepdf
import pytest
from PIL import Image

from bot.errors import Refusal
from bot.papers.intake import inspect
from bot.papers.join import join_images
from tests.papers.makers import LIMIT, Maker

make = Maker()
BLUE, RED, WHITE = (0, 0, 255), (255, 0, 0), (255, 255, 255)


def photo(kind: str = "JPEG", *, turned: int = 1) -> bytes:
    """A photo whose upper half is red, with its place and device; `turned` is its EXIF orientation."""
    image = Image.new("RGB", (400, 300), BLUE)
    image.paste(RED, (0, 0, 400, 150))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turned, "TelephoneDeClaire"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 53.0, 7.0)})
    written = io.BytesIO()
    image.save(written, kind, exif=exif, quality=95)
    return written.getvalue()


def pictures_of(data: bytes) -> list[Image.Image]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [Image.open(io.BytesIO(page.resources.XObject.Photo.read_raw_bytes())) for page in pdf.pages]


def colour(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """The nearest plain colour of a point, its place as parts of the whole."""
    found = image.convert("RGB").getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return tuple(255 if value > 127 else 0 for value in found)


def test_photos_of_all_kinds_become_a_page_each_in_their_order() -> None:
    data = join_images([photo("JPEG"), make.image("PNG"), make.image("WEBP"), photo("HEIF")])

    paper = inspect(data, name="cv.pdf", limit=LIMIT)
    assert (paper.kind, paper.pages, paper.blank) == ("pdf", 4, False)
    assert [image.size for image in pictures_of(data)] == [(400, 300), (64, 48), (64, 48), (400, 300)]


@pytest.mark.parametrize(
    ("turned", "size", "red"),
    [
        pytest.param(1, (400, 300), (0.5, 0.1), id="upright"),
        pytest.param(3, (400, 300), (0.5, 0.9), id="head down"),
        pytest.param(6, (300, 400), (0.9, 0.5), id="to the right"),
        pytest.param(8, (300, 400), (0.1, 0.5), id="to the left"),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_taken_sideways_is_upright(
    kind: str, turned: int, size: tuple[int, int], red: tuple[float, float]
) -> None:
    [image] = pictures_of(join_images([photo(kind, turned=turned)]))

    assert (image.size, colour(image, *red), colour(image, 1 - red[0], 1 - red[1])) == (size, RED, BLUE)


def test_neither_place_nor_device_nor_date_is_kept() -> None:
    data = join_images([photo()])

    with pikepdf.open(io.BytesIO(data)) as pdf:
        streams = [pdf.pages[0].resources.XObject.Photo.read_raw_bytes(), pdf.pages[0].obj.Contents.read_bytes()]
        assert sorted(pdf.trailer.keys()) == ["/ID", "/Root", "/Size"]
        assert "/Metadata" not in pdf.Root
    assert [word for word in (b"Exif", b"TelephoneDeClaire", b"GPS") if word in b"".join([data, *streams])] == []


def test_a_sharp_photo_becomes_light() -> None:
    noise = Image.effect_noise((3000, 2250), 60).convert("RGB").resize((6000, 4500), Image.Resampling.NEAREST)
    written = io.BytesIO()
    noise.save(written, "JPEG", quality=95)

    [image] = pictures_of(join_images([written.getvalue()]))

    assert image.size == (2480, 1860)


def test_what_shows_through_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(written, "PNG")

    [image] = pictures_of(join_images([written.getvalue()]))

    assert colour(image, 0.5, 0.5) == WHITE


@pytest.mark.parametrize(("size", "page"), [((64, 48), (842, 595)), ((48, 64), (595, 842))], ids=["wide", "high"])
def test_a_page_is_an_a4_in_the_direction_of_its_photo(size: tuple[int, int], page: tuple[int, int]) -> None:
    with pikepdf.open(io.BytesIO(join_images([make.image("JPEG", size=size)]))) as pdf:
        assert tuple(round(float(side)) for side in pdf.pages[0].mediabox[2:]) == page


def test_the_same_photos_make_the_same_bytes() -> None:
    assert join_images([photo(), photo("PNG")]) == join_images([photo(), photo("PNG")])


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        pytest.param(make.pdf(), "unknown", id="pdf"),
        pytest.param(make.docx(), "unknown", id="docx"),
        pytest.param(photo()[:-40], "damaged", id="cut"),
    ],
)
def test_a_photo_that_cannot_be_joined_is_named_by_its_place(second: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        join_images([photo(), second])

    assert (caught.value.text, caught.value.values["name"]) == (f"dossier/refused_{reason}", "photo 2")
