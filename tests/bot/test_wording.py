from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.wording import (
    age_and_day,
    age_in_words,
    day_in_words,
    listed,
    shorten,
    window_in_words,
)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(
    NOW.replace(year=2020, tzinfo=None), NOW.replace(year=2035, tzinfo=None), timezones=st.just(UTC)
)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=119), "just now"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(hours=25), "yesterday"),
        (timedelta(hours=37), "2 days ago"),  # late on the day before yesterday
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_ages(age, words):
    assert age_in_words(NOW - age, now=NOW, zone=LONDON) == words


def test_days_are_the_zones_days():
    scan = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already Saturday in Sydney
    sydney = ZoneInfo("Australia/Sydney")
    assert age_and_day(scan, now=NOW, zone=sydney) == "2 days ago, Saturday 21 November"
    assert age_and_day(scan, now=NOW, zone=LONDON) == "3 days ago, Friday 20 November"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 22), "yesterday, Sunday 22 November"),
        (date(2026, 11, 23), "today, Monday 23 November"),
        (date(2026, 11, 24), "tomorrow, Tuesday 24 November"),
        (date(2026, 11, 27), "Friday 27 November"),
        (date(2027, 1, 8), "Friday 8 January 2027"),
    ],
)
def test_days(day, words):
    assert day_in_words(day, today=date(2026, 11, 23)) == words


def test_a_scan_has_its_place_and_its_day_once_it_is_old():
    def scan(age, place="Leipzig"):
        return age_and_day(NOW - age, now=NOW, zone=LONDON, place=place)

    assert scan(timedelta(days=4)) == "4 days ago in Leipzig, Thursday 19 November"
    assert scan(timedelta(hours=2)) == "2 hours ago in Leipzig"
    assert scan(timedelta(hours=2), None) == "2 hours ago"


def test_windows():
    def window(start, end):
        return window_in_words(start, end, now=NOW, zone=LONDON)

    def at(hour, day=23):
        return datetime(2026, 11, day, hour, tzinfo=UTC)

    assert window(at(14), at(18)) == "today, Monday 23 November, between 14:00 and 18:00"
    assert window(at(0), at(23)) == "today, Monday 23 November"
    assert window(at(9), at(18, day=25)) == "Wednesday 25 November"
    assert window(None, at(18, day=24)) == "tomorrow, Tuesday 24 November"


def test_lists():
    assert listed(()) == ""
    assert listed(["a cap", "a scarf"]) == "a cap, a scarf"
    assert listed(["a cap", "a scarf", "boots", "socks"], limit=15) == "a cap, a scarf and 2 more"


@given(then=MOMENTS, now=MOMENTS, place=st.none() | st.text(max_size=500))
def test_any_scan_can_be_worded_shortly(then, now, place):
    words = age_and_day(then, now=now, zone=LONDON, place=place)
    assert words
    assert len(words) <= 100
    assert "\n" not in words


@given(things=st.lists(st.text(max_size=200)), limit=st.integers(10, 200))
def test_any_list_stays_near_its_limit(things, limit):
    assert len(listed(things, limit=limit)) <= limit + len(" and 9999 more")


@given(text=st.text(), limit=st.integers(1, 100))
def test_shortened_is_short(text, limit):
    assert len(shorten(text, limit)) <= limit
