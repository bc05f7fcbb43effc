"""Keeping milestones, each once, with the change that brought them. Never commits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.notifications.milestones import triggers
from service.notifications.milestones.triggers import Milestone
from service.notifications.models import Told
from service.notifications.news import Trigger
from service.notifications.policy import quiet
from service.notifications.policy.rules import Why, person_of
from service.statements import Statement
from service.storefront.models import Order, Parcel
from tracking_lookup.contract import Known

UTC_ZONE: Final = ZoneInfo("UTC")
CONFIRMED_WITHIN: Final = timedelta(days=2)
"""An order that comes in later than this after it was placed is no news to who placed it. Ours."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose parcel it is."""

    order_id: int
    email: str | None
    phone: str | None

    @property
    def person(self) -> str:
        """See ``rules.person_of``."""
        return person_of(self.order_id, self.email, self.phone)


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
    found = triggers.happened(before, after, now=now, zone=zone_of(after, now=now))
    if found or due_at is not None:
        owner = await _OWNER.one(session, parcel_id=parcel_id, due_at=due_at)
        if owner is not None and found:
            await _tell(session, owner, parcel_id, found, now=now)


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
    owner = _Owner(order.id, order.email, order.phone)
    return await _insert(session, owner, None, [Milestone(trigger, at)], now=now)


async def keep_of_order(
    session: AsyncSession, order: Order, trigger: Trigger, at: datetime, *, now: datetime
) -> None:
    """Keep what an order has come to, and have it told."""
    owner = _Owner(order.id, order.email, order.phone)
    await _tell(session, owner, None, [Milestone(trigger, at)], now=now)


async def keep(
    session: AsyncSession, parcel_id: int, found: Sequence[Milestone], *, now: datetime
) -> None:
    """Keep what a parcel has come to, and have it told; of a parcel that no order names nothing."""
    owner = await _OWNER.one(session, parcel_id=parcel_id, due_at=None) if found else None
    if owner is not None:
        await _tell(session, owner, parcel_id, found, now=now)


async def _tell(
    session: AsyncSession,
    owner: _Owner,
    parcel_id: int | None,
    found: Sequence[Milestone],
    *,
    now: datetime,
) -> None:
    if await _insert(session, owner, parcel_id, found, now=now):
        await jobs.defer(session, "tell", person=owner.person)


async def _insert(
    session: AsyncSession,
    owner: _Owner,
    parcel_id: int | None,
    found: Sequence[Milestone],
    *,
    now: datetime,
) -> bool:
    """Add milestones unless they are there.

    One that was held back for what was known then is looked at again: as untrue, or as too old
    where it is newer than was known.

    Args:
        parcel_id: ``None``: they are the order's.

    Returns:
        Whether there is something to tell now.
    """
    kept = await (_OF_ORDER if parcel_id is None else _OF_PARCEL).all(
        session,
        order_id=owner.order_id,
        parcel_id=parcel_id,
        person=owner.person,
        now=now,
        triggers=[one.trigger.value for one in found],
        abouts=[one.about for one in found],
        ats=[one.at for one in found],
        facts=[json.dumps(facts_of(one)) for one in found],
    )
    return bool(kept)


def _keeping(key: str, where: str) -> Statement[int]:
    """The statement that adds milestones.

    Args:
        key: Whose column tells them apart, with trigger and about. where: Of that key's index.
    """
    return Statement(
        text(f"""
INSERT INTO milestones AS old
    (order_id, parcel_id, person, noticed_at, due_at, state, trigger, about, at, facts)
SELECT :order_id, :parcel_id, :person, :now, :now, '{Told.WAITING}', new.* FROM unnest(
    CAST(:triggers AS text[]), CAST(:abouts AS text[]), CAST(:ats AS timestamptz[]),
    CAST(:facts AS jsonb[])
) AS new
ON CONFLICT ({key}, trigger, about) WHERE {where} DO UPDATE SET
    person = excluded.person, state = excluded.state, noticed_at = excluded.noticed_at,
    due_at = excluded.due_at, why = NULL, decided_at = NULL,
    at = excluded.at, facts = excluded.facts
WHERE old.state = '{Told.HELD}'
    AND (old.why = '{Why.OVER}' OR old.why = '{Why.TOO_OLD}' AND excluded.at > old.at)
RETURNING id
"""),  # noqa: S608 - of constants alone
        int,
    )


_OF_PARCEL: Final = _keeping("parcel_id", "parcel_id IS NOT NULL")
_OF_ORDER: Final = _keeping("order_id", "parcel_id IS NULL")


def facts_of(one: Milestone) -> dict[str, Any]:
    """What is kept of a milestone for its message."""
    facts = {
        "place": one.place,
        "because": one.because,
        "old_first": one.old[0].isoformat() if one.old else None,
        "old_last": one.old[1].isoformat() if one.old else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


# A parcel is watched from when it is first heard of. Where no order names it, or that is cancelled,
# there is nobody to tell.
_OWNER: Final = Statement(
    text("""
WITH watch AS (
    INSERT INTO milestone_watches (parcel_id, due_at)
    SELECT :parcel_id, :due_at WHERE CAST(:due_at AS timestamptz) IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT orders.id, orders.email, orders.phone
FROM orders JOIN parcels ON parcels.order_id = orders.id
WHERE parcels.id = :parcel_id AND orders.cancelled_at IS NULL
"""),
    _Owner,
)


def has_parcels() -> ColumnElement[bool]:
    """Whether an order of the query has been sent, or a part of it."""
    return exists().where(Parcel.order_id == Order.id)
