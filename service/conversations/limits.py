"""When a provider's limits let a message go: counted in the database, for all workers at once.

The carriers' call budget (``service.tracking.budget``) refuses a call that is too early. Here a
place is reserved instead: a thousand waiting messages then stand in line, each with its own moment,
and do not come back again and again to find the same free place taken.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.contract import ChannelManifest, Rate
from service.conversations.models import SendLimit
from tracking_lookup.budget import window_of


async def reserve(
    session: AsyncSession, manifest: ChannelManifest, address: str, *, now: datetime
) -> datetime:
    """The first moment that the provider's limits leave free, taken for us; at the earliest now."""
    slot = now
    for key, rate in (
        (f"{manifest.slug}:{address}", manifest.rate_per_address),
        (manifest.slug, manifest.rate),
    ):
        if rate is not None:
            slot = max(slot, await _take(session, key, rate, now=now))
    return slot


async def rest(session: AsyncSession, slug: str, *, until: datetime) -> None:
    """Leave a provider alone until then, as it asked."""
    statement = insert(SendLimit).values(key=slug, rest_until=until, used_at=until)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "rest_until": func.greatest(SendLimit.rest_until, until),
                "used_at": func.greatest(SendLimit.used_at, until),
            },
        )
    )


async def forget(session: AsyncSession, *, before: datetime) -> None:
    """Drop the limits that nobody has used since."""
    await session.execute(delete(SendLimit).where(SendLimit.used_at < before))


def next_slot(slots: Sequence[datetime], rate: Rate, *, now: datetime) -> datetime:
    """The first moment at which one more message keeps the limit in every stretch of its length.

    Args:
        slots: Of the messages before, oldest first, the newest ``rate.count`` at least.
    """
    if len(slots) < rate.count:
        return max(now, *slots[-1:]) if slots else now
    return max(now, slots[-1], slots[-rate.count] + window_of(rate.seconds))


async def _take(session: AsyncSession, key: str, rate: Rate, *, now: datetime) -> datetime:
    await session.execute(insert(SendLimit).values(key=key, used_at=now).on_conflict_do_nothing())
    limit = (
        await session.scalars(
            select(SendLimit)
            .filter_by(key=key)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
    slot = max(next_slot(limit.slots, rate, now=now), limit.rest_until or now)
    limit.slots = [*limit.slots, slot][-rate.count :]
    limit.used_at = slot
    await session.flush()
    return slot
