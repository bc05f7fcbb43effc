"""How the inbox's pages are made: templates, static files, times in words, errors."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup, escape

from service.accounts import guard
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.conversations.models import Author, Delivery
from service.inbox import search
from service.inbox.lists import Queue, Row
from service.inbox.tickets import reason_words
from service.pages.assets import asset as shared_asset
from service.pages.headers import content_policy
from service.runtime import runtime
from tracking_lookup.edd.card import STYLE
from tracking_lookup.model import Verdict

_HERE = Path(__file__).parent
_SERVICE = _HERE.parent
# Whose pages stand in the inbox: templates of the first win, and ours are the frame of all.
_FOLDERS = ("inbox", "accounts", "audit", "edd", "figures", "notifications/pages")
# The wheel's static folder is all that is used of it.
_HTMX = Path(str(files("django_htmx"))) / "static" / "django_htmx"

_ERRORS: dict[int | str, tuple[str, str]] = {
    "not_allowed": (
        "Not for your role",
        "Somebody with the right role can do this, or give it to you.",
    ),
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
    "lists.css": _HERE / "static" / "lists.css",
    "desk.css": _HERE / "static" / "desk.css",
    "ticket.css": _HERE / "static" / "ticket.css",
    "inbox.js": _HERE / "static" / "inbox.js",
    "reply.js": _HERE / "static" / "reply.js",
    "keys.js": _HERE / "static" / "keys.js",
    "accounts.css": _SERVICE / "accounts" / "static" / "accounts.css",
    "figures.css": _SERVICE / "figures" / "static" / "figures.css",
    "notifications.css": _SERVICE / "notifications" / "pages" / "static" / "notifications.css",
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


def marked(words: str) -> Markup:
    """What a search found, escaped, with the found words marked."""
    safe = str(escape(words))
    return Markup(safe.replace(search.OPEN, "<mark>").replace(search.CLOSE, "</mark>"))  # noqa: S704


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_templates = jinja2.Environment(
    loader=jinja2.ChoiceLoader(
        [
            jinja2.FileSystemLoader([_SERVICE / each / "templates" for each in _FOLDERS]),
            jinja2.PrefixLoader(
                {"faq": jinja2.FileSystemLoader(_SERVICE / "faq" / "templates" / "inbox")}
            ),
        ]
    ),
    autoescape=True,
    auto_reload=False,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "asset": asset,
    "shared_asset": shared_asset,
    "Author": Author,
    "Delivery": Delivery,
    "Permission": Permission,
    "Queue": Queue,
}
_templates.filters |= {
    "ago": ago,
    "at": at,
    "marked": marked,
    "reason_words": reason_words,
    "tone": tone,
}


def render(
    request: Request,
    template: str,
    *,
    now: datetime,
    who: SignedIn | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """A page, or the part of one that htmx asked for.

    The templates know ``request``, ``shop``, ``zone``, ``now`` and ``fragment`` (htmx asks);
    ``who`` is at the page, their ``agent``, and ``csrf``, which each of their forms carries. Pages
    hold people's orders: nothing keeps a copy of them.
    """
    settings = runtime(request).settings
    html = _templates.get_template(template).render(
        request=request,
        shop=settings.shop_name,
        zone=settings.zone,
        now=now,
        fragment=is_fragment(request),
        **{
            "who": who,
            "agent": who.agent if who else None,
            "csrf": guard.form_token(request, who) if who else None,
            **context,
        },
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


def line(row: Row, *, now: datetime, zone: ZoneInfo, names: Mapping[str, str]) -> Markup:
    """A row of a list, as it is for whoever it does not concern.

    Args:
        names: Channels' names by slug.
    """
    macros: Any = _templates.get_template("_rows.html").module
    drawn: Markup = macros.ticket_row(row, now, zone, {"id": 0}, names)
    return drawn


def error_page(
    request: Request, *, status: int, now: datetime, kind: str | None = None
) -> Response:
    """What went wrong and what to do about it, as a page.

    Args:
        kind: An error with words of its own, where its status has others.
    """
    title, words = _ERRORS.get(kind or status, _ERRORS[500] if status >= 500 else _ERRORS[400])
    return render(request, "error.html", now=now, status=status, title=title, words=words)


def is_fragment(request: Request) -> bool:
    """Whether htmx asks, and so wants a part of the page."""
    return request.headers.get("hx-request") == "true"
