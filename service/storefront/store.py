"""Parcels in the database, as ``tracking_lookup`` needs them."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from kit.text import clean
from service.db import Sessions
from service.storefront.models import Order, Parcel, TrackingAnswer, TrackingEventRow
from tracking_lookup.contract import Known
from tracking_lookup.merge import digest, merge
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent


class ServiceParcelStore:
    """``tracking_lookup.contract.ParcelStore`` over the tables; each call is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def known(self, parcel_id: int) -> Known:
        """See ``ParcelStore.known``."""
        async with self._sessions() as session:
            return await known_of(session, await _parcel(session, parcel_id))

    async def record(
        self, parcel_id: int, tracking: Tracking, raw: dict[str, Any], *, fetched_at: datetime
    ) -> Known:
        """See ``ParcelStore.record``. Answers may come late, twice and at once."""
        async with self._sessions.begin() as session:
            return await record(session, parcel_id, tracking, raw, fetched_at=fetched_at)


async def record(
    session: AsyncSession,
    parcel_id: int,
    tracking: Tracking,
    raw: dict[str, Any],
    *,
    fetched_at: datetime,
) -> Known:
    """Merge an answer into a parcel, keep it as it came, and return what is known then.

    The parcel is locked until the commit, so that answers at once are merged one after the other.

    Raises:
        NotFound: There is no such parcel.
    """
    parcel = await _parcel(session, parcel_id, locked=True)
    before = await known_of(session, parcel)
    heard = replace(tracking, events=tuple(_storable_event(event) for event in tracking.events))
    merged = merge(before.tracking, heard)
    answer = TrackingAnswer(
        parcel_id=parcel.id, source=tracking.carrier, fetched_at=fetched_at, raw=_storable(raw)
    )
    session.add(answer)
    parcel.status, parcel.detail = merged.status, merged.detail
    parcel.promised_from, parcel.promised_to = merged.promised_from, merged.promised_to
    parcel.fetched_at = max(fetched_at, parcel.fetched_at or fetched_at)
    await session.flush()
    await _add_events(session, answer, heard)
    return await known_of(session, parcel)


async def known_of(session: AsyncSession, parcel: Parcel) -> Known:
    """What is stored about a parcel, its events newest first."""
    order_promise = await session.scalar(
        select(Order.promised_to).where(Order.id == parcel.order_id)
    )
    rows = await session.scalars(select(TrackingEventRow).filter_by(parcel_id=parcel.id))
    known = Tracking(
        carrier=parcel.carrier,
        number=parcel.number,
        status=Status(parcel.status),
        detail=Detail(parcel.detail) if parcel.detail else None,
        events=tuple(_event(row) for row in rows),
        promised_from=parcel.promised_from,
        promised_to=parcel.promised_to,
    )
    return Known(
        carrier=parcel.carrier,
        number=parcel.number,
        tracking=merge(None, known) if parcel.fetched_at else None,  # merging puts them in order
        fetched_at=parcel.fetched_at,
        promised_to=order_promise,
        disputed_at=parcel.disputed_at,
    )


async def _parcel(session: AsyncSession, parcel_id: int, *, locked: bool = False) -> Parcel:
    statement = select(Parcel).filter_by(id=parcel_id)
    if locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = (await session.scalars(statement)).one_or_none()
    if found is None:
        raise NotFound("no such parcel")
    return found


async def _add_events(session: AsyncSession, answer: TrackingAnswer, heard: Tracking) -> None:
    """Store the events, each once. One known already gets the newest reading of its code."""
    events = {digest(event): event for event in heard.events}
    if not events:
        return
    statement = insert(TrackingEventRow).values(
        [
            {
                "parcel_id": answer.parcel_id,
                "answer_id": answer.id,
                "digest": key,
                "at": event.at,
                "local_time_only": event.local_time_only,
                "status": event.status,
                "detail": event.detail,
                "place": event.place,
                "code": event.code,
                "text": event.text,
            }
            for key, event in events.items()
        ]
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["parcel_id", "digest"],
            set_={"status": statement.excluded.status, "detail": statement.excluded.detail},
        )
    )


def _event(row: TrackingEventRow) -> TrackingEvent:
    return TrackingEvent(
        at=row.at,
        status=Status(row.status),
        detail=Detail(row.detail) if row.detail else None,
        place=row.place,
        code=row.code,
        text=row.text,
        local_time_only=row.local_time_only,
    )


def _storable_event(event: TrackingEvent) -> TrackingEvent:
    return replace(
        event,
        place=clean(event.place) if event.place is not None else None,
        code=clean(event.code),
        text=clean(event.text),
    )


def _storable(value: Any) -> Any:
    """JSON that PostgreSQL takes: no NUL or lone surrogate in its texts, no NaN or infinity."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
