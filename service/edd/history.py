"""What was told of parcels' dates, and how late they are by it. Functions take a session."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.edd.models import DeliveryDate, DeliveryDateMove
from service.storefront.models import OrderItem, Parcel


async def moves(
    session: AsyncSession, parcel_ids: Sequence[int]
) -> dict[int, list[DeliveryDateMove]]:
    """Every change of what was told of parcels, oldest first; none for one never told of."""
    rows = await session.scalars(
        select(DeliveryDateMove)
        .where(DeliveryDateMove.parcel_id.in_(parcel_ids))
        .order_by(DeliveryDateMove.id)
    )
    found: dict[int, list[DeliveryDateMove]] = {}
    for row in rows:
        found.setdefault(row.parcel_id, []).append(row)
    return found


async def days_late(session: AsyncSession, order_id: int, *, today: date) -> int | None:
    """How many days ago an order's parcels should have come, of the latest one.

    The shop's day counts before the carrier's, and that before the day that was told first. A
    parcel still in time gives 0 or less; ``None`` where no day is told of any.
    """
    rows = await session.scalars(
        select(DeliveryDate)
        .join(Parcel, Parcel.id == DeliveryDate.parcel_id)
        .where(_of(order_id), DeliveryDate.last.is_not(None))
    )
    late = [
        (today - due).days for row in rows if (due := row.shop or row.carrier or row.first_told)
    ]
    return max(late, default=None)


def _of(order_id: int) -> ColumnElement[bool]:
    """Parcels of an order: its own, and those that its items travel in."""
    shared = select(OrderItem.parcel_id).where(
        OrderItem.order_id == order_id, OrderItem.parcel_id.is_not(None)
    )
    return or_(Parcel.order_id == order_id, Parcel.id.in_(shared))
