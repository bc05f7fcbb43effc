from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import RateLimited
from tracking_lookup.budget import LocalBudget, Urgency, allowed
from tracking_lookup.contract import CarrierManifest

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
USPS = CarrierManifest("usps", "USPS", "https://example.com", (), calls=((10, 3600),))


async def taken(budget, urgency, times, now=NOW, manifest=USPS):
    """How many of so many calls are granted."""
    granted = 0
    for _ in range(times):
        try:
            await budget.take(manifest, urgency, now=now)
        except RateLimited:
            continue
        granted += 1
    return granted


async def test_what_is_quiet_leaves_calls_for_those_who_ask():
    budget = LocalBudget()
    assert await taken(budget, Urgency.QUIET, 20) == 5
    assert await taken(budget, Urgency.PROMISED, 20) == 3
    assert await taken(budget, Urgency.ASKED, 20) == 2
    with pytest.raises(RateLimited) as refused:
        await budget.take(USPS, Urgency.ASKED, now=NOW + HOUR / 2)
    assert refused.value.retry_after == 1801  # a second more than the vendor's hour
    assert "10 calls in 3600 seconds" in refused.value.message
    assert await taken(budget, Urgency.ASKED, 20, NOW + HOUR + timedelta(seconds=1)) == 10


async def test_a_source_at_rest_is_not_asked_whatever_its_calls():
    budget = LocalBudget()
    await budget.rest("usps", until=NOW + HOUR)
    await budget.rest("usps", until=NOW)  # an earlier word does not shorten it
    with pytest.raises(RateLimited) as refused:
        await budget.take(USPS, Urgency.ASKED, now=NOW)
    assert refused.value.retry_after == 3600
    await budget.take(USPS, Urgency.ASKED, now=NOW + HOUR)


@given(st.integers(1, 10_000))
def test_every_urgency_gets_one_call_and_no_more_than_those_above_it(count):
    shares = [allowed(count, urgency) for urgency in (Urgency.QUIET, Urgency.PROMISED)]
    assert 1 <= shares[0] <= shares[1] <= allowed(count, Urgency.ASKED) == count


async def test_of_several_limits_each_holds():
    dhl = CarrierManifest("dhl", "DHL", "https://example.com", (), calls=((3, 3600), (1, 5)))
    budget = LocalBudget()
    later = [NOW + timedelta(seconds=n) for n in (0, 6, 12, 18)]
    assert [await taken(budget, Urgency.ASKED, 2, at, dhl) for at in later] == [1, 1, 1, 0]
    with pytest.raises(RateLimited, match="3 calls in 3600 seconds"):
        await budget.take(dhl, Urgency.ASKED, now=later[-1])
