import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.usps import MANIFEST, Usps
from tracking_lookup.carriers.usps.adapter import parse_trackings
from tracking_lookup.carriers.usps.statuses import ANNOUNCEMENTS, CATEGORIES, STATUSES, WORDS
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "9400100000000000000000"
TOKEN, TRACK = "/oauth2/v3/token", f"/tracking/v3/tracking/{NUMBER}?expand=DETAIL"
CREDENTIALS = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "secret"}


class UspsServer:
    """USPS as published: a token for the right JSON body, answers for that token."""

    def __init__(self, replay):
        self.track = answer_of("usps", "in_transit")
        self.replay = replay
        replay.answer = self

    def __call__(self, asked):
        if asked.path == TOKEN:
            if json.loads(asked.body) != CREDENTIALS:
                return answer_of("usps", "wrong_credentials")
            return Answer(200, b'{"access_token": "t-1", "expires_in": 28799}')
        return self.track if asked.headers.get("authorization") == "Bearer t-1" else Answer(401)


@pytest.fixture
def server(replay):
    return UspsServer(replay)


@pytest.fixture
def usps(http, replay):
    return Usps(http, "id", "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(usps, server, replay):
    (parcel,) = usps.parse(await usps.fetch(Query(NUMBER)), number=NUMBER)

    assert [asked.path for asked in replay.asked] == [TOKEN, TRACK]
    assert replay.asked[0].headers["content-type"] == "application/json"
    assert (parcel.carrier, parcel.number, parcel.status) == ("usps", NUMBER, Status.IN_TRANSIT)
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED),
        (Status.UNKNOWN, None),  # neither its code nor its words are known
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest, odd, label = parcel.events[0], parcel.events[1], parcel.events[-1]
    assert newest.at == datetime(2026, 11, 18, 3, 30, 15, tzinfo=UTC)
    assert newest.at.utcoffset() == odd.at.utcoffset() == timedelta(hours=-6)  # "-06:00", "-6:00"
    assert (newest.place, newest.code) == ("KANSAS CITY, MO", "A1")
    assert newest.text == "Arrived at USPS Regional Facility"
    assert label.local_time_only  # neither GMT nor an offset
    assert not newest.local_time_only
    assert parcel.promised_from == datetime(2026, 11, 19, 19, 15, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 23, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "params"),
    [
        (Query(NUMBER, postcode="80202-1234"), "&destinationZIPCode=80202"),
        (Query(NUMBER, postcode="80202", country="US"), "&destinationZIPCode=80202"),
        (Query(NUMBER, postcode="10115", country="DE"), ""),
        (Query(NUMBER, postcode="K1A 0B1"), ""),
    ],
)
async def test_says_which_parcel_is_meant(usps, server, replay, query, params):
    await usps.fetch(query)
    assert replay.asked[-1].path == TRACK + params


def test_keeps_within_sixty_calls_an_hour():
    assert MANIFEST.calls == ((60, 3600),)


def test_reads_a_delivered_parcel_and_a_returned_one():
    (parcel,) = parse_trackings(recorded("usps", "delivered"))
    assert (parcel.status, parcel.detail) == (Status.DELIVERED, Detail.TO_LOCKER)
    (parcel,) = parse_trackings(recorded("usps", "returned"))
    assert parcel.status is Status.RETURNED  # although its code is that of a delivery
    assert [e.status for e in parcel.events] == [Status.RETURNED, Status.RETURNING]


def test_reads_an_exception_and_a_promised_day():
    (parcel,) = parse_trackings(recorded("usps", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.ADDRESS_PROBLEM)
    assert parcel.promised_from == datetime(2026, 11, 19, 7, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 20, 6, 59, 59, tzinfo=UTC)


def test_an_answer_without_its_number_is_the_asked_parcel():
    body = recorded("usps", "delivered")
    del body["trackingNumber"]
    assert parse_trackings(body, number=NUMBER)[0].number == NUMBER
    assert parse_trackings(body)[0].number == ""
    with pytest.raises(Rejected):
        parse_trackings(recorded("usps", "delivered"), number="9400100000000000000001")


def one(code="", words="", **parcel):
    scan = {"eventTimestamp": "2026-11-18T10:15:00", "eventCode": code, "eventType": words}
    return {"trackingNumber": NUMBER, "trackingEvents": [scan], **parcel}


def test_a_scan_without_a_time_is_left_out():
    body = one("01", statusCategory="Delivered")
    body["trackingEvents"][0]["eventTimestamp"] = None
    (parcel,) = parse_trackings(body)
    assert (parcel.status, parcel.events) == (Status.DELIVERED, ())


def test_the_words_for_the_parcel_are_newer_than_its_scans():
    (parcel,) = parse_trackings(one("10", status="In Transit, Arriving Late"))
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.DELAYED)


def test_every_row_is_used():
    for code, (status, _) in STATUSES.items():
        assert parse_trackings(one(code))[0].status is status
    for words, (status, _) in WORDS.items():
        assert parse_trackings(one("01", words.upper()))[0].status is status
    for category, (status, _) in CATEGORIES.items():
        assert parse_trackings(one("??", statusCategory=category.title()))[0].status is status
    assert not STATUSES.keys() & ANNOUNCEMENTS.keys()


@pytest.mark.parametrize(
    ("track", "error"),
    [
        (answer_of("usps", "not_found"), NotFound),
        (answer_of("usps", "throttled"), RateLimited),
        (Answer(503), Unavailable),
        (Answer(400, b'{"error": {"code": "400"}}'), Rejected),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b'{"trackingNumber": "1"}', cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(usps, server, track, error):
    server.track = track
    with pytest.raises(AppError) as caught:
        await usps.fetch(Query(NUMBER))
    assert type(caught.value) is error
    if error is RateLimited:
        assert caught.value.retry_after == 1800


async def test_wrong_credentials_are_named_and_never_shown(http, replay, server):
    with pytest.raises(Rejected) as caught:
        await Usps(http, "id", "guess", url=replay.url).fetch(Query(NUMBER))
    assert str(caught.value) == "usps: client id or client secret refused"


keys = st.sampled_from(
    [
        "trackingNumber",
        "status",
        "statusCategory",
        "trackingEvents",
        "eventCode",
        "eventType",
        "GMTTimestamp",
        "GMTOffset",
        "eventTimestamp",
        "eventCity",
        "expectedDeliveryTimeStamp",
        "predictedDeliveryDate",
        "predictedDeliveryWindowStartTime",
        "predictedDeliveryWindowEndTime",
        "error",
        "code",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18T10:15:00Z", "-7:00", "0001-01-01", "01", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    for payload in (body, {"trackingEvents": [body]}, one(status=body)):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
