"""An e-mail's two bodies: HTML that any mail program shows, and plain text. Pure.

Styles are put on the elements themselves (css-inline), as mail programs drop style sheets; what
cannot stand there, dark mode and narrow screens, stays in one that the better ones read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import css_inline
import jinja2
from markupsafe import Markup

from service.notifications.news import News
from service.tracking_page import colour as colours
from service.tracking_page.brand import Look

STOP_HERE: Final = "https://stop.invalid/"
"""Stands where the link goes by which a reader ends these e-mails: each message has its own."""

_PAPER: Final = {"light": colours.parse("#ffffff"), "dark": colours.parse("#1a201d")}
# Mail programs show no SVG.
_PICTURES: Final = (".png", ".jpg", ".jpeg")

_templates: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_inliner: Final = css_inline.CSSInliner(
    keep_at_rules=True, load_remote_stylesheets=False, minify_css=True
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What an e-mail says.

    Attributes:
        also: Lines about what else happened to the order.
        rows: Names and values, in order.
        markup: ``ParcelDelivery`` for mail programs that read it.
    """

    lang: str
    heading: str
    paragraphs: tuple[str, ...]
    also: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    button: str
    link: str
    question: str
    why: str
    stop: str
    markup: Mapping[str, Any] | None


def as_html(letter: Letter, shop: str, look: Look, url: str) -> str:
    """The HTML body.

    Args:
        url: Where the brand's pictures are served.
    """
    brand = colours.parse(look.brand.colour)
    dark = colours.parse(look.brand.colour_dark or look.brand.colour)
    logo = next(
        (
            f"{url}/track/shop/{name}?v={look.versions[name]}"
            for name in (look.brand.logo,)
            if name and name.endswith(_PICTURES) and name in look.versions
        ),
        None,
    )
    page = _templates.get_template("letter.html").render(
        letter=letter,
        shop=shop,
        logo=logo,
        home=look.brand.home,
        brand=colours.text_of(brand),
        on_brand=colours.text_of(colours.on(brand)),
        ink=colours.text_of(colours.readable(brand, _PAPER["light"])),
        dark_ink=colours.text_of(colours.readable(dark, _PAPER["dark"])),
        stop_here=STOP_HERE,
        markup=_script(letter.markup) if letter.markup else None,
    )
    return _inliner.inline(page)


def as_text(letter: Letter, shop: str) -> str:
    """The plain body."""
    parts = [shop, letter.heading, *letter.paragraphs]
    if letter.also:
        parts.append("\n".join(f"- {line}" for line in letter.also))
    parts.append("\n".join(f"{name}: {value}" for name, value in letter.rows))
    parts += [f"{letter.button}:\n{letter.link}", letter.question, "-- "]
    parts.append(f"{letter.why}\n{letter.stop}: {STOP_HERE}")
    return "\n\n".join(parts)


def parcel_delivery(news: News, values: Mapping[str, str], shop: str) -> dict[str, Any]:
    """What mail programs may show of a parcel without the e-mail being opened.

    Gmail asks for the whole delivery address, which is not kept here: it may leave the card out.

    Source: https://developers.google.com/workspace/gmail/markup/reference/types/ParcelDelivery.
    """
    said: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "ParcelDelivery",
        "carrier": {"@type": "Organization", "name": values["carrier"]},
        "provider": {"@type": "Organization", "name": values["carrier"]},
        "trackingNumber": news.number,
        "trackingUrl": values["link"],
        "partOfOrder": {
            "@type": "Order",
            "orderNumber": news.order_number,
            "merchant": {"@type": "Organization", "name": shop},
        },
    }
    if news.first is not None:
        said["expectedArrivalFrom"] = news.first.isoformat()
    if news.last is not None:
        said["expectedArrivalUntil"] = news.last.isoformat()
    if news.items:
        said["itemShipped"] = [{"@type": "Product", "name": title} for title in news.items]
    return said


def _script(markup: Mapping[str, Any]) -> Markup:
    """JSON inside a script element: nothing in it can end that."""
    text = json.dumps(markup, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - no HTML in it
