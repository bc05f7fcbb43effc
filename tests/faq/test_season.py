from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.season import NAMED, Day, Window, read
from kit.errors import BadInput

DAY = timedelta(days=1)
ZONES = [ZoneInfo("Europe/London"), ZoneInfo("Pacific/Auckland")]


@pytest.mark.parametrize(
    ("written", "market", "year", "day"),
    [
        # Days as published for these years
        ("black_friday", "", 2026, date(2026, 11, 27)),
        ("cyber_monday", "", 2027, date(2027, 11, 29)),
        ("easter", "", 2027, date(2027, 3, 28)),
        ("mothers_day", "GB", 2027, date(2027, 3, 7)),
        ("mothers_day", "US", 2027, date(2027, 5, 9)),
        ("mothers_day", "ES", 2027, date(2027, 5, 2)),
        ("mothers_day", "FR", 2023, date(2023, 6, 4)),  # moved by Pentecost
        ("mothers_day", "FR", 2024, date(2024, 5, 26)),
        ("fathers_day", "DE", 2027, date(2027, 5, 6)),
        ("lunar_new_year", "", 2027, date(2027, 2, 6)),
        ("diwali", "", 2025, date(2025, 10, 20)),
        ("eid_al_fitr", "", 2026, date(2026, 3, 20)),
        ("hanukkah", "", 2026, date(2026, 12, 4)),
        ("christmas - 30 days", "", 2026, date(2026, 11, 25)),
        ("easter+1 week", "", 2027, date(2027, 4, 4)),
        ("02-29", "", 2027, date(2027, 3, 1)),
        ("02-29", "", 2028, date(2028, 2, 29)),
        ("2026-12-24", "", 1999, date(2026, 12, 24)),
    ],
)
def test_days_are_computed_each_year(written, market, year, day):
    assert read(written).in_year(year, market) == day


@pytest.mark.parametrize(
    "written", ["", "xmas", "12-32", "2026-02-30", "christmas -", "christmas - x days", "tomorrow"]
)
def test_what_is_no_day_is_refused(written):
    with pytest.raises(BadInput):
        read(written)


def test_a_shop_names_days_of_its_own_and_moves_ours():
    own = {"summer_sale": read("07-01"), "move": read("black_friday + 10 days")}
    assert read("summer_sale - 1 day", own).in_year(2026) == date(2026, 6, 30)
    assert read("move", own).in_year(2026) == date(2026, 12, 7)


@given(st.sampled_from(sorted(NAMED)), st.integers(1990, 2070), st.sampled_from(["", "GB", "FR"]))
def test_every_named_day_lies_in_its_year(name, year, market):
    assert NAMED[name](year, market).year == year


@given(st.sampled_from(sorted(NAMED)), st.dates(date(2000, 1, 1), date(2060, 1, 1)))
def test_the_nearest_is_the_nearest(name, day):
    near = Day(name, name).nearest(day)
    assert all(abs(near - day) <= abs(NAMED[name](day.year + n, "") - day) for n in (-1, 0, 1))


WINDOWS = [
    ("2026-11-01", "2026-12-24", date(2026, 11, 1), date(2026, 12, 24)),
    ("11-01", "12-24", date(2027, 11, 1), date(2027, 12, 24)),
    ("black_friday - 4 days", "cyber_monday", date(2026, 11, 23), date(2026, 11, 30)),
    # over New Year
    ("christmas - 30 days", "01-31", date(2026, 11, 25), date(2027, 1, 31)),
    ("12-31", "01-01", date(2027, 12, 31), date(2028, 1, 1)),
    # over a change of the clocks: London's on 25 October 2026 and 28 March 2027, Auckland's between
    ("10-25", "10-25", date(2026, 10, 25), date(2026, 10, 25)),
    ("03-28", "04-04", date(2027, 3, 28), date(2027, 4, 4)),
]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(("written_first", "written_last", "first", "last"), WINDOWS)
def test_a_window_holds_its_first_and_last_day_and_not_their_neighbours(
    zone, written_first, written_last, first, last
):
    window = Window(read(written_first), read(written_last))

    def shown(local: datetime) -> bool:
        """As the service sees it: the moment in UTC, back in the shop's zone, its day."""
        return window.holds(local.astimezone(UTC).astimezone(zone).date())

    for day, expected in (
        (first - DAY, False),
        (first, True),
        (last, True),
        (last + DAY, False),
    ):
        for hour, minute in ((0, 0), (1, 30), (12, 0), (23, 59)):
            assert (
                shown(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)) is expected
            )


def test_a_window_of_each_year_comes_back():
    window = Window(read("christmas - 30 days"), read("01-31"))
    for year in range(2024, 2034):
        assert window.holds(date(year, 12, 31))
        assert window.holds(date(year, 1, 31))
        assert not window.holds(date(year, 2, 1))
    assert window.current(date(2027, 2, 1)) == (date(2027, 11, 25), date(2028, 1, 31))


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-12-24", "2026-11-01"), ("christmas", None), (None, "12-24"), ("11-01", "2026-12-24")],
)
def test_ends_that_do_not_go_together_are_refused(first, last):
    with pytest.raises(BadInput):
        Window(first and read(first), last and read(last))
