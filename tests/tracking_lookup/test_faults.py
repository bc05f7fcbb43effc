"""What carriers do on bad days, over HTTP: nothing is lost, nothing asked sooner than told."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from kit import clock
from kit.errors import RateLimited, Rejected, Unavailable
from service.storefront.store import ServiceParcelStore
from service.tracking.budget import StoredBudget
from service.tracking.refreshing import refresh_due
from tests.service.tracking.conftest import parcel_of  # noqa: F401
from tests.tracking_lookup.replay import Answer
from tracking_lookup.breaker import FIRST_PAUSE, OPENS_AFTER
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.model import Status, Verdict
from tracking_lookup.service import AFTER_FAILURE, TrackingLookup

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def body(number="N1", at=NOW):
    scan = {"code": "ARR", "at": at.isoformat(), "place": "Leeds, GB", "text": "Arrived"}
    return json.dumps({"parcel": {"number": number, "scans": [scan]}}).encode()


BAD_DAYS = {
    "a time-out": (Answer(delay=2), Unavailable),
    "a reset": (Answer(200, body(), reset=True), Unavailable),
    "half a body": (Answer(200, body(), cut=True), Unavailable),
    "half a document": (Answer(200, body()[:60]), Rejected),
    "an error": (Answer(500), Unavailable),
    "HTML": (Answer(200, b"<html>We are down</html>"), Rejected),
    "another encoding": (
        Answer(200, body().replace(b"Arrived", "Zürich".encode("latin-1"))),
        Rejected,
    ),
    "too many requests": (Answer(429), RateLimited),
    "wait": (Answer(429, headers={"Retry-After": "600"}), RateLimited),
}


@pytest.fixture
async def shop(sessions, replay, parcel_of):  # noqa: F811
    """Parcels in the database, and a look-up that asks the replayed carrier about them."""
    for _ in range(OPENS_AFTER + 2):
        await parcel_of("sandbox")
    async with httpx.AsyncClient(timeout=0.3, trust_env=False) as client:
        carriers = {"sandbox": Sandbox(client, url=replay.url)}
        lookup = TrackingLookup(
            carriers, ServiceParcelStore(sessions), budget=StoredBudget(sessions)
        )
        yield lookup
        await lookup.aclose()


def well(asked):
    return Answer(200, body(asked.path.rpartition("/")[2]))


@pytest.mark.parametrize("day", BAD_DAYS)
async def test_a_bad_day_is_named_and_the_parcel_is_asked_about_again(shop, sessions, replay, day):
    answer, fault = BAD_DAYS[day]
    replay.answer = lambda asked: answer if asked.path.endswith("/N1") else well(asked)
    asked = await shop.where_is(1, now=NOW)
    assert type(asked.fault) is fault
    assert (asked.known.tracking, asked.assessment.verdict) == (None, Verdict.NO_DATA)
    # The refresher comes back to it, and no sooner than the carrier or we allow.
    wait = max(AFTER_FAILURE, timedelta(seconds=getattr(asked.fault, "retry_after", 0) or 0))
    replay.answer = well
    replay.asked.clear()
    await refresh_due(sessions, shop, now=NOW + wait - SECOND)
    assert not any(sent.path.endswith("/N1") for sent in replay.asked)
    await refresh_due(sessions, shop, now=NOW + wait)
    found = await shop.where_is(1, now=NOW + wait)
    assert (found.fault, found.known.tracking.status) == (None, Status.IN_TRANSIT)


@pytest.mark.parametrize("day", [day for day in BAD_DAYS if "wait" not in day and "too" not in day])
async def test_many_failures_open_the_breaker_and_one_success_closes_it(shop, replay, day):
    replay.answer = lambda asked: BAD_DAYS[day][0]
    for parcel in range(1, OPENS_AFTER + 2):
        await shop.where_is(parcel, now=NOW)
    assert len(replay.asked) == OPENS_AFTER
    replay.answer = well
    early = await shop.where_is(OPENS_AFTER + 1, now=NOW + FIRST_PAUSE - SECOND)
    assert type(early.fault) is Unavailable
    assert len(replay.asked) == OPENS_AFTER
    for parcel in (OPENS_AFTER + 1, OPENS_AFTER + 2):
        assert (await shop.where_is(parcel, now=NOW + FIRST_PAUSE)).fault is None


@pytest.mark.parametrize("as_date", [False, True])
async def test_nothing_is_asked_sooner_than_the_carrier_said(shop, sessions, replay, as_date):
    now = clock.now()  # an HTTP date is read against the real clock
    later = format_datetime((now + timedelta(seconds=300)).replace(microsecond=0), usegmt=True)
    told = later if as_date else "300"
    replay.answer = lambda asked: Answer(429, headers={"Retry-After": told})
    assert type((await shop.where_is(1, now=now)).fault) is RateLimited
    replay.answer = well
    for parcel in (2, 3):
        at = now + timedelta(seconds=290)
        assert type((await shop.where_is(parcel, now=at)).fault) is RateLimited
    await refresh_due(sessions, shop, now=now + timedelta(seconds=290))
    assert len(replay.asked) == 1
    assert (await shop.where_is(2, now=now + timedelta(seconds=301))).fault is None


async def test_a_carriers_clock_that_is_ahead_makes_no_nonsense(shop, replay):
    ahead = replace(well(type("Asked", (), {"path": "/N1"})), body=body(at=NOW + 3 * 3600 * SECOND))
    replay.answer = lambda asked: ahead
    found = await shop.where_is(1, now=NOW)
    assert (found.fault, found.assessment.verdict) == (None, Verdict.MOVING)
    assert found.assessment.because == "Last scan within the hour: in transit, arrived."


async def test_all_faults_at_once_lose_no_parcel(shop, sessions, replay):
    days = [answer for answer, _ in BAD_DAYS.values()]
    replay.answer = lambda asked: days[len(replay.asked) % len(days)]
    await asyncio.gather(*(shop.where_is(n, now=NOW) for n in range(1, OPENS_AFTER + 3)))
    replay.answer = well
    later = NOW + timedelta(hours=1)
    await refresh_due(sessions, shop, now=later)
    for parcel in range(1, OPENS_AFTER + 3):
        found = await shop.where_is(parcel, now=later)
        assert (found.fault, found.known.tracking.status) == (None, Status.IN_TRANSIT)
