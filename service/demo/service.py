"""Lay the demo shop out, and say what there is to ask about.

Dates in the demo are relative to the moment it was laid out. From then on nothing but the clock
moves it: the sandbox carrier's scans to come become scans that were. After ``LASTS`` the stories
have run out (what was out for delivery has arrived, what was promised is late), so the next start
lays everything out anew around its own now: the same orders and numbers, new dates, no history and
no faults. Conversations and tickets about them stay. A start before that changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from service import jobs
from service.db import Sessions
from service.demo.carrier import behave
from service.demo.models import SandboxParcel, SandboxScan
from service.demo.shop import GOODS, ORDERS, PLACES, Box, DemoOrder
from service.demo.stories import DOOR, STORIES, Story
from service.storefront.identity import order_key
from service.storefront.models import Order, OrderItem, Parcel, TrackingAnswer
from tracking_lookup.model import Status

SOURCE: Final = "demo"
CARRIER: Final = "sandbox"
LASTS: Final = timedelta(hours=12)
YEAR_JOB: Final = "learn_demo_year"


@dataclass(frozen=True, slots=True)
class Example:
    """An order to ask about.

    Attributes:
        number: As a shopper types it.
        email: What proves that the order is theirs.
        story: What there is to find out.
        order_id: Whose page can be shown.
    """

    number: str
    email: str
    story: str
    order_id: int


async def seed(sessions: Sessions, *, now: datetime) -> bool:
    """Lay the demo shop out, unless it was laid out less than ``LASTS`` ago.

    Several processes may do this at once. An order of the shop's own with a demo order's number
    stays as it is, and that demo order is left out.

    Returns:
        Whether anything was laid out.
    """
    async with sessions.begin() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(7246)"))
        if await _fresh(session, now):
            return False
        await session.execute(delete(SandboxParcel))
        await behave(session)
        for row in ORDERS:
            await _lay_out(session, row, now)
    return True


async def begin_year(session: AsyncSession) -> None:
    """Have the shop's past year laid out and learned from, in the background."""
    waiting = await session.scalar(
        text("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = :lock"),
        {"lock": YEAR_JOB},
    )
    if waiting is None:
        await jobs.defer(session, YEAR_JOB)


async def demo_orders(session: AsyncSession) -> Sequence[Example]:
    """What there is to ask about, order 1001 first; none where the demo is not laid out."""
    rows = await session.execute(select(Order.external_id, Order.id).where(Order.source == SOURCE))
    there = {row.external_id: row.id for row in rows}
    return [
        Example(str(row.number), row.email, says(row), there[str(row.number)])
        for row in ORDERS
        if str(row.number) in there
    ]


def says(row: DemoOrder) -> str:
    """A demo order's story in a few words, parcel by parcel."""
    if row.cancelled is not None:
        return "Cancelled before it was sent"
    parts = [STORIES[box.story].says for box in row.boxes]
    if row.waiting:
        parts.append("part of it not sent yet" if parts else "not sent yet")
    whole = "; ".join(parts)
    return whole[0].upper() + whole[1:]


def tracking_number(row: DemoOrder, index: int) -> str:
    """The number of an order's parcel, counted from 0: ``SBX00100101`` for the first of 1001."""
    return f"SBX{row.number:06d}{index + 1:02d}"


async def _fresh(session: AsyncSession, now: datetime) -> bool:
    laid_out_at = await session.scalar(select(func.min(SandboxParcel.laid_out_at)))
    return laid_out_at is not None and now - laid_out_at < LASTS


async def _lay_out(session: AsyncSession, row: DemoOrder, now: datetime) -> None:
    order = await _order(session, row, now)
    if order is None:
        return
    await session.execute(delete(OrderItem).where(OrderItem.order_id == order.id))
    for index, box in enumerate(row.boxes):
        number = tracking_number(row, index)
        story = STORIES[box.story]
        parcel = await _parcel(session, order, number, story, now)
        session.add_all(_item(order, sku, parcel) for sku in box.skus)
        await _script(session, row, number, story, now)
    session.add_all(_item(order, sku, None) for sku in row.waiting)


async def _order(session: AsyncSession, row: DemoOrder, now: datetime) -> Order | None:
    """The order with its dates around ``now``; ``None`` where the shop has one of that number."""
    key = order_key(str(row.number))
    placed, promised = _placed(row), _promised(row)
    values = {
        "number": f"#{row.number}",
        "email": row.email,
        "phone": row.phone,
        "postcode": row.postcode.replace(" ", "").upper(),
        "name": row.name,
        "country": row.country,
        "currency": "GBP",
        "total": sum(GOODS[sku][1] for sku in _skus(row)),
        "placed_at": now + timedelta(days=placed),
        "promised_from": _at(now, promised[0] if promised else None),
        "promised_to": _at(now, promised[1] if promised else None),
        "cancelled_at": _at(now, row.cancelled),
    }
    order_id = await session.scalar(
        insert(Order)
        .values(key=key, source=SOURCE, external_id=str(row.number), **values)
        .on_conflict_do_update(index_elements=["key"], set_=values, where=Order.source == SOURCE)
        .returning(Order.id)
    )
    return None if order_id is None else await session.get_one(Order, order_id)


async def _parcel(
    session: AsyncSession, order: Order, number: str, story: Story, now: datetime
) -> Parcel:
    """The shop's parcel, of which nothing has been heard yet."""
    fresh = {
        "order_id": order.id,
        "status": Status.UNKNOWN,
        "detail": None,
        "promised_from": None,
        "promised_to": None,
        "fetched_at": None,
        "disputed_at": _at(now, story.disputed),
        "created_at": now + timedelta(days=story.scans[0].day if story.scans else -1),
    }
    parcel_id = await session.scalar(
        insert(Parcel)
        .values(carrier=CARRIER, number=number, **fresh)
        .on_conflict_do_update(index_elements=["shop_carrier", "number"], set_=fresh)
        .returning(Parcel.id)
    )
    await session.execute(delete(TrackingAnswer).where(TrackingAnswer.parcel_id == parcel_id))
    return await session.get_one(Parcel, parcel_id)


async def _script(
    session: AsyncSession, row: DemoOrder, number: str, story: Story, now: datetime
) -> None:
    """What the sandbox carrier knows and will know of a parcel."""
    if not story.scans:
        return
    parcel = SandboxParcel(
        number=number,
        promised_from=_at(now, story.promised[0] if story.promised else None),
        promised_to=_at(now, story.promised[1] if story.promised else None),
        laid_out_at=now,
    )
    session.add(parcel)
    await session.flush()
    places = PLACES[row.country] | {DOOR: row.town}
    session.add_all(
        SandboxScan(
            parcel_id=parcel.id,
            at=now + timedelta(days=scan.day),
            code=scan.code,
            place=places[scan.where] if scan.where else None,
        )
        for scan in story.scans
    )


def _item(order: Order, sku: str, parcel: Parcel | None) -> OrderItem:
    return OrderItem(
        order_id=order.id,
        parcel_id=parcel.id if parcel else None,
        sku=sku,
        title=GOODS[sku][0],
        quantity=1,
    )


def _skus(row: DemoOrder) -> list[str]:
    return [sku for box in (*row.boxes, Box("", row.waiting)) for sku in box.skus]


def _placed(row: DemoOrder) -> float:
    """Days from now: as the table says, else half a day before the first scan."""
    if row.placed is not None:
        return row.placed
    first = [s.day for box in row.boxes for s in STORIES[box.story].scans]
    return min(first, default=-2.0) - 0.5


def _promised(row: DemoOrder) -> tuple[float, float] | None:
    """Days from now: as the table says, else the latest of what the parcels' stories promise."""
    if row.promised is not None:
        return row.promised
    windows = [w for box in row.boxes if (w := STORIES[box.story].promised)]
    return max(windows, key=lambda window: window[1], default=None)


def _at(now: datetime, days: float | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)
