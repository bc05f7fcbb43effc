"""How the page is made: templates, static files, headers."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from service.pages.assets import asset as shared_asset
from service.pages.headers import content_policy
from service.runtime import Runtime
from service.settings import Settings
from service.tracking_page import brand as brands
from service.tracking_page.brand import Look
from service.tracking_page.way import HEIGHT, WIDTH
from service.tracking_page.words import LANGUAGES, RIGHT_TO_LEFT, Words, choose

_HERE: Final = Path(__file__).parent
_PAGES: Final = _HERE.parent / "pages" / "templates"

# Nothing keeps a copy, nobody lists it, and no other site learns its address.
PRIVATE: Final = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
STATIC: Final = {path.name: path for path in sorted((_HERE / "static").iterdir())}
_VERSIONS: Final = {
    name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in STATIC.items()
}
CHAT_LASTS: Final = timedelta(hours=2)


def page_asset(name: str) -> str:
    """The address of one of ``STATIC``, which changes with its content."""
    return f"/track/static/{name}?v={_VERSIONS[name]}"


_templates: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_HERE / "templates", _PAGES]),
    auto_reload=False,  # else each part of each page is looked for on disk
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "asset": shared_asset,
    "page_asset": page_asset,
    "map_size": f"0 0 {WIDTH} {HEIGHT}",
    "languages": LANGUAGES,
}


def runtime(request: Request) -> Runtime:
    """The process's parts."""
    found: Runtime = request.app.state.runtime
    return found


def words_for(request: Request) -> Words:
    """The visitor's language: ``?lang=``, else the browser's."""
    return choose(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))


def look_of(settings: Settings) -> Look:
    """How the shop looks now."""
    return brands.look(settings.shop_file)


def html(
    request: Request,
    template: str,
    look: Look,
    *,
    now: datetime,
    inline: bool = False,
    **context: Any,
) -> str:
    """A page or a part of one as text. The templates know what ``render`` says.

    Args:
        inline: Put the brand's style sheet into the page, for a draft that has no address.
    """
    settings = runtime(request).settings
    words = words_for(request)
    asked = request.query_params.get("dir", "")
    return _templates.get_template(template).render(
        words=words,
        lang=words.lang,
        dir=asked if asked in {"ltr", RIGHT_TO_LEFT} else words.dir,
        turned=asked if asked in {"ltr", RIGHT_TO_LEFT} else "",
        shop=look.brand.name or settings.shop_name,
        look=look,
        brand=look.brand,
        zone=settings.zone,
        now=now,
        inline=inline,
        **context,
    )


def render(
    request: Request,
    template: str,
    *,
    now: datetime,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """A page that is one visitor's own.

    The templates know ``words``, ``lang``, ``dir``, ``shop``, ``look``, ``brand``, ``zone``,
    ``now`` and what is given.
    """
    look = look_of(runtime(request).settings)
    return HTMLResponse(
        html(request, template, look, now=now, **context),
        status,
        {**PRIVATE, "Content-Security-Policy": content_policy(), **(headers or {})},
    )


def chat_identity(settings: Settings, order_number: str, *, now: datetime) -> str:
    """What lets the chat on a proven order's page know that order without asking again.

    The form is that of the shop's own tokens for signed-in shoppers: ``payload.signature``.
    """
    said = {"order": order_number, "exp": int((now + CHAT_LASTS).timestamp())}
    payload = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    key = settings.page_identity_key.encode()
    return f"{payload}.{hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()}"
