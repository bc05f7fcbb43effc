import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tracking_lookup.crosswalk import page
from tracking_lookup.model import Status

ROOT = Path(__file__).parents[2]
CARRIERS = sorted(p.parent.name for p in ROOT.glob("tracking_lookup/carriers/*/statuses.py"))
PAGE = (ROOT / "docs/crosswalk.md").read_text()


def section(slug):
    """What the page says of one source."""
    name = import_module(f"tracking_lookup.carriers.{slug}").MANIFEST.name
    (found,) = (part for part in re.split(r"^## ", PAGE, flags=re.M) if f"[`{slug}`]" in part)
    assert found.startswith(name)
    return found


def test_the_page_is_current():
    assert page() == PAGE, "python -m tracking_lookup.crosswalk > docs/crosswalk.md"


def test_the_command_in_its_head_writes_it():
    command = [sys.executable, "-m", "tracking_lookup.crosswalk"]
    written = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert written.stdout == PAGE
    assert "-m tracking_lookup.crosswalk > docs/crosswalk.md" in PAGE


@pytest.mark.parametrize("slug", CARRIERS)
def test_each_code_of_each_carrier_is_on_it_with_its_meaning(slug):
    rows = [line for line in section(slug).splitlines() if line.startswith("| ")]
    statuses = import_module(f"tracking_lookup.carriers.{slug}.statuses").STATUSES
    assert statuses
    for code, (status, detail) in statuses.items():
        meant = f"| `{status}` | `{detail}` | " if detail else f"| `{status}` |  | "
        assert any(row.startswith(meant) and f"`{code}`" in row for row in rows), code


def test_each_of_our_statuses_is_said_by_somebody():
    said = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.split("\n## ")[1], re.M))
    assert list(said) == [status.value for status in Status]
    assert "nobody" not in said.values()
    assert "ups" in said["delivered"]
