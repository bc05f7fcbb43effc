"""`edd`: a file of parcels in, one JSON value out, and models that can be taken back."""

import csv
import json
import os
import re
import subprocess
import sys

import pytest

from tracking_lookup.edd.synthetic import World, shipments


def wismo(tmp_path, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "edd", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "VAR": str(tmp_path / "var")},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "parcels.csv"
    columns = ["ordered_at", "handed_over_at", "delivered_at", "carrier", "destination_region"]
    with path.open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow([*columns, "promised_at"])
        for one in shipments(World(parcels=200, days=120)):
            rows.writerow([*(getattr(one, name) for name in columns), one.promised])
    return path


def test_backtest_and_report(tmp_path, file):
    code, said = wismo(tmp_path, "report", str(file), "--to", str(tmp_path / "r.html"), "--json")
    assert code == 0
    card = json.loads(said)
    assert card == json.loads((tmp_path / "r.json").read_text())
    with file.open() as text:
        newest = max(row["ordered_at"] for row in csv.DictReader(text))
    assert card["from"] == card["by"]["ordered"]["month"][0]["name"]
    assert card["to"] == newest[:7]
    page = (tmp_path / "r.html").read_text()
    assert "<svg" in page
    assert "<script" not in page
    code, said = wismo(tmp_path, "backtest", str(file))
    assert code == 0
    assert "lane median at hand-over" in said
    assert "…" not in said
    first = next(line for line in said.splitlines() if "wismo at order" in line)
    assert re.fullmatch(r"\s*wismo at order\s+\d+(\s+-?\d+\.\d\d){7}\s*", first)  # none is cut
    code, said = wismo(tmp_path, "backtest", str(file), "--json")
    assert code == 0
    rows = json.loads(said)["rows"]
    assert rows[0]["what"] == "wismo at order"
    assert set(rows[0]) == {
        "what",
        "n",
        "mae",
        "on_or_before",
        "slack",
        "coverage_80",
        "coverage_90",
        "width_90",
        "pinball",
    }


def test_a_file_that_is_no_history_is_exit_code_two(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert wismo(tmp_path, "backtest", str(tmp_path / "x.csv"), "--json")[0] == 2
