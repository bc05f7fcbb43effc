"""Benchmark of the widget: what a browser loads, and how long until a shopper can write.

``./wismo bench widget [--json]``. Chromium with an empty cache opens a page of another origin that
embeds the widget, and presses its button. It starts a PostgreSQL, the service and a shop's page of
its own, on loopback; the slow line is Chromium's emulation of one (400 kbit/s, 400 ms).
"""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, Page, Request, async_playwright
from rich.console import Console
from rich.table import Table

from service.app import create_app
from service.cli.checks import chromium
from service.db import libpq_url, migrate
from service.postgres import EmbeddedPostgres
from service.settings import Settings
from tests.support.serving import free_socket, serve

ROUNDS: Final = 7
SLOW: Final = {"downloadThroughput": 50_000, "uploadThroughput": 50_000, "latency": 400}
BUDGET_BYTES: Final = 12_000
HEAD: Final = '<!doctype html><title>Shop</title><link rel="icon" href="data:,"><body><h1>Shop</h1>'

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    rows = asyncio.run(measure())
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Chromium"
    weight = {row["what"]: row.get("bytes") for row in rows}
    ratios = {
        "scripts / 12 kB": round(weight["all scripts to chat"] / BUDGET_BYTES, 3),
    }
    found = {"name": "widget", "machine": machine, "rows": rows, "ratios": ratios}
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)
    if weight["all scripts to chat"] >= BUDGET_BYTES:
        sys.exit(1)


async def measure() -> list[Row]:
    """All rows."""
    path = chromium()
    if path is None:
        sys.exit("no Chromium here; install it with: sudo apt-get install -y chromium")
    async with running() as shop, async_playwright() as playwright:
        flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        try:
            await visit(browser, shop)  # warms the server, not the browser's cache
            fast = [await visit(browser, shop) for _ in range(ROUNDS)]
            slow = [await visit(browser, shop, slow=True) for _ in range(3)]
        finally:
            await browser.close()
    return [*weights(fast[0]["loaded"]), *times("loopback", fast), *times("slow line", slow)]


@asynccontextmanager
async def running() -> AsyncIterator[str]:
    """A shop's page that embeds the widget of a running service; gives its address."""
    shop = FastAPI()

    @shop.get("/bare")
    async def bare() -> HTMLResponse:
        return HTMLResponse(HEAD)

    @shop.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(f'{HEAD}<script src="{shop.state.widget}" async></script>')

    with tempfile.TemporaryDirectory(prefix="wismo-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        try:
            migrate(libpq_url(server.url))
            with free_socket() as bound:
                app = create_app(
                    Settings(
                        _env_file=None,
                        database_url=libpq_url(server.url),
                        port=bound.getsockname()[1],
                        var=Path(folder) / "var",
                        workers_in_web=False,
                        log_level="ERROR",
                    )
                )
                async with serve(app, bound) as url, serve(shop) as address:
                    shop.state.widget = f"{url}/widget.js"
                    yield address
        finally:
            server.stop()


async def visit(browser: Browser, shop: str, *, slow: bool = False) -> dict[str, Any]:
    """One cold visit: what was loaded, and the milliseconds until each thing could be done."""
    context = await browser.new_context()
    page = await context.new_page()
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    if slow:
        await slow_down(page)
    await page.goto("about:blank")
    bare = time.perf_counter()
    await page.goto(f"{shop}/bare")
    await page.locator("h1").wait_for()
    started = time.perf_counter()
    await page.goto(shop)
    await page.locator("[data-wismo] button").wait_for()
    button = time.perf_counter()
    await page.locator("[data-wismo] button").click()
    await page.frame_locator("[data-wismo] iframe").locator("#input:focus").wait_for()
    chat = time.perf_counter()
    log = page.frame_locator("[data-wismo] iframe").locator("#log .message")
    await log.first.wait_for()
    loaded = []
    for request in requests:
        name = request.url.split("?")[0].rpartition("/")[2]
        if "/widget" in request.url or "/static/" in request.url:
            sizes = await request.sizes()
            loaded.append((name, sizes["responseBodySize"]))
    await context.close()
    return {
        "loaded": loaded,
        "bare": 1000 * (started - bare),
        "button": 1000 * (button - started),
        "chat": 1000 * (chat - button),
    }


async def slow_down(page: Page) -> None:
    """As over a poor mobile connection."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})


def weights(loaded: list[tuple[str, int]]) -> list[Row]:
    """Bytes over the wire, compressed, without headers: by file, and in all."""
    rows: list[Row] = [{"what": name, "bytes": body} for name, body in sorted(loaded)]
    scripts = sum(body for name, body in loaded if name.endswith(".js"))
    before = sum(body for name, body in loaded if name == "widget.js")
    return [
        *rows,
        {"what": "a page whose chat stays shut", "bytes": before},
        {"what": "all scripts to chat", "bytes": scripts},
        {"what": "everything to chat", "bytes": sum(body for _, body in loaded)},
    ]


def times(line: str, visits: list[dict[str, Any]]) -> list[Row]:
    """Medians, in milliseconds."""
    return [
        {"what": f"{what}, {line}", "ms": round(statistics.median(v[key] for v in visits))}
        for what, key in (
            ("the same page without a widget", "bare"),
            ("page opened to button ready", "button"),
            ("button pressed to field ready", "chat"),
        )
    ]


def show(found: dict[str, Any]) -> None:
    """Print for people."""
    table = Table("what", "bytes", "ms", title=found["machine"])
    for row in found["rows"]:
        table.add_row(row["what"], *(str(row.get(name, "")) for name in ("bytes", "ms")))
    console = Console(highlight=False)
    console.print(table)
    for name, ratio in found["ratios"].items():
        console.print(f"{name}: {ratio}")


if __name__ == "__main__":
    main()
