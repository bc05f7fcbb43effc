"""What the model must beat, fitted as anyone would: medians and quantiles of lanes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import numpy as np

from tracking_lookup.edd.features import Look, Vector
from tracking_lookup.edd.fitting import ENOUGH_ERRORS, HALF_LIFE, errors_at
from tracking_lookup.edd.quantiles import GRID, at_share, spread

ENOUGH: Final = 10
"""Parcels from which a lane has a table of its own; else all parcels' is used."""

Lane = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class LaneTable:
    """Quantiles of remaining days by lane, plain: no shrinking, no trend, no censoring.

    Attributes:
        everyone: The quantiles of all parcels, columns as ``GRID``.
        widen: Days by which the lower and upper ends of a 90 % window are moved so that it would
            have held 90 % of earlier held-out parcels (conformalised quantiles).

    Source: Y. Romano and others, "Conformalized quantile regression", 2019.
    """

    everyone: Vector
    lanes: dict[Lane, Vector]
    widen: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def fit(cls, looks: Sequence[Look]) -> "LaneTable":
        """Of delivered parcels.

        Raises:
            ValueError: No looks.
        """
        if not looks:
            raise ValueError("no delivered parcel")
        days: dict[Lane, list[int]] = {}
        for one in looks:
            days.setdefault(one.shipment.lane, []).append(one.remaining or 0)
        every = np.array([day for found in days.values() for day in found], float)
        return cls(
            np.quantile(every, GRID),
            {
                lane: np.quantile(np.array(found, float), GRID)
                for lane, found in days.items()
                if len(found) >= ENOUGH
            },
        )

    def calibrated(self, held: "HeldWindows", origin: datetime) -> "LaneTable":
        """The same table with its windows widened by the same rules as ours.

        Parcels under way count, and the newer weigh more.
        """
        moves = held.moves(origin)
        return self if moves is None else replace(self, widen=moves)

    def curves(self, looks: Sequence[Look]) -> Vector:
        """The quantiles of each, a row each."""
        rows: Vector = np.array(
            [self.lanes.get(one.shipment.lane, self.everyone) for one in looks], float
        ).reshape(len(looks), len(GRID))
        return rows

    def window(self, looks: Sequence[Look]) -> tuple[Vector, Vector]:
        """First and last day of each 90 % window."""
        curves = self.curves(looks)
        low, high = (curves[:, int(np.argmin(np.abs(GRID - share)))] for share in (0.05, 0.95))
        return np.maximum(low - self.widen[0], 0), np.maximum(high + self.widen[1], 0)


@dataclass(slots=True)
class HeldWindows:
    """Windows that tables of earlier months gave to parcels that they had not seen."""

    looks: list[Look] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, table: LaneTable, looks: Sequence[Look]) -> None:
        """Keep what a table, without its widening, says of these."""
        low, high = replace(table, widen=(0.0, 0.0)).window(looks)
        self.looks.extend(looks)
        self.low.extend(low)
        self.high.extend(high)

    def moves(self, origin: datetime) -> tuple[float, float] | None:
        """Days to move both ends by; ``None`` while too little is known."""
        first, last = (
            errors_at(self.looks, np.array(ends), origin, log=False)
            for ends in (self.low, self.high)
        )
        if first.known.sum() < ENOUGH_ERRORS:
            return None
        below = at_share(spread(first, HALF_LIFE)[None, :], 0.05)[0]
        above = at_share(spread(last, HALF_LIFE)[None, :], 0.95)[0]
        return -float(below), float(above)


def delivered_before(looks: Sequence[Look], origin: datetime) -> list[Look]:
    """Those whose parcel had arrived."""
    return [
        one
        for one in looks
        if one.shipment.delivered_at is not None and one.shipment.delivered_at < origin
    ]
