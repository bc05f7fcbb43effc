"""Colours that can be read: contrast as WCAG 2.2 has it. Pure."""

from typing import Final

AA: Final = 4.5
_WHITE: Final = (255, 255, 255)
_BLACK: Final = (0, 0, 0)

Rgb = tuple[int, int, int]


def parse(colour: str) -> Rgb:
    """``#1f5c4a`` as numbers from 0 to 255."""
    value = int(colour.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def text_of(rgb: Rgb) -> str:
    """The same as ``#rrggbb``."""
    return "#" + "".join(f"{part:02x}" for part in rgb)


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black on white).

    Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def on(background: Rgb) -> Rgb:
    """Black or white, whichever reads better."""
    return max(_WHITE, _BLACK, key=lambda ink: contrast(ink, background))


def readable(colour: Rgb, *backgrounds: Rgb, ratio: float = AA) -> Rgb:
    """The nearest shade of a colour that can be read on every one of the backgrounds."""
    far = on(backgrounds[0])
    for step in range(21):
        shade = mix(colour, far, step / 20)
        if all(contrast(shade, background) >= ratio for background in backgrounds):
            return shade
    return far


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """``one`` with a share of ``other``, from 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
