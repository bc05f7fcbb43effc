import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import selectinload

from service.demo import carrier
from service.demo.models import SandboxFault
from service.demo.service import LASTS, demo_orders, seed
from service.storefront.models import Order, OrderItem, Parcel, TrackingAnswer, TrackingEventRow

NOW = datetime(2026, 5, 6, 14, 30, tzinfo=UTC)


async def order(sessions, number):
    async with sessions() as session:
        return (
            await session.scalars(
                select(Order)
                .where(Order.number == f"#{number}")
                .options(
                    selectinload(Order.items),
                    selectinload(Order.parcels).selectinload(Parcel.items),
                )
            )
        ).one()


async def answer(sessions, number, now):
    async with sessions() as session:
        return (await carrier.answer(session, number, now=now))["parcel"]


async def counts(sessions):
    async with sessions() as session:
        return [
            await session.scalar(select(func.count()).select_from(table))
            for table in (Order, OrderItem, Parcel)
        ]


async def test_order_1001_is_anas_and_moved_a_few_hours_ago(sessions):
    assert await seed(sessions, now=NOW)
    ana = await order(sessions, 1001)
    assert (ana.email, ana.key, ana.source, ana.postcode) == (
        "ana@example.com",
        "1001",
        "demo",
        "LS14AP",
    )
    [parcel] = ana.parcels
    last = (await answer(sessions, parcel.number, NOW))["scans"][-1]
    assert NOW - datetime.fromisoformat(last["at"]) == timedelta(hours=3)
    assert parcel.fetched_at is None  # the first question looks it up live
    assert ana.placed_at < NOW < ana.promised_to


async def test_there_are_at_least_forty_orders_and_split_ones_keep_their_goods_apart(sessions):
    await seed(sessions, now=NOW)
    orders, _, parcels = await counts(sessions)
    assert orders >= 40
    assert parcels > 40
    split = await order(sessions, 1018)
    assert [[item.sku for item in parcel.items] for parcel in split.parcels] == [
        ["jacket"],
        ["boots"],
    ]
    assert [item.sku for item in split.items if item.parcel_id is None] == ["hat"]
    assert (await order(sessions, 1022)).parcels == []
    assert (await order(sessions, 1024)).cancelled_at < NOW


async def test_parcels_move_by_the_clock_alone(sessions):
    await seed(sessions, now=NOW)
    newest = [
        (await answer(sessions, "SBX00100101", NOW + timedelta(hours=hours)))["scans"][-1]["code"]
        for hours in (0, 16, 24, 2400)
    ]
    assert newest == ["ARR", "OFD", "DLV", "DLV"]


async def test_a_second_start_the_same_day_changes_nothing(sessions):
    await seed(sessions, now=NOW)
    before = await counts(sessions), (await order(sessions, 1001)).promised_to
    async with sessions.begin() as session:
        await carrier.scan(session, "SBX00100101", "DLY", None, now=NOW)
        await carrier.misbehave(session, "*", SandboxFault(number="*", delay_seconds=0, status=500))
    later = NOW + LASTS - timedelta(minutes=1)
    assert not await seed(sessions, now=later)
    assert (await counts(sessions), (await order(sessions, 1001)).promised_to) == before
    assert (await answer(sessions, "SBX00100101", NOW))["scans"][-1]["code"] == "DLY"
    async with sessions() as session:
        assert await carrier.fault_for(session, "SBX00100101")


async def test_a_start_days_later_begins_the_stories_again(sessions):
    await seed(sessions, now=NOW)
    first = await order(sessions, 1001)
    before = await counts(sessions)
    async with sessions.begin() as session:  # the shop has looked the parcel up, and has a dispute
        reply = TrackingAnswer(
            parcel_id=first.parcels[0].id, source="sandbox", fetched_at=NOW, raw={}
        )
        session.add(reply)
        await session.flush()
        session.add(
            TrackingEventRow(
                parcel_id=reply.parcel_id,
                answer_id=reply.id,
                digest="1",
                at=NOW,
                local_time_only=False,
                status="delivered",
                code="DLV",
                text="",
            )
        )
        await session.execute(
            update(Parcel)
            .where(Parcel.id == reply.parcel_id)
            .values(status="delivered", fetched_at=NOW, disputed_at=NOW)
        )
        await carrier.misbehave(session, "*", SandboxFault(number="*", delay_seconds=0, status=500))
    later = NOW + timedelta(days=9)
    assert await seed(sessions, now=later)

    again = await order(sessions, 1001)
    assert again.id == first.id  # tickets and proofs still point at it
    assert again.promised_to - first.promised_to == timedelta(days=9)
    assert await counts(sessions) == before
    [parcel] = again.parcels
    assert (parcel.status, parcel.fetched_at, parcel.disputed_at) == ("unknown", None, None)
    last = (await answer(sessions, parcel.number, later))["scans"][-1]
    assert later - datetime.fromisoformat(last["at"]) == timedelta(hours=3)
    async with sessions() as session:
        assert await carrier.fault_for(session, parcel.number) is None
        assert not (await session.scalars(select(TrackingAnswer))).all()
        assert not (await session.scalars(select(TrackingEventRow))).all()


async def test_the_shops_own_order_of_that_number_wins(sessions):
    async with sessions.begin() as session:
        session.add(
            Order(
                key="1001",
                number="1001",
                email="real@example.com",
                placed_at=NOW,
                source="shopify",
                external_id="gid-1",
            )
        )
    await seed(sessions, now=NOW)
    async with sessions() as session:
        mine = (await session.scalars(select(Order).where(Order.key == "1001"))).one()
        examples = await demo_orders(session)
    assert (mine.email, mine.source) == ("real@example.com", "shopify")
    assert "1001" not in {example.number for example in examples}
    assert len(examples) >= 40


async def test_several_processes_may_start_at_once(sessions):
    done = await asyncio.gather(*(seed(sessions, now=NOW) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]


async def test_the_examples_begin_with_ana_and_say_what_to_find_out(sessions):
    async with sessions() as session:
        assert await demo_orders(session) == []
    await seed(sessions, now=NOW)
    async with sessions() as session:
        examples = await demo_orders(session)
    assert (examples[0].number, examples[0].email) == ("1001", "ana@example.com")
    assert "three hours ago" in examples[0].story
    stories = {example.number: example.story for example in examples}
    assert stories["1018"].count(";") == 2
    assert stories["1022"] == "Not sent yet"
    assert stories["1024"].startswith("Cancelled")


@pytest.mark.parametrize("field", ["email", "phone", "postcode", "country", "total"])
async def test_every_order_has_what_a_proof_needs(sessions, field):
    await seed(sessions, now=NOW)
    async with sessions() as session:
        values = (await session.scalars(select(getattr(Order, field)))).all()
    assert all(values)
