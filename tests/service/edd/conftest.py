"""A shop's parcels in the database, and one trained model that all tests here share."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.edd.dates import Dates
from service.edd.parcels import Home
from service.storefront.models import Order, Parcel
from service.storefront.store import record
from tracking_lookup.edd.model import train
from tracking_lookup.edd.shipments import Scan, Shipment
from tracking_lookup.edd.store import Store
from tracking_lookup.model import Status, Tracking, TrackingEvent

NOW = datetime(2026, 5, 6, 9, tzinfo=UTC)  # a Wednesday
HOME = Home("GB", ZoneInfo("Europe/London"))


def past(count=120, until=NOW):
    """Parcels of one carrier that take three or four days from hand-over to door."""
    for number in range(count):
        ordered = until - timedelta(days=10 + number * 0.7)
        handed = ordered + timedelta(days=1)
        arrived = handed + timedelta(days=3 + number % 2)
        yield Shipment(
            id=str(number),
            ordered_at=ordered.astimezone(HOME.zone),
            carrier="sandbox",
            service="domestic",
            handed_over_at=handed.astimezone(HOME.zone),
            delivered_at=arrived.astimezone(HOME.zone),
            origin_country="GB",
            origin_region="GB",
            destination_country="GB",
            destination_region="LS",
            destination_postcode="LS14AP",
            scans=(Scan(arrived.astimezone(HOME.zone), Status.DELIVERED, "GB"),),
        )


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder with a model in it that runs."""
    folder = tmp_path_factory.mktemp("edd")
    store = Store(folder)
    store.promote(store.add(train(list(past()), NOW), "test"))
    return folder


@pytest.fixture
def dates(sessions, models):
    return Dates(sessions, models, HOME)


@pytest.fixture
def add_parcel(sessions):
    """Adds an order with one parcel, and tells of its scans: ``(age in days, status)``."""
    count = 0

    async def add(*scans, ordered=3.0, promised=None, carrier="sandbox", now=NOW, **order):
        nonlocal count
        count += 1
        async with sessions.begin() as session:
            row = Order(
                **{
                    "key": f"T{count}",
                    "number": f"#T{count}",
                    "postcode": "LS14AP",
                    "country": "GB",
                    "placed_at": now - timedelta(days=ordered),
                    "promised_to": None if promised is None else now + timedelta(days=promised),
                    "source": "test",
                    "external_id": f"T{count}",
                    **order,
                }
            )
            session.add(row)
            await session.flush()
            parcel = Parcel(order_id=row.id, carrier=carrier, number=f"SBX{count:08d}")
            session.add(parcel)
            await session.flush()
            parcel_id = parcel.id
        if scans:
            await tell(sessions, parcel_id, *scans, now=now)
        return parcel_id

    return add


async def tell(sessions, parcel_id, *scans, now=NOW, promised=None):
    """The carrier answers at ``now`` with everything up to then."""
    events = [
        TrackingEvent(now - timedelta(days=age), status, None, "Leeds, GB", str(number))
        for number, (age, status) in enumerate(scans)
    ]
    events.sort(key=lambda event: event.at, reverse=True)
    async with sessions.begin() as session:
        parcel = await session.get_one(Parcel, parcel_id)
        tracking = Tracking(
            parcel.carrier, parcel.number, events[0].status, None, tuple(events),
            None, None if promised is None else now + timedelta(days=promised),
        )  # fmt: skip
        return await record(session, parcel_id, tracking, {}, fetched_at=now)
