"""Photographs that strangers send: judged by their content, never by their name, and kept only as drawn anew."""

import io
import struct
import warnings
import zlib
from collections.abc import Sequence

from PIL import Image, ImageOps, UnidentifiedImageError

from aftersales.errors import Invalid
from aftersales.translate import N_

MOST_PHOTOS = 6
BYTE_LIMIT = 10 * 1024 * 1024
PIXEL_LIMIT = 50_000_000
LONGEST_SIDE = 2048
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"

# Pillow only warns of a decompression bomb; here that is a refusal.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)
_READ_FAULTS = (
    UnidentifiedImageError,
    ArithmeticError,
    LookupError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    MemoryError,
)


def checked(photos: Sequence[bytes]) -> list[bytes]:
    """Return photographs as fresh JPEGs of at most 2048 pixels a side, without any metadata (no place, no device).

    :param photos: at most six files of at most 10 MB and 50 million pixels each; JPEG, PNG or WebP.
    :raises Invalid: naming the row (counted from 1) of the file that is refused.
    """
    if len(photos) > MOST_PHOTOS:
        raise Invalid(
            N_("At most %(limit)s photos can be sent with one report"), code="too_many_photos", limit=MOST_PHOTOS
        )
    return [_redrawn(content, row) for row, content in enumerate(photos, start=1)]


def _refused(row: int, code: str, message: str, **params: object) -> Invalid:
    item = {"row": row, "field": "photos", "message": message, "params": {"row": row, **params}}
    return Invalid(message, code=code, errors=[item], row=row, **params)


def _redrawn(content: bytes, row: int) -> bytes:
    if len(content) > BYTE_LIMIT:
        limit = BYTE_LIMIT // 1024 // 1024
        raise _refused(row, "photo_too_large", N_("Photo %(row)s is larger than %(limit)s MB"), limit=limit)
    try:
        with _opened(content, row) as image:
            image.verify()
        # verify() leaves the image unusable, so it is opened again to be drawn.
        with _opened(content, row) as image:
            return _jpeg(image)
    except _BOMBS as bomb:
        raise _too_many_pixels(row) from bomb
    except _READ_FAULTS as fault:
        message = N_("Photo %(row)s is not a picture that can be read (JPEG, PNG or WebP)")
        raise _refused(row, "not_a_photo", message) from fault


def _too_many_pixels(row: int) -> Invalid:
    message = N_("Photo %(row)s has more than %(limit)s million pixels")
    return _refused(row, "photo_too_many_pixels", message, limit=PIXEL_LIMIT // 1_000_000)


def _opened(content: bytes, row: int) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > PIXEL_LIMIT:
        raise _too_many_pixels(row)
    return image


def _jpeg(image: Image.Image) -> bytes:
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.info.clear()
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    output = io.BytesIO()
    upright.save(output, "JPEG", quality=85)
    return output.getvalue()
