"""The delivery-date model that runs: what one training learned, and what it says of a parcel."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from tracking_lookup.edd.backtest import months
from tracking_lookup.edd.features import Look, Vector, daily, look, monthly, walk
from tracking_lookup.edd.fitting import Fitted, roll
from tracking_lookup.edd.history import History, clock
from tracking_lookup.edd.metrics import SHARES
from tracking_lookup.edd.promise import Estimate, day_after
from tracking_lookup.edd.quantiles import at_share, pinball
from tracking_lookup.edd.shipments import Shipment, Stage

ENOUGH: Final = 20
"""Delivered parcels from which the shop's own history is used at all."""
HELD_OUT: Final = timedelta(days=200)
"""How far back training goes with its rolling origin, to see its own errors."""
MOST_HELD: Final = 5000
SERVICE: Final = "service"
SERVICE_DAYS: Final = {
    "same_day": (0, 0, 1), "next_day": (1, 1, 2), "express": (1, 2, 4), "standard": (2, 4, 7),
    "economy": (4, 8, 14), "international": (6, 11, 21),
}  # fmt: skip
"""Days from the hand-over that such services usually take, first, likely and last, for a shop
without a history. A rough reckoning of ours, checked against nothing; lanes replace it."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Model:
    """One trained model.

    Attributes:
        trained_at: It knows nothing of what came later.
        parcels: How many delivered parcels it has seen.
        loss: Mean pinball loss on held-out parcels, by stage, days.
        held: The same parcel by parcel, of the newest ``MOST_HELD`` at each stage: two models are
            compared on those that both held out.
        service_days: Published times by service, used while ``parcels`` is below ``ENOUGH``.
    """

    fitted: Fitted
    history: History
    trained_at: datetime
    parcels: int
    loss: dict[Stage, float] = field(default_factory=dict)
    held: dict[Stage, dict[str, float]] = field(default_factory=dict)
    service_days: dict[str, tuple[float, float, float]] = field(
        default_factory=lambda: dict(SERVICE_DAYS)
    )

    def predict(self, one: Shipment, now: datetime) -> Estimate:
        """When a parcel comes, as known at ``now``; what is after that is not looked at.

        Args:
            now: Aware, on the destination's clock. Before an order exists, that is before
                purchase, ask with ``ordered_at=now``.
        """
        return self.predict_many([one], now)[0]

    def predict_many(self, shipments: Sequence[Shipment], now: datetime) -> list[Estimate]:
        """The same for many at once, which is far faster than one by one; in their order."""
        as_of = min(self.trained_at, now)
        looks = [look(one, one.stage_at(now), now, self.history, as_of) for one in shipments]
        if self.parcels < ENOUGH:
            return [self._published(one) for one in looks]
        found: list[Estimate | None] = [None] * len(looks)
        for stage in Stage:
            rows = [row for row, one in enumerate(looks) if one.stage is stage]
            if not rows:
                continue
            some = [looks[row] for row in rows]
            names, middle, curves = self.fitted.distribution(stage, some)
            for place, row in enumerate(rows):
                found[row] = self._estimate(some[place], names[place], middle[place], curves[place])
        return [one for one in found if one is not None]

    def _estimate(self, one: Look, by: str, middle: float, curve: Vector) -> Estimate:
        if not len(curve) or math.isnan(curve[0]):
            return self._published(one)
        first, last, late = (float(at_share(curve[None, :], s)[0]) for s in (0.1, 0.9, 0.95))
        likely = min(max(float(middle), first), last)
        days = [day_after(one.at, value) for value in (first, likely, last, late)]
        return Estimate(days[0], days[1], days[2], by, self._because(one), days[3])

    def _because(self, one: Look) -> str:
        """One sentence: what its route took lately, and how it stands against that."""
        at = clock(min(self.trained_at, one.at))
        usual = self.history.transit(one.shipment, at)
        lately = self.history.off(one.shipment, at)[1]
        low, high = (max(0, round(math.expm1(usual + lately + way))) for way in (-0.3, 0.3))
        high = max(high, low + 1)
        text = f"Parcels on this route took about {low} to {high} days lately"
        handed = one.shipment.handed_over_at
        if one.stage is Stage.ORDERED or handed is None:
            packing = round(math.expm1(self.history.handling(one.shipment, at)[1]))
            return f"{text}, after {_days(packing)} to pack." if packing else f"{text}."
        behind = (one.at.date() - handed.date()).days - high
        return f"{text}; yours is {_days(behind)} behind." if behind > 0 else f"{text}."

    def _published(self, one: Look) -> Estimate:
        days = self.service_days.get(one.shipment.service) or self.service_days["standard"]
        packing = 2.0 if one.stage is Stage.ORDERED else 0.0
        start = one.shipment.handed_over_at if one.stage is not Stage.ORDERED else one.at
        passed = (one.at.date() - (start or one.at).date()).days
        left = [max(0.0, value + packing - passed) for value in days]
        if one.stage is Stage.OUT_FOR_DELIVERY:
            left = [0.0, 0.0, 1.0]
        first, likely, last = (day_after(one.at, value) for value in left)
        return Estimate(
            first, likely, last, SERVICE, "This is the usual time of the service.", last
        )


def train(
    shipments: Sequence[Shipment], now: datetime, *, progress: Progress | None = None
) -> Model:
    """Learn from all that is known at ``now``: what happened later is not looked at.

    Goes through the last months as they came, so that the errors it expects of itself are those
    of parcels it had not seen, then learns from everything. A shop without parcels gets a model
    that says published service times.

    Args:
        shipments: In any order, under way or delivered.
    """
    known = sorted((one for one in shipments if one.ordered_at < now), key=lambda o: o.ordered_at)
    looks, history = walk(known, refresh=daily, until=now)
    if not looks:
        return Model(Fitted({}, {}, {}, {}), history, now, 0)
    begun = max(looks[0].at, now - HELD_OUT)
    origins = [month for month in months(begun, now) if month < now] or [monthly(now)]
    losses: dict[Stage, dict[str, float]] = {stage: {} for stage in Stage}
    fitted = Fitted({}, {}, {}, {})
    for origin, one, coming in roll(looks, origins, now):
        fitted = one
        if progress:
            progress(f"as of {origin:%-d %B %Y}")
        for stage, ahead in coming.items():
            losses[stage] |= held_out_loss(one, stage, ahead, now)
    mean = {stage: float(np.mean(list(seen.values()))) for stage, seen in losses.items() if seen}
    held = {stage: dict(list(seen.items())[-MOST_HELD:]) for stage, seen in losses.items()}
    return Model(fitted, history, now, history.delivered, mean, held)


def held_out_loss(
    fitted: Fitted, stage: Stage, looks: Sequence[Look], now: datetime
) -> dict[str, float]:
    """The pinball loss of each look whose parcel had arrived by ``now``, by parcel and day."""
    done = [o for o in looks if o.shipment.delivered_at and o.shipment.delivered_at < now]
    if not done:
        return {}
    _, _, curves = fitted.distribution(stage, done)
    if not curves.shape[1]:
        return {}
    days = np.array([one.remaining for one in done], float)
    loss = np.mean([pinball(days, at_share(curves, share), share) for share in SHARES], axis=0)
    return {
        f"{one.shipment.id} {one.at:%Y-%m-%d}": float(value)
        for one, value in zip(done, loss, strict=True)
        if not math.isnan(value)
    }


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
