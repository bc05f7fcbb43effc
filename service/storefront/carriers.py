"""Whose parcel it is, where the shop's word was none or a wrong one. Never commits."""

from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from service.storefront.models import CarrierBy, Order, Parcel, TrackingEventRow
from service.storefront.normal import order_key, tracking_number_of
from service.tracking.models import ParcelWatch, WithdrawnEvent
from tracking_lookup.model import Status


async def find(session: AsyncSession, number: str, *, order: str | None = None) -> Parcel:
    """A parcel of an order, by its tracking number.

    Args:
        order: Its order's number, which tells parcels of one number apart.

    Raises:
        NotFound: There is none.
        BadInput: There are several.
    """
    wanted = select(Parcel).join(Order).where(Parcel.number == tracking_number_of(number))
    if order is not None:
        wanted = wanted.where(Order.key == order_key(order))
    found = (await session.scalars(wanted)).all()
    if not found:
        raise NotFound("no parcel of that number is in an order")
    if len(found) > 1:
        raise BadInput("several parcels have that number; name the order too")
    return found[0]


async def correct(session: AsyncSession, parcel_id: int, carrier: str, *, now: datetime) -> Parcel:
    """Have an agent say who carries a parcel. Neither imports nor answers change that again.

    Args:
        carrier: A carrier's slug.

    Raises:
        NotFound: No such parcel.
    """
    parcel = await session.get(Parcel, parcel_id, with_for_update=True)
    if parcel is None:
        raise NotFound("no such parcel")
    await name_carrier(session, parcel, carrier, CarrierBy.AGENT, now=now)
    await session.execute(
        insert(ParcelWatch)
        .values(parcel_id=parcel.id, due_at=now)
        .on_conflict_do_update(index_elements=["parcel_id"], set_={"due_at": now})
    )
    return parcel


async def name_carrier(
    session: AsyncSession, parcel: Parcel, carrier: str, by: CarrierBy, *, now: datetime
) -> None:
    """Write down who carries a parcel, and take back what another carrier said of its number.

    What was heard of it was perhaps another parcel's way, so it counts as never looked up; the
    answers themselves are kept.
    """
    parcel.carrier_by = by
    if carrier == parcel.carrier:
        return
    parcel.carrier = carrier
    parcel.status, parcel.detail = Status.UNKNOWN, None
    parcel.promised_from = parcel.promised_to = None
    parcel.fetched_at = None
    told = select(TrackingEventRow.id, literal(now)).where(TrackingEventRow.parcel_id == parcel.id)
    await session.execute(
        insert(WithdrawnEvent).from_select(["event_id", "at"], told).on_conflict_do_nothing()
    )
    await session.flush()
