"""How the web process starts."""

import subprocess
import sys

from service.settings import ROOT

# Each takes a second of a small machine's start or tens of megabytes, and serves few requests:
# whatever needs one imports it in the function that does.
HEAVY = ("alembic", "fpdf", "lightgbm", "matplotlib", "pandas", "polars", "scipy", "sklearn")
HEAVY += ("telegram", "twilio", "onnxruntime", "tokenizers")


def test_heavy_modules_are_not_imported_before_they_are_needed():
    found = subprocess.run(
        [sys.executable, "-c", "import sys, service.app, service.cli.serve; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert not set(HEAVY) & set(found.stdout.split())
