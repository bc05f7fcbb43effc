import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.errors import AppError, BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.aftership import AfterShip
from tracking_lookup.carriers.aftership.adapter import parse_trackings, signature
from tracking_lookup.carriers.aftership.statuses import STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status

SLUG = "aftership"
NUMBER = "794612345678"

# https://www.aftership.com/docs/tracking/2026-07/enum/delivery-sub-statuses and what AfterShip's
# help page adds; how far each tag's sub-codes are numbered.
PUBLISHED = {
    "Pending": [1],
    "InfoReceived": [1],
    "InTransit": range(1, 10),
    "OutForDelivery": [1, 3, 4],
    "AttemptFail": [1, 2, 3],
    "Delivered": range(1, 6),
    "AvailableForPickup": [1],
    "Exception": [*range(1, 14), *range(16, 22)],
    "Expired": [1],
}
SUB_CODES = [f"{tag}_{number:03}" for tag, numbers in PUBLISHED.items() for number in numbers]


class Server:
    """AfterShip as published: it lists the trackings it has, and creates each once."""

    def __init__(self, replay, *, has=(), created="created"):
        self.has = set(has)
        self.created = created
        self.calls = []
        replay.answer = self

    def __call__(self, asked):
        url = urlsplit(asked.path)
        assert url.path == "/trackings"
        if asked.headers.get("as-api-key") != "key":
            return answer_of(SLUG, "wrong_credentials")
        if asked.method == "GET":
            (number,) = parse_qs(url.query)["tracking_numbers"]
            self.calls.append(("GET", number))
            return answer_of(SLUG, "in_transit" if number in self.has else "not_followed")
        new = json.loads(asked.body)
        self.calls.append(("POST", new))
        self.has.add(new["tracking_number"])
        return answer_of(SLUG, self.created)


@pytest.fixture
def aftership(http, replay):
    return AfterShip(http, "key", "secret", replay.url + "/")


async def test_reads_a_tracking_it_follows_with_one_call(aftership, replay):
    server = Server(replay, has=[NUMBER])
    raw = await aftership.fetch(Query("7946 1234 5678", carrier="fedex"))
    (parcel,) = aftership.parse(raw, number=NUMBER)
    assert server.calls == [("GET", NUMBER)]
    assert (parcel.carrier, parcel.number) == ("fedex", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.DEPARTED)
    assert [(event.status, event.detail) for event in parcel.events] == [
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, None),  # a sub-code that is not published: its tag
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest, odd, picked_up, _ = parcel.events
    assert (newest.place, newest.local_time_only) == ("MEMPHIS, TN", True)
    assert newest.at == datetime(2026, 11, 18, 23, 55, tzinfo=UTC)
    assert odd.code == "InTransit_099"
    assert (picked_up.place, picked_up.text) == ("Dallas, TX, USA", "Picked up")
    assert picked_up.at == datetime(2026, 11, 18, 0, 20, tzinfo=UTC)
    assert parcel.promised_from == datetime(2026, 11, 20, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carrier", "asked"),
    [("fedex", {"slug": "fedex"}), ("dhl_express", {"slug": "dhl"}), ("dpd", {}), (None, {})],
)
async def test_a_number_it_does_not_follow_is_created(aftership, replay, carrier, asked):
    server = Server(replay)
    raw = await aftership.fetch(Query(NUMBER, carrier=carrier))
    (parcel,) = aftership.parse(raw, number=NUMBER)
    assert server.calls == [("GET", NUMBER), ("POST", {"tracking_number": NUMBER, **asked})]
    assert (parcel.carrier, parcel.status, parcel.events) == ("fedex", Status.NOT_FOUND, ())


async def test_a_tracking_that_somebody_else_has_created_meanwhile_is_fine(aftership, replay):
    server = Server(replay, created="exists")
    (parcel,) = aftership.parse(await aftership.fetch(Query(NUMBER)), number=NUMBER)
    assert [method for method, _ in server.calls] == ["GET", "POST", "GET"]
    assert parcel.status is Status.IN_TRANSIT


async def test_what_it_refuses_to_create_is_rejected(aftership, replay):
    def refuse(asked):
        return answer_of(SLUG, "not_followed") if asked.method == "GET" else Answer(400, b"{}")

    replay.answer = refuse
    answer = await aftership.fetch(Query(NUMBER))
    with pytest.raises(Rejected):
        aftership.parse(answer, number=NUMBER)


async def test_a_number_it_has_no_courier_for_is_not_found(aftership, replay):
    def refuse(asked):
        if asked.method == "GET":
            return answer_of(SLUG, "not_followed")
        return Answer(400, b'{"meta": {"code": 4012}, "data": {}}')

    replay.answer = refuse
    answer = await aftership.fetch(Query(NUMBER))
    with pytest.raises(NotFound):
        aftership.parse(answer, number=NUMBER)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (answer_of(SLUG, "throttled"), RateLimited),
        (answer_of(SLUG, "wrong_credentials"), Rejected),
        (answer_of(SLUG, "not_found"), NotFound),
        (Answer(503), Unavailable),
        (Answer(200, b"<html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(200, b"{}"), Rejected),
        (Answer(200, b'{"meta": {"code": 4005}, "data": {}}'), NotFound),
        (Answer(200, b'{"meta": {"code": 4010}, "data": {}}'), Rejected),
    ],
)
async def test_each_failure_has_its_name(aftership, replay, told, error):
    replay.answer = lambda asked: told
    with pytest.raises(AppError) as raised:
        await aftership.fetch(Query(NUMBER))
    assert type(raised.value) is error
    assert NUMBER not in raised.value.message


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *((code, NotFound) for code in (404, 4004, 4005, 4012, 4017)),
        *((code, Rejected) for code in (400, 401, 403, 429, 4001, 4003, 4008, 4010, 4011, 500)),
    ],
)
def test_an_error_in_a_kept_answer_has_its_name(code, error):
    with pytest.raises(error):
        parse_trackings({"meta": {"code": code, "message": "no"}, "data": {}})


def test_each_published_code_has_a_row():
    assert set(STATUSES) == {*PUBLISHED, *SUB_CODES, "OutForDelivery_002"}


@pytest.mark.parametrize("code", SUB_CODES)
def test_each_sub_code_is_read_as_its_row(code):
    body = recorded(SLUG, "created")
    body["data"] |= {"tag": code.partition("_")[0], "subtag": code}
    (parcel,) = parse_trackings(body)
    assert (parcel.status, parcel.detail) == STATUSES[code]


def test_a_code_that_is_not_published_is_never_guessed():
    body = recorded(SLUG, "in_transit")
    body["data"]["trackings"][0] |= {"tag": "Teleported", "subtag": "Teleported_001"}
    assert parse_trackings(body)[0].status is Status.UNKNOWN
    body["data"]["trackings"][0] |= {"tag": None, "subtag": "InTransit_099"}
    assert parse_trackings(body)[0].status is Status.UNKNOWN


def test_reads_an_exception_of_a_courier_that_is_none_of_ours():
    (parcel,) = parse_trackings(recorded(SLUG, "exception"))
    assert (parcel.carrier, parcel.status, parcel.detail) == (
        "china-post",
        Status.EXCEPTION,
        Detail.PAYMENT_DUE,
    )


def test_of_two_scans_of_one_moment_the_one_written_later_is_the_newer():
    body = recorded(SLUG, "delivered")
    first, second = body["data"]["trackings"][0]["checkpoints"]
    second["checkpoint_time"] = first["checkpoint_time"]
    (parcel,) = parse_trackings(body)
    assert [event.status for event in parcel.events] == [Status.DELIVERED, Status.OUT_FOR_DELIVERY]


def test_reads_a_delivered_parcel():
    (parcel,) = parse_trackings(recorded(SLUG, "delivered"))
    assert (parcel.carrier, parcel.status, parcel.detail) == (
        "evri",
        Status.DELIVERED,
        Detail.TO_NEIGHBOUR,
    )


def test_older_versions_wrap_a_single_tracking_once_more():
    body = recorded(SLUG, "created")
    wrapped = {"meta": {"code": 200}, "data": {"tracking": body["data"]}}
    assert parse_trackings(wrapped) == parse_trackings(body)


def test_the_parcel_asked_for_is_given_and_no_other():
    (known,) = recorded(SLUG, "in_transit")["data"]["trackings"]
    (other,) = recorded(SLUG, "delivered")["data"]["trackings"]
    body = {"meta": {"code": 200}, "data": {"trackings": [other, known]}}
    assert len(parse_trackings(body)) == 2
    assert parse_trackings(body, number=NUMBER)[0].number == NUMBER
    with pytest.raises(Rejected):
        parse_trackings(body, number="1Z999AA10123456784")


def test_the_signature_is_hmac_sha256_in_base64():
    # Source: RFC 4231, test case 2.
    made = base64.b64decode(signature("Jefe", b"what do ya want for nothing?"))
    assert made.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


@pytest.mark.parametrize("wrong", ["byte", "missing", "key"])
async def test_a_webhook_of_anybody_else_is_refused(aftership, wrong):
    body = json.dumps(recorded(SLUG, "webhook")).encode()
    headers = {"aftership-hmac-sha256": signature("secret", body)}
    aftership.verify(headers, body)
    if wrong == "key":
        headers = {"aftership-hmac-sha256": signature("other", body)}
    with pytest.raises(BadWebhook):
        aftership.verify(
            {} if wrong == "missing" else headers,
            body.replace(b"Dallas", b"Dollas") if wrong == "byte" else body,
        )


async def test_a_webhook_brings_the_whole_tracking(aftership):
    assert aftership.parse_push(json.dumps(recorded(SLUG, "webhook")).encode()) == parse_trackings(
        recorded(SLUG, "in_transit")
    )
