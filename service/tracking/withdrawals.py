"""Scans a carrier takes back: "delivered" in one answer, and gone from the next."""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service.storefront.models import TrackingAnswer, TrackingEventRow
from service.tracking.models import WithdrawnEvent
from tracking_lookup.merge import digest
from tracking_lookup.model import Tracking

log = structlog.get_logger()


def pushed_by(source: str) -> str:
    """The name under which a source's webhooks are kept, apart from its answers.

    A webhook may run ahead of the same carrier's answers, so a scan that only a webhook has told
    is not taken back by an answer that does not have it yet.
    """
    return f"{source}/webhook"


async def take_back(
    session: AsyncSession, parcel_id: int, heard: Tracking, source: str, *, at: datetime
) -> set[str]:
    """Mark the scans that the same source told before in an answer and no longer tells.

    Only those after the newest scan it tells now: they would hide what it says. An older one that
    is missing proves nothing, since carriers shorten long histories.

    Returns:
        The digests of what is taken back now.
    """
    if not heard.events:
        return set()
    newest = max(event.at for event in heard.events)
    told = {digest(event) for event in heard.events}
    rows = await session.scalars(
        select(TrackingEventRow)
        .join(TrackingAnswer, TrackingAnswer.id == TrackingEventRow.answer_id)
        .where(
            TrackingEventRow.parcel_id == parcel_id,
            TrackingAnswer.source == source,
            TrackingEventRow.at > newest,
            TrackingEventRow.digest.not_in(told),
        )
    )
    gone = list(rows)
    for row in gone:
        log.warning("tracking_event_withdrawn", parcel=parcel_id, carrier=source, status=row.status)
        await session.execute(
            insert(WithdrawnEvent).values(event_id=row.id, at=at).on_conflict_do_nothing()
        )
    return {row.digest for row in gone}
