"""The door, for who is not signed in yet: password, code, identity provider, invitation."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from kit import clock
from kit.errors import AppError, BadInput, LockedOut, NotVerified, Upstream
from service.accounts import guard, oidc, passwords, second_factor, service, sessions
from service.accounts.guard import FormRefused
from service.accounts.models import Agent
from service.accounts.service import INVITATION
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox.pages import render
from service.runtime import runtime

HOME: Final = "/inbox/"
SIGN_IN: Final = "/inbox/sign-in"
_OIDC_COOKIE = "wismo_oidc"
_OIDC_SECONDS = 600
_CODE_SECONDS = 300

# What anybody may ask for; no check stands before these.
router = APIRouter(prefix="/sign-in")


@router.get("")
async def sign_in_page(request: Request, next: str = HOME) -> Response:
    """The door."""
    return _page(request, next=next)


@router.post("")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """Check the password; then ask for the code, or begin a session."""
    try:
        await guard.check_sign_in_form(request)
        agent = await sessions.check_password(
            runtime(request).sessions,
            email,
            password,
            address=guard.address(request),
            now=clock.now(),
        )
    except (NotVerified, LockedOut, FormRefused) as error:
        return _page(request, next=next, email=email, error=error)
    if agent.totp_secret is None:
        return await _enter(request, agent, by="password", next=next)
    return _page(request, "code.html", next=next, half=_half(request, agent))


@router.post("/code")
async def sign_in_code(
    request: Request,
    half: Annotated[str, Form()] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form()] = HOME,
) -> Response:
    """The second half: the code of who has just shown their password."""
    try:
        await guard.check_sign_in_form(request)
        agent = await _half_in(request, half)
    except (NotVerified, FormRefused) as error:
        return _page(request, next=next, error=FormRefused(error.message))
    try:
        await second_factor.check(runtime(request).sessions, agent, code, now=clock.now())
    except (NotVerified, LockedOut) as error:
        return _page(request, "code.html", next=next, half=half, error=error)
    return await _enter(request, agent, by="password and code", next=next)


@router.get("/oidc")
async def oidc_begin(request: Request, next: str = HOME) -> Response:
    """Send the browser to the identity provider."""
    at_hand = runtime(request)
    if not oidc.is_on(at_hand.settings):
        return _page(request, next=next, error=NotVerified("no identity provider is set"))
    try:
        url, begun = await oidc.begin(at_hand.http, at_hand.settings, next=_inside(next))
    except Upstream as error:
        return _page(request, next=next, error=error)
    response = RedirectResponse(url, 303)
    kept = guard.signer(request, "agent-oidc").write(begun.dump())
    guard.keep(request, response, _OIDC_COOKIE, kept, seconds=_OIDC_SECONDS)
    return response


@router.get("/oidc/back")
async def oidc_back(request: Request, state: str = "", code: str = "") -> Response:
    """Back from the identity provider; ``code`` is empty where the person said no there."""
    at_hand = runtime(request)
    try:
        kept = request.cookies.get(_OIDC_COOKIE, "")
        begun = oidc.Begun.load(
            guard.signer(request, "agent-oidc").read(kept, max_age=_OIDC_SECONDS)
        )
        claims = await oidc.finish(
            at_hand.http, at_hand.settings, begun, state=state, code=code, now=clock.now()
        )
        async with at_hand.sessions.begin() as session:
            agent = await oidc.agent_of(session, at_hand.settings, claims)
    except NotVerified as error:
        return _page(request, next=HOME, error=OidcRefused(error.message))
    except Upstream as error:
        return _page(request, next=HOME, error=error)
    response = await _enter(request, agent, by="identity provider", next=begun.next)
    response.delete_cookie(_OIDC_COOKIE, path="/inbox")
    return response


@router.get("/welcome/{token}")
async def welcome(request: Request, session: SessionDep, token: str) -> Response:
    """An invitation: the page on which a newcomer chooses a password."""
    try:
        agent = await service.invited(session, guard.signer(request, INVITATION), token)
    except NotVerified as error:
        return _page(request, next=HOME, error=InvitationVoid(error.message))
    return _page(request, "welcome.html", next=HOME, invited=agent, token=token, problem=None)


@router.post("/welcome/{token}")
async def accept_invitation(
    request: Request,
    token: str,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Choose the password, which uses the invitation up, and go on to the door."""
    try:
        await guard.check_sign_in_form(request)
        async with runtime(request).sessions.begin() as session:
            agent = await service.invited(session, guard.signer(request, INVITATION), token)
            try:
                await service.choose_password(session, agent, password)
            except BadInput as problem:
                return _page(
                    request,
                    "welcome.html",
                    next=HOME,
                    invited=agent,
                    token=token,
                    problem=problem.message,
                    status=422,
                )
            await audit.record(
                session,
                None,
                Act.PASSWORD_CHANGED,
                f"agent:{agent.id}",
                now=clock.now(),
                by="invitation",
            )
    except NotVerified as error:
        return _page(request, next=HOME, error=InvitationVoid(error.message))
    except FormRefused as error:
        return _page(request, next=HOME, error=error)
    return _page(request, next=HOME, email=agent.email, done="password_chosen")


class InvitationVoid(NotVerified):
    """An invitation that was used, is too old, or was never ours."""


class OidcRefused(NotVerified):
    """The identity provider's word was not enough."""


async def _enter(request: Request, agent: Agent, *, by: str, next: str) -> Response:
    """Begin a session and go where the agent wanted to."""
    now = clock.now()
    async with runtime(request).sessions.begin() as session:
        begun = await sessions.begin(
            session,
            agent,
            address=guard.address(request),
            device=sessions.device(request.headers.get("user-agent", "")),
            now=now,
        )
        await audit.record(session, begun, Act.SIGNED_IN, f"agent:{agent.id}", now=now, by=by)
    response = RedirectResponse(_inside(next), 303)
    guard.start(request, response, begun.session_id)
    return response


def _half(request: Request, agent: Agent) -> str:
    """Proof, for five minutes, that this agent's password was shown."""
    mark = passwords.fingerprint(agent.password_hash)
    return guard.signer(request, "agent-half-in").write(f"{agent.id}:{mark}")


async def _half_in(request: Request, half: str) -> Agent:
    value = guard.signer(request, "agent-half-in").read(half, max_age=_CODE_SECONDS)
    agent_id, _, mark = value.partition(":")
    async with runtime(request).sessions() as session:
        agent = await service.get(session, int(agent_id))
    if not agent.active or passwords.fingerprint(agent.password_hash) != mark:
        raise NotVerified("the password has changed meanwhile")
    return agent


def _page(
    request: Request,
    template: str = "sign_in.html",
    *,
    next: str,
    email: str = "",
    error: AppError | None = None,
    done: str | None = None,
    status: int | None = None,
    **context: Any,
) -> Response:
    token, nonce = guard.new_sign_in_form(request)
    settings = runtime(request).settings
    response = render(
        request,
        template,
        now=clock.now(),
        status=status or (error.http_status if error else 200),
        csrf=token,
        next=_inside(next),
        email=email,
        refused=error.kind if error else None,
        done=done,
        oidc_name=settings.oidc_name if oidc.is_on(settings) else None,
        **context,
    )
    guard.keep_sign_in_form(request, response, nonce)
    return response


def _inside(path: str) -> str:
    """Where to go after signing in: a page of the inbox, never another site's."""
    return path if path.startswith(HOME) and path.isprintable() and "\\" not in path else HOME
