"""Rolling origin by month: at each month's start, learn from what had arrived; judge by that month.

A parcel's dates are never made by a training that knew anything of that month. The history's means
too stop at the month's start, so every predictor knows the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from kit.errors import BadInput
from tracking_lookup.edd.features import Look, Vector, daily, monthly, walk
from tracking_lookup.edd.fitting import MODEL, Fitted, roll
from tracking_lookup.edd.metrics import SHARES, Figures, Predictions, measure
from tracking_lookup.edd.quantiles import at_share, shortest
from tracking_lookup.edd.shipments import Shipment, Stage
from tracking_lookup.edd.tables import HeldWindows, LaneTable, delivered_before

ENOUGH: Final = 30
"""Parcels delivered before the first month that is judged."""
WISMO: Final = "wismo"
LANE_MEDIAN: Final = "lane median"
LANE_TABLE: Final = "lane table"
PROMISED: Final = "promise"
CARRIERS: Final = "carrier"
SAID: Final = {
    Stage.ORDERED: "at order",
    Stage.HANDED_OVER: "at hand-over",
    Stage.MOVING: "moving",
    Stage.OUT_FOR_DELIVERY: "out for delivery",
}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One predictor at one stage."""

    what: str
    predictor: str
    stage: Stage
    said: Predictions
    figures: Figures


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came out.

    Attributes:
        n: Parcels judged at order.
        first: The first month judged. last: The end of the last.
        rows: Ours first at each stage, then what it is compared with.
        chosen: Which predictor was ours, by stage, and for how many looks.
    """

    n: int
    first: datetime
    last: datetime
    rows: list[Row]
    chosen: dict[Stage, dict[str, int]]

    def row(self, predictor: str, stage: Stage) -> Row | None:
        """One of the rows; ``None`` where there is none such."""
        return next((r for r in self.rows if (r.predictor, r.stage) == (predictor, stage)), None)

    def as_json(self) -> dict[str, Any]:
        """What ``./wismo edd backtest --json`` prints."""
        return {
            "n": self.n,
            "rows": [
                {"what": row.what, **{k: _rounded(v) for k, v in asdict(row.figures).items()}}
                for row in self.rows
            ],
        }


def backtest(shipments: Sequence[Shipment], *, progress: Progress | None = None) -> Backtest:
    """Judge the model and its baselines on a history.

    Args:
        shipments: By order time. Those not delivered are known to be under way; none is judged.

    Raises:
        BadInput: Too few parcels, or all of one month, so that nothing came after a training.
    """
    origins, end = _origins(shipments)
    # Nothing is judged before the first origin: there the history is as fresh as in service.
    looks, _ = walk(
        shipments,
        refresh=lambda at: monthly(at) if at >= origins[0] else daily(at),
        until=end,
    )
    parts: dict[tuple[str, Stage], list[Predictions]] = {}
    windows = {stage: HeldWindows() for stage in Stage}
    chosen: dict[Stage, dict[str, int]] = {stage: {} for stage in Stage}
    for origin, fitted, coming in roll(looks, origins, end):
        if not coming:
            continue
        if progress:
            progress(f"{origin:%B %Y}")
        for stage, ahead in coming.items():
            judged = [one for one in ahead if one.remaining is not None]
            if not judged:
                continue
            known = delivered_before([one for one in looks if one.stage is stage], origin)
            table = LaneTable.fit(known).calibrated(windows[stage], origin) if known else None
            for name, said in _said(stage, judged, fitted, table, chosen[stage]).items():
                parts.setdefault((name, stage), []).append(said)
            if table:
                windows[stage].add(table, ahead)
    rows = [
        _row(name, stage, _joined(parts[name, stage]))
        for stage in Stage
        for name in (WISMO, MODEL, LANE_TABLE, LANE_MEDIAN, CARRIERS, PROMISED)
        if (name, stage) in parts
    ]
    if not rows:
        raise BadInput("no delivered parcel came after a training; a longer history is needed")
    return Backtest(rows[0].figures.n, origins[0], end, rows, chosen)


def months(first: datetime, last: datetime) -> list[datetime]:
    """The starts of months after ``first``, up to ``last``."""
    found = []
    month = monthly(monthly(first) + timedelta(days=32))
    while month <= last:
        found.append(month)
        month = monthly(month + timedelta(days=32))
    return found


def _origins(shipments: Sequence[Shipment]) -> tuple[list[datetime], datetime]:
    done = sorted(one.delivered_at for one in shipments if one.delivered_at)
    if len(done) <= ENOUGH:
        raise BadInput(
            f"only {len(done)} delivered parcels: more than {ENOUGH} are needed, over two months"
        )
    last = max(one.ordered_at for one in shipments)
    origins = [month for month in months(done[0], last) if month > done[ENOUGH - 1]]
    if not origins:
        raise BadInput("all parcels are of one month: a backtest trains on one and judges the next")
    return origins, monthly(monthly(last) + timedelta(days=32))


def _said(
    stage: Stage,
    judged: list[Look],
    fitted: Fitted,
    table: LaneTable | None,
    chosen: dict[str, int],
) -> dict[str, Predictions]:
    days = np.array([one.remaining for one in judged], float)
    labels = {
        "month": [f"{one.at:%Y-%m}" for one in judged],
        "week": [f"{one.at:%G-%V}" for one in judged],
        "carrier": [one.shipment.carrier for one in judged],
        "lane": [" → ".join(one.shipment.lane[2:]) for one in judged],
    }
    found = {}
    names, middle, curves = fitted.distribution(stage, judged)
    for name in names:
        chosen[name] = chosen.get(name, 0) + 1
    found[WISMO] = _ours(days, middle, curves, labels)
    if stage in fitted.trees:
        _, middle, curves = fitted.distribution(stage, judged, by=MODEL)
        found[MODEL] = _ours(days, middle, curves, labels)
    if table:
        quantiles = table.curves(judged)
        found[LANE_TABLE] = Predictions(
            days, at_share(quantiles, 0.5), _shares(quantiles), table.window(judged), labels
        )
        found[LANE_MEDIAN] = Predictions(days, at_share(quantiles, 0.5), None, None, labels)
    for name, attribute in ((CARRIERS, "carrier_promised"), (PROMISED, "promised")):
        dates = [getattr(one.shipment.known_at(one.at), attribute) for one in judged]
        rows = np.flatnonzero([date is not None for date in dates])
        if len(rows):
            date = np.array([(dates[r] - judged[r].at.date()).days if dates[r] else 0
                             for r in range(len(dates))], float)  # fmt: skip
            found[name] = Predictions(days, date, None, None, labels).of(rows)
    return found


def _ours(days: Vector, middle: Vector, curves: Vector, labels: dict[str, Any]) -> Predictions:
    return Predictions(days, middle, _shares(curves), shortest(curves, 0.9), labels)


def _shares(curves: Vector) -> Vector:
    return np.column_stack([at_share(curves, share) for share in SHARES])


def _joined(parts: list[Predictions]) -> Predictions:
    quantiles = [part.quantiles for part in parts if part.quantiles is not None]
    windows = [part.window for part in parts if part.window is not None]
    return Predictions(
        np.concatenate([part.days for part in parts]),
        np.concatenate([part.date for part in parts]),
        np.concatenate(quantiles) if quantiles else None,
        (np.concatenate([w[0] for w in windows]), np.concatenate([w[1] for w in windows]))
        if windows
        else None,
        {name: [v for part in parts for v in part.labels[name]] for name in parts[0].labels},
    )


def _row(name: str, stage: Stage, said: Predictions) -> Row:
    alone = name == PROMISED and stage is Stage.ORDERED
    return Row(name if alone else f"{name} {SAID[stage]}", name, stage, said, measure(said))


def _rounded(value: float | None) -> float | None:
    return round(value, 4) if isinstance(value, float) else value
