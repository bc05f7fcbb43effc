import io
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.contract import ImportedItem, ImportedOrder, ImportedParcel, ImportProblem
from integrations.storefronts.csv import Csv

LONDON = ZoneInfo("Europe/London")
HEAD = "order_number,placed_at,email,postcode,item_title,item_quantity,carrier,tracking_number\n"


def read(data, zone=LONDON):
    raw = data if isinstance(data, bytes) else data.encode()
    return list(Csv().read(io.BytesIO(raw), zone=zone))


def numbers(found):
    return [order.number for order in found if isinstance(order, ImportedOrder)]


def problems(found):
    return [(p.where, p.reason) for p in found if isinstance(p, ImportProblem)]


def test_one_line_per_order():
    [order] = read(
        "order_number,placed_at,email,phone,postcode,name,country,currency,total,promised_to,"
        "cancelled_at,external_id,item_title,item_sku,item_quantity,carrier,tracking_number\n"
        "#1001,2026-05-01T10:00:00Z,Mia@Example.com,07700 900123,sw1a 1aa,Mia Kent,UK,GBP,"
        '"1,234.50",2026-05-09,,x-1,"Socks, wool",S-1,2,Royal Mail,AB 123\n'
    )
    assert order == ImportedOrder(
        where="line 2",
        external_id="x-1",
        number="#1001",
        placed_at=datetime(2026, 5, 1, 10, tzinfo=UTC),
        email="Mia@Example.com",
        phone="07700 900123",
        postcode="sw1a 1aa",
        name="Mia Kent",
        country="GB",
        currency="GBP",
        total=Decimal("1234.50"),
        promised_to=datetime(2026, 5, 9, 23, 59, 59, tzinfo=LONDON),
        parcels=(ImportedParcel("Royal Mail", "AB 123", (ImportedItem("Socks, wool", 2, "S-1"),)),),
    )


def test_lines_of_one_order_are_gathered():
    found = read(
        HEAD
        + "1001,2026-05-01,a@example.com,,Socks,2,UPS,1Z1\n"
        + "1001,,,,Hat,1,UPS,1Z1\n"
        + "\n"
        + "1001,,,,Scarf,1,DHL,2\n"
        + "1001,,,,Gloves,,,\n"
        + "1002,2026-05-01,b@example.com,,Hat,1,,\n"
    )
    assert numbers(found) == ["1001", "1002"]
    assert found[0].parcels == (
        ImportedParcel("UPS", "1Z1", (ImportedItem("Socks", 2), ImportedItem("Hat"))),
        ImportedParcel("DHL", "2", (ImportedItem("Scarf"),)),
    )
    assert found[0].unshipped == (ImportedItem("Gloves"),)
    assert found[1].unshipped == (ImportedItem("Hat"),)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "cp1252",
        "latin-1",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_spreadsheets_write(encoding, end, delimiter):
    rows = ["Order Number,Placed at,E-Mail,Postcode,Item title", "1,2026-05-01,,SW1A 1AA,Äpfel ß"]
    rows[0] = rows[0].replace("E-Mail", "email")
    text = end.join(rows).replace(",", delimiter) + end
    [order] = read(text.encode(encoding))
    assert (order.number, order.postcode) == ("1", "SW1A 1AA")
    assert order.unshipped == (ImportedItem("Äpfel ß"),)


def test_excels_own_first_line_and_decimal_commas():
    [order] = read("sep=;\r\norder_number;placed_at;email;total\r\n1;2026-05-01;;1.234,5\r\n")
    assert order.total == Decimal("1234.50")


def test_missing_columns_are_one_error_that_names_them():
    assert problems(read("order_number,name\n1,Mia\n2,Leo\n")) == [
        ("line 1", "missing columns: placed_at, one of email, phone and postcode")
    ]
    assert "Excel workbook" in problems(read(b"PK\x03\x04" + b"\0" * 90))[0][1]
    assert problems(read("")) == [("the file", "it is empty")]
    assert problems(read(HEAD)) == []
    twice = problems(read("order_number,placed_at,email,email\n"))
    assert twice == [("line 1", "columns that stand there twice: email")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1009,yesterday,,,,,,", "placed_at is not a date"),
        ("1009,0001-01-01,,,,,,", "placed_at has a year before 1990"),
        ("1009,,,,,,,", "placed_at is empty"),
        (",2026-05-01,,,,,,", "order_number is empty"),
        ("1009,2026-05-01,,,Socks,two,,", "item_quantity is not a whole number"),
        ("1009,2026-05-01,,,Socks,0,,", "item_quantity is not from 1"),
        ("1009,2026-05-01,,,Socks,1,UPS,1.23457E+11", "tracking_number was rounded"),
        ("1009,2026-05-01", "it has 2 fields where the header has 8"),
        ("1009,2026-05-01,,,,,,,extra", "it has 9 fields where the header has 8"),
        ('1009,2026-05-01,"open,,,,,', "its quotes are not closed"),
        ('1009,2026-05-01,"a"b,,,,,', "its quotes are not closed"),
        ("1009,2026-05-01,,," + "x" * 400 + ",,,", "item_title is longer than 300 characters"),
        ("1009,2026-05-01,,," + "x" * 300_000 + ",,,", "the line is longer than"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_goes_on(row, reason):
    found = read(
        HEAD + "1001,2026-05-01,,,,,,\n" + row + "\n1002,2026-05-01,,,,,,\n1003,2026-05-02,,,,,,\n"
    )
    assert numbers(found) == ["1001", "1002", "1003"]
    [(where, said)] = problems(found)
    assert where == "line 3"
    assert said.startswith(reason)


def test_a_bad_row_keeps_its_whole_order_out():
    found = read(
        HEAD
        + "1001,2026-05-01,,,Socks,1,UPS,1Z1\n1001,,,,Hat,many,UPS,1Z2\n1002,2026-05-01,,,,,,\n"
    )
    assert numbers(found) == ["1002"]
    assert problems(found) == [("line 3", "item_quantity is not a whole number")]


def test_nul_bytes_and_line_breaks_in_quotes():
    [order] = read(HEAD + '1001,2026-05-01,a@example.com,,"So\0cks\nof ""wool""",1,,\n')
    assert order.unshipped == (ImportedItem('Socks of "wool"'),)


def test_times_without_a_zone_are_the_shops():
    [naive, aware] = read(
        HEAD + "1,2026-07-01 09:00,,,,,,\n2,2026-07-01T09:00:00+02:00,,,,,,\n",
        zone=ZoneInfo("America/New_York"),
    )
    assert naive.placed_at == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert aware.placed_at == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_the_file_stays_open():
    file = io.BytesIO(HEAD.encode())
    list(Csv().read(file, zone=LONDON))
    assert not file.closed


class Endless(io.RawIOBase):
    """A file of a given size that is made while it is read."""

    def __init__(self, size):
        self._size, self._row, self._at, self._left = size, 0, 0, HEAD.encode()

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        assert (offset, whence) == (0, 0)
        self._row, self._at, self._left = 0, 0, HEAD.encode()
        return 0

    def readinto(self, buffer):
        if self._at >= self._size:
            return 0
        while len(self._left) < len(buffer):
            self._row += 1
            self._left += b"%d,2026-05-01,a@example.com,,%s,1,UPS,1Z%d\n" % (
                self._row,
                b"wool socks " * 20,
                self._row,
            )
        buffer[:], self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        self._at += len(buffer)
        return len(buffer)


def test_memory_does_not_grow_with_the_file():
    def peak(size):
        tracemalloc.start()
        count = sum(1 for _ in Csv().read(io.BufferedReader(Endless(size)), zone=LONDON))
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return count, top

    few, small = peak(100_000)
    many, large = peak(2_000_000)
    assert many > 10 * few
    assert large < small + 500_000


@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=300).map(lambda tail: HEAD.encode() + tail),
        st.text('019,;"\n\r\0 -:TZax\ud7ff', max_size=200).map(lambda t: (HEAD + t).encode()),
        st.text(max_size=80).map(lambda text: (HEAD + text).encode("utf-16", "surrogatepass")),
    )
)
def test_any_bytes_give_orders_or_problems(data):
    for found in read(data):
        assert isinstance(found, ImportedOrder | ImportProblem)
        if isinstance(found, ImportedOrder):
            assert found.placed_at.tzinfo
            assert "\0" not in found.number
