"""Agents' accounts: passwords, sign-in, sessions."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, LockedOut, NotVerified
from kit.text import clean
from service.db import Sessions, insert_new
from service.inbox.models import Agent, AgentSession, SignInTry

T = TypeVar("T")

SESSION_LASTS = timedelta(hours=12)
TRY_COUNTS_FOR = timedelta(minutes=15)
TRIES_PER_EMAIL = 8
TRIES_PER_ADDRESS = 40
MAX_PASSWORD_CHARS = 1000

# argon2id with RFC 9106's second recommended set: 64 MiB a hash, hence no more than two at once.
_HASHER = PasswordHasher()
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the page.

    Attributes:
        session_id: The sign-in, a row of ``AgentSession``.
    """

    agent: Agent
    session_id: int


async def create_agent(session: AsyncSession, email: str, name: str) -> str:
    """Make an account.

    Args:
        name: Shown to colleagues; empty takes the e-mail's first part.

    Returns:
        The generated password. It is not kept and cannot be shown again.

    Raises:
        BadInput: Not an e-mail address, or an agent has it already.
    """
    address = _email(email)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise BadInput(f"{email!r} is not an e-mail address")
    password = _new_password()
    made = await insert_new(
        session,
        Agent,
        email=address,
        name=clean(name, limit=80) or address.partition("@")[0],
        password_hash=await _hash(password),
    )
    if made is None:
        raise BadInput(f"an agent with the e-mail {address} exists already")
    return password


async def renew_password(session: AsyncSession, email: str) -> str:
    """Give an agent a new password, which ends their sessions.

    Returns:
        The generated password. It is not kept and cannot be shown again.

    Raises:
        BadInput: No agent has that e-mail.
    """
    agent = await _find(session, email)
    password = _new_password()
    agent.password_hash = await _hash(password)
    return password


async def deactivate(session: AsyncSession, email: str) -> None:
    """Shut an agent out, at once. What they did stays theirs.

    Raises:
        BadInput: No agent has that e-mail.
    """
    (await _find(session, email)).active = False


async def sign_in(
    sessions: Sessions, email: str, password: str, *, address: str, now: datetime
) -> int:
    """Check a password and begin a session. No transaction is open while it is hashed.

    A try is counted before it is checked, so that many at once are not more than one by one. An
    unknown e-mail takes as long, and is counted, like a wrong password.

    Args:
        address: Where the request came from.

    Returns:
        The session's id.

    Raises:
        NotVerified: No such agent, shut out, or wrong password; never told apart.
        LockedOut: Too many tries with this e-mail or from this address in 15 minutes.
    """
    email = _email(email)
    async with sessions.begin() as session:
        await _count_try(session, f"email:{email}", TRIES_PER_EMAIL, now=now)
        await _count_try(session, f"address:{address}", TRIES_PER_ADDRESS, now=now)
        agent = (await session.scalars(select(Agent).filter_by(email=email))).one_or_none()
    nobodys = await _in_thread(_made_up_hash)
    known = agent.password_hash if agent is not None and agent.active else nobodys
    right = await _in_thread(_fits, known, password[:MAX_PASSWORD_CHARS])
    if agent is None or not agent.active or not right:
        raise NotVerified("sign-in refused")
    async with sessions.begin() as session:
        await session.execute(
            delete(SignInTry).where(SignInTry.digest == _digest(f"email:{email}"))
        )
        await _forget_the_old(session, now=now)
        begun = AgentSession(agent_id=agent.id, password_hash=known, started_at=now)
        session.add(begun)
        await session.flush()
        return begun.id


async def signed_in(session: AsyncSession, session_id: int, *, now: datetime) -> SignedIn:
    """Who a session belongs to.

    Raises:
        NotVerified: It was ended or is too old, the agent was shut out, or the password changed.
    """
    found = await session.scalars(
        select(Agent)
        .join(AgentSession, AgentSession.agent_id == Agent.id)
        .where(
            AgentSession.id == session_id,
            AgentSession.started_at > now - SESSION_LASTS,
            AgentSession.password_hash == Agent.password_hash,
            Agent.active,
        )
    )
    agent = found.one_or_none()
    if agent is None:
        raise NotVerified("the session has ended")
    return SignedIn(agent, session_id)


async def sign_out(session: AsyncSession, session_id: int) -> None:
    """End a session, for every copy of its cookie."""
    await session.execute(delete(AgentSession).where(AgentSession.id == session_id))


async def _count_try(session: AsyncSession, what: str, limit: int, *, now: datetime) -> None:
    """Count one try against ``what``.

    Raises:
        LockedOut: That was one too many; nothing is counted then, so waiting always helps.
    """
    digest = _digest(what)
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:d))"), {"d": digest})
    tries = await session.scalar(
        select(func.count())
        .select_from(SignInTry)
        .where(SignInTry.digest == digest, SignInTry.at > now - TRY_COUNTS_FOR)
    )
    if (tries or 0) >= limit:
        raise LockedOut("too many tries to sign in")
    session.add(SignInTry(digest=digest, at=now))
    await session.flush()


async def _forget_the_old(session: AsyncSession, *, now: datetime) -> None:
    for table, column, lasts in (
        (SignInTry, SignInTry.at, TRY_COUNTS_FOR),
        (AgentSession, AgentSession.started_at, SESSION_LASTS),
    ):
        # Skipping what another sign-in deletes at this moment: no two wait for each other.
        old = select(table.id).where(column <= now - lasts).with_for_update(skip_locked=True)
        await session.execute(delete(table).where(table.id.in_(old)))


async def _find(session: AsyncSession, email: str) -> Agent:
    agent = (await session.scalars(select(Agent).filter_by(email=_email(email)))).one_or_none()
    if agent is None:
        raise BadInput(f"no agent has the e-mail {_email(email)}")
    return agent


def _email(typed: str) -> str:
    return clean(typed, limit=254).lower()


def _new_password() -> str:
    """Four groups that can be read out over the phone; 80 bits."""
    raw = "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(16))
    return "-".join(raw[i : i + 4] for i in range(0, 16, 4))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _fits(known: str, password: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False


async def _hash(password: str) -> str:
    return await _in_thread(_HASHER.hash, password)


@cache
def _made_up_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


async def _in_thread(work: Callable[..., T], *args: str) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *args)
