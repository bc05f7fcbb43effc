from datetime import UTC, datetime, timedelta

import pytest

from tracking_lookup.budget import Urgency
from tracking_lookup.cadence import next_look, urgency_of
from tracking_lookup.contract import Known
from tracking_lookup.model import Status, Tracking, TrackingEvent

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def parcel(status, age=HOUR, **more):
    events = (TrackingEvent(NOW - age, status),)
    return Known("ups", "1Z", Tracking("ups", "1Z", status, events=events), NOW, **more)


@pytest.mark.parametrize(
    ("known", "later"),
    [
        (Known("ups", "1Z"), timedelta(0)),
        (parcel(Status.OUT_FOR_DELIVERY), HOUR / 2),
        (parcel(Status.IN_TRANSIT), 4 * HOUR),
        (parcel(Status.IN_TRANSIT, promised_to=NOW + HOUR), HOUR),
        (parcel(Status.IN_TRANSIT, promised_to=NOW - 5 * DAY), 4 * HOUR),
        (parcel(Status.IN_TRANSIT, age=8 * DAY), 12 * HOUR),
        (parcel(Status.IN_TRANSIT, age=31 * DAY), DAY),
        (parcel(Status.IN_TRANSIT, age=91 * DAY), None),
        (parcel(Status.DELIVERED), None),
        (parcel(Status.RETURNED), None),
        (parcel(Status.CANCELLED), None),
        (parcel(Status.DELIVERED, disputed_at=NOW), 6 * HOUR),
    ],
)
def test_when_a_parcel_is_looked_after_again(known, later):
    assert next_look(known, now=NOW) == (NOW + later if later is not None else None)


def test_a_source_that_calls_us_is_asked_more_seldom():
    assert next_look(parcel(Status.IN_TRANSIT), now=NOW, calls_us=True) == NOW + 16 * HOUR


@pytest.mark.parametrize(
    ("promise", "urgency"),
    [
        (None, Urgency.QUIET),
        (NOW + 2 * DAY, Urgency.QUIET),
        (NOW + HOUR, Urgency.PROMISED),
        (NOW - DAY, Urgency.PROMISED),
        (NOW - 4 * DAY, Urgency.QUIET),
    ],
)
def test_calls_are_spent_near_the_promise(promise, urgency):
    assert urgency_of(parcel(Status.IN_TRANSIT, promised_to=promise), now=NOW) is urgency
