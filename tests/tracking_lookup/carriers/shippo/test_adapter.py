import json
from datetime import UTC, datetime

import pytest

from kit.errors import AppError, BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.shippo import Shippo
from tracking_lookup.carriers.shippo.adapter import parse_tracks, signature
from tracking_lookup.carriers.shippo.statuses import STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status

SLUG = "shippo"
NUMBER = "9205590164917312751089"

# https://docs.goshippo.com/docs/tracking/tracking/ (event definitions)
PUBLISHED = {
    "PRE_TRANSIT": ["information_received"],
    "TRANSIT": [
        "address_issue",
        "contact_carrier",
        "delayed",
        "delivery_attempted",
        "delivery_rescheduled",
        "delivery_scheduled",
        "location_inaccessible",
        "notice_left",
        "out_for_delivery",
        "package_accepted",
        "package_arrived",
        "package_damaged",
        "package_departed",
        "package_forwarded",
        "package_held",
        "package_processed",
        "package_processing",
        "pickup_available",
        "reschedule_delivery",
    ],
    "DELIVERED": ["delivered"],
    "RETURNED": ["return_to_sender", "package_unclaimed"],
    "FAILURE": ["package_undeliverable", "package_disposed", "package_lost"],
    "UNKNOWN": ["other"],
}
PAIRS = [(status, code) for status, codes in PUBLISHED.items() for code in codes]


@pytest.fixture
def shippo(http, replay):
    return Shippo(http, "key", "secret", replay.url + "/")


def read(status, substatus=None):
    body = recorded(SLUG, "delivered")
    said = {"status": status, "substatus": substatus and {"code": substatus}}
    body["tracking_status"] = body["tracking_history"][-1] | said
    body["tracking_history"] = [body["tracking_status"]]
    (parcel,) = parse_tracks(body)
    assert (parcel.events[0].status, parcel.events[0].detail) == (parcel.status, parcel.detail)
    return parcel.status, parcel.detail


@pytest.mark.parametrize(
    ("carrier", "token"),
    [("usps", "usps"), ("evri", "hermes_uk"), ("la_poste", "colissimo"), ("dpd_uk", "dpd_uk")],
)
async def test_asks_with_shippos_own_name_for_the_carrier(shippo, replay, carrier, token):
    replay.answer = lambda asked: answer_of(SLUG, "in_transit")
    raw = await shippo.fetch(Query("9205 5901 6491 7312 7510 89", carrier=carrier))
    (parcel,) = shippo.parse(raw, number=NUMBER)
    (request,) = replay.asked
    assert (request.method, request.path) == ("GET", f"/tracks/{token}/{NUMBER}")
    assert request.headers["authorization"] == "ShippoToken key"
    assert request.headers["shippo-api-version"] == "2018-02-08"
    assert (parcel.carrier, parcel.number) == ("usps", NUMBER)


def test_reads_a_parcel_in_transit():
    (parcel,) = parse_tracks(recorded(SLUG, "in_transit"), number=NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.DEPARTED)
    assert [(event.status, event.detail, event.code) for event in parcel.events] == [
        (Status.IN_TRANSIT, Detail.DEPARTED, "TRANSIT/package_departed"),
        (Status.UNKNOWN, None, "LIMBO"),
        (Status.IN_TRANSIT, None, "TRANSIT/package_levitated"),
        (Status.IN_TRANSIT, Detail.PICKED_UP, "TRANSIT/package_accepted"),
        (Status.LABEL_CREATED, None, "PRE_TRANSIT/information_received"),
    ]
    newest, odd = parcel.events[:2]
    assert newest.at == datetime(2026, 11, 19, 5, 45, tzinfo=UTC)
    assert (newest.place, newest.text, newest.local_time_only) == (
        "Reno, NV, US",
        "Departed",
        False,
    )
    assert (odd.place, odd.local_time_only) == (None, True)
    assert parcel.promised_from == datetime(2026, 11, 21, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("carrier", [None, "", "dhl", "dpd"])
async def test_without_one_carrier_of_theirs_nothing_is_asked(shippo, replay, carrier):
    with pytest.raises(Rejected):
        await shippo.fetch(Query(NUMBER, carrier=carrier))
    assert replay.asked == []


@pytest.mark.parametrize(
    ("told", "error", "wait"),
    [
        (answer_of(SLUG, "throttled"), RateLimited, 11),
        (answer_of(SLUG, "wrong_credentials"), Rejected, None),
        (Answer(404, b"{}"), NotFound, None),
        (Answer(400, b"{}"), Rejected, None),
        (Answer(503), Unavailable, None),
        (Answer(200, b"<html>"), Rejected, None),
        (Answer(200, b"[]"), Rejected, None),
    ],
)
async def test_each_failure_has_its_name(shippo, replay, told, error, wait):
    replay.answer = lambda asked: told
    with pytest.raises(AppError) as raised:
        await shippo.fetch(Query(NUMBER, carrier="usps"))
    assert type(raised.value) is error
    assert getattr(raised.value, "retry_after", None) == wait
    assert NUMBER not in raised.value.message


def test_a_number_of_which_the_carrier_has_said_nothing_is_not_found():
    with pytest.raises(NotFound):
        parse_tracks(recorded(SLUG, "not_found"))


def test_each_published_code_has_a_row():
    assert set(STATUSES) == {*PUBLISHED, *(f"{status}/{code}" for status, code in PAIRS)}


@pytest.mark.parametrize(("status", "substatus"), PAIRS)
def test_each_pair_is_read_as_its_row(status, substatus):
    assert read(status, substatus) == STATUSES[f"{status}/{substatus}"]


@pytest.mark.parametrize("status", PUBLISHED)
def test_a_substatus_that_is_not_published_leaves_the_status(status):
    assert read(status) == read(status, "levitated") == STATUSES[status]


def test_what_is_not_published_is_never_guessed():
    assert read("LIMBO", "package_arrived") == (Status.UNKNOWN, None)
    # delivered, but back to the sender
    assert read("RETURNED", "delivered") == (Status.RETURNING, None)


def test_reads_an_exception_of_a_carrier_that_is_none_of_ours():
    (parcel,) = parse_tracks(recorded(SLUG, "exception"))
    assert (parcel.carrier, parcel.status, parcel.detail) == (
        "ontrac",
        Status.EXCEPTION,
        Detail.ADDRESS_PROBLEM,
    )


def test_of_two_scans_of_one_moment_the_one_written_later_is_the_newer():
    body = recorded(SLUG, "delivered")
    first, second = body["tracking_history"]
    second["status_date"] = first["status_date"]
    (parcel,) = parse_tracks(body)
    assert [event.status for event in parcel.events] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]


def test_an_answer_about_another_parcel_is_refused():
    with pytest.raises(Rejected):
        parse_tracks(recorded(SLUG, "delivered"), number=NUMBER)


def test_the_signature_is_hmac_sha256_of_time_and_body():
    # printf '1.{}' | openssl dgst -sha256 -hmac key
    assert signature("key", "1", b"{}") == (
        "1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"
    )


@pytest.mark.parametrize("wrong", ["byte", "missing", "key", "time", "no time"])
async def test_a_signed_webhook_of_anybody_else_is_refused(shippo, wrong):
    body = json.dumps(recorded(SLUG, "webhook")).encode()
    at = "1795168800"
    proof = signature("other" if wrong == "key" else "secret", at, body)
    shippo.verify({"shippo-auth-signature": f"t={at},v1={signature('secret', at, body)}"}, body)
    header = {
        "time": f"t=1795168801,v1={proof}",
        "no time": f"v1={proof}",
        "missing": "",
    }.get(wrong, f"t={at},v1={proof}")
    with pytest.raises(BadWebhook):
        shippo.verify(
            {"shippo-auth-signature": header} if header else {},
            body.replace(b"Reno", b"Rino") if wrong == "byte" else body,
        )


async def test_without_a_signature_the_urls_token_proves_the_sender(shippo):
    shippo.verify({"x-webhook-token": "secret"}, b"{}")
    for headers in ({}, {"x-webhook-token": ""}, {"x-webhook-token": "secreT"}):
        with pytest.raises(BadWebhook):
            shippo.verify(headers, b"{}")
    # a wrong signature is not saved by a token
    with pytest.raises(BadWebhook):
        shippo.verify({"x-webhook-token": "secret", "shippo-auth-signature": "t=1,v1=0"}, b"{}")


async def test_a_webhook_brings_the_whole_parcel_or_nothing(shippo):
    told = shippo.parse_push(json.dumps(recorded(SLUG, "webhook")).encode())
    assert told == parse_tracks(recorded(SLUG, "in_transit"))
    assert shippo.parse_push(b'{"event": "transaction_created", "data": {}}') == []
    with pytest.raises(Rejected):
        shippo.parse_push(json.dumps(recorded(SLUG, "throttled")).encode())
