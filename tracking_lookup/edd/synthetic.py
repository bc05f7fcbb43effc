"""Made-up parcels with the troubles of real ones, for tests, benchmarks and the demo shop.

Nothing here is learned from anybody's data. Transit grows with distance, sellers pack at their own
pace, weekends stand still, peaks and strikes slow everything, and the carrier drifts over the year.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tracking_lookup.edd.shipments import Scan, Shipment
from tracking_lookup.model import Status

REGIONS: Final = {
    "North": (0, 9),
    "East": (7, 4),
    "South": (1, 0),
    "West": (-6, 4),
    "Islands": (-9, 14),
}
CARRIERS: Final = {"ups": 0.8, "dhl": 1.0, "evri": 1.3}


@dataclass(frozen=True, slots=True)
class World:
    """What a made-up year is like.

    Attributes:
        strike: First and last day on which no carrier moves anything; ``None`` without one.
        drift: By how many times the carriers are slower at the year's end than at its start.
        noise: Spread of log transit days.
    """

    start: date = date(2025, 1, 1)
    days: int = 365
    parcels: int = 3000
    seed: int = 1
    strike: tuple[date, date] | None = None
    drift: float = 1.2
    noise: float = 0.35
    with_scans: bool = True


def shipments(world: World) -> Iterator[Shipment]:
    """Parcels in the order of their orders; all of them arrive, however late."""
    rng = random.Random(world.seed)  # noqa: S311 - made-up data
    begin = datetime.combine(world.start, datetime.min.time(), UTC)
    moments = sorted(rng.random() ** 0.9 * world.days for _ in range(world.parcels))
    for number, moment in enumerate(moments):
        ordered = begin + timedelta(days=moment)
        yield _one(world, rng, number, ordered, moment / max(world.days, 1))


def _one(
    world: World, rng: random.Random, number: int, ordered: datetime, passed: float
) -> Shipment:
    origin, destination = rng.choice(["South", "East"]), rng.choice(list(REGIONS))
    carrier = rng.choice(list(CARRIERS))
    seller = rng.randrange(8)
    distance = 100 * math.dist(REGIONS[origin], REGIONS[destination]) + rng.uniform(5, 120)
    packing = 0.4 + 0.25 * seller + rng.expovariate(2) + (0.8 if ordered.hour >= 15 else 0)
    handed = _workday(ordered + timedelta(days=packing))
    peak = 1.35 if (ordered.month, ordered.day) > (11, 20) else 1.0
    slow = CARRIERS[carrier] * peak * (1 + (world.drift - 1) * passed)
    days = (1 + distance / 300) * slow * math.exp(rng.gauss(0, world.noise))
    arrives = _workday(handed + timedelta(days=days))
    if world.strike:
        first, last = world.strike
        if handed.date() <= last and arrives.date() >= first:
            arrives = _workday(arrives + (last - max(first, handed.date())) + timedelta(days=1))
    promised = ordered.date() + timedelta(days=math.ceil(6 + distance / 130))
    scans: tuple[Scan, ...] = ()
    if world.with_scans:
        half = handed + (arrives - handed) * rng.uniform(0.3, 0.6)
        out = max(half, arrives - timedelta(hours=rng.uniform(1, 8)))
        scans = (
            Scan(half, Status.IN_TRANSIT, destination),
            Scan(out, Status.OUT_FOR_DELIVERY, destination),
        )
    return Shipment(
        id=f"parcel-{number}",
        ordered_at=ordered,
        carrier=carrier,
        service="standard",
        handed_over_at=handed,
        delivered_at=arrives,
        promised=promised,
        carrier_promised=handed.date() + timedelta(days=math.ceil(2 + distance / 250)),
        seller=f"seller-{seller}",
        origin_country="GB",
        origin_region=origin,
        destination_country="GB",
        destination_region=destination,
        destination_postcode=f"{destination[0]}{rng.randrange(1, 30)}",
        distance_km=round(distance, 1),
        weight_g=float(rng.randrange(100, 9000)),
        scans=scans,
    )


def _workday(at: datetime) -> datetime:
    """The same time on the next day that is no weekend."""
    while at.weekday() >= 5:
        at += timedelta(days=1)
    return at
