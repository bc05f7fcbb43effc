from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from tracking_lookup import quirks
from tracking_lookup.contract import Known
from tracking_lookup.model import Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.truth import assess

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENTRIES = yaml.safe_load(quirks.FILE.read_text())["quirks"]


def parcel(carrier, status, age, place=None, **more):
    scan = TrackingEvent(NOW - age, status, place=place)
    return Known(carrier, "1", Tracking(carrier, "1", status, events=(scan,)), NOW, **more)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['carrier']}-{entry['kind']}")
def test_each_quirk_has_a_source_and_is_read(entry):
    assert entry["source"]
    assert entry["note"]
    assert quirks.of(entry["carrier"]) != quirks.of("nobody")


def test_delivered_at_the_carriers_own_hub_is_still_moving():
    at_hub = parcel("dhl", Status.DELIVERED, HOUR, "NEUMÜNSTER, DE")
    assert assess(at_hub, now=NOW).verdict is Verdict.MOVING
    at_door = parcel("dhl", Status.DELIVERED, HOUR, "Kiel, DE")
    assert assess(at_door, now=NOW).verdict is Verdict.DELIVERED
    assert assess(replace(at_hub, carrier="ups"), now=NOW).verdict is Verdict.DELIVERED


def test_a_carrier_that_scans_early_is_given_its_day():
    disputed = parcel("usps", Status.DELIVERED, 2 * HOUR, disputed_at=NOW)
    assert "up to 24 hours before it delivers" in assess(disputed, now=NOW).because
    long_ago = parcel("usps", Status.DELIVERED, 2 * DAY, disputed_at=NOW)
    assert "before it delivers" not in assess(long_ago, now=NOW).because


def test_a_carrier_that_works_on_saturdays_is_quiet_sooner():
    over_a_weekend = 4 * DAY + HOUR  # since Saturday noon
    assert assess(parcel("ups", Status.IN_TRANSIT, over_a_weekend), now=NOW).verdict is (
        Verdict.MOVING
    )
    assert assess(parcel("usps", Status.IN_TRANSIT, over_a_weekend), now=NOW).verdict is (
        Verdict.QUIET
    )


def test_holidays_of_the_destination_are_no_silence():
    after_christmas = datetime(2026, 12, 29, 12, tzinfo=UTC)  # Friday 25 and Monday 28 were free
    scan = TrackingEvent(datetime(2026, 12, 23, 11, tzinfo=UTC), Status.IN_TRANSIT)
    tracking = Tracking("ups", "1", Status.IN_TRANSIT, events=(scan,))
    known = Known("ups", "1", tracking, after_christmas)
    assert assess(known, now=after_christmas).verdict is Verdict.QUIET
    in_britain = replace(known, country="GB")
    assert assess(in_britain, now=after_christmas).verdict is Verdict.MOVING


def test_what_is_normal_here_counts_before_the_default():
    silent = parcel("ups", Status.IN_TRANSIT, 2 * DAY)
    assert assess(silent, now=NOW).verdict is Verdict.MOVING
    assert assess(replace(silent, normal_gap=DAY), now=NOW).verdict is Verdict.QUIET
    slow = parcel("ups", Status.IN_TRANSIT, 7 * DAY, normal_gap=6 * DAY)
    assert assess(slow, now=NOW).verdict is Verdict.MOVING
