"""Orders from Shopify's order JSON, read as a stream.

Source: https://shopify.dev/docs/api/admin-rest/latest/resources/order and …/fulfillment.
"""

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import PurePath
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import ijson
from ijson.common import JSONError, ObjectBuilder

from integrations.contract import (
    ImportedItem,
    ImportedOrder,
    ImportedParcel,
    ImportProblem,
    StorefrontManifest,
)
from integrations.storefronts import amount, country_of, moment, text_of

MANIFEST = StorefrontManifest(
    slug="shopify",
    name="Shopify",
    docs="https://shopify.dev/docs/api/admin-rest/latest/resources/order",
)

MAX_LINE_BYTES: Final = 4 * 1024 * 1024
MAX_ORDER_VALUES: Final = 200_000

STARTS: Final = frozenset({"start_map", "start_array"})
ENDS: Final = frozenset({"end_map", "end_array"})
ORDER_PREFIXES: Final = frozenset({"orders.item", "order", "item"})

# A fulfilment in one of these states never became a parcel.
NOT_SENT: Final = frozenset({"cancelled", "error", "failure"})


class Shopify:
    """See ``integrations.contract.Storefront``.

    Takes ``{"orders": […]}``, ``{"order": {…}}``, a list of orders, one order, or one order a line.
    """

    manifest = MANIFEST

    def read(self, file: BinaryIO, *, zone: ZoneInfo) -> Iterator[ImportedOrder | ImportProblem]:
        """See ``Storefront.read``. ``where`` is ``"order 3"``, or the line where each has one."""
        for found in _documents(file):
            if isinstance(found, ImportProblem):
                yield found
                continue
            where, value = found
            try:
                yield _order(value, where, zone)
            except ValueError as error:
                yield ImportProblem(where, str(error))


def _documents(file: BinaryIO) -> Iterator[tuple[str, Any] | ImportProblem]:
    """The JSON of each order, with its place in the file."""
    if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        file.seek(0)
    start = file.tell()
    first = file.readline(MAX_LINE_BYTES).strip()
    file.seek(start)
    one_a_line = (
        PurePath(str(getattr(file, "name", ""))).suffix in {".jsonl", ".ndjson"}
        or re.match(rb'\{(?!\s*"orders").*\}$', first, re.DOTALL) is not None
    )
    return _lines(file) if one_a_line else _stream(file)


def _lines(file: BinaryIO) -> Iterator[tuple[str, Any] | ImportProblem]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES):
        number += 1
        where = f"line {number}"
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE_BYTES)
            yield ImportProblem(where, f"it is longer than {MAX_LINE_BYTES} bytes")
        elif raw.strip():
            try:
                found = json.loads(raw)
            except (ValueError, RecursionError):
                yield ImportProblem(where, "it is not JSON")
                continue
            wrapped = isinstance(found, dict) and isinstance(found.get("order"), dict)
            yield where, found["order"] if wrapped else found


def _stream(file: BinaryIO) -> Iterator[tuple[str, Any] | ImportProblem]:
    """The orders of a JSON file of any size, with one order at a time in memory.

    Several values one after the other are read too: pages of orders, appended to one file.
    """
    builder: Any = None
    count = size = depth = 0
    try:
        for prefix, event, value in ijson.parse(file, buf_size=64 * 1024, multiple_values=True):
            if builder is None:
                bare = prefix == "" and event == "map_key" and value not in {"orders", "order"}
                if not bare and (prefix not in ORDER_PREFIXES or event in ENDS):
                    continue
                builder, size, depth = ObjectBuilder(), 0, 0  # type: ignore[no-untyped-call]
                count += 1
                if bare:  # its opening brace has gone by
                    builder.event("start_map", None)
                    depth = 1
            size += 1
            depth += (event in STARTS) - (event in ENDS)
            if size <= MAX_ORDER_VALUES:
                builder.event(event, value)
            if depth == 0:
                where = f"order {count}"
                if size <= MAX_ORDER_VALUES:
                    yield where, builder.value
                else:
                    yield ImportProblem(where, f"it has more than {MAX_ORDER_VALUES} values")
                builder = None
    except (JSONError, ValueError, ArithmeticError):
        where = f"after order {count}" if count else "the file"
        yield ImportProblem(where, "it is not JSON from here on; what stands before it was read")
        return
    if not count:
        yield ImportProblem(
            "the file", 'it holds no orders: expected {"orders": […]}, a list, or one a line'
        )


class _Fields:
    """An object's fields as text; what is not a text or a number counts as not there."""

    __slots__ = ("_values",)

    def __init__(self, values: Any) -> None:
        self._values: Mapping[str, Any] = values if isinstance(values, dict) else {}

    def text(self, *names: str) -> str | None:
        """The first of these fields that says anything.

        Raises:
            ValueError: It is not what such a field can be; names the field.
        """
        for name in names:
            value = self._values.get(name)
            if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
                try:
                    found = text_of(str(value))
                except ValueError as error:
                    raise ValueError(f"{name} {error}") from None
                if found is not None:
                    return found
        return None

    def read(self, name: str, read: Callable[[str], Any]) -> Any:
        """A field, read; ``None`` where it says nothing. Raises ``ValueError`` naming it."""
        text = self.text(name)
        try:
            return None if text is None else read(text)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None

    def flag(self, name: str) -> bool | None:
        """A true or false; ``None`` where it is neither."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else None

    def one(self, name: str) -> "_Fields":
        """The object in a field; one without fields where there is none."""
        return _Fields(self._values.get(name))

    def many(self, name: str) -> list["_Fields"]:
        """The objects in a list; none where there is no list."""
        values = self._values.get(name)
        return [_Fields(value) for value in values] if isinstance(values, list) else []

    def texts(self, name: str) -> list[str]:
        """The texts in a list, in its order, each once."""
        values = self._values.get(name)
        found = (_Fields({name: v}).text(name) for v in values) if isinstance(values, list) else ()
        return list(dict.fromkeys(text for text in found if text is not None))


def _order(found: Any, where: str, zone: ZoneInfo) -> ImportedOrder:
    """One order.

    Raises:
        ValueError: It cannot be read; the message says why.
    """
    if not isinstance(found, dict):
        raise ValueError("it is not an order but a bare value")
    order = _Fields(found)
    external_id, number = order.text("id"), order.text("name", "order_number")
    placed_at = order.read("created_at", lambda value: moment(value, zone))
    if external_id is None or number is None or placed_at is None:
        raise ValueError("it has no id, name or created_at: is it a Shopify order?")
    shipping, billing = order.one("shipping_address"), order.one("billing_address")
    address = shipping if shipping.text("zip", "country_code", "name") else billing
    customer = order.one("customer")
    parcels, unshipped = _contents(order)
    return ImportedOrder(
        where=where,
        external_id=external_id,
        number=number,
        placed_at=placed_at,
        email=order.text("email", "contact_email") or customer.text("email"),
        phone=order.text("phone")
        or shipping.text("phone")
        or billing.text("phone")
        or customer.text("phone"),
        postcode=address.text("zip"),
        name=address.text("name"),
        country=address.read("country_code", country_of),
        currency=order.text("currency"),
        total=order.read("total_price", amount),
        cancelled_at=order.read("cancelled_at", lambda value: moment(value, zone)),
        parcels=parcels,
        unshipped=unshipped,
    )


def _contents(order: _Fields) -> tuple[tuple[ImportedParcel, ...], tuple[ImportedItem, ...]]:
    """The order's parcels with what is in them, and what is in none.

    Shopify says what is in a fulfilment, not in which of its parcels: the items of one with
    several tracking numbers stand with its first. ``current_quantity``, where given, leaves out
    what was refunded or removed before it was sent.
    """
    parcels: dict[tuple[str | None, str], list[ImportedItem]] = {}
    sent: Counter[str] = Counter()
    for fulfillment in order.many("fulfillments"):
        if fulfillment.text("status") in NOT_SENT:
            continue
        items = [item for line in fulfillment.many("line_items") if (item := _item(line))]
        sent.update({item.external_id: item.quantity for item in items if item.external_id})
        carrier = fulfillment.text("tracking_company")
        single = fulfillment.text("tracking_number")
        for number in fulfillment.texts("tracking_numbers") or ([single] if single else []):
            parcels.setdefault((carrier, number), []).extend(items)
            items = []
    unshipped = []
    for line in order.many("line_items"):
        item = _item(line)
        if item is None or line.flag("requires_shipping") is False:
            continue
        current = line.read("current_quantity", _count)
        ordered = item.quantity if current is None else current
        if (left := ordered - sent[item.external_id or ""]) > 0:
            unshipped.append(replace(item, quantity=left))
    return (
        tuple(
            ImportedParcel(carrier, number, tuple(items))
            for (carrier, number), items in parcels.items()
        ),
        tuple(unshipped),
    )


def _item(line: _Fields) -> ImportedItem | None:
    title = line.text("name", "title", "sku")
    quantity = line.read("quantity", _count)
    if title is None or not quantity:
        return None
    return ImportedItem(
        title=title, quantity=quantity, sku=line.text("sku"), external_id=line.text("id")
    )


def _count(value: str) -> int:
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII):
        raise ValueError("is not a whole number from 0 to 999999")
    return int(value)
