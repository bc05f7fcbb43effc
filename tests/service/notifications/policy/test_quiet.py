from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.notifications.policy import quiet
from service.notifications.policy.quiet import Place, free_at, parse_hours, rules_of, zones_of

HOME = ZoneInfo("Europe/London")
DAYTIME = parse_hours({"mon-sun": "08:00-21:00"})
BERLIN = Place("+4915112345678", "DE", "10115")
FLORIDA = Place("+13055550100", "US", "33101")


def at(*moment):
    return datetime(*moment, tzinfo=UTC)


def free(place, now, hours=DAYTIME):
    return free_at(place, hours, now=now, home=HOME)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (at(2026, 11, 24, 12), at(2026, 11, 24, 12)),
        (at(2026, 11, 24, 21, 7), at(2026, 11, 25, 7)),
        (at(2026, 12, 31, 23, 30), at(2027, 1, 1, 7)),  # New Year
        (at(2028, 2, 28, 22), at(2028, 2, 29, 7)),  # a leap day
        (at(2028, 2, 29, 22), at(2028, 3, 1, 7)),
        (at(2026, 3, 28, 22), at(2026, 3, 29, 6)),  # summer time begins over night
        (at(2026, 10, 24, 22), at(2026, 10, 25, 7)),  # and ends
    ],
)
def test_the_morning_comes_by_the_recipients_clock(now, then):
    assert free(BERLIN, now) == then


def test_a_state_may_be_stricter_than_its_country():
    evening = at(2026, 11, 24, 1, 30)  # 20:30 in Miami
    assert [rule.state for rule in rules_of(FLORIDA)] == ["", "FL"]
    assert free(FLORIDA, evening) == at(2026, 11, 24, 14)  # 8:00 in its western, central zone
    new_york = Place("+12125550100", "US", "10001")
    assert free(new_york, evening) == evening


def test_what_is_unknown_must_suit_all_it_may_be():
    nowhere_in_particular = Place(None, "US", None)
    assert len(zones_of(nowhere_in_particular, HOME)) > 5
    assert {rule.state for rule in rules_of(nowhere_in_particular)} >= {"", "FL", "TX", "RI"}
    first = free(nowhere_in_particular, at(2026, 11, 24, 6))
    for zone in zones_of(nowhere_in_particular, HOME):
        assert time(9) <= first.astimezone(zone).time() < time(18)
    nobody_knows = Place(None, None, None)
    assert zones_of(nobody_knows, HOME) == {HOME}
    assert zones_of(Place("+999", "XX", None), HOME) == {HOME}


def test_a_number_carried_abroad_counts_in_both_places():
    carried = Place("+12125550100", "PT", "1100")
    zones = {zone.key for zone in zones_of(carried, HOME)}
    assert {"America/New_York", "Europe/Lisbon"} <= zones
    assert free(carried, at(2026, 11, 24, 9)) == at(2026, 11, 24, 13)  # 8:00 in New York


def test_no_hours_at_all_is_never():
    tokyo_and_new_york = Place("+81312345678", "US", "10001")
    short = parse_hours({"mon-sun": "12:00-13:00"})
    assert free(tokyo_and_new_york, at(2026, 11, 24, 12), short) is None


@pytest.mark.parametrize("wrong", ["9-17", "21:00-08:00", "09:10-17:00", "morning"])
def test_hours_that_cannot_be_read(wrong):
    with pytest.raises(ValueError, match=r"."):
        parse_hours({"mon": wrong})
    with pytest.raises(ValueError, match=r"."):
        parse_hours({"someday": "09:00-17:00"})


def test_the_file_holds_together():
    for rule in quiet._rules():
        assert rule.source.startswith("https://")
        assert not rule.state or (rule.areas and rule.postcodes)
    for country, starts in quiet._file()["zones"].items():
        assert all(quiet._postcode_zones(country, start) for start in starts)


PLACES = st.builds(
    Place,
    st.sampled_from([None, "+13055550100", "+447700900001", "+61412345678", "+12125550100"]),
    st.sampled_from([None, "US", "GB", "AU", "CA", "IN", "RU", "ZZ"]),
    st.sampled_from([None, "33101", "96801", "2000", "H2X", "LS11AA"]),
)


@given(PLACES, st.integers(0, 3 * 365 * 24 * 60))
def test_laws_of_free_hours(place, minutes):
    """Never before now, always in everybody's hours, and no earlier moment was."""
    now = at(2026, 1, 1) + timedelta(minutes=minutes)
    found = free(place, now)
    if found is None:
        return
    assert now <= found <= now + quiet.FURTHEST
    for zone in zones_of(place, HOME):
        local = found.astimezone(zone)
        for hours in (DAYTIME, *(rule.hours for rule in rules_of(place))):
            opens, closes = hours[local.weekday()]
            assert opens <= local.time() < closes
    if found > now:
        assert free(place, found - timedelta(minutes=1)) == found
