"""What the page needs from the database and the carriers. Never commits."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, select

from service.carriers import manifest_of, slugs
from service.dialogue.links import tracking_link
from service.edd import dates, history
from service.runtime import Runtime
from service.statements import Statement, bare
from service.storefront.models import Order, OrderItem, Parcel
from service.storefront.parcels import parcels_of
from service.storefront.store import ServiceParcelStore
from service.tracking_page.view import Days, OrderKnown, ParcelKnown
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
    async with bare(runtime.sessions) as connection:
        order = await _ORDER.one(connection, order_id=order_id)
        if order is None:
            return None
        items = await _ITEMS.all(connection, order_id=order_id)
        parcels = await _PARCELS.all(connection, order_id=order_id)
    lookups = await _look(runtime, parcels, patience, now=now)
    ids = [parcel.id for parcel in parcels]
    told = await runtime.dates.told(ids, now=now)
    async with bare(runtime.sessions) as connection:
        moved = await history.moves(connection, ids)
    promised = (order.promised_from, order.promised_to) if order.promised_to else None
    return OrderKnown(
        number=order.number,
        placed_at=order.placed_at,
        cancelled=order.cancelled_at is not None,
        promise=promised,
        waiting=_lines(items, None),
        parcels=tuple(
            _parcel(
                parcel,
                dates.with_window(lookup, told.get(parcel.id), now=now),
                _was(moved.get(parcel.id, ())),
                _lines(items, parcel.id),
            )
            for parcel, lookup in zip(parcels, lookups, strict=True)
        ),
    )


async def parcel_known(
    runtime: Runtime, number: str, *, now: datetime, patience: float = PATIENCE_SECONDS
) -> ParcelKnown | None:
    """A parcel by its tracking number; ``None`` where no parcel of the shop has it."""
    async with bare(runtime.sessions) as connection:
        parcel = await _NUMBERED.one(connection, number=number)
    if parcel is None:
        return None
    [lookup] = await _look(runtime, [parcel], patience, now=now)
    return _parcel(parcel, lookup, (), ())


async def parcel_ids(
    runtime: Runtime, *, order_id: int | None = None, number: str | None = None
) -> Sequence[int]:
    """Ids of an order's parcels, or of those with a tracking number."""
    async with bare(runtime.sessions) as connection:
        if order_id is not None:
            found = await _PARCELS.all(connection, order_id=order_id)
        else:
            found = await _NUMBERED.all(connection, number=number)
    return [parcel.id for parcel in found]


async def _look(
    runtime: Runtime, parcels: Sequence[Any], patience: float, *, now: datetime
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


def _was(moved: Sequence[Any]) -> tuple[Days, ...]:
    """What was told before, oldest first."""
    return tuple(
        (move.first_before, move.last_before)
        for move in moved
        if move.first_before and move.last_before
    )


def _parcel(
    parcel: Any, lookup: Lookup, was: tuple[Days, ...], items: tuple[str, ...]
) -> ParcelKnown:
    carrier = lookup.known.carrier
    return ParcelKnown(
        number=parcel.number,
        carrier=carrier_name(carrier),
        lookup=lookup,
        was=was,
        link=tracking_link(carrier, parcel.number),
        items=items,
    )


@cache
def carrier_name(slug: str) -> str:
    """A carrier's name for people, whether or not it is switched on."""
    return manifest_of(slug).name if slug in slugs() else slug.replace("_", " ").title()


def _lines(items: Sequence[Any], parcel_id: int | None) -> tuple[str, ...]:
    return tuple(f"{i.quantity} × {i.title}" for i in items if i.parcel_id == parcel_id)  # noqa: RUF001


_ORDER: Final = Statement[Any](
    select(
        Order.number,
        Order.placed_at,
        Order.cancelled_at,
        Order.promised_from,
        Order.promised_to,
    ).where(Order.id == bindparam("order_id"))
)
_ITEMS: Final = Statement[Any](
    select(OrderItem.title, OrderItem.quantity, OrderItem.parcel_id)
    .where(OrderItem.order_id == bindparam("order_id"))
    .order_by(OrderItem.id)
)
_ANY_PARCEL: Final = select(Parcel.id, Parcel.number, Parcel.fetched_at).order_by(Parcel.id)
_PARCELS: Final = Statement[Any](
    _ANY_PARCEL.where(Parcel.id.in_(parcels_of(bindparam("order_id", type_=BigInteger))))
)
_NUMBERED: Final = Statement[Any](_ANY_PARCEL.where(Parcel.number == bindparam("number")))
