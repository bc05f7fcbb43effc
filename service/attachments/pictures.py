"""A picture as it may be kept: what it is by its content, without what it must not tell. Pure."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from kit.errors import BadInput

MAX_PICTURE_BYTES: Final = 8 * 1024 * 1024
# A few kilobytes can unpack to gigabytes; what a phone takes has 50 million points or less.
MAX_POINTS: Final = 50_000_000
# As large as a damaged parcel needs to be looked at.
LONGEST_SIDE: Final = 2048

_TYPES: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew: only its points are the shopper's."""

    content: bytes
    content_type: str
    width: int
    height: int


def read(data: bytes) -> Picture:
    """Check a picture and make it anew: JPEG, PNG, WebP and GIF (its first frame, as PNG).

    Everything beside the points is left behind: EXIF with its place and camera, comments, colour
    profiles, whatever stands after the picture's end. It is turned upright first, and made smaller
    where a side is longer than ``LONGEST_SIDE``. Takes up to a second of CPU: run it in a thread.

    Raises:
        BadInput: Not a picture of these kinds, whatever its name says; too large; broken.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise BadInput(f"the picture is larger than {MAX_PICTURE_BYTES // 2**20} MB")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_TYPES)) as opened:
            kind = opened.format or ""
            if opened.width * opened.height > MAX_POINTS:
                raise BadInput("the picture has too many points")
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _written(upright, kind)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput("not a JPEG, PNG, WebP or GIF picture") from error


def _written(image: Image.Image, kind: str) -> Picture:
    kind = {"GIF": "PNG"}.get(kind, kind)
    clear = kind != "JPEG" and (image.mode in {"RGBA", "LA"} or "transparency" in image.info)
    points = image.convert("RGBA" if clear else "RGB")
    bare = Image.new(points.mode, points.size)
    bare.paste(points)
    out = io.BytesIO()
    bare.save(out, kind, quality=85)
    return Picture(out.getvalue(), _TYPES[kind], *bare.size)
