"""What may be kept of a picture, and what may not."""

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kit.errors import BadInput
from service.attachments.pictures import LONGEST_SIDE, MAX_PICTURE_BYTES, read


def photo(kind="JPEG", size=(40, 20), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def test_metadata_is_left_behind_and_the_picture_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "at home"
    exif.get_ifd(0x8825)[1] = "N"  # a place
    kept = read(photo(exif=exif.tobytes(), comment=b"at home") + b"<script>at home</script>")
    assert b"at home" not in kept.content
    again = Image.open(io.BytesIO(kept.content))
    assert not again.getexif()
    assert (again.size, kept.content_type) == ((20, 40), "image/jpeg")


def test_a_large_picture_is_made_smaller():
    kept = read(photo(size=(5000, 100)))
    assert (kept.width, kept.height) == (LONGEST_SIDE, 41)


@pytest.mark.parametrize(
    ("kind", "mode", "content_type"),
    [
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("WEBP", "RGB", "image/webp"),
        ("GIF", "P", "image/png"),
        ("JPEG", "CMYK", "image/jpeg"),
    ],
)
def test_each_kind_is_kept(kind, mode, content_type):
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, kind)
    assert read(out.getvalue()).content_type == content_type


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"%PDF-1.7",
        photo("BMP"),
        photo("TIFF"),
        photo()[:200],
        photo("PNG", mode="1", size=(30_000, 30_000)),  # a bomb: 110 KB, 900 million points
        b"\xff" * (MAX_PICTURE_BYTES + 1),
    ],
    ids=["nothing", "svg", "pdf", "bmp", "tiff", "half", "bomb", "too large"],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BadInput):
        read(data)


@given(st.binary(max_size=300), st.integers(0, 600))
@settings(max_examples=100, deadline=None)
def test_a_broken_picture_is_refused_or_read_and_never_breaks_us(noise, at):
    whole = photo("PNG")
    with contextlib.suppress(BadInput):
        read(whole[:at] + noise + whole[at + len(noise) :])
