"""The shop's parcels as the delivery-date model learns from them and is asked about them.

What is not known of a parcel is left empty: the seller, the weight and the distance, and where in
the country it starts. Its region is the postcode area at home and the country abroad.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from service.storefront.models import Order, Parcel, TrackingEventRow
from service.tracking.models import WithdrawnEvent
from tracking_lookup.edd.reading import MOST, OLDEST, REPORT_EVERY, Loaded
from tracking_lookup.edd.shipments import Scan, Shipment, flaw
from tracking_lookup.model import Status
from tracking_lookup.zones import country_of

HOME: Final = "domestic"
ABROAD: Final = "international"
FIRST_WORD: Final = timedelta(days=1)
"""A carrier's date first heard of later than that after the hand-over is not learned from."""
AT_ONCE: Final = 2000

# Not the carrier's: the label was printed, or nobody knows.
_NOT_YET: Final = frozenset(
    {Status.UNKNOWN, Status.NOT_FOUND, Status.LABEL_CREATED, Status.CANCELLED, Status.EXPIRED}
)
# A parcel that will not come teaches nothing of when; of the last three nobody knows.
_NOTHING_TO_LEARN: Final = (
    Status.RETURNING,
    Status.RETURNED,
    Status.CANCELLED,
    Status.UNKNOWN,
    Status.NOT_FOUND,
    Status.EXPIRED,
)
# Countries with several times: the one that most people have.
_MANY_ZONES: Final = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where the shop sends from."""

    country: str
    zone: ZoneInfo


async def learn_from(
    session: AsyncSession,
    home: Home,
    *,
    most: int = MOST,
    progress: Callable[[str], None] | None = None,
) -> Loaded:
    """The shop's parcels, delivered and under way, read in pieces; thinned where above ``most``.

    Left out are cancelled orders, parcels that went back, and those of which no carrier has said
    anything; rows that cannot be true are counted by their reason.
    """
    usable: list[ColumnElement[bool]] = [
        Order.cancelled_at.is_(None),
        Parcel.fetched_at.is_not(None),
        Parcel.status.not_in(_NOTHING_TO_LEARN),
    ]
    total = await _count(session, usable)
    if total > most:  # as a long file is read
        newest = select(func.max(Order.placed_at)).scalar_subquery()
        usable.append(Order.placed_at >= newest - OLDEST)
        every = math.ceil(await _count(session, usable) / most)
        usable.append(Parcel.id % every == 0)
    query = _rows().where(*usable).order_by(Order.placed_at, Parcel.id)
    loaded = Loaded([], skipped=Counter())
    rows = await session.stream(query, execution_options={"yield_per": AT_ONCE})
    async for row in rows:
        loaded.rows += 1
        if progress and loaded.rows % REPORT_EVERY == 0:
            progress(f"{loaded.rows:,} parcels")
        one = _shipment(row, home)
        why = flaw(one)
        if why:
            loaded.skipped[why] += 1
        else:
            loaded.shipments.append(one)
    loaded.left_out, loaded.rows = total - loaded.rows, total
    return loaded


async def _count(session: AsyncSession, usable: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(Parcel).join(Order, Order.id == Parcel.order_id)
    return await session.scalar(query.where(*usable)) or 0


async def under_way(
    session: AsyncSession, parcel_ids: Sequence[int], home: Home
) -> dict[int, Shipment]:
    """Parcels to be asked about, by id; one that no order names is left out."""
    rows = await session.execute(_rows().where(Parcel.id.in_(parcel_ids)))
    return {row.id: _shipment(row, home) for row in rows}


def zone_of(country: str | None, home: Home) -> ZoneInfo:
    """The clock that people there live by; the shop's where the country is not known."""
    name = _zone_name(country or "")
    return ZoneInfo(name) if name else home.zone


def before_purchase(
    home: Home, *, carrier: str, country: str, postcode: str, now: datetime
) -> Shipment:
    """A parcel that nobody has ordered yet."""
    there = now.astimezone(zone_of(country, home))
    return Shipment(id="", ordered_at=there, carrier=carrier, **_ends(home, country, postcode))


def _rows() -> Select[Any]:
    withdrawn = select(WithdrawnEvent.event_id).where(
        WithdrawnEvent.event_id == TrackingEventRow.id
    )
    scan = func.jsonb_build_array(
        func.extract("epoch", TrackingEventRow.at), TrackingEventRow.status, TrackingEventRow.place
    )
    scans = (
        select(func.jsonb_agg(aggregate_order_by(scan, TrackingEventRow.at, TrackingEventRow.id)))
        .where(TrackingEventRow.parcel_id == Parcel.id, ~withdrawn.exists())
        .correlate(Parcel)
        .scalar_subquery()
    )
    return select(
        Parcel.id,
        Parcel.carrier,
        Parcel.status,
        Parcel.first_promised_to,
        Parcel.first_promised_at,
        Order.placed_at,
        Order.promised_to,
        Order.postcode,
        Order.country,
        scans.label("scans"),
    ).join(Order, Order.id == Parcel.order_id)


def _shipment(row: Any, home: Home) -> Shipment:
    country = row.country or home.country
    zone = zone_of(country, home)
    events = [
        (datetime.fromtimestamp(float(at), UTC).astimezone(zone), Status(status), place)
        for at, status, place in row.scans or ()
    ]
    handed = next((at for at, status, _ in events if status not in _NOT_YET), None)
    delivered = None
    if row.status == Status.DELIVERED:
        delivered = next((at for at, s, _ in reversed(events) if s is Status.DELIVERED), None)
    carrier_said = None
    if row.first_promised_to and row.first_promised_at and handed:
        heard_late = row.first_promised_at > handed + FIRST_WORD
        carrier_said = None if heard_late else row.first_promised_to.astimezone(zone).date()
    return Shipment(
        id=str(row.id),
        ordered_at=row.placed_at.astimezone(zone),
        carrier=row.carrier,
        handed_over_at=handed,
        delivered_at=delivered,
        promised=row.promised_to.astimezone(zone).date() if row.promised_to else None,
        carrier_promised=carrier_said,
        # The hand-over is a scan too, but says nothing that the hand-over does not.
        scans=tuple(
            Scan(at, status, country_of(place) or "")
            for at, status, place in events
            if handed and at > handed
        ),
        **_ends(home, country, row.postcode or ""),
    )


class _Ends(TypedDict):
    """From where to where, as ``Shipment`` has it."""

    service: str
    origin_country: str
    origin_region: str
    destination_country: str
    destination_region: str
    destination_postcode: str


def _ends(home: Home, country: str, postcode: str) -> _Ends:
    at_home = country == home.country
    return {
        "service": HOME if at_home else ABROAD,
        "origin_country": home.country,
        "origin_region": home.country,
        "destination_country": country,
        "destination_region": _area(postcode) if at_home and postcode else country,
        "destination_postcode": postcode,
    }


def _area(postcode: str) -> str:
    """What a postcode starts with: ``LS`` of ``LS14AP``, ``10`` of ``10115``."""
    letters = re.match(r"[A-Za-z]+", postcode)
    return (letters[0] if letters else postcode[:2]).upper()


@cache
def _zone_name(country: str) -> str:
    names: Iterable[str] = get_global("territory_zones").get(country, ())
    name = _MANY_ZONES.get(country) or next(iter(names), "")
    try:
        return ZoneInfo(name).key if name else ""
    except ZoneInfoNotFoundError:
        return ""
