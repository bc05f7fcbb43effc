"""What the page needs from the database and the carriers. Never commits."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.carriers import manifest_of, slugs
from service.dialogue.links import tracking_link
from service.runtime import Runtime
from service.storefront.models import Order, OrderItem, Parcel, PromisedWindow
from service.storefront.store import ServiceParcelStore
from service.tracking_page.view import OrderKnown, ParcelKnown, Window
from tracking_lookup.contract import Known, Lookup
from tracking_lookup.truth import assess

PATIENCE_SECONDS: Final = 0.4
# Where nothing at all is known yet; no longer than a look-up takes (``TrackingLookup``).
FIRST_PATIENCE_SECONDS: Final = 3.0


async def order_known(
    runtime: Runtime, order_id: int, *, now: datetime, patience: float = PATIENCE_SECONDS
) -> OrderKnown | None:
    """An order with its parcels; ``None`` for no such order.

    No transaction is open while carriers are asked, which is done for what is not fresh.

    Args:
        patience: Seconds that a page waits for carriers. What comes later is in the store, and the
            page is told (``news.parcel_topic``).
    """
    async with runtime.sessions() as session:
        order = await session.get(Order, order_id)
        if order is None:
            return None
        items = (
            await session.scalars(
                select(OrderItem).filter_by(order_id=order.id).order_by(OrderItem.id)
            )
        ).all()
        parcels = (await session.scalars(parcels_of(order.id).order_by(Parcel.id))).all()
        promises = await _promises(session, [parcel.id for parcel in parcels])
    lookups = await _look(runtime, parcels, patience, now=now)
    promised = (order.promised_from, order.promised_to) if order.promised_to else None
    return OrderKnown(
        number=order.number,
        placed_at=order.placed_at,
        cancelled=order.cancelled_at is not None,
        promise=promised,
        waiting=_lines(items, None),
        parcels=tuple(
            _parcel(parcel, lookup, promises.get(parcel.id, ()), _lines(items, parcel.id))
            for parcel, lookup in zip(parcels, lookups, strict=True)
        ),
    )


async def parcel_known(
    runtime: Runtime, number: str, *, now: datetime, patience: float = PATIENCE_SECONDS
) -> ParcelKnown | None:
    """A parcel by its tracking number; ``None`` where no parcel of the shop has it."""
    async with runtime.sessions() as session:
        parcel = await session.scalar(select(Parcel).filter_by(number=number).limit(1))
        if parcel is None:
            return None
        promises = await _promises(session, [parcel.id])
    [lookup] = await _look(runtime, [parcel], patience, now=now)
    return _parcel(parcel, lookup, promises.get(parcel.id, ()), ())


async def parcel_ids(
    runtime: Runtime, *, order_id: int | None = None, number: str | None = None
) -> Sequence[int]:
    """Ids of an order's parcels, or of those with a tracking number."""
    if order_id is not None:
        wanted = parcels_of(order_id)
    else:
        wanted = select(Parcel).filter_by(number=number)
    async with runtime.sessions() as session:
        return (
            await session.scalars(wanted.with_only_columns(Parcel.id).order_by(Parcel.id))
        ).all()


def parcels_of(order_id: int) -> Select[Parcel]:
    """An order's parcels: its own, and those of other orders that its items travel in."""
    shared = select(OrderItem.parcel_id).where(
        OrderItem.order_id == order_id, OrderItem.parcel_id.is_not(None)
    )
    return select(Parcel).where(or_(Parcel.order_id == order_id, Parcel.id.in_(shared)))


async def _look(
    runtime: Runtime, parcels: Sequence[Parcel], patience: float, *, now: datetime
) -> list[Lookup]:
    """Ask for all at once; what takes too long goes on by itself and ends in the store."""
    asked = [asyncio.create_task(_where(runtime, parcel.id, now)) for parcel in parcels]
    if any(parcel.fetched_at is None for parcel in parcels):
        patience = max(patience, FIRST_PATIENCE_SECONDS)
    if asked:
        await asyncio.wait(asked, timeout=patience)
    store = ServiceParcelStore(runtime.sessions)
    found = []
    for parcel, task in zip(parcels, asked, strict=True):
        if task.done():
            found.append(task.result())
        else:
            _running.add(task)
            task.add_done_callback(_running.discard)
            known: Known = await store.known(parcel.id)
            found.append(Lookup(known, assess(known, now=now)))
    return found


_running: set[asyncio.Task[Lookup]] = set()  # the loop itself keeps no strong reference


async def _where(runtime: Runtime, parcel_id: int, now: datetime) -> Lookup:
    return await runtime.lookup.where_is(parcel_id, now=now)


async def _promises(
    session: AsyncSession, parcel_ids: Iterable[int]
) -> dict[int, tuple[Window, ...]]:
    rows = await session.execute(
        select(PromisedWindow.parcel_id, PromisedWindow.promised_from, PromisedWindow.promised_to)
        .where(PromisedWindow.parcel_id.in_(list(parcel_ids)))
        .order_by(PromisedWindow.id)
    )
    found: dict[int, tuple[Window, ...]] = {}
    for parcel_id, first, last in rows:
        found[parcel_id] = (*found.get(parcel_id, ()), (first, last))
    return found


def _parcel(
    parcel: Parcel, lookup: Lookup, promises: tuple[Window, ...], items: tuple[str, ...]
) -> ParcelKnown:
    tracking = lookup.known.tracking
    if tracking and tracking.promised_to:
        current = (tracking.promised_from, tracking.promised_to)
        if not promises or promises[-1] != current:
            promises = (*promises, current)
    carrier = lookup.known.carrier
    return ParcelKnown(
        number=parcel.number,
        carrier=carrier_name(carrier),
        lookup=lookup,
        promises=promises,
        link=tracking_link(carrier, parcel.number),
        items=items,
    )


@cache
def carrier_name(slug: str) -> str:
    """A carrier's name for people, whether or not it is switched on."""
    return manifest_of(slug).name if slug in slugs() else slug.replace("_", " ").title()


def _lines(items: Sequence[OrderItem], parcel_id: int | None) -> tuple[str, ...]:
    return tuple(f"{i.quantity} × {i.title}" for i in items if i.parcel_id == parcel_id)  # noqa: RUF001
