import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.carriers.ups import Ups
from tracking_lookup.contract import Known
from tracking_lookup.merge import merge
from tracking_lookup.model import Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.service import TrackingLookup

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NUMBER = "1Z999AA10123456784"
TOKEN = Answer(200, json.dumps({"access_token": "t", "expires_in": "14399"}).encode())


class Store:
    """Parcels in memory, kept as the contract says. Recording takes a moment, as in a database."""

    def __init__(self, *parcels):
        self.parcels = dict(enumerate(parcels, 1))
        self.raws = []
        self.recorded = asyncio.Event()

    async def known(self, parcel_id):
        if parcel_id not in self.parcels:
            raise NotFound("no such parcel")
        return self.parcels[parcel_id]

    async def record(self, parcel_id, tracking, raw, *, fetched_at):
        await asyncio.sleep(0)
        was = self.parcels[parcel_id]
        merged = merge(was.tracking, tracking)
        self.parcels[parcel_id] = replace(was, tracking=merged, fetched_at=fetched_at)
        self.raws.append(raw)
        self.recorded.set()
        return self.parcels[parcel_id]


def scanned(age, status=Status.IN_TRANSIT, fetched=timedelta(days=1), **more):
    """A parcel scanned ``age`` ago, last fetched a day ago."""
    scan = TrackingEvent(NOW - age, status, place="Columbus, OH, US", code="DP")
    tracking = Tracking("ups", NUMBER, status, events=(scan,))
    return Known("ups", NUMBER, tracking, fetched_at=NOW - fetched, **more)


OLD = scanned(timedelta(days=2))
NEW = Known("ups", NUMBER)


@pytest.fixture
async def details(replay):
    """What UPS answers; a test may change it, and await ``asked``."""
    now = {"answer": answer_of("ups", "in_transit"), "asked": asyncio.Event()}
    loop = asyncio.get_running_loop()

    def answer(asked):
        if "oauth" in asked.path:
            return TOKEN
        loop.call_soon_threadsafe(now["asked"].set)
        return now["answer"]

    replay.answer = answer
    return now


@pytest.fixture
async def lookup_of(http, replay, details):
    """A lookup through the UPS adapter and HTTP, on a store of the test's own."""
    made = []

    def make(*parcels, **settings):
        store = Store(*parcels)
        lookup = TrackingLookup(
            {"ups": Ups(http, "id", "secret", url=replay.url)}, store, **settings
        )
        made.append(lookup)
        return lookup, store

    yield make
    for lookup in made:
        await lookup.aclose()


def calls(replay):
    return sum("details" in asked.path for asked in replay.asked)


async def test_a_new_parcel_is_asked_for_and_recorded(lookup_of, replay):
    lookup, store = lookup_of(NEW)
    answer = await lookup.where_is(1, now=NOW)
    assert (answer.fault, answer.assessment.verdict) == (None, Verdict.MOVING)
    assert answer.known.tracking.status is Status.IN_TRANSIT
    assert answer.known.fetched_at == NOW
    assert store.raws == [recorded("ups", "in_transit")]


async def test_a_fresh_answer_comes_from_the_store(lookup_of, replay):
    lookup, _ = lookup_of(NEW)
    await lookup.where_is(1, now=NOW)
    await lookup.where_is(1, now=NOW + timedelta(minutes=14))
    assert calls(replay) == 1
    await lookup.where_is(1, now=NOW + timedelta(minutes=15))
    assert calls(replay) == 2


async def test_a_parcel_that_has_long_arrived_is_not_asked_for(lookup_of, replay):
    week = timedelta(days=7)
    settled = scanned(week, Status.DELIVERED, fetched=timedelta(days=2))
    just_after = scanned(week, Status.DELIVERED, fetched=week)
    disputed = scanned(week, Status.DELIVERED, fetched=timedelta(days=2), disputed_at=NOW)
    lookup, _ = lookup_of(settled, just_after, disputed)
    answer = await lookup.where_is(1, now=NOW)
    assert (calls(replay), answer.assessment.verdict) == (0, Verdict.DELIVERED)
    await lookup.where_is(2, now=NOW)  # it may have been a mistake: asked again, once
    await lookup.where_is(3, now=NOW)
    assert calls(replay) == 2


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(delay=5), Unavailable),
        (Answer(429), RateLimited),
        (Answer(500), Unavailable),
        (Answer(200, b'{"trackResponse": {}}', cut=True), Unavailable),
        (Answer(200, b"<html>sorry</html>"), Rejected),
        (answer_of("ups", "malformed"), Rejected),
    ],
)
async def test_a_carrier_that_fails_leaves_the_last_known_truth(lookup_of, details, answer, fault):
    details["answer"] = answer
    lookup, store = lookup_of(OLD, NEW)
    started = time.monotonic()
    known, unknown = await asyncio.gather(lookup.where_is(1, now=NOW), lookup.where_is(2, now=NOW))
    assert time.monotonic() - started < 3
    assert type(known.fault) is type(unknown.fault) is fault
    assert (known.known, known.assessment.verdict) == (OLD, Verdict.MOVING)
    assert (unknown.known, unknown.assessment.verdict) == (NEW, Verdict.NO_DATA)
    assert store.raws == []


async def test_a_slow_answer_is_there_for_the_next_asker(lookup_of, details, replay):
    details["answer"] = replace(details["answer"], delay=0.3)
    lookup, store = lookup_of(OLD, budget_seconds=0.05)
    first = await lookup.where_is(1, now=NOW)
    assert str(first.fault) == "ups: no answer within 0.05 seconds"
    await store.recorded.wait()
    second = await lookup.where_is(1, now=NOW)
    assert (second.fault, len(second.known.tracking.events)) == (None, 6)
    assert calls(replay) == 1


async def test_many_askers_make_one_call(lookup_of, details, replay):
    details["answer"] = replace(details["answer"], delay=0.1)
    lookup, store = lookup_of(OLD, OLD)
    answers = await asyncio.gather(*(lookup.where_is(n % 2 + 1, now=NOW) for n in range(40)))
    assert calls(replay) == 2
    assert all(answer.fault is None for answer in answers)
    assert len(store.raws) == 2


async def test_an_asker_that_leaves_does_not_end_the_call(lookup_of, details, replay):
    details["answer"] = replace(details["answer"], delay=0.1)
    lookup, _ = lookup_of(OLD)
    leaves = asyncio.create_task(lookup.where_is(1, now=NOW))
    stays = asyncio.create_task(lookup.where_is(1, now=NOW))
    await details["asked"].wait()
    leaves.cancel()
    assert (await stays).fault is None
    assert calls(replay) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "30"}, 30), ({}, 60), ({"Retry-After": "?"}, 60)]
)
async def test_a_carrier_that_says_wait_is_left_alone(lookup_of, details, replay, headers, seconds):
    lookup, _ = lookup_of(OLD, OLD)
    good, details["answer"] = details["answer"], Answer(429, headers=headers)
    await lookup.where_is(1, now=NOW)
    details["answer"] = good
    before = await lookup.where_is(2, now=NOW + timedelta(seconds=seconds - 1))
    assert type(before.fault) is RateLimited
    assert before.fault.retry_after == 1
    assert calls(replay) == 1
    after = await lookup.where_is(2, now=NOW + timedelta(seconds=seconds))
    assert (after.fault, calls(replay)) == (None, 2)


@pytest.mark.parametrize("answer", [Answer(404), answer_of("ups", "not_found")])
async def test_no_such_number_is_an_answer(lookup_of, details, replay, answer):
    details["answer"] = answer
    lookup, _ = lookup_of(NEW, OLD)
    new, old = [await lookup.where_is(n, now=NOW) for n in (1, 2)]
    assert (new.fault, new.known.tracking.status) == (None, Status.NOT_FOUND)
    assert (new.known.fetched_at, new.assessment.verdict) == (NOW, Verdict.NO_DATA)
    assert (old.fault, old.known.tracking) == (None, OLD.tracking)
    await lookup.where_is(1, now=NOW)
    assert calls(replay) == 2


async def test_a_carrier_that_is_not_switched_on(lookup_of):
    lookup, _ = lookup_of(replace(OLD, carrier="pigeon"), Known("pigeon", "1"))
    known, unknown = [await lookup.where_is(n, now=NOW) for n in (1, 2)]
    assert str(known.fault) == "pigeon: this carrier is not switched on (switched on: ups)"
    assert type(unknown.fault) is Rejected
    assert known.assessment.verdict is Verdict.MOVING
    assert unknown.assessment.verdict is Verdict.NO_DATA


async def test_no_such_parcel(lookup_of):
    lookup, _ = lookup_of()
    with pytest.raises(NotFound):
        await lookup.where_is(1, now=NOW)


async def test_closing_ends_what_is_under_way(lookup_of, details):
    details["answer"] = Answer(delay=5)
    lookup, store = lookup_of(OLD)
    before = asyncio.all_tasks()
    asker = asyncio.create_task(lookup.where_is(1, now=NOW))
    await details["asked"].wait()
    await lookup.aclose()
    answer = await asker
    assert (str(answer.fault), answer.known) == ("ups: the look-up was ended", OLD)
    assert store.raws == []
    assert asyncio.all_tasks() == before


async def test_an_unknown_code_is_logged_with_the_carriers_word(lookup_of, details):
    body = recorded("ups", "in_transit")
    scans = body["trackResponse"]["shipment"][0]["package"][0]["activity"]
    scans[0]["status"] = {"type": "?", "code": "QQ", "statusCode": "999"}
    details["answer"] = Answer(200, json.dumps(body).encode())
    lookup, _ = lookup_of(NEW)
    with capture_logs() as logs:
        answer = await lookup.where_is(1, now=NOW)
    assert answer.known.tracking.events[0].status is Status.UNKNOWN
    assert logs == [
        {"event": "unknown_tracking_code", "log_level": "warning", "carrier": "ups", "code": "QQ"}
    ]


async def test_a_store_that_breaks_is_not_taken_for_the_carrier(lookup_of):
    lookup, store = lookup_of(NEW)

    async def broken(*args, **more):
        raise ConnectionError("the database is away")

    store.record = broken
    with pytest.raises(ConnectionError), capture_logs() as logs:
        await lookup.where_is(1, now=NOW)
    await asyncio.sleep(0)
    assert [entry["event"] for entry in logs] == ["lookup_crashed"]


async def test_track_asks_without_the_store(lookup_of, details):
    lookup, _ = lookup_of()
    parcel = await lookup.track("ups", NUMBER)
    assert (parcel.number, parcel.status) == (NUMBER, Status.IN_TRANSIT)
    details["answer"] = answer_of("ups", "not_found")
    assert await lookup.track("ups", NUMBER) == Tracking("ups", NUMBER, Status.NOT_FOUND)
    details["answer"] = answer_of("ups", "throttled")
    with pytest.raises(RateLimited):
        await lookup.track("ups", NUMBER)
    with pytest.raises(Rejected, match="not switched on"):
        await lookup.track("pigeon", NUMBER)


async def test_parse_reads_a_kept_answer(lookup_of):
    lookup, _ = lookup_of()
    assert [p.status for p in lookup.parse("ups", recorded("ups", "delivered"))] == [
        Status.DELIVERED
    ]
    assert [p.status for p in lookup.parse("ups", recorded("ups", "not_found"))] == [
        Status.NOT_FOUND
    ]
    for source, payload in [("ups", {}), ("ups", None), ("pigeon", recorded("ups", "delivered"))]:
        with pytest.raises(Rejected):
            lookup.parse(source, payload)
