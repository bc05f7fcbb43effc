"""How the shop looks: ``page`` of ``shop.yml`` read, checked, and made into a style sheet.

The file is read again when it changes, so that an edit is seen at the next visit. A file that
cannot be read leaves the page in the plain look and the reason in the log: a slip in a colour must
not take the page away from those who wait for a parcel.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kit.errors import BadInput
from kit.shop_file import SHOP, section
from service.tracking_page import colour as colours

# Backgrounds of ``tokens.css`` that accents stand on, light and dark.
_LIGHT: Final = (colours.parse("#ffffff"), colours.parse("#f6f5f1"))
_DARK: Final = (colours.parse("#1a201d"), colours.parse("#121614"))
MEDIA_TYPES: Final = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

log = structlog.get_logger()

Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
Web = Annotated[str, Field(pattern=r"^https?://[^\s\"'<>]+$", max_length=500)]
# Letters and digits of ASCII: those of every script take six megabytes of tables.
_FILE: Final = "[A-Za-z0-9_-][A-Za-z0-9_.-]*"
Picture = Annotated[str, Field(pattern=rf"^{_FILE}\.(avif|jpe?g|png|svg|webp)$")]
Folder = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Slot = Literal["top", "middle", "bottom"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Font(_Part):
    """A typeface of the shop's own, served by us."""

    family: Annotated[str, Field(pattern=r"^[A-Za-z0-9_ -]{1,60}$")]
    file: Annotated[str, Field(pattern=rf"^{_FILE}\.woff2$")]


class Banner(_Part):
    """A picture or words, or both, that lead into the shop.

    Attributes:
        slot: Above the parcels, between parcels and products, or at the end.
    """

    slot: Slot
    title: Words
    text: Words | None = None
    image: Picture | None = None
    alt: str = Field("", max_length=200)
    url: Web | None = None


class Product(_Part):
    """Something that goes well with what was bought. ``price``: as it is to be shown."""

    title: Words
    url: Web
    image: Picture | None = None
    price: str | None = Field(None, max_length=30)


class Campaign(_Part):
    """What the shop's statistics see where a visitor came from here."""

    source: str = Field("wismo", max_length=60)
    medium: str = Field("tracking-page", max_length=60)
    name: str = Field("tracking", max_length=60)


class Pickup(_Part):
    """A place where parcels wait, that the shop knows more of than the carrier says.

    Attributes:
        place: As the carrier's scans name it; compared without regard to case.
    """

    place: Words
    name: Words
    address: Words | None = None
    hours: tuple[Words, ...] = Field((), max_length=14)


class Brand(_Part):
    """Section ``page`` of ``shop.yml``; everything is optional.

    Attributes:
        folder: Where its files are, as seen from ``shop.yml``.
    """

    folder: Folder = ""
    name: Words | None = None
    home: Web | None = None
    logo: Picture | None = None
    logo_dark: Picture | None = None
    colour: Colour = "#1f5c4a"
    colour_dark: Colour | None = None
    font: Font | None = None
    corners: int = Field(12, ge=0, le=32)
    contact: Web | None = None
    returns: Web | None = None
    privacy: Web | None = None
    campaign: Campaign = Campaign()
    banners: tuple[Banner, ...] = Field((), max_length=6)
    products_title: Words | None = None
    products: tuple[Product, ...] = Field((), max_length=8)
    pickup_points: tuple[Pickup, ...] = Field((), max_length=500)

    def files(self) -> frozenset[str]:
        """Names of the files that the page shows."""
        named = [self.logo, self.logo_dark, self.font.file if self.font else None]
        named += [banner.image for banner in self.banners]
        named += [product.image for product in self.products]
        return frozenset(name for name in named if name)

    def tagged(self, url: str, content: str) -> str:
        """An address in the shop with the campaign's parameters; those it has itself stay.

        Args:
            content: What was pressed: ``banner-1``, ``product-2``.
        """
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        ours = {
            "utm_source": self.campaign.source,
            "utm_medium": self.campaign.medium,
            "utm_campaign": self.campaign.name,
            "utm_content": content,
        }
        return urlunsplit(parts._replace(query=urlencode(ours | query)))


@dataclass(frozen=True, slots=True)
class Look:
    """A brand that is ready to be shown.

    Attributes:
        css: Its style sheet; the page's own comes before it.
        folder: Where its files lie.
        versions: The hash of each file's content, by name.
    """

    brand: Brand
    css: str
    version: str
    folder: Path
    versions: dict[str, str]


def parse(text: str) -> Brand:
    """Read section ``page`` of ``shop.yml``.

    Raises:
        BadInput: Not YAML, or something in it is not as it must be; says where and why, one a line.
    """
    try:
        return Brand.model_validate(section(text, "page"))
    except ValidationError as error:
        wrong = (f"page.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadInput("\n".join(wrong)) from error


def look(path: Path) -> Look:
    """The shop's look as its file has it now; the plain one where there is no file."""
    try:
        changed_ns = path.stat().st_mtime_ns
    except FileNotFoundError:
        return _plain()
    return _read(path, changed_ns)


def dress(brand: Brand, beside: Path) -> Look:
    """Make a brand ready to be shown. A file that is not there is left out, and logged.

    Args:
        beside: The folder of ``shop.yml``.
    """
    folder, versions = beside / brand.folder, {}
    for name in sorted(brand.files()):
        file = folder / name
        if file.is_file():
            versions[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        else:
            log.warning("shop_file_missing", file=name)
    css = _css(brand, versions)
    return Look(brand, css, hashlib.sha256(css.encode()).hexdigest()[:12], folder, versions)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> Look:
    try:
        brand = parse(path.read_text("utf-8"))
    except (BadInput, UnicodeDecodeError) as error:
        log.error("shop_file_refused", file=path.name, why=str(error))
        return _plain()
    return dress(brand, path.parent)


@lru_cache(maxsize=1)
def _plain() -> Look:
    return dress(Brand(), SHOP.parent)


def _css(brand: Brand, versions: dict[str, str]) -> str:
    """Variables over those of ``tokens.css``, each shade moved until it can be read."""
    accent = colours.parse(brand.colour)
    lighter = colours.parse(brand.colour_dark or brand.colour)
    parts = [f":root{{{_accents(accent, _LIGHT)}--radius:{brand.corners}px;}}"]
    parts.append(
        f"@media (prefers-color-scheme: dark){{:root{{{_accents(lighter, _DARK)}}}}}",
    )
    if brand.font and brand.font.file in versions:
        address = f"/track/shop/{brand.font.file}?v={versions[brand.font.file]}"
        parts.append(
            f'@font-face{{font-family:"{brand.font.family}";src:url("{address}") '
            f'format("woff2");font-display:swap}}:root{{--font:"{brand.font.family}",'
            "ui-sans-serif,system-ui,sans-serif}"
        )
    return "\n".join(parts) + "\n"


def _accents(accent: colours.Rgb, backgrounds: tuple[colours.Rgb, ...]) -> str:
    soft = colours.mix(accent, backgrounds[0], 0.86)
    ink = colours.readable(accent, *backgrounds, soft)
    named = {
        "brand": accent,
        "brand-text": colours.on(accent),
        "accent": ink,
        "accent-strong": colours.readable(ink, *backgrounds, soft, ratio=7),
        "accent-text": colours.on(ink),
        "accent-soft": soft,
    }
    return "".join(f"--{name}:{colours.text_of(rgb)};" for name, rgb in named.items())
