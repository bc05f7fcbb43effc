"""Benchmark of the tracking page, beside a bare Jinja page of the same server.

``./wismo bench page [--json]``. A PostgreSQL of its own in a temporary folder, the service on
loopback with one order of one parcel and ten scans, one client that keeps its connections. The
weight is what Chromium takes over the wire for the first view: under 60 kB is promised, and that no
other server is asked. Largest contentful paint is that browser's own figure, with an empty cache
and no slowed network.
"""

import asyncio
import json
import multiprocessing
import os
import platform
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import jinja2
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from bench.lookup import database, sessions_on
from kit import clock
from service.app import create_app
from service.cli.checks import chromium
from service.edd import training
from service.edd.dates import Dates
from service.settings import Settings
from service.storefront.models import Order, OrderItem, Parcel
from service.storefront.store import ServiceParcelStore
from service.tracking_page import links
from tracking_lookup.model import Status, Tracking, TrackingEvent

ROUNDS: Final = 5
VIEWS: Final = 150
VISITORS: Final = 16
PAINTS: Final = 5
MOST_KB: Final = 60
PLACES: Final = ("Kendal, GB", "Warrington, GB", "Tamworth, GB", "Leeds, GB")
BARE: Final = jinja2.Environment(autoescape=True).from_string(
    "<!doctype html><title>{{ title }}</title><ul>{% for line in lines %}<li>{{ line }}</li>"
    "{% endfor %}</ul>"
)

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    with tempfile.TemporaryDirectory(prefix="wismo-bench-page-") as folder, database() as url:
        settings = Settings(
            _env_file=None,
            database_url=url,
            var=Path(folder),
            secret_key="bench" * 8,
            log_level="ERROR",
            workers_in_web=False,
        )
        path = asyncio.run(lay_out(url, settings))
        with serving(settings) as base:
            rows = asyncio.run(measure(base, path))
    bare, page = rows[0], rows[1]
    ratios = {
        "page / bare Jinja page (p50)": round(page["p50_ms"] / bare["p50_ms"], 2),
        "page / bare Jinja page (requests per second)": round(page["per_s"] / bare["per_s"], 3),
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    found = {"name": "page", "machine": machine, "rows": rows, "ratios": ratios}
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)
    if not all(row.get("as_promised", True) for row in rows):
        sys.exit(1)


async def lay_out(url: str, settings: Settings) -> str:
    """An order with a parcel, fetched a moment ago; gives its page's path."""
    now = clock.now()
    with sessions_on(url) as sessions:
        async with sessions.begin() as session:
            order = Order(
                key="1", number="#1", email="ana@example.com", placed_at=now, source="csv",
                external_id="1",
            )  # fmt: skip
            session.add(order)
            await session.flush()
            parcel = Parcel(order_id=order.id, carrier="sandbox", number="SBX00000001")
            session.add(parcel)
            await session.flush()
            session.add(
                OrderItem(order_id=order.id, parcel_id=parcel.id, title="Wool socks", quantity=2)
            )
            address = await links.for_order(session, settings, order.id, now=now)
        scans = tuple(
            TrackingEvent(
                now - timedelta(hours=3 * n),
                Status.IN_TRANSIT,
                place=PLACES[-1 - n // 3],
                code=str(n),
            )
            for n in range(10)
        )
        tracking = Tracking(
            "sandbox", parcel.number, Status.IN_TRANSIT, events=scans,
            promised_from=now, promised_to=now + timedelta(days=1),
        )  # fmt: skip
        # As if from an hour ahead: what is measured is the page, not the carrier.
        ahead = now + timedelta(hours=1)
        await ServiceParcelStore(sessions).record(parcel.id, tracking, {}, fetched_at=ahead)
        # And not its date either, which is estimated once a day and after each change.
        dates = Dates(sessions, training.models(settings), training.home(settings))
        await dates.estimate([parcel.id], now=ahead)
    return address.removeprefix(settings.base_url)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The service in one process of its own; gives its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(512)
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(settings, bound), daemon=True
        )
        process.start()
        base = f"http://127.0.0.1:{bound.getsockname()[1]}"
        try:
            httpx.get(f"{base}/healthz", timeout=30).raise_for_status()
            yield base
        finally:
            process.terminate()
            process.join(10)


def _serve(settings: Settings, bound: socket.socket) -> None:
    app = create_app(settings)
    _add_bare_page(app)
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none")
    uvicorn.Server(config).run(sockets=[bound])


def _add_bare_page(app: FastAPI) -> None:
    @app.get("/bare")
    async def bare() -> HTMLResponse:
        return HTMLResponse(BARE.render(title="Bare", lines=[f"line {n}" for n in range(20)]))


async def measure(base: str, path: str) -> list[Row]:
    """Both pages in turn, so that a busy machine is busy for both; then the browser's figures."""
    times: dict[str, list[float]] = {"/bare": [], path: []}
    rates: dict[str, list[float]] = {"/bare": [], path: []}
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        for _ in range(ROUNDS):
            for each in times:
                times[each] += await one_by_one(client, each)
                rates[each].append(await at_once(client, each))
    rows = [
        {
            "what": what,
            "p50_ms": round(statistics.median(times[each]) * 1000, 2),
            "p99_ms": round(statistics.quantiles(times[each], n=100)[98] * 1000, 2),
            "per_s": round(statistics.median(rates[each])),
        }
        for what, each in (("bare Jinja page", "/bare"), ("tracking page", path))
    ]
    return [*rows, *await first_views(base + path)]


async def one_by_one(client: httpx.AsyncClient, path: str) -> list[float]:
    """Seconds of each of ``VIEWS`` views."""
    found = []
    for _ in range(VIEWS):
        started = time.perf_counter()
        (await client.get(path)).raise_for_status()
        found.append(time.perf_counter() - started)
    return found


async def at_once(client: httpx.AsyncClient, path: str) -> float:
    """Views per second with ``VISITORS`` asking at a time."""

    async def visit() -> None:
        for _ in range(VIEWS // VISITORS):
            (await client.get(path)).raise_for_status()

    started = time.perf_counter()
    await asyncio.gather(*(visit() for _ in range(VISITORS)))
    return VISITORS * (VIEWS // VISITORS) / (time.perf_counter() - started)


async def first_views(address: str) -> list[Row]:
    """Weight and largest contentful paint at phone size; none without a Chromium."""
    path = chromium()
    if path is None:
        return []
    flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    weights, paints, others = [], [], set()
    home = address.partition("/t/")[0]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        for _ in range(PAINTS):
            context = await browser.new_context(viewport={"width": 390, "height": 844})
            page = await context.new_page()
            page.on("request", lambda asked: others.add(asked.url))
            await page.goto(address, wait_until="load")
            weights.append(
                await page.evaluate(
                    "['resource', 'navigation']"
                    ".flatMap((kind) => performance.getEntriesByType(kind))"
                    ".reduce((sum, entry) => sum + entry.transferSize, 0)"
                )
            )
            paints.append(
                await page.evaluate(
                    "new Promise((seen) => new PerformanceObserver((list) =>"
                    " seen(list.getEntries().at(-1).startTime))"
                    ".observe({type: 'largest-contentful-paint', buffered: true}))"
                )
            )
            await context.close()
        await browser.close()
    kb = round(statistics.median(weights) / 1000, 1)
    abroad = sum(not url.startswith((home, "data:")) for url in others)
    return [
        {
            "what": "first view in Chromium, phone",
            "kb": kb,
            "lcp_ms": round(statistics.median(paints)),
            "asked_of_others": abroad,
            "as_promised": kb < MOST_KB and not abroad,
        }
    ]


def show(found: dict[str, Any]) -> None:
    """A table for people."""
    columns = ("p50_ms", "p99_ms", "per_s", "kb", "lcp_ms", "asked_of_others")
    table = Table(title=f"Tracking page ({found['machine']})")
    for name in ("what", *columns):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in found["rows"]:
        table.add_row(row["what"], *(str(row.get(name, "")) for name in columns))
    Console().print(table)
    for name, value in found["ratios"].items():
        Console().print(f"{name}: {value}")


if __name__ == "__main__":
    main()
