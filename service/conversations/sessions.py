"""A web shopper's session: an unguessable name, signed, in a cookie or a header."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, HTTPException, Request, Response

from kit import clock
from kit.errors import NotVerified
from kit.signing import Signer
from service.settings import Settings
from service.storefront import signed_in
from service.storefront.signed_in import Claim

COOKIE = "wismo_session"
HEADER = "x-wismo-session"
IDENTITY_HEADER = "x-wismo-identity"
LASTS_SECONDS = 90 * 24 * 3600

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WebSession:
    """Who writes.

    Attributes:
        address: The conversation's address on the channel ``web``.
        customer: Whose it is (``_customer``); ``None``: it was never a signed-in shopper's.
    """

    address: str
    customer: str | None = None

    def token(self, settings: Settings) -> str:
        """What the shopper's side shows for it, for 90 days from now."""
        return signer(settings).write(
            f"{self.address}.{self.customer}" if self.customer else self.address
        )


def signer(settings: Settings) -> Signer:
    """Signs session tokens."""
    return Signer(settings.keys, "chat-session")


async def find_claim(request: Request) -> Claim | None:
    """What the shop's page says about who is signed in; ``None``: nothing, or nothing that holds.

    A token that does not hold stops nobody from chatting: they prove their order as others do.
    """
    token = request.headers.get(IDENTITY_HEADER)
    if not token:
        return None
    settings: Settings = request.app.state.runtime.settings
    try:
        keys = [
            *settings.identity_keys,
            settings.page_identity_key,
        ]  # the shop's, the tracking page's
        return signed_in.read(token, keys, now=clock.now())
    except NotVerified as error:
        log.info("identity_token_refused", reason=error.message)
        return None


ClaimOrNone = Annotated[Claim | None, Depends(find_claim)]


async def find_session(request: Request, claim: ClaimOrNone) -> WebSession | None:
    """The request's session; ``None`` where it shows none, or that of another customer.

    A shared computer keeps a session when its user changes: who signs in at the shop does not get
    the conversation of who was signed in before.

    Raises:
        HTTPException: 401 for one that is altered, of another installation, or too old.
    """
    token = request.headers.get(HEADER) or request.cookies.get(COOKIE)
    if not token:
        return None
    settings: Settings = request.app.state.runtime.settings
    try:
        value = signer(settings).read(token, max_age=LASTS_SECONDS)
    except NotVerified as error:
        raise HTTPException(
            401, "this session is not valid here; leave it out to start a new one"
        ) from error
    address, _, customer = value.partition(".")
    who = _customer(claim)
    if customer and who and customer != who:
        return None
    return WebSession(address, customer or who)


SessionOrNone = Annotated[WebSession | None, Depends(find_session)]


def new_session(claim: Claim | None = None) -> WebSession:
    """A session nobody can guess."""
    return WebSession(secrets.token_urlsafe(24), _customer(claim))


def _customer(claim: Claim | None) -> str | None:
    """A name for a customer that tells nothing; an order is not one, as one may have several."""
    if claim is None or claim.email is None:
        return None
    return hashlib.sha256(claim.email.encode()).hexdigest()[:16]


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


async def same_origin(request: Request) -> None:
    """Refuse a browser's request that another site's page makes with our shopper's cookie."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    settings: Settings = request.app.state.runtime.settings
    ours = {urlsplit(settings.base_url).netloc, request.headers.get("host")}
    if urlsplit(origin).netloc not in ours:
        raise HTTPException(403, "requests from other origins are refused")
