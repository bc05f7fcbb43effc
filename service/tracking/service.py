"""Take a carrier's webhook in, and read it later. Functions take a session and never commit."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from service import jobs
from service.db import insert_new
from service.storefront.models import Parcel, TrackingWebhook
from tracking_lookup.contract import UNKNOWN_CARRIER, Carrier, PushCarrier
from tracking_lookup.model import Tracking


def push_carrier(carriers: Mapping[str, Carrier], source: str) -> PushCarrier:
    """The carrier that calls us under the name ``source``.

    Raises:
        NotFound: None is switched on under that name, or it does not call.
    """
    carrier = carriers.get(source)
    if not isinstance(carrier, PushCarrier):
        raise NotFound("no carrier sends webhooks here")
    return carrier


async def accept(session: AsyncSession, source: str, body: bytes, *, now: datetime) -> int | None:
    """Store a verified webhook, once, and have it read; both are written together, or neither is.

    Returns:
        The stored webhook's id, or ``None`` where the same body came before.
    """
    webhook_id = await insert_new(
        session,
        TrackingWebhook,
        source=source,
        digest=hashlib.sha256(source.encode() + b"\0" + body).hexdigest(),
        body=body,
        received_at=now,
    )
    if webhook_id is not None:
        await jobs.defer(session, "read_tracking_webhook", webhook_id=webhook_id)
    return webhook_id


async def parcel_id(
    session: AsyncSession, tracking: Tracking, *, by_aggregator: bool = False
) -> int | None:
    """The parcel of ours that a webhook is about; ``None`` where it is somebody else's.

    Args:
        by_aggregator: The source writes carriers in its own way, so a parcel of ours that alone has
            the number is meant even if its carrier reads otherwise.
    """
    found = await session.execute(
        select(Parcel.id, Parcel.carrier).where(Parcel.number == tracking.number)
    )
    by_carrier = {carrier: parcel for parcel, carrier in found}
    if tracking.carrier in by_carrier:
        return by_carrier[tracking.carrier]
    if by_aggregator and len(by_carrier) == 1:
        return next(iter(by_carrier.values()))
    return by_carrier.get(UNKNOWN_CARRIER)


async def close(
    session: AsyncSession,
    webhook_id: int,
    *,
    done_at: datetime | None,
    note: str | None,
) -> None:
    """Write down what became of a webhook.

    Args:
        done_at: When it was read; ``None`` where it cannot be read, and ``note`` says why.
        note: For the operator; without personal data.
    """
    webhook = await session.get_one(TrackingWebhook, webhook_id)
    webhook.done_at = done_at
    webhook.error = note


async def dead_letters(session: AsyncSession, *, limit: int = 100) -> list[TrackingWebhook]:
    """Webhooks that could not be read, newest first; each has its reason in ``error``."""
    found = await session.scalars(
        select(TrackingWebhook)
        .where(TrackingWebhook.done_at.is_(None), TrackingWebhook.error.is_not(None))
        .order_by(TrackingWebhook.id.desc())
        .limit(limit)
    )
    return list(found)


async def replay(session: AsyncSession, webhook_ids: Sequence[int] | None = None) -> int:
    """Have unread webhooks read again, for when an adapter has been mended.

    Args:
        webhook_ids: ``None`` takes every dead letter. One that was read already is left alone.

    Returns:
        How many will be read.
    """
    dead = select(TrackingWebhook).where(
        TrackingWebhook.done_at.is_(None), TrackingWebhook.error.is_not(None)
    )
    if webhook_ids is not None:
        dead = dead.where(TrackingWebhook.id.in_(webhook_ids))
    count = 0
    for webhook in await session.scalars(dead.order_by(TrackingWebhook.id).with_for_update()):
        webhook.error = None
        await jobs.defer(session, "read_tracking_webhook", webhook_id=webhook.id)
        count += 1
    return count
