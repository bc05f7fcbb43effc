"""What every answer tells the browser to refuse."""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.errors import Misconfigured

# Scheme, host (its first label may be ``*``), port: nothing that could end the directive.
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)


def content_policy(frame_ancestors: str = "'none'", *, images: str = "") -> str:
    """A page's ``Content-Security-Policy``: everything from ourselves, nothing inline.

    Args:
        frame_ancestors: Who may show the page in a frame, as a source list.
        images: Where else its pictures come from: an origin.

    Source: https://www.w3.org/TR/CSP3/
    """
    pictures = f"'self' data: {images}".strip()
    return (
        f"default-src 'self'; img-src {pictures}; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {frame_ancestors}"
    )


def frame_ancestors(shop_origins: str) -> str:
    """Who may embed the chat, from the setting ``SHOP_ORIGINS``; we ourselves always may.

    Args:
        shop_origins: Origins separated by commas; empty: any.

    Raises:
        Misconfigured: One of them is not an origin.
    """
    origins = [origin.strip().rstrip("/") for origin in shop_origins.split(",") if origin.strip()]
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise Misconfigured(
                f"SHOP_ORIGINS: {origin!r} is not an origin such as https://shop.example"
            )
    return " ".join(["'self'", *origins]) if origins else "*"


class SecurityHeaders:
    """Adds the headers to every answer that has not set its own.

    A plain ASGI layer: it holds no body back, so event streams flow.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete its answer's head."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
                headers.setdefault("Content-Security-Policy", content_policy())
            await send(message)

        await self._app(scope, receive, send_completed)
