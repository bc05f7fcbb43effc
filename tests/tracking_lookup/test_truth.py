from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking_lookup.calendars import working_time
from tracking_lookup.contract import Known, Window
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.truth import assess

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


SLOW = Window(date(2026, 11, 18), date(2026, 11, 20), date(2026, 11, 17), "")


def parcel(status, detail=None, *, age=HOUR, before=(), **known):
    """A parcel whose newest scan is ``age`` old and says what the carrier's summary says."""
    events = [TrackingEvent(NOW - age, status, detail)]
    events += [TrackingEvent(NOW - age - n * HOUR, *said) for n, said in enumerate(before, 1)]
    carrier_promise = known.pop("carrier_promise", None)
    tracking = Tracking(
        "ups", "1Z", status, detail, events=tuple(events), promised_to=carrier_promise
    )
    return Known("ups", "1Z", tracking, fetched_at=NOW, **known)


ABROAD = ((Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY),)


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        # nothing heard
        (Known("ups", "1Z"), Verdict.NO_DATA),
        (Known("ups", "1Z", Tracking("ups", "1Z", Status.NOT_FOUND)), Verdict.NO_DATA),
        (parcel(Status.UNKNOWN), Verdict.NO_DATA),
        (parcel(Status.UNKNOWN, Detail.LOST), Verdict.NO_DATA),
        (parcel(Status.CANCELLED), Verdict.NO_DATA),
        # on its way
        (parcel(Status.IN_TRANSIT), Verdict.MOVING),
        (parcel(Status.IN_TRANSIT, Detail.WEATHER), Verdict.MOVING),
        (parcel(Status.OUT_FOR_DELIVERY), Verdict.MOVING),
        (parcel(Status.EXCEPTION), Verdict.MOVING),
        (parcel(Status.IN_TRANSIT, promised_to=NOW), Verdict.MOVING),
        (Known("ups", "1Z", Tracking("ups", "1Z", Status.IN_TRANSIT)), Verdict.MOVING),
        # printed, not handed over: whatever its age and promise
        (parcel(Status.LABEL_CREATED), Verdict.LABEL_ONLY),
        (parcel(Status.LABEL_CREATED, age=90 * DAY), Verdict.LABEL_ONLY),
        (parcel(Status.LABEL_CREATED, age=5 * DAY, promised_to=NOW - DAY), Verdict.LABEL_ONLY),
        (parcel(Status.EXPIRED, before=[(Status.LABEL_CREATED, None)]), Verdict.LABEL_ONLY),
        (parcel(Status.EXPIRED), Verdict.NO_DATA),
        # silent: three working days at home, five abroad, one on the van
        (parcel(Status.IN_TRANSIT, age=2 * DAY), Verdict.MOVING),
        (parcel(Status.IN_TRANSIT, age=5 * DAY - HOUR), Verdict.MOVING),  # over a weekend
        (parcel(Status.IN_TRANSIT, age=5 * DAY), Verdict.QUIET),
        (parcel(Status.IN_TRANSIT, age=5 * DAY, before=ABROAD), Verdict.MOVING),
        (parcel(Status.IN_TRANSIT, age=7 * DAY, before=ABROAD), Verdict.QUIET),
        (parcel(Status.IN_TRANSIT, Detail.CUSTOMS_PROCESSING, age=5 * DAY), Verdict.MOVING),
        (parcel(Status.OUT_FOR_DELIVERY, age=DAY), Verdict.QUIET),
        (parcel(Status.EXCEPTION, Detail.HELD), Verdict.QUIET),
        (parcel(Status.EXCEPTION, Detail.SECURITY), Verdict.QUIET),
        # past the promise: the shop's if there is one, else the carrier's
        (parcel(Status.IN_TRANSIT, promised_to=NOW - HOUR), Verdict.OVERDUE),
        (parcel(Status.IN_TRANSIT, carrier_promise=NOW - HOUR), Verdict.OVERDUE),
        (
            parcel(Status.IN_TRANSIT, promised_to=NOW + DAY, carrier_promise=NOW - DAY),
            Verdict.MOVING,
        ),
        (
            parcel(Status.IN_TRANSIT, promised_to=NOW - DAY, carrier_promise=NOW + DAY),
            Verdict.OVERDUE,
        ),
        (parcel(Status.IN_TRANSIT, age=6 * DAY, promised_to=NOW - DAY), Verdict.OVERDUE),
        # slower than 19 in 20 of its kind: late, or before a day promised sooner quiet
        (parcel(Status.IN_TRANSIT, window=SLOW), Verdict.OVERDUE),
        (parcel(Status.IN_TRANSIT, age=DAY, window=SLOW, promised_to=NOW + DAY), Verdict.QUIET),
        (parcel(Status.IN_TRANSIT, window=SLOW, promised_to=NOW + DAY), Verdict.MOVING),
        (parcel(Status.DELIVERED, promised_to=NOW - DAY), Verdict.DELIVERED),
        # lost: by the carrier's word, or by silence
        (parcel(Status.EXCEPTION, Detail.LOST), Verdict.LOST_SUSPECTED),
        (parcel(Status.EXCEPTION, Detail.DESTROYED), Verdict.LOST_SUSPECTED),
        (parcel(Status.EXCEPTION, Detail.DAMAGED), Verdict.LOST_SUSPECTED),
        (parcel(Status.IN_TRANSIT, age=14 * DAY), Verdict.LOST_SUSPECTED),
        (parcel(Status.IN_TRANSIT, age=14 * DAY - HOUR), Verdict.QUIET),
        (parcel(Status.IN_TRANSIT, age=14 * DAY, before=ABROAD), Verdict.QUIET),
        (parcel(Status.IN_TRANSIT, age=28 * DAY, before=ABROAD), Verdict.LOST_SUSPECTED),
        (parcel(Status.DELIVERY_FAILED, age=14 * DAY), Verdict.LOST_SUSPECTED),
        (parcel(Status.EXPIRED, before=[(Status.IN_TRANSIT, None)]), Verdict.LOST_SUSPECTED),
        # the customer must do something
        (parcel(Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED), Verdict.NEEDS_CUSTOMER),
        (parcel(Status.EXCEPTION, Detail.PAYMENT_DUE), Verdict.NEEDS_CUSTOMER),
        (parcel(Status.EXCEPTION, Detail.DOCUMENTS_MISSING), Verdict.NEEDS_CUSTOMER),
        (parcel(Status.DELIVERY_FAILED, Detail.ADDRESS_PROBLEM), Verdict.NEEDS_CUSTOMER),
        (parcel(Status.AVAILABLE_FOR_PICKUP), Verdict.NEEDS_CUSTOMER),
        (parcel(Status.AVAILABLE_FOR_PICKUP, age=20 * DAY), Verdict.NEEDS_CUSTOMER),
        # an attempt failed
        (parcel(Status.DELIVERY_FAILED), Verdict.FAILED_ATTEMPT),
        (parcel(Status.DELIVERY_FAILED, promised_to=NOW - DAY), Verdict.FAILED_ATTEMPT),
        # ends
        (parcel(Status.DELIVERED), Verdict.DELIVERED),
        (parcel(Status.DELIVERED, age=90 * DAY), Verdict.DELIVERED),
        (parcel(Status.DELIVERED, disputed_at=NOW), Verdict.DELIVERED_DISPUTED),
        (parcel(Status.RETURNING), Verdict.COMING_BACK),
        (parcel(Status.RETURNED, age=60 * DAY), Verdict.COMING_BACK),
        (parcel(Status.RETURNED, Detail.DAMAGED), Verdict.COMING_BACK),
        (parcel(Status.IN_TRANSIT, disputed_at=NOW), Verdict.MOVING),
    ],
)
def test_each_verdict(known, verdict):
    assessment = assess(known, now=NOW)
    assert assessment.verdict is verdict, assessment.because


def test_a_failed_attempt_is_over_once_a_newer_scan_says_otherwise():
    failed = TrackingEvent(NOW - DAY, Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE)
    for newer, verdict in [
        (TrackingEvent(NOW - HOUR, Status.OUT_FOR_DELIVERY), Verdict.MOVING),
        (TrackingEvent(NOW - HOUR, Status.AVAILABLE_FOR_PICKUP), Verdict.NEEDS_CUSTOMER),
        (TrackingEvent(NOW - HOUR, Status.UNKNOWN), Verdict.FAILED_ATTEMPT),
    ]:
        tracking = Tracking("ups", "1Z", Status.DELIVERY_FAILED, events=(newer, failed))
        assert assess(Known("ups", "1Z", tracking, NOW), now=NOW).verdict is verdict


def test_a_delivery_after_the_dispute_is_a_delivery():
    again = parcel(Status.DELIVERED, age=HOUR, disputed_at=NOW - 2 * DAY)
    assert assess(again, now=NOW).verdict is Verdict.DELIVERED


def test_a_wall_clock_delivery_may_be_older_than_the_dispute_it_seems_to_follow():
    scan = TrackingEvent(NOW - HOUR, Status.DELIVERED, local_time_only=True)
    tracking = Tracking("ups", "1Z", Status.DELIVERED, events=(scan,))
    known = Known("ups", "1Z", tracking, NOW, disputed_at=NOW - 3 * HOUR)
    assert assess(known, now=NOW).verdict is Verdict.DELIVERED_DISPUTED


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (parcel(Status.LABEL_CREATED, age=5 * DAY), "5 days ago (13 Nov)"),
        (parcel(Status.IN_TRANSIT, age=6 * DAY), "6 days ago"),
        (parcel(Status.IN_TRANSIT, Detail.DELAYED, age=HOUR), "1 hour ago: in transit, delayed"),
        (parcel(Status.DELIVERED, age=timedelta(minutes=5)), "within the hour"),
        (parcel(Status.IN_TRANSIT, promised_to=NOW - DAY), "the shop's promise of 17 Nov"),
        (parcel(Status.IN_TRANSIT, carrier_promise=NOW - DAY), "the carrier's promise"),
        (parcel(Status.EXCEPTION, Detail.PAYMENT_DUE), "payment is due"),
        (parcel(Status.EXCEPTION, Detail.DAMAGED), "damaged"),
        (parcel(Status.CANCELLED), "cancelled"),
        (parcel(Status.DELIVERED, disputed_at=NOW), "did not arrive"),
    ],
)
def test_the_sentence_says_what_decided(known, words):
    assert words in assess(known, now=NOW).because


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-11-18T09", "2026-11-18T15", 6),
        ("2026-11-20T18", "2026-11-23T06", 12),  # Friday to Monday
        ("2026-11-21T03", "2026-11-22T20", 0),  # all weekend
        ("2026-11-18T09", "2026-12-02T09", 240),  # two weeks
        ("2026-11-18T15", "2026-11-18T09", 0),  # a clock that is ahead
    ],
)
def test_working_time(since, until, hours):
    first, last = (datetime.fromisoformat(f"{text}:00+00:00") for text in (since, until))
    assert working_time(first, last) == hours * HOUR


moments = st.datetimes(timezones=st.timezones())
maybe = st.none() | moments
events = st.builds(
    TrackingEvent,
    at=moments,
    status=st.sampled_from(Status),
    detail=st.none() | st.sampled_from(Detail),
    code=st.text(max_size=4),
    local_time_only=st.booleans(),
)
trackings = st.builds(
    Tracking,
    carrier=st.just("ups"),
    number=st.just("1Z"),
    status=st.sampled_from(Status),
    detail=st.none() | st.sampled_from(Detail),
    events=st.lists(events, max_size=4).map(tuple),
    promised_from=maybe,
    promised_to=maybe,
)
anything_known = st.builds(
    Known,
    carrier=st.just("ups"),
    number=st.just("1Z"),
    tracking=st.none() | trackings,
    fetched_at=maybe,
    promised_to=maybe,
    disputed_at=maybe,
)


@given(anything_known, moments)
def test_every_parcel_has_a_verdict_and_one_sentence(known, now):
    assessment = assess(known, now=now)
    assert isinstance(assessment.verdict, Verdict)
    assert assessment.because.endswith(".")
    assert "\n" not in assessment.because


@given(anything_known, moments)
def test_what_is_not_delivered_is_never_called_delivered(known, now):
    verdict = assess(known, now=now).verdict
    if verdict in {Verdict.DELIVERED, Verdict.DELIVERED_DISPUTED}:
        said = {known.tracking.status, *(e.status for e in known.tracking.events[:1])}
        assert Status.DELIVERED in said


@given(moments, moments)
def test_working_time_is_never_negative_nor_longer_than_time(since, until):
    worked = working_time(since, until)
    assert timedelta(0) <= worked <= max(timedelta(0), until - since)
