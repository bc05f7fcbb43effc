"""Parcels in the database, as ``tracking_lookup`` needs them."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ScalarSelect, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from kit.text import clean
from service import jobs
from service.db import Sessions
from service.edd.models import DeliveryDate
from service.news import announce, parcel_topic
from service.notifications.milestones import noticing
from service.statements import Bare, Statement, bare
from service.storefront.models import (
    CarrierBy,
    Order,
    Parcel,
    TrackingAnswer,
    TrackingEventRow,
)
from service.storefront.normal import carrier_of
from service.tracking import withdrawals
from service.tracking.models import NormalGap, ParcelWatch, WithdrawnEvent
from tracking_lookup.cadence import next_look
from tracking_lookup.contract import UNKNOWN_CARRIER, Known, Window
from tracking_lookup.edd.promise import GIVEN
from tracking_lookup.merge import digest, merge, told_once, without
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.truth import DOMESTIC, INTERNATIONAL, leg_of
from tracking_lookup.zones import with_zones

log = structlog.get_logger()


class ServiceParcelStore:
    """``tracking_lookup.contract.ParcelStore`` over the tables; each call is one transaction."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def known(self, parcel_id: int) -> Known:
        """See ``ParcelStore.known``."""
        async with bare(self._sessions) as connection:
            return await _known(connection, parcel_id)

    async def claim(self, parcel_id: int, *, now: datetime, until: datetime) -> Known | None:
        """See ``ParcelStore.claim``. Raises ``NotFound`` for no such parcel."""
        async with self._sessions.begin() as session:
            parcel = await _parcel(session, parcel_id)
            mark = insert(ParcelWatch).values(
                parcel_id=parcel_id, asking_until=until, due_at=parcel.fetched_at or now
            )
            mine = await session.scalar(
                mark.on_conflict_do_update(
                    index_elements=["parcel_id"],
                    set_={"asking_until": until},
                    where=(ParcelWatch.asking_until.is_(None) | (ParcelWatch.asking_until <= now)),
                ).returning(ParcelWatch.parcel_id)
            )
            if mine is None:
                return None
            await session.refresh(parcel)  # whoever held the claim may have changed it
            return await known_of(session, parcel)

    async def release(self, parcel_id: int, *, again: datetime | None = None) -> None:
        """See ``ParcelStore.release``."""
        changed: dict[str, Any] = {"asking_until": None}
        if again is not None:
            changed["due_at"] = again
        async with self._sessions.begin() as session:
            await session.execute(
                update(ParcelWatch).where(ParcelWatch.parcel_id == parcel_id).values(**changed)
            )

    async def record(
        self,
        parcel_id: int,
        tracking: Tracking,
        raw: dict[str, Any],
        *,
        fetched_at: datetime,
        source: str | None = None,
        whole: bool = True,
        asked_as: str | None = None,
    ) -> Known:
        """See ``ParcelStore.record``. Answers may come late, twice and at once."""
        async with self._sessions.begin() as session:
            return await record(
                session,
                parcel_id,
                tracking,
                raw,
                fetched_at=fetched_at,
                source=source,
                whole=whole,
                asked_as=asked_as,
            )


async def record(
    session: AsyncSession,
    parcel_id: int,
    tracking: Tracking,
    raw: dict[str, Any],
    *,
    fetched_at: datetime,
    source: str | None = None,
    whole: bool = True,
    asked_as: str | None = None,
) -> Known:
    """Merge an answer into a parcel, keep it as it came, and return what is known then.

    The parcel is locked until the commit, so that answers at once are merged one after the other.
    See ``ParcelStore.record`` for ``source``, ``whole`` and ``asked_as``.

    Raises:
        NotFound: There is no such parcel.
    """
    parcel = await _parcel(session, parcel_id, locked=True)
    if asked_as is not None and asked_as != parcel.carrier:
        log.info("tracking_answer_dropped", parcel=parcel.id, source=source, asked_as=asked_as)
        return await known_of(session, parcel)
    source = source or parcel.carrier
    heard = replace(tracking, events=tuple(map(_storable_event, with_zones(tracking.events))))
    was = before = await _tracking_of(session, parcel)
    if whole and parcel.fetched_at is not None and fetched_at > parcel.fetched_at:
        gone = await withdrawals.take_back(session, parcel, heard, source, at=fetched_at)
        before = without(before, gone)
    merged = merge(before, heard)
    answer = TrackingAnswer(
        parcel_id=parcel.id,
        source=source if whole else withdrawals.pushed_by(source),
        fetched_at=fetched_at,
        raw=_storable(raw),
    )
    session.add(answer)
    if parcel.carrier == UNKNOWN_CARRIER and tracking.status is not Status.NOT_FOUND:
        parcel.carrier, parcel.carrier_by = carrier_of(tracking.carrier), CarrierBy.ANSWER
    parcel.status, parcel.detail = merged.status, merged.detail
    parcel.promised_from, parcel.promised_to = merged.promised_from, merged.promised_to
    if parcel.first_promised_to is None and merged.promised_to is not None:
        parcel.first_promised_to, parcel.first_promised_at = merged.promised_to, fetched_at
    parcel.fetched_at = max(fetched_at, parcel.fetched_at or fetched_at)
    await session.flush()
    await _add_events(session, answer, heard)
    await withdrawals.restore(session, parcel, heard)
    known = await known_of(session, parcel)
    due_at = next_look(known, now=parcel.fetched_at, calls_us=not whole)
    watch = insert(ParcelWatch).values(parcel_id=parcel.id, due_at=due_at)
    await session.execute(
        watch.on_conflict_do_update(index_elements=["parcel_id"], set_={"due_at": due_at})
    )
    if merged != was:
        told = replace(known, tracking=told_once(was)) if was else None
        await noticing.noticed(session, parcel.id, told, known, now=fetched_at)
        await jobs.defer(session, "estimate_delivery_date", parcel_id=parcel.id)
        await announce(session, parcel_topic(parcel.id))
    return known


async def known_of(session: AsyncSession, parcel: Parcel) -> Known:
    """What is stored about a parcel, its events newest first and each scan once."""
    return await _known(session, parcel.id)


async def _known(on: AsyncSession | Bare, parcel_id: int) -> Known:
    """The same in two statements. Raises ``NotFound`` for no such parcel."""
    row = await _PARCEL.one(on, parcel_id=parcel_id)
    if row is None:
        raise NotFound("no such parcel")
    tracking = await _tracking_of(on, row)
    return Known(
        carrier=row.carrier,
        number=row.number,
        tracking=told_once(tracking) if tracking else None,
        fetched_at=row.fetched_at,
        promised_to=row.shop_promised_to,
        disputed_at=row.disputed_at,
        postcode=row.postcode,
        country=row.country,
        normal_gap=getattr(row, leg_of(tracking.events)) if tracking else None,
        window=Window(row.told_first, row.told_last, row.told_due or row.told_last, row.because)
        if row.told_last and row.told_by != GIVEN
        else None,
    )


async def _tracking_of(on: AsyncSession | Bare, parcel: Any) -> Tracking | None:
    """Every scan that was not taken back; ``None`` where the carrier never answered.

    Args:
        parcel: A ``Parcel``, or a row of ``_PARCEL``.
    """
    if parcel.fetched_at is None:
        return None
    tracking = Tracking(
        carrier=parcel.carrier,
        number=parcel.number,
        status=Status(parcel.status),
        detail=Detail(parcel.detail) if parcel.detail else None,
        events=tuple(await _SCANS.all(on, parcel_id=parcel.id)),
        promised_from=parcel.promised_from,
        promised_to=parcel.promised_to,
    )
    return merge(None, tracking)  # merging puts them in order


def _gap(leg: str) -> ScalarSelect[timedelta]:
    """What is normal for the parcel's carrier on a leg."""
    return (
        select(NormalGap.gap)
        .where(NormalGap.carrier == Parcel.carrier, NormalGap.leg == leg)
        .scalar_subquery()
    )


def _event(
    at: datetime,
    status: str,
    detail: str | None,
    place: str | None,
    code: str,
    text: str,
    local_time_only: bool,
) -> TrackingEvent:
    """An event from a row of ``_SCANS``."""
    return TrackingEvent(
        at=at,
        status=Status(status),
        detail=Detail(detail) if detail else None,
        place=place,
        code=code,
        text=text,
        local_time_only=local_time_only,
    )


_PARCEL: Final = Statement[Any](
    select(
        Parcel.id,
        Parcel.carrier,
        Parcel.number,
        Parcel.status,
        Parcel.detail,
        Parcel.promised_from,
        Parcel.promised_to,
        Parcel.fetched_at,
        Parcel.disputed_at,
        Order.promised_to.label("shop_promised_to"),
        Order.postcode,
        Order.country,
        DeliveryDate.first.label("told_first"),
        DeliveryDate.last.label("told_last"),
        DeliveryDate.due.label("told_due"),
        DeliveryDate.by.label("told_by"),
        DeliveryDate.because,
        _gap(DOMESTIC).label(DOMESTIC),
        _gap(INTERNATIONAL).label(INTERNATIONAL),
    )
    .outerjoin(Order, Order.id == Parcel.order_id)
    .outerjoin(DeliveryDate, DeliveryDate.parcel_id == Parcel.id)
    .where(Parcel.id == bindparam("parcel_id"))
)
_SCANS: Final = Statement(
    select(
        TrackingEventRow.at,
        TrackingEventRow.status,
        TrackingEventRow.detail,
        TrackingEventRow.place,
        TrackingEventRow.code,
        TrackingEventRow.text,
        TrackingEventRow.local_time_only,
    )
    .outerjoin(WithdrawnEvent, WithdrawnEvent.event_id == TrackingEventRow.id)
    .where(TrackingEventRow.parcel_id == bindparam("parcel_id"), WithdrawnEvent.event_id.is_(None)),
    _event,
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
