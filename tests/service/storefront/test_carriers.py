"""Whose parcel it is: the shop's word, then an answer that knows the number, then an agent's."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from integrations.contract import ImportedOrder, ImportedParcel
from kit.errors import BadInput, NotFound
from service.storefront import carriers
from service.storefront.models import Parcel
from service.storefront.service import import_orders
from service.storefront.store import ServiceParcelStore
from service.tracking import refreshing
from tracking_lookup.model import Status, Tracking, TrackingEvent

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NUMBER = "1Z999AA10123456784"


@pytest.fixture
def store(sessions):
    return ServiceParcelStore(sessions)


@pytest.fixture
def bring_in(sessions):
    """Import order 1001 (or another) with one parcel, as the shop names its carrier."""

    async def run(carrier, order="1001", number=NUMBER):
        imported = ImportedOrder(
            where="line 1",
            external_id=None,
            number=order,
            placed_at=NOW,
            email="ann@example.com",
            parcels=(ImportedParcel(carrier, number),),
        )
        report = await import_orders(sessions, [imported], source="csv")
        assert not report.problems
        async with sessions() as session:
            return (await session.scalars(select(Parcel).filter_by(number=number))).first().id

    return run


@pytest.fixture
def parcels(sessions):
    """Every parcel there is: who carries it, who said so, whom the shop names."""

    async def read():
        async with sessions() as session:
            found = await session.scalars(select(Parcel).order_by(Parcel.id))
            return [(p.carrier, p.carrier_by, p.shop_carrier, bool(p.order_id)) for p in found]

    return read


def heard(carrier, status=Status.IN_TRANSIT):
    scan = TrackingEvent(NOW - timedelta(hours=1), status, code="X")
    return Tracking(carrier, NUMBER, status, events=(scan,))


def corrected(sessions, parcel_id, carrier):
    async def run():
        async with sessions.begin() as session:
            await carriers.correct(session, parcel_id, carrier, now=NOW)

    return run()


async def test_an_answer_names_the_carrier_that_the_shop_did_not(store, bring_in, parcels):
    parcel_id = await bring_in(None)
    missing = Tracking("ups", NUMBER, Status.NOT_FOUND)
    await store.record(parcel_id, missing, {}, fetched_at=NOW, source="ups")
    assert await parcels() == [("unknown", "shop", "unknown", True)]

    known = await store.record(
        parcel_id, heard("Royal Mail"), {}, fetched_at=NOW, source="easypost"
    )
    assert (known.carrier, known.tracking.status) == ("royal_mail", Status.IN_TRANSIT)
    await store.record(parcel_id, heard("evri"), {}, fetched_at=NOW, source="aftership")
    assert await bring_in(None) == parcel_id  # the same file again
    assert await parcels() == [("royal_mail", "answer", "unknown", True)]


async def test_a_correction_sticks_and_takes_back_what_was_heard(
    sessions, store, bring_in, parcels
):
    parcel_id = await bring_in("UPS")
    await store.record(parcel_id, heard("ups", Status.DELIVERED), {}, fetched_at=NOW)
    await corrected(sessions, parcel_id, "royal_mail")
    known = await store.known(parcel_id)
    assert (known.carrier, known.tracking, known.fetched_at) == ("royal_mail", None, None)
    async with sessions() as session:  # it is looked up next
        assert [parcel.id for parcel in await refreshing.due(session, now=NOW)] == [parcel_id]

    assert await bring_in("UPS") == parcel_id
    assert await bring_in("Evri") == parcel_id
    known = await store.record(parcel_id, heard("royal_mail"), {}, fetched_at=NOW)
    assert [event.status for event in known.tracking.events] == [Status.IN_TRANSIT]
    assert await parcels() == [("royal_mail", "agent", "evri", True)]


async def test_an_answer_for_the_carrier_it_was_taken_for_before_is_dropped(
    sessions, store, bring_in
):
    parcel_id = await bring_in("UPS")
    asked = await store.known(parcel_id)
    await corrected(sessions, parcel_id, "royal_mail")
    known = await store.record(
        parcel_id, heard("ups"), {}, fetched_at=NOW, source="ups", asked_as=asked.carrier
    )
    assert (known.carrier, known.tracking) == ("royal_mail", None)


async def test_a_shop_that_names_another_carrier_keeps_the_parcel(store, bring_in, parcels):
    parcel_id = await bring_in("UPS")
    await store.record(parcel_id, heard("ups"), {}, fetched_at=NOW)
    assert await bring_in("Royal Mail") == parcel_id
    assert await parcels() == [("royal_mail", "shop", "royal_mail", True)]
    assert (await store.known(parcel_id)).tracking is None


async def test_correcting_the_same_carrier_keeps_its_history(sessions, store, bring_in, parcels):
    parcel_id = await bring_in("UPS")
    await store.record(parcel_id, heard("ups"), {}, fetched_at=NOW)
    await corrected(sessions, parcel_id, "ups")
    assert (await store.known(parcel_id)).tracking.status is Status.IN_TRANSIT
    assert await parcels() == [("ups", "agent", "ups", True)]


async def test_a_parcel_is_found_by_number_and_where_needed_by_order(sessions, bring_in):
    first, second = await bring_in("UPS"), await bring_in("Evri", order="1002")
    async with sessions() as session:
        assert (await carriers.find(session, f" {NUMBER.lower()}", order="#1001")).id == first
        assert (await carriers.find(session, NUMBER, order="1002")).id != first
        with pytest.raises(BadInput, match="name the order"):
            await carriers.find(session, NUMBER)
        with pytest.raises(NotFound):
            await carriers.find(session, "1Z1")
    assert second == first
