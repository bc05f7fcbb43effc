"""Asking about the parcels nobody asks about, in time and within the calls there are."""

from collections import defaultdict
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import RateLimited, Unavailable
from service.db import Sessions
from service.storefront.models import Parcel
from service.storefront.store import known_of
from service.tracking.models import ParcelWatch
from tracking_lookup.budget import Urgency
from tracking_lookup.cadence import urgency_of
from tracking_lookup.service import TrackingLookup

# How many parcels one run looks at. What is left over is due in the next run, a minute later.
AT_ONCE: Final = 200
# How many of a source's parcels are asked about before looking whether it still answers.
HANDFUL: Final = 10

log = structlog.get_logger()


async def due(session: AsyncSession, *, now: datetime, limit: int = AT_ONCE) -> list[Parcel]:
    """The parcels to be asked about now, longest due first; one never asked about is due.

    A parcel that no order names is left alone, and so is one that somebody is asking about.
    """
    found = await session.scalars(
        select(Parcel)
        .outerjoin(ParcelWatch, ParcelWatch.parcel_id == Parcel.id)
        .where(
            Parcel.order_id.is_not(None),
            or_(ParcelWatch.parcel_id.is_(None), ParcelWatch.due_at <= now),
            or_(ParcelWatch.asking_until.is_(None), ParcelWatch.asking_until <= now),
        )
        .order_by(ParcelWatch.due_at.asc().nulls_first(), Parcel.id)
        .limit(limit)
    )
    return list(found)


async def refresh_due(sessions: Sessions, lookup: TrackingLookup, *, now: datetime) -> int:
    """Ask about the parcels that are due; those near their promised day first.

    A source whose share of calls is used up, or that does not answer, is left for the next run.

    Returns:
        How many parcels were asked about.
    """
    groups: dict[tuple[str, Urgency], list[int]] = defaultdict(list)
    async with sessions() as session:
        for parcel in await due(session, now=now):
            known = await known_of(session, parcel)
            source = lookup.source_for(known)
            if source is not None:
                urgency = urgency_of(known, now=now)
                groups[source, urgency].append(parcel.id)
    done = 0
    stopped: set[str] = set()
    for (source, urgency), parcels in sorted(groups.items(), key=lambda g: -g[0][1].value):
        size = max(HANDFUL, lookup.carriers[source].manifest.batch)
        for start in range(0, len(parcels), size):
            if source in stopped:
                break
            some = parcels[start : start + size]
            faults = await lookup.refresh(source, some, urgency, now=now)
            done += len(some) - len(faults)
            if any(isinstance(fault, RateLimited | Unavailable) for fault in faults):
                stopped.add(source)
    if done or stopped:
        log.info("parcels_refreshed", parcels=done, left_for_later=sorted(stopped))
    return done
