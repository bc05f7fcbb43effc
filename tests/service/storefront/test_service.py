import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from integrations.contract import ImportedItem, ImportedOrder, ImportedParcel, ImportProblem
from integrations.storefronts.csv import Csv
from service.storefront.models import Order, OrderItem, Parcel, TrackingEventRow
from service.storefront.service import import_orders
from service.storefront.store import ServiceParcelStore
from tracking_lookup.model import Status, Tracking, TrackingEvent

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOCKS, HAT = ImportedItem("Wool socks", 2, "S-1"), ImportedItem("Hat")


def order(number="#1001", **more):
    return ImportedOrder(
        **{
            "where": "line 2",
            "external_id": None,
            "number": number,
            "placed_at": NOW,
            "email": "Mia@Example.com",
            "country": "GB",
            "parcels": (ImportedParcel("UPS", "1Z1", (SOCKS,)),),
            "unshipped": (HAT,),
        }
        | more
    )


def counts(report):
    return report.created, report.updated, report.unchanged


async def parcels(sessions, number="#1001"):
    async with sessions() as session:
        rows = await session.execute(
            select(Parcel.carrier, Parcel.number)
            .join(Order)
            .where(Order.number == number)
            .order_by(Parcel.id)
        )
        return [tuple(row) for row in rows]


async def items(sessions, number="#1001"):
    async with sessions() as session:
        rows = await session.execute(
            select(OrderItem.title, OrderItem.quantity, Parcel.number)
            .join(Order, Order.id == OrderItem.order_id)
            .outerjoin(Parcel, Parcel.id == OrderItem.parcel_id)
            .where(Order.number == number)
            .order_by(OrderItem.id)
        )
        return [tuple(row) for row in rows]


async def stored(sessions, number="#1001"):
    async with sessions() as session:
        return (await session.scalars(select(Order).filter_by(number=number))).one()


async def test_an_order_is_stored_in_our_form(sessions):
    report = await import_orders(
        sessions, [order(phone="07700 900123", postcode="sw1a 1aa")], source="csv"
    )
    assert counts(report) == (1, 0, 0)
    assert report.problems == ()
    found = await stored(sessions)
    assert (found.key, found.number, found.source, found.external_id) == (
        "1001",
        "#1001",
        "csv",
        "1001",
    )
    assert (found.email, found.phone, found.postcode) == (
        "mia@example.com",
        "+447700900123",
        "SW1A1AA",
    )
    assert await parcels(sessions) == [("ups", "1Z1")]
    assert await items(sessions) == [("Wool socks", 2, "1Z1"), ("Hat", 1, None)]


async def test_the_same_file_again_changes_nothing(sessions):
    rows = "".join(
        f"{n},2026-05-01,m{n}@example.com,Socks,{n % 3 + 1},UPS,1Z{n}\n" for n in range(1, 701)
    )
    text = "order_number,placed_at,email,item_title,item_quantity,carrier,tracking_number\n" + rows

    async def run():
        seen = []
        parsed = Csv().read(io.BytesIO(text.encode()), zone=ZoneInfo("UTC"))
        report = await import_orders(sessions, parsed, source="csv", progress=seen.append)
        return counts(report), seen

    assert await run() == ((700, 0, 0), [300, 600, 700])
    assert await run() == ((0, 0, 700), [300, 600, 700])
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(OrderItem)) == 700
        assert await session.scalar(select(func.count()).select_from(Parcel)) == 700


@pytest.mark.parametrize(
    "change",
    [
        {"email": "leo@example.com"},
        {"cancelled_at": NOW},
        {"unshipped": ()},
        {"unshipped": (replace(HAT, quantity=2),)},
        {"parcels": (ImportedParcel("UPS", "1Z1"),)},
        {"parcels": ()},
        {"number": "#1002"},
    ],
)
async def test_a_changed_order_is_updated(sessions, change):
    first = order(external_id="x")
    await import_orders(sessions, [first], source="shopify")
    report = await import_orders(sessions, [replace(first, **change)], source="shopify")
    assert counts(report) == (0, 1, 0)
    again = await import_orders(sessions, [replace(first, **change)], source="shopify")
    assert counts(again) == (0, 0, 1)


async def test_tracking_and_disputes_survive_and_a_parcel_may_leave_and_come_back(sessions):
    await import_orders(sessions, [order()], source="csv")
    async with sessions.begin() as session:
        parcel = (await session.scalars(select(Parcel))).one()
        parcel.disputed_at = NOW
    scan = TrackingEvent(at=NOW, status=Status.DELIVERED)
    answer = Tracking("ups", "1Z1", Status.DELIVERED, events=(scan,))
    await ServiceParcelStore(sessions).record(parcel.id, answer, {}, fetched_at=NOW)

    corrected = order(parcels=(ImportedParcel("UPS", "1Z2", (SOCKS,)),))
    for imported in (order(), corrected, order()):
        await import_orders(sessions, [imported], source="csv")
        wanted = [("ups", parcel.number) for parcel in imported.parcels]
        assert await parcels(sessions) == wanted

    async with sessions() as session:
        kept = (await session.scalars(select(Parcel).filter_by(number="1Z1"))).one()
        assert (kept.id, kept.status, kept.disputed_at) == (parcel.id, "delivered", NOW)
        assert len((await session.scalars(select(TrackingEventRow))).all()) == 1


async def test_a_number_of_another_source_is_a_problem_and_stays(sessions):
    await import_orders(sessions, [order()], source="demo")
    report = await import_orders(
        sessions,
        [order(email="leo@example.com", where="line 7"), order("1002", parcels=())],
        source="csv",
    )
    assert counts(report) == (1, 0, 0)
    [problem] = report.problems
    assert problem.where == "line 7"
    assert "#1001 belongs to another order" in problem.reason
    assert "demo" in problem.reason
    assert (await stored(sessions)).email == "mia@example.com"


@pytest.mark.parametrize("distance", [0, 400])
async def test_an_order_twice_in_one_file_is_a_problem(sessions, distance):
    between = [order(f"2{n}", parcels=()) for n in range(distance)]
    twice = [order(), *between, order(email="leo@example.com", where="line 900")]
    report = await import_orders(sessions, twice, source="csv")
    assert counts(report) == (1 + distance, 0, 0)
    assert [p.where for p in report.problems] == ["line 900"]
    assert (await stored(sessions)).email == "mia@example.com"


async def test_orders_may_take_over_freed_numbers(sessions):
    a, b = order("1", external_id="a", parcels=()), order("2", external_id="b", parcels=())
    await import_orders(sessions, [a, b], source="csv")
    moved = [replace(b, number="3"), replace(a, number="2")]
    report = await import_orders(sessions, moved, source="csv")
    assert (counts(report), report.problems) == ((0, 2, 0), ())


async def test_a_parcel_of_two_orders_stays_with_the_first_and_carries_both(sessions):
    report = await import_orders(sessions, [order(), order("#1002", unshipped=())], source="csv")
    [problem] = report.problems
    assert "1Z1 stands with another order" in problem.reason
    assert await parcels(sessions) == [("ups", "1Z1")]
    assert await items(sessions, "#1002") == [("Wool socks", 2, "1Z1")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"phone": "12"}, "its phone has too few"),
        ({"phone": "07700 900123", "country": None}, "its phone is not a phone number"),
        ({"email": "nobody", "phone": "+447700900123"}, "its e-mail is not one"),
        ({"email": None}, "it has no e-mail, phone or postcode"),
    ],
)
async def test_what_cannot_be_read_is_left_out_and_said(sessions, change, reason):
    report = await import_orders(sessions, [order(**change)], source="csv")
    assert report.created == 1
    [problem] = report.problems
    assert problem.reason.startswith(reason)


async def test_an_order_without_a_number_and_the_files_own_problems(sessions):
    found = [ImportProblem("line 3", "bad"), order("###"), order()]
    report = await import_orders(sessions, found, source="csv")
    assert counts(report) == (1, 0, 0)
    assert [p.where for p in report.problems] == ["line 3", "line 2"]
    many = await import_orders(sessions, [ImportProblem("x", "bad")] * 1500, source="csv")
    assert (len(many.problems), many.problem_count) == (1000, 1500)


async def test_imports_at_once_store_each_order_once(sessions):
    batch = [order(str(n), parcels=(ImportedParcel("UPS", f"1Z{n}", ()),)) for n in range(100)]
    reports = await asyncio.gather(
        *(import_orders(sessions, batch, source=s) for s in ("csv", "csv", "csv", "shopify"))
    )
    assert sum(report.created for report in reports) == 100
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Order)) == 100
