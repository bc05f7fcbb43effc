from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.canada_post import CanadaPost
from tracking_lookup.carriers.canada_post.adapter import parse_trackings
from tracking_lookup.carriers.canada_post.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "7023210000000000"


def xml_of(name):
    """A fixture as it comes over the wire: its text, with its own HTTP status and headers."""
    answer = answer_of("canada_post", name)
    headers = {**answer.headers, "Content-Type": "application/vnd.cpc.track-v2+xml"}
    return Answer(answer.status, recorded("canada_post", name).encode(), headers)


@pytest.fixture
def canada_post(http, replay):
    replay.answer = lambda asked: xml_of("in_transit")
    return CanadaPost(http, "user", "password", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(canada_post, replay):
    payload = await canada_post.fetch(Query("7023 2100 0000 0000"))
    (parcel,) = canada_post.parse(payload, number=NUMBER)

    (asked,) = replay.asked
    assert (asked.method, asked.path) == ("GET", f"/vis/track/pin/{NUMBER}/detail")
    assert asked.headers["accept"] == "application/vnd.cpc.track-v2+xml"
    assert asked.headers["accept-language"] == "en-CA"
    assert asked.headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert (parcel.carrier, parcel.number) == ("canada_post", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(e.code, e.status, e.detail) for e in parcel.events] == [
        ("400", Status.IN_TRANSIT, Detail.ARRIVED),
        ("1203", Status.UNKNOWN, None),  # a new date leaves it where it was: nobody knows where
        ("9999", Status.UNKNOWN, None),  # a code we have no row for is never guessed
        ("410", Status.IN_TRANSIT, Detail.DEPARTED),
        ("1301", Status.IN_TRANSIT, Detail.PICKED_UP),
        ("3000", Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=-5)
    assert (newest.place, newest.text) == ("OTTAWA, ON", "Item arrived")
    assert [e.local_time_only for e in parcel.events] == [False] * 4 + [True, False]
    assert parcel.promised_from == datetime(2026, 11, 20, 5, tzinfo=UTC)  # the changed day
    assert parcel.promised_to == datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)
    # what is kept is plain objects, and reads the same as the text
    assert parse_trackings(recorded("canada_post", "in_transit")) == [parcel]


def test_a_signature_after_a_delivery_changes_nothing():
    (parcel,) = parse_trackings(recorded("canada_post", "delivered"))
    assert [e.status for e in parcel.events] == [
        Status.DELIVERED,
        Status.DELIVERED,
        Status.OUT_FOR_DELIVERY,
    ]
    assert parcel.status is Status.DELIVERED


def test_a_single_event_is_read_and_another_number_refused():
    (parcel,) = parse_trackings(recorded("canada_post", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING)
    assert (parcel.promised_from, parcel.promised_to) == (None, None)
    with pytest.raises(Rejected):
        parse_trackings(recorded("canada_post", "exception"), number="7023210000000001")


def test_a_delivery_on_the_way_back_is_one_to_the_sender():
    (parcel,) = parse_trackings(recorded("canada_post", "returned"))
    assert parcel.status is Status.RETURNED
    assert [e.status for e in parcel.events] == [
        Status.RETURNED,
        Status.RETURNING,
        Status.RETURNING,
        Status.OUT_FOR_DELIVERY,
    ]


def test_an_event_without_a_day_is_left_out():
    scan = {"event-identifier": "1408", "event-date": ""}
    parcel = {"pin": NUMBER, "significant-events": {"occurrence": [scan]}}
    assert parse_trackings({"tracking-detail": parcel})[0].events == ()


def test_every_row_is_used():
    for code, (status, detail) in STATUSES.items():
        scan = {"event-identifier": f"0{code}", "event-date": "2026-11-18"}
        parcel = {"pin": NUMBER, "significant-events": {"occurrence": scan}}
        (tracking,) = parse_trackings({"tracking-detail": parcel})
        assert (tracking.status, tracking.detail) == (status, detail), code
    assert not STATUSES.keys() & ANNOUNCEMENTS.keys()


BOMB = """<?xml version="1.0"?><!DOCTYPE messages [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><messages>&b;</messages>"""


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (xml_of("not_found"), NotFound),
        (xml_of("throttled"), RateLimited),
        (xml_of("wrong_credentials"), Rejected),
        (xml_of("malformed"), Rejected),
        (Answer(500), Unavailable),
        (Answer(200, b"<html><br>Down for maintenance</html>"), Rejected),
        (Answer(200, b"{}"), Rejected),
        (Answer(200, b""), Rejected),
        (Answer(200, b'<?xml version="1.0" encoding="UTF-8"?><a>\xff</a>'), Rejected),
        (Answer(200, BOMB.encode()), Rejected),
        (Answer(200, b"<a>" * 50 + b"</a>" * 50), Rejected),
        (Answer(200, b"<tracking-detail/>", cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(canada_post, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(AppError) as caught:
        await canada_post.fetch(Query(NUMBER))
    assert type(caught.value) is error
    assert "password" not in str(caught.value)
    if error is RateLimited:
        assert caught.value.retry_after == 60


keys = st.sampled_from(
    [
        *("tracking-detail", "pin", "significant-events", "occurrence", "event-identifier"),
        *("event-date", "event-time", "event-time-zone", "event-site", "expected-delivery-date"),
        *("messages", "message", "code"),
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18", "0001-01-01", "EST", "1408", "<messages/>", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    parcel = {"pin": NUMBER, "significant-events": {"occurrence": body}}
    for payload in (body, {"tracking-detail": body}, {"tracking-detail": parcel}):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
