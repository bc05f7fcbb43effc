"""``./wismo bench edd``: what training and predicting delivery dates costs, beside a lane table.

``--json``; ``--small`` leaves the million out. Made-up parcels, each size in a process of its own.
Above ``MOST`` every second or fourth parcel is used, as of a file. ``peak_mb`` is the process's.
"""

import argparse
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table

from tracking_lookup.edd.features import daily, walk
from tracking_lookup.edd.model import train
from tracking_lookup.edd.reading import MOST
from tracking_lookup.edd.shipments import Stage
from tracking_lookup.edd.synthetic import World, shipments
from tracking_lookup.edd.tables import LaneTable, delivered_before

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 2000
SINGLE = 300
NOW = datetime(2025, 12, 20, 9, tzinfo=UTC)


def main() -> None:
    """Measure each size; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(prog="./wismo bench edd")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.size:
        sys.stdout.write(json.dumps(measure(given.size)) + "\n")
        return
    rows = []
    for size in SIZES[: 2 if given.small else 3]:
        command = [sys.executable, __file__, "--size", str(size)]
        run = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        rows.append(json.loads(run.stdout))
        sys.stderr.write(run.stdout)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    ratios = {
        "one prediction / one lane-table look-up": round(rows[0]["p50_us"] / rows[0]["lane_us"], 1),
        "batch / single, predictions a second": round(rows[0]["batch_s"] / rows[0]["single_s"], 1),
    }
    found = {"name": "edd", "machine": machine, "rows": rows, "ratios": ratios}
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        table = Table(*rows[0], box=None)
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        Console().print(table, f"\n{ratios}")


def measure(size: int) -> dict[str, Any]:
    """Train on that many parcels, then ask."""
    made = shipments(World(parcels=size, with_scans=False))
    parcels = list(islice(made, 0, None, 2 ** max(0, math.ceil(math.log2(size / MOST)))))
    begun = time.perf_counter()
    model = train(parcels, NOW)
    training = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    asked = [one for one in parcels if one.ordered_at < NOW][-BATCH:]
    begun = time.perf_counter()
    model.predict_many(asked, NOW)
    batch = time.perf_counter() - begun
    took = []
    for one in asked[:SINGLE]:
        begun = time.perf_counter()
        model.predict(one, NOW)
        took.append(time.perf_counter() - begun)
    some = parcels[:: max(1, len(parcels) // 5000)]
    looks, _ = walk(some, refresh=daily, until=NOW)
    table = LaneTable.fit(
        [one for one in delivered_before(looks, NOW) if one.stage is Stage.ORDERED]
    )
    begun = time.perf_counter()
    for one in looks[:SINGLE]:
        table.curves([one])
    lane = (time.perf_counter() - begun) / SINGLE
    return {
        "what": f"{size:,} parcels",
        "used": len(parcels),
        "train_s": round(training, 1),
        "peak_mb": round(peak),
        "single_s": round(1 / statistics.mean(took)),
        "batch_s": round(len(asked) / batch),
        "p50_us": round(statistics.median(took) * 1e6),
        "p99_us": round(sorted(took)[int(len(took) * 0.99)] * 1e6),
        "lane_us": round(lane * 1e6, 1),
    }


if __name__ == "__main__":
    main()
