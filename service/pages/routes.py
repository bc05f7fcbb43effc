"""The widget, its frame and the demo shop."""

import json
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from kit import clock
from kit.errors import NotFound
from kit.text import MAX_MESSAGE_CHARS
from service.pages.assets import PREFIX, Assets, asset, script, served
from service.pages.headers import SecurityHeaders, content_policy, frame_ancestors
from service.pages.texts import launcher_texts, texts
from service.settings import Settings
from service.tracking_page import links

router = APIRouter(include_in_schema=False)

# Autoescape is on for .html, as Starlette sets it.
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.globals["asset"] = asset

# The chat's scripts that it needs at once, so that a browser asks for all of them together.
CHAT_SCRIPTS: Final = (
    "chat.js",
    "chat-api.js",
    "chat-log.js",
    "chat-outbox.js",
    "chat-stream.js",
    "chat-tools.js",
)


def mount(app: FastAPI, settings: Settings) -> None:
    """Give an app these pages, their static files and the security headers.

    The demo shop offers what stands in ``app.state.demo_orders`` to try: in its order, each with
    ``number`` and ``email`` as the shopper would type them and ``story``, what there is to find
    out ("Stuck at customs"). Without any it has no such panel.

    Raises:
        Misconfigured: ``SHOP_ORIGINS`` holds something else than origins.
    """
    frame_ancestors(settings.shop_origins)  # at start rather than at the first shopper
    app.add_middleware(SecurityHeaders)
    app.mount(PREFIX, Assets(), name="static")
    app.include_router(router)


@router.get("/")
async def root(request: Request) -> RedirectResponse:
    """The demo shop in the demo, else the agents' inbox."""
    return RedirectResponse("/demo" if _settings(request).demo else "/inbox")


@router.get("/widget.js")
async def widget(request: Request) -> Response:
    """The script a shop embeds; revalidated at each visit, so that an upgrade is seen at once."""
    settings = _settings(request)
    shop = json.dumps({"colour": settings.shop_colour, "words": launcher_texts()})
    content = served("widget.js").replace(b"SHOP_SETTINGS", shop.encode())
    response = script(content, request.scope)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@router.get("/promise.js")
async def promise_script(request: Request) -> Response:
    """The script for a product page; as ``widget.js``."""
    response = script(served("promise.js"), request.scope)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@router.get("/widget/frame")
async def frame(
    request: Request, locale: str = "en", theme: str = "auto", dir: str = ""
) -> Response:
    """The chat itself, which the widget shows in a frame on the shop's page.

    The rest of the query (``origin``, ``colour``, ``greeting``, ``forget``) is read by the chat's
    scripts alone.

    Args:
        locale: BCP 47, such as ``de-AT``; one without a catalogue gets English.
        theme: ``light`` or ``dark``; anything else is the shopper's own choice.
        dir: ``ltr`` or ``rtl``; anything else is the language's.
    """
    settings = _settings(request)
    words = texts(locale)
    response = templates.TemplateResponse(
        request,
        "frame.html",
        {
            "shop": settings.shop_name,
            "colour": settings.shop_colour,
            "logo": settings.shop_logo_url,
            "texts": words,
            "dir": dir if dir in {"ltr", "rtl"} else words["dir"],
            "theme": theme if theme in {"light", "dark"} else "auto",
            "scripts": CHAT_SCRIPTS,
            "max_chars": MAX_MESSAGE_CHARS,
        },
    )
    logo = urlsplit(settings.shop_logo_url)
    response.headers["Content-Security-Policy"] = content_policy(
        frame_ancestors(settings.shop_origins),
        images=f"{logo.scheme}://{logo.netloc}" if logo.netloc else "",
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


@router.get("/demo")
async def demo(request: Request) -> Response:
    """The demo shop: a page that carries the widget as a real shop's would.

    Raises:
        NotFound: This is not a demo.
    """
    settings = _settings(request)
    if not settings.demo:
        raise NotFound("the demo is switched off")
    return templates.TemplateResponse(
        request,
        "demo.html",
        {"shop": settings.shop_name, "orders": getattr(request.app.state, "demo_orders", ())},
    )


@router.get("/demo/orders/{number}")
async def demo_order(request: Request, number: str) -> Response:
    """A demo order's tracking page, whose orders are nobody's.

    Raises:
        NotFound: This is not a demo, or it has no such order.
    """
    now = clock.now()
    for example in getattr(request.app.state, "demo_orders", ()):
        if example.number == number:
            runtime = request.app.state.runtime
            async with runtime.sessions() as session:
                page = await links.for_order(session, runtime.settings, example.order_id, now=now)
            return RedirectResponse(page.removeprefix(runtime.settings.base_url), 303)
    raise NotFound("no such demo order")


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.runtime.settings
    return settings
