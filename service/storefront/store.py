"""Parcels in the database, as ``tracking_lookup`` needs them."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, ScalarSelect, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from kit.text import clean
from service.db import Sessions
from service.edd.models import DeliveryDate
from service.notifications.milestones import noticing
from service.statements import Bare, Statement, bare
from service.storefront import writing
from service.storefront.models import Order, Parcel, TrackingEventRow
from service.storefront.normal import carrier_of
from service.tracking import withdrawals
from service.tracking.models import NormalGap, ParcelWatch, WithdrawnEvent
from tracking_lookup.cadence import next_look
from tracking_lookup.contract import UNKNOWN_CARRIER, Known, Window
from tracking_lookup.edd.promise import GIVEN
from tracking_lookup.merge import merge, told_once, without
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
            return await _known(session, parcel_id)  # whoever held the claim may have changed it

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
    held = await writing.LOCK.one(session, parcel_id=parcel_id)
    if held is None:
        raise NotFound("no such parcel")
    if asked_as is not None and asked_as != held.carrier:
        log.info("tracking_answer_dropped", parcel=parcel_id, source=source, asked_as=asked_as)
        return await _known(session, parcel_id)
    if held.carrier == UNKNOWN_CARRIER and tracking.status is not Status.NOT_FOUND:
        await writing.NAME.all(session, parcel_id=parcel_id, carrier=carrier_of(tracking.carrier))
    source = source or held.carrier
    heard = replace(tracking, events=tuple(map(_storable_event, with_zones(tracking.events))))
    parcel = await _parcel(session, parcel_id)
    was = before = (await _trackings(session, {parcel_id: parcel}))[parcel_id]
    if whole and parcel.fetched_at is not None and fetched_at > parcel.fetched_at:
        gone = await withdrawals.take_back(session, parcel_id, heard, source, at=fetched_at)
        before = without(before, gone)
    merged = replace(merge(before, heard), carrier=parcel.carrier, number=parcel.number)
    newest_at = max(fetched_at, parcel.fetched_at or fetched_at)
    known = replace(_as_known(parcel, merged), fetched_at=newest_at)
    await writing.write(
        session,
        parcel_id,
        merged,
        heard,
        _storable(raw),
        told_by=source if whole else withdrawals.pushed_by(source),
        fetched_at=fetched_at,
        due_at=next_look(known, now=newest_at, calls_us=not whole),
        changed=merged != was,
    )
    if merged != was:
        told = replace(known, tracking=told_once(was)) if was else None
        await noticing.noticed(session, parcel_id, told, known, now=fetched_at)
    return known


async def known_of(session: AsyncSession, parcel: Parcel) -> Known:
    """What is stored about a parcel, its events newest first and each scan once."""
    return await _known(session, parcel.id)


async def known_of_all(session: AsyncSession, parcel_ids: Sequence[int]) -> dict[int, Known]:
    """The same of several parcels, by id, in their order, in two statements."""
    parcels = {row.id: row for row in await _PARCELS.all(session, parcel_ids=list(parcel_ids))}
    trackings = await _trackings(session, parcels)
    return {one: _as_known(parcels[one], trackings[one]) for one in parcel_ids}


async def _known(on: AsyncSession | Bare, parcel_id: int) -> Known:
    """The same of one. Raises ``NotFound`` for no such parcel."""
    parcel = await _parcel(on, parcel_id)
    return _as_known(parcel, (await _trackings(on, {parcel_id: parcel}))[parcel_id])


async def _parcel(on: AsyncSession | Bare, parcel_id: int) -> Any:
    """A row of ``_PARCELS``. Raises ``NotFound`` for no such parcel."""
    row = await _PARCELS.one(on, parcel_ids=[parcel_id])
    if row is None:
        raise NotFound("no such parcel")
    return row


def _as_known(row: Any, tracking: Tracking | None) -> Known:
    """What is known by a row of ``_PARCELS`` and the scans."""
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


async def _trackings(
    on: AsyncSession | Bare, parcels: Mapping[int, Any]
) -> dict[int, Tracking | None]:
    """Every scan that was not taken back; ``None`` where the carrier never answered.

    Args:
        parcels: Rows of ``_PARCELS``, by id.
    """
    events: dict[int, list[TrackingEvent]] = defaultdict(list)
    heard_of = [one for one, parcel in parcels.items() if parcel.fetched_at is not None]
    if heard_of:
        for parcel_id, event in await _SCANS.all(on, parcel_ids=heard_of):
            events[parcel_id].append(event)
    return {
        one: _tracking(parcel, events[one]) if parcel.fetched_at is not None else None
        for one, parcel in parcels.items()
    }


def _tracking(parcel: Any, events: Sequence[TrackingEvent]) -> Tracking:
    tracking = Tracking(
        carrier=parcel.carrier,
        number=parcel.number,
        status=Status(parcel.status),
        detail=Detail(parcel.detail) if parcel.detail else None,
        events=tuple(events),
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
    parcel_id: int,
    at: datetime,
    status: str,
    detail: str | None,
    place: str | None,
    code: str,
    text: str,
    local_time_only: bool,
) -> tuple[int, TrackingEvent]:
    """A parcel's id and an event of it, from a row of ``_SCANS``."""
    return parcel_id, TrackingEvent(
        at=at,
        status=Status(status),
        detail=Detail(detail) if detail else None,
        place=place,
        code=code,
        text=text,
        local_time_only=local_time_only,
    )


_IDS: Final = bindparam("parcel_ids", type_=ARRAY(BigInteger))
_PARCELS: Final = Statement[Any](
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
    .where(Parcel.id == any_(_IDS))
)
_SCANS: Final = Statement(
    select(
        TrackingEventRow.parcel_id,
        TrackingEventRow.at,
        TrackingEventRow.status,
        TrackingEventRow.detail,
        TrackingEventRow.place,
        TrackingEventRow.code,
        TrackingEventRow.text,
        TrackingEventRow.local_time_only,
    )
    .outerjoin(WithdrawnEvent, WithdrawnEvent.event_id == TrackingEventRow.id)
    .where(TrackingEventRow.parcel_id == any_(_IDS), WithdrawnEvent.event_id.is_(None)),
    _event,
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
