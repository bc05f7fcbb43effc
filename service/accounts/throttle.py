"""How often somebody may try to sign in."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import LockedOut
from service.accounts.models import SignInTry

TRY_COUNTS_FOR: Final = timedelta(minutes=15)
TRIES_PER_EMAIL: Final = 8
TRIES_PER_ADDRESS: Final = 40
# A code has six digits, and three of them are right at any time.
TRIES_PER_CODE: Final = 5


async def count(session: AsyncSession, what: str, limit: int, *, now: datetime) -> None:
    """Count one try against ``what``. Before the check, so that many at once are not more.

    Args:
        what: ``"email:ana@example.com"``; kept as a digest only.

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


async def clear(session: AsyncSession, what: str) -> None:
    """Forget the tries of ``what``: the right one was among them."""
    await session.execute(delete(SignInTry).where(SignInTry.digest == _digest(what)))


async def forget_the_old(session: AsyncSession, *, now: datetime) -> None:
    """Delete tries that no longer count."""
    # Skipping what another sign-in deletes at this moment: no two wait for each other.
    old = (
        select(SignInTry.id)
        .where(SignInTry.at <= now - TRY_COUNTS_FOR)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(SignInTry).where(SignInTry.id.in_(old)))


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
