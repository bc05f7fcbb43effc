from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.dpd import Dpd
from tracking_lookup.carriers.dpd.adapter import parse_trackings
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "01505000000001"


@pytest.fixture
def dpd(http, replay):
    return Dpd(http, "partner", "secret1", "user", "secret2", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(dpd, replay):
    replay.answer = lambda asked: answer_of("dpd", "in_transit")
    query = Query("0150 5000 0000 01", postcode="12345")
    [parcel] = dpd.parse(await dpd.fetch(query), number=NUMBER)

    [asked] = replay.asked
    # "null" in the postcode's place, so that DPD leaves the recipient out
    assert (asked.method, asked.path) == ("GET", f"/api/v1/getOrderStatus/{NUMBER}/null")
    assert asked.headers["version"] == "100"
    assert asked.headers["language"] == "en_EN"
    assert asked.headers["partnercredentials-name"] == "partner"
    assert asked.headers["partnercredentials-token"] == "secret1"
    assert asked.headers["usercredentials-clouduserid"] == "user"
    assert asked.headers["usercredentials-token"] == "secret2"
    assert (parcel.carrier, parcel.number) == ("dpd", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, None)
    # the last step and the same one of the five are one; what is still to come is none
    assert [(e.status, e.code) for e in parcel.events] == [
        (Status.IN_TRANSIT, "ON_THE_ROAD"),
        (Status.LABEL_CREATED, "SHIPMENT"),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 16, 21, 15, tzinfo=UTC)
    assert newest.local_time_only
    assert (newest.place, newest.text) == ("Aschaffenburg, DE", "In transit")
    assert parcel.promised_from == datetime(2026, 11, 19, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC)


def test_reads_a_delivered_parcel_without_anybodys_name():
    [parcel] = parse_trackings(recorded("dpd", "delivered"), number=NUMBER)
    assert [event.status for event in parcel.events] == [
        Status.DELIVERED,
        Status.OUT_FOR_DELIVERY,
        Status.IN_TRANSIT,
        Status.IN_TRANSIT,
        Status.LABEL_CREATED,
    ]
    assert parcel.status is Status.DELIVERED
    assert parcel.promised_to is None  # the day is in the answer still
    assert "Jane" not in repr(parcel)
    assert "Example" not in repr(parcel)


def test_reads_an_exception():
    [parcel] = parse_trackings(recorded("dpd", "exception"))
    assert parcel.status is parcel.events[0].status is Status.EXCEPTION
    assert parcel.events[1].status is Status.OUT_FOR_DELIVERY


def one(code="ON_THE_ROAD", date="16.11.2026, 21:15", estimate="", **more):
    """A parcel of which only the last step is told."""
    last = {"StatusReached": True, "StatusID": code, "Headline": "…", "StatusDate": date}
    information = {"EstimatedDeliveryTime": estimate}
    order = {"ParcelNo": NUMBER, "OrderInformation": information, "LastStatusInfo": last, **more}
    return {"Ack": True, "OrderStatus": order}


@pytest.mark.parametrize(
    ("code", "status", "detail"),
    [
        ("AT_PARCELSHOP", Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
        ("PICKED_UP", Status.DELIVERED, None),  # by the shopper
        ("pickup_driver", Status.IN_TRANSIT, Detail.PICKED_UP),  # by DPD
        ("RETURN_TO_SENDER", Status.RETURNING, None),
        ("delivery_nab", Status.UNKNOWN, None),
        ("SOMETHING_NEW", Status.UNKNOWN, None),
        (None, Status.UNKNOWN, None),
    ],
)
def test_what_a_step_means(code, status, detail):
    [parcel] = parse_trackings(one(code))
    assert (parcel.status, parcel.detail) == (status, detail)
    assert parcel.events[0].code == (code or "").upper()


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("16.11.2026, 21:15", True),
        ("2026-11-16T21:15:00", True),
        ("2026-11-16T22:15:00+01:00", False),
    ],
)
def test_when_a_step_was(written, local):
    event = parse_trackings(one(date=written))[0].events[0]
    assert (event.at, event.local_time_only) == (datetime(2026, 11, 16, 21, 15, tzinfo=UTC), local)


def test_a_step_without_a_date_is_no_event():
    [parcel] = parse_trackings(one(date=""))
    assert (parcel.status, parcel.events) == (Status.IN_TRANSIT, ())


def test_a_step_that_is_planned_is_no_event():
    step = {"StatusID": "DELIVERED", "StatusDate": "17.11.2026, 12:00", "StatusReached": False}
    [parcel] = parse_trackings(one(StatusInfoContainer={"Delivered": step}))
    assert [event.code for event in parcel.events] == ["ON_THE_ROAD"]
    step["StatusReached"] = True
    [parcel] = parse_trackings(one(StatusInfoContainer={"Delivered": step}))
    assert [event.code for event in parcel.events] == ["DELIVERED", "ON_THE_ROAD"]


@pytest.mark.parametrize(
    ("estimate", "day"),
    [
        ("2026-11-19T10:00:00", 19),
        ("Thursday 19.11.2026, 10:00 - 11:00", 19),
        ("tomorrow", None),
        ("99.99.2026", None),
        ("", None),
    ],
)
def test_what_is_promised(estimate, day):
    [parcel] = parse_trackings(one(estimate=estimate))
    assert parcel.promised_from == (datetime(2026, 11, day, tzinfo=UTC) if day else None)
    assert (parcel.promised_to is None) == (day is None)


@pytest.mark.parametrize(
    "body",
    [
        recorded("dpd", "not_found"),
        one("NO_TRACKINGDATA"),
        one(LastStatusInfo=None),
        {"Ack": True, "OrderStatus": None},
        {"Ack": True},
    ],
)
def test_no_such_number(body):
    with pytest.raises(NotFound):
        parse_trackings(body, number=NUMBER)


@pytest.mark.parametrize(
    "body",
    [
        recorded("dpd", "malformed"),
        recorded("dpd", "wrong_credentials"),
        recorded("dpd", "throttled"),
        None,
        [],
        {},
        {"Ack": "yes"},
        {"Ack": False, "ErrorDataList": [{"ErrorID": 2000}]},
        {"Ack": True, "OrderStatus": [1]},
        one(ParcelNo="01505000000002"),
        one(ParcelNo=""),
        one(code=["ON_THE_ROAD"]),
        one(date="0001-01-01T00:00:00+14:00"),
        one(StatusInfoContainer=[1]),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_trackings(body, number=NUMBER)


KEYS = """Ack OrderStatus ParcelNo OrderInformation EstimatedDeliveryTime LastStatusInfo StatusID
    StatusReached StatusDate Headline DepotData Address City Country StatusInfoContainer Start
    Delivered ErrorDataList ErrorCode ErrorID"""
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["16.11.2026, 21:15", "2026-11-16", "DELIVERED", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    shapes = [body, {"Ack": True, "OrderStatus": body}, one(body), one(date=body)]
    shapes += [one(estimate=body), one(StatusInfoContainer={"Start": body, "Delivered": body})]
    for payload in shapes:
        with suppress(NotFound, Rejected):
            parcels = parse_trackings(payload, number=number)
            assert parcels
            assert all(isinstance(parcel, Tracking) for parcel in parcels)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("dpd", "throttled"), RateLimited),
        (Answer(429, headers={"Retry-After": "7"}), RateLimited),
        (Answer(500), Unavailable),
        (Answer(200, b'{"Ack": true}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(403, b"{}"), Rejected),
    ],
)
async def test_each_failure_has_its_name(dpd, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(error) as caught:
        await dpd.fetch(Query(NUMBER))
    if error is RateLimited:  # inside a 200 DPD says no time
        assert caught.value.retry_after == (600 if answer.status == 200 else 7)
    assert "secret" not in str(caught.value)


async def test_wrong_credentials_are_named_and_never_shown(dpd, replay):
    replay.answer = lambda asked: answer_of("dpd", "wrong_credentials")
    payload = await dpd.fetch(Query(NUMBER))
    with pytest.raises(Rejected) as caught:
        dpd.parse(payload, number=NUMBER)
    assert str(caught.value) == "dpd: error CLOUD_API_PARTNERCREDENTIALS"


async def test_an_answer_of_another_shape_is_left_to_the_reader(dpd, replay):
    replay.answer = lambda asked: Answer(200, b'{"ErrorDataList": 1}')
    payload = await dpd.fetch(Query(NUMBER))
    with pytest.raises(Rejected):
        dpd.parse(payload, number=NUMBER)
