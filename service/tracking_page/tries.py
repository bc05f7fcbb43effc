"""Nobody may guess for long: failed tries are counted by who tries, and by what is tried.

Counted in the database, for all processes together. A link, number or proof that fits costs
nothing, so a household behind one address may open as many pages as it likes.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter
from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import LockedOut
from service.statements import Bare, Statement
from service.tracking_page.models import FailedTry
from service.visitors import digest as _digest

TRIES_COUNT_FOR: Final = timedelta(minutes=15)
TRIES_PER_ADDRESS: Final = 30
# Of one order number, from all addresses together: a postcode has few enough values to be guessed.
TRIES_PER_ORDER: Final = 10

FAILED = Counter("wismo_page_tries_failed", "Links, numbers and proofs that did not fit.")
ALARMS = Counter("wismo_page_tries_alarms", "Times that an address or order was made to wait.")

log = structlog.get_logger()


def what(order_key: str, key: str) -> str:
    """An order number that is tried, as counted. It need not exist."""
    return _digest("order", order_key, key)


async def still_welcome(
    session: AsyncSession | Bare, digest: str, most: int, *, now: datetime
) -> None:
    """Raise ``LockedOut`` where too many tries failed lately."""
    if await _count(session, digest, now=now) >= most:
        raise LockedOut("too many tries that failed")


async def admit(session: AsyncSession, digest: str, most: int, *, now: datetime) -> None:
    """The same for what can: a proof of few values.

    Tries at once wait for each other until the commit, so that they are counted one by one.
    """
    lock = int.from_bytes(bytes.fromhex(digest)[:8], signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
    await still_welcome(session, digest, most, now=now)


async def failed(session: AsyncSession, digest: str, most: int, *, now: datetime) -> None:
    """Count a try that failed, and raise the alarm with the last one that is let through."""
    FAILED.inc()
    session.add(FailedTry(digest=digest, at=now))
    await session.flush()
    if await _count(session, digest, now=now) == most:
        ALARMS.inc()
        log.warning("page_tries_locked", digest=digest[:12])
    await session.execute(delete(FailedTry).where(FailedTry.at < now - 4 * TRIES_COUNT_FOR))


async def _count(session: AsyncSession | Bare, digest: str, *, now: datetime) -> int:
    return await _COUNT.one(session, digest=digest, since=now - TRIES_COUNT_FOR) or 0


_COUNT: Final = Statement(
    select(func.count()).where(
        FailedTry.digest == bindparam("digest"), FailedTry.at > bindparam("since")
    ),
    int,
)
