from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.dhl_express import DhlExpress
from tracking_lookup.carriers.dhl_express.adapter import parse_trackings
from tracking_lookup.carriers.dhl_express.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "1234567890"
TRACK = (
    f"/shipments/{NUMBER}/tracking?trackingView=all-checkpoints&levelOfDetail=all"
    "&requestGMTOffsetPerEvent=true"
)


@pytest.fixture
def express(http, replay):
    replay.answer = lambda asked: answer_of("dhl_express", "in_transit")
    return DhlExpress(http, "user", "password", url=replay.url + "/")


async def test_reads_a_shipment_in_transit(express, replay):
    (parcel,) = express.parse(await express.fetch(Query("1234 567890")), number=NUMBER)

    (asked,) = replay.asked
    assert (asked.method, asked.path) == ("GET", TRACK)
    assert asked.headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert (parcel.carrier, parcel.number) == ("dhl_express", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(e.code, e.status, e.detail) for e in parcel.events] == [
        ("AF", Status.IN_TRANSIT, Detail.ARRIVED),
        ("RR", Status.UNKNOWN, None),  # an answer leaves it where it was: nobody knows where
        ("Q9", Status.UNKNOWN, None),  # a code we have no row for is never guessed
        ("DF", Status.IN_TRANSIT, Detail.DEPARTED),
        ("PU", Status.IN_TRANSIT, Detail.PICKED_UP),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 20, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=1)
    assert (newest.place, newest.text) == ("Leipzig-DE", "Arrived at DHL Sort Facility")
    assert parcel.events[-1].local_time_only
    assert parcel.promised_from == datetime(2026, 11, 18, 23, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC)


def test_a_piece_is_answered_with_its_shipment():
    body = recorded("dhl_express", "in_transit")
    assert parse_trackings(body, number="JD014600000000000001")[0].number == "JD014600000000000001"
    assert parse_trackings(body)[0].number == NUMBER
    with pytest.raises(Rejected):
        parse_trackings(body, number="1234567899")


def test_reads_customs_that_wait_for_papers_and_a_mere_label():
    (parcel,) = parse_trackings(recorded("dhl_express", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED)
    (parcel,) = parse_trackings(recorded("dhl_express", "label"))
    assert (parcel.status, parcel.events) == (Status.LABEL_CREATED, ())


def one(code, **event):
    scan = {"date": "2026-11-18", "time": "10:15:00", "typeCode": code, **event}
    return {"shipments": [{"shipmentTrackingNumber": NUMBER, "events": [scan]}]}


def test_an_event_without_a_day_is_left_out():
    assert parse_trackings(one("OK", date=None))[0].events == ()


def test_every_row_is_used():
    for code, (status, detail) in STATUSES.items():
        (parcel,) = parse_trackings(one(code))
        assert (parcel.status, parcel.detail) == (status, detail)
    assert not STATUSES.keys() & ANNOUNCEMENTS.keys()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answer_of("dhl_express", "not_found"), NotFound),
        (answer_of("dhl_express", "throttled"), RateLimited),
        (answer_of("dhl_express", "wrong_credentials"), Rejected),
        (Answer(500), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b'{"shipments": []}', cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(express, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(AppError) as caught:
        await express.fetch(Query(NUMBER))
    assert type(caught.value) is error
    assert "password" not in str(caught.value)
    if error is RateLimited:
        assert caught.value.retry_after == 30


keys = st.sampled_from(
    [
        "shipments",
        "shipmentTrackingNumber",
        "events",
        "date",
        "time",
        "GMTOffset",
        "typeCode",
        "description",
        "serviceArea",
        "pieces",
        "trackingNumber",
        "estimatedDeliveryDate",
        "title",
        "detail",
        "status",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18", "10:15:00", "+01:00", "OK", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    for payload in (body, {"shipments": [body]}, one("OK", serviceArea=body)):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
