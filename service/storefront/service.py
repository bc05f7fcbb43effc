"""Orders as they come in from a shop. ``import_orders`` opens its own short transactions."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import delete, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.contract import ImportedItem, ImportedOrder, ImportProblem
from kit import clock
from service.db import Sessions
from service.notifications.milestones import noticing
from service.storefront.carriers import name_carrier
from service.storefront.models import CarrierBy, Order, OrderItem, Parcel
from service.storefront.normal import (
    carrier_of,
    email_of,
    order_key,
    phone_of,
    postcode_of,
    tracking_number_of,
)

BATCH: Final = 300
MAX_PROBLEMS: Final = 1000
_IMPORT_LOCK: Final = 7246  # one import writes at a time, whichever process it runs in

ParcelKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        created: Orders that were not there before.
        updated: Orders of which something changed.
        unchanged: Orders that were there as they are in the file.
        problems: The first 1000, in the file's order. An order with a problem may have been
            imported without the part that could not be read; the reason says so.
        problem_count: All of them.
    """

    created: int
    updated: int
    unchanged: int
    problems: tuple[ImportProblem, ...]
    problem_count: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An imported order in our form.

    Attributes:
        values: Columns of ``Order``.
        items: Each with the parcel it is in; ``None``: in none yet.
    """

    where: str
    values: dict[str, Any]
    parcels: tuple[ParcelKey, ...]
    items: tuple[tuple[ImportedItem, ParcelKey | None], ...]


async def import_orders(
    sessions: Sessions,
    parsed: Iterable[ImportedOrder | ImportProblem],
    *,
    source: str,
    progress: Callable[[int], None] | None = None,
    region: str | None = None,
) -> ImportReport:
    """Bring a shop's orders in. The same file again changes nothing.

    An order is what the file says it is, with two exceptions: what carriers and shoppers told us
    about a parcel stays, and a parcel that its order no longer names is taken out of the order,
    with its history kept should it come back.

    Stopped half-way, the batches done stay; run again, it goes on from there.

    Args:
        parsed: What a storefront read, as it comes; a few hundred at a time are in memory.
        source: The storefront's slug. Another source's orders are never touched.
        progress: Told after each batch how many orders and problems have gone by.
        region: Country, two letters, of phone numbers in orders that name none.
    """
    began = clock.now()
    counts: Counter[str] = Counter()
    problems: list[ImportProblem] = []
    found = iter(parsed)
    seen = 0
    while batch := list(islice(found, BATCH)):
        async with sessions.begin() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
            done = await _import(session, batch, source=source, region=region, began=began)
        counts.update(done.counts)
        problems.extend(done.problems[: MAX_PROBLEMS - len(problems)])
        counts["problems"] += len(done.problems)
        seen += len(batch)
        if progress is not None:
            progress(seen)
    return ImportReport(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        problems=tuple(problems),
        problem_count=counts["problems"],
    )


class _Done:
    """What became of a batch."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[ImportProblem] = []

    def problem(self, where: str, reason: str) -> None:
        self.problems.append(ImportProblem(where, reason))


async def _import(
    session: AsyncSession,
    batch: Sequence[ImportedOrder | ImportProblem],
    *,
    source: str,
    region: str | None,
    began: datetime,
) -> _Done:
    done = _Done()
    wanted = [
        item
        for found in batch
        if (item := _normal(found, done, source=source, region=region)) is not None
    ]
    pairs: list[tuple[Order, _Wanted]] = []
    created: set[str] = set()
    changed: set[int] = set()
    by_id, by_key = await _orders(session, wanted, source=source)
    for each in wanted:
        key, external_id = each.values["key"], each.values["external_id"]
        order, holder = by_id.get(external_id), by_key.get(key)
        if order is not None and order.imported_at == began:
            done.problem(
                each.where,
                f"order {each.values['number']} stands in the file before, and was taken from"
                " there; all rows of an order must stand together",
            )
            continue
        if holder is not None and holder is not order:
            done.problem(
                each.where,
                f"order number {each.values['number']} belongs to another order already,"
                f" which came from {holder.source}",
            )
            continue
        if order is None:
            order = Order(**each.values)
            session.add(order)
            created.add(external_id)
        elif any(getattr(order, name) != value for name, value in each.values.items()):
            changed.add(order.id)
            by_key.pop(order.key, None)
            for name, value in each.values.items():
                setattr(order, name, value)
            await session.flush()  # at once: a later order may take the number that got free
        order.imported_at = began
        by_id[external_id] = by_key[key] = order
        pairs.append((order, each))
    await session.flush()
    contents = await _put_parcels(session, pairs, done)
    changed |= contents | await _put_items(session, pairs)
    await noticing.ordered(
        session, [order.id for order, _ in pairs if order.external_id in created], now=began
    )
    for order, _ in pairs:
        if order.external_id in created:
            done.counts["created"] += 1
        else:
            done.counts["updated" if order.id in changed else "unchanged"] += 1
    return done


def _normal(
    found: ImportedOrder | ImportProblem, done: _Done, *, source: str, region: str | None
) -> _Wanted | None:
    """An order in our form; ``None`` where there is none to store. Says what is wrong."""
    if isinstance(found, ImportProblem):
        done.problems.append(found)
        return None
    key = order_key(found.number)
    if not key:
        done.problem(found.where, "its order number has no letter or digit")
        return None
    email = email_of(found.email) if found.email else None
    if email is not None and "@" not in email:
        done.problem(found.where, "its e-mail is not one; the order was imported without it")
        email = None
    phone = None
    if found.phone:
        try:
            phone = phone_of(found.phone, found.country or region)
        except ValueError as error:
            done.problem(found.where, f"its phone {error}; the order was imported without it")
    postcode = postcode_of(found.postcode) if found.postcode else None
    if not (email or phone or postcode):
        done.problem(
            found.where,
            "it has no e-mail, phone or postcode: imported, but no shopper can prove it is theirs",
        )
    parcels = {
        (carrier_of(parcel.carrier), tracking_number_of(parcel.number)): parcel.items
        for parcel in found.parcels
    }
    return _Wanted(
        where=found.where,
        values={
            "source": source,
            "external_id": found.external_id or key,
            "key": key,
            "number": found.number,
            "email": email,
            "phone": phone,
            "postcode": postcode,
            "name": found.name,
            "country": found.country,
            "currency": found.currency,
            "total": found.total,
            "placed_at": found.placed_at,
            "promised_from": found.promised_from,
            "promised_to": found.promised_to,
            "cancelled_at": found.cancelled_at,
        },
        parcels=tuple(parcels),
        items=(
            *((item, parcel) for parcel, items in parcels.items() for item in items),
            *((item, None) for item in found.unshipped),
        ),
    )


async def _orders(
    session: AsyncSession, wanted: Sequence[_Wanted], *, source: str
) -> tuple[dict[str, Order], dict[str, Order]]:
    """The stored orders a batch is about: this source's by their id there, all by their key."""
    orders = await session.scalars(
        select(Order).where(
            or_(
                (Order.source == source)
                & Order.external_id.in_([each.values["external_id"] for each in wanted]),
                Order.key.in_([each.values["key"] for each in wanted]),
            )
        )
    )
    found = orders.all()
    by_id = {order.external_id: order for order in found if order.source == source}
    return by_id, {order.key: order for order in found}


async def _put_parcels(
    session: AsyncSession, pairs: Sequence[tuple[Order, _Wanted]], done: _Done
) -> set[int]:
    """Bring the orders' parcels in line; their tracking is not touched.

    Returns:
        Ids of the orders whose parcels changed.
    """
    changed: set[int] = set()
    keys = [key for _, each in pairs for key in each.parcels]
    rows = (
        await session.scalars(
            select(Parcel)
            .where(
                or_(
                    Parcel.order_id.in_([order.id for order, _ in pairs]),
                    tuple_(Parcel.shop_carrier, Parcel.number).in_(keys),
                )
            )
            .order_by(Parcel.id)
        )
    ).all()
    parcels = {(parcel.shop_carrier, parcel.number): parcel for parcel in rows}
    named = {order.id: set(each.parcels) for order, each in pairs}
    changed |= await _rename_parcels(session, parcels, named)
    for key, parcel in parcels.items():
        if parcel.order_id in named and key not in named[parcel.order_id]:
            changed.add(parcel.order_id)
            parcel.order_id = None  # it keeps its history, and may come back
    for order, each in pairs:
        for carrier, number in each.parcels:
            parcel = parcels.setdefault((carrier, number), Parcel(carrier=carrier, number=number))
            if parcel.order_id is None:  # new, or taken out of an order before
                parcel.order_id = order.id
                session.add(parcel)
                changed.add(order.id)
            elif parcel.order_id != order.id:
                done.problem(
                    each.where,
                    f"parcel {number} stands with another order already and stays there",
                )
    await session.flush()
    return changed


async def _rename_parcels(
    session: AsyncSession, parcels: dict[ParcelKey, Parcel], named: Mapping[int, set[ParcelKey]]
) -> set[int]:
    """Follow a shop that names another carrier for a parcel it has named before.

    Args:
        parcels: By the shop's word; brought in line.
        named: What each order names now, by its id.

    Returns:
        Ids of the orders of which a parcel was renamed.
    """
    changed: set[int] = set()
    for (was, number), parcel in list(parcels.items()):
        if parcel.order_id is None or (was, number) in named.get(parcel.order_id, {(was, number)}):
            continue
        others = [carrier for carrier, other in named[parcel.order_id] if other == number]
        if len(others) != 1 or (others[0], number) in parcels:
            continue
        parcel.shop_carrier = others[0]
        if parcel.carrier_by != CarrierBy.AGENT:
            await name_carrier(session, parcel, others[0], CarrierBy.SHOP, now=clock.now())
        parcels[others[0], number] = parcels.pop((was, number))
        changed.add(parcel.order_id)
    return changed


async def _put_items(session: AsyncSession, pairs: Sequence[tuple[Order, _Wanted]]) -> set[int]:
    """Bring the orders' items in line; an order's are replaced together where one differs.

    Returns:
        Ids of the orders whose items changed.
    """
    parcels = await session.execute(
        select(Parcel.shop_carrier, Parcel.number, Parcel.id).where(
            tuple_(Parcel.shop_carrier, Parcel.number).in_(
                [key for _, each in pairs for key in each.parcels]
            )
        )
    )
    parcel_ids = {(carrier, number): parcel_id for carrier, number, parcel_id in parcels}
    stored: dict[int, Counter[tuple[Any, ...]]] = {order.id: Counter() for order, _ in pairs}
    for row in await session.execute(
        select(
            OrderItem.order_id,
            OrderItem.title,
            OrderItem.quantity,
            OrderItem.sku,
            OrderItem.external_id,
            OrderItem.parcel_id,
        ).where(OrderItem.order_id.in_(list(stored)))
    ):
        stored[row.order_id][tuple(row)[1:]] += 1
    wanted = {
        order.id: [
            (
                item.title,
                item.quantity,
                item.sku,
                item.external_id,
                parcel_ids[parcel] if parcel else None,
            )
            for item, parcel in each.items
        ]
        for order, each in pairs
    }
    changed = {order_id for order_id, items in wanted.items() if Counter(items) != stored[order_id]}
    if changed:
        await session.execute(delete(OrderItem).where(OrderItem.order_id.in_(changed)))
        columns = ("title", "quantity", "sku", "external_id", "parcel_id")
        session.add_all(
            OrderItem(order_id=order_id, **dict(zip(columns, item, strict=True)))
            for order_id in sorted(changed)
            for item in wanted[order_id]
        )
        await session.flush()
    return changed
