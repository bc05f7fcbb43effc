import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from kit.errors import RateLimited
from service.tracking.budget import StoredBudget
from service.tracking.models import SourceCall
from tracking_lookup.budget import Urgency
from tracking_lookup.contract import CarrierManifest

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
USPS = CarrierManifest("usps", "USPS", "https://example.com", (), calls=((10, 3600),))
FREE = CarrierManifest("ups", "UPS", "https://example.com", ())


async def granted(budgets, urgency, times, now=NOW):
    """How many of so many calls at once are granted, spread over the budgets."""

    async def one(n):
        try:
            await budgets[n % len(budgets)].take(USPS, urgency, now=now)
        except RateLimited:
            return 0
        return 1

    return sum(await asyncio.gather(*(one(n) for n in range(times))))


async def test_never_more_than_the_limit_however_many_take_at_once(sessions):
    budgets = [StoredBudget(sessions) for _ in range(4)]
    assert await granted(budgets, Urgency.ASKED, 40) == 10
    assert await granted(budgets, Urgency.ASKED, 5, NOW + 3600 * SECOND) == 0
    assert await granted(budgets, Urgency.ASKED, 40, NOW + 3601 * SECOND) == 10
    async with sessions() as session:  # what no longer counts is not kept
        assert await session.scalar(select(func.count()).select_from(SourceCall)) == 10


async def test_a_person_asking_gets_what_the_quiet_may_not_have(sessions):
    budget = StoredBudget(sessions)
    assert await granted([budget], Urgency.QUIET, 20) == 5
    assert await granted([budget], Urgency.PROMISED, 20) == 3
    assert await granted([budget], Urgency.ASKED, 20) == 2
    with pytest.raises(RateLimited) as refused:
        await budget.take(USPS, Urgency.QUIET, now=NOW + SECOND)
    assert refused.value.retry_after == 3600


async def test_a_source_that_asked_for_rest_gets_it_from_every_process(sessions):
    one, other = StoredBudget(sessions), StoredBudget(sessions)
    for manifest in (USPS, FREE):
        await one.rest(manifest.slug, until=NOW + 60 * SECOND)
        await other.rest(manifest.slug, until=NOW + 30 * SECOND)  # does not shorten it
        with pytest.raises(RateLimited) as refused:
            await other.take(manifest, Urgency.ASKED, now=NOW + 59 * SECOND)
        assert refused.value.retry_after == 1
        await other.take(manifest, Urgency.ASKED, now=NOW + 60 * SECOND)


async def test_of_several_limits_each_holds(sessions):
    dhl = CarrierManifest("dhl", "DHL", "https://example.com", (), calls=((3, 3600), (1, 5)))
    budget = StoredBudget(sessions)
    for seconds in (0, 7, 14):
        await budget.take(dhl, Urgency.ASKED, now=NOW + seconds * SECOND)
        with pytest.raises(RateLimited) as refused:
            await budget.take(dhl, Urgency.ASKED, now=NOW + (seconds + 1) * SECOND)
        assert refused.value.retry_after == (3586 if seconds == 14 else 5)
