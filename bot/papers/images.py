"""Photos and scans: opened by the decoder of their own kind alone, under a limit of size."""

import io
import threading

import pillow_heif
from PIL import Image

from bot.papers.paper import PaperKind, Unfit

MOST_PIXELS = 60_000_000  # 180 MB once decoded; the sharpest telephones make 50 million
_MOST_SCANS = 40  # of a JPEG: a progressive one has about ten, and each costs a passage over all its points

# One picture at a time: a sharp one takes some hundreds of megabytes while it is decoded.
DECODING = threading.Lock()

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def open_image(data: bytes, kind: PaperKind) -> Image.Image:
    """The picture, not decoded yet.

    Raises:
        Unfit: it is too big to be decoded.
    """
    if kind is PaperKind.JPEG and data.count(b"\xff\xda") > _MOST_SCANS:
        raise Unfit("bomb")
    try:
        image = Image.open(io.BytesIO(data), formats=[kind.upper()])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit("huge_picture", limit=MOST_PIXELS // 1_000_000) from error
    if image.width * image.height > MOST_PIXELS:
        raise Unfit("huge_picture", limit=MOST_PIXELS // 1_000_000)
    return image


def look_at_image(data: bytes, kind: PaperKind) -> bool:
    """Decode a picture to its last line, so that a cut one is found.

    Returns:
        Whether it is of one colour everywhere.

    Raises:
        Unfit: it cannot be decoded, or is too big.
    """
    try:
        with DECODING, open_image(data, kind) as image:
            image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))  # a JPEG takes an eighth
            image.load()
            return all(low == high for low, high in _extremes(image))
    except Unfit:
        raise
    except Exception as error:  # decoders raise a dozen families on hostile bytes: all mean « damaged »
        raise Unfit("damaged") from error


def _extremes(image: Image.Image) -> list[tuple[float, float]]:
    """The darkest and the lightest value of each band."""
    found = image.getextrema()
    return [found] if isinstance(found[0], int | float) else list(found)
