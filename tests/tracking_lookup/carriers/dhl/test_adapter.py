from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.dhl import MANIFEST, Dhl
from tracking_lookup.carriers.dhl.adapter import parse_trackings
from tracking_lookup.carriers.dhl.statuses import ANNOUNCEMENTS, GENERAL, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "00340434000000000000"
TRACK = f"/track/shipments?trackingNumber={NUMBER}&language=en"


@pytest.fixture
def dhl(http, replay):
    replay.answer = lambda asked: answer_of("dhl", "in_transit")
    return Dhl(http, "key", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(dhl, replay):
    (parcel,) = dhl.parse(await dhl.fetch(Query(NUMBER)), number=NUMBER)

    (asked,) = replay.asked
    assert (asked.method, asked.path) == ("GET", TRACK)
    assert asked.headers["dhl-api-key"] == "key"
    assert (parcel.carrier, parcel.number, parcel.status) == ("dhl", NUMBER, Status.IN_TRANSIT)
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED),
        (Status.UNKNOWN, None),  # the recipient chose a day: it is where it was, which is unknown
        (Status.UNKNOWN, None),  # a code we have no row for, and DHL has no word for it either
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 20, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=1)
    assert (newest.place, newest.code) == ("Köln, DE", "parcel-de/EE")
    assert newest.text == "The shipment has arrived in the region of recipient."
    assert parcel.events[3].place == "Leipzig, DE"  # without the street
    assert parcel.events[4].local_time_only
    assert parcel.promised_from == datetime(2026, 11, 19, 10, 15, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 14, 15, tzinfo=UTC)


async def test_shows_the_postcode_where_it_is_known(dhl, replay):
    await dhl.fetch(Query(NUMBER, postcode="50667"))
    assert replay.asked[0].path == TRACK + "&recipientPostalCode=50667"


def test_keeps_within_the_first_quota():
    assert MANIFEST.calls == ((250, 86_400), (1, 5))


def test_a_service_without_a_table_is_read_by_the_general_word():
    (parcel,) = parse_trackings(recorded("dhl", "delivered"), number="7777777770")
    assert (parcel.number, parcel.status) == ("7777777770", Status.DELIVERED)
    assert [e.code for e in parcel.events] == ["parcel-uk/DELIVERED", "transit"]


def test_delivered_to_a_shop_is_not_delivered_to_the_shopper():
    (parcel,) = parse_trackings(recorded("dhl", "at_service_point"))
    assert (parcel.status, parcel.detail) == (Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT)


def test_a_piece_is_answered_with_its_shipment():
    body = recorded("dhl", "exception")
    (parcel,) = parse_trackings(body, number="JD01 4600 0000 0000 0001")
    assert parcel.number == "JD014600000000000001"
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED)
    assert parcel.promised_from == datetime(2026, 11, 19, 23, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC)
    with pytest.raises(Rejected):  # DHL answers for another service's shipment at times
        parse_trackings(body, number="JD014600000000000002")


def one(service="parcel-de", at="2026-11-18T10:15:00Z", **status):
    scan = {"timestamp": at, **status}
    return {"id": NUMBER, "service": service, "status": scan, "events": [scan]}


def test_of_two_services_with_one_number_the_newer_counts():
    old = one("express", at="2024-03-01T10:00:00Z", statusCode="delivered", status="OK")
    new = one("parcel-nl", statusCode="transit", status="OUT_FOR_DELIVERY")
    body = {"shipments": [old, new]}
    assert [t.status for t in parse_trackings(body, number=NUMBER)] == [Status.OUT_FOR_DELIVERY]
    assert len(parse_trackings(body)) == 2


@pytest.mark.parametrize(
    ("service", "said", "status"),
    [
        ("parcel-de", {"statusCode": "pre-transit", "status": "DELIVERED"}, Status.LABEL_CREATED),
        ("svb", {"statusCode": "delivered", "status": "RETURNED_TO_SENDER"}, Status.RETURNED),
        ("parcel-de", {"statusCode": "transit", "status": "PO"}, Status.OUT_FOR_DELIVERY),
        ("parcel-de", {"statusCode": "failure"}, Status.EXCEPTION),
        ("parcel-de", {"statusCode": "teleported"}, Status.UNKNOWN),
        ("parcel-de", {"statusCode": "unknown"}, Status.UNKNOWN),
        ("", {}, Status.UNKNOWN),
    ],
)
def test_what_a_code_means(service, said, status):
    (parcel,) = parse_trackings({"shipments": [one(service, **said)]})
    assert parcel.status is parcel.events[0].status is status


def test_without_scans_the_status_is_one():
    shipment = one(statusCode="delivered", status="ZU")
    shipment["events"] = []
    assert len(parse_trackings({"shipments": [shipment]})[0].events) == 1
    shipment["status"]["timestamp"] = None
    (parcel,) = parse_trackings({"shipments": [shipment]})
    assert (parcel.status, parcel.events) == (Status.DELIVERED, ())


def test_every_row_is_used():
    for code, (status, detail) in STATUSES.items():
        if code in GENERAL:
            continue
        service, _, said = code.partition("/")
        (parcel,) = parse_trackings({"shipments": [one(service, status=said)]})
        assert (parcel.status, parcel.detail) == (status, detail), code
    assert not STATUSES.keys() & ANNOUNCEMENTS.keys()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answer_of("dhl", "not_found"), NotFound),
        (answer_of("dhl", "throttled"), RateLimited),
        (answer_of("dhl", "wrong_credentials"), Rejected),
        (Answer(503), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b'{"shipments": []}', cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(dhl, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(AppError) as caught:
        await dhl.fetch(Query(NUMBER))
    assert type(caught.value) is error
    if error is RateLimited:
        assert caught.value.retry_after == 5


keys = st.sampled_from(
    [
        "shipments",
        "id",
        "service",
        "status",
        "statusCode",
        "timestamp",
        "events",
        "location",
        "address",
        "addressLocality",
        "countryCode",
        "details",
        "pieceIds",
        "estimatedTimeOfDelivery",
        "estimatedDeliveryTimeFrame",
        "estimatedFrom",
        "title",
        "detail",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18T10:15:00Z", "parcel-de", "ZU", "transit", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    for payload in (body, {"shipments": [body]}, {"shipments": [{"id": 1, "events": [body]}]}):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
