"""When people answer: what the file may say, and time counted in it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import Misconfigured
from service.hours.model import Hours, Interval
from service.hours.terms import load

LONDON = ZoneInfo("Europe/London")
FILE = """
hours:
  monday: 09:00-12:30, 13:30-18:00
  tuesday: 09:00-18:00
  saturday: 22:00-24:00
  sunday: all day
holidays:
  country: GB
  region: ENG
  closed: [2026-11-24]
  open: {2026-12-28: "10:00-12:00"}
answer_within: {normal: 90m, safety: 15m}
high_value: 300
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "hours.yml"
        path.write_text(text)
        return path

    return write


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_the_file_says_when_people_answer(write):
    terms = load(write(FILE), LONDON)
    hours = terms.hours
    opens = {
        "2026-11-23T08:00": "2026-11-23T09:00",  # Monday, before
        "2026-11-23T10:00": "2026-11-23T10:00",
        "2026-11-23T12:30": "2026-11-23T13:30",  # lunch
        "2026-11-23T18:00": "2026-11-28T22:00",  # Tuesday is closed by name, Saturday is next
        "2026-11-28T23:59": "2026-11-28T23:59",
        "2026-11-29T00:00": "2026-11-29T00:00",
        "2026-12-25T09:00": "2026-12-27T00:00",  # Friday and Boxing Day: Sunday is next
        "2026-12-28T00:00": "2026-12-28T10:00",  # a holiday, and open all the same
    }
    assert {now: hours.opens(at(now)) for now in opens} == {n: at(o) for n, o in opens.items()}
    assert terms.answer_within["normal"] == timedelta(minutes=90)
    assert terms.answer_within["high"] == timedelta(hours=2)
    assert terms.high_value == Decimal(300)


def test_without_a_file_people_answer_at_all_hours():
    hours = load(None, LONDON).hours
    assert hours.always
    now = at("2026-12-25T03:00")
    assert hours.add(now, timedelta(hours=4)) == now + timedelta(hours=4)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("hours: {monday: 9-17}", "monday"),
        ("hours: {monday: '17:00-09:00'}", "monday"),
        ("hours: {monday: '09:00-12:00, 11:00-13:00'}", "monday"),
        ("hours: {monday: '09:00-25:00'}", "monday"),
        ("hours: {montag: '09:00-17:00'}", "montag"),
        ("holidays: {country: ATLANTIS}", "ATLANTIS"),
        ("answer_within: {normal: soon}", "normal"),
        ("answer_within: {vip: 1h}", "vip"),
        ("opening: {}", "opening"),
        ("- a list", "hours.yml"),
        ("{", "YAML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(write, text, named):
    with pytest.raises(Misconfigured, match=named):
        load(write(text), LONDON)


def test_an_hour_is_an_hour_when_the_clocks_change():
    night = Hours(LONDON, week=((Interval(time(0), time(6)),),) * 7)
    back = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 00:00; this night has seven hours till six
    assert night.between(back, back + timedelta(hours=24)) == timedelta(hours=7)
    assert night.add(back, timedelta(hours=7)) == datetime(2026, 10, 25, 6, 0, tzinfo=UTC)


def test_hours_that_never_come_do_not_hang():
    shut = Hours(LONDON, week=((),) * 7)
    now = at("2026-11-23T10:00")
    assert shut.opens(now) == now
    assert shut.add(now, timedelta(hours=4)) == now + timedelta(hours=4)
    assert shut.between(now, now + timedelta(days=3)) == timedelta(0)


def intervals():
    """A day's intervals, in order and apart."""
    minutes = st.lists(st.integers(0, 1439), unique=True, min_size=0, max_size=4).map(sorted)

    def paired(found):
        pairs = zip(found[::2], found[1::2], strict=False)
        return tuple(Interval(time(*divmod(a, 60)), time(*divmod(b, 60))) for a, b in pairs)

    return minutes.map(paired)


@given(
    week=st.lists(intervals(), min_size=7, max_size=7).map(tuple),
    closed=st.frozensets(st.dates(date(2026, 3, 20), date(2026, 4, 10)), max_size=5),
    hour=st.integers(0, 22 * 24),
    minutes=st.integers(1, 3000),
)
@settings(max_examples=150, deadline=None)
def test_what_is_added_is_what_lies_between(week, closed, hour, minutes):
    hours = Hours(LONDON, week=week, closed=closed)
    start = datetime(2026, 3, 20, 0, 17, tzinfo=UTC) + timedelta(hours=hour)
    duration = timedelta(minutes=minutes)
    end = hours.add(start, duration)
    assert end > start
    if hours.between(start, start + timedelta(days=50)) >= duration:
        assert hours.between(start, end) == duration
        assert hours.is_open(end - timedelta(microseconds=1))
