"""What is known of a parcel at the moment of a prediction, as numbers: the rows to learn from."""

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracking_lookup.calendars import WEEKEND, is_holiday
from tracking_lookup.edd.history import History, clock, days_between
from tracking_lookup.edd.shipments import Shipment, Stage
from tracking_lookup.model import Status

Vector = NDArray[np.float64]

NAMES: Final = (
    "usual", "usual near", "seller", "seller lately", "packing lately", "carrier off 14 d",
    "carrier off 45 d", "region off", "seller off", "pace 7 d", "pace 21 d", "backlog", "busy",
    "lane seen", "distance", "weight", "same region", "from postcode", "to postcode",
    "shop promise", "promise against usual", "carrier promise", "weekday", "hour",
    "days off ahead", "peak weeks", "since order", "packing against usual", "since hand-over",
    "left of usual", "scans", "scan age", "in its region", "trouble", "history age",
)  # fmt: skip
"""The features, in the order of their columns. ``docs/delivery-date.md`` says what each means."""

SHIFT: Final = 8.0
"""Days are learned as log(days + 8): between adding days and multiplying them."""
AHEAD: Final = 14
LOOKS: Final = (3, 7, 14, 28)
"""Days after the hand-over at which a parcel still under way is looked at, to learn from."""
_DIGITS: Final = re.compile(r"[0-9]+")
_TROUBLE: Final = frozenset({Status.EXCEPTION, Status.DELIVERY_FAILED, Status.RETURNING})

Refresh = Callable[[datetime], datetime]
"""The last moment before a time at which the history was brought up to date."""


def to_log(days: Vector) -> Vector:
    """Days as they are learned."""
    return np.log(np.maximum(days, 0) + SHIFT)


def to_days(logs: Vector) -> Vector:
    """Back again; never below 0."""
    return np.maximum(np.exp(logs) - SHIFT, 0)


def daily(at: datetime) -> datetime:
    """A history that is brought up to date each night."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def monthly(at: datetime) -> datetime:
    """A history that is brought up to date on the first of each month."""
    return daily(at).replace(day=1)


@dataclass(frozen=True, slots=True)
class Look:
    """One parcel as it was seen at one moment: a row to learn from, or to judge by.

    Attributes:
        at: The moment of the prediction.
        usual: Days still to go by its lane's and seller's history alone.
        features: In the order of ``NAMES``; NaN where unknown.
    """

    shipment: Shipment
    stage: Stage
    at: datetime
    usual: float
    features: tuple[float, ...]

    @property
    def remaining(self) -> int | None:
        """Whole days it truly took from then; ``None`` while it is under way."""
        done = self.shipment.delivered_at
        return days_between(self.at, done) if done else None


def look(one: Shipment, stage: Stage, now: datetime, history: History, as_of: datetime) -> Look:
    """See a parcel at a moment.

    Args:
        one: May hold its future; what is after ``now`` is not looked at.
        as_of: When the history was brought up to date; not after ``now``.
    """
    known = one.known_at(now)
    at = clock(as_of)
    transit, near = history.transit(known, at), history.near(known, at)
    seller, seller_lately, packing_lately = history.handling(known, at)
    since_order = float(days_between(known.ordered_at, now))
    handed = known.handed_over_at if stage is not Stage.ORDERED else None
    if handed is None:
        took, since_handed = since_order, math.nan
        usual = max(0.0, math.expm1(seller) - since_order) + math.expm1(transit)
        left = usual
    else:
        took = float(days_between(known.ordered_at, handed))
        since_handed = float(days_between(handed, now))
        left = math.expm1(transit) - since_handed
        # Past its usual time a parcel comes any day, but the later it is, the less soon.
        usual = max(left, 1.0 + 0.25 * max(0.0, -left)) if since_handed else max(left, 0.0)
    if stage is Stage.OUT_FOR_DELIVERY:
        usual = 0.0
    scans = [scan for scan in known.scans if handed is not None and scan.at >= handed]
    last = scans[-1] if scans else None
    promised = _days_to(known.promised, now)
    row = (
        transit,
        near,
        seller,
        seller_lately,
        packing_lately,
        *history.off(known, at),
        history.pace(known.carrier, at, 7),
        history.pace(known.carrier, at, 21),
        history.backlog(known.carrier, at),
        history.busy(at),
        math.log1p(history.seen(known, at)),
        math.nan if known.distance_km is None else known.distance_km,
        math.nan if known.weight_g is None else math.log1p(known.weight_g),
        float(known.origin_region == known.destination_region),
        _number(known.origin_postcode),
        _number(known.destination_postcode),
        promised,
        promised - usual,
        _days_to(known.carrier_promised, now),
        float(now.weekday()),
        now.hour + now.minute / 60,
        float(_days_off(now.date(), known.origin_country, known.destination_country)),
        _peak(now.date()),
        since_order,
        took - math.expm1(seller),
        since_handed,
        left,
        float(len(scans)) if last else math.nan,
        (now - last.at).total_seconds() / 86400 if last else math.nan,
        float(bool(last.region) and last.region == known.destination_region) if last else math.nan,
        float(any(scan.status in _TROUBLE for scan in scans)) if last else math.nan,
        float(days_between(as_of, now)),
    )
    return Look(one, stage, now, usual, row)


def moments(one: Shipment) -> Iterator[tuple[Stage, datetime]]:
    """When a parcel is looked at to learn from it: at each stage that it has reached."""
    yield Stage.ORDERED, one.ordered_at
    handed, done = one.handed_over_at, one.delivered_at
    if handed is None:
        return
    yield Stage.HANDED_OVER, handed
    for days in LOOKS:
        at = handed + timedelta(days=days)
        if done is None or at < done:
            yield Stage.MOVING, at
    out = next((s.at for s in one.scans if s.status is Status.OUT_FOR_DELIVERY), None)
    if out is not None and (done is None or out <= done):
        yield Stage.OUT_FOR_DELIVERY, out


def walk(
    shipments: Sequence[Shipment],
    *,
    refresh: Refresh,
    until: datetime,
    since: datetime | None = None,
) -> tuple[list[Look], History]:
    """Go through time once: every look before ``until``, each with the history of its own day.

    Args:
        refresh: How fresh the history is at a prediction; training must be as a prediction is.
        since: Looks before it are left out; the history still knows what happened.

    Returns:
        The looks by time, and the history as it is at ``until``.
    """
    told: list[tuple[datetime, int, int]] = []
    asked: list[tuple[datetime, int, Stage]] = []
    for number, one in enumerate(shipments):
        happened = (one.ordered_at, one.handed_over_at, one.delivered_at)
        told += [(at, kind, number) for kind, at in enumerate(happened) if at and at < until]
        asked += [
            (at, number, stage)
            for stage, at in moments(one)
            if at < until and (since is None or at >= since)
        ]
    told.sort()
    asked.sort()
    history = History()
    tell = (history.ordered, history.handed_over, history.arrived)
    looks: list[Look] = []
    done = 0
    as_of: datetime | None = None
    for at, number, stage in asked:
        fresh = refresh(at)
        if fresh != as_of:
            as_of, upto = fresh, bisect_left(told, (fresh,))
            for _, kind, which in told[done:upto]:
                tell[kind](shipments[which])
            done = max(done, upto)
            history.forget(clock(fresh))
        looks.append(look(shipments[number], stage, at, history, fresh))
    for _, kind, which in told[done:]:
        tell[kind](shipments[which])
    return looks, history


def matrix(looks: Sequence[Look]) -> Vector:
    """The features of looks, a row each."""
    return np.array([one.features for one in looks], float).reshape(len(looks), len(NAMES))


def _days_to(day: date | None, now: datetime) -> float:
    return math.nan if day is None else float((day - now.date()).days)


def _number(postcode: str) -> float:
    """The number a postcode starts with: near ones are near in most countries that have numbers."""
    found = _DIGITS.match(postcode)
    return float(found[0]) if found else math.nan


@lru_cache(maxsize=4096)
def _days_off(day: date, origin: str, destination: str) -> int:
    """Days among the next ``AHEAD`` on which one end does not work."""
    ends = [country for country in {origin, destination} if country]
    coming = (day + timedelta(days=ahead) for ahead in range(1, AHEAD + 1))
    return sum(
        one.weekday() in WEEKEND or any(is_holiday(one, country) for country in ends)
        for one in coming
    )


def _peak(day: date) -> float:
    """1 from the week before Black Friday to Christmas, when everybody orders."""
    first = date(day.year, 11, 1)
    friday = first + timedelta(days=(4 - first.weekday()) % 7 + 21)
    return float(friday - timedelta(days=7) <= day <= date(day.year, 12, 25))
