"""``./wismo edd``: the delivery-date model judged, trained, and taken back."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from kit.errors import BadInput
from service.cli.common import AsJson, out, print_json
from service.cli.steps import step
from service.settings import settings

if TYPE_CHECKING:
    from tracking_lookup.edd.backtest import Backtest
    from tracking_lookup.edd.reading import Loaded
    from tracking_lookup.edd.store import Store

app = typer.Typer(help="Delivery dates: judge, train, take back.", no_args_is_help=True)

OWN: Final = "the shop's own parcels"
Progress = Callable[[str], None]
FileOrNot = Annotated[
    Path | None, typer.Argument(help="A file of parcels; see docs/delivery-date.md.")
]
Database = Annotated[
    bool, typer.Option("--database", help="The shop's own parcels in place of a file.")
]
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
    file: FileOrNot = None,
    database: Database = False,
    as_json: AsJson = False,
    zone: Zone = "UTC",
    country: Country = "",
) -> None:
    """Judge the model and everything simpler on a history of parcels, month by month."""
    done, _ = _backtest(file, database, zone, country)
    if as_json:
        print_json(done.as_json())
        return
    names = (name.replace("_", " ") for name in _COLUMNS)
    table = Table("", "parcels", *names, box=None, padding=(0, 0, 0, 1))
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        # A heading may break in a narrow terminal, a figure may not be cut.
        column.justify, column.overflow, column.min_width = "right", "fold", 5
    for row in done.rows:
        cells = (getattr(row.figures, name) for name in _COLUMNS)
        style = "bold" if row.predictor == "wismo" else ""
        texts = ("" if cell is None else f"{cell:.2f}" for cell in cells)
        table.add_row(escape(row.what), str(row.figures.n), *texts, style=style)
    out.print(table)


@app.command()
def report(
    file: FileOrNot = None,
    database: Database = False,
    to: Annotated[Path, typer.Option(help="Where the page goes; the JSON beside it.")] = Path(
        "edd-report.html"
    ),
    as_json: AsJson = False,
    zone: Zone = "UTC",
    country: Country = "",
) -> None:
    """Write the report card of a history of parcels, as a page and as JSON."""
    from tracking_lookup.edd import card as cards

    done, loaded = _backtest(file, database, zone, country)
    with step("Drawing the report card"):
        notes = {
            **loaded.skipped,
            **({"more than are learned from": loaded.left_out} if loaded.left_out else {}),
        }
        card = cards.card(done, file.name if file else OWN, notes)
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
    file: FileOrNot = None,
    database: Database = False,
    as_json: AsJson = False,
    zone: Zone = "UTC",
    country: Country = "",
) -> None:
    """Train on a history of parcels; the model runs if it is not worse than the running one."""
    from dataclasses import asdict

    from service.edd import training

    loaded = _read(file, database, zone, country)
    with step("Training the delivery-date model") as shown:
        done = training.learn(loaded.shipments, training.models(settings()), progress=shown.at)
        shown.result = f"{done.parcels:,} delivered parcels"
    if as_json:
        print_json(asdict(done))
    else:
        out.print(f"{done.version}: {'runs' if done.runs else 'kept, but worse than what runs'}")
    if not done.runs:
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


def _store() -> "Store":
    from service.edd.training import models
    from tracking_lookup.edd.store import Store

    return Store(models(settings()))


def _read(file: Path | None, database: bool, zone: str, country: str) -> "Loaded":
    """Raises ``BadInput`` unless it is either a file or the database."""
    if (file is not None) is database:
        raise BadInput("name a file of parcels, or say --database: one of the two")
    with step(f"Reading {file.name if file else OWN}") as shown:
        loaded = _read_file(file, zone, country, shown.at) if file else _read_own(shown.at)
        skipped = "".join(f", {count:,} x {why}" for why, count in loaded.skipped.items())
        spare = f", {loaded.left_out:,} more than are needed" if loaded.left_out else ""
        shown.result = f"{len(loaded.shipments):,} of {loaded.rows:,} rows{spare}{skipped}"
    return loaded


def _read_file(file: Path, zone: str, country: str, progress: Progress) -> "Loaded":
    from tracking_lookup.edd.reading import read_csv

    try:
        there = ZoneInfo(zone)
    except (OSError, ValueError) as error:
        raise BadInput(f"--zone {zone!r} is not a zone such as Europe/London") from error
    return read_csv(file, zone=there, country=country.upper(), progress=progress)


def _read_own(progress: Progress) -> "Loaded":
    from service import db
    from service.cli.held import database
    from service.edd import training

    with database(settings().database_url, settings().var) as url:
        db.migrate(url)
        return asyncio.run(training.read(url, settings(), progress=progress))


def _backtest(
    file: Path | None, database: bool, zone: str, country: str
) -> "tuple[Backtest, Loaded]":
    from tracking_lookup.edd.backtest import backtest as judge

    loaded = _read(file, database, zone, country)
    with step("Going through the months") as shown:
        done = judge(loaded.shipments, progress=shown.at)
    return done, loaded
