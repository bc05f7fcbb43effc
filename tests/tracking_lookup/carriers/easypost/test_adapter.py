import base64
import json
from datetime import UTC, datetime

import pytest

from kit.errors import AppError, BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.easypost import EasyPost
from tracking_lookup.carriers.easypost.adapter import parse_trackers, signature
from tracking_lookup.carriers.easypost.statuses import DETAILS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status

SLUG = "easypost"
NUMBER = "9400111202555842332669"

# https://docs.easypost.com/docs/trackers
PUBLISHED = {
    "available_for_pickup",
    "cancelled",
    "delivered",
    "error",
    "failure",
    "in_transit",
    "out_for_delivery",
    "pre_transit",
    "return_to_sender",
    "unknown",
}
PUBLISHED_DETAILS = {
    "address_correction",
    "arrived_at_destination",
    "arrived_at_facility",
    "arrived_at_pickup_location",
    "awaiting_information",
    "cancelled",
    "damaged",
    "delayed",
    "delivery_exception",
    "departed_facility",
    "departed_origin_facility",
    "expired",
    "failure",
    "held",
    "in_transit",
    "label_created",
    "lost",
    "missorted",
    "out_for_delivery",
    "received_at_destination_facility",
    "received_at_origin_facility",
    "refused",
    "return",
    "status_update",
    "transferred_to_destination_carrier",
    "transit_exception",
    "unknown",
    "weather_delay",
}


@pytest.fixture
def easypost(http, replay):
    return EasyPost(http, "key", "secret", replay.url + "/")


def read(status, detail=None):
    body = recorded(SLUG, "created") | {"status": status, "status_detail": detail}
    (parcel,) = parse_trackers(body)
    return parcel.status, parcel.detail


@pytest.mark.parametrize(
    ("carrier", "asked"),
    [("usps", {"carrier": "USPS"}), ("dpd", {}), (None, {})],
)
async def test_one_call_registers_a_number_and_reads_it(easypost, replay, carrier, asked):
    replay.answer = lambda asked: answer_of(SLUG, "in_transit")
    raw = await easypost.fetch(Query("9400 1112 0255 5842 3326 69", carrier=carrier))
    (parcel,) = easypost.parse(raw, number=NUMBER)

    (request,) = replay.asked
    assert (request.method, request.path) == ("POST", "/v2/trackers")
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"key:").decode()
    assert json.loads(request.body) == {"tracker": {"tracking_code": NUMBER, **asked}}

    assert (parcel.carrier, parcel.number) == ("usps", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(event.status, event.detail, event.code) for event in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED, "in_transit/arrived_at_facility"),
        (Status.UNKNOWN, None, "ZZ"),
        (Status.IN_TRANSIT, None, "in_transit/beamed_up"),
        (Status.IN_TRANSIT, Detail.PICKED_UP, "in_transit/received_at_origin_facility"),
        (Status.LABEL_CREATED, None, "pre_transit/label_created"),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 19, 2, 20, tzinfo=UTC)
    assert (newest.place, newest.text) == ("CHICAGO, IL, US", "Arrived")
    assert not newest.local_time_only
    assert parcel.events[-1].place is None
    assert parcel.promised_from == datetime(2026, 11, 21, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


async def test_a_new_number_without_news_is_unknown_and_no_error(easypost, replay):
    replay.answer = lambda asked: answer_of(SLUG, "created")
    (parcel,) = easypost.parse(await easypost.fetch(Query(NUMBER)), number=NUMBER)
    assert (parcel.status, parcel.events, parcel.promised_to) == (Status.UNKNOWN, (), None)


@pytest.mark.parametrize(
    ("told", "error", "wait"),
    [
        (answer_of(SLUG, "throttled"), RateLimited, 9),
        (answer_of(SLUG, "wrong_credentials"), Rejected, None),
        (answer_of(SLUG, "not_found"), NotFound, None),
        (Answer(422, b'{"error": {"code": "TRACKER.CREATE.ERROR"}}'), Rejected, None),
        (Answer(402, b"{}"), Rejected, None),
        (Answer(503), Unavailable, None),
        (Answer(200, b"<html>"), Rejected, None),
        (Answer(200, b"[]"), Rejected, None),
    ],
)
async def test_each_failure_has_its_name(easypost, replay, told, error, wait):
    replay.answer = lambda asked: told
    with pytest.raises(AppError) as raised:
        easypost.parse(await easypost.fetch(Query(NUMBER)), number=NUMBER)
    assert type(raised.value) is error
    assert getattr(raised.value, "retry_after", None) == wait
    assert NUMBER not in raised.value.message


def test_each_published_code_has_a_row():
    assert set(STATUSES) == PUBLISHED
    assert set(DETAILS) == PUBLISHED_DETAILS


@pytest.mark.parametrize("status", sorted(PUBLISHED))
def test_each_status_is_read_as_its_row(status):
    assert read(status) == read(status, "status_update") == STATUSES[status]


@pytest.mark.parametrize("detail", sorted(PUBLISHED_DETAILS - {"unknown", "status_update"}))
def test_each_detail_is_read_as_its_row_where_it_belongs(detail):
    homes = {
        Status.LABEL_CREATED: "pre_transit",
        Status.IN_TRANSIT: "in_transit",
        Status.EXCEPTION: "failure",
    }
    assert read(homes.get(DETAILS[detail][0], "in_transit"), detail) == DETAILS[detail]


@pytest.mark.parametrize(
    ("status", "detail", "said"),
    [
        ("in_transit", "damaged", (Status.EXCEPTION, Detail.DAMAGED)),
        ("in_transit", "return", (Status.RETURNING, None)),
        ("failure", "expired", (Status.EXPIRED, None)),
        # a status that says where the parcel is, is not overruled
        ("delivered", "arrived_at_destination", (Status.DELIVERED, None)),
        ("delivered", "in_transit", (Status.DELIVERED, None)),
        ("delivered", "damaged", (Status.DELIVERED, Detail.DAMAGED)),
        ("return_to_sender", "refused", (Status.RETURNING, Detail.REFUSED)),
        ("failure", "arrived_at_facility", (Status.EXCEPTION, None)),
        ("in_transit", "label_created", (Status.IN_TRANSIT, None)),
        ("pre_transit", "in_transit", (Status.LABEL_CREATED, None)),
        # nothing is guessed
        ("beamed", "in_transit", (Status.UNKNOWN, None)),
        ("unknown", "in_transit", (Status.UNKNOWN, None)),
        ("in_transit", "beamed_up", (Status.IN_TRANSIT, None)),
    ],
)
def test_a_detail_narrows_and_explains_but_never_overrules(status, detail, said):
    assert read(status, detail) == said


def test_reads_an_exception_of_a_carrier_that_is_none_of_ours():
    (parcel,) = parse_trackers(recorded(SLUG, "exception"))
    assert (parcel.carrier, parcel.status, parcel.detail) == (
        "OnTrac",
        Status.EXCEPTION,
        Detail.DAMAGED,
    )


def test_of_two_scans_of_one_moment_the_one_written_later_is_the_newer():
    body = recorded(SLUG, "delivered")
    first, second = body["tracking_details"]
    second["datetime"] = first["datetime"]
    (parcel,) = parse_trackers(body)
    assert [event.status for event in parcel.events] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]


@pytest.mark.parametrize("code", ["NOT_FOUND", "TRACKER.NOT_FOUND"])
def test_an_error_in_a_kept_answer_has_its_name(code):
    with pytest.raises(NotFound):
        parse_trackers({"error": {"code": code, "message": "no"}})
    with pytest.raises(Rejected):
        parse_trackers({"error": {"code": "APIKEY.INACTIVE", "message": "no"}})


def test_the_parcel_asked_for_is_given_and_no_other():
    body = {"trackers": [recorded(SLUG, "delivered"), recorded(SLUG, "in_transit")]}
    assert [parcel.carrier for parcel in parse_trackers(body)] == ["ups", "usps"]
    assert parse_trackers(body, number=NUMBER)[0].number == NUMBER
    with pytest.raises(Rejected):
        parse_trackers(body, number="00340434292135100186")


def test_the_signature_is_hmac_sha256_with_the_normalised_secret():
    # Source: RFC 4231, test case 2.
    expected = "hmac-sha256-hex=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == expected
    assert signature("Jeﬀe", b"") == signature("Jeffe", b"")


@pytest.mark.parametrize("wrong", ["byte", "missing", "key"])
async def test_a_webhook_of_anybody_else_is_refused(easypost, wrong):
    body = json.dumps(recorded(SLUG, "webhook")).encode()
    headers = {"x-hmac-signature": signature("secret", body)}
    easypost.verify(headers, body)
    if wrong == "key":
        headers = {"x-hmac-signature": signature("other", body)}
    with pytest.raises(BadWebhook):
        easypost.verify(
            {} if wrong == "missing" else headers,
            body.replace(b"CHICAGO", b"CHICAGA") if wrong == "byte" else body,
        )


async def test_a_webhook_brings_the_whole_tracker_or_nothing(easypost):
    body = recorded(SLUG, "webhook")
    told = easypost.parse_push(json.dumps(body).encode())
    assert told == parse_trackers(recorded(SLUG, "in_transit"))
    other = {"object": "Event", "description": "batch.updated", "result": {"object": "Batch"}}
    assert easypost.parse_push(json.dumps(other).encode()) == []
    with pytest.raises(Rejected):
        easypost.parse_push(json.dumps(recorded(SLUG, "throttled")).encode())
