"""When parcels come: predicted by the model that runs, kept with the parcel, told steadily."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from sqlalchemy import BigInteger, Select, any_, bindparam, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput
from service.db import Sessions
from service.edd import parcels
from service.edd.models import DeliveryDate, DeliveryDateMove
from service.edd.parcels import Home
from service.notifications.milestones import noticing
from service.statements import Statement, bare
from service.storefront.models import Order, Parcel
from service.storefront.store import known_of
from service.tracking.models import ParcelWatch
from tracking_lookup.contract import Known, Lookup, Window
from tracking_lookup.edd.features import daily
from tracking_lookup.edd.model import Model
from tracking_lookup.edd.promise import GIVEN, Estimate, Promise, promise
from tracking_lookup.edd.shipments import Shipment
from tracking_lookup.edd.store import Store
from tracking_lookup.truth import assess

AT_ONCE: Final = 200


class _Kept(NamedTuple):
    """What is kept of a parcel's date, and what it must be looked at anew for.

    Attributes:
        given: The carrier has named a day.
        estimated_at: When what is told was; ``None``: nothing is told of it yet.
        first_before, last_before: What was told before the last move that shoppers should hear of.
    """

    parcel_id: int
    changed_at: datetime | None
    given: bool
    estimated_at: datetime | None
    first: date | None
    last: date | None
    due: date | None
    because: str | None
    by: str | None
    first_before: date | None
    last_before: date | None

    @property
    def before(self) -> tuple[date, date] | None:
        """Both days, where there are any."""
        if self.first_before is None or self.last_before is None:
            return None
        return self.first_before, self.last_before


log = structlog.get_logger()


class Dates:
    """The delivery dates of one process. The model is read from disk once it has changed.

    Args:
        folder: Of the models; see ``tracking_lookup.edd.store``.
    """

    def __init__(self, sessions: Sessions, folder: Path, home: Home) -> None:
        self.home = home
        self._sessions = sessions
        self._store = Store(folder)
        self._mark: tuple[object, ...] | None = None
        self._loaded: tuple[str, Model] | None = None
        self._loading = asyncio.Lock()
        self._estimating = asyncio.Lock()

    async def told(self, parcel_ids: Sequence[int], *, now: datetime) -> dict[int, Window]:
        """What may be told of these parcels now, estimated anew where that is stale.

        A parcel is left out where no date is told of it, or none is known.
        """
        kept = await self._kept(parcel_ids)
        if self._stale(kept, now, modelled=await self.model() is not None):
            async with self._estimating:  # who asks meanwhile finds what the first has kept
                await self.estimate(parcel_ids, now=now)
            kept = await self._kept(parcel_ids)
        return {
            one.parcel_id: replace(found, was=one.before) for one in kept if (found := window(one))
        }

    async def refresh(self, *, now: datetime) -> int:
        """Estimate every parcel under way that was not estimated today, or by another model.

        Returns:
            How many were.
        """
        loaded = await self.model()
        if loaded is None:
            return 0
        done, after = 0, 0
        while True:
            async with self._sessions() as session:
                found = (
                    await session.scalars(
                        self._to_refresh(loaded[0], after=after, now=now).limit(AT_ONCE)
                    )
                ).all()
            if not found:
                return done
            done += await self.estimate(found, now=now, anew=True)
            after = found[-1]

    async def estimate(
        self, parcel_ids: Sequence[int], *, now: datetime, anew: bool = False
    ) -> int:
        """Estimate parcels, keep what is told of them, and record each move of a date.

        Args:
            anew: All of them; else those that have changed since, or were not looked at today.

        Without a model of the shop's own it is the carrier's date that is kept, as it is.

        Returns:
            How many were.
        """
        loaded = await self.model()
        if not parcel_ids:
            return 0
        if not anew:
            kept = await self._kept(parcel_ids)
            parcel_ids = self._stale(kept, now, modelled=loaded is not None)
        if not parcel_ids:
            return 0
        async with self._sessions() as session:
            asked = await parcels.under_way(session, parcel_ids, self.home)
        if not asked:
            return 0
        version = ""
        estimates: Sequence[Estimate | None] = [None] * len(asked)
        if loaded is not None:
            version = loaded[0]
            estimates = await asyncio.to_thread(_predict, loaded[1], list(asked.values()), now)
        for (parcel_id, one), estimate in zip(asked.items(), estimates, strict=True):
            async with self._sessions.begin() as session:
                await _keep(session, parcel_id, one, estimate, version, now=now)
        return len(asked)

    async def before_purchase(
        self, *, carrier: str, country: str, postcode: str, now: datetime
    ) -> Promise | None:
        """What a parcel ordered now would be told; ``None`` without a model."""
        loaded = await self.model()
        if loaded is None:
            return None
        one = parcels.before_purchase(
            self.home, carrier=carrier, country=country, postcode=postcode, now=now
        )
        [estimate] = await asyncio.to_thread(_predict, loaded[1], [one], now)
        known = assess(Known(carrier, ""), now=now)
        return promise(estimate, known.verdict, today=one.ordered_at.date())[0]

    async def model(self) -> tuple[str, Model] | None:
        """The version that runs and its model; ``None`` before the first, or where it is damaged.

        The lock keeps two from reading the file at once.
        """
        async with self._loading:
            mark = self._store.mark()  # one look at a file: a thread would cost more
            if mark != self._mark:
                self._loaded = await asyncio.to_thread(self._load)
                self._mark = mark
            return self._loaded

    def _load(self) -> tuple[str, Model] | None:
        try:
            version, model = self._store.running(), self._store.load()
        except BadInput as error:
            log.error("edd_model_refused", reason=error.message)
            return None
        return (version.name, model) if version and model else None

    async def _kept(self, parcel_ids: Sequence[int]) -> list[_Kept]:
        if not parcel_ids:
            return []
        async with bare(self._sessions) as connection:
            return await _KEPT.all(connection, parcel_ids=list(parcel_ids))

    def _stale(self, kept: Sequence[_Kept], now: datetime, *, modelled: bool) -> list[int]:
        """Those that have changed since they were estimated, or were not today.

        Args:
            modelled: Whether a model runs; without one there is only the carrier's date to keep.
        """
        zone = self.home.zone
        today = now.astimezone(zone).date()
        return [
            one.parcel_id
            for one in kept
            if (modelled or one.given)
            and (
                one.estimated_at is None
                or one.estimated_at.astimezone(zone).date() != today
                or (one.changed_at is not None and one.changed_at > one.estimated_at)
            )
        ]

    def _to_refresh(self, version: str, *, after: int, now: datetime) -> Select[int]:
        """Parcels under way, by id, whose estimate is a day old or by another model, or missing."""
        today = daily(now.astimezone(self.home.zone))
        return (
            select(Parcel.id)
            .join(Order, Order.id == Parcel.order_id)
            .outerjoin(ParcelWatch, ParcelWatch.parcel_id == Parcel.id)
            .outerjoin(DeliveryDate, DeliveryDate.parcel_id == Parcel.id)
            .where(
                Parcel.id > after,
                # Its way has ended where nobody is to look again.
                or_(ParcelWatch.parcel_id.is_(None), ParcelWatch.due_at.is_not(None)),
                or_(
                    DeliveryDate.parcel_id.is_(None),
                    DeliveryDate.model != version,
                    DeliveryDate.estimated_at < today,
                ),
            )
            .order_by(Parcel.id)
        )


_BEFORE: Final = (
    select(DeliveryDateMove.first_before, DeliveryDateMove.last_before)
    .where(
        DeliveryDateMove.parcel_id == Parcel.id,
        DeliveryDateMove.matters,
        DeliveryDateMove.first_before.is_not(None),
    )
    .order_by(DeliveryDateMove.id.desc())
    .limit(1)
    .lateral()
)
_KEPT: Final = Statement(
    select(
        Parcel.id,
        func.greatest(Parcel.fetched_at, Parcel.disputed_at),
        Parcel.promised_to.is_not(None),
        DeliveryDate.estimated_at,
        DeliveryDate.first,
        DeliveryDate.last,
        DeliveryDate.due,
        DeliveryDate.because,
        DeliveryDate.by,
        _BEFORE.c.first_before,
        _BEFORE.c.last_before,
    )
    .outerjoin(DeliveryDate, DeliveryDate.parcel_id == Parcel.id)
    .outerjoin(_BEFORE, true())
    .where(Parcel.id == any_(bindparam("parcel_ids", type_=ARRAY(BigInteger)))),
    _Kept,
)


def window(row: DeliveryDate | _Kept) -> Window | None:
    """What a row tells of our own; ``None`` where it hides the date, or passes the carrier's on."""
    if row.first is None or row.last is None or row.by == GIVEN:
        return None
    return Window(row.first, row.last, row.due or row.last, row.because or "")


def with_window(found: Lookup, told: Window | None, *, now: datetime) -> Lookup:
    """A look-up with the window told of its parcel, and the verdict that goes with it."""
    known = replace(found.known, window=told)
    return replace(found, known=known, assessment=assess(known, now=now))


def _predict(model: Model, asked: Sequence[Shipment], now: datetime) -> list[Estimate]:
    """In their order; each on its destination's clock, so one call for each zone."""
    found: dict[int, Estimate] = {}
    zones = {one.ordered_at.tzinfo for one in asked}
    for zone in zones:
        rows = [row for row, one in enumerate(asked) if one.ordered_at.tzinfo is zone]
        said = model.predict_many([asked[row] for row in rows], now.astimezone(zone))
        found.update(zip(rows, said, strict=True))
    return [found[row] for row in range(len(asked))]


async def _keep(
    session: AsyncSession,
    parcel_id: int,
    one: Shipment,
    estimate: Estimate | None,
    version: str,
    *,
    now: datetime,
) -> None:
    """Tell a parcel's date from now on. The parcel is locked: two at once would both move it.

    Args:
        estimate: ``None`` passes the carrier's date on, if it has given one.
    """
    parcel = await session.scalar(select(Parcel).filter_by(id=parcel_id).with_for_update())
    if parcel is None:
        return
    row = await session.get(DeliveryDate, parcel_id)
    if row is not None and row.estimated_at > now:
        return
    known = await known_of(session, parcel)
    zone = one.ordered_at.tzinfo
    estimate = estimate or _given(parcel, zone)
    if estimate is None:
        return
    told, move = promise(
        estimate,
        assess(known, now=now).verdict,
        today=now.astimezone(zone).date(),
        before=_before(row),
        shop=one.promised,
        carrier=parcel.promised_to.astimezone(zone).date() if parcel.promised_to else None,
    )
    values = {
        "first": told.first,
        "last": told.last,
        "first_told": (row.first_told if row else None) or told.last,
        "due": (row.due if row else None) or (told.last and max(estimate.latest, told.last)),
        "because": told.because,
        "by": told.by,
        "shop": told.shop,
        "carrier": told.carrier,
        "estimated_at": now,
        "model": version,
    }
    await session.execute(
        insert(DeliveryDate)
        .values(parcel_id=parcel_id, **values)
        .on_conflict_do_update(index_elements=["parcel_id"], set_=values)
    )
    now_known = replace(known, window=window(DeliveryDate(parcel_id=parcel_id, **values)))
    await noticing.noticed(session, parcel_id, known, now_known, now=now)
    if move is not None:
        session.add(
            DeliveryDateMove(
                parcel_id=parcel_id,
                at=now,
                why=move.why,
                first_before=move.before.first if move.before else None,
                last_before=move.before.last if move.before else None,
                first=told.first,
                last=told.last,
                because=told.because,
                matters=move.matters,
            )
        )


def _given(parcel: Parcel, zone: tzinfo | None) -> Estimate | None:
    if parcel.promised_to is None:
        return None
    # A window that ends at midnight ends the day before.
    last = (parcel.promised_to - timedelta(microseconds=1)).astimezone(zone).date()
    first = parcel.promised_from.astimezone(zone).date() if parcel.promised_from else last
    return Estimate(first, last, last, GIVEN, "This is the carrier's date.", last)


def _before(row: DeliveryDate | None) -> Promise | None:
    if row is None:
        return None
    return Promise(row.first, row.last, row.because, row.by, row.shop, row.carrier)
