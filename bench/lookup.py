"""Benchmark of the tracking look-up, beside the bare cost of one indexed read.

``./wismo bench lookup [--json]``. It starts a PostgreSQL of its own in a temporary folder and calls
nobody outside: the carrier is one that answers in this process after 50 ms and counts its calls.
"""

import asyncio
import json
import multiprocessing
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from kit.errors import RateLimited
from service import models
from service.carriers import reader
from service.db import Sessions, libpq_url, make_engine, make_sessions, migrate
from service.postgres import EmbeddedPostgres
from service.storefront.models import Order, Parcel
from service.storefront.store import ServiceParcelStore
from service.tracking.budget import StoredBudget
from tracking_lookup.budget import Urgency
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.contract import CarrierManifest
from tracking_lookup.model import Status, Tracking, TrackingEvent
from tracking_lookup.service import TrackingLookup

assert models  # all tables are known

ROUNDS: Final = 5
READS: Final = 400
STALE: Final = 50
ASKERS: Final = 1000
PROCESSES: Final = 4
ANSWERS: Final = 10_000
NOW: Final = datetime(2026, 11, 18, 12, tzinfo=UTC)
FIXTURES: Final = Path(__file__).parent.parent / "tests/tracking_lookup/carriers"

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with database() as url:
        asyncio.run(lay_out(url))
        rows = [
            *asyncio.run(reads(url)),
            asyncio.run(askers_of_one_process(url)),
            askers_of_many(url),
            budget_of_many(url),
            *normalising(),
        ]
    ratios = {
        "cached look-up / indexed read (p50)": round(rows[1]["p50_ms"] / rows[0]["p50_ms"], 2)
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    found = {"name": "lookup", "machine": machine, "rows": rows, "ratios": ratios}
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)
    if not all(row.get("as_promised", True) for row in rows):
        sys.exit(1)


@contextmanager
def database() -> Iterator[str]:
    """A migrated database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="wismo-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        try:
            url = libpq_url(server.url)
            migrate(url)
            yield url
        finally:
            server.stop()


@contextmanager
def sessions_on(url: str) -> Iterator[Sessions]:
    """Sessions for one event loop."""
    yield make_sessions(make_engine(url))


async def lay_out(url: str) -> None:
    """Parcels with ten scans each, last fetched a moment ago."""
    with sessions_on(url) as sessions:
        async with sessions.begin() as session:
            order = Order(key="1", number="1", placed_at=NOW, source="csv", external_id="1")
            session.add(order)
            await session.flush()
            parcels = [
                Parcel(order_id=order.id, carrier="sandbox", number=f"SBX{n:08d}")
                for n in range(1, READS + 1)
            ]
            session.add_all(parcels)
        store = ServiceParcelStore(sessions)
        for parcel in parcels:
            scans = tuple(
                TrackingEvent(NOW - timedelta(hours=n), Status.IN_TRANSIT, code="ARR", text=str(n))
                for n in range(10)
            )
            tracking = Tracking("sandbox", parcel.number, Status.IN_TRANSIT, events=scans)
            await store.record(parcel.id, tracking, {}, fetched_at=NOW)


async def reads(url: str) -> list[Row]:
    """One indexed read, and one cached look-up, one after the other."""
    with sessions_on(url) as sessions:
        lookup = lookup_on(sessions, [])

        async def bare(number: int) -> None:
            async with sessions() as session:
                await session.scalars(
                    select(Parcel).filter_by(carrier="sandbox", number=f"SBX{number:08d}")
                )

        async def cached(number: int) -> None:
            assert (await lookup.where_is(number, now=NOW)).fault is None

        await timed(bare), await timed(cached)  # warm
        measured: dict[str, list[list[float]]] = {"bare": [], "cached": []}
        for _ in range(ROUNDS):
            measured["bare"].append(await timed(bare))
            measured["cached"].append(await timed(cached))
    return [
        per_second("one indexed read", measured["bare"]),
        {
            **(row := per_second("cached look-up", measured["cached"])),
            "as_promised": row["p50_ms"] < 5,
        },
    ]


async def timed(work: Callable[[int], Awaitable[None]]) -> list[float]:
    """How long each took, in seconds."""
    took = []
    for number in range(1, READS + 1):
        started = time.perf_counter()
        await work(number)
        took.append(time.perf_counter() - started)
    return took


def per_second(what: str, rounds: list[list[float]]) -> Row:
    """Medians over the rounds."""
    return {
        "what": what,
        "per_second": round(statistics.median(len(r) / sum(r) for r in rounds)),
        "p50_ms": round(1000 * statistics.median(map(statistics.median, rounds)), 3),
        "p99_ms": round(1000 * statistics.median(sorted(r)[int(0.99 * len(r))] for r in rounds), 3),
    }


def lookup_on(sessions: Sessions, calls: list[str]) -> TrackingLookup:
    """A look-up whose carrier answers after 50 ms and writes down each call."""

    async def answer(request: httpx.Request) -> httpx.Response:
        number = request.url.path.rpartition("/")[2]
        calls.append(number)
        await asyncio.sleep(0.05)
        scan = {"code": "OFD", "at": NOW.isoformat(), "place": None, "text": "Out"}
        return httpx.Response(200, json={"parcel": {"number": number, "scans": [scan]}})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    store = ServiceParcelStore(sessions)
    return TrackingLookup(
        {"sandbox": Sandbox(http)}, store, budget=StoredBudget(sessions), budget_seconds=30
    )


async def ask(url: str, askers: int, at: datetime) -> tuple[int, int]:
    """Calls made and faults seen by so many askers at once of ``STALE`` parcels."""
    calls: list[str] = []
    with sessions_on(url) as sessions:
        lookup = lookup_on(sessions, calls)
        found = await asyncio.gather(
            *(lookup.where_is(n % STALE + 1, now=at) for n in range(askers))
        )
    return len(calls), sum(answer.fault is not None for answer in found)


async def askers_of_one_process(url: str) -> Row:
    """1,000 at once in one process."""
    started = time.perf_counter()
    calls, faults = await ask(url, ASKERS, NOW + timedelta(hours=1))
    return asked(f"{ASKERS} askers of {STALE} stale parcels, 1 process", calls, faults, started)


def askers_of_many(url: str) -> Row:
    """The same spread over processes that share nothing but the database."""
    started = time.perf_counter()
    each = in_processes(_ask, (url, ASKERS // PROCESSES, NOW + timedelta(hours=2)))
    what = f"{ASKERS} askers of {STALE} stale parcels, {PROCESSES} processes"
    return asked(what, sum(c for c, _ in each), sum(f for _, f in each), started)


def asked(what: str, calls: int, faults: int, started: float) -> Row:
    """One row of the askers."""
    return {
        "what": what,
        "upstream_calls": calls,
        "faults": faults,
        "seconds": round(time.perf_counter() - started, 2),
        "as_promised": (calls, faults) == (STALE, 0),
    }


def budget_of_many(url: str) -> Row:
    """Processes that take all the calls they can get of 60 an hour."""
    started = time.perf_counter()
    granted = sum(in_processes(_take, (url, 60)))
    return {
        "what": f"60 calls an hour, {PROCESSES} processes asking for 200 each",
        "granted": granted,
        "seconds": round(time.perf_counter() - started, 2),
        "as_promised": granted == 60,
    }


async def take(url: str, count: int) -> int:
    """How many calls one process is granted."""
    manifest = CarrierManifest("bench", "Bench", "https://example.com", (), calls=((count, 3600),))
    granted = 0
    with sessions_on(url) as sessions:
        budget = StoredBudget(sessions)
        for _ in range(200):
            try:
                await budget.take(manifest, Urgency.ASKED, now=datetime.now(UTC))
            except RateLimited:
                continue
            granted += 1
    return granted


def in_processes(work: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Any]:
    """The results of the same work in several processes at once."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        waiting = [pool.apply_async(work, arguments) for _ in range(PROCESSES)]
        return [result.get(timeout=300) for result in waiting]


def _ask(url: str, askers: int, at: datetime) -> tuple[int, int]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(ask(url, askers, at))


def _take(url: str, count: int) -> int:
    return asyncio.run(take(url, count))


def normalising() -> Iterator[Row]:
    """Reading kept answers, of a small and of a large format."""
    for slug in ("sandbox", "ups"):
        carrier = reader(slug)
        names = ("in_transit", "delivered", "exception")
        texts = [(FIXTURES / slug / "fixtures" / f"{name}.json").read_text() for name in names]
        raws = [json.dumps(json.loads(text)["body"]) for text in texts]
        took, events = [], 0
        for _ in range(3):
            started, events = time.perf_counter(), 0
            for n in range(ANSWERS):
                for parcel in carrier.parse(json.loads(raws[n % len(raws)])):
                    events += len(parcel.events)
            took.append(time.perf_counter() - started)
        seconds = statistics.median(took)
        yield {
            "what": f"normalising {ANSWERS} answers of {slug}",
            "per_second": round(ANSWERS / seconds),
            "events_per_second": round(events / seconds),
        }


def show(found: dict[str, Any]) -> None:
    """Print for people."""
    table = Table("what", "figures", "as promised", title=found["machine"])
    for row in found["rows"]:
        hidden = {"what", "as_promised"}
        figures = ", ".join(f"{name} {value}" for name, value in row.items() if name not in hidden)
        promised = {True: "yes", False: "[red]no", None: ""}[row.get("as_promised")]
        table.add_row(row["what"], figures, promised)
    console = Console(highlight=False)
    console.print(table)
    for name, ratio in found["ratios"].items():
        console.print(f"{name}: {ratio}")


if __name__ == "__main__":
    main()
