"""Looking for what no scan brings: silence, tomorrow, reminders, lost news. Never commits."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.notifications.milestones import noticing, triggers
from service.notifications.models import MilestoneRow, MilestoneWatch, Told
from service.notifications.news import Trigger
from service.storefront.models import Order, Parcel
from service.storefront.store import known_of
from tracking_lookup.calendars import working_time

AT_ONCE: Final = 200
LEFT_AFTER: Final = timedelta(minutes=15)
"""News that nobody has decided on for so long has lost its job. Ours."""
_HOLIDAYS: Final = timedelta(days=14)
"""How many days off there may be among the days after which an order is late, at most."""


async def look_at_clock(session: AsyncSession, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Keep what time alone has brought to the parcels that are due a look.

    Returns:
        How many were looked at; ``limit`` means that there may be more.
    """
    due = (
        await session.scalars(
            select(MilestoneWatch)
            .where(MilestoneWatch.due_at <= now)
            .order_by(MilestoneWatch.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
    for watch in due:
        known = await known_of(session, await session.get_one(Parcel, watch.parcel_id))
        again = triggers.next_look(known, now=now)
        if again is None:
            await session.execute(delete(MilestoneWatch).filter_by(parcel_id=watch.parcel_id))
            continue
        await session.execute(
            update(MilestoneWatch).filter_by(parcel_id=watch.parcel_id).values(due_at=again)
        )
        holding = triggers.holding(known, now=now, zone=noticing.zone_of(known, now=now))
        timed = [one for one in holding if one.trigger in triggers.TIMED]
        await noticing.keep(session, watch.parcel_id, timed, now=now)
    return len(due)


async def look_for_unsent(
    session: AsyncSession, *, after_days: int, max_age: timedelta, now: datetime
) -> int:
    """Keep that orders were not sent in time.

    Args:
        after_days: Working days from the order, in the country it goes to.
        max_age: How long ago they may have become late; older ones were there before us.

    Returns:
        How many.
    """
    late = timedelta(days=after_days)
    candidates = await session.scalars(
        select(Order).where(
            Order.placed_at <= now - late,
            Order.placed_at > now - late - max_age - _HOLIDAYS,
            Order.cancelled_at.is_(None),
            ~noticing.has_parcels(),
            ~exists().where(
                MilestoneRow.order_id == Order.id, MilestoneRow.trigger == Trigger.NOT_SHIPPED
            ),
        )
    )
    count = 0
    for order in candidates:
        countries = [order.country] if order.country else []
        waited = working_time(order.placed_at, now, countries=countries)
        if late <= waited < late + max_age:
            await noticing.keep_of_order(session, order, Trigger.NOT_SHIPPED, now, now=now)
            count += 1
    return count


async def look_for_left(session: AsyncSession, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Have people told of what should have been decided on by now.

    A job that has failed for good, or ran by a clock that is slow, is not the end of its news.

    Returns:
        How many people; ``limit`` means that there may be more.
    """
    people = await session.scalars(
        select(MilestoneRow.person)
        .where(MilestoneRow.state == Told.WAITING, MilestoneRow.due_at < now - LEFT_AFTER)
        .distinct()
        .limit(limit)
    )
    found = people.all()
    for person in found:
        await jobs.defer(session, "tell", person=person)
    return len(found)
