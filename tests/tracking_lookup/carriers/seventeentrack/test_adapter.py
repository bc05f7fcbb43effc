import json
from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import AppError, BadWebhook, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.seventeentrack import SeventeenTrack
from tracking_lookup.carriers.seventeentrack.adapter import parse_trackings, signature
from tracking_lookup.carriers.seventeentrack.statuses import STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status

SLUG = "seventeentrack"
NUMBER = "RR123456785CN"
OTHER = "00340434292135100186"

# https://asset.17track.net/api/document/v2.4_en/index.html, by main status.
PUBLISHED = [
    "NotFound",
    "NotFound_Other",
    "NotFound_InvalidCode",
    "InfoReceived",
    "InTransit",
    "InTransit_PickedUp",
    "InTransit_Other",
    "InTransit_Departure",
    "InTransit_Arrival",
    "InTransit_CustomsProcessing",
    "InTransit_CustomsReleased",
    "InTransit_CustomsRequiringInformation",
    "Expired",
    "Expired_Other",
    "AvailableForPickup",
    "AvailableForPickup_Other",
    "OutForDelivery",
    "OutForDelivery_Other",
    "DeliveryFailure",
    "DeliveryFailure_Other",
    "DeliveryFailure_NoBody",
    "DeliveryFailure_Security",
    "DeliveryFailure_Rejected",
    "DeliveryFailure_InvalidAddress",
    "Delivered",
    "Delivered_Other",
    "Exception",
    "Exception_Other",
    "Exception_Returning",
    "Exception_Returned",
    "Exception_NoBody",
    "Exception_Security",
    "Exception_Damage",
    "Exception_Rejected",
    "Exception_Delayed",
    "Exception_Lost",
    "Exception_Destroyed",
    "Exception_Cancel",
    "PickedUp",
    "Departure",
    "Arrival",
    "Returning",
    "Returned",
]


class Server:
    """17TRACK as published: it follows what was registered, and answers for that alone."""

    def __init__(self, replay, *, followed=(), news=True):
        self.followed = set(followed)
        self.news = news
        self.calls = []
        replay.answer = self

    def __call__(self, asked):
        assert asked.method == "POST"
        endpoint = asked.path.rpartition("/")[2]
        numbers = json.loads(asked.body)
        self.calls.append((endpoint, numbers))
        if asked.headers.get("17token") != "key":
            return answer_of(SLUG, "wrong_credentials")
        accepted, rejected = [], []
        for item in numbers:
            taken, refusal = getattr(self, endpoint)(item)
            (accepted if refusal is None else rejected).append(
                taken if refusal is None else {"number": item["number"], "error": {"code": refusal}}
            )
        return answer({"accepted": accepted, "rejected": rejected})

    def register(self, item):
        if item["number"].startswith("NOSUCH"):
            return None, -18019903
        already = item["number"] in self.followed
        self.followed.add(item["number"])
        return {"number": item["number"], "origin": 1}, -18019901 if already else None

    def gettrackinfo(self, item):
        if item["number"] not in self.followed:
            return None, -18019902
        if not self.news:
            return None, -18019909
        (known,) = recorded(SLUG, "in_transit")["data"]["accepted"]
        return {**known, "number": item["number"]}, None


def answer(data, code=0):
    return Answer(200, json.dumps({"code": code, "data": data}).encode())


def refusal(code):
    return answer({"accepted": [], "rejected": [{"number": NUMBER, "error": {"code": code}}]})


@pytest.fixture
def track17(http, replay):
    return SeventeenTrack(http, "key", replay.url + "/")


async def test_reads_a_parcel_that_is_followed_with_one_call(track17, replay):
    server = Server(replay, followed=[NUMBER])
    (parcel,) = track17.parse(
        await track17.fetch(Query("rr 123456785 cn", carrier="usps")), number=NUMBER
    )
    # without a carrier: 17TRACK may have settled on another one
    assert server.calls == [("gettrackinfo", [{"number": NUMBER}])]
    assert (parcel.carrier, parcel.number, parcel.status) == ("usps", NUMBER, Status.IN_TRANSIT)
    assert parcel.detail is None
    assert [(event.status, event.detail) for event in parcel.events] == [
        (Status.IN_TRANSIT, None),
        (Status.IN_TRANSIT, Detail.CUSTOMS_RELEASED),
        (Status.IN_TRANSIT, Detail.REACHED_DESTINATION_COUNTRY),
        (Status.IN_TRANSIT, Detail.LEFT_ORIGIN_COUNTRY),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=-6)
    assert (newest.place, newest.code, newest.text, newest.local_time_only) == (
        "CHICAGO, IL, US",
        "InTransit_Other",
        "Processed through facility",
        False,
    )
    assert parcel.promised_from == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 26, 5, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carrier", "asked"),
    [("usps", {"carrier": 21051}), ("dpd", {}), ("3011", {"carrier": 3011}), (None, {})],
)
async def test_a_number_that_is_not_followed_is_registered_once(track17, replay, carrier, asked):
    server = Server(replay)
    for _ in range(2):
        assert track17.parse(await track17.fetch(Query(NUMBER, carrier=carrier)), number=NUMBER)
    assert [endpoint for endpoint, _ in server.calls] == [
        "gettrackinfo",
        "register",
        "gettrackinfo",
        "gettrackinfo",
    ]
    assert server.calls[1][1] == [{"number": NUMBER, **asked}]


async def test_a_number_that_somebody_else_has_registered_meanwhile_is_fine(track17, replay):
    server = Server(replay)
    before = server.gettrackinfo

    def slow(item):
        server.gettrackinfo = before
        server.followed.add(NUMBER)
        return None, -18019902

    server.gettrackinfo = slow
    assert track17.parse(await track17.fetch(Query(NUMBER)), number=NUMBER)


async def test_a_new_number_without_news_is_not_found_and_no_error(track17, replay):
    Server(replay, news=False)
    (parcel,) = track17.parse(await track17.fetch(Query(NUMBER)), number=NUMBER)
    assert (parcel.number, parcel.status, parcel.events) == (NUMBER, Status.NOT_FOUND, ())


async def test_several_numbers_in_one_call_each_get_their_own_answer(track17, replay):
    server = Server(replay, followed=[NUMBER])
    queries = [Query(NUMBER), Query(OTHER, carrier="dhl"), Query("NOSUCHNUMBER1")]
    raw = await track17.fetch_many(queries)
    assert [(endpoint, len(numbers)) for endpoint, numbers in server.calls] == [
        ("gettrackinfo", 3),
        ("register", 2),
        ("gettrackinfo", 1),
    ]
    assert [parcel.number for parcel in track17.parse(raw)] == [NUMBER, OTHER]
    assert track17.parse(raw, number=OTHER)[0].number == OTHER
    with pytest.raises(NotFound):
        track17.parse(raw, number="NOSUCHNUMBER1")
    with pytest.raises(Rejected):
        track17.parse(raw, number="LX987654321DE")


async def test_no_carrier_has_such_a_number(track17, replay):
    Server(replay)
    raw = await track17.fetch(Query("NOSUCHNUMBER1"))
    with pytest.raises(NotFound):
        track17.parse(raw, number="NOSUCHNUMBER1")


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (answer_of(SLUG, "throttled"), RateLimited),
        (answer_of(SLUG, "wrong_credentials"), Rejected),
        (answer({}, -18010002), Rejected),
        (answer({"errors": [{"code": -18010001, "message": "IP"}]}), Rejected),
        (answer({}, -18010003), Unavailable),
        (refusal(-18019907), RateLimited),
        (refusal(-18019908), Rejected),
        (refusal(-18019910), Rejected),
        (refusal(-18019911), Unavailable),
        (refusal(-18010019), Rejected),
        (Answer(503), Unavailable),
        (Answer(200, b"<html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(200, b"{}"), Rejected),
        (answer({"accepted": [], "rejected": [{"number": NUMBER}]}), Rejected),
    ],
)
async def test_each_failure_has_its_name(track17, replay, told, error):
    replay.answer = lambda asked: told
    with pytest.raises(AppError) as raised:
        await track17.fetch(Query(NUMBER))
    assert type(raised.value) is error
    assert NUMBER not in raised.value.message


async def test_a_wrong_key_is_rejected(http, replay):
    Server(replay, followed=[NUMBER])
    with pytest.raises(Rejected):
        await SeventeenTrack(http, "other", replay.url).fetch(Query(NUMBER))


def test_each_published_code_has_a_row():
    assert set(STATUSES) == {*PUBLISHED, "Exception_Damaged"}
    assert STATUSES["Exception_Damage"] == STATUSES["Exception_Damaged"]


@pytest.mark.parametrize("code", [code for code in PUBLISHED if "_" in code])
def test_each_sub_status_is_read_as_its_row(code):
    body = recorded(SLUG, "in_transit")
    body["data"]["accepted"][0]["track_info"]["latest_status"] = {
        "status": code.partition("_")[0],
        "sub_status": code,
    }
    body["data"]["accepted"][0]["track_info"]["tracking"] = None
    body["data"]["accepted"][0]["track_info"]["latest_event"] = None
    (parcel,) = parse_trackings(body)
    assert (parcel.status, parcel.detail) == STATUSES[code]


def test_a_code_that_is_not_published_is_never_guessed():
    (parcel,) = parse_trackings(recorded(SLUG, "exception"))
    assert (parcel.carrier, parcel.status) == ("dhl", Status.RETURNING)
    assert [event.status for event in parcel.events] == [
        Status.RETURNING,
        Status.UNKNOWN,
        Status.EXCEPTION,
    ]
    assert parcel.events[1].code == "InTransit_Teleported"
    assert parcel.events[2].detail is Detail.CUSTOMS_ACTION_REQUIRED

    body = recorded(SLUG, "exception")
    latest = body["data"]["accepted"][0]["track_info"]["latest_status"]
    latest |= {"status": "Beamed", "sub_status": "Beamed_Up"}
    assert parse_trackings(body)[0].status is Status.UNKNOWN
    latest |= {"status": "Exception", "sub_status": "Exception_New"}
    assert parse_trackings(body)[0].status is Status.EXCEPTION  # its main status is published


def test_a_carrier_that_is_none_of_ours_keeps_its_key():
    body = recorded(SLUG, "in_transit")
    body["data"]["accepted"][0]["carrier"] = 3011
    assert parse_trackings(body)[0].carrier == "3011"


def test_a_number_followed_with_two_carriers_is_told_by_the_one_that_has_it():
    body = recorded(SLUG, "in_transit")
    nothing = {"number": NUMBER, "carrier": 190012, "track_info": {}}
    body["data"]["accepted"].insert(0, nothing)
    assert parse_trackings(body, number=NUMBER)[0].carrier == "usps"


def test_a_time_without_a_zone_is_marked():
    body = recorded(SLUG, "delivered")
    scans = body["data"]["accepted"][0]["track_info"]["tracking"]["providers"][0]["events"]
    scans[0]["time_iso"] = None  # then the time in UTC
    scans[1] |= {"time_iso": None, "time_utc": None}  # then what the carrier wrote
    scans.append({"time_iso": None, "description": "Some day"})
    first, second = parse_trackings(body)[0].events
    assert (first.at, first.local_time_only) == (datetime(2026, 11, 18, 10, 32, tzinfo=UTC), False)
    assert (second.at, second.local_time_only) == (datetime(2026, 11, 18, 8, 3, tzinfo=UTC), True)


def test_the_signature_is_sha256_of_body_slash_and_key():
    # printf a/b | sha256sum
    assert signature("b", b"a") == (
        "c14cddc033f64b9dea80ea675cf280a015e672516090a5626781153dc68fea11"
    )


@pytest.mark.parametrize("wrong", ["byte", "missing", "key"])
async def test_a_webhook_of_anybody_else_is_refused(http, wrong):
    body = json.dumps(recorded(SLUG, "webhook")).encode()
    headers = {"sign": signature("other" if wrong == "key" else "key", body)}
    SeventeenTrack(http, "other" if wrong == "key" else "key").verify(headers, body)
    with pytest.raises(BadWebhook):
        SeventeenTrack(http, "key").verify(
            {} if wrong == "missing" else headers,
            body.replace(b"USPS", b"UsPS", 1) if wrong == "byte" else body,
        )


async def test_a_webhook_brings_the_parcel_or_nothing(track17):
    (parcel,) = track17.parse_push(json.dumps(recorded(SLUG, "webhook")).encode())
    assert (parcel.number, len(parcel.events)) == (NUMBER, 6)
    stopped = {"event": "TRACKING_STOPPED", "data": {"number": NUMBER, "carrier": 21051}}
    assert track17.parse_push(json.dumps(stopped).encode()) == []
