import asyncio
import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.ups import Ups
from tracking_lookup.carriers.ups.adapter import parse_trackings
from tracking_lookup.carriers.ups.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking
from tracking_lookup.oauth import ClientCredentials

NUMBER = "1Z999AA10123456784"
TOKEN = "/security/v1/oauth/token"
DETAILS = f"/api/track/v1/details/{NUMBER}?locale=en_US"


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def parse_tracking(payload, **more):
    """The first parcel of an answer."""
    return parse_trackings(payload, **more)[0]


class UpsServer:
    """UPS as published: tokens for the right credentials, answers for valid tokens."""

    def __init__(self, replay, details="in_transit"):
        self.details = details if isinstance(details, Answer) else answer_of("ups", details)
        self.valid = set()
        self.issued = 0
        self.lifetime = "14399"
        self.replay = replay
        replay.answer = self

    def __call__(self, asked):
        if asked.path == TOKEN:
            return self.token(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return Answer(401, b'{"response": {"errors": [{"code": "250002"}]}}')
        if not asked.headers.get("transid") or not asked.headers.get("transactionsrc"):
            return Answer(400, b'{"response": {"errors": [{"code": "10001"}]}}')
        return self.details

    def token(self, asked):
        assert asked.body == b"grant_type=client_credentials"
        if asked.headers["authorization"] != basic("id", "secret"):
            return answer_of("ups", "wrong_credentials")
        self.issued += 1
        token = f"token-{self.issued}"
        self.valid.add(token)
        body = {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"}
        return Answer(200, json.dumps(body).encode(), delay=0.05)

    def paths(self):
        return [asked.path for asked in self.replay.asked]


@pytest.fixture
def server(replay):
    return UpsServer(replay)


@pytest.fixture
def ups(http, replay):
    return Ups(http, "id", "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(ups, server):
    [parcel] = ups.parse(await ups.fetch(Query(NUMBER)), number=NUMBER)

    assert server.paths() == [TOKEN, DETAILS]
    assert (parcel.carrier, parcel.number, parcel.status) == ("ups", NUMBER, Status.IN_TRANSIT)
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED),
        (Status.EXCEPTION, None),  # a code we have no row for: only what its type says
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 21, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=-6)
    assert (newest.place, newest.code, newest.text) == (
        "Hodgkins, IL, US",
        "AR",
        "Arrived at Facility",
    )
    assert not newest.local_time_only
    assert parcel.events[-1].place == "US"
    # rescheduled beats scheduled; the hours are those of the latest scan's zone
    assert parcel.promised_from == datetime(2026, 11, 19, 16, 15, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 20, 15, tzinfo=UTC)


async def test_each_request_is_told_apart_and_says_who_asks(ups, server, replay):
    await ups.fetch(Query(NUMBER))
    await ups.fetch(Query("1z 999 aa1 01 2345 6784"))
    first, second = (asked for asked in replay.asked if asked.path != TOKEN)
    assert first.path == second.path == DETAILS
    assert first.headers["transactionsrc"] == "wismo"
    assert first.headers["transid"] != second.headers["transid"]


def test_reads_a_delivered_parcel():
    parcel = parse_tracking(recorded("ups", "delivered"), number=NUMBER)
    assert parcel.status is Status.DELIVERED
    assert parcel.events[0].at == datetime(2026, 11, 18, 20, 2, 10, tzinfo=UTC)
    assert [e.status for e in parcel.events[:2]] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]
    assert parcel.promised_to is None  # the day of the delivery is not a promise


def test_reads_an_exception_and_a_promised_day():
    parcel = parse_tracking(recorded("ups", "exception"))
    assert (parcel.number, parcel.status, parcel.detail) == (
        NUMBER,
        Status.EXCEPTION,
        Detail.ADDRESS_PROBLEM,
    )
    assert parcel.promised_from == datetime(2026, 11, 19, 6, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 20, 5, 59, 59, tzinfo=UTC)


def test_of_several_packages_the_one_asked_for_counts():
    body = recorded("ups", "several_packages")
    assert parse_tracking(body).status is Status.DELIVERED
    assert parse_tracking(body, number=NUMBER).status is Status.DELIVERED
    other = parse_tracking(body, number="1z999aa10123456793")
    assert (other.number, other.status) == ("1Z999AA10123456793", Status.OUT_FOR_DELIVERY)
    with pytest.raises(Rejected):
        parse_tracking(body, number="1Z999AA10123456700")


@pytest.mark.parametrize("code", ["TW0001", "TV1002"])
def test_no_such_number(code):
    with pytest.raises(NotFound):
        parse_tracking(recorded("ups", "not_found"), number=NUMBER)
    with pytest.raises(NotFound):
        parse_tracking({"response": {"errors": [{"code": code, "message": "no"}]}})


def one(status=None, current=None, **activity):
    """A package with one scan."""
    scan = {"date": "20261118", "time": "101500", **activity, "status": status or {}}
    package = {"trackingNumber": NUMBER, "activity": [scan]}
    if current:
        package["currentStatus"] = current
    return {"trackResponse": {"shipment": [{"inquiryNumber": NUMBER, "package": [package]}]}}


@pytest.mark.parametrize(
    ("said", "status", "detail"),
    [
        # narrower than the scan: returning stays returning
        ({"code": "DP", "statusCode": "036", "type": "I"}, Status.RETURNING, None),
        ({"code": "AR", "statusCode": "046", "type": "X"}, Status.IN_TRANSIT, Detail.DELAYED),
        ({"code": "SR", "statusCode": "003"}, Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
        # "delivered" to an Access Point waits for the shopper
        ({"type": "D", "statusCode": "040"}, Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
        # an older answer without statusCode
        ({"code": "KB", "type": "D"}, Status.DELIVERED, Detail.SIGNED),
        # type alone: "D" is also given to parcels on the vehicle
        ({"type": "D"}, Status.UNKNOWN, None),
        ({"code": "ZZ", "statusCode": "999", "type": "D"}, Status.UNKNOWN, None),
        ({"type": "M"}, Status.LABEL_CREATED, None),
        ({"type": "U", "statusCode": "999"}, Status.UNKNOWN, None),
        ({"statusCode": "999"}, Status.UNKNOWN, None),
        ({}, Status.UNKNOWN, None),
        # still on its way to UPS
        ({"statusCode": "044"}, Status.LABEL_CREATED, None),
        ({"statusCode": "058"}, Status.EXCEPTION, Detail.CUSTOMS_ACTION_REQUIRED),
        ({"statusCode": "068"}, Status.EXCEPTION, Detail.LOST),
    ],
)
def test_what_a_scan_means(said, status, detail):
    parcel = parse_tracking(one(said))
    assert (parcel.status, parcel.detail) == (status, detail)


def test_the_summary_beats_the_newest_scan_and_borrows_its_detail():
    moving = {"code": "AR", "statusCode": "005", "type": "I"}
    parcel = parse_tracking(one(moving, current={"code": "040", "description": "waits"}))
    assert parcel.status is Status.AVAILABLE_FOR_PICKUP
    parcel = parse_tracking(one(moving, current={"code": "005", "description": "On the Way"}))
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    parcel = parse_tracking(one(moving, current={"code": "999"}))
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)


def test_an_announcement_leaves_the_parcel_where_it_was():
    body = recorded("ups", "in_transit")
    package = body["trackResponse"]["shipment"][0]["package"][0]
    for code, detail in ANNOUNCEMENTS.items():
        package["currentStatus"] = {"code": code}
        parcel = parse_tracking(body)
        assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, detail or Detail.ARRIVED)
    assert not ANNOUNCEMENTS.keys() & STATUSES.keys()


@pytest.mark.parametrize(
    ("given", "at", "local_only"),
    [
        ({"gmtDate": "20261118", "gmtTime": "16:15:00", "gmtOffset": "-06:00"}, 16.25, False),
        ({"gmtDate": "20261118", "gmtTime": "74500"}, 7.75, False),
        ({"gmtDate": "20261118", "gmtTime": "14500"}, 1.75, False),  # 01:45:00, not 14:50:00
        ({"gmtOffset": "+05:30"}, 4.75, False),
        ({"gmtDate": "", "gmtTime": None}, 10.25, True),
        ({"time": ""}, 0, True),
    ],
)
def test_when_a_scan_was(given, at, local_only):
    event = parse_tracking(one({"type": "I"}, **given)).events[0]
    assert event.at == datetime(2026, 11, 18, tzinfo=UTC) + timedelta(hours=at)
    assert event.local_time_only is local_only


@pytest.mark.parametrize(
    "body",
    [
        recorded("ups", "malformed"),
        recorded("ups", "wrong_credentials"),
        None,
        [],
        {},
        {"trackResponse": {"shipment": []}},
        {"trackResponse": {"shipment": [{"package": []}]}},
        {"response": {"errors": [{"code": "250003"}]}},
        one({"type": ["I"]}),
        one({"type": "I"}, date="00010101", gmtOffset="-23:00", gmtDate="00010101", gmtTime="0"),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_tracking(body, number=NUMBER)


KEYS = """trackResponse shipment package activity status currentStatus code statusCode type date
    time gmtDate gmtTime gmtOffset deliveryDate deliveryTime response errors warnings location
    address city trackingNumber inquiryNumber alternateTrackingNumber number"""
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["20261118", "101500", "-06:00", "SDD", "EDW", "005", "TW0001", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    with_shape = {"trackResponse": {"shipment": [{"package": [body], "inquiryNumber": NUMBER}]}}
    for payload in (body, with_shape, one(body), one(current=body)):
        with suppress(NotFound, Rejected):
            assert isinstance(parse_tracking(payload, number=number), Tracking)


@pytest.mark.parametrize(
    ("details", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("ups", "throttled"), RateLimited),
        (Answer(500), Unavailable),
        (Answer(200, b'{"trackResponse": {}}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(200, b'{"\xff": 1}'), Rejected),
        (Answer(403, b"{}"), Rejected),
    ],
)
async def test_each_failure_has_its_name(ups, server, details, error):
    server.details = details
    with pytest.raises(error) as caught:
        await ups.fetch(Query(NUMBER))
    if error is RateLimited:
        assert caught.value.retry_after == 7
    assert "secret" not in str(caught.value)


async def test_one_token_serves_all_who_wait(ups, server):
    await asyncio.gather(*(ups.fetch(Query(NUMBER)) for _ in range(10)))
    assert server.issued == 1
    assert server.paths().count(DETAILS) == 10


async def test_a_token_ended_early_is_renewed_once(ups, server):
    await ups.fetch(Query(NUMBER))
    server.valid.clear()
    await asyncio.gather(*(ups.fetch(Query(NUMBER)) for _ in range(5)))
    assert server.issued == 2


async def test_a_second_refusal_is_final(ups, server, replay):
    real = server.token
    server.token = lambda asked: (real(asked), server.valid.clear())[0]
    with pytest.raises(Rejected):
        await ups.fetch(Query(NUMBER))
    assert server.paths() == [TOKEN, DETAILS, TOKEN, DETAILS]


async def test_wrong_credentials_are_named_and_never_shown(http, replay, server):
    with pytest.raises(Rejected) as caught:
        await Ups(http, "id", "guess", url=replay.url).fetch(Query(NUMBER))
    assert str(caught.value) == "ups: client id or client secret refused"
    assert server.paths() == [TOKEN]


async def test_a_token_is_renewed_shortly_before_it_ends(http, replay, server):
    moment = datetime(2026, 11, 18, tzinfo=UTC)
    auth = ClientCredentials(http, "ups", replay.url + TOKEN, "id", "secret", clock=lambda: moment)
    server.lifetime = "600"
    for later, issued in [(0, 1), (539, 1), (540, 2), (1079, 2)]:
        moment = datetime(2026, 11, 18, tzinfo=UTC) + timedelta(seconds=later)
        headers = {"transId": "1", "transactionSrc": "test"}
        answer = await http.get(replay.url + DETAILS, auth=auth, headers=headers)
        assert (answer.status_code, server.issued) == (200, issued)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(200, b"{}"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(200, b'{"access_token": "t", "expires_in": "soon"}'), Rejected),
        (Answer(200, b'{"access_token": "t", "expires_in": 1e400}'), Rejected),
        (Answer(200, b'{"access_token": "t\\n", "expires_in": 60}'), Rejected),
        (Answer(404), Rejected),
        (Answer(429, headers={"Retry-After": "9"}), RateLimited),
        (Answer(503), Unavailable),
    ],
)
async def test_a_token_endpoint_that_fails(ups, server, answer, error):
    server.token = lambda asked: answer
    with pytest.raises(AppError) as caught:
        await ups.fetch(Query(NUMBER))
    assert type(caught.value) is error


READER = Ups(None, "", "")


def alert(code, description, kind="I", **more):
    body = recorded("ups", "webhook")
    body["activityStatus"] = {"type": kind, "code": code, "descriptionCode": description}
    return json.dumps({**body, **more}).encode()


def test_an_alert_is_read_as_the_answer_it_announces():
    [parcel] = READER.parse_push(alert("OT", "021"))
    [event] = parcel.events
    assert (parcel.number, parcel.status) == (NUMBER, Status.OUT_FOR_DELIVERY)
    assert event.at == datetime(2026, 11, 19, 12, 42, 10, tzinfo=UTC)
    assert (event.place, event.local_time_only) == ("Dayton, OH, US", False)
    assert parcel.promised_from == datetime(2026, 11, 19, 15, 15, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 19, 19, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "description", "status"),
    [
        ("FS", "011", Status.DELIVERED),
        ("FS", 11, Status.DELIVERED),  # a number: its zeros are lost, "code" must do
        ("ZZ", "999", Status.UNKNOWN),
    ],
)
def test_what_an_alert_means(code, description, status):
    assert READER.parse_push(alert(code, description, "D"))[0].status is status


def test_an_alert_that_announces_something_moves_nothing():
    [parcel] = READER.parse_push(alert("RE", "154", "U", scheduledDeliveryDate="20261120"))
    assert parcel.events == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"activityStatus": {}}', b"\xff", b"null"])
def test_what_is_no_alert_is_rejected(body):
    with pytest.raises(Rejected):
        READER.parse_push(body)
