"""How good dates were: the figures of the report card. Pure numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracking_lookup.edd.quantiles import Vector, pinball

SHARES: Final = (0.05, 0.1, 0.5, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What one predictor said of some parcels, and how it was; all in days from the prediction.

    Attributes:
        days: As it was.
        date: The one day said.
        quantiles: A row each, columns ``SHARES``; ``None`` where it gives a day alone.
        window: First and last day of the 90 % window; ``None`` likewise.
        labels: What a parcel may be counted by: ``{"month": [...], "lane": [...]}``.
    """

    days: Vector
    date: Vector
    quantiles: Vector | None
    window: tuple[Vector, Vector] | None
    labels: Mapping[str, Sequence[str]]

    def of(self, rows: NDArray[np.intp]) -> "Predictions":
        """Some of them."""
        return Predictions(
            self.days[rows],
            self.date[rows],
            None if self.quantiles is None else self.quantiles[rows],
            None if self.window is None else (self.window[0][rows], self.window[1][rows]),
            {name: [values[row] for row in rows] for name, values in self.labels.items()},
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over parcels; ``None`` where the predictor does not say such a thing.

    Attributes:
        mae: Mean absolute error, days.
        on_or_before: Share that came on the day said or earlier.
        slack: Mean days by which the day said was later than the true one.
        coverage_80: Share that came within the promised window, from its 10 to its 90 % day.
        coverage_90: ... within the shortest window meant to hold 90 %.
        width_90: Mean days from that window's first to its last.
        pinball: Mean pinball loss over ``SHARES``, days.
    """

    n: int
    mae: float
    on_or_before: float
    slack: float
    coverage_80: float | None = None
    coverage_90: float | None = None
    width_90: float | None = None
    pinball: float | None = None


def measure(said: Predictions) -> Figures:
    """The figures of predictions. Days said are whole: rounded.

    Raises:
        ValueError: There are none.
    """
    if not len(said.days):
        raise ValueError("nothing to measure")
    off = np.round(said.date) - said.days
    found = Figures(
        len(off), float(np.abs(off).mean()), float((off >= 0).mean()), float(off.mean())
    )
    if said.quantiles is None or said.window is None:
        return found
    first, last = (np.round(end) for end in said.window)
    low, high = np.round(said.quantiles[:, 1]), np.round(said.quantiles[:, 3])
    losses = [
        pinball(said.days, said.quantiles[:, column], share).mean()
        for column, share in enumerate(SHARES)
    ]
    return Figures(
        found.n,
        found.mae,
        found.on_or_before,
        found.slack,
        float(((low <= said.days) & (said.days <= high)).mean()),
        float(((first <= said.days) & (said.days <= last)).mean()),
        float((last - first).mean()),
        float(np.mean(losses)),
    )


def intervals(
    said: Predictions, *, rounds: int = 200, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals of each figure.

    Whole weeks of parcels are drawn, as a bad week is bad for all parcels in it; drawing single
    ones would make the intervals too narrow.
    """
    weeks = np.array(said.labels["week"], object)
    names, member = np.unique(weeks, return_inverse=True)
    rows = [np.flatnonzero(member == week) for week in range(len(names))]
    random = np.random.default_rng(seed)
    bare = Predictions(said.days, said.date, said.quantiles, said.window, {})
    drawn = [
        measure(
            bare.of(np.concatenate([rows[w] for w in random.integers(len(rows), size=len(rows))]))
        )
        for _ in range(rounds)
    ]
    found = {}
    for name in Figures.__slots__:
        values = [getattr(one, name) for one in drawn]
        if name != "n" and values[0] is not None:
            low, high = np.quantile(values, (0.025, 0.975))
            found[name] = (float(low), float(high))
    return found


def on_time_at(said: Predictions, slack: float) -> float:
    """The share on or before the day said, once all days are moved alike to that mean slack."""
    off = said.date - said.days
    return float((off - off.mean() + slack >= 0).mean())


def reliability(said: Predictions) -> list[tuple[float, float]]:
    """Per share promised: the share of parcels that came by then."""
    if said.quantiles is None:
        return []
    return [
        (share, float((said.days <= np.round(said.quantiles[:, column])).mean()))
        for column, share in enumerate(SHARES)
    ]
