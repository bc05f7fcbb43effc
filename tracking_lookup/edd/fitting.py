"""Where a parcel's remaining days are expected, and how far off that was: the learning itself.

Four predictors compete at each stage and carrier: ``model`` (boosted trees on top of the lane's
usual time), ``lanes`` (that usual time alone), ``carrier`` and ``promise`` (the dates they gave).
Each says one location in log days; its own errors on parcels that came later than its training
make it a distribution. The best of them lately is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tracking_lookup.edd.features import NAMES, Look, Vector, matrix, to_days, to_log
from tracking_lookup.edd.history import clock, days_between
from tracking_lookup.edd.quantiles import Errors, at_share, effective, pinball, spread
from tracking_lookup.edd.shipments import Stage
from tracking_lookup.edd.trees import Trees, taken

MODEL: Final = "model"
LANES: Final = "lanes"
CARRIER: Final = "carrier"
PROMISE: Final = "promise"
PREDICTORS: Final = (MODEL, LANES, CARRIER, PROMISE)

ENOUGH_ROWS: Final = 100
"""Delivered parcels from which trees are fitted at all."""
MOST_ROWS: Final = 40_000
"""The newest looks that a fit uses; older ones are in the history's means."""
ENOUGH_ERRORS: Final = 60
"""Held-out parcels from which their errors say how wide a window must be."""
ENOUGH_IN_GROUP: Final = 400
"""... from which a carrier, or its short or long routes, has errors of its own."""
HALF_LIFE: Final = 60.0
"""Days after which an error counts half: carriers get faster and slower."""
BANDS: Final = (5.0, 12.0)
"""Usual days that divide short, middle and long routes."""
SHARES: Final = (0.05, 0.1, 0.5, 0.9, 0.95)
# Another predictor replaces the usual choice only where it is that much better.
MARGIN: Final = 0.97
ENOUGH_TO_CHOOSE: Final = 200
"""Held-out parcels from which another predictor than the usual one may be chosen."""
_SEEDS: Final = 2
_MANY: Final = 20_000

Group = tuple[str, ...]


@dataclass(slots=True)
class Held:
    """Looks with what was predicted for them by a fit that had not seen them.

    Attributes:
        locations: Log days by predictor; NaN where it had nothing to say.
    """

    looks: list[Look] = field(default_factory=list)
    locations: dict[str, Vector] = field(
        default_factory=lambda: {n: np.empty(0) for n in PREDICTORS}
    )

    def add(self, looks: Sequence[Look], locations: Mapping[str, Vector]) -> None:
        """Keep more of them."""
        self.looks.extend(looks)
        for name in PREDICTORS:
            self.locations[name] = np.concatenate([self.locations[name], locations[name]])


@dataclass(frozen=True, slots=True)
class Fitted:
    """What one training has learned, of looks alone.

    Attributes:
        trees: By stage, what to add to the usual log days.
        curves: By stage, predictor and group of parcels: the errors' quantiles on ``GRID``.
        chosen: The predictor used, by stage and carrier; ``""`` is any other carrier.
        rows: How many looks each stage learned from.
    """

    trees: Mapping[Stage, Trees]
    curves: Mapping[tuple[Stage, str, Group], Vector]
    chosen: Mapping[tuple[Stage, str], str]
    rows: Mapping[Stage, int]

    def locate(self, stage: Stage, looks: Sequence[Look]) -> dict[str, Vector]:
        """Each predictor's log days for looks of one stage; NaN where it says nothing."""
        features = matrix(looks)
        usual = to_log(np.array([one.usual for one in looks], float))
        trees = self.trees.get(stage)
        model = usual + trees.predict(features) if trees and looks else np.full(len(looks), np.nan)
        return {
            MODEL: model,
            LANES: usual,
            CARRIER: _promised(features, "carrier promise"),
            PROMISE: _promised(features, "shop promise"),
        }

    def choose(self, stage: Stage, carrier: str) -> str:
        """The predictor that a parcel of this stage and carrier gets."""
        known = self.chosen.get((stage, carrier))
        return known or self.chosen.get((stage, ""), LANES)

    def curve(self, stage: Stage, by: str, one: Look) -> Vector | None:
        """The errors to expect of a predictor on this parcel; ``None`` with none seen ever."""
        # Trees of a first training have no held-out errors yet. Those of the lanes are wider; that
        # they were too early or too late altogether says nothing of the trees.
        for name in (by, LANES):
            for group in groups(one):
                found = self.curves.get((stage, name, group))
                if found is not None:
                    return found if name == by else found - _middle(found)
        return None

    def distribution(
        self, stage: Stage, looks: Sequence[Look], *, by: str | None = None
    ) -> tuple[list[str], Vector, Vector]:
        """Remaining days of looks of one stage.

        Args:
            by: This predictor for all; ``None`` for each parcel's best.

        Returns:
            Who predicted each, the median in days, and the quantiles in days, a row each, columns
            as ``GRID``; NaN rows where nothing is known.
        """
        located = self.locate(stage, looks)
        names, middles = [], np.full(len(looks), np.nan)
        curves = np.full((len(looks), len(next(iter(self.curves.values()), ()))), np.nan)
        for row, one in enumerate(looks):
            name = by or self.choose(stage, one.shipment.carrier)
            if by is None and np.isnan(located[name][row]):
                name = MODEL if not np.isnan(located[MODEL][row]) else LANES
            errors = self.curve(stage, name, one)
            names.append(name)
            middles[row] = located[name][row]
            if errors is not None:
                # The dates others give are not medians; ours is made to be one by the fit.
                shift = 0.0 if name == MODEL else _middle(errors)
                middles[row] += shift
                curves[row] = np.maximum.accumulate(located[name][row] + errors)
        return names, to_days(middles), to_days(curves)


def fit(looks: Sequence[Look], held: Mapping[Stage, Held], origin: datetime) -> Fitted:
    """Learn from what is known at ``origin``.

    Args:
        looks: By time. Only those of parcels delivered before ``origin`` are learned from.
        held: Predictions that earlier fits made of parcels that they had not seen.
    """
    trees: dict[Stage, Trees] = {}
    curves: dict[tuple[Stage, str, Group], Vector] = {}
    chosen: dict[tuple[Stage, str], str] = {}
    rows: dict[Stage, int] = {}
    for stage in Stage:
        known = [one for one in looks if one.stage is stage and _arrived(one, origin)][-MOST_ROWS:]
        rows[stage] = len(known)
        if len(known) >= ENOUGH_ROWS:
            trees[stage] = _grow(known)
        seen = [one for one in looks if one.stage is stage and one.at < origin][-MOST_ROWS:]
        first = Fitted(trees, {}, {}, {})
        pool = held.get(stage, Held())
        if sum(_arrived(one, origin) for one in pool.looks) < ENOUGH_ERRORS:
            # Nothing was held out yet: the lanes' own errors; they were not fitted closely.
            pool = Held()
            located = first.locate(stage, seen)
            pool.add(seen, {**located, MODEL: np.full(len(seen), np.nan)})
        curves.update(_curves(stage, pool, origin))
        usual = MODEL if stage in trees else LANES
        chosen.update(_choices(stage, pool, curves, origin, usual))
    return Fitted(trees, curves, chosen, rows)


def roll(
    looks: Sequence[Look], origins: Sequence[datetime], end: datetime
) -> Iterator[tuple[datetime, Fitted, dict[Stage, list[Look]]]]:
    """Fit at each origin in turn, and hand over the looks up to the next, which it has not seen.

    Its predictions of them become the held-out errors of the next fit.

    Args:
        end: The end of the last origin's looks.
    """
    held = {stage: Held() for stage in Stage}
    for origin, until in zip(origins, [*origins[1:], end], strict=True):
        fitted = fit(looks, held, origin)
        coming = {
            stage: [one for one in looks if one.stage is stage and origin <= one.at < until]
            for stage in Stage
        }
        yield origin, fitted, coming
        for stage, ahead in coming.items():
            if ahead:
                held[stage].add(ahead, fitted.locate(stage, ahead))
    yield end, fit(looks, held, end), {}


def groups(one: Look) -> tuple[Group, ...]:
    """The groups a parcel belongs to for its errors, the narrowest first."""
    band = str(sum(one.usual > edge for edge in BANDS))
    carrier = one.shipment.carrier
    return (carrier, band), (carrier,), ()


def errors_at(
    looks: Sequence[Look], locations: Vector, origin: datetime, *, log: bool = True
) -> Errors:
    """The errors of predictions as far as they are known at ``origin``.

    Args:
        log: Whether ``locations``, and so the errors, are log days; else they are days.
    """
    known = np.array([_arrived(one, origin) for one in looks], bool)
    days = [
        (one.remaining or 0) if arrived else days_between(one.at, origin)
        for one, arrived in zip(looks, known, strict=True)
    ]
    age = np.array([max(0.0, clock(origin) - clock(one.at)) for one in looks])
    true = np.array(days, float)
    return Errors((to_log(true) if log else true) - locations, known, age)


def _grow(known: Sequence[Look]) -> Trees:
    # Whoever tells a date does without it: see ``trees``.
    from sklearn.ensemble import HistGradientBoostingRegressor

    features = matrix(known)
    target = to_log(np.array([one.remaining for one in known], float))
    target -= to_log(np.array([one.usual for one in known], float))
    # A column of one value teaches nothing, and the trees refuse it.
    columns = tuple(
        column
        for column in range(len(NAMES))
        if len(np.unique(features[~np.isnan(features[:, column]), column])) > 1
    )
    many = len(known) > _MANY
    with threadpool_limits(1):  # small work is many times slower on several of a busy machine
        fitted = tuple(
            HistGradientBoostingRegressor(
                loss="absolute_error",
                learning_rate=0.06 if many else 0.04,
                max_iter=100,
                max_leaf_nodes=24 if many else 6,
                min_samples_leaf=60 if many else 30,
                l2_regularization=10,
                max_features=0.5,
                early_stopping=False,
                random_state=seed,
            ).fit(features[:, columns], target)
            for seed in range(1 if many else _SEEDS)
        )
    return taken(fitted, columns)


def _curves(stage: Stage, pool: Held, origin: datetime) -> dict[tuple[Stage, str, Group], Vector]:
    found = {}
    members: dict[Group, list[int]] = {}
    for row, one in enumerate(pool.looks):
        for group in groups(one):
            members.setdefault(group, []).append(row)
    for name, locations in pool.locations.items():
        every = errors_at(pool.looks, locations, origin)
        usable = ~np.isnan(locations) & (clock(origin) >= 0)
        for group, rows in members.items():
            chosen: NDArray[np.bool_] = np.zeros(len(usable), bool)
            chosen[rows] = True
            errors = every.of(chosen & usable)
            if not errors.known.any():
                continue
            if group and effective(errors, HALF_LIFE) < ENOUGH_IN_GROUP:
                continue
            found[stage, name, group] = spread(errors, HALF_LIFE)
    return found


def _choices(
    stage: Stage,
    pool: Held,
    curves: Mapping[tuple[Stage, str, Group], Vector],
    origin: datetime,
    default: str,
) -> dict[tuple[Stage, str], str]:
    """The best predictor by carrier: the least pinball loss, of newer parcels above all."""
    arrived = np.array([_arrived(one, origin) for one in pool.looks], bool)
    days = np.array([one.remaining or 0 for one in pool.looks], float)
    weight = 0.5 ** (errors_at(pool.looks, np.zeros(len(days)), origin).age / HALF_LIFE)
    carriers = np.array([one.shipment.carrier for one in pool.looks], object)
    chosen = {(stage, ""): default}
    for carrier in sorted(set(carriers)):
        mine = arrived & (carriers == carrier) & ~np.isnan(pool.locations[default])
        if mine.sum() < ENOUGH_TO_CHOOSE:
            continue
        losses = {}
        for name, locations in pool.locations.items():
            curve = curves.get((stage, name, ()))
            if curve is None or np.isnan(locations[mine]).any():
                continue
            quantiles = to_days(locations[mine, None] + curve)
            loss = np.mean([pinball(days[mine], at_share(quantiles, s), s) for s in SHARES], axis=0)
            losses[name] = float(np.average(loss, weights=weight[mine]))
        best = min(losses, key=lambda name: losses[name], default=default)
        better = default not in losses or losses[best] < MARGIN * losses[default]
        chosen[stage, carrier] = best if better else default
    return chosen


def _middle(curve: Vector) -> float:
    return float(at_share(curve[None, :], 0.5)[0])


def _promised(features: Vector, name: str) -> Vector:
    column = features[:, NAMES.index(name)]
    return np.where(np.isnan(column), np.nan, to_log(column))


def _arrived(one: Look, origin: datetime) -> bool:
    done = one.shipment.delivered_at
    return done is not None and done < origin
