import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.breaker import FIRST_PAUSE, OPENS_AFTER
from tracking_lookup.budget import LocalBudget, Urgency
from tracking_lookup.carriers.ups import Ups
from tracking_lookup.contract import UNKNOWN_CARRIER, CarrierManifest, Known
from tracking_lookup.merge import merge
from tracking_lookup.model import Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.service import AFTER_FAILURE, TrackingLookup

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NUMBER = "1Z999AA10123456784"
TOKEN = Answer(200, json.dumps({"access_token": "t", "expires_in": "14399"}).encode())


class Aggregator:
    """A source that answers for everybody's parcels, several at once; what it says is given."""

    def __init__(self, status=Status.OUT_FOR_DELIVERY, error=None, batch=3):
        self.manifest = CarrierManifest(
            "everybody", "Everybody", "https://example.com", (), aggregator=True, batch=batch
        )
        self.status, self.error, self.asked = status, error, []

    async def fetch(self, query):
        return await self.fetch_many([query])

    async def fetch_many(self, queries):
        self.asked.append([(query.number, query.carrier) for query in queries])
        if self.error:
            raise self.error
        return {"numbers": [query.number for query in queries]}

    def parse(self, payload, *, number=None):
        if number == "broken":
            raise Rejected("everybody", "unreadable")
        event = TrackingEvent(NOW, self.status)
        return [Tracking("ups", number, self.status, events=(event,))]


class Store:
    """Parcels in memory, kept as the contract says. Recording takes a moment, as in a database."""

    def __init__(self, *parcels):
        self.parcels = dict(enumerate(parcels, 1))
        self.raws = []
        self.claims = {}
        self.again = {}
        self.recorded = asyncio.Event()

    async def known(self, parcel_id):
        if parcel_id not in self.parcels:
            raise NotFound("no such parcel")
        return self.parcels[parcel_id]

    async def claim(self, parcel_id, *, now, until):
        await asyncio.sleep(0)
        if self.claims.get(parcel_id, now) > now:
            return None
        self.claims[parcel_id] = until
        return self.parcels[parcel_id]

    async def release(self, parcel_id, *, again=None):
        self.claims.pop(parcel_id, None)
        self.again[parcel_id] = again

    async def record(self, parcel_id, tracking, raw, *, fetched_at, source=None, **_):
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
        carriers = {"ups": Ups(http, "id", "secret", url=replay.url)}
        carriers |= settings.pop("more", {})
        lookup = TrackingLookup(carriers, store, **settings)
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
    before = await lookup.where_is(2, now=NOW + timedelta(seconds=seconds - 3))
    assert type(before.fault) is RateLimited
    assert before.fault.retry_after == 3
    assert calls(replay) == 1
    after = await lookup.where_is(2, now=NOW + timedelta(seconds=seconds))
    assert (after.fault, calls(replay)) == (None, 2)


async def test_a_person_waits_for_a_call_that_is_free_in_a_moment(lookup_of, replay):
    budget = LocalBudget()
    lookup, _ = lookup_of(OLD, OLD, budget=budget)
    await budget.rest("ups", until=NOW + timedelta(seconds=0.2))
    assert (await lookup.where_is(1, now=NOW)).fault is None
    await budget.rest("ups", until=NOW + timedelta(seconds=0.2))
    (fault,) = await lookup.refresh("ups", [2], Urgency.QUIET, now=NOW)  # nobody waits for this one
    assert (type(fault), calls(replay)) == (RateLimited, 1)


class Knows:
    """A source that knows a number as some carrier's, or does not know it."""

    def __init__(self, slug, carrier=None, *, aggregator=False):
        self.manifest = CarrierManifest(
            slug, slug, "https://example.com", (), aggregator=aggregator
        )
        self.carrier, self.asked = carrier, 0

    async def fetch(self, query):
        self.asked += 1
        assert query.carrier is None
        return {}

    def parse(self, payload, *, number=None):
        if self.carrier is None:
            raise NotFound("no such number")
        scan = TrackingEvent(NOW, Status.IN_TRANSIT)
        return [Tracking(self.carrier, number, Status.IN_TRANSIT, events=(scan,))]


NOBODYS = Known(UNKNOWN_CARRIER, "RR123456785GB")  # a post's number: Royal Mail's, by its country


@pytest.mark.parametrize("asked_by", ["a person", "the refresher"])
async def test_whose_parcel_it_is_is_found_out_by_asking_around(lookup_of, asked_by):
    sources = [Knows("royal_mail"), Knows("aftership", aggregator=True)]
    sources.append(Knows("easypost", "Evri", aggregator=True))
    strangers = Knows("fedex", "fedex")  # its numbers do not look like that
    more = {source.manifest.slug: source for source in (*sources, strangers)}
    lookup, store = lookup_of(NOBODYS, more=more)
    if asked_by == "a person":
        answer = await lookup.where_is(1, now=NOW)
        assert answer.fault is None
    else:
        first = lookup.source_for(NOBODYS)
        assert first == "royal_mail"
        assert await lookup.refresh(first, [1], Urgency.QUIET, now=NOW) == []
    assert store.parcels[1].tracking.carrier == "Evri"
    assert [source.asked for source in (*sources, strangers)] == [1, 1, 1, 0]


async def test_a_number_that_nobody_knows_is_not_found(lookup_of):
    more = {"royal_mail": Knows("royal_mail"), "easypost": Knows("easypost", aggregator=True)}
    lookup, _ = lookup_of(NOBODYS, more=more)
    answer = await lookup.where_is(1, now=NOW)
    assert (answer.fault, answer.known.tracking.status) == (None, Status.NOT_FOUND)


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


async def test_an_unknown_code_is_logged_with_the_carriers_word(lookup_of, details, logged):
    body = recorded("ups", "in_transit")
    scans = body["trackResponse"]["shipment"][0]["package"][0]["activity"]
    scans[0]["status"] = {"type": "?", "code": "QQ", "statusCode": "999"}
    details["answer"] = Answer(200, json.dumps(body).encode())
    lookup, _ = lookup_of(NEW)
    answer = await lookup.where_is(1, now=NOW)
    assert answer.known.tracking.events[0].status is Status.UNKNOWN
    assert logged == [
        {"event": "unknown_tracking_code", "log_level": "warning", "carrier": "ups", "code": "QQ"}
    ]


async def test_a_store_that_breaks_is_not_taken_for_the_carrier(lookup_of, logged):
    lookup, store = lookup_of(NEW)

    async def broken(*args, **more):
        raise ConnectionError("the database is away")

    store.record = broken
    with pytest.raises(ConnectionError):
        await lookup.where_is(1, now=NOW)
    await asyncio.sleep(0)
    assert [entry["event"] for entry in logged] == ["lookup_crashed"]


async def test_a_source_that_keeps_failing_is_left_alone_then_tried_with_one_call(
    lookup_of, details, replay
):
    lookup, _ = lookup_of(*[OLD] * 9)
    good, details["answer"] = details["answer"], Answer(500)
    for parcel in range(1, 7):
        await lookup.where_is(parcel, now=NOW)
    assert calls(replay) == OPENS_AFTER
    details["answer"] = good
    early = await lookup.where_is(7, now=NOW + FIRST_PAUSE - timedelta(seconds=1))
    assert str(early.fault) == "ups: left alone after 5 failures in a row"
    assert calls(replay) == OPENS_AFTER
    later = NOW + FIRST_PAUSE
    both = await asyncio.gather(lookup.where_is(7, now=later), lookup.where_is(8, now=later))
    assert [type(answer.fault) for answer in both].count(Unavailable) == 1  # one probe
    assert calls(replay) == OPENS_AFTER + 1
    assert (await lookup.where_is(9, now=later)).fault is None


@pytest.mark.parametrize("answer", [Answer(500), Answer(429), Answer(200, b"<html>")])
async def test_an_aggregator_answers_where_the_carrier_cannot(lookup_of, details, answer):
    details["answer"] = answer
    everybody = Aggregator()
    lookup, _ = lookup_of(OLD, Known("pigeon", "P1"), more={"everybody": everybody})
    found = [await lookup.where_is(n, now=NOW) for n in (1, 2)]
    assert [answer.fault for answer in found] == [None, None]
    assert {answer.known.tracking.status for answer in found} == {Status.OUT_FOR_DELIVERY}
    assert everybody.asked == [[(NUMBER, "ups")], [("P1", "pigeon")]]


async def test_where_nobody_can_answer_the_carriers_own_fault_is_told(lookup_of, details):
    details["answer"] = Answer(503)
    everybody = Aggregator(error=Rejected("everybody", "bad key"))
    lookup, _ = lookup_of(OLD, more={"everybody": everybody})
    answer = await lookup.where_is(1, now=NOW)
    assert (type(answer.fault), answer.known) == (Unavailable, OLD)


async def test_what_the_carrier_does_not_know_is_not_asked_elsewhere(lookup_of, details):
    details["answer"] = Answer(404)
    everybody = Aggregator()
    lookup, _ = lookup_of(NEW, more={"everybody": everybody})
    answer = await lookup.where_is(1, now=NOW)
    assert (answer.known.tracking.status, everybody.asked) == (Status.NOT_FOUND, [])


async def test_several_parcels_are_asked_about_in_one_call(lookup_of):
    everybody = Aggregator()
    parcels = [Known("pigeon", number) for number in ("1", "2", "broken", "4", "5")]
    lookup, store = lookup_of(*parcels, more={"everybody": everybody})
    store.claims[5] = NOW + timedelta(seconds=9)  # somebody else is asking about this one
    faults = await lookup.refresh("everybody", [1, 2, 3, 4, 5], Urgency.QUIET, now=NOW)
    assert [len(call) for call in everybody.asked] == [3, 1]
    assert [str(fault) for fault in faults] == ["everybody: unreadable"]
    assert [store.parcels[n].fetched_at for n in range(1, 6)] == [NOW, NOW, None, NOW, None]
    assert store.claims.keys() == {5}
    assert store.again[3] == NOW + AFTER_FAILURE


async def test_a_source_that_throttles_is_asked_again_no_sooner_than_told(lookup_of):
    everybody = Aggregator(error=RateLimited("everybody", "slow down", 7200))
    lookup, store = lookup_of(*[Known("pigeon", "1")] * 4, more={"everybody": everybody})
    faults = await lookup.refresh("everybody", [1, 2, 3, 4], Urgency.QUIET, now=NOW)
    assert len(faults) == 4
    assert len(everybody.asked) == 1  # the second call was not made
    assert all(store.again[n] >= NOW + timedelta(hours=2) for n in (1, 2, 3, 4))


async def test_a_parcel_another_process_asks_about_is_waited_for(lookup_of, replay):
    lookup, store = lookup_of(OLD)
    store.claims[1] = NOW + timedelta(seconds=40)
    asker = asyncio.create_task(lookup.where_is(1, now=NOW))
    await asyncio.sleep(0)
    heard = scanned(timedelta(hours=1), Status.OUT_FOR_DELIVERY)
    await store.record(1, heard.tracking, {}, fetched_at=NOW)
    await store.release(1)
    answer = await asker
    assert (answer.fault, answer.known.tracking.status) == (None, Status.OUT_FOR_DELIVERY)
    assert calls(replay) == 0


async def test_unknown_codes_are_counted(lookup_of, details):
    def count():
        return REGISTRY.get_sample_value("wismo_unknown_tracking_codes_total", {"carrier": "ups"})

    body = recorded("ups", "in_transit")
    scans = body["trackResponse"]["shipment"][0]["package"][0]["activity"]
    scans[0]["status"] = scans[1]["status"] = {"code": "QQ", "statusCode": "999"}
    details["answer"] = Answer(200, json.dumps(body).encode())
    lookup, _ = lookup_of(NEW)
    before = count() or 0
    await lookup.where_is(1, now=NOW)
    assert count() - before == 2
