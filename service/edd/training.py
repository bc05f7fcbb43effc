"""Training on the shop's parcels, in a process of its own: ``python -m service.edd.training``.

The process says what it is at on standard output, a line each, and ends with one line of JSON.
A training that is killed starts again from its beginning: it takes seconds for a small shop and
three minutes for the 300,000 parcels that are the most it reads, at night. The same parcels
are never trained on twice.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kit import clock
from kit.errors import AppError, BadInput
from service import db
from service.cli.held import database, held
from service.edd import parcels
from service.edd.parcels import Home
from service.settings import Settings, settings
from tracking_lookup.edd import card as cards
from tracking_lookup.edd.backtest import backtest
from tracking_lookup.edd.model import train
from tracking_lookup.edd.reading import Loaded
from tracking_lookup.edd.shipments import Shipment
from tracking_lookup.edd.store import Store, data_hash

REPORT: Final = "report.json"
"""The report card of the last training, in the models' folder."""

NICENESS: Final = 10
"""Shoppers are answered first."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training came to.

    Attributes:
        version: The model's name.
        runs: Whether it runs now.
        loss: Mean pinball loss on held-out parcels, by stage, days.
        parcels: Delivered parcels it learned from.
    """

    version: str
    runs: bool
    loss: dict[str, float]
    parcels: int


def models(given: Settings) -> Path:
    """The folder of the delivery-date models."""
    return given.var / "models" / "edd"


def home(given: Settings) -> Home:
    """Where the shop sends from."""
    return Home(given.shop_country, given.zone)


def learn(shipments: Sequence[Shipment], folder: Path, *, progress: Progress) -> Outcome:
    """Train, keep the model, and let it run if it is not worse than the one that does.

    Parcels that the running model was trained on are not trained on again.

    Raises:
        Refused: Another process is training.
    """
    with held(folder / "training.lock", "the delivery-date model is being trained already"):
        store, data = Store(folder), data_hash(shipments)
        running = store.running()
        if running and running.data == data and store.is_readable(running):
            return Outcome(running.name, True, running.loss, running.parcels)
        # An old file is learned as of its end: nothing has been lost since.
        ends = [one.delivered_at or one.ordered_at for one in shipments]
        now = min(clock.now(), max(ends, default=clock.now()) + timedelta(days=1))
        model = train(shipments, now, progress=progress)
        version = store.add(model, data)
        return Outcome(version.name, store.promote(version), version.loss, version.parcels)


async def read(url: str, given: Settings, *, progress: Progress) -> Loaded:
    """The shop's parcels, from its database."""
    async with db.opened(url) as sessions, sessions() as session:
        return await parcels.learn_from(session, home(given), progress=progress)


def report(
    shipments: Sequence[Shipment], notes: dict[str, int], source: str, *, progress: Progress
) -> dict[str, Any] | None:
    """The report card of parcels; ``None`` where there are too few for one."""
    try:
        return cards.card(backtest(shipments, progress=progress), source, notes)
    except BadInput:
        return None


def last_report(folder: Path) -> dict[str, Any] | None:
    """The report card of the last training; ``None`` before the first."""
    try:
        found: dict[str, Any] = json.loads((folder / REPORT).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return found


def main() -> int:
    """Train on the database, then judge on it; 0 when done, 2 where that could not be."""
    os.nice(NICENESS)
    given = settings()
    folder = models(given)
    try:
        with database(given.database_url, given.var) as url:
            _say("reading parcels")
            loaded = asyncio.run(read(url, given, progress=_say))
        done = learn(loaded.shipments, folder, progress=_say)
        card = None
        if (last_report(folder) or {}).get("version") != done.version:
            card = report(
                loaded.shipments, dict(loaded.skipped), "This shop's parcels", progress=_judging
            )
        if card is not None:
            card |= {"made_at": clock.now().isoformat(), "version": done.version}
            part = folder / f".{REPORT}"
            part.write_text(json.dumps(card, ensure_ascii=False), "utf-8")
            part.replace(folder / REPORT)
    except AppError as error:
        sys.stdout.write(json.dumps({"error": error.message}) + "\n")
        return 2
    sys.stdout.write(json.dumps(asdict(done)) + "\n")
    return 0


def made_at(card: dict[str, Any]) -> datetime:
    """When a report card was made."""
    return datetime.fromisoformat(card["made_at"])


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _judging(month: str) -> None:
    _say(f"judging {month}")


if __name__ == "__main__":
    sys.exit(main())
