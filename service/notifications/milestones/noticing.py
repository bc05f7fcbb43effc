"""Keeping milestones, each once, with the change that brought them. Never commits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.notifications.milestones import triggers
from service.notifications.milestones.triggers import Milestone
from service.notifications.models import MilestoneRow, MilestoneWatch, Told
from service.notifications.news import Trigger
from service.notifications.policy import quiet
from service.notifications.policy.rules import Why, person_of
from service.storefront.models import Order, Parcel
from tracking_lookup.contract import Known

UTC_ZONE: Final = ZoneInfo("UTC")
CONFIRMED_WITHIN: Final = timedelta(days=2)
"""An order that comes in later than this after it was placed is no news to who placed it. Ours."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose parcel it is."""

    order_id: int
    person: str


async def noticed(
    session: AsyncSession, parcel_id: int, before: Known | None, after: Known, *, now: datetime
) -> None:
    """Keep what a parcel has come to by a change, and have it told.

    In the change's own transaction: a kill loses neither or both. The same change again, or the
    same milestone by another one, adds nothing.

    Args:
        before: What was known; ``None`` before the first answer.
        now: When the change was heard of.
    """
    due_at = triggers.next_look(after, now=now)
    if due_at is not None:
        watch = insert(MilestoneWatch).values(parcel_id=parcel_id, due_at=due_at)
        await session.execute(watch.on_conflict_do_nothing())
    found = triggers.happened(before, after, now=now, zone=zone_of(after, now=now))
    await keep(session, parcel_id, found, now=now)


async def ordered(session: AsyncSession, order_ids: Sequence[int], *, now: datetime) -> None:
    """Keep that orders have come in, those that are fresh and wait to be sent."""
    fresh = await session.scalars(
        select(Order).where(
            Order.id.in_(order_ids),
            Order.placed_at > now - CONFIRMED_WITHIN,
            Order.cancelled_at.is_(None),
            ~has_parcels(),
        )
    )
    for order in fresh:
        await keep_of_order(session, order, Trigger.ORDER_CONFIRMED, order.placed_at, now=now)


def zone_of(known: Known, *, now: datetime) -> ZoneInfo:
    """The zone of a parcel's destination, for its days."""
    place = quiet.Place(country=known.country, postcode=known.postcode)
    return quiet.zone_of(place, UTC_ZONE, now=now)


async def keep_order_milestone(
    session: AsyncSession, order: Order, trigger: Trigger, at: datetime, *, now: datetime
) -> bool:
    """Keep what an order has come to, once. Returns whether it is new."""
    row = {"order_id": order.id, "parcel_id": None, "trigger": trigger, "at": at}
    owner = _Owner(order.id, person_of(order.id, order.email, order.phone))
    return await _insert(session, [row], owner, MilestoneRow.parcel_id.is_(None), now=now)


async def keep_of_order(
    session: AsyncSession, order: Order, trigger: Trigger, at: datetime, *, now: datetime
) -> None:
    """Keep what an order has come to, and have it told."""
    if await keep_order_milestone(session, order, trigger, at, now=now):
        person = person_of(order.id, order.email, order.phone)
        await jobs.defer(session, "tell", person=person)


async def keep(
    session: AsyncSession, parcel_id: int, found: Iterable[Milestone], *, now: datetime
) -> None:
    """Keep what a parcel has come to, and have it told; of a parcel that no order names nothing."""
    rows = [
        {
            "parcel_id": parcel_id,
            "trigger": one.trigger,
            "about": one.about,
            "at": one.at,
            "facts": facts_of(one),
        }
        for one in found
    ]
    owner = await _owner(session, parcel_id) if rows else None
    if owner is None:
        return
    rows = [{"order_id": owner.order_id, **row} for row in rows]
    if await _insert(session, rows, owner, MilestoneRow.parcel_id.is_not(None), now=now):
        await jobs.defer(session, "tell", person=owner.person)


async def _insert(
    session: AsyncSession,
    rows: Sequence[dict[str, Any]],
    owner: _Owner,
    unique_where: ColumnElement[bool],
    *,
    now: datetime,
) -> bool:
    """Add milestones unless they are there.

    One that was held back for what was known then is looked at again: as untrue, or as too old
    where it is newer than was known.

    Returns:
        Whether there is something to tell now.
    """
    whose = "parcel_id" if rows[0].get("parcel_id") else "order_id"
    fresh = {
        "person": owner.person,
        "state": Told.WAITING,
        "noticed_at": now,
        "due_at": now,
        "why": None,
        "decided_at": None,
    }
    new = insert(MilestoneRow).values([{"about": "", "facts": {}, **row, **fresh} for row in rows])
    again = {name: new.excluded[name] for name in (*fresh, "at", "facts")}
    is_newer = (MilestoneRow.why == Why.TOO_OLD) & (new.excluded.at > MilestoneRow.at)
    found = await session.execute(
        new.on_conflict_do_update(
            index_elements=[whose, "trigger", "about"],
            index_where=unique_where,
            set_=again,
            where=(MilestoneRow.state == Told.HELD) & ((MilestoneRow.why == Why.OVER) | is_newer),
        ).returning(MilestoneRow.id)
    )
    return bool(found.all())


def facts_of(one: Milestone) -> dict[str, Any]:
    """What is kept of a milestone for its message."""
    facts = {
        "place": one.place,
        "because": one.because,
        "old_first": one.old[0].isoformat() if one.old else None,
        "old_last": one.old[1].isoformat() if one.old else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


async def _owner(session: AsyncSession, parcel_id: int) -> _Owner | None:
    """``None`` where no order names the parcel, or it is cancelled: there is nobody to tell."""
    row = (
        await session.execute(
            select(Order.id, Order.email, Order.phone)
            .join(Parcel, Parcel.order_id == Order.id)
            .where(Parcel.id == parcel_id, Order.cancelled_at.is_(None))
        )
    ).one_or_none()
    return row and _Owner(row.id, person_of(row.id, row.email, row.phone))


def has_parcels() -> ColumnElement[bool]:
    """Whether an order of the query has been sent, or a part of it."""
    return exists().where(Parcel.order_id == Order.id)
