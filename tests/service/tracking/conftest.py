from datetime import UTC, datetime

import pytest

from service.storefront.models import Order, Parcel
from service.storefront.store import ServiceParcelStore

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def store(sessions):
    return ServiceParcelStore(sessions)


@pytest.fixture
def parcel_of(sessions):
    """Makes an order with one parcel; gives the parcel's id."""
    made = []

    async def make(carrier="ups", **order):
        number = str(len(made) + 1)
        made.append(number)
        async with sessions.begin() as session:
            bought = Order(
                key=number, number=number, placed_at=NOW, source="csv", external_id=number, **order
            )
            session.add(bought)
            await session.flush()
            parcel = Parcel(order_id=bought.id, carrier=carrier, number=f"N{number}")
            session.add(parcel)
            await session.flush()
            return parcel.id

    return make
