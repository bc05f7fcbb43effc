"""Who may pass: the agent's session cookie, their role, and proof that a form is ours."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request, Response

from kit import clock
from kit.errors import NotVerified, Refused
from kit.signing import Signer
from service.accounts import sessions
from service.accounts.permissions import Permission
from service.accounts.sessions import SESSION_LASTS, SignedIn
from service.db import SessionDep
from service.runtime import runtime

COOKIE: Final = "wismo_agent"
FORM_COOKIE: Final = "wismo_sign_in"
CSRF_FIELD: Final = "csrf"
_LASTS = int(SESSION_LASTS.total_seconds())
_FORM_LASTS = 3600
# Two purposes: a stranger chooses what a sign-in form is signed over, by their cookie.
_FORM = "agent-form"
_SIGN_IN_FORM = "agent-sign-in-form"


class SignInNeeded(Refused):
    """No agent is signed in here; sign in and come back."""

    http_status = 401


class NotAllowed(Refused):
    """Somebody is signed in, and their role does not grant this."""

    http_status = 403


class FormRefused(Refused):
    """A form without our token, or one of another session: it is not acted upon."""

    http_status = 403


async def signed_in(request: Request, session: SessionDep) -> SignedIn:
    """The agent at the page. The one check before every page of the inbox.

    Whatever may change something must carry the session's form token too, so that no route can
    forget to ask for it.

    Raises:
        SignInNeeded: No session, or one that has ended.
        FormRefused: A form that was not made for this session.
    """
    try:
        value = signer(request, "agent-session").read(
            request.cookies.get(COOKIE, ""), max_age=_LASTS
        )
        found = await sessions.signed_in(
            session, int(value), address=address(request), now=clock.now()
        )
    except NotVerified as error:
        raise SignInNeeded("no agent is signed in") from error
    if request.method not in {"GET", "HEAD"}:
        await _check_form(request, _FORM, value, _LASTS)
    return found


AgentDep = Annotated[SignedIn, Depends(signed_in)]


def requires(permission: Permission) -> Callable[[SignedIn], Awaitable[SignedIn]]:
    """A dependency: somebody is signed in whose role grants ``permission``.

    It raises ``NotAllowed`` where it does not.
    """

    async def checked(who: AgentDep) -> SignedIn:
        if not who.may(permission):
            raise NotAllowed(f"a role without {permission}")
        return who

    return checked


def start(request: Request, response: Response, session_id: int) -> None:
    """Give the browser its session."""
    keep(request, response, COOKIE, signer(request, "agent-session").write(str(session_id)))


def end(response: Response) -> None:
    """Take the browser's session away."""
    response.delete_cookie(COOKIE, path="/inbox")


def form_token(request: Request, who: SignedIn) -> str:
    """What each form of a session's pages carries."""
    return signer(request, _FORM).write(str(who.session_id))


def new_sign_in_form(request: Request) -> tuple[str, str]:
    """Before there is a session: what the form carries, and the cookie it must come with."""
    # A second tab keeps the first one's cookie, or the first one's form would be refused.
    nonce = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    return signer(request, _SIGN_IN_FORM).write(nonce), nonce


def keep_sign_in_form(request: Request, response: Response, nonce: str) -> None:
    """Give the browser the cookie of a sign-in form."""
    keep(request, response, FORM_COOKIE, nonce)


async def check_sign_in_form(request: Request) -> None:
    """Raises ``FormRefused`` unless the form was made for this browser within the hour."""
    await _check_form(request, _SIGN_IN_FORM, request.cookies.get(FORM_COOKIE, ""), _FORM_LASTS)


def address(request: Request) -> str:
    """Where a request came from; behind a proxy, what the proxy says (uvicorn reads it)."""
    return request.client.host if request.client else ""


def keep(
    request: Request, response: Response, name: str, value: str, *, seconds: int = _LASTS
) -> None:
    """Give the browser a cookie of the inbox, out of reach of scripts and other sites' forms."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/inbox",
        httponly=True,
        samesite="lax",
        secure=runtime(request).settings.base_url.startswith("https://"),
    )


def signer(request: Request, purpose: str) -> Signer:
    """Signs and reads tokens of one purpose with this installation's keys."""
    return Signer(runtime(request).settings.keys, purpose)


async def _check_form(request: Request, purpose: str, owner: str, max_age: int) -> None:
    token = (await request.form()).get(CSRF_FIELD)
    try:
        given = signer(request, purpose).read(str(token), max_age=max_age)
    except NotVerified as error:
        raise FormRefused("form token refused") from error
    if not hmac.compare_digest(given.encode(), owner.encode()):
        raise FormRefused("form token of another session")
