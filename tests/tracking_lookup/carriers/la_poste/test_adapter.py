import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.la_poste import LaPoste
from tracking_lookup.carriers.la_poste.adapter import parse_trackings
from tracking_lookup.carriers.la_poste.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "6A00000000017"
UNKNOWN = "6A00000000024"
NOT_LOOKED_UP = "6A00000000031"


@pytest.fixture
def la_poste(http, replay):
    return LaPoste(http, "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(la_poste, replay):
    replay.answer = lambda asked: answer_of("la_poste", "in_transit")
    [parcel] = la_poste.parse(await la_poste.fetch(Query("6a 000-00000017")), number=NUMBER)

    [asked] = replay.asked
    assert (asked.method, asked.path) == ("GET", f"/suivi/v2/idships/{NUMBER}?lang=en_GB")
    assert asked.headers["x-okapi-key"] == "secret"
    assert (parcel.carrier, parcel.number) == ("la_poste", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, None)
    assert [(e.status, e.detail, e.code) for e in parcel.events] == [
        (Status.IN_TRANSIT, None, "ET1"),
        (Status.UNKNOWN, None, "ZZ9"),
        (Status.IN_TRANSIT, Detail.PICKED_UP, "PC1"),
        (Status.LABEL_CREATED, None, "DR1"),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 3, 40, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=1)
    assert newest.text == "The parcel is being carried."
    assert newest.place is None
    assert not newest.local_time_only
    # La Poste writes noon, and means the day
    assert parcel.promised_from == datetime(2026, 11, 18, 23, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC)


async def test_asks_for_several_in_one_call(la_poste, replay):
    whole = recorded("la_poste", "several")
    replay.answer = lambda asked: Answer(207, json.dumps(whole["responses"]).encode())
    numbers = [NUMBER, UNKNOWN, NOT_LOOKED_UP]
    payload = await la_poste.fetch_many([Query(number) for number in numbers])

    assert [asked.path for asked in replay.asked] == [
        f"/suivi/v2/idships/{','.join(numbers)}?lang=en_GB"
    ]
    assert payload == whole
    assert [parcel.number for parcel in la_poste.parse(payload)] == [NUMBER]
    with pytest.raises(NotFound):
        la_poste.parse(payload, number=UNKNOWN)
    with pytest.raises(Rejected):
        la_poste.parse(payload, number=NOT_LOOKED_UP)


def test_reads_a_delivered_parcel():
    [parcel] = parse_trackings(recorded("la_poste", "delivered"), number=NUMBER)
    assert parcel.status is Status.DELIVERED
    assert parcel.events[0].at == datetime(2026, 11, 18, 10, 42, tzinfo=UTC)
    assert [e.status for e in parcel.events[:2]] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]
    assert parcel.promised_to is None  # the estimated day is in the answer still


def test_reads_an_exception():
    [parcel] = parse_trackings(recorded("la_poste", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.CUSTOMS_PROCESSING)
    assert parcel.promised_to is None


def one(code="ET1", date="2026-11-17T04:40:00+01:00", **more):
    """A parcel with one event."""
    event = [{"code": code, "label": "…", "date": date}]
    return {"returnCode": 200, "shipment": {"idShip": NUMBER, "event": event, **more}}


@pytest.mark.parametrize(
    ("code", "status", "detail"),
    [
        ("DI2", Status.RETURNED, None),  # "delivered", to the sender
        ("PB2", Status.IN_TRANSIT, None),  # a problem that is over
        ("AG1", Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
        ("di1", Status.DELIVERED, None),
        ("XX1", Status.UNKNOWN, None),
        (None, Status.UNKNOWN, None),
    ],
)
def test_what_an_event_means(code, status, detail):
    [parcel] = parse_trackings(one(code))
    assert (parcel.status, parcel.detail) == (status, detail)


def test_an_announcement_leaves_the_parcel_where_it_was():
    body = recorded("la_poste", "delivered")
    told = {"code": "ID0", "label": "…", "date": "2026-11-18T12:00:00+01:00"}
    body["shipment"]["event"].insert(0, told)
    [parcel] = parse_trackings(body)
    assert (parcel.status, parcel.detail) == (Status.DELIVERED, Detail.CUSTOMS_PROCESSING)
    assert not ANNOUNCEMENTS.keys() & STATUSES.keys()


def test_a_time_without_an_offset_is_local():
    [parcel] = parse_trackings(one(date="2026-11-17T04:40:00"))
    assert parcel.events[0].local_time_only


@pytest.mark.parametrize("code", [400, 404, "404"])
def test_no_such_number(code):
    for payload in ({"returnCode": code, "idShip": NUMBER}, {"returnCode": code}):
        with pytest.raises(NotFound):
            parse_trackings(payload, number=NUMBER)
        with pytest.raises(NotFound):
            parse_trackings(payload)


@pytest.mark.parametrize(
    "body",
    [
        recorded("la_poste", "malformed"),
        recorded("la_poste", "wrong_credentials"),
        recorded("la_poste", "throttled"),
        None,
        [],
        {},
        {"returnCode": 200, "shipment": {}},
        {"returnCode": 200, "shipment": []},
        {"returnCode": 500},
        {"responses": {}},
        one(code=["ET1"]),
        one(date="0001-01-01T00:00:00+14:00"),
        one(idShip=None),
        one(idShip="6A00000000099"),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_trackings(body, number=NUMBER)


def test_a_promise_that_cannot_be_read_is_none():
    assert parse_trackings(one(estimDate="soon"))[0].promised_to is None


KEYS = "responses returnCode code shipment idShip event label date isFinal estimDate"
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18T10:00:00+01:00", "ET1", 200, 404, NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    for payload in (body, {"responses": [body]}, {"shipment": body}, one(body), one(date=body)):
        with suppress(NotFound, Rejected):
            parcels = parse_trackings(payload, number=number)
            assert parcels
            assert all(isinstance(parcel, Tracking) for parcel in parcels)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("la_poste", "throttled"), RateLimited),
        (answer_of("la_poste", "wrong_credentials"), Rejected),
        (Answer(500), Unavailable),
        (Answer(200, b'{"returnCode": 504, "idShip": "1"}'), Unavailable),
        (Answer(207, b'[{"returnCode": 500}, {"returnCode": 504}]'), Unavailable),
        (Answer(200, b'{"returnCode": 200}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"1"), Rejected),
        (Answer(400, b'{"returnCode": 400}'), NotFound),
    ],
)
async def test_each_failure_has_its_name(la_poste, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(error) as caught:
        la_poste.parse(await la_poste.fetch(Query(NUMBER)), number=NUMBER)
    if error is RateLimited:
        assert caught.value.retry_after == 7
    assert "secret" not in str(caught.value)


async def test_an_answer_of_another_shape_is_left_to_the_reader(la_poste, replay):
    replay.answer = lambda asked: Answer(200, b'{"responses": 1}')
    payload = await la_poste.fetch(Query(NUMBER))
    with pytest.raises(Rejected):
        la_poste.parse(payload, number=NUMBER)
