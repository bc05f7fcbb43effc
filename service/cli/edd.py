"""``./wismo edd``: the delivery-date model judged, trained, and taken back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from kit import clock
from kit.errors import BadInput
from service.cli.common import AsJson, TextFile, out, print_json
from service.cli.steps import step
from service.settings import settings

app = typer.Typer(help="Delivery dates: judge, train, take back.", no_args_is_help=True)

MODELS: Final = "models/edd"
Zone = Annotated[str, typer.Option(help="Zone of times that name none.")]
Country = Annotated[str, typer.Option(help="Country of both ends, for its holidays: GB.")]

_COLUMNS: Final = (
    "mae",
    "on_or_before",
    "slack",
    "coverage_80",
    "coverage_90",
    "width_90",
    "pinball",
)


@app.command()
def backtest(
    file: TextFile, as_json: AsJson = False, zone: Zone = "UTC", country: Country = ""
) -> None:
    """Judge the model and everything simpler on a file of parcels, month by month."""
    done, _ = _backtest(file, zone, country)
    if as_json:
        print_json(done.as_json())
        return
    table = Table("", "parcels", *(name.replace("_", " ") for name in _COLUMNS), box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in done.rows:
        cells = (getattr(row.figures, name) for name in _COLUMNS)
        style = "bold" if row.predictor == "wismo" else ""
        texts = ("" if cell is None else f"{cell:.3f}" for cell in cells)
        table.add_row(escape(row.what), str(row.figures.n), *texts, style=style)
    out.print(table)


@app.command()
def report(
    file: TextFile,
    to: Annotated[Path, typer.Option(help="Where the page goes; the JSON beside it.")] = Path(
        "edd-report.html"
    ),
    as_json: AsJson = False,
    zone: Zone = "UTC",
    country: Country = "",
) -> None:
    """Write the report card of a file of parcels, as a page and as JSON."""
    from tracking_lookup.edd import card as cards

    done, loaded = _backtest(file, zone, country)
    with step("Drawing the report card"):
        notes = {
            **loaded.skipped,
            **({"older than the newest": loaded.older} if loaded.older else {}),
        }
        card = cards.card(done, file.name, notes)
        try:
            to.write_text(cards.page(card), "utf-8")
            to.with_suffix(".json").write_text(json.dumps(card, ensure_ascii=False), "utf-8")
        except OSError as error:
            raise BadInput(f"{to}: {error.strerror}") from error
    if as_json:
        print_json(card)
    else:
        out.print(f"{to}\n{to.with_suffix('.json')}", soft_wrap=True, markup=False)


@app.command()
def train(
    file: TextFile, as_json: AsJson = False, zone: Zone = "UTC", country: Country = ""
) -> None:
    """Train on a file of parcels, and let the model run if it is not worse than the running one."""
    from service.cli.held import held
    from tracking_lookup.edd.model import train as learn
    from tracking_lookup.edd.store import Store, data_hash

    folder = settings().var / MODELS
    with held(folder / "training.lock", "the delivery-date model is being trained already"):
        loaded = _read(file, zone, country)
        store, data = Store(folder), data_hash(loaded.shipments)
        running = store.running()
        if running and running.data == data:
            version, runs = running, True
        else:
            with step("Training the delivery-date model") as shown:
                # An old file is learned as of its end: nothing has been lost since.
                ends = (one.delivered_at or one.ordered_at for one in loaded.shipments)
                now = min(clock.now(), max(ends) + timedelta(days=1))
                model = learn(loaded.shipments, now, progress=shown.at)
                shown.result = f"{model.parcels:,} delivered parcels"
            version = store.add(model, data)
            runs = store.promote(version)
    if as_json:
        print_json({"version": version.name, "runs": runs, "loss": version.loss})
    else:
        out.print(f"{version.name}: {'runs' if runs else 'kept, but worse than what runs'}")
    if not runs:
        raise typer.Exit(1)


@app.command()
def rollback() -> None:
    """Let the model run again that ran before."""
    version = _store().rollback()
    out.print(f"{version.name} runs")


@app.command("list")
def versions(as_json: AsJson = False) -> None:
    """The trained models, the newest first."""
    from dataclasses import asdict

    found = _store().versions()
    if as_json:
        print_json([asdict(version) for version in found])
        return
    for version in found:
        losses = ", ".join(f"{stage} {loss:.2f}" for stage, loss in version.loss.items())
        mark = "[green]runs[/]" if version.runs else "    "
        out.print(f"{mark} {version.name}  {version.parcels:,} parcels  {losses}", soft_wrap=True)
    if not found:
        out.print("no model has been trained yet")


def _store() -> Any:
    from tracking_lookup.edd.store import Store

    return Store(settings().var / MODELS)


def _read(file: Path, zone: str, country: str) -> Any:
    from tracking_lookup.edd.reading import read_csv

    try:
        there = ZoneInfo(zone)
    except (OSError, ValueError) as error:
        raise BadInput(f"--zone {zone!r} is not a zone such as Europe/London") from error
    with step(f"Reading {file.name}") as shown:
        loaded = read_csv(file, zone=there, country=country.upper(), progress=shown.at)
        skipped = "".join(f", {count:,} x {why}" for why, count in loaded.skipped.items())
        older = f", {loaded.older:,} older ones left out" if loaded.older else ""
        shown.result = f"{len(loaded.shipments):,} of {loaded.rows:,} rows{older}{skipped}"
    return loaded


def _backtest(file: Path, zone: str, country: str) -> Any:
    from tracking_lookup.edd.backtest import backtest as judge

    loaded = _read(file, zone, country)
    with step("Going through the months") as shown:
        done = judge(loaded.shipments, progress=shown.at)
    return done, loaded
