"""Photos of pages become one PDF, upright, of a reasonable size, without what a telephone writes about its owner."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.papers.paper import Unfit
from bot.papers.sniff import kind_of

if TYPE_CHECKING:
    from PIL import Image

    from bot.papers.qpdf import pikepdf

_LONG_SIDE = 2480  # pixels: the width of an A4 page at 300 points per inch, enough to read small print
_QUALITY = 80
_A4 = (595.28, 841.89)  # points
_WHITE = (255, 255, 255)


def join_images(images: Sequence[bytes]) -> bytes:
    """One PDF of several photos, one A4 page each, in their order; the same for the same photos.

    Args:
        images: pictures that `inspect` accepted.

    Returns:
        A PDF without date, author, place or device.

    Raises:
        Refusal: one of them is no picture, or cannot be decoded.
    """
    from bot.papers.qpdf import pikepdf

    pdf = pikepdf.new()
    for number, data in enumerate(images, 1):
        try:
            _add_page(pdf, upright(data))
        except Unfit as unfit:
            raise unfit.refusal(f"photo {number}") from unfit
    written = io.BytesIO()
    pdf.save(written, deterministic_id=True)
    return written.getvalue()


def upright(data: bytes) -> "Image.Image":
    """The photo as it was seen, on white, with nothing but its colours.

    Raises:
        Unfit: it is no picture, or cannot be decoded.
    """
    from PIL import Image, ImageOps

    from bot.papers.images import DECODING, open_image

    kind = kind_of(data)
    if kind is None or not kind.is_image:
        raise Unfit("unknown", seen="autre chose qu’une photo")
    try:
        with DECODING, open_image(data, kind) as image:
            image.draft("RGB", (_LONG_SIDE, _LONG_SIDE))
            turned = ImageOps.exif_transpose(image)
            turned.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
            return _on_white(turned)
    except Unfit:
        raise
    except Exception as error:  # decoders raise a dozen families on hostile bytes: all mean « damaged »
        raise Unfit("damaged") from error


def jpeg(picture: "Image.Image") -> bytes:
    """The picture as a light JPEG."""
    coded = io.BytesIO()
    picture.save(coded, "JPEG", quality=_QUALITY, optimize=True)
    return coded.getvalue()


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    page = Image.new("RGB", seen.size, _WHITE)
    page.paste(seen, mask=seen.getchannel("A"))
    return page


def _add_page(pdf: "pikepdf.Pdf", picture: "Image.Image") -> None:
    """A page in the direction of the picture, which fills it as far as its shape allows."""
    from bot.papers.qpdf import pikepdf

    width, height = _A4 if picture.height >= picture.width else _A4[::-1]
    scale = min(width / picture.width, height / picture.height)
    shown_width, shown_height = picture.width * scale, picture.height * scale
    left, bottom = (width - shown_width) / 2, (height - shown_height) / 2
    page = pdf.add_blank_page(page_size=(width, height))
    stream = pdf.make_stream(
        jpeg(picture),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=stream))
    drawing = f"q {shown_width:.2f} 0 0 {shown_height:.2f} {left:.2f} {bottom:.2f} cm /Photo Do Q"
    page.obj.Contents = pdf.make_stream(drawing.encode())
