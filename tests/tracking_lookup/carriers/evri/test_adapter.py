from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.evri import Evri
from tracking_lookup.carriers.evri.adapter import parse_trackings
from tracking_lookup.carriers.evri.statuses import POINTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "H0100A0000000001"
URN = "00000000-0000-4000-8000-000000000001"
PARCELS = "/enterprise-tracking-api/v1/parcels/"
REFERENCE = f"{PARCELS}reference/{NUMBER}"
SCANS = f"{PARCELS}?uniqueIds={URN}"


class EvriServer:
    """Evri as modelled: the parcel's own id for a barcode, scans for that id."""

    def __init__(self, replay):
        self.reference = answer_of("evri", "reference")
        self.scans = answer_of("evri", "in_transit")
        self.replay = replay
        replay.answer = self

    def __call__(self, asked):
        assert asked.method == "GET"
        if asked.headers["apikey"] != "secret":
            return answer_of("evri", "wrong_credentials")
        return {REFERENCE: self.reference, SCANS: self.scans}[asked.path]

    def paths(self):
        return [asked.path for asked in self.replay.asked]


@pytest.fixture
def server(replay):
    return EvriServer(replay)


@pytest.fixture
def evri(http, replay):
    return Evri(http, "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(evri, server):
    query = Query("h0100 a000 000 0001", postcode="AB1 2CD")
    [parcel] = evri.parse(await evri.fetch(query), number=NUMBER)

    assert server.paths() == [REFERENCE, SCANS]  # and the postcode nowhere
    assert (parcel.carrier, parcel.number) == ("evri", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(e.status, e.detail, e.code) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED, "PROCESSING_HUB"),
        (Status.UNKNOWN, None, "SOMETHING_NEW"),
        (Status.IN_TRANSIT, Detail.PICKED_UP, "ACCEPTED_BY_HERMES"),
        (Status.LABEL_CREATED, None, "PREADVICE"),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
    assert (newest.place, newest.text) == (None, "It's at our national hub.")
    assert not newest.local_time_only
    assert parcel.promised_from == datetime(2026, 11, 18, 9, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 18, 13, tzinfo=UTC)


def test_reads_a_delivered_parcel_without_anybodys_name():
    [parcel] = parse_trackings(recorded("evri", "delivered"), number=NUMBER)
    assert parcel.status is Status.DELIVERED
    assert parcel.events[0].at == datetime(2026, 11, 18, 11, 20, tzinfo=UTC)
    assert (parcel.events[0].code, parcel.events[0].text) == ("DELIVERED_NEIGHBOUR", "")
    assert parcel.events[1].status is Status.OUT_FOR_DELIVERY
    assert parcel.events[1].text == "It's out for delivery."
    assert "Jane" not in repr(parcel)
    assert parcel.promised_to is None


def test_reads_an_exception():
    [parcel] = parse_trackings(recorded("evri", "exception"))
    assert parcel.status is Status.EXCEPTION
    assert parcel.promised_to is None


def test_a_failed_attempt_is_told_apart_from_the_courier_being_out():
    [parcel] = parse_trackings(recorded("evri", "attempt"))
    assert (parcel.status, parcel.detail) == (Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE)
    assert parcel.promised_to is None  # the window was an older scan's


def one(stage="2", point="PROCESSING_HUB", at="2026-11-17T01:30:00Z", words="…", **more):
    """A parcel with one scan."""
    scan = {
        "dateTime": at,
        "trackingPoint": {"trackingPointCode": point, "description": words},
        "trackingStage": {"trackingStageCode": stage},
    }
    known = {"parcelIdentifiers": [{"type": "BARCODE", "value": NUMBER}], "uniqueId": URN}
    return {"results": [{**known, "trackingEvents": [scan], **more}]}


@pytest.mark.parametrize(
    ("stage", "point", "status", "detail"),
    [
        ("4_COURIER", "OUT_FOR_DELIVERY", Status.OUT_FOR_DELIVERY, None),
        ("4_SHOP", "READY", Status.AVAILABLE_FOR_PICKUP, Detail.AT_PICKUP_POINT),
        ("4_COURIER", "NOT_DELIVERED_REASON", Status.DELIVERY_FAILED, None),
        (
            "4_COURIER",
            "NOT_DELIVERED_BUSINESS_CLOSED",
            Status.DELIVERY_FAILED,
            Detail.BUSINESS_CLOSED,
        ),
        ("3", "DELAY_FIX_NWD", Status.IN_TRANSIT, Detail.DELAYED),
        ("2", "PROCESSING_RETURN", Status.RETURNING, None),
        ("a", "", Status.RETURNING, None),
        ("9", "PROCESSING_HUB", Status.UNKNOWN, None),
        (None, None, Status.UNKNOWN, None),
    ],
)
def test_what_a_scan_means(stage, point, status, detail):
    [parcel] = parse_trackings(one(stage, point))
    assert (parcel.status, parcel.detail) == (status, detail)


@pytest.mark.parametrize(
    ("stage", "point", "status"),
    [
        ("2", "ACCEPTED_BY_HERMES", Status.IN_TRANSIT),
        ("3", "LOCAL_DEPOT", Status.RETURNING),
        ("3", "DELAY_FIX_NWD", Status.RETURNING),
        ("4_COURIER", "", Status.RETURNING),
        ("5_COURIER", "", Status.RETURNED),  # "delivered", to the shop
    ],
)
def test_what_is_on_the_return_rail_never_reaches_the_shopper(stage, point, status):
    assert parse_trackings(one(stage, point, returnParcel=True))[0].status is status


def test_every_point_is_of_a_known_stage():
    assert {stage for stage, _ in POINTS} <= STATUSES.keys()


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Delivered to Jane", False),
        ("Signed for by Jane", False),
        ("It was left with Jane Neighbour", False),
        ("Your parcel has been delivered", True),
        ("It's at our national hub", True),
    ],
)
def test_words_that_may_name_somebody_are_left_out(words, kept):
    assert parse_trackings(one(words=words))[0].events[0].text == (words if kept else "")


@pytest.mark.parametrize(
    ("stage", "promised"), [("4_COURIER", True), ("5_COURIER", False), ("4_SHOP", False)]
)
def test_a_window_is_a_promise_only_on_the_way(stage, promised):
    body = one(stage)
    eta = {"start": "2026-11-17T10:00:00Z", "end": "2026-11-17T12:00:00Z"}
    body["results"][0]["trackingEvents"][0]["eta"] = eta
    assert (parse_trackings(body)[0].promised_to is not None) == promised


def test_without_a_barcode_the_parcels_own_id_is_its_number():
    assert parse_trackings(one(parcelIdentifiers=[]))[0].number == URN.replace("-", "").upper()


@pytest.mark.parametrize(
    "body",
    [
        recorded("evri", "not_found"),
        {"results": []},
        {"failures": [{"uniqueId": URN}]},
        {"errors": [{"status": 404, "errorType": "NOT_FOUND"}]},
    ],
)
def test_no_such_number(body):
    with pytest.raises(NotFound):
        parse_trackings(body, number=NUMBER)


@pytest.mark.parametrize(
    "body",
    [
        recorded("evri", "malformed"),
        recorded("evri", "wrong_credentials"),
        recorded("evri", "throttled"),
        recorded("evri", "reference"),
        None,
        [],
        {},
        {"results": [1]},
        one(parcelIdentifiers=[{"type": "BARCODE", "value": "H0100A0000000002"}]),
        one(parcelIdentifiers=[], uniqueId=None),
        one(stage=["2"]),
        one(at="0001-01-01T00:00:00+14:00"),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_trackings(body, number=NUMBER)


KEYS = """results failures errors status errorType uniqueId parcelIdentifiers type value
    returnParcel trackingEvents dateTime trackingPoint trackingPointCode description trackingStage
    trackingStageCode eta start end"""
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-17T14:20:00Z", "2", "BARCODE", "4_COURIER", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    shapes = [body, {"results": [body]}, one(body), one(at=body), one(trackingEvents=[body])]
    for payload in shapes:
        with suppress(NotFound, Rejected):
            parcels = parse_trackings(payload, number=number)
            assert parcels
            assert all(isinstance(parcel, Tracking) for parcel in parcels)


@pytest.mark.parametrize("call", ["reference", "scans"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("evri", "throttled"), RateLimited),
        (Answer(500), Unavailable),
        (Answer(200, b'{"results": []}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(403, b"{}"), Rejected),
    ],
)
async def test_each_failure_has_its_name(evri, server, call, answer, error):
    setattr(server, call, answer)
    with pytest.raises(error) as caught:
        await evri.fetch(Query(NUMBER))
    if error is RateLimited:
        assert caught.value.retry_after == 7
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"parcelIdentifiers": []}', NotFound),
        (b'{"errors": [{"status": 404}]}', NotFound),
        (b'{"errors": [{"status": 500}]}', Rejected),
        (b'{"parcelIdentifiers": [{"urn": ""}]}', Rejected),
        (b'{"parcelIdentifiers": [1]}', Rejected),
        (b"{}", Rejected),
    ],
)
async def test_without_the_parcels_own_id_nothing_more_is_asked(evri, server, body, error):
    server.reference = Answer(200, body)
    with pytest.raises(error):
        await evri.fetch(Query(NUMBER))
    assert server.paths() == [REFERENCE]


async def test_a_wrong_key_is_refused_and_never_shown(http, replay, server):
    with pytest.raises(Rejected) as caught:
        await Evri(http, "guess", url=replay.url).fetch(Query(NUMBER))
    assert str(caught.value) == "evri: answered 401"
