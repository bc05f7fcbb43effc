from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import AppError, NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.australia_post import AustraliaPost
from tracking_lookup.carriers.australia_post.adapter import parse_trackings
from tracking_lookup.carriers.australia_post.statuses import ANNOUNCEMENTS, SCANS, STATUSES
from tracking_lookup.contract import Query
from tracking_lookup.model import Detail, Status, Tracking

NUMBER, OTHER, NONE = "33AAA0000001", "33AAA0000002", "33AAA0000009"


@pytest.fixture
def auspost(http, replay):
    replay.answer = lambda asked: answer_of("australia_post", "in_transit")
    return AustraliaPost(http, "key", "password", "0000123456", url=replay.url + "/")


async def test_reads_a_parcel_in_transit(auspost, replay):
    (parcel,) = auspost.parse(await auspost.fetch(Query("33aaa 0000001")), number=NUMBER)

    (asked,) = replay.asked
    assert (asked.method, asked.path) == ("GET", f"/shipping/v1/track?tracking_ids={NUMBER}")
    assert asked.headers["authorization"] == "Basic a2V5OnBhc3N3b3Jk"
    assert asked.headers["account-number"] == "0000123456"
    assert (parcel.carrier, parcel.number) == ("australia_post", NUMBER)
    assert parcel.status is Status.IN_TRANSIT
    assert [(e.status, e.detail) for e in parcel.events] == [
        (Status.IN_TRANSIT, None),
        (Status.UNKNOWN, None),  # a request leaves it where it was: nobody knows where
        (Status.UNKNOWN, None),  # words we have no row for are never guessed
        (Status.IN_TRANSIT, Detail.DEPARTED),
        (Status.IN_TRANSIT, Detail.PICKED_UP),
        (Status.LABEL_CREATED, None),
    ]
    newest = parcel.events[0]
    assert newest.at == datetime(2026, 11, 17, 10, 30, tzinfo=UTC)
    assert newest.at.utcoffset() == timedelta(hours=11)
    assert (newest.place, newest.text) == ("SUNSHINE WEST VIC", "Item processed at facility")
    assert parcel.events[3].code == "in transit to next facility"  # without the place
    assert parcel.events[2].code == "a scan of tomorrow"
    assert parcel.events[4].local_time_only


async def test_asks_for_several_at_once(auspost, replay):
    replay.answer = lambda asked: answer_of("australia_post", "several")
    payload = await auspost.fetch_many([Query("CONS0001"), Query(OTHER), Query(NONE)])
    assert replay.asked[0].path == f"/shipping/v1/track?tracking_ids=CONS0001%2C{OTHER}%2C{NONE}"
    (parcel,) = auspost.parse(payload, number="CONS0001")  # the article with the newest scan
    assert (parcel.number, parcel.status) == ("CONS0001", Status.AVAILABLE_FOR_PICKUP)
    assert auspost.parse(payload, number="CONS0001A")[0].status is Status.DELIVERED
    (parcel,) = auspost.parse(payload, number=OTHER)
    assert (parcel.status, parcel.detail) == (Status.DELIVERED, Detail.SAFE_PLACE)
    with pytest.raises(NotFound):
        auspost.parse(payload, number=NONE)
    with pytest.raises(Rejected):
        auspost.parse(payload, number=NUMBER)
    assert [t.number for t in auspost.parse(payload)] == ["CONS0001A", "CONS0001B", OTHER]


def test_the_article_may_know_more_than_its_scans():
    (parcel,) = parse_trackings(recorded("australia_post", "exception"))
    assert (parcel.status, parcel.detail) == (Status.EXCEPTION, Detail.DAMAGED)
    assert parcel.events[0].status is Status.UNKNOWN


def one(words="", status=""):
    scan = {"date": "2026-11-18T10:15:00+11:00", "description": words}
    item = {"article_id": NUMBER, "status": status, "events": [scan]}
    return {"tracking_results": [{"tracking_id": NUMBER, "trackable_items": [item]}]}


def test_a_scan_without_a_time_is_left_out():
    body = one("Delivered", "Delivered")
    body["tracking_results"][0]["trackable_items"][0]["events"][0]["date"] = None
    assert parse_trackings(body)[0].events == ()


def test_every_row_is_used():
    for said, (status, _) in STATUSES.items():
        assert parse_trackings(one(status=said.title()))[0].status is status
    for words, meaning in SCANS.items():
        (parcel,) = parse_trackings(one(words.capitalize(), "Unknown"))
        assert (parcel.status, parcel.detail) == meaning
    assert not SCANS.keys() & ANNOUNCEMENTS.keys()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(404), NotFound),
        (answer_of("australia_post", "throttled"), RateLimited),
        (answer_of("australia_post", "wrong_credentials"), Rejected),
        (answer_of("australia_post", "system_error"), Unavailable),
        (Answer(503), Unavailable),
        (Answer(200, b"<html>Down for maintenance</html>"), Rejected),
        (Answer(200, b'{"tracking_results": []}', cut=True), Unavailable),
    ],
)
async def test_each_failure_has_its_name(auspost, replay, answer, error):
    replay.answer = lambda asked: answer
    with pytest.raises(AppError) as caught:
        await auspost.fetch(Query(NUMBER))
    assert type(caught.value) is error
    assert "password" not in str(caught.value)
    if error is RateLimited:
        assert caught.value.retry_after == 12


@pytest.mark.parametrize(
    ("code", "error"), [("ESB-10002", NotFound), ("51104", NotFound), ("51101", Rejected)]
)
def test_an_error_for_the_whole_call(code, error):
    with pytest.raises(AppError) as caught:
        parse_trackings({"errors": [{"code": code}]}, number=NUMBER)
    assert type(caught.value) is error


keys = st.sampled_from(
    [
        *("tracking_results", "tracking_id", "trackable_items", "article_id", "items", "status"),
        *("events", "date", "description", "location", "errors", "code", "error_code"),
    ]
)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values |= st.sampled_from(["2026-11-18T10:15:00+11:00", "Delivered", "ESB-10001", NUMBER])
bodies = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


@given(bodies, st.none() | st.just(NUMBER))
def test_any_json_gives_parcels_or_a_named_error(body, number):
    nested = [{"tracking_id": NUMBER, "trackable_items": [body]}]
    for payload in (body, {"tracking_results": [body]}, {"tracking_results": nested}):
        with suppress(NotFound, Rejected):
            assert all(isinstance(t, Tracking) for t in parse_trackings(payload, number=number))
