"""Which parcels an order is in."""

from sqlalchemy import ColumnElement, CompoundSelect, select, union

from service.storefront.models import OrderItem, Parcel


def parcels_of(order_id: ColumnElement[int]) -> CompoundSelect[int]:
    """Ids of an order's parcels: its own, and those of other orders that its items travel in.

    Two looks into an index. As one condition with "or" it would read all parcels of the shop.
    """
    own = select(Parcel.id).where(Parcel.order_id == order_id)
    shared = select(OrderItem.parcel_id).where(
        OrderItem.order_id == order_id, OrderItem.parcel_id.is_not(None)
    )
    return union(own, shared)
