import numpy as np
import pytest

from tracking_lookup.edd.quantiles import GRID, Errors, at_share, effective, shortest, spread


def errors(size, known=None, age=None):
    size = np.asarray(size, float)
    return Errors(
        size,
        np.ones(len(size), bool) if known is None else np.asarray(known, bool),
        np.zeros(len(size)) if age is None else np.asarray(age, float),
    )


def share(curve, wanted):
    return at_share(curve[None, :], wanted)[0]


def test_with_all_known_they_are_the_plain_quantiles():
    curve = spread(errors(np.arange(1000)), 60)
    assert share(curve, 0.5) == pytest.approx(500, abs=3)
    assert share(curve, 0.9) == pytest.approx(900, abs=3)
    assert (np.diff(curve) >= 0).all()


def test_parcels_under_way_are_not_taken_for_fast_ones():
    random = np.random.default_rng(1)
    true, seen_for = random.exponential(10, 4000), random.uniform(0, 20, 4000)
    known = true <= seen_for
    censored = spread(errors(np.minimum(true, seen_for), known), 60)
    naive = spread(errors(true[known]), 60)
    assert share(censored, 0.5) == pytest.approx(10 * np.log(2), rel=0.08)
    assert share(naive, 0.5) < 0.75 * 10 * np.log(2)


def test_newer_errors_weigh_more():
    curve = spread(errors([0] * 500 + [10] * 500, age=[120] * 500 + [0] * 500), 60)
    assert share(curve, 0.5) == 10


def test_few_errors_make_a_wide_window():
    assert share(spread(errors([1, 2, 3]), 60), 0.9) == 3
    with pytest.raises(ValueError, match="no error"):
        spread(errors([1.0], known=[False]), 60)


def test_the_shortest_window_holds_its_share_and_is_not_wider_than_the_even_one():
    random = np.random.default_rng(2)
    days = random.lognormal(2, 0.6, 20_000)
    curve = np.quantile(days, GRID)[None, :]
    low, high = shortest(curve, 0.9)
    assert ((days >= low[0]) & (days <= high[0])).mean() == pytest.approx(0.9, abs=0.01)
    assert high[0] - low[0] < share(curve[0], 0.95) - share(curve[0], 0.05)


def test_equal_weights_count_fully():
    assert effective(errors([1, 2, 3]), 60) == pytest.approx(3)
    assert effective(errors([1, 2], known=[False, False]), 60) == 0
