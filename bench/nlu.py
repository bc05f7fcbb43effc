"""``./wismo bench nlu``: ways of understanding, on one split of the project's own examples.

Every fourth example is held back, intent by intent. Stock Rasa is its default DIET pipeline, whose
default 100 epochs take over an hour on two cores: ``--stock-epochs 8`` is quicker, and 0 leaves
it out. ``peak_mb`` is of training and reading in one process, so more than a serving process has.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from bench import _stock_rasa as stock
from service.cli.nlu import Line, compare

ROOT = Path(__file__).resolve().parents[1]
BOT = ROOT / "bot"
ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
OURS = "bot.components.intent_classifier.IntentClassifier"
SPARSE = stock.PIPELINE[:5]
PIPELINES: dict[str, list[dict[str, Any]]] = {
    "ours": [{"name": OURS}],
    "ours, 32 bits": [{"name": OURS, "int8": False}],
    "dense only": [{"name": OURS, "letters": 0.0}],
    "sparse only": [*SPARSE, {"name": "LogisticRegressionClassifier"}, stock.PIPELINE[-1]],
}


def main() -> None:
    """Measure each pipeline in a process of its own, one after the other."""
    parser = argparse.ArgumentParser(prog="./wismo bench nlu")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stock-epochs", type=int, default=stock.EPOCHS)
    given = parser.parse_args()
    kept, held = split(examples())
    pipelines = dict(PIPELINES)
    if given.stock_epochs:
        name = f"stock Rasa (DIET), {given.stock_epochs} epochs"
        pipelines[name] = stock.with_epochs(stock.PIPELINE, given.stock_epochs)
    rows = [measure(name, pipeline, kept, held) for name, pipeline in pipelines.items()]
    report = {
        "name": "nlu",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
        "ratios": {f"{row['what']}: errors to ours": _errors(row, rows[0]) for row in rows[1:]},
    }
    if given.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        show(rows, len(kept), len(held))


def examples() -> list[Line]:
    """The project's examples, in the files' order, without their marks for entities."""
    found = []
    for path in sorted((BOT / "data/nlu").rglob("*.yml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in group["examples"].splitlines() if "intent" in group else ():
                text = ANNOTATION.sub(r"\1", line.removeprefix("- ").strip())
                found.append(Line(text, "intent", group["intent"]))
    return found


def split(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Three quarters to learn from, and one to be asked."""
    seen: dict[str, int] = {}
    kept, held = [], []
    for line in lines:
        seen[line.label] = seen.get(line.label, 0) + 1
        (held if seen[line.label] % 4 == 0 else kept).append(line)
    return kept, held


def measure(
    name: str, pipeline: list[dict[str, Any]], kept: list[Line], held: list[Line]
) -> dict[str, Any]:
    """Train one pipeline and ask it about what was held back."""
    by_intent: dict[str, list[str]] = {}
    for line in kept:
        by_intent.setdefault(line.label, []).append(f"- {line.text}\n")
    nlu = [{"intent": intent, "examples": "".join(texts)} for intent, texts in by_intent.items()]
    with tempfile.TemporaryDirectory() as folder:
        config, data, asked = (Path(folder) / file for file in ("c.yml", "nlu.yml", "test.json"))
        config.write_text(
            yaml.safe_dump({"recipe": "default.v1", "language": "en", "pipeline": pipeline})
        )
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True))
        asked.write_text(json.dumps([line.text for line in held]))
        run = subprocess.run(
            [BOT / ".venv/bin/python", "-m", "bench._nlu_rasa", config, data, asked],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            text=True,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{BOT}"},
        )
    answer = json.loads(run.stdout)
    intents = [one if one != "nlu_fallback" else "out_of_scope" for one in answer.pop("intents")]
    figures = compare(held, intents)
    return {
        "what": name,
        "accuracy": round(figures.accuracy, 4),
        "macro_f1": round(figures.macro_f1, 4),
        "oos_recall": round(figures.classes["out_of_scope"].recall, 4),
        **answer,
    }


def show(rows: list[dict[str, Any]], kept: int, held: int) -> None:
    """Print the rows for people."""
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row.values()))
    out = Console(highlight=False)
    out.print(table)
    out.print(f"learnt from {kept} examples, asked about {held}")


def _errors(row: dict[str, Any], ours: dict[str, Any]) -> float:
    return round((1 - row["accuracy"]) / (1 - ours["accuracy"]), 2)


if __name__ == "__main__":
    main()
