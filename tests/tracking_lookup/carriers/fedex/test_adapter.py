import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.fedex import Fedex
from tracking_lookup.carriers.fedex.adapter import parse_trackings
from tracking_lookup.carriers.fedex.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "449044304137821"
TOKEN, TRACK = "/oauth/token", "/track/v1/trackingnumbers"


class FedexServer:
    """FedEx as published: a token for the right form fields, answers for that token."""

    def __init__(self, replay, track="in_transit"):
        self.track = track if isinstance(track, Answer) else answer_of("fedex", track)
        self.replay = replay
        replay.answer = self

    def __call__(self, asked):
        if asked.path == TOKEN:
            if asked.body != b"grant_type=client_credentials&client_id=id&client_secret=secret":
                return answer_of("fedex", "wrong_credentials")
            return Answer(200, b'{"access_token": "t-1", "expires_in": 3599, "scope": "CXS"}')
        return self.track if asked.headers.get("authorization") == "Bearer t-1" else Answer(401)


@pytest.fixture
def server(replay):
    return FedexServer(replay)


@pytest.fixture
def fedex(http, replay):
    return Fedex(http, "id", "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(fedex, server, replay):
    (parcel,) = fedex.parse(await fedex.fetch(Query("4490 4430 4137821")), number=NUMBER)

    token, asked = replay.asked
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (asked.method, asked.path, asked.headers["x-locale"]) == ("POST", TRACK, "en_US")
    assert json.loads(asked.body) == {
        "includeDetailedScans": True,
        "trackingInfo": [{"trackingNumberInfo": {"trackingNumber": NUMBER}}],
    }
    assert (parcel.carrier, parcel.number, parcel.status) == ("fedex", NUMBER, Status.IN_TRANSIT)
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED),
        (Status.UNKNOWN, None),  # a code we have no row for is never guessed
        (Status.IN_TRANSIT, None),  # "arriving on time" leaves it where it was
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 18, 3, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=-6)
    assert (newest.place, newest.code) == ("MEMPHIS, TN, US", "AR")
    assert newest.text == "Arrived at FedEx hub"
    assert parcel.events[1].code == "ZQ"
    assert parcel.promised_from == datetime(2026, 11, 19, 17, 15, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 21, 15, tzinfo=UTC)


async def test_asks_for_several_at_once(fedex, server, replay):
    server.track = answer_of("fedex", "several")
    payload = await fedex.fetch_many([Query(NUMBER), Query("449044304137822"), Query("1")])
    assert len(json.loads(replay.asked[-1].body)["trackingInfo"]) == 3
    # the number was used before: the newer parcel is meant
    assert [t.status for t in fedex.parse(payload, number=NUMBER)] == [Status.IN_TRANSIT]
    (other,) = fedex.parse(payload, number="449044304137822")
    assert other.status is Status.DELIVERED
    with pytest.raises(NotFound):
        fedex.parse(payload, number="449044304137829")
    with pytest.raises(Rejected):
        fedex.parse(payload, number="449044304137000")
    assert [t.number[-1] for t in fedex.parse(payload)] == ["1", "1", "2"]


def test_reads_why_a_delivery_failed_and_a_promised_day():
    (parcel,) = parse_trackings(recorded("fedex", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.ADDRESS_PROBLEM)
    assert [(e.status, e.detail) for e in parcel.events[:2]] == [
        (Status.EXCEPTION, Detail.ADDRESS_PROBLEM),
        (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
    ]
    assert parcel.promised_from == datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 6, 59, 59, tzinfo=UTC)


def one(code="IT", latest=None, **scan):
    result = {
        "latestStatusDetail": latest or {},
        "scanEvents": [{"date": "2026-11-18T10:15:00-06:00", "eventType": code, **scan}],
    }
    results = [{"trackingNumber": NUMBER, "trackResults": [result]}]
    return {"output": {"completeTrackResults": results}}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (one("AR", {"code": "FD", "derivedCode": "RL"}), Status.IN_TRANSIT, Detail.ARRIVED),
        (one("AR", {"code": "??", "derivedCode": "RL"}), Status.IN_TRANSIT, Detail.DELAYED),
        (one("HP", {"code": "??", "derivedCode": "??"}), Status.AVAILABLE_FOR_PICKUP, "at"),
        (one("??", {"code": "??"}), Status.UNKNOWN, None),
        (one("DE", exceptionCode="07"), Status.DELIVERY_FAILED, Detail.REFUSED),
        (one("DE", exceptionCode="A99"), Status.EXCEPTION, None),
        (
            one("IT", delayDetail={"status": "DELAYED", "type": "WEATHER"}),
            Status.IN_TRANSIT,
            Detail.WEATHER,
        ),
    ],
)
def test_what_a_code_means(body, status, detail):
    (parcel,) = parse_trackings(body)
    detail = Detail.AT_PICKUP_POINT if detail == "at" else detail
    assert (parcel.status, parcel.detail) == (status, detail)


def test_a_scan_without_a_time_is_left_out():
    (parcel,) = parse_trackings(one("DL", {"code": "DL"}, date=None))
    assert (parcel.status, parcel.events) == (Status.DELIVERED, ())


def test_every_row_is_used():
    for code, meaning in STATUSES.items():
        if code != "DE":
            assert parse_trackings(one(code))[0].events[0].status is meaning[0]
    assert not STATUSES.keys() & ANNOUNCEMENTS.keys()


def test_a_scan_without_an_offset_is_local():
    (parcel,) = parse_trackings(one(date="2026-11-18T10:15:00"))
    assert parcel.events[0].local_time_only
    assert parcel.events[0].at == datetime(2026, 11, 18, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("track", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("fedex", "throttled"), RateLimited),
        (Answer(503), Unavailable),
        (Answer(403, b'{"errors": [{"code": "FORBIDDEN.ERROR"}]}'), Rejected),
        (Answer(200, b'{"errors": [{"code": "SERVICE.UNAVAILABLE.ERROR"}]}'), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(200, b'{"output": {}}', cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(fedex, server, track, error):
    server.track = track
    with pytest.raises(AppError) as caught:
        await fedex.fetch(Query(NUMBER))
    assert type(caught.value) is error
    if error is RateLimited:
        assert caught.value.retry_after == 7


async def test_wrong_credentials_are_named_and_never_shown(http, replay, server):
    with pytest.raises(Rejected) as caught:
        await Fedex(http, "id", "guess", url=replay.url).fetch(Query(NUMBER))
    assert str(caught.value) == "fedex: client id or client secret refused"


keys = st.sampled_from(
    [
        "output",
        "completeTrackResults",
        "trackResults",
        "trackingNumber",
        "trackingNumberInfo",
        "error",
        "code",
        "scanEvents",
        "latestStatusDetail",
        "derivedCode",
        "ancillaryDetails",
        "delayDetail",
        "date",
        "eventType",
        "scanLocation",
        "city",
        "dateAndTimes",
        "type",
        "dateTime",
        "estimatedDeliveryTimeWindow",
        "window",
        "ends",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18T10:15:00-06:00", "DE", "ESTIMATED_DELIVERY", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    nested = [{"trackingNumber": NUMBER, "trackResults": [body]}]
    for payload in (body, {"output": {"completeTrackResults": nested}}, one(latest=body)):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
