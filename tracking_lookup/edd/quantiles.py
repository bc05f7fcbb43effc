"""From errors seen to windows that hold what they say. Pure numbers, no model in here.

An *error* is log days as it was less log days as was predicted. Of a parcel still under way only a
lower bound is known; leaving it out would leave out the slow ones. So the distribution is that of
Kaplan and Meier, with the newer errors weighing more.

Source: E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", 1958;
R. Barber and others, "Conformal prediction beyond exchangeability", 2023, for the weights.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

GRID: Final = np.round(np.arange(0.005, 0.9951, 0.005), 3)
"""The shares at which a distribution is kept."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors that were seen.

    Attributes:
        size: In log days; a lower bound where not ``known``.
        known: Whether the parcel has arrived.
        age: Days since the prediction was made.
    """

    size: Vector
    known: NDArray[np.bool_]
    age: Vector

    def of(self, chosen: NDArray[np.bool_]) -> "Errors":
        """Some of them."""
        return Errors(self.size[chosen], self.known[chosen], self.age[chosen])


def spread(errors: Errors, half_life: float) -> Vector:
    """The errors' quantiles at each share of ``GRID``.

    What lies beyond the last known error is taken to be as large as that. One error more than was
    seen, of the largest size, is counted: with few of them windows are wider, as conformal
    prediction asks for.

    Raises:
        ValueError: No error is known.
    """
    if not errors.known.any():
        raise ValueError("no error is known")
    weight = 0.5 ** (errors.age / half_life)
    order = np.lexsort((~errors.known, errors.size))
    size, known, weight = errors.size[order], errors.known[order], weight[order]
    at_risk = np.cumsum(weight[::-1])[::-1] + weight.mean()
    survived = np.cumprod(1 - np.where(known, weight / at_risk, 0.0))
    place = np.searchsorted(1 - survived, GRID, side="left")
    largest = size[known][-1]
    curve: Vector = np.minimum(size[np.minimum(place, len(size) - 1)], largest)
    return curve


def effective(errors: Errors, half_life: float) -> float:
    """How many equally weighted known errors these are worth (Kish)."""
    weight = 0.5 ** (errors.age[errors.known] / half_life)
    return float(weight.sum() ** 2 / (weight**2).sum()) if len(weight) else 0.0


def at_share(curves: Vector, share: float) -> Vector:
    """One quantile of each row of ``curves``, whose columns are those of ``GRID``."""
    column: Vector = curves[:, int(np.argmin(np.abs(GRID - share)))]
    return column


def shortest(curves: Vector, share: float) -> tuple[Vector, Vector]:
    """The shortest window of each row that holds ``share``; the tail is mostly on the late side."""
    steps = round(share / 0.005)
    widths = curves[:, steps:] - curves[:, :-steps]
    first = widths.argmin(axis=1)
    rows = np.arange(len(curves))
    return curves[rows, first], curves[rows, first + steps]


def pinball(days: Vector, quantile: Vector, share: float) -> Vector:
    """The loss that the true quantile makes least."""
    off = days - quantile
    loss: Vector = np.maximum(share * off, (share - 1) * off)
    return loss
