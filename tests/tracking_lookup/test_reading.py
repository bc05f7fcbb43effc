from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, Rejected
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent
from tracking_lookup.reading import (
    UNREADABLE,
    asked_for,
    items,
    moment,
    newest_first,
    part,
    place,
    promised,
    refuse_problem,
    rows,
    text,
    tidy,
    whole_day,
)

CET = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "read"), [(None, ""), ("  Köln\x00\n", "Köln"), (7777777770, "7777777770"), ("", "")]
)
def test_a_text(value, read):
    assert text(value) == read


@pytest.mark.parametrize("value", [True, 1.5, [], {}, b"x"])
def test_what_is_no_text(value):
    with pytest.raises(TypeError):
        text(value)


def test_parts_that_were_left_out_are_empty():
    assert part({}, "a") == part({"a": None}, "a") == {}
    assert items({}, "a") == items({"a": None}, "a") == []
    for wrong in ("x", [1], [{}, None], {"b": 1}):
        with pytest.raises(TypeError):
            items({"a": wrong}, "a")
    with pytest.raises(TypeError):
        part({"a": [1]}, "a")


def test_a_place_and_a_number():
    assert place("Köln", None, "", "DE") == "Köln, DE"
    assert place(None, "") is None
    assert tidy(" 1z 999-aa1\n") == "1Z999AA1"


@pytest.mark.parametrize(
    ("value", "zone", "at", "local_only"),
    [
        ("2026-11-18T10:15:00Z", CET, datetime(2026, 11, 18, 10, 15, tzinfo=UTC), False),
        ("2026-11-18T10:15:00.123456789+05:30", None, None, False),
        ("2026-11-18T10:15:00", CET, datetime(2026, 11, 18, 9, 15, tzinfo=UTC), False),
        ("2026-11-18T10:15:00", None, datetime(2026, 11, 18, 10, 15, tzinfo=UTC), True),
        ("2026-11-18", None, datetime(2026, 11, 18, tzinfo=UTC), True),
    ],
)
def test_when(value, zone, at, local_only):
    read, local_time_only = moment(value, zone=zone)
    assert local_time_only is local_only
    assert at is None or read == at


def test_when_in_another_form():
    assert moment("18/11/2026 10:15", form="%d/%m/%Y %H:%M", zone=CET)[0].hour == 10
    first, last = whole_day("20261118", form="%Y%m%d", zone=CET)
    assert (last - first, first.utcoffset()) == (timedelta(seconds=86_399), timedelta(hours=1))


@pytest.mark.parametrize("value", ["", "soon", None, "0001-01-01T00:00:00+14:00", "9" * 40])
def test_what_is_no_time(value):
    with pytest.raises(UNREADABLE):
        moment(value)


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        (None, None, None),
        ("2026-11-18", None, ("00:00:00", "23:59:59")),
        (None, "2026-11-18", ("00:00:00", "23:59:59")),
        (None, "2026-11-18T17:00:00", ("00:00:00", "17:00:00")),
        ("2026-11-18T09:00:00", "", ("09:00:00", "23:59:59")),
        ("2026-11-18T09:00:00", "2026-11-18T00:00:00", ("09:00:00", "23:59:59")),
        ("2026-11-18T09:00:00", "2026-11-18T12:00:00", ("09:00:00", "12:00:00")),
        ("tomorrow", "2026-11-18", None),
        ([], {}, None),
    ],
)
def test_a_promise(start, end, window):
    begins, ends = promised(start, end, zone=CET)
    if window is None:
        assert (begins, ends) == (None, None)
    else:
        assert (begins, ends) == tuple(
            datetime.fromisoformat(f"2026-11-18T{clock}+01:00") for clock in window
        )


def event(hour, status, code="", detail=None):
    return TrackingEvent(datetime(2026, 11, 18, hour, tzinfo=UTC), status, detail, code=code)


def test_events_by_time_and_an_announcement_leaves_the_parcel_where_it_was():
    read = newest_first(
        [
            event(1, Status.LABEL_CREATED),
            event(3, Status.UNKNOWN, "new date"),
            event(2, Status.IN_TRANSIT, "first"),
            event(2, Status.LABEL_CREATED, "second"),
            event(0, Status.UNKNOWN, "new date"),
        ],
        {"new date": Detail.RESCHEDULED},
    )
    assert [(e.at.hour, e.status, e.detail) for e in read] == [
        (3, Status.IN_TRANSIT, Detail.RESCHEDULED),
        (2, Status.IN_TRANSIT, None),  # of one moment, the carrier's first is the newer
        (2, Status.LABEL_CREATED, None),
        (1, Status.LABEL_CREATED, None),
        (0, Status.UNKNOWN, Detail.RESCHEDULED),
    ]


def test_the_parcel_that_was_asked_for():
    old = Tracking("x", "1", Status.DELIVERED, events=(event(1, Status.DELIVERED),))
    new = Tracking("x", "1", Status.IN_TRANSIT, events=(event(2, Status.IN_TRANSIT),))
    other = Tracking("x", "2", Status.UNKNOWN)
    assert asked_for([old, new, other], None, source="x") == [old, new, other]
    assert asked_for([old, new, other], " 1", source="x") == [new]
    assert asked_for([other], "2", source="x", unknown=["1"]) == [other]
    for number in ("1", None):
        with pytest.raises(NotFound):
            asked_for([], number, source="x", unknown=["1"])
    for number in ("3", "", None):
        with pytest.raises(Rejected):
            asked_for([other] if number is not None else [], number, source="x")


def test_a_problem_has_its_name():
    refuse_problem({"shipments": [], "status": "404"}, "x")
    for status in (404, "404"):
        with pytest.raises(NotFound):
            refuse_problem({"title": "No result", "status": status}, "x")
    for status in (401, None):
        with pytest.raises(Rejected):
            refuse_problem({"detail": "no", "status": status}, "x")


def test_a_code_written_twice_is_a_mistake():
    table = rows({(Status.DELIVERED, None): "1 2", (Status.UNKNOWN, None): "3"}, prefix="a/")
    assert table["a/2"] == (Status.DELIVERED, None)
    with pytest.raises(ValueError, match="2"):
        rows({(Status.DELIVERED, None): "1 2", (Status.UNKNOWN, None): "2"})


anything = st.none() | st.text() | st.integers() | st.floats() | st.lists(st.none())


@given(anything, anything)
def test_any_value_is_read_or_unreadable(one, other):
    with suppress(*UNREADABLE):
        assert moment(one)[0].astimezone(UTC)
    assert all(end is None or end.astimezone(UTC) for end in promised(one, other))
