"""Take a carrier's webhook in, and read it later. Functions take a session and never commit."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from service import jobs
from service.db import insert_new
from service.storefront.models import Parcel, TrackingWebhook
from tracking_lookup.contract import Carrier, PushCarrier


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


async def parcel_id(session: AsyncSession, carrier: str, number: str) -> int | None:
    """The parcel of ours with this number; ``None`` where it is somebody else's."""
    return await session.scalar(
        select(Parcel.id).where(Parcel.carrier == carrier, Parcel.number == number)
    )


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
