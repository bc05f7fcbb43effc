"""A web shopper's session: an unguessable name, signed, in a cookie or a header."""

import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request, Response

from kit.errors import NotVerified
from kit.signing import Signer
from service.settings import Settings

COOKIE = "wismo_session"
HEADER = "x-wismo-session"
LASTS_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True, slots=True)
class WebSession:
    """Who writes.

    Attributes:
        address: The conversation's address on the channel ``web``.
        token: What the shopper's side shows for it.
    """

    address: str
    token: str


def signer(settings: Settings) -> Signer:
    """Signs session tokens."""
    return Signer(settings.keys, "chat-session")


def new_session(settings: Settings) -> WebSession:
    """A session nobody can guess."""
    address = secrets.token_urlsafe(24)
    return WebSession(address, signer(settings).write(address))


def find_session(request: Request) -> WebSession | None:
    """The request's session; ``None`` where it shows none.

    Raises:
        HTTPException: 401 for one that is altered, of another installation, or too old.
    """
    token = request.headers.get(HEADER) or request.cookies.get(COOKIE)
    if not token:
        return None
    settings: Settings = request.app.state.runtime.settings
    try:
        return WebSession(signer(settings).read(token, max_age=LASTS_SECONDS), token)
    except NotVerified as error:
        raise HTTPException(
            401, "this session is not valid here; leave it out to start a new one"
        ) from error


SessionOrNone = Annotated[WebSession | None, Depends(find_session)]


def set_cookie(response: Response, token: str, settings: Settings) -> None:
    """Keep the session in the browser; inside the shop's page too, where HTTPS allows it."""
    if settings.base_url.startswith("https://"):
        response.headers.append(
            "set-cookie",
            f"{COOKIE}={token}; Path=/chat; Max-Age={LASTS_SECONDS}; "
            "HttpOnly; Secure; SameSite=None; Partitioned",
        )
    else:
        response.set_cookie(
            COOKIE, token, path="/chat", max_age=LASTS_SECONDS, httponly=True, samesite="lax"
        )


def same_origin(request: Request) -> None:
    """Refuse a browser's request that another site's page makes with our shopper's cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    settings: Settings = request.app.state.runtime.settings
    ours = {urlsplit(settings.base_url).netloc, request.headers.get("host")}
    if urlsplit(origin).netloc not in ours:
        raise HTTPException(403, "requests from other origins are refused")
