"""``./wismo bench inbox``: an inbox with 10,000 open tickets and a million messages.

The data are made by COPY on an embedded PostgreSQL of the bench's own, with words as frequent as in
a language (Zipf). One web process serves; the asking side is another process on the same machine.
Beside each page stands the bare cost of an answer (``/healthz``), and beside the search what it
would take without an index (``ILIKE``). An event is a shopper's message, from before its
transaction to the moment an open inbox has been told.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from bench._inbox_data import COMMON, Vocabulary, fill
from integrations.messages import InboundMessage
from kit.signing import Signer
from service.cli.process import free_port
from service.conversations import door
from service.db import libpq_url, migrate, opened
from service.postgres import EmbeddedPostgres
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
MESSAGES: Final = 1_000_000
INBOXES: Final = 200
EVENTS: Final = 20
QUIET_SECONDS: Final = 2.5  # between two: in a rush inboxes are told less often, by design
ASKED: Final = 60  # times each page is asked for
KEY: Final = "b" * 48


def main() -> None:
    """Measure; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(prog="./wismo bench inbox")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    given = parser.parse_args()
    report = asyncio.run(measure(given.messages))
    if given.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        show(report)
    if not all(report["as_promised"].values()):
        sys.exit(1)


async def measure(messages: int) -> dict[str, Any]:
    """Fill a database, serve it, ask."""
    with tempfile.TemporaryDirectory(prefix="wismo-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", options=("fsync=off",))
        server.start()
        try:
            url = libpq_url(server.url)
            migrate(url)
            vocabulary = Vocabulary(random.Random(1))
            fill(url, vocabulary, messages)
            async with served(url, Path(folder)) as web, httpx.AsyncClient(timeout=60) as http:
                http.cookies.set("wismo_agent", Signer([KEY], "agent-session").write("1"))
                rows = await pages(http, web, vocabulary)
                rows.append(without_index(url, vocabulary))
                rows += await events(url, web, dict(http.cookies))
        finally:
            server.stop()
    by = {row["what"]: row for row in rows}
    bare = by["a bare answer"]["p50_ms"]
    return {
        "name": "inbox",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
        "ratios": {
            "list to a bare answer": round(by["list"]["p50_ms"] / bare, 1),
            "search to the same without an index": round(
                by["search"]["p50_ms"] / by["ILIKE, no index"]["p50_ms"], 3
            ),
        },
        "as_promised": {
            "list p95 under 100 ms": by["list"]["p95_ms"] < 100,
            "search p95 under 300 ms": by["search"]["p95_ms"] < 300,
            f"an event reaches {INBOXES} inboxes within 500 ms p95": by["event"]["p95_ms"] < 500,
        },
    }


@asynccontextmanager
async def served(url: str, folder: Path) -> AsyncIterator[str]:
    """One web process over the database, without workers."""
    port = free_port()
    settings = {
        "DATABASE_URL": url,
        "PORT": str(port),
        "SECRET_KEY": KEY,
        "VAR": str(folder / "var"),
        "DEMO": "false",
        "WORKERS_IN_WEB": "false",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "service.app:create_app"]
    with process([*command, "--port", str(port), "--log-level", "error"], settings) as child:
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient() as http:
            while True:
                if child.poll() is not None:
                    raise RuntimeError("the web process did not start")
                with suppress(httpx.TransportError):
                    await http.get(f"{base}/healthz")
                    # A first start makes the articles' vectors beside its work.
                    if list((folder / "var" / "faq").glob("*.npz")):
                        break
                await asyncio.sleep(0.2)
        yield base


@contextmanager
def process(command: list[str], settings: dict[str, str]) -> Iterator[Any]:
    """A child process, stopped at the end."""
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(20)


async def pages(http: httpx.AsyncClient, web: str, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """How long each page takes, one after the other."""
    fragment = {"HX-Request": "true"}
    queues = ("unassigned", "mine", "all", "breaching")
    rare = [vocabulary.words[n] for n in (200, 900, 3000, 9000)]
    asked = {
        "a bare answer": (["/healthz"], {}),
        "list": ([f"/inbox/?queue={queue}" for queue in queues], fragment),
        "list, page 20": (["/inbox/?queue=all&page=20"], fragment),
        "list, filtered": (["/inbox/?queue=all&reason=damaged&channel=web"], fragment),
        "list, the whole page": (["/inbox/?queue=unassigned"], {}),
        "ticket": ([f"/inbox/tickets/{n}" for n in (17, 4000, 9000)], fragment),
        "search": (
            [
                f"/inbox/search?q={words}"
                for words in (
                    *COMMON[:4],
                    "parcel late refund",
                    *rare,
                    f"parcel {rare[1]}",
                    f"{rare[0]} {rare[1]}",
                    "%2312345",
                    "shopper777@example.com",
                    "nothinglikeit",
                    f"{rare[2][:4]}",
                )
            ],
            {},
        ),
    }
    rows = []
    for what, (paths, headers) in asked.items():
        took = []
        for turn in range(ASKED + 6):
            began = time.perf_counter()
            answer = await http.get(web + paths[turn % len(paths)], headers=headers)
            if turn >= 6:  # the first ones warm up
                took.append(time.perf_counter() - began)
            answer.raise_for_status()
        rows.append(row(what, took))
    return rows


def without_index(url: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """The newest places where a word stands, by reading every message."""
    took = []
    with psycopg.connect(url) as connection:
        for word in (COMMON[0], vocabulary.words[900], vocabulary.words[9000]) * 2:
            began = time.perf_counter()
            connection.execute(
                "SELECT id FROM messages WHERE text ILIKE %s ORDER BY id DESC LIMIT 300",
                [f"%{word}%"],
            ).fetchall()
            took.append(time.perf_counter() - began)
    return row("ILIKE, no index", took)


async def events(url: str, web: str, cookies: dict[str, str]) -> list[dict[str, Any]]:
    """How long until every open inbox knows, and until every one shows the new list."""
    told: asyncio.Queue[float] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        # A connection kept open may be closed by the other side just when it is used again.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=web, cookies=cookies, timeout=60, limits=limits)
        )
        sessions = await stack.enter_async_context(opened(url))
        listeners = [asyncio.create_task(listen(http, told)) for _ in range(INBOXES)]
        for _ in listeners:  # each is told once when it opens
            await told.get()
        reached, shown = [], []
        for turn in range(EVENTS):
            began = time.perf_counter()
            async with sessions.begin() as session:
                await door.accept(
                    session,
                    InboundMessage(
                        channel="web",
                        external_id=f"bench-{turn}",
                        address=f"shopper-{turn + 1}",
                        text="hello?",
                        received_at=datetime.now(UTC),
                    ),
                    Settings(_env_file=None, sender_per_minute=10_000),
                )
            reached += [await told.get() - began for _ in listeners]
            await asyncio.sleep(QUIET_SECONDS)
            while not told.empty():  # an event in two notices is told twice
                told.get_nowait()
        for _ in range(3):
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    http.get("/inbox/?queue=unassigned", headers={"HX-Request": "true"})
                    for _ in listeners
                )
            )
            shown.append(time.perf_counter() - began)
        for task in listeners:
            task.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
    return [row("event", reached), row(f"all {INBOXES} inboxes load their list at once", shown)]


async def listen(http: httpx.AsyncClient, told: asyncio.Queue[float]) -> None:
    """One open inbox: says when it was told."""
    async with http.stream("GET", "/inbox/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: changed"):
                told.put_nowait(time.perf_counter())


def row(what: str, took: list[float]) -> dict[str, Any]:
    """Seconds as a row of milliseconds."""
    return {
        "what": what,
        "n": len(took),
        "p50_ms": round(1000 * statistics.median(took), 1),
        "p95_ms": round(1000 * statistics.quantiles(took, n=20, method="inclusive")[-1], 1),
        "max_ms": round(1000 * max(took), 1),
    }


def show(report: dict[str, Any]) -> None:
    """The report, for people."""
    table = Table(title=f"{report['name']}, {report['machine']}")
    columns = ("what", "n", "p50_ms", "p95_ms", "max_ms")
    for column in columns:
        table.add_column(column, justify="left" if column == "what" else "right")
    for each in report["rows"]:
        table.add_row(
            *(str(each[column]) for column in ("what", "n", "p50_ms", "p95_ms", "max_ms"))
        )
    console = Console()
    console.print(table)
    for what, ratio in report["ratios"].items():
        console.print(f"{what}: {ratio}")
    for what, kept in report["as_promised"].items():
        console.print(f"{'kept' if kept else 'NOT KEPT'}: {what}")


if __name__ == "__main__":
    main()
