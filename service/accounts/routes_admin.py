"""People: accounts, roles, invitations and teams. Leads see them and form teams; admins do all."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from kit import clock
from kit.errors import BadInput
from service.accounts import guard, second_factor, service, sessions, teams
from service.accounts.models import Agent
from service.accounts.permissions import GRANTS, Permission, Role
from service.accounts.routes_door import SIGN_IN
from service.accounts.service import INVITATION
from service.accounts.sessions import SignedIn
from service.audit import service as audit
from service.audit.service import Act
from service.db import SessionDep
from service.inbox.pages import render
from service.runtime import runtime

PAGE: Final = "/inbox/people"
MAX_CAPACITY: Final = 500

router = APIRouter(prefix="/people")

LeadDep = Annotated[SignedIn, Depends(guard.requires(Permission.MANAGE_TEAMS))]
AdminDep = Annotated[SignedIn, Depends(guard.requires(Permission.MANAGE_ACCOUNTS))]


@router.get("")
async def people(request: Request, session: SessionDep, who: LeadDep) -> Response:
    """Everybody with an account, and the teams."""
    return await _page(request, session, who)


@router.post("/invite")
async def invite(
    request: Request,
    session: SessionDep,
    who: AdminDep,
    email: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[Role, Form()] = Role.AGENT,
) -> Response:
    """Make an account, and a link with which its person chooses a password."""
    try:
        agent = await service.add(session, email, name, role=role)
    except BadInput as error:
        return await _page(request, session, who, problem=error.message)
    await _record(session, who, Act.INVITED, agent, role=role)
    return await _page(request, session, who, invited=agent)


@router.post("/{agent_id:int}/link")
async def new_link(request: Request, session: SessionDep, who: AdminDep, agent_id: int) -> Response:
    """A link to choose a new password with: for lost passwords and unused invitations."""
    agent = await service.get(session, agent_id)
    await _record(session, who, Act.INVITED, agent, role=agent.role)
    return await _page(request, session, who, invited=agent)


@router.post("/{agent_id:int}")
async def change(
    request: Request,
    session: SessionDep,
    who: AdminDep,
    agent_id: int,
    role: Annotated[Role, Form()],
    capacity: Annotated[int, Form(ge=0, le=MAX_CAPACITY)],
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Change somebody's role and capacity, or close their account."""
    before = await service.get(session, agent_id)
    was = {"role": before.role, "active": before.active}
    try:
        agent = await service.change(session, agent_id, role=role, capacity=capacity, active=active)
    except BadInput as error:
        return await _page(request, session, who, problem=error.message)
    act = Act.ACCOUNT_CLOSED if was["active"] and not active else Act.ACCOUNT_CHANGED
    await _record(session, who, act, agent, was=was, role=role, active=active, capacity=capacity)
    return RedirectResponse(f"{PAGE}#agent-{agent_id}", 303)


@router.post("/{agent_id:int}/sign-out")
async def sign_out(session: SessionDep, who: AdminDep, agent_id: int) -> Response:
    """End all sessions of somebody."""
    agent = await service.get(session, agent_id)
    await sessions.end(session, agent)
    await _record(session, who, Act.SESSION_ENDED, agent)
    return RedirectResponse(f"{PAGE}#agent-{agent_id}", 303)


@router.post("/{agent_id:int}/totp/off")
async def totp_off(session: SessionDep, who: AdminDep, agent_id: int) -> Response:
    """Take the second factor from who lost both their app and their recovery codes."""
    agent = await service.get(session, agent_id)
    await second_factor.switch_off(session, agent)
    await _record(session, who, Act.TOTP_OFF, agent)
    return RedirectResponse(f"{PAGE}#agent-{agent_id}", 303)


@router.post("/teams")
async def add_team(
    request: Request,
    session: SessionDep,
    who: LeadDep,
    name: Annotated[str, Form()] = "",
    private: Annotated[bool, Form()] = False,
) -> Response:
    """Make a team."""
    if private:
        _only_with_every_team(who)
    try:
        team_id = await teams.add(session, name, private=private)
    except BadInput as error:
        return await _page(request, session, who, problem=error.message)
    await _record_team(session, who, team_id, private=private)
    return RedirectResponse(f"{PAGE}#team-{team_id}", 303)


@router.post("/teams/{team_id:int}")
async def change_team(
    session: SessionDep,
    who: LeadDep,
    team_id: int,
    private: Annotated[bool, Form()] = False,
    member: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Say whether a team is private, and who is in it."""
    if private or await teams.is_private(session, team_id):
        _only_with_every_team(who)
    ids = sorted(set(member or ()))
    await teams.change(session, team_id, private=private, agent_ids=ids)
    await _record_team(session, who, team_id, private=private, members=ids)
    return RedirectResponse(f"{PAGE}#team-{team_id}", 303)


def _only_with_every_team(who: SignedIn) -> None:
    """Who forms a private team reads its tickets: not for a lead, who could let themselves in.

    Raises:
        NotAllowed: Their role does not see every team.
    """
    if not who.may(Permission.EVERY_TEAM):
        raise guard.NotAllowed("a private team")


async def _record(
    session: SessionDep, who: SignedIn, act: Act, agent: Agent, **details: object
) -> None:
    await audit.record(session, who, act, f"agent:{agent.id}", now=clock.now(), **details)


async def _record_team(session: SessionDep, who: SignedIn, team_id: int, **details: object) -> None:
    await audit.record(
        session, who, Act.TEAM_CHANGED, f"team:{team_id}", now=clock.now(), **details
    )


async def _page(
    request: Request,
    session: SessionDep,
    who: SignedIn,
    *,
    problem: str | None = None,
    invited: Agent | None = None,
) -> Response:
    link = None
    if invited is not None:
        token = service.invitation(guard.signer(request, INVITATION), invited)
        link = f"{runtime(request).settings.base_url}{SIGN_IN}/welcome/{token}"
    return render(
        request,
        "people.html",
        now=clock.now(),
        status=200 if problem is None else 422,
        who=who,
        agents=await service.everybody(session),
        teams=await teams.all_teams(session),
        members=await teams.members(session),
        Role=Role,
        grants=GRANTS,
        problem=problem,
        invited=invited,
        link=link,
    )
