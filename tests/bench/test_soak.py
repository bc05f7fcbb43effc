"""The soak test of the channels, small: real processes, and two workers killed on the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_is_lost_doubled_or_disordered_when_workers_are_killed():
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench.soak", "--n", "16", "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    [row] = json.loads(done.stdout)["rows"]
    assert row["as_promised"], row
    assert (row["answered"], row["unanswered"]) == (80, 0)
