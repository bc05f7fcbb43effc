"""Agents' accounts: made, invited, changed, closed."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound, NotVerified
from kit.signing import Signer
from kit.text import clean
from service.accounts import passwords
from service.accounts.models import Agent
from service.accounts.permissions import Role
from service.db import insert_new

INVITATION: Final = "agent-invitation"
INVITE_SECONDS: Final = 72 * 3600


async def create_agent(
    session: AsyncSession, email: str, name: str, *, role: Role = Role.AGENT
) -> str:
    """Make an account with a generated password.

    Args:
        name: Shown to colleagues; empty takes the e-mail's first part.

    Returns:
        The password. It is not kept and cannot be shown again.

    Raises:
        BadInput: Not an e-mail address, or an agent has it already.
    """
    password = passwords.readable()
    await add(session, email, name, role=role, password_hash=await passwords.hashed(password))
    return password


async def add(
    session: AsyncSession,
    email: str,
    name: str,
    *,
    role: Role,
    password_hash: str | None = None,
    subject: str | None = None,
) -> Agent:
    """Make an account.

    Args:
        password_hash: ``None`` where none was chosen yet: an invitation, or the identity provider,
            opens it.
        subject: Who they are at the identity provider.

    Raises:
        BadInput: Not an e-mail address, or an agent has it already.
    """
    address = normal_email(email)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise BadInput(f"{email!r} is not an e-mail address")
    made = await insert_new(
        session,
        Agent,
        email=address,
        name=clean(name, limit=80) or address.partition("@")[0],
        role=role,
        password_hash=password_hash or passwords.nobodys(),
        subject=subject,
    )
    if made is None:
        raise BadInput(f"an agent with the e-mail {address} exists already")
    return await session.get_one(Agent, made)


async def renew_password(session: AsyncSession, email: str) -> str:
    """Give an agent a new password, which ends their sessions.

    Returns:
        The generated password. It is not kept and cannot be shown again.

    Raises:
        BadInput: No agent has that e-mail.
    """
    agent = await find(session, email)
    password = passwords.readable()
    agent.password_hash = await passwords.hashed(password)
    return password


async def choose_password(session: AsyncSession, agent: Agent, password: str) -> None:
    """Set the password an agent chose, which ends their sessions.

    Raises:
        BadInput: It may not be chosen; the message is for them.
    """
    passwords.check_choice(password, email=agent.email)
    agent.password_hash = await passwords.hashed(password)


def invitation(signer: Signer, agent: Agent) -> str:
    """A token with which an agent chooses a password, once, within three days.

    It is bound to the password it replaces: once that has changed, every such token is void.
    """
    return signer.write(f"{agent.id}:{passwords.fingerprint(agent.password_hash)}")


async def invited(session: AsyncSession, signer: Signer, token: str) -> Agent:
    """Whose invitation this is; their row is locked, so that it is used once.

    Raises:
        NotVerified: Forged, too old, used, or the account was closed; never told apart.
    """
    agent_id, _, mark = signer.read(token, max_age=INVITE_SECONDS).partition(":")
    agent = await session.get(Agent, int(agent_id), with_for_update=True, populate_existing=True)
    if agent is None or not agent.active or passwords.fingerprint(agent.password_hash) != mark:
        raise NotVerified("the invitation is used or void")
    return agent


async def change(
    session: AsyncSession,
    agent_id: int,
    *,
    role: Role | None = None,
    active: bool | None = None,
    capacity: int | None = None,
    away: bool | None = None,
) -> Agent:
    """Change an account; what is ``None`` stays. Closing one ends its sessions at once.

    Raises:
        NotFound: There is no such account.
        BadInput: It would leave nobody who may manage accounts.
    """
    # One at a time: of two admins who demote each other in the same second, one is refused.
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('accounts'))"))
    agent = await get(session, agent_id)
    after = (role or Role(agent.role), agent.active if active is None else active)
    is_admin = agent.active and agent.role == Role.ADMIN
    if is_admin and after != (Role.ADMIN, True) and not await has_admin(session, beside=agent):
        raise BadInput("That would leave nobody who manages accounts. Name another admin first.")
    agent.role, agent.active = after
    if capacity is not None:
        agent.capacity = capacity
    if away is not None:
        agent.away = away
    await session.flush()
    return agent


async def has_admin(session: AsyncSession, *, beside: Agent | None = None) -> bool:
    """Whether somebody may manage accounts, besides ``beside``."""
    query = select(func.count()).select_from(Agent).where(Agent.active, Agent.role == Role.ADMIN)
    if beside is not None:
        query = query.where(Agent.id != beside.id)
    return bool(await session.scalar(query))


async def role_of_newcomer(session: AsyncSession) -> Role:
    """An admin's where nobody manages accounts yet, else an agent's."""
    return Role.AGENT if await has_admin(session) else Role.ADMIN


async def everybody(session: AsyncSession) -> Sequence[Agent]:
    """All accounts: the open ones first, then by name."""
    return (
        await session.scalars(select(Agent).order_by(Agent.active.desc(), Agent.name, Agent.id))
    ).all()


async def get(session: AsyncSession, agent_id: int) -> Agent:
    """An account.

    Raises:
        NotFound: There is no such account.
    """
    agent = await session.get(Agent, agent_id) if agent_id < 2**63 else None
    if agent is None:
        raise NotFound("no such account")
    return agent


async def find(session: AsyncSession, email: str) -> Agent:
    """An account by its e-mail.

    Raises:
        BadInput: No agent has that e-mail.
    """
    address = normal_email(email)
    agent = (await session.scalars(select(Agent).filter_by(email=address))).one_or_none()
    if agent is None:
        raise BadInput(f"no agent has the e-mail {address}")
    return agent


def normal_email(typed: str) -> str:
    """An e-mail address as accounts keep it."""
    return clean(typed, limit=254).lower()
