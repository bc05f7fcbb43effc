from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_lookup.model import Status, TrackingEvent
from tracking_lookup.zones import country_of, offset_in, with_zones

LOCAL = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def local(place, at=LOCAL):
    return TrackingEvent(at, Status.IN_TRANSIT, place=place, local_time_only=True)


@pytest.mark.parametrize(
    ("place", "hours"),
    [
        ("Leipzig, DE", 2),
        ("Leipzig,de", 2),
        ("London, GB", 1),
        ("Columbus, OH, US", None),  # more than one time in the country
        ("Leipzig", None),
        ("Germany", None),
        ("", None),
        ("Nowhere, ZZ", None),
    ],
)
def test_the_country_tells_the_zone_where_it_has_one_time(place, hours):
    expected = None if hours is None else hours * HOUR
    assert offset_in(place, LOCAL.replace(tzinfo=None)) == expected
    [event] = with_zones([local(place)])
    assert event.local_time_only is (hours is None)
    assert event.at == LOCAL - (expected or timedelta(0))


def test_summer_time_is_minded():
    assert offset_in("Leipzig, DE", LOCAL.replace(month=1)) == HOUR


def test_another_scan_at_the_place_tells_its_zone():
    central = timezone(-6 * HOUR)
    known = TrackingEvent(LOCAL.astimezone(central), Status.IN_TRANSIT, place="HODGKINS, IL, US")
    told = with_zones([local("Hodgkins, IL, US"), known])
    assert told == (
        TrackingEvent(LOCAL + 6 * HOUR, Status.IN_TRANSIT, place="Hodgkins, IL, US"),
        known,
    )
    in_utc = TrackingEvent(LOCAL, Status.IN_TRANSIT, place="Hodgkins, IL, US")
    assert with_zones([local("Hodgkins, IL, US"), in_utc])[0].local_time_only


@given(st.datetimes(timezones=st.just(UTC)), st.text(max_size=6), st.booleans())
def test_any_place_and_time_is_borne(at, place, only):
    event = TrackingEvent(at, Status.UNKNOWN, place=f"{place}, NZ", local_time_only=only)
    assert with_zones(with_zones([event])) == with_zones([event])


def test_a_place_without_a_country():
    assert country_of(None) is None
    assert country_of("Lyon, fr") == "FR"
