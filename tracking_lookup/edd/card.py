"""The report card: how good the dates were, beside everything simpler, as data and as a page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracking_lookup.edd import charts
from tracking_lookup.edd.backtest import LANE_TABLE, PROMISED, WISMO, Backtest, Row
from tracking_lookup.edd.features import NAMES
from tracking_lookup.edd.metrics import intervals, measure, on_time_at, reliability
from tracking_lookup.edd.shipments import Stage

SMALLEST: Final = 20
"""Parcels from which a carrier, lane or month has a line of its own."""
MOST_LINES: Final = 15
SLACKS: Final = (0.0, 2.0, 5.0)
BAD_AT: Final = (
    "a change that no parcel has shown yet, such as the first days of a strike",
    "single parcels that are lost or held: a window is about parcels like this one",
    "routes and sellers with few parcels, which borrow from their neighbours",
    "the last months of a file that holds delivered parcels alone: its slow ones are not in it yet",
)

_HEADS: Final = {
    "mae": "error, days",
    "on_or_before": "on or before",
    "slack": "slack, days",
    "coverage_80": "promised window holds (80 %)",
    "coverage_90": "90 % window holds",
    "width_90": "its width, days",
    "pinball": "pinball",
}
_SHARES: Final = {"on_or_before", "coverage_80", "coverage_90"}

STYLE: Final = Path(__file__).with_name("card.css")
"""How the card looks, in the colours of whatever page it is put into."""

_PAGE_CSS: Final = """
:root{color-scheme:light dark;--text:#1c2430;--muted:#5b6676;--bg:#fff;--line:#d9dee6}
@media(prefers-color-scheme:dark){:root{--text:#e8ecf2;--muted:#a3afbf;--bg:#14181f;--line:#333c49}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);
font:16px/1.5 system-ui,sans-serif}main{max-width:72rem;margin:auto;padding:1.5rem 1rem 4rem}
"""


def card(done: Backtest, source: str, notes: Mapping[str, int]) -> dict[str, Any]:
    """All figures of the report card as plain data; ``from`` and ``to`` are the months judged.

    Args:
        source: What the data are, for people.
        notes: What was left out of the data, by reason.
    """
    return {
        "source": source,
        "n": done.n,
        "from": f"{done.first:%Y-%m}",
        "to": f"{done.last - timedelta(days=1):%Y-%m}",
        "left_out": dict(notes),
        "used": {str(stage): counts for stage, counts in done.chosen.items() if counts},
        "rows": [
            {
                "what": row.what,
                "stage": str(row.stage),
                "predictor": row.predictor,
                **asdict(row.figures),
                "intervals": intervals(row.said),
                "on_time_at_slack": {str(slack): on_time_at(row.said, slack) for slack in SLACKS},
                "reliability": reliability(row.said),
            }
            for row in done.rows
        ],
        "by": {
            str(stage): {kind: _by(done, stage, kind) for kind in ("month", "carrier", "lane")}
            for stage in Stage
            if done.row(WISMO, stage)
        },
        "features": list(NAMES),
        "bad_at": list(BAD_AT),
    }


def page(found: Mapping[str, Any]) -> str:
    """The report card as one HTML page that needs nothing else; light and dark, any width."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>Delivery dates: report card</title>'
        f"<style>{_PAGE_CSS}{STYLE.read_text()}</style></head><body><main>{body(found)}</main>"
        "</body></html>"
    )


def body(found: Mapping[str, Any]) -> str:
    """The report card as HTML for a page of another's, with ``STYLE`` beside it."""
    rows = found["rows"]
    first = rows[0]
    stages = list(found["by"])
    parts = [
        '<div class="report"><p class="soft">Delivery dates: report card</p>',
        f"<h1>{escape(found['source'])}</h1>",
        f"<p>{found['n']:,} parcels, {found['from']} to {found['to']}. At the start of each month "
        "the model learned from what had been delivered by then, and was judged by the parcels of "
        "that month. Ranges under a figure are 95 % intervals, found by drawing whole weeks.</p>",
        '<ul class="facts">'
        f"<li><b>{first['mae']:.1f} days</b>mean error at order</li>"
        f"<li><b>{_share(first['coverage_80'])}</b>came in the window a shopper is told</li>"
        f"<li><b>{_share(first['coverage_90'])}</b>came in the 90 % window</li></ul>",
    ]
    for stage in stages:
        mine = [row for row in rows if row["stage"] == stage]
        parts += [f"<h2>{_title(stage)}</h2>", _table(mine), _slack(mine)]
        lines = [(row["predictor"], row["reliability"]) for row in mine
                 if row["predictor"] in {WISMO, LANE_TABLE} and row["reliability"]]  # fmt: skip
        names = [name for name, _ in lines]
        parts.append('<div class="pair"><section><h3>Does a promised share come true?</h3>')
        parts += [charts.legend(names), charts.reliability(lines), "</section>"]
        by_month = found["by"][stage]["month"]
        drawn = [
            (name, [month["mae"][name] for month in by_month])
            for name in (WISMO, LANE_TABLE)
            if all(name in month["mae"] for month in by_month)
        ]
        parts.append("<section><h3>Mean error month by month, days</h3>")
        parts += [
            charts.legend([name for name, _ in drawn]),
            charts.over_time("Mean error by month", [m["name"] for m in by_month], drawn, "days"),
            "</section></div>",
        ]
        for kind in ("carrier", "lane", "month"):
            parts.append(_groups(kind, found["by"][stage][kind]))
    parts += [_model_card(found), "</div>"]
    return "".join(parts)


def _by(done: Backtest, stage: Stage, kind: str) -> list[dict[str, Any]]:
    ours = done.row(WISMO, stage)
    if ours is None:
        return []
    others = [row for row in done.rows if row.stage is stage and row.predictor != WISMO]
    counts = Counter(ours.said.labels[kind])
    kept = [name for name, n in counts.most_common() if n >= SMALLEST]
    kept = sorted(kept) if kind == "month" else kept[:MOST_LINES]
    found = []
    for name in kept:
        figures = _within(ours, kind, name)
        found.append(
            {
                "name": name,
                **asdict(figures),
                "mae": {
                    row.predictor: _within(row, kind, name).mae
                    for row in (ours, *others)
                    if name in row.said.labels[kind]
                },
            }
        )
    return found


def _within(row: Row, kind: str, name: str) -> Any:
    chosen = np.flatnonzero(np.array(row.said.labels[kind], object) == name)
    return measure(row.said.of(chosen))


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS.values())
    lines = []
    for row in rows:
        cells = "".join(_cell(name, row[name], row["intervals"].get(name)) for name in _HEADS)
        ours = ' class="ours"' if row["predictor"] == WISMO else ""
        lines.append(
            f'<tr{ours}><th scope="row">{escape(row["what"])}</th><td>{row["n"]:,}</td>{cells}</tr>'
        )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Figures">'
        f'<table><thead><tr><th scope="col"></th><th scope="col">parcels</th>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _slack(rows: Sequence[Mapping[str, Any]]) -> str:
    said = "; ".join(
        f"{escape(row['predictor'])} "
        + " / ".join(_share(value) for value in row["on_time_at_slack"].values())
        for row in rows
        if row["predictor"] in {WISMO, LANE_TABLE, PROMISED}
    )
    days = " / ".join(f"{slack:.0f}" for slack in SLACKS)
    return (
        f"<p>On or before at equal slack, when each one's dates are moved to be {days} days too "
        f"late on average: {said}.</p>"
    )


def _groups(kind: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows or (kind == "carrier" and len(rows) == 1):
        return ""
    names = [name for name in rows[0]["mae"] if all(name in row["mae"] for row in rows)]
    heads = "".join(f'<th scope="col">{escape(name)}, error</th>' for name in names)
    lines = "".join(
        f'<tr><th scope="row">{escape(row["name"] or "unknown")}</th><td>{row["n"]:,}</td>'
        + "".join(f"<td>{row['mae'][name]:.1f}</td>" for name in names)
        + f"<td>{_share(row['coverage_80'])}</td><td>{_share(row['coverage_90'])}</td>"
        f"<td>{_plain(row['width_90'])}</td></tr>"
        for row in rows
    )
    return (
        f"<details><summary>By {kind}</summary>"
        f'<div class="wide" tabindex="0" role="region" aria-label="By {kind}"><table><thead><tr>'
        f'<th scope="col">{kind}</th><th scope="col">parcels</th>{heads}'
        '<th scope="col">promised window holds</th><th scope="col">90 % window holds</th>'
        f'<th scope="col">its width, days</th></tr></thead>'
        f"<tbody>{lines}</tbody></table></div></details>"
    )


def _model_card(found: Mapping[str, Any]) -> str:
    left = ", ".join(f"{count:,} x {escape(why)}" for why, count in found["left_out"].items())
    used = "; ".join(
        f"{_title(stage)}: " + ", ".join(f"{escape(by)} for {n:,}" for by, n in counts.items())
        for stage, counts in found["used"].items()
    )
    weak = "".join(f"<li>{escape(one)}</li>" for one in found["bad_at"])
    return (
        "<h2>Model card</h2>"
        "<p>Boosted trees on the median of log remaining days, on top of the usual time of the "
        "lane and seller; windows from the errors of parcels that came later, newer ones weighing "
        "more, parcels still under way counted as not yet arrived.</p>"
        f"<p>Judged {found['from']} to {found['to']}. Left out: {left or 'nothing'}. "
        f"Used: {used}.</p><p>Features: {escape(', '.join(found['features']))}.</p>"
        f"<p>What it is bad at:</p><ul>{weak}</ul>"
    )


def _cell(name: str, value: float | None, interval: Sequence[float] | None) -> str:
    show = _share if name in _SHARES else _plain
    if value is None:
        return '<td class="soft">none</td>'
    range_ = f"<small>{show(interval[0])} to {show(interval[1])}</small>" if interval else ""
    return f"<td>{show(value)}{range_}</td>"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f} %"


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"


def _title(stage: str) -> str:
    return {"ordered": "When ordered", "handed_over": "At hand-over", "moving": "While moving",
            "out_for_delivery": "Out for delivery"}[stage]  # fmt: skip
