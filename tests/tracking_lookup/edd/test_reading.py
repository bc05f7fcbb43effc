import tracemalloc
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import BadInput
from tracking_lookup.edd.reading import read_csv

HEADER = "parcel_id,ordered_at,handed_over_at,delivered_at,promised_at,weight_g\n"


def written(tmp_path, text):
    path = tmp_path / "parcels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_parcels_in_the_order_of_their_orders(tmp_path):
    loaded = read_csv(
        written(
            tmp_path,
            HEADER
            + "b,2026-03-02 10:00:00,2026-03-03 09:00:00,2026-03-06 12:00:00,2026-03-10,500\n"
            + "a,2026-03-01T08:30:00,,,,heavy\n",
        )
    )
    first, second = loaded.shipments
    assert (first.id, first.delivered_at, first.weight_g) == ("a", None, None)
    assert second.ordered_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert second.promised is not None
    assert second.promised.day == 10


def test_rows_that_cannot_be_true_are_counted_by_their_reason(tmp_path):
    loaded = read_csv(
        written(
            tmp_path,
            HEADER
            + "1,2026-03-02,2026-03-03,2026-03-01,,\n"
            + "2,2026-03-02,2026-03-01,,,\n"
            + "3,2026-03-02,2026-03-05,2026-03-04,,\n"
            + "4,yesterday,,,,\n"
            + "5,,,,,\n"
            + "6,2020-03-02,,2026-03-04,,\n"
            + "7,2026-03-02,2026-03-03,2026-03-04,,\n",
        )
    )
    assert [one.id for one in loaded.shipments] == ["7"]
    assert loaded.skipped == {
        "delivered before ordered": 1,
        "handed over before ordered": 1,
        "delivered before handed over": 1,
        "ordered_at is not a time": 1,
        "no ordered_at": 1,
        "more than a year under way": 1,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column ordered_at, delivered_at"),
        ("id,ordered_at\n1,2026-01-01\n", "no column delivered_at"),
        (HEADER, "no parcel that can be used"),
        (HEADER + "1,x,,,,\n", "1 x ordered_at is not a time"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        read_csv(written(tmp_path, text))


def test_no_file_and_no_text_are_clear_errors(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        read_csv(tmp_path / "none.csv")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        read_csv(tmp_path / "picture.csv")


def test_a_long_file_is_thinned_evenly_in_bounded_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write("ordered_at,delivered_at\n")
        for number in range(60_000):
            day = f"{2024 + number // 30_000}-{1 + number // 2500 % 12:02}-{1 + number % 28:02}"
            file.write(f"{day}T{number % 24:02}:{number % 60:02}:00,{day}T23:59:59\n")
        file.write("2020-01-01,2020-01-05\n" * 300)
    tracemalloc.start()
    loaded = read_csv(path, most=500)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 200 < len(loaded.shipments) <= 500
    assert loaded.left_out == loaded.rows - len(loaded.shipments)
    months = Counter(f"{one.ordered_at:%Y-%m}" for one in loaded.shipments)
    assert len(months) == 24
    assert max(months.values()) <= 2 * min(months.values())
    assert peak < 3_000_000


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text("ordered_at,delivered_at\n" + text, encoding="utf-8", errors="replace")
    try:
        loaded = read_csv(path)
    except BadInput:
        return
    assert loaded.shipments
