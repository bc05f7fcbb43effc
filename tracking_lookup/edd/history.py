"""What a shop's parcels have shown up to a moment: means that forget, by carrier, lane and seller.

One object serves training and prediction. In training it is walked through time: it is told what
happened before a day, asked about the parcels of that day, told of that day, and so on. So a
training row sees no more than a prediction did, and nothing can be known too early.
"""

import math
from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracking_lookup.edd.shipments import Shipment

Vector = NDArray[np.float64]

LONG: Final = 180.0
"""Half-life in days of what a lane or seller is like."""
SHORT: Final = 14.0
"""Half-life in days of how it goes lately."""
MIDDLE: Final = 45.0
# Where nothing is known: about a week on the way, two days to pack.
TRANSIT_PRIOR: Final = math.log1p(7)
HANDLING_PRIOR: Final = math.log1p(2)
# After that many days under way a parcel says nothing about the speed of the others: it is lost.
GIVEN_UP: Final = 90.0
# Spread of transit times in log days that the expected pace assumes; only ratios are used.
_SPREAD: Final = 0.25
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)


def clock(at: datetime) -> float:
    """Days since 2000, on the wall clock of the time's own zone, so that days do not shift."""
    return (at.replace(tzinfo=UTC) - _EPOCH).total_seconds() / 86400


def days_between(first: datetime, last: datetime) -> int:
    """Whole calendar days; 0 on the same day."""
    return (last.date() - first.date()).days


class Mean:
    """A mean in which a value of one half-life ago counts half."""

    __slots__ = ("_at", "_half_life", "_sum", "_weight")

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._weight = self._sum = self._at = 0.0

    def add(self, value: float, at: float) -> None:
        """Take in a value of time ``at`` (days), not before the last one's."""
        kept = math.exp2((self._at - at) / self._half_life)
        self._weight = self._weight * kept + 1
        self._sum = self._sum * kept + value
        self._at = at

    def read(self, at: float, prior: float, strength: float) -> float:
        """The mean, drawn to ``prior`` as if that had been seen ``strength`` times."""
        kept = math.exp2((self._at - at) / self._half_life)
        return (self._sum * kept + strength * prior) / (self._weight * kept + strength)

    def weight(self, at: float) -> float:
        """How many values it rests on, the old ones counted less."""
        return self._weight * math.exp2((self._at - at) / self._half_life)


class History:
    """Means by carrier, lane, place and seller, and who is under way.

    Times of transit and handling are kept as log(1 + days): a slow parcel pulls a mean less so.
    """

    def __init__(self) -> None:
        self._means: dict[Hashable, Mean] = {}
        # Per carrier: shipment id → (handed over, expected log days, delivered or infinity).
        self._recent: dict[str, dict[str, tuple[float, float, float]]] = {}
        self._pace: dict[tuple[str, float], tuple[float, float]] = {}
        self.delivered = 0

    def ordered(self, one: Shipment) -> None:
        """An order has come in."""
        at = clock(one.ordered_at)
        for half_life in (7.0, 60.0):
            self._mean(("orders", half_life), half_life).add(1.0, at)

    def handed_over(self, one: Shipment) -> None:
        """The carrier has got it. Nothing where nobody knows when."""
        if one.handed_over_at is None:
            return
        at = clock(one.handed_over_at)
        took = math.log1p(max(0, days_between(one.ordered_at, one.handed_over_at)))
        self._mean(("handling",), LONG).add(took, at)
        self._mean(("handling lately",), SHORT).add(took, at)
        self._mean(("seller", one.seller), LONG).add(took, at)
        self._mean(("seller lately", one.seller), 21.0).add(took, at)
        way = self._recent.setdefault(one.carrier, {})
        way[one.id] = (at, self.transit(one, at), math.inf)

    def arrived(self, one: Shipment) -> None:
        """It is delivered."""
        if one.delivered_at is None:
            return
        at = clock(one.delivered_at)
        self.delivered += 1
        started = one.handed_over_at or one.ordered_at
        took = math.log1p(max(0, days_between(started, one.delivered_at)))
        off = took - self.transit(one, at)
        for key in _transit_keys(one):
            self._mean(key, LONG).add(took, at)
        self._mean(("off", one.carrier, SHORT), SHORT).add(off, at)
        self._mean(("off", one.carrier, MIDDLE), MIDDLE).add(off, at)
        self._mean(("off to", one.carrier, one.destination_region), 30.0).add(off, at)
        self._mean(("off seller", one.seller), 60.0).add(off, at)
        way = self._recent.get(one.carrier, {})
        if one.id in way:
            handed, expected, _ = way[one.id]
            way[one.id] = (handed, expected, at)

    def transit(self, one: Shipment, at: float) -> float:
        """Usual log(1 + days) from hand-over to door: the lane's, drawn to its ends', to all."""
        everyone, carrier, origin, destination, lane = _transit_keys(one)[:5]
        known = self._read(everyone, at, TRANSIT_PRIOR, 5)
        known = self._read(carrier, at, known, 10)
        start = self._read(origin, at, known, 15)
        end = self._read(destination, at, known, 8)
        return self._read(lane, at, start + end - known, 8)

    def near(self, one: Shipment, at: float) -> float:
        """The same for the neighbourhood of the destination, by the start of its postcode."""
        return self._read(_transit_keys(one)[5], at, self.transit(one, at), 8)

    def handling(self, one: Shipment, at: float) -> tuple[float, float, float]:
        """Log(1 + days) to the hand-over: the seller's, the seller's lately, all's lately."""
        everyone = self._read(("handling",), at, HANDLING_PRIOR, 5)
        seller = self._read(("seller", one.seller), at, everyone, 4)
        lately = self._read(("seller lately", one.seller), at, seller, 3)
        return seller, lately, self._read(("handling lately",), at, everyone, 4)

    def off(self, one: Shipment, at: float) -> tuple[float, float, float, float]:
        """How much slower than usual parcels arrive lately, in log days.

        Of the carrier in two weeks and in six, to that region, from that seller.
        """
        return (
            self._read(("off", one.carrier, SHORT), at, 0, 5),
            self._read(("off", one.carrier, MIDDLE), at, 0, 5),
            self._read(("off to", one.carrier, one.destination_region), at, 0, 8),
            self._read(("off seller", one.seller), at, 0, 5),
        )

    def busy(self, at: float) -> float:
        """Log of the orders a day of the last week over those of two months; 0 is as ever."""
        recent, usual = (self._weight(("orders", life), at) / life for life in (7.0, 60.0))
        return math.log((recent + 0.1) / (usual + 0.1))

    def seen(self, one: Shipment, at: float) -> float:
        """On how many parcels of its lane the usual time rests, old ones counted less."""
        return self._weight(_transit_keys(one)[4], at)

    def backlog(self, carrier: str, at: float) -> float:
        """Mean days that a carrier's parcels have been under way now; NaN with none."""
        key = (carrier, 0.0)
        known = self._pace.get(key)
        if known and known[0] == at:
            return known[1]
        ages = [at - handed for handed, _, done in self._way(carrier, at) if done > at]
        value = sum(ages) / len(ages) if ages else math.nan
        self._pace[key] = (at, value)
        return value

    def pace(self, carrier: str, at: float, window: float) -> float:
        """Log of deliveries in the last ``window`` days over those expected of who was under way.

        Below 0 the carrier is slower than usual. It sees a slowdown before the late parcels
        arrive, which a mean of delivered ones does not.
        """
        key = (carrier, window)
        known = self._pace.get(key)
        if known and known[0] == at:
            return known[1]
        way = np.array([one for one in self._way(carrier, at) if one[2] > at - window])
        value = 0.0
        if len(way):
            handed, expected, delivered = way.T
            until, since = np.minimum(delivered, at), np.maximum(handed, at - window)
            due = _hazard(until - handed, expected) - _hazard(since - handed, expected)
            value = math.log(((delivered < at).sum() + 5) / (float(due.sum()) + 5))
        self._pace[key] = (at, value)
        return value

    def forget(self, at: float) -> None:
        """Let go of parcels that say nothing about the present any more."""
        for way in self._recent.values():
            for name in [n for n, (handed, _, d) in way.items()
                         if handed < at - GIVEN_UP or d < at - SHORT * 2]:  # fmt: skip
                del way[name]

    def _way(self, carrier: str, at: float) -> list[tuple[float, float, float]]:
        known = self._recent.get(carrier, {})
        return [one for one in known.values() if at - GIVEN_UP < one[0] < at]

    def _mean(self, key: Hashable, half_life: float) -> Mean:
        found = self._means.get(key)
        if found is None:
            found = self._means[key] = Mean(half_life)
        return found

    def _read(self, key: Hashable, at: float, prior: float, strength: float) -> float:
        found = self._means.get(key)
        return prior if found is None else found.read(at, prior, strength)

    def _weight(self, key: Hashable, at: float) -> float:
        found = self._means.get(key)
        return 0.0 if found is None else found.weight(at)


def _transit_keys(one: Shipment) -> tuple[Hashable, ...]:
    carrier, service, origin, destination = one.lane
    return (
        ("transit",),
        ("transit", carrier, service),
        ("from", carrier, origin),
        ("to", carrier, destination),
        ("lane", carrier, service, origin, destination),
        ("near", carrier, destination, len(one.destination_postcode), one.destination_postcode[:2]),
    )


def _hazard(age: Vector, expected: Vector) -> Vector:
    """Cumulative hazard of a log-logistic transit time around what was expected of it."""
    total: Vector = np.logaddexp(0, (np.log1p(np.maximum(age, 0)) - expected) / _SPREAD)
    return total
