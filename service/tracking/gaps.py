"""What silence is normal for a carrier, learned from this shop's own parcels."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.storefront.models import Parcel, TrackingEventRow
from service.tracking.models import NormalGap
from tracking_lookup import quirks
from tracking_lookup.calendars import working_time
from tracking_lookup.model import Detail, Status, TrackingEvent
from tracking_lookup.truth import leg_of

# Fewer parcels than this of one carrier and leg teach nothing.
ENOUGH: Final = 30
# Only what carriers did lately counts.
LOOK_BACK: Final = timedelta(days=180)
SHARE: Final = 0.95
# Never call a parcel quiet within a day, however swift the others were.
SHORTEST: Final = timedelta(days=1)


async def learn(session: AsyncSession, *, now: datetime) -> None:
    """Learn the normal gaps anew from the parcels delivered in the last 180 days."""
    longest: dict[tuple[str, str], list[timedelta]] = defaultdict(list)
    rows = await session.execute(
        select(Parcel.id, Parcel.carrier, TrackingEventRow.at, TrackingEventRow.detail)
        .join(TrackingEventRow, TrackingEventRow.parcel_id == Parcel.id)
        .where(
            Parcel.status == Status.DELIVERED,
            Parcel.fetched_at > now - LOOK_BACK,
            TrackingEventRow.status != Status.LABEL_CREATED,  # waiting for the shop is no silence
        )
        .order_by(Parcel.id, TrackingEventRow.at)
    )
    for (_, carrier), scans in groupby(rows, key=lambda row: (row.id, row.carrier)):
        events = [
            TrackingEvent(scan.at, Status.IN_TRANSIT, scan.detail and Detail(scan.detail))
            for scan in scans
        ]
        gap = longest_gap(events, days_off=quirks.of(carrier).days_off)
        if gap is not None:
            longest[carrier, leg_of(events)].append(gap)
    await session.execute(delete(NormalGap))
    for (carrier, leg), gaps in longest.items():
        if len(gaps) >= ENOUGH:
            session.add(
                NormalGap(
                    carrier=carrier,
                    leg=leg,
                    gap=max(SHORTEST, quantile(gaps, SHARE)),
                    parcels=len(gaps),
                    learned_at=now,
                )
            )


def longest_gap(events: list[TrackingEvent], *, days_off: frozenset[int]) -> timedelta | None:
    """The longest working time between two scans, oldest first; ``None`` with fewer than two."""
    pairs = pairwise(event.at for event in events)
    return max((working_time(a, b, days_off=days_off) for a, b in pairs), default=None)


def quantile(gaps: list[timedelta], share: float) -> timedelta:
    """The gap that a share of them does not exceed (nearest rank); ``gaps`` is not empty."""
    ordered = sorted(gaps)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
