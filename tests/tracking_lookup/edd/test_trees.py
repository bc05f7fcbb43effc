import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from tracking_lookup.edd.trees import taken


@pytest.fixture(scope="module")
def rows():
    """More of them than are worked out at once; some numbers are not known."""
    rng = np.random.default_rng(3)
    made = rng.normal(size=(1_500, 5))
    made[rng.random(made.shape) < 0.2] = np.nan
    return made


def grown(rows, columns, seed):
    known = np.nan_to_num(rows)
    wanted = known[:, 4] * 2 + (known[:, 0] > 0.3) - 3 * np.isnan(rows[:, 1])
    with threadpool_limits(1):
        return HistGradientBoostingRegressor(
            loss="absolute_error", max_iter=40, max_leaf_nodes=12, random_state=seed
        ).fit(rows[:, columns], wanted)


def test_they_say_what_scikit_learn_says_of_the_same_rows(rows):
    columns = (0, 1, 4)
    fitted = [grown(rows, columns, seed) for seed in (0, 1)]
    with threadpool_limits(1):
        theirs = np.mean([one.predict(rows[:, columns]) for one in fitted], axis=0)
    trees = taken(fitted, columns)
    assert np.ptp(theirs) > 1
    np.testing.assert_allclose(trees.predict(rows), theirs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trees.predict(rows[:1]), theirs[:1], rtol=0, atol=1e-12)
    assert trees.predict(rows[:0]).shape == (0,)
