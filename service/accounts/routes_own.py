"""One's own account: password, second factor, sessions, whether one takes new tickets."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from kit import clock
from kit.errors import BadInput, LockedOut, NotVerified
from kit.signing import Signer
from service.accounts import guard, passwords, second_factor, service, sessions, throttle
from service.accounts.guard import AgentDep
from service.accounts.models import Agent
from service.accounts.routes_door import SIGN_IN
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox.pages import render
from service.runtime import runtime

PAGE = "/inbox/account"
_SECRET_SECONDS = 900

router = APIRouter()


@router.post("/sign-out")
async def sign_out(session: SessionDep, who: AgentDep) -> Response:
    """End the session, everywhere its cookie may have got to."""
    await sessions.end(session, who.agent, who.session_id)
    await _record(session, who, Act.SIGNED_OUT)
    response = RedirectResponse(SIGN_IN, 303)
    guard.end(response)
    return response


@router.get("/account")
async def account(request: Request, session: SessionDep, who: AgentDep) -> Response:
    """One's own account."""
    return await _page(request, session, who)


@router.post("/account/away")
async def set_away(
    session: SessionDep, who: AgentDep, away: Annotated[bool, Form()] = False
) -> Response:
    """Take new tickets, or none for now."""
    await service.change(session, who.agent.id, away=away)
    await _record(session, who, Act.ACCOUNT_CHANGED, away=away)
    return RedirectResponse(PAGE, 303)


@router.post("/account/password")
async def change_password(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
) -> Response:
    """Choose another password. Every session ends; this one goes on as a new one."""
    problem = await _not_proved(request, who, old)
    if problem is not None:
        return await _page(request, session, who, problem=problem, at="password")
    agent = await session.get_one(Agent, who.agent.id, with_for_update=True, populate_existing=True)
    try:
        await service.choose_password(session, agent, new)
    except BadInput as error:
        return await _page(request, session, who, problem=error.message, at="password")
    await sessions.end(session, agent)
    now = clock.now()
    begun = await sessions.begin(
        session,
        agent,
        address=who.address,
        device=sessions.device(request.headers.get("user-agent", "")),
        now=now,
    )
    await _record(session, begun, Act.PASSWORD_CHANGED)
    response = RedirectResponse(f"{PAGE}?done=password", 303)
    guard.start(request, response, begun.session_id)
    return response


@router.post("/account/totp")
async def totp_begin(
    request: Request, session: SessionDep, who: AgentDep, password: Annotated[str, Form()] = ""
) -> Response:
    """Show a new secret to scan. Nothing is asked for until its first code was right."""
    problem = await _not_proved(request, who, password)
    if problem is not None:
        return await _page(request, session, who, problem=problem, at="totp")
    return await _page(request, session, who, secret=second_factor.new_secret())


@router.post("/account/totp/on")
async def totp_on(
    request: Request,
    session: SessionDep,
    who: AgentDep,
    proposed: Annotated[str, Form()] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Ask for codes from now on; the recovery codes are shown once."""
    try:
        value = _signer(request).read(proposed, max_age=_SECRET_SECONDS)
    except NotVerified:
        words = "That took more than 15 minutes. Begin again."
        return await _page(request, session, who, problem=words, at="totp")
    agent_id, _, secret = value.partition(":")
    if int(agent_id) != who.agent.id:
        raise NotVerified("a secret that was made for somebody else")
    agent = await session.get_one(Agent, who.agent.id, with_for_update=True, populate_existing=True)
    try:
        codes = await second_factor.switch_on(session, agent, secret, code, now=clock.now())
    except BadInput as error:
        return await _page(request, session, who, problem=error.message, at="totp", secret=secret)
    # Who was let in without a code is out.
    await sessions.end(session, agent, keep=who.session_id)
    await _record(session, who, Act.TOTP_ON)
    return await _page(request, session, who, codes=codes)


@router.post("/account/totp/off")
async def totp_off(
    request: Request, session: SessionDep, who: AgentDep, password: Annotated[str, Form()] = ""
) -> Response:
    """Ask for a password only."""
    problem = await _not_proved(request, who, password)
    if problem is not None:
        return await _page(request, session, who, problem=problem, at="totp")
    agent = await session.get_one(Agent, who.agent.id, with_for_update=True, populate_existing=True)
    await second_factor.switch_off(session, agent)
    await _record(session, who, Act.TOTP_OFF)
    return RedirectResponse(f"{PAGE}?done=totp_off", 303)


@router.post("/account/sessions/end")
async def end_sessions(
    session: SessionDep,
    who: AgentDep,
    session_id: Annotated[int | None, Form(ge=1, lt=2**63)] = None,
) -> Response:
    """End one of one's own sessions, or all but this one."""
    await sessions.end(session, who.agent, session_id, keep=who.session_id)
    await _record(session, who, Act.SESSION_ENDED)
    return RedirectResponse(f"{PAGE}?done=sessions", 303)


async def _not_proved(request: Request, who: SignedIn, password: str) -> str | None:
    """Why the password is not taken again, for the page; ``None`` where it is.

    A session left open at a desk must not be enough to change how one signs in.
    """
    if who.agent.password_hash.startswith("!"):
        return "This account has no password. Ask an admin for an invitation to set one."
    try:
        async with runtime(request).sessions.begin() as session:
            await throttle.count(
                session, f"again:{who.agent.id}", throttle.TRIES_PER_EMAIL, now=clock.now()
            )
    except LockedOut:
        return "Too many tries. Wait 15 minutes, then try again."
    if await passwords.fits(who.agent.password_hash, password):
        return None
    return "That is not your password."


async def _record(session: SessionDep, who: SignedIn, act: Act, **details: object) -> None:
    await audit.record(session, who, act, f"agent:{who.agent.id}", now=clock.now(), **details)


async def _page(
    request: Request,
    session: SessionDep,
    who: SignedIn,
    *,
    problem: str | None = None,
    at: str | None = None,
    secret: str | None = None,
    codes: list[str] | None = None,
) -> Response:
    """The page.

    Args:
        problem: What was refused, beside the form ``at``.
        secret: A second factor's that is being set up.
        codes: Recovery codes, shown this once.
    """
    now = clock.now()
    agent = await session.get_one(Agent, who.agent.id, populate_existing=True)
    shop = runtime(request).settings.shop_name
    return render(
        request,
        "account.html",
        now=now,
        status=200 if problem is None else 422,
        who=who,
        me=agent,
        open_sessions=await sessions.of_agent(session, agent, now=now),
        done=request.query_params.get("done"),
        problem=problem,
        at=at,
        secret=secret,
        proposed=_signer(request).write(f"{agent.id}:{secret}") if secret else None,
        qr=second_factor.qr(secret, email=agent.email, shop=shop) if secret else None,
        codes=codes,
    )


def _signer(request: Request) -> Signer:
    return guard.signer(request, "agent-totp")
