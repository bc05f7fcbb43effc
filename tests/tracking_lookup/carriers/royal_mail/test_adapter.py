from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.royal_mail import RoyalMail
from tracking_lookup.carriers.royal_mail.adapter import parse_trackings
from tracking_lookup.carriers.royal_mail.statuses import ANNOUNCEMENTS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.merge import merge
from tracking_lookup.model import Detail, Status, Tracking

NUMBER = "AB012345678GB"
UNKNOWN = "AB000000000GB"


@pytest.fixture
def royal_mail(http, replay):
    return RoyalMail(http, "id", "secret", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(royal_mail, replay):
    replay.answer = lambda asked: answer_of("royal_mail", "in_transit")
    [parcel] = royal_mail.parse(await royal_mail.fetch(Query("ab 0123 4567 8gb")), number=NUMBER)

    [asked] = replay.asked
    assert (asked.method, asked.path) == ("GET", f"/mailpieces/v2/{NUMBER}/events")
    assert asked.headers["x-ibm-client-id"] == "id"
    assert asked.headers["x-ibm-client-secret"] == "secret"
    assert asked.headers["x-accept-rmg-terms"] == "yes"
    assert (parcel.carrier, parcel.number) == ("royal_mail", NUMBER)
    assert (parcel.status, parcel.detail) == (Status.IN_TRANSIT, Detail.ARRIVED)
    assert [(e.status, e.detail, e.code) for e in parcel.events] == [
        (Status.IN_TRANSIT, Detail.ARRIVED, "EVIMC"),
        (Status.UNKNOWN, Detail.RESCHEDULED, "RORXS"),  # where it was: at the next one
        (Status.UNKNOWN, None, "EVZZZ"),
        (Status.IN_TRANSIT, Detail.PICKED_UP, "EVPPA"),
        (Status.LABEL_CREATED, None, "EVAIE"),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 2, 15, tzinfo=UTC)
    assert (newest.place, newest.text) == ("Midlands Mail Centre", "Item received")
    assert not newest.local_time_only
    assert parcel.events[-1].place is None
    assert parcel.promised_from == datetime(2026, 11, 18, 8, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, 11, 18, 11, 30, tzinfo=UTC)


async def test_asks_for_the_last_scan_of_several_in_one_call(royal_mail, replay):
    replay.answer = lambda asked: answer_of("royal_mail", "summary")
    payload = await royal_mail.fetch_many([Query(NUMBER), Query(UNKNOWN)])

    [asked] = replay.asked
    assert asked.path == f"/mailpieces/v2/summary?mailPieceId={NUMBER},{UNKNOWN}"
    [parcel] = royal_mail.parse(payload)
    assert (parcel.number, parcel.status) == (NUMBER, Status.IN_TRANSIT)
    assert [event.code for event in parcel.events] == ["EVIMC"]
    with pytest.raises(NotFound):
        royal_mail.parse(payload, number=UNKNOWN)


def test_a_summary_takes_nothing_back():
    [whole] = parse_trackings(recorded("royal_mail", "in_transit"))
    [last] = parse_trackings(recorded("royal_mail", "summary"))
    assert merge(whole, last) == whole


def test_finds_a_parcel_by_its_other_barcode():
    [parcel] = parse_trackings(recorded("royal_mail", "delivered"), number="0B0001112220000000001")
    assert (parcel.number, parcel.status) == ("0B0001112220000000001", Status.DELIVERED)


def test_reads_a_delivered_parcel_without_anybodys_name():
    [parcel] = parse_trackings(recorded("royal_mail", "delivered"), number=NUMBER)
    assert (parcel.status, parcel.detail) == (Status.DELIVERED, Detail.SIGNED)
    assert parcel.events[1].status is Status.OUT_FOR_DELIVERY
    assert parcel.promised_to is None  # the window is in the answer still
    assert "Jane" not in repr(parcel)
    assert "Example Street" not in repr(parcel)


def test_reads_an_exception_from_the_category_alone():
    [parcel] = parse_trackings(recorded("royal_mail", "exception"))
    assert parcel.status is Status.EXCEPTION
    assert (parcel.events[0].status, parcel.events[0].code) == (Status.UNKNOWN, "EVZZX")


def one(code="EVIMC", at="2026-11-17T02:15:00+00:00", category="", **more):
    """A mail piece with one event."""
    event = {"eventCode": code, "eventName": "…", "eventDateTime": at, "locationName": "Anytown"}
    summary = {"statusCategory": category}
    return {
        "mailPieces": {"mailPieceId": NUMBER, "summary": summary, "events": [event], **more},
    }


@pytest.mark.parametrize(
    ("code", "category", "status", "detail"),
    [
        ("EVKDN", "DELIVERED", Status.DELIVERED, Detail.TO_NEIGHBOUR),
        ("EVKNA", "IN TRANSIT", Status.DELIVERY_FAILED, Detail.RECIPIENT_UNAVAILABLE),
        ("EVKRF", "EXCEPTION", Status.RETURNING, Detail.REFUSED),
        ("EVRTS", "DELIVERED", Status.RETURNED, None),  # "delivered", to the sender
        ("EVZZZ", "Delivered", Status.DELIVERED, None),
        ("EVZZZ", "EXPIRED", Status.EXPIRED, None),
        ("EVZZZ", "SOMETHING NEW", Status.UNKNOWN, None),
        (None, "", Status.UNKNOWN, None),
    ],
)
def test_what_a_scan_means(code, category, status, detail):
    [parcel] = parse_trackings(one(code, category=category))
    assert (parcel.status, parcel.detail) == (status, detail)


def test_no_row_is_both_a_scan_and_an_announcement():
    assert not ANNOUNCEMENTS.keys() & STATUSES.keys()


@pytest.mark.parametrize(
    ("estimate", "start", "end"),
    [
        ({"date": "2026-07-18"}, (7, 17, 23), (7, 18, 22, 59, 59)),  # in the last scan's zone
        (
            {
                "date": "2026-07-18",
                "startOfEstimatedWindow": "08:00:00+01:00",
                "endOfEstimatedWindow": "11:00:00+01:00",
            },
            (7, 18, 7),
            (7, 18, 10),
        ),
    ],
)
def test_what_is_promised(estimate, start, end):
    [parcel] = parse_trackings(one(at="2026-07-17T02:15:00+01:00", estimatedDelivery=estimate))
    assert parcel.promised_from == datetime(2026, *start, tzinfo=UTC)
    assert parcel.promised_to == datetime(2026, *end, tzinfo=UTC)


@pytest.mark.parametrize("estimate", [None, {}, {"date": ""}, {"date": "soon"}])
def test_nothing_is_promised(estimate):
    assert parse_trackings(one(estimatedDelivery=estimate))[0].promised_to is None


def test_a_piece_without_scans_has_its_category():
    summary = {"statusCategory": "NOT FOUND"}
    body = {"mailPieces": {"mailPieceId": NUMBER, "summary": summary}}
    [parcel] = parse_trackings(body, number=NUMBER)
    assert (parcel.status, parcel.events) == (Status.NOT_FOUND, ())


@pytest.mark.parametrize(
    "body",
    [
        recorded("royal_mail", "malformed"),
        recorded("royal_mail", "wrong_credentials"),
        recorded("royal_mail", "throttled"),
        None,
        [],
        {},
        {"mailPieces": []},
        {"mailPieces": [1]},
        {"mailPieces": [{"mailPieceId": NUMBER, "status": "400", "error": {}}]},
        {"mailPieces": [{"mailPieceId": NUMBER, "error": {"errorCode": "E0004"}}]},
        {"errors": [{"errorCode": "E0016"}]},
        one(mailPieceId="AB999999999GB"),
        one(code=["EVIMC"]),
        one(at="0001-01-01T00:00:00+14:00"),
    ],
)
def test_any_other_body_is_rejected(body):
    with pytest.raises(Rejected):
        parse_trackings(body, number=NUMBER)


KEYS = """mailPieces mailPieceId summary events eventCode eventName eventDateTime locationName
    status statusCategory error errors errorCode httpCode estimatedDelivery date oneDBarcode
    lastEventDateTime lastEventCode"""
keys = st.sampled_from(KEYS.split())
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-17T14:20:00+01:00", "EVIMC", "IN TRANSIT", "404", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_a_parcel_or_a_named_error(body, number):
    shapes = [body, {"mailPieces": body}, {"mailPieces": [body]}, one(body), one(at=body)]
    shapes += [
        one(summary=body),
        one(estimatedDelivery=body),
        one(estimatedDelivery={"date": body}),
    ]
    for payload in shapes:
        with suppress(NotFound, Rejected):
            parcels = parse_trackings(payload, number=number)
            assert parcels
            assert all(isinstance(parcel, Tracking) for parcel in parcels)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answer_of("royal_mail", "not_found"), NotFound),
        (answer_of("royal_mail", "throttled"), RateLimited),
        (answer_of("royal_mail", "wrong_credentials"), Rejected),
        (Answer(500), Unavailable),
        (Answer(200, b'{"httpCode": "500", "errors": [{"errorCode": "E0009"}]}'), Unavailable),
        (Answer(200, b'{"errors": [{"errorCode": "E0009"}]}'), Unavailable),
        (Answer(200, b'{"httpCode": "429"}'), RateLimited),
        (Answer(200, b'{"mailPieces": []}', cut=True), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b"[]"), Rejected),
        (Answer(403, b"{}"), Rejected),
    ],
)
async def test_each_failure_has_its_name(royal_mail, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(error) as caught:
        await royal_mail.fetch(Query(NUMBER))
    if answer.headers.get("Retry-After"):
        assert caught.value.retry_after == 7
    assert "secret" not in str(caught.value)


async def test_an_answer_of_another_shape_is_left_to_the_reader(royal_mail, replay):
    replay.answer = lambda asked: Answer(200, b'{"errors": 1}')
    payload = await royal_mail.fetch(Query(NUMBER))
    with pytest.raises(Rejected):
        royal_mail.parse(payload, number=NUMBER)
