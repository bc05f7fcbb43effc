"""How the inbox's pages are made: templates, static files, times in words, errors."""

import hashlib
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from service.conversations.models import Author, Delivery
from service.inbox.service import reason_words
from service.inbox.views import Queue
from service.pages.assets import asset as shared_asset
from service.pages.headers import content_policy
from service.runtime import Runtime
from tracking_lookup.edd.card import STYLE
from tracking_lookup.model import Verdict

_HERE = Path(__file__).parent
# The wheel's static folder is all that is used of it.
_HTMX = Path(str(files("django_htmx"))) / "static" / "django_htmx"

_ERRORS = {
    400: ("That did not work", "Go back, load the page again and try once more."),
    403: (
        "This form has expired",
        "Nothing was changed. Go back, load the page again and try once more.",
    ),
    404: ("There is nothing here", "The address is wrong, or what was here is gone."),
    413: ("That is too long", "Nothing was sent. Go back and shorten the text."),
    500: (
        "Something went wrong here",
        "It has been logged. Try again in a minute; if it stays so, tell whoever runs this.",
    ),
}


FILES = {
    "inbox.css": _HERE / "static" / "inbox.css",
    "edd.css": STYLE,
    "inbox.js": _HERE / "static" / "inbox.js",
    "htmx.js": _HTMX / "htmx-2.min.js",
    "htmx-sse.js": _HTMX / "ext" / "hx-sse-2.min.js",
}
_VERSIONS = {
    name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in FILES.items()
}


def asset(name: str) -> str:
    """The address of one of ``FILES``, which changes with its content."""
    return f"/inbox/static/{name}?v={_VERSIONS[name]}"


def ago(value: datetime, now: datetime) -> str:
    """An age, or what is left, for people: ``"3 hours ago"``, ``"in 20 minutes"``."""
    gap = abs(now - value)
    if gap < timedelta(minutes=1):
        return "just now" if value <= now else "in a minute"
    if gap < timedelta(minutes=90):
        words = _counted(round(gap / timedelta(minutes=1)), "minute")
    elif gap < timedelta(hours=36):
        words = _counted(round(gap / timedelta(hours=1)), "hour")
    else:
        words = _counted(round(gap / timedelta(days=1)), "day")
    return f"{words} ago" if value <= now else f"in {words}"


def at(value: datetime, zone: ZoneInfo) -> str:
    """A moment in a time zone: ``"22 Nov 2026, 21:15 GMT"``."""
    return f"{value.astimezone(zone):%-d %b %Y, %H:%M %Z}"


def tone(verdict: Verdict) -> str:
    """How a verdict is coloured; its words say the same to who sees no colour."""
    match verdict:
        case Verdict.MOVING | Verdict.DELIVERED:
            return "ok"
        case Verdict.DELIVERED_DISPUTED | Verdict.LOST_SUSPECTED | Verdict.OVERDUE:
            return "danger"
        case Verdict.NO_DATA:
            return ""
        case _:
            return "warn"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_templates = jinja2.Environment(
    loader=jinja2.ChoiceLoader(
        [
            jinja2.FileSystemLoader([_HERE / "templates", _HERE.parent / "edd" / "templates"]),
            jinja2.PrefixLoader(
                {"faq": jinja2.FileSystemLoader(_HERE.parent / "faq" / "templates" / "inbox")}
            ),
        ]
    ),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "asset": asset,
    "shared_asset": shared_asset,
    "Author": Author,
    "Delivery": Delivery,
    "Queue": Queue,
}
_templates.filters |= {"ago": ago, "at": at, "reason_words": reason_words, "tone": tone}


def render(
    request: Request, template: str, *, now: datetime, status: int = 200, **context: Any
) -> Response:
    """A page, or the part of one that htmx asked for.

    The templates know ``request``, ``shop``, ``zone``, ``now`` and ``fragment`` (htmx asks). Pages
    hold people's orders: nothing keeps a copy of them.
    """
    settings = runtime(request).settings
    html = _templates.get_template(template).render(
        request=request,
        shop=settings.shop_name,
        zone=settings.zone,
        now=now,
        fragment=is_fragment(request),
        **context,
    )
    return HTMLResponse(
        html,
        status,
        headers={
            "Cache-Control": "no-store",
            "Vary": "HX-Request",
            "Content-Security-Policy": content_policy(),
            "Referrer-Policy": "same-origin",
        },
    )


def error_page(request: Request, *, status: int, now: datetime) -> Response:
    """What went wrong and what to do about it, as a page."""
    title, words = _ERRORS.get(status, _ERRORS[500] if status >= 500 else _ERRORS[400])
    return render(
        request, "error.html", now=now, status=status, agent=None, title=title, words=words
    )


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, and so wants a part of the page."""
    return request.headers.get("hx-request") == "true"


def runtime(request: Request) -> Runtime:
    """What this process has at hand."""
    found: Runtime = request.app.state.runtime
    return found
