"""What each carrier did with the shop's parcels, in three periods of 30 days."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from service.settings import Settings

DAYS: Final = 30
NOW, BEFORE, LAST_YEAR = "last 30 days", "30 days before", "a year ago"
PERIODS: Final = {NOW: 0, BEFORE: DAYS, LAST_YEAR: 365}
"""How many days ago each ended."""
ALL: Final = "all"
COLUMNS: Final = (
    "carrier", "lane", "period", "delivered", "on_time", "with_a_promise", "days_half",
    "days_9_in_10", "scans_complete", "scan_heard_after_hours", "with_exception",
)  # fmt: skip

# One row for each carrier, lane and period, and one for all lanes (grouping sets). A parcel is of
# the period in which it was delivered. On time is by the shop's promise, else by the carrier's
# first word. Complete is a parcel scanned at hand-over, on the way and out for delivery.
_QUERY: Final = text("""
WITH delivered AS (
    SELECT p.id, p.carrier, o.country,
           coalesce(o.promised_to, p.first_promised_to) AS due, max(e.at) AS delivered_at
    FROM tracking_events e
    JOIN parcels p ON p.id = e.parcel_id
    LEFT JOIN orders o ON o.id = p.order_id
    WHERE p.status = 'delivered' AND e.status = 'delivered' AND e.at >= :since
    GROUP BY p.id, o.id
), facts AS (
    SELECT d.*,
           (SELECT period FROM unnest(CAST(:periods AS text[]), CAST(:ends AS timestamptz[]))
                AS named(period, ends)
            WHERE d.delivered_at > ends - CAST(:length AS interval) AND d.delivered_at <= ends
            LIMIT 1) AS period,
           s.handed_at, s.moved, s.out, s.exception, s.heard_after
    FROM delivered d
    CROSS JOIN LATERAL (
        SELECT min(e.at) FILTER (WHERE e.status NOT IN ('label_created', 'unknown', 'not_found'))
                   AS handed_at,
               count(*) FILTER (WHERE e.status = 'in_transit') > 1 AS moved,
               bool_or(e.status = 'out_for_delivery') AS out,
               bool_or(e.status IN ('exception', 'delivery_failed', 'returning')) AS exception,
               percentile_cont(0.5) WITHIN GROUP
                   (ORDER BY extract(epoch FROM a.fetched_at - e.at) / 3600) AS heard_after
        FROM tracking_events e JOIN tracking_answers a ON a.id = e.answer_id
        WHERE e.parcel_id = d.id
          AND NOT EXISTS (SELECT 1 FROM withdrawn_tracking_events w WHERE w.event_id = e.id)
    ) s
)
SELECT carrier, CASE WHEN grouping(country) = 1 THEN 'all' ELSE coalesce(country, '') END AS lane,
       period, count(*) AS delivered,
       avg((CAST(delivered_at AT TIME ZONE :zone AS date)
            <= CAST(due AT TIME ZONE :zone AS date))::int) AS on_time,
       count(due) AS with_a_promise,
       percentile_cont(0.5) WITHIN GROUP
           (ORDER BY extract(epoch FROM delivered_at - handed_at) / 86400) AS days_half,
       percentile_cont(0.9) WITHIN GROUP
           (ORDER BY extract(epoch FROM delivered_at - handed_at) / 86400) AS days_9_in_10,
       avg((handed_at < delivered_at AND moved AND out)::int) AS scans_complete,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY heard_after) AS heard_after,
       avg(exception::int) AS with_exception
FROM facts WHERE period IS NOT NULL
GROUP BY GROUPING SETS ((carrier, period), (carrier, country, period))
ORDER BY carrier, lane, period
""")


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the parcels that were delivered in one period.

    Attributes:
        on_time: Share delivered by the promised day; ``None`` where nothing was promised.
        with_a_promise: How many that share rests on.
        days_half: From hand-over to door, in days, half of them; ``None`` without a hand-over.
        days_9_in_10: Nine in ten of them.
        scans_complete: Share that was scanned at hand-over, on the way and out for delivery.
        heard_after: Median hours from a scan until we knew of it, our own asking included.
        with_exception: Share with a failed attempt, an exception or a return on its way.
    """

    delivered: int
    on_time: float | None
    with_a_promise: int
    days_half: float | None
    days_9_in_10: float | None
    scans_complete: float
    heard_after: float | None
    with_exception: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One carrier's way to one country, or all of them.

    Attributes:
        name: The country's two letters, ``ALL``, or empty where it is not known.
        periods: By their names; one without a parcel is missing.
    """

    name: str
    periods: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class CarrierFigures:
    """One carrier.

    Attributes:
        total: All lanes together.
        lanes: Those with the most parcels first.
    """

    slug: str
    total: Lane
    lanes: list[Lane]

    def as_rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows of the file, as ``COLUMNS``."""
        for lane in (self.total, *self.lanes):
            for period, one in lane.periods.items():
                yield (
                    self.slug, lane.name, period, one.delivered, _rounded(one.on_time),
                    one.with_a_promise, _rounded(one.days_half), _rounded(one.days_9_in_10),
                    _rounded(one.scans_complete), _rounded(one.heard_after),
                    _rounded(one.with_exception),
                )  # fmt: skip


async def performance(
    session: AsyncSession, given: Settings, *, now: datetime
) -> list[CarrierFigures]:
    """Each carrier's figures; the one with the most parcels lately first."""
    rows = await session.execute(
        _QUERY,
        {
            "since": now - timedelta(days=max(PERIODS.values()) + DAYS),
            "periods": list(PERIODS),
            "ends": [now - timedelta(days=ago) for ago in PERIODS.values()],
            "length": timedelta(days=DAYS),
            "zone": given.shop_timezone,
        },
    )
    found: dict[str, dict[str, dict[str, Figures]]] = defaultdict(lambda: defaultdict(dict))
    for carrier, lane, period, delivered, *figures in rows:
        on_time, promised, *rest = (None if f is None else float(f) for f in figures)
        found[carrier][lane][period] = Figures(delivered, on_time, int(promised or 0), *rest)  # type: ignore[arg-type]
    done = [_carrier(slug, lanes) for slug, lanes in found.items()]
    return sorted(done, key=lambda one: -_count(one.total))


def _carrier(slug: str, found: dict[str, dict[str, Figures]]) -> CarrierFigures:
    lanes = [
        Lane(name, {period: found[name][period] for period in PERIODS if period in found[name]})
        for name in found
    ]
    total = next(lane for lane in lanes if lane.name == ALL)
    others = sorted((lane for lane in lanes if lane.name != ALL), key=lambda one: -_count(one))
    return CarrierFigures(slug, total, others)


def _count(lane: Lane) -> int:
    now = lane.periods.get(NOW)
    return now.delivered if now else 0


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
