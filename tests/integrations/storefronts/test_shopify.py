import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import ImportedItem, ImportedOrder, ImportedParcel, ImportProblem
from integrations.storefronts.shopify import Shopify

LONDON = ZoneInfo("Europe/London")


def line(number, title="Wool socks", quantity=1, **more):
    return {"id": number, "name": title, "sku": f"S-{number}", "quantity": quantity, **more}


def order(number=1001, **more):
    return {
        "id": 5_000_000_000_000 + number,
        "name": f"#{number}",
        "created_at": "2026-05-01T10:00:00+02:00",
        "email": "mia@example.com",
        "currency": "GBP",
        "total_price": "129.90",
        "line_items": [line(1, quantity=2)],
        **more,
    }


def sent(numbers, items, company="UPS", **more):
    return {
        "status": "success",
        "tracking_company": company,
        "tracking_numbers": numbers,
        "line_items": items,
        **more,
    }


def read(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return list(Shopify().read(io.BytesIO(raw), zone=LONDON))


def numbers(found):
    return [order.number for order in found if isinstance(order, ImportedOrder)]


def test_a_whole_order():
    [found] = read(
        {
            "order": order(
                cancelled_at="2026-05-02T10:00:00Z",
                phone=None,
                shipping_address={
                    "name": "Mia Kent",
                    "phone": "07700 900123",
                    "zip": "SW1A 1AA",
                    "country_code": "GB",
                },
            )
        }
    )
    assert found == ImportedOrder(
        where="line 1",
        external_id="5000000001001",
        number="#1001",
        placed_at=datetime(2026, 5, 1, 8, tzinfo=UTC),
        email="mia@example.com",
        phone="07700 900123",
        postcode="SW1A 1AA",
        name="Mia Kent",
        country="GB",
        currency="GBP",
        total=Decimal("129.90"),
        cancelled_at=datetime(2026, 5, 2, 10, tzinfo=UTC),
        unshipped=(ImportedItem("Wool socks", 2, "S-1", "1"),),
    )


def test_fulfilments_become_parcels_and_the_rest_is_unshipped():
    [found] = read(
        [
            order(
                line_items=[
                    line(1, quantity=3),
                    line(2, "Hat"),
                    line(3, "Scarf", 2, current_quantity=1),
                    line(4, "Gift card", requires_shipping=False),
                    line(5, "Refunded", current_quantity=0),
                ],
                fulfillments=[
                    sent(["1Z1", "1Z2", "1Z1"], [line(1, quantity=2)]),
                    sent([], [line(2, "Hat")], "Royal Mail", tracking_number="RM1"),
                    sent(["1Z9"], [line(3, "Scarf")], status="cancelled"),
                ],
            )
        ]
    )
    assert found.parcels == (
        ImportedParcel("UPS", "1Z1", (ImportedItem("Wool socks", 2, "S-1", "1"),)),
        ImportedParcel("UPS", "1Z2"),
        ImportedParcel("Royal Mail", "RM1", (ImportedItem("Hat", 1, "S-2", "2"),)),
    )
    assert found.unshipped == (
        ImportedItem("Wool socks", 1, "S-1", "1"),
        ImportedItem("Scarf", 1, "S-3", "3"),
    )


def rows(*orders, indent=None):
    return "\n".join(json.dumps(o, indent=indent) for o in orders).encode()


@pytest.mark.parametrize(
    "data",
    [
        {"orders": [order(1), order(2)]},
        [order(1), order(2)],
        json.dumps({"orders": [order(1), order(2)]}, indent=2).encode(),
        rows(order(1), order(2)),
        rows(order(1), order(2), indent=2),
        rows({"order": order(1)}, {"order": order(2)}),
        rows({"orders": [order(1)]}, {"orders": [order(2)]}),
        b"\xef\xbb\xbf" + rows(order(1), order(2)),
        b"\n\n" + rows(order(1), order(2)).replace(b"\n", b"\r\n"),
    ],
)
def test_every_shape_of_file(data):
    assert numbers(read(data)) == ["#1", "#2"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({}, "it has no id, name or created_at"),
        (5, "it is not an order but a bare value"),
        ("text", "it is not an order but a bare value"),
        (None, "it is not an order but a bare value"),
        (order(9, created_at="soon"), "created_at is not a date"),
        (order(9, total_price="a lot"), "total_price is not a sum"),
        (order(9, name="x" * 400), "name is longer than 300 characters"),
        (order(9, line_items=[line(1, quantity=-1)]), "quantity is not a whole number"),
        (order(9, shipping_address={"country_code": "England"}), "country_code is not a country"),
    ],
)
def test_a_bad_order_is_named_and_the_rest_goes_on(bad, reason):
    found = read({"orders": [order(1), bad, order(2)]})
    assert numbers(found) == ["#1", "#2"]
    assert isinstance(found[1], ImportProblem)
    assert found[1].where == "order 2"
    assert found[1].reason.startswith(reason)


def test_a_bad_line_among_lines():
    found = read(rows(order(1)) + b'\n{"id": \n[1]\n"text"\n' + rows(order(2)))
    assert numbers(found) == ["#1", "#2"]
    assert [p.where for p in found[1:4]] == ["line 2", "line 3", "line 4"]


def test_half_a_file_gives_what_stands_before_the_break():
    whole = json.dumps({"orders": [order(1), order(2), order(3)]}).encode()
    found = read(whole[:-200])
    assert numbers(found) == ["#1", "#2"]
    assert found[-1].where == "after order 3"
    assert "not JSON" in found[-1].reason


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"<html>", b'{"orders": {}}'])
def test_a_file_without_orders(data):
    found = read(data)
    assert numbers(found) == []
    assert all(isinstance(problem, ImportProblem) for problem in found)


def test_an_order_too_large_is_passed_over():
    found = read([order(1), order(9, note_attributes=[0] * 250_000), order(2)])
    assert numbers(found) == ["#1", "#2"]
    assert "more than 200000 values" in found[1].reason


KEYS = [*order(), *sent([], []), *line(1), "fulfillments", "shipping_address", "orders", "order"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["", *KEYS]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_bytes_give_orders_or_problems(data):
    assert all(isinstance(found, ImportedOrder | ImportProblem) for found in read(data))


@given(st.dictionaries(st.sampled_from(sorted(order())), JSON))
def test_an_order_with_any_field_wrong_is_read_or_named(wrong):
    [found] = read([order() | wrong])
    assert isinstance(found, ImportedOrder | ImportProblem)
