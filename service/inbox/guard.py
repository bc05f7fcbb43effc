"""Who may pass: the agent's session cookie, and proof that a form is ours."""

import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

from kit import clock
from kit.errors import NotVerified, Refused
from kit.signing import Signer
from service.db import SessionDep
from service.inbox import accounts
from service.inbox.accounts import SESSION_LASTS, SignedIn
from service.inbox.pages import runtime

COOKIE = "wismo_agent"
FORM_COOKIE = "wismo_sign_in"
CSRF_FIELD = "csrf"
_LASTS = int(SESSION_LASTS.total_seconds())
_FORM_LASTS = 3600
# Two purposes: a stranger chooses what a sign-in form is signed over, by their cookie.
_FORM = "agent-form"
_SIGN_IN_FORM = "agent-sign-in-form"


class SignInNeeded(Refused):
    """No agent is signed in here; sign in and come back."""

    http_status = 401


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
        value = _signer(request, "agent-session").read(
            request.cookies.get(COOKIE, ""), max_age=_LASTS
        )
        found = await accounts.signed_in(session, int(value), now=clock.now())
    except NotVerified as error:
        raise SignInNeeded("no agent is signed in") from error
    if request.method not in {"GET", "HEAD"}:
        await _check_form(request, _FORM, value, _LASTS)
    return found


AgentDep = Annotated[SignedIn, Depends(signed_in)]


def start(request: Request, response: Response, session_id: int) -> None:
    """Give the browser its session."""
    _set(request, response, COOKIE, _signer(request, "agent-session").write(str(session_id)))


def end(response: Response) -> None:
    """Take the browser's session away."""
    response.delete_cookie(COOKIE, path="/inbox")


def form_token(request: Request, who: SignedIn) -> str:
    """What each form of a session's pages carries."""
    return _signer(request, _FORM).write(str(who.session_id))


def new_sign_in_form(request: Request) -> tuple[str, str]:
    """Before there is a session: what the form carries, and the cookie it must come with."""
    # A second tab keeps the first one's cookie, or the first one's form would be refused.
    nonce = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(16)
    return _signer(request, _SIGN_IN_FORM).write(nonce), nonce


def keep_sign_in_form(request: Request, response: Response, nonce: str) -> None:
    """Give the browser the cookie of a sign-in form."""
    _set(request, response, FORM_COOKIE, nonce)


async def check_sign_in_form(request: Request) -> None:
    """Raises ``FormRefused`` unless the form was made for this browser within the hour."""
    await _check_form(request, _SIGN_IN_FORM, request.cookies.get(FORM_COOKIE, ""), _FORM_LASTS)


async def _check_form(request: Request, purpose: str, owner: str, max_age: int) -> None:
    token = (await request.form()).get(CSRF_FIELD)
    try:
        given = _signer(request, purpose).read(str(token), max_age=max_age)
    except NotVerified as error:
        raise FormRefused("form token refused") from error
    if not hmac.compare_digest(given.encode(), owner.encode()):
        raise FormRefused("form token of another session")


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_LASTS,
        path="/inbox",
        httponly=True,
        samesite="lax",
        secure=runtime(request).settings.base_url.startswith("https://"),
    )


def _signer(request: Request, purpose: str) -> Signer:
    return Signer(runtime(request).settings.keys, purpose)
