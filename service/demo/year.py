"""The demo shop's past year: parcels that have arrived, to learn from and to report on.

They go where the demo's orders go, with the sandbox carrier and two others that do not exist. Each
has its own pace and its own distance to each country; weekends stand still, the weeks before
Christmas are slow, a strike stops one carrier for six days, and another gets slower over the year.
Nobody can ask about these orders: they have no name, e-mail address, phone number or full postcode.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from service.db import Sessions
from service.demo.shop import GOODS, ORDERS, PLACES
from service.demo.stories import GATE, HUB, SHOP
from service.storefront.models import Order, OrderItem, Parcel, TrackingAnswer, TrackingEventRow
from service.tracking.models import ParcelWatch
from tracking_lookup.carriers.sandbox.statuses import STATUSES
from tracking_lookup.merge import digest
from tracking_lookup.model import Status, TrackingEvent

SOURCE: Final = "demo_year"
PARCELS: Final = 3200
DAYS: Final = 400
AGED: Final = timedelta(days=7)
"""From that age on the year is laid out anew: a date is only as good as its last weeks."""
STRIKE: Final = (150, 156)
"""Days of the year on which ``moor_post`` moved nothing."""

# Days on the way to each country, and how much more to reach the door from its hub.
_DAYS: Final = {
    "GB": 2.0, "IE": 3.2, "DE": 4.6, "FR": 4.4, "SE": 5.4, "US": 7.5, "CA": 8.2, "AU": 10.5,
}  # fmt: skip
_SHARE: Final = {"GB": 60, "IE": 6, "DE": 10, "FR": 7, "SE": 5, "US": 6, "CA": 3, "AU": 3}
# By how many times slower than the sandbox carrier, and how far apart its parcels are.
_CARRIERS: Final = {"sandbox": (1.0, 0.22), "moor_post": (1.25, 0.38), "fell_express": (0.75, 0.18)}
# How long after a scan it is known.
_LATER: Final = {
    "sandbox": timedelta(minutes=25),
    "moor_post": timedelta(hours=5),
    "fell_express": timedelta(minutes=10),
}
_CHUNK: Final = 250


@dataclass(frozen=True, slots=True)
class Past:
    """One parcel of the past year.

    Attributes:
        scans: Code and time, oldest first; those after ``now`` are not among them.
    """

    number: str
    carrier: str
    country: str
    town: str
    postcode: str
    sku: str
    ordered: datetime
    promised: datetime
    carrier_promised: datetime
    scans: tuple[tuple[str, datetime, str], ...]


async def lay_out(sessions: Sessions, *, now: datetime, count: int = PARCELS) -> bool:
    """Lay the year up to ``now`` out, unless it was less than ``AGED`` ago; whether it was.

    In pieces, so that shoppers are answered meanwhile; the last piece is what makes it whole.
    """
    async with sessions.begin() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(7248)"))
        newest = await session.scalar(
            select(func.max(Order.placed_at)).where(Order.source == SOURCE)
        )
        if newest is not None and now - newest < AGED:
            return False
        await _clear(session)
    made = list(parcels(now, count=count))
    # The newest last: a year that was cut off is not taken for a whole one.
    for start in range(0, len(made), _CHUNK):
        async with sessions.begin() as session:
            await _store(session, made[start : start + _CHUNK], now)
    return True


def parcels(now: datetime, *, count: int = PARCELS) -> Iterator[Past]:
    """The year's parcels by the time of their orders; the same each time but for the dates."""
    rng = random.Random(7)  # noqa: S311 - made-up data
    towns: dict[str, list[tuple[str, str]]] = {}
    for row in ORDERS:
        towns.setdefault(row.country, []).append((row.town, row.postcode.split()[0]))
    begin = now - timedelta(days=DAYS)
    for index, passed in enumerate(sorted(_moment(rng, begin) for _ in range(count))):
        country = rng.choices(list(_SHARE), list(_SHARE.values()))[0]
        town, postcode = rng.choice(towns[country])
        carrier = rng.choices(list(_CARRIERS), [70, 18, 12])[0]
        ordered = begin + timedelta(days=passed)
        slow, spread = _CARRIERS[carrier]
        if carrier == "moor_post":
            slow *= 1 + 0.3 * passed / DAYS
        if (ordered.month, ordered.day) >= (11, 25) and ordered.month < 13:
            slow *= 1.35
        packed = ordered + timedelta(days=0.3 + rng.expovariate(3))
        handed = _workday(packed.replace(hour=17, minute=rng.randrange(60)))
        handed = max(handed, ordered + timedelta(hours=1))
        days = _DAYS[country] * slow * math.exp(rng.gauss(0, spread))
        arrives = _after(handed, max(0.7, days), carrier, begin)
        arrives = arrives.replace(hour=9 + rng.randrange(9), minute=rng.randrange(60))
        arrives = max(arrives, handed + timedelta(hours=14))
        places = PLACES[country]
        way = arrives - handed
        scans = [
            ("LBL", ordered + (handed - ordered) * 0.6, places[SHOP]),
            ("PUP", handed, places[SHOP]),
            ("ARR", handed + way * 0.15, places[GATE]),
            *([("DEP", handed + way * 0.3, places[GATE])] if rng.random() < 0.9 else []),
            *([("ARR", handed + way * 0.65, places[HUB])] if rng.random() < 0.85 else []),
            *([("NOT", arrives - timedelta(hours=20), town)]
              if rng.random() < 0.05 and way > timedelta(days=2) else []),
            *([("OFD", arrives - timedelta(hours=3), town)] if rng.random() < 0.95 else []),
            ("DLV", arrives, town),
        ]  # fmt: skip
        yield Past(
            number=f"YR{index:08d}",
            carrier=carrier,
            country=country,
            town=town,
            postcode=postcode.upper(),
            sku=rng.choice(list(GOODS)),
            ordered=ordered,
            promised=ordered + timedelta(days=math.ceil(2 + 1.5 * _DAYS[country])),
            carrier_promised=handed + timedelta(days=math.ceil(1.15 * _DAYS[country])),
            scans=tuple(scan for scan in scans if scan[1] <= now),
        )


def _moment(rng: random.Random, begin: datetime) -> float:
    """A day of the year: more orders in the weeks before Christmas than in others."""
    while True:
        day = rng.random() * DAYS
        at = begin + timedelta(days=day)
        busy = 2.0 if (at.month, at.day) >= (11, 18) and (at.month, at.day) <= (12, 20) else 1.0
        if rng.random() * 2 < busy:
            return day


def _after(handed: datetime, days: float, carrier: str, begin: datetime) -> datetime:
    arrives = _workday(handed + timedelta(days=days))
    first, last = (begin + timedelta(days=day) for day in STRIKE)
    if carrier == "moor_post" and handed <= last and arrives >= first:
        arrives = _workday(arrives + (last - max(first, handed)))
    return arrives


def _workday(at: datetime) -> datetime:
    """The same time on the next day that is no weekend."""
    while at.weekday() >= 5:
        at += timedelta(days=1)
    return at


async def _clear(session: AsyncSession) -> None:
    mine = select(Order.id).where(Order.source == SOURCE)
    await session.execute(delete(OrderItem).where(OrderItem.order_id.in_(mine)))
    await session.execute(delete(Parcel).where(Parcel.order_id.in_(mine)))
    await session.execute(delete(Order).where(Order.source == SOURCE))


async def _store(session: AsyncSession, some: list[Past], now: datetime) -> None:
    orders = await _insert(
        session,
        Order,
        [
            {
                "key": one.number,
                "number": f"#{one.number}",
                "postcode": one.postcode,
                "country": one.country,
                "placed_at": one.ordered,
                "promised_to": one.promised,
                "source": SOURCE,
                "external_id": one.number,
            }
            for one in some
        ],
    )
    rows = await _insert(
        session, Parcel, [_parcel(one, order, now) for one, order in zip(some, orders, strict=True)]
    )
    await session.execute(
        insert(OrderItem),
        [
            {
                "order_id": order,
                "parcel_id": parcel,
                "sku": one.sku,
                "title": GOODS[one.sku][0],
                "quantity": 1,
            }
            for one, order, parcel in zip(some, orders, rows, strict=True)
        ],
    )
    heard = [(one, parcel) for one, parcel in zip(some, rows, strict=True) if one.scans]
    # Nobody asks about them: the sandbox carrier has never heard of these numbers.
    await session.execute(
        insert(ParcelWatch), [{"parcel_id": parcel, "due_at": None} for parcel in rows]
    )
    # The carrier was asked often: each answer brought one scan, some time after it was made.
    answers = await _insert(
        session,
        TrackingAnswer,
        [
            {
                "parcel_id": parcel,
                "source": one.carrier,
                "fetched_at": at + _LATER[one.carrier],
                "raw": {"made_up": True},
            }
            for one, parcel in heard
            for _, at, _ in one.scans
        ],
    )
    scans = ((parcel, *scan) for one, parcel in heard for scan in one.scans)
    await session.execute(
        insert(TrackingEventRow),
        [_scan(*scan, answer) for scan, answer in zip(scans, answers, strict=True)],
    )


def _parcel(one: Past, order_id: int, now: datetime) -> dict[str, Any]:
    code, at, _ = one.scans[-1] if one.scans else ("", None, "")
    status, detail = STATUSES[code] if code else (Status.UNKNOWN, None)
    begun = len(one.scans) > 1
    return {
        "order_id": order_id,
        "carrier": one.carrier,
        "shop_carrier": one.carrier,
        "number": one.number,
        "status": status,
        "detail": detail,
        "promised_from": None,
        "promised_to": one.carrier_promised if begun else None,
        "first_promised_to": one.carrier_promised if begun else None,
        "first_promised_at": one.scans[1][1] if begun else None,
        "fetched_at": at,
        "created_at": one.scans[0][1] if one.scans else now,
    }


def _scan(parcel_id: int, code: str, at: datetime, place: str, answer_id: int) -> dict[str, Any]:
    status, detail = STATUSES[code]
    event = TrackingEvent(at, status, detail, place, code)
    return {
        "parcel_id": parcel_id,
        "answer_id": answer_id,
        "digest": digest(event),
        "at": at,
        "local_time_only": False,
        "status": status,
        "detail": detail,
        "place": place,
        "code": code,
        "text": "",
    }


async def _insert(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows and give their ids, in their order."""
    if not rows:
        return []
    found = await session.scalars(
        insert(table).returning(table.id, sort_by_parameter_order=True), rows
    )
    return list(found)
