"""Photographs are judged by content and kept without metadata."""

import io
import struct
import zlib

import pytest
from PIL import Image

from aftersales.complaints import photos
from aftersales.errors import Invalid


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(output, kind, **options)
    return output.getvalue()


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "Phone maker"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (43.0, 30.0, 0.0)
    return picture(exif=exif, comment=b"at home")


def bomb() -> bytes:
    """A small PNG that claims 60,000 x 60,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("kind", photos.FORMATS)
def test_a_photo_is_drawn_anew_as_jpeg(kind: str) -> None:
    [fresh] = photos.checked([picture(kind)])
    with Image.open(io.BytesIO(fresh)) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


def test_place_and_device_are_gone_and_the_picture_stands_upright() -> None:
    original = with_gps()
    assert b"Phone maker" in original
    [fresh] = photos.checked([original])
    with Image.open(io.BytesIO(fresh)) as image:
        assert image.size == (48, 64)
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"Phone maker" not in fresh
    assert b"at home" not in fresh


def test_a_large_photo_is_made_smaller() -> None:
    [fresh] = photos.checked([picture(size=(4000, 3000))])
    with Image.open(io.BytesIO(fresh)) as image:
        assert max(image.size) == photos.LONGEST_SIDE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_photo"),
        (b"MZ\x90 not a picture", "not_a_photo"),
        (SVG, "not_a_photo"),
        (picture("GIF"), "not_a_photo"),
        (picture()[:400], "not_a_photo"),
        (bomb(), "photo_too_many_pixels"),
        (picture("PNG", (7100, 7100)), "photo_too_many_pixels"),
        (picture() + b"\0" * photos.BYTE_LIMIT, "photo_too_large"),
    ],
    ids=["empty", "program", "svg", "gif", "cut off", "bomb", "many pixels", "large"],
)
def test_what_is_no_photo_is_refused_naming_the_row(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        photos.checked([picture(), content])
    assert refusal.value.reason == code
    assert refusal.value.errors[0]["row"] == 2


def test_at_most_six() -> None:
    assert len(photos.checked([picture()] * 6)) == 6
    with pytest.raises(Invalid, match="At most 6"):
        photos.checked([picture()] * 7)
