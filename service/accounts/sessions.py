"""Signing in, and the sessions that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotVerified
from service.accounts import passwords, throttle
from service.accounts.models import Agent, AgentSession, TeamMember
from service.accounts.permissions import Permission, Role, allows
from service.accounts.service import normal_email
from service.db import Sessions

SESSION_LASTS: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the page.

    Attributes:
        session_id: The sign-in, a row of ``AgentSession``.
        teams: Ids of the teams they are in.
        address: Where this request came from.
    """

    agent: Agent
    session_id: int
    teams: frozenset[int] = frozenset()
    address: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether their role grants it."""
        return allows(Role(self.agent.role), permission)


async def check_password(
    sessions: Sessions, email: str, password: str, *, address: str, now: datetime
) -> Agent:
    """Whose e-mail and password these are. No transaction is open while it is hashed.

    An unknown e-mail takes as long, and is counted, like a wrong password.

    Args:
        address: Where the request came from.

    Raises:
        NotVerified: No such agent, shut out, or wrong password; never told apart.
        LockedOut: Too many tries with this e-mail or from this address in 15 minutes.
    """
    email = normal_email(email)
    async with sessions.begin() as session:
        await throttle.count(session, f"email:{email}", throttle.TRIES_PER_EMAIL, now=now)
        await throttle.count(session, f"address:{address}", throttle.TRIES_PER_ADDRESS, now=now)
        agent = (await session.scalars(select(Agent).filter_by(email=email))).one_or_none()
    if agent is not None and not agent.active:
        agent = None
    if not await passwords.fits(agent.password_hash if agent else None, password) or agent is None:
        raise NotVerified("sign-in refused")
    async with sessions.begin() as session:
        await throttle.clear(session, f"email:{email}")
    return agent


async def begin(
    session: AsyncSession, agent: Agent, *, address: str, device: str, now: datetime
) -> SignedIn:
    """Begin a session for somebody who has proved who they are.

    Args:
        agent: As it was when it was proved: a password changed since then makes the session none.
    """
    begun = AgentSession(
        agent_id=agent.id,
        password_hash=agent.password_hash,
        started_at=now,
        device=device,
        address=address,
    )
    session.add(begun)
    await throttle.forget_the_old(session, now=now)
    old = (
        select(AgentSession.id)
        .where(AgentSession.started_at <= now - SESSION_LASTS)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(AgentSession).where(AgentSession.id.in_(old)))
    await session.flush()
    return SignedIn(agent, begun.id, address=address)


async def signed_in(
    session: AsyncSession, session_id: int, *, address: str = "", now: datetime
) -> SignedIn:
    """Who a session belongs to.

    Raises:
        NotVerified: It was ended or is too old, the agent was shut out, or the password changed.
    """
    teams = (
        select(func.array_agg(TeamMember.team_id))
        .where(TeamMember.agent_id == Agent.id)
        .scalar_subquery()
    )
    found = (
        await session.execute(
            select(Agent, teams)
            .join(AgentSession, AgentSession.agent_id == Agent.id)
            .where(
                AgentSession.id == session_id,
                AgentSession.started_at > now - SESSION_LASTS,
                AgentSession.password_hash == Agent.password_hash,
                Agent.active,
            )
        )
    ).one_or_none()
    if found is None:
        raise NotVerified("the session has ended")
    agent, team_ids = found
    return SignedIn(agent, session_id, frozenset(team_ids or ()), address)


async def of_agent(session: AsyncSession, agent: Agent, *, now: datetime) -> Sequence[AgentSession]:
    """An agent's sessions that still hold, newest first."""
    return (
        await session.scalars(
            select(AgentSession)
            .where(
                AgentSession.agent_id == agent.id,
                AgentSession.password_hash == agent.password_hash,
                AgentSession.started_at > now - SESSION_LASTS,
            )
            .order_by(AgentSession.started_at.desc(), AgentSession.id.desc())
        )
    ).all()


async def end(
    session: AsyncSession, agent: Agent, session_id: int | None = None, *, keep: int | None = None
) -> None:
    """End an agent's sessions, for every copy of their cookies.

    Args:
        session_id: The one to end; ``None`` for all of them. Another agent's is left alone.
        keep: One that stays.
    """
    which = delete(AgentSession).where(AgentSession.agent_id == agent.id)
    if session_id is not None:
        which = which.where(AgentSession.id == session_id)
    if keep is not None:
        which = which.where(AgentSession.id != keep)
    await session.execute(which)


# What a browser calls itself holds the names of others: the first that is found is right.
_BROWSERS: Final = ("Edg", "OPR", "Firefox", "CriOS", "Chrome", "Safari")
_SYSTEMS: Final = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_NAMES: Final = {"Edg": "Edge", "OPR": "Opera", "CriOS": "Chrome", "Mac OS": "macOS"}


def device(user_agent: str) -> str:
    """A browser and its system, for people: ``"Firefox on Linux"``."""

    def first(among: Sequence[str], otherwise: str) -> str:
        found = next((name for name in among if name in user_agent), otherwise)
        return _NAMES.get(found, found)

    return f"{first(_BROWSERS, 'A browser')} on {first(_SYSTEMS, 'some system')}"
