"""Take a carrier's webhook in, and read it later. Functions take a session and never commit."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from service import jobs
from service.db import insert_new
from service.statements import OFF_DISK, Bare, Statement
from service.storefront.models import Parcel, TrackingWebhook
from tracking_lookup.contract import UNKNOWN_CARRIER, Carrier, PushCarrier
from tracking_lookup.model import Tracking


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored webhook that is to be read."""

    source: str
    body: bytes
    received_at: datetime


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


async def waiting(on: Bare, webhook_id: int) -> Waiting | None:
    """A stored webhook; ``None`` where it was read already."""
    return await _WAITING.one(on, webhook_id=webhook_id)


async def parcel_id(
    on: AsyncSession | Bare, tracking: Tracking, *, by_aggregator: bool = False
) -> int | None:
    """The parcel of ours that a webhook is about; ``None`` where it is somebody else's.

    Args:
        by_aggregator: The source writes carriers in its own way, so a parcel of ours that alone has
            the number is meant even if its carrier reads otherwise.
    """
    by_carrier: dict[str, int] = dict(await _PARCELS.all(on, number=tracking.number))
    if tracking.carrier in by_carrier:
        return by_carrier[tracking.carrier]
    if by_aggregator and len(by_carrier) == 1:
        return next(iter(by_carrier.values()))
    return by_carrier.get(UNKNOWN_CARRIER)


async def close(
    on: Bare,
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
    await _CLOSE.all(on, webhook_id=webhook_id, done_at=done_at, note=note)


_WAITING: Final = Statement(
    select(TrackingWebhook.source, TrackingWebhook.body, TrackingWebhook.received_at).where(
        TrackingWebhook.id == bindparam("webhook_id"), TrackingWebhook.done_at.is_(None)
    ),
    Waiting,
)
_PARCELS: Final = Statement[Any](
    select(Parcel.carrier, Parcel.id).where(Parcel.number == bindparam("number"))
)
_CLOSE: Final = Statement[Any](
    update(TrackingWebhook)
    .where(TrackingWebhook.id == bindparam("webhook_id"))
    .values(done_at=bindparam("done_at"), error=bindparam("note"))
    .returning(OFF_DISK)
)


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
