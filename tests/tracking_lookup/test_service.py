"""One parcel and its carrier: asked when due, once, and what is told when it fails."""

import asyncio
import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from kit.errors import NotFound, RateLimited, Rejected, Unavailable
from tests.tracking_lookup.parcels import NEW, NOW, OLD, calls, scanned
from tests.tracking_lookup.replay import Answer, answer_of, recorded
from tracking_lookup.breaker import FIRST_PAUSE, OPENS_AFTER
from tracking_lookup.budget import LocalBudget, Urgency
from tracking_lookup.contract import Known
from tracking_lookup.model import Status, Verdict


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
