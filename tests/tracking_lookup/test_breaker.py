from datetime import UTC, datetime, timedelta

import pytest

from kit.errors import Unavailable
from tracking_lookup.breaker import FIRST_PAUSE, LONGEST_PAUSE, OPENS_AFTER, Breaker

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened():
    breaker = Breaker("ups")
    for _ in range(OPENS_AFTER):
        breaker.check(NOW)
        breaker.failed(NOW)
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before():
    breaker = Breaker("ups")
    for _ in range(OPENS_AFTER - 1):
        breaker.failed(NOW)
    breaker.check(NOW)
    breaker.succeeded()
    for _ in range(OPENS_AFTER - 1):
        breaker.failed(NOW)
    breaker.check(NOW)
    breaker.failed(NOW)
    with pytest.raises(Unavailable, match="left alone after 5 failures in a row"):
        breaker.check(NOW)


def test_one_probe_closes_it_or_doubles_the_pause():
    breaker = opened()
    with pytest.raises(Unavailable):
        breaker.check(NOW + FIRST_PAUSE - SECOND)
    at = NOW + FIRST_PAUSE
    breaker.check(at)
    with pytest.raises(Unavailable):  # one probe is enough
        breaker.check(at)
    breaker.failed(at)
    with pytest.raises(Unavailable):
        breaker.check(at + 2 * FIRST_PAUSE - SECOND)
    at += 2 * FIRST_PAUSE
    breaker.check(at)
    breaker.succeeded()
    assert not breaker.is_open
    breaker.check(at)
    breaker.check(at)


def test_a_probe_that_was_not_decided_leaves_the_next_one_to_try():
    breaker = opened()
    breaker.check(NOW + FIRST_PAUSE)
    breaker.put_off()
    breaker.check(NOW + FIRST_PAUSE)
    # one that never came back is not waited for beyond a pause
    breaker.check(NOW + 2 * FIRST_PAUSE)


def test_the_pause_has_an_end():
    breaker = opened()
    for _ in range(50):
        breaker.failed(NOW)
    breaker.check(NOW + LONGEST_PAUSE)
