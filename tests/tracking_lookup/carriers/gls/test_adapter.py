import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.gls import Gls
from tracking_lookup.carriers.gls.adapter import parse_trackings
from tracking_lookup.carriers.gls.statuses import ANNOUNCEMENTS, SCANS
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "50123456789"
UNKNOWN = "50123456000"
NOT_LOOKED_UP = "50123457000"
TOKEN = "/oauth2/v2/token"
TRACK = "/track-and-trace-v1/tracking/simple/trackids/"


class GlsServer:
    """GLS as published: a token for the right credentials, answers for that token."""

    def __init__(self, replay):
        self.answer = answer_of("gls", "in_transit")
        replay.answer = self

    def __call__(self, asked):
        if asked.path == TOKEN:
            basic = "Basic " + base64.b64encode(b"id:secret").decode()
            if asked.headers["authorization"] != basic:
                return answer_of("gls", "wrong_credentials")
            assert asked.body == b"grant_type=client_credentials"
            return Answer(200, b'{"access_token": "token", "expires_in": 14400}')
        assert asked.headers["authorization"] == "Bearer token"
        return self.answer


@pytest.fixture
def server(replay):
    return GlsServer(replay)


@pytest.fixture
def gls(http, replay):
    return Gls(http, "id", "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(gls, server, replay):
    [parcel] = gls.parse(await gls.fetch(Query("50 123 456-789")), number=NUMBER)

    token, asked = replay.asked
    assert (token.method, token.path) == ("POST", TOKEN)
    assert (asked.method, asked.path) == ("GET", TRACK + NUMBER)
    assert asked.headers["accept-language"] == "EN"
    assert (parcel.carrier, parcel.number) == ("gls", NUMBER)
    # the parcel's own status, with the detail of its newest event
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED),
        (Status.UNKNOWN, Detail.FORWARDED),  # where it was: at a code we have no row for
        (Status.UNKNOWN, None),
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 13, 20, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=1)
    assert (newest.place, newest.code) == ("Praha, CZ", "INBOUD.NORMAL")
    assert newest.text == "The parcel has reached the parcel centre."
    assert not newest.local_time_only
    assert parcel.promised_from is parcel.promised_to is None


async def test_asks_for_several_in_one_call(gls, server, replay):
    server.answer = answer_of("gls", "several")
    numbers = [NUMBER, UNKNOWN, NOT_LOOKED_UP]
    payload = await gls.fetch_many([Query(number) for number in numbers])

    assert replay.asked[-1].path == TRACK + ",".join(numbers)
    assert [parcel.number for parcel in gls.parse(payload)] == [NUMBER]
    with pytest.raises(NotFound):
        gls.parse(payload, number=UNKNOWN)
    with pytest.raises(Rejected, match="E_500_01"):
        gls.parse(payload, number=NOT_LOOKED_UP)


def test_finds_a_parcel_by_the_number_of_gls_too():
    body = recorded("gls", "delivered")
    [parcel] = parse_trackings(body, number="5012345678")  # without the check digit
    assert (parcel.number, parcel.status) == ("5012345678", Status.DELIVERED)
    assert parse_trackings(body)[0].number == NUMBER


def test_reads_a_delivered_parcel():
    [parcel] = parse_trackings(recorded("gls", "delivered"), number=NUMBER)
    assert parcel.status is Status.DELIVERED
    assert parcel.events[0].at == datetime(2026, 11, 18, 11, 34, tzinfo=UTC)
    assert [e.status for e in parcel.events[:2]] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]


def test_delivered_to_a_parcel_shop_waits_for_the_shopper():
    [parcel] = parse_trackings(recorded("gls", "parcel_shop"))
    assert parcel.status is parcel.events[0].status is Status.AVAILABLE_FOR_PICKUP
    assert parcel.detail is Detail.AT_PICKUP_POINT


def test_reads_an_exception():
    [parcel] = parse_trackings(recorded("gls", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, None)
    assert parcel.events[0].status is Status.LABEL_CREATED


def one(status="INTRANSIT", code="INBOUD.NORMAL", at="2026-11-17T14:20:00+0100", **more):
    """A parcel with one event."""
    event = {"code": code, "eventDateTime": at, "city": "Praha", **more}
    return {"parcels": [{"requested": NUMBER, "status": status, "events": [event]}]}


@pytest.mark.parametrize(
    ("status", "code", "expected", "detail"),
    [
        ("FINAL", "DELIVD.NORMAL", Status.DELIVERED, None),  # how it ended, the event says
        ("FINAL", "NEWCOD.NORMAL", Status.UNKNOWN, None),
        ("SOMETHINGNEW", "OUTDEL.NORMAL", Status.OUT_FOR_DELIVERY, None),
        ("NOTDELIVERED", "OUTDEL.NORMAL", Status.DELIVERY_FAILED, None),
        ("INWAREHOUSE", "NEWCOD.NORMAL", Status.IN_TRANSIT, Detail.ARRIVED),
        ("CANCELED", "INTIAL.PREADVICE", Status.CANCELLED, None),
        ("intransit", "OUTBOD.NORMAL", Status.IN_TRANSIT, Detail.DEPARTED),
    ],
)
def test_what_a_parcel_is(status, code, expected, detail):
    [parcel] = parse_trackings(one(status, code))
    assert (parcel.status, parcel.detail) == (expected, detail)


def test_no_row_is_both_a_scan_and_an_announcement():
    assert not ANNOUNCEMENTS.keys() & SCANS.keys()


def test_a_time_without_an_offset_is_local():
    assert parse_trackings(one(at="2026-11-17T14:20:00"))[0].events[0].local_time_only


@pytest.mark.parametrize("code", ["E_404_01", "E_404_02"])
def test_no_such_number(code):
    with pytest.raises(NotFound):
        parse_trackings({"parcels": [{"requested": NUMBER, "errorCode": code}]}, number=NUMBER)


@pytest.mark.parametrize(
    "body",
    [
        recorded("gls", "malformed"),
        recorded("gls", "wrong_credentials"),
        recorded("gls", "throttled"),
        None,
        [],
        {},
        {"parcels": []},
        {"parcels": {}},
        {"parcels": [{"requested": NUMBER}]},
        {"parcels": [{"requested": NUMBER, "errorCode": "E_400_01"}]},
        {"parcels": [{"requested": "50123456000", "status": "INTRANSIT"}]},
        {"type": "about:blank", "title": "Bad Request", "status": 400},
        one(code=["INBOUD.NORMAL"]),
        one(at="0001-01-01T00:00:00+14:00"),
        one(city={"street": "1 Example Street"}),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_trackings(body, number=NUMBER)


def test_a_parcel_without_any_number_is_rejected():
    with pytest.raises(Rejected):
        parse_trackings({"parcels": [{"status": "INTRANSIT", "events": []}]})


KEYS = """parcels requested unitno status events code city country description eventDateTime
    errorCode errors type fault detail errorcode title"""
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-17T14:20:00+0100", "INTRANSIT", "E_404_01", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    for payload in (body, {"parcels": [body]}, one(body), one(code=body), one(at=body)):
        with suppress(NotFound, Rejected):
            parcels = parse_trackings(payload, number=number)
            assert parcels
            assert all(isinstance(parcel, Tracking) for parcel in parcels)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("gls", "throttled"), RateLimited),
        (Answer(500), Unavailable),
        (Answer(200, b'{"parcels": [{"errorCode": "E_500_01"}]}'), Unavailable),
        (Answer(200, b'{"parcels": []}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(403, b"{}"), Rejected),
        (Answer(401, b"{}"), Rejected),
    ],
)
async def test_each_failure_has_its_name(gls, server, answer, error):
    server.answer = answer
    with pytest.raises(error) as caught:
        await gls.fetch(Query(NUMBER))
    if error is RateLimited:
        assert caught.value.retry_after == 7
    assert "secret" not in str(caught.value)


async def test_a_quota_fault_inside_a_200_is_a_limit(gls, server):
    quota = answer_of("gls", "throttled")
    server.answer = Answer(200, quota.body)
    with pytest.raises(RateLimited):
        await gls.fetch(Query(NUMBER))


async def test_an_answer_of_another_shape_is_left_to_the_reader(gls, server):
    server.answer = Answer(200, b'{"parcels": 1}')
    payload = await gls.fetch(Query(NUMBER))
    with pytest.raises(Rejected):
        gls.parse(payload, number=NUMBER)


async def test_wrong_credentials_are_named_and_never_shown(http, replay, server):
    with pytest.raises(Rejected) as caught:
        await Gls(http, "id", "guess", url=replay.url).fetch(Query(NUMBER))
    assert str(caught.value) == "gls: client id or client secret refused"
    assert [asked.path for asked in replay.asked] == [TOKEN]
