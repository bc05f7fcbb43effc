import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from kit.errors import NotFound
from service.storefront.models import Order, Parcel, TrackingAnswer, TrackingEventRow
from service.storefront.store import ServiceParcelStore
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scan(hour, status=Status.IN_TRANSIT, **more):
    return TrackingEvent(at=NOW + hour * HOUR, status=status, code="X", text="scan", **more)


def answer(*events, status=None, **more):
    return Tracking("ups", "1Z1", status or events[0].status, events=events, **more)


@pytest.fixture
def store(sessions):
    return ServiceParcelStore(sessions)


@pytest.fixture
async def parcel(sessions):
    async with sessions.begin() as session:
        order = Order(
            key="1",
            number="1",
            placed_at=NOW,
            promised_to=NOW + 48 * HOUR,
            source="csv",
            external_id="1",
        )
        session.add(order)
        await session.flush()
        made = Parcel(order_id=order.id, carrier="ups", number="1Z1")
        session.add(made)
        await session.flush()
        return made.id


async def rows(sessions, table):
    async with sessions() as session:
        return (await session.scalars(select(table).order_by(table.id))).all()


async def test_a_parcel_never_asked_about(store, parcel):
    known = await store.known(parcel)
    assert (known.carrier, known.number, known.tracking, known.fetched_at) == (
        "ups",
        "1Z1",
        None,
        None,
    )
    assert known.promised_to == NOW + 48 * HOUR


async def test_what_is_recorded_is_known(store, parcel, sessions):
    event = scan(1, Status.EXCEPTION, detail=Detail.DELAYED, place="Köln", local_time_only=True)
    heard = answer(event, scan(0), promised_to=NOW + 24 * HOUR, status=Status.EXCEPTION)
    known = await store.record(parcel, heard, {"raw": ["as", 1, None]}, fetched_at=NOW + HOUR)
    assert known.tracking == heard
    assert known.fetched_at == NOW + HOUR
    assert known == await store.known(parcel)
    [kept] = await rows(sessions, TrackingAnswer)
    assert kept.raw == {"raw": ["as", 1, None]}


async def test_twice_and_late_and_older(store, parcel, sessions):
    await store.record(parcel, answer(scan(5, Status.DELIVERED), scan(1)), {}, fetched_at=NOW)
    await store.record(parcel, answer(scan(5, Status.DELIVERED), scan(1)), {}, fetched_at=NOW)
    known = await store.record(parcel, answer(scan(3)), {}, fetched_at=NOW - HOUR)
    assert known.tracking.status is Status.DELIVERED
    assert [event.at for event in known.tracking.events] == [NOW + h * HOUR for h in (5, 3, 1)]
    assert known.fetched_at == NOW
    assert len(await rows(sessions, TrackingEventRow)) == 3
    assert len(await rows(sessions, TrackingAnswer)) == 3


async def test_a_better_reading_of_a_known_event_replaces_it(store, parcel, sessions):
    await store.record(parcel, answer(scan(1, Status.UNKNOWN)), {}, fetched_at=NOW)
    known = await store.record(parcel, answer(scan(1, Status.RETURNING)), {}, fetched_at=NOW)
    assert known.tracking.status is Status.RETURNING
    assert [event.status for event in known.tracking.events] == [Status.RETURNING]


async def test_answers_at_once_lose_nothing(store, parcel, sessions):
    def said(hour):
        return answer(scan(hour, Status.DELIVERED if hour == 9 else Status.IN_TRANSIT), scan(-1))

    await asyncio.gather(
        *(store.record(parcel, said(9 - n % 10), {"n": n}, fetched_at=NOW) for n in range(30))
    )
    known = await store.known(parcel)
    assert len(known.tracking.events) == 11
    assert known.tracking.events[0] == scan(9, Status.DELIVERED)
    assert known.tracking.status is Status.DELIVERED
    assert len(await rows(sessions, TrackingAnswer)) == 30


async def test_what_postgresql_would_refuse(store, parcel):
    event = TrackingEvent(at=NOW, status=Status.IN_TRANSIT, place="K\0öln", text="a\ud800b")
    raw = {"a\0": ["b\0", "\ud800", float("nan"), {"c": float("inf")}]}
    first = await store.record(parcel, answer(event), raw, fetched_at=NOW)
    second = await store.record(parcel, answer(event), raw, fetched_at=NOW)
    assert [event.place for event in second.tracking.events] == ["Köln"]
    assert first == second


async def test_no_such_parcel(store):
    with pytest.raises(NotFound):
        await store.known(1)
    with pytest.raises(NotFound):
        await store.record(1, answer(scan(1)), {}, fetched_at=NOW)
