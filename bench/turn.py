"""``./wismo bench turn``: "where is my order 1001?", beside stock Rasa, on the same two cores.

Ours is the whole service as ``./wismo up`` runs it, with the proof present and the parcel's news in
the cache: from ``POST /chat/messages`` to the commit of the reply. Stock Rasa 3.6 is its REST
channel alone, with one custom action over HTTP. Training stock Rasa takes minutes and is done once
for the same examples; ``--without-stock`` leaves it out. The asking side runs on the machine's
other cores.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp
import httpx
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench import _stock_rasa
from service.cli.process import Child, free_port, running
from service.db import libpq_url
from service.postgres import EmbeddedPostgres
from service.settings import settings

ROOT = Path(__file__).resolve().parents[1]
CORES: Final = 2
ROUNDS: Final = 3
ALONE: Final = 40  # turns one after the other, in each round
AT_ONCE: Final = 32  # conversations in flight
EACH: Final = 4  # questions of each of those, in each round, and as many between them
START_SECONDS: Final = 240

NO_LIMITS: Final = {"SENDER_PER_MINUTE": "100000", "IP_PER_MINUTE": "1000000"}
PROOF: Final = "when will order 1001 arrive? ana@example.com"
QUESTION: Final = "where is my order 1001?"
# Asked between two questions, of another order of theirs: an answer is not given twice in a talk
# about one order.
BETWEEN: Final = "where is my order 1002?"

# The demo's own carrier is asked again after a second; what a real one says is fresh for a quarter
# of an hour or more, and so are the parcels' news and dates here.
FRESH: Final = (
    "UPDATE parcels SET fetched_at = now() + interval '15 minutes'",
    "UPDATE delivery_dates SET estimated_at = now() + interval '15 minutes'",
)
# Tells when a reply is stored, at its commit.
TRIGGER: Final = """
CREATE FUNCTION bench_told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_notify('bench', NEW.conversation_id::text); RETURN NULL; END $$;
CREATE TRIGGER bench_told AFTER INSERT ON messages FOR EACH ROW
    WHEN (NEW.author <> 'shopper') EXECUTE FUNCTION bench_told();
"""

Ask = Callable[[int, str], Awaitable[None]]
"""Asks as one of the conversations, and comes back when the answer is there."""
Used = Callable[[], tuple[float, int]]
"""Processor seconds used so far, of all its processes, and resident megabytes of Rasa's."""
Row = dict[str, Any]


def main() -> None:
    """Measure both; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(prog="./wismo bench turn")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--without-stock", action="store_true")
    parser.add_argument("--stock-model", type=Path, help="trained before; else it is trained now")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is stopped
    report = asyncio.run(measure(stock=not given.without_stock, model=given.stock_model))
    if given.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        show(report)
    if not all(report["as_promised"].values()):
        sys.exit(1)


async def measure(*, stock: bool, model: Path | None) -> dict[str, Any]:
    """Both services up at the same time, rounds taken in turns."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wismo-bench-")))
        sides: dict[str, tuple[Ask, Used]] = {
            "wismo, the whole turn": await stack.enter_async_context(wismo(folder))
        }
        if stock:
            opened = await stack.enter_async_context(stock_rasa(folder, model))
            sides["stock Rasa 3.6, its REST channel alone"] = opened
        found: dict[str, Row] = {what: {"what": what} for what in sides}
        alone: dict[str, list[list[float]]] = {what: [] for what in sides}
        busy: dict[str, list[float]] = {what: [] for what in sides}
        spent: dict[str, list[float]] = {what: [] for what in sides}
        for _ in range(ROUNDS):
            for what, (ask, used) in sides.items():
                alone[what].append(await one_by_one(ask))
                before, _ = used()
                busy[what].append(await at_once(ask))
                spent[what].append((used()[0] - before) / (2 * EACH * AT_ONCE))
        for what, row in found.items():
            row |= {
                "p50_ms": round(1000 * statistics.median(map(statistics.median, alone[what])), 1),
                "p95_ms": round(1000 * statistics.median(map(_p95, alone[what])), 1),
                "turns_per_second": round(statistics.median(busy[what]), 1),
                "cpu_ms": round(1000 * statistics.median(spent[what]), 1),
                "rasa_mb": sides[what][1]()[1],
            }
    return report(list(found.values()))


def report(rows: list[Row]) -> dict[str, Any]:
    """The rows, how they compare, and whether that is what is promised."""
    ratios, promised = {}, {}
    if len(rows) == 2:
        ours, theirs = rows
        p50 = ratios["p50 to stock Rasa's"] = round(ours["p50_ms"] / theirs["p50_ms"], 2)
        turns = ratios["throughput to stock Rasa's"] = round(
            ours["turns_per_second"] / theirs["turns_per_second"], 2
        )
        promised = {"p50 at most half": p50 <= 0.5, "4 times the throughput": turns >= 4}
    promised["Rasa under 0.9 GB"] = rows[0]["rasa_mb"] < 900
    machine = f"{platform.machine()}, {CORES} of {os.cpu_count()} cores"
    return {
        "name": "turn",
        "machine": machine,
        "rows": rows,
        "ratios": ratios,
        "as_promised": promised,
    }


async def one_by_one(ask: Ask) -> list[float]:
    """Seconds each question took, one conversation after the other."""
    took = []
    for turn in range(ALONE):
        conversation = turn % AT_ONCE
        began = time.perf_counter()
        await ask(conversation, QUESTION)
        took.append(time.perf_counter() - began)
        await ask(conversation, BETWEEN)
    return took


async def at_once(ask: Ask) -> float:
    """Turns in a second, of conversations that each go on as soon as they are answered."""

    async def talk(conversation: int) -> None:
        for _ in range(EACH):
            await ask(conversation, QUESTION)
            await ask(conversation, BETWEEN)

    began = time.perf_counter()
    await asyncio.gather(*map(talk, range(AT_ONCE)))
    return 2 * EACH * AT_ONCE / (time.perf_counter() - began)


@asynccontextmanager
async def wismo(folder: Path) -> AsyncIterator[tuple[Ask, Used]]:
    """The service as ``./wismo up`` runs it, with its shoppers' proofs given."""
    var = folder / "var"
    var.mkdir()
    (settings().var / "models").mkdir(parents=True, exist_ok=True)
    (var / "models").symlink_to(settings().var / "models")  # trained once
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    up = Child(
        "wismo",
        [sys.executable, "-m", "service.cli", "up", "--port", str(port)],
        folder / "wismo.log",
        {
            "VAR": str(var),
            "PYTHONPATH": str(ROOT),
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": "",
            **NO_LIMITS,
        },
    )
    async with AsyncExitStack() as stack:
        with pinned():
            await stack.enter_async_context(running(up))
        await answering(f"{url}/readyz", up)
        database = libpq_url(EmbeddedPostgres(var / "postgres").url)
        stored = await stack.enter_async_context(replies(database))
        http = await stack.enter_async_context(asking(url))
        sessions: dict[int, str] = {}

        async def ask(conversation: int, text: str) -> None:
            key = sessions.get(conversation)
            body = {"id": uuid4().hex, "text": text}
            headers = {"X-Wismo-Session": key} if key else {}
            async with http.post("/chat/messages", json=body, headers=headers) as response:
                answer = await response.json()
            sessions[conversation] = answer["session"]
            await stored(int(answer["conversation"]))

        await started(database)
        for conversation in range(AT_ONCE):
            await ask(conversation, PROOF)
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            for statement in FRESH:
                await connection.execute(statement)
        postmaster = int((var / "postgres/postmaster.pid").read_text().split()[0])
        yield ask, lambda: (used_by(up.process.pid, postmaster), rss(up, "serve.py"))
        async with await psycopg.AsyncConnection.connect(database) as connection:
            said = await connection.execute(
                "SELECT count(*) FILTER (WHERE author = 'bot'"
                " AND text SIMILAR TO '%%(on its way|delivered)%%'),"
                " count(*) FILTER (WHERE author = 'shopper') FROM messages"
            )
            [(true, asked)] = await said.fetchall()
            if true != asked:
                raise SystemExit(f"bench turn: {asked} were asked and {true} told where it is")


async def started(database: str) -> None:
    """Wait until the demo shop's first hour is over: its year is learnt from as soon as it is up.

    A shop learns at night; neither side is to be timed while the other two cores' worth is taken.
    """
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo'"
    waiting += " AND coalesce(scheduled_at, now()) <= now())"
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        async with asyncio.timeout(START_SECONDS):
            while (await (await connection.execute(waiting)).fetchall()) != [(0,)]:
                await connection.execute("SELECT pg_sleep(0.5)")


@asynccontextmanager
async def replies(database: str) -> AsyncIterator[Callable[[int], Awaitable[None]]]:
    """Waits for the next stored reply of a conversation."""
    counts: dict[int, asyncio.Semaphore] = {}

    def of(conversation: int) -> asyncio.Semaphore:
        return counts.setdefault(conversation, asyncio.Semaphore(0))

    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(TRIGGER)
        await connection.execute("LISTEN bench")

        async def listen() -> None:
            async for notice in connection.notifies():
                of(int(notice.payload)).release()

        listening = asyncio.create_task(listen())

        async def stored(conversation: int) -> None:
            async with asyncio.timeout(60):
                await of(conversation).acquire()

        try:
            yield stored
        finally:
            listening.cancel()


@asynccontextmanager
async def stock_rasa(folder: Path, model: Path | None) -> AsyncIterator[tuple[Ask, Used]]:
    """Stock Rasa's REST channel, with a small action server beside it.

    Trained for one epoch: that model is wrong more often than one of a hundred, and as fast.
    """
    project, actions, port = folder / "stock", free_port(), free_port()
    project.mkdir()
    _stock_rasa.write(project, action_url=f"http://127.0.0.1:{actions}/", epochs=1)
    kept = settings().var / "bench"
    trained = model or await asyncio.to_thread(_stock_rasa.trained, project, kept)
    (project / "models").mkdir(exist_ok=True)
    shutil.copy(trained, project / "models/stock.tar.gz")
    server = Child(
        "the action server",
        [sys.executable, "-P", "-m", "bench._stock_action", str(actions)],
        folder / "action.log",
        {"PYTHONPATH": str(ROOT)},
    )
    rasa = Child(
        "stock Rasa",
        ["env", "-C", project, *_stock_rasa.serving(project, port)],
        folder / "stock.log",
        _stock_rasa.environment(),
    )
    async with AsyncExitStack() as stack:
        with pinned():
            await stack.enter_async_context(running(server))
            await stack.enter_async_context(running(rasa))
        url = f"http://127.0.0.1:{port}"
        await answering(url, rasa)
        http = await stack.enter_async_context(asking(url))

        async def ask(conversation: int, text: str) -> None:
            body = {"sender": f"c{conversation}", "message": text}
            async with http.post("/webhooks/rest/webhook", json=body) as response:
                answer = await response.text()
            if "order #1001" not in answer:
                raise SystemExit(f"bench turn: stock Rasa answered {answer!r}")

        for conversation in range(AT_ONCE):
            await ask(conversation, QUESTION)
        pids = (server.process.pid, rasa.process.pid)
        yield ask, lambda: (used_by(*pids), rss(rasa, "rasa"))


@contextmanager
def pinned() -> Iterator[None]:
    """What is started meanwhile runs on the first cores only; we go on on the others."""
    everywhere = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, everywhere[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, everywhere[CORES:] or everywhere)


def asking(url: str) -> aiohttp.ClientSession:
    """The asking side's client: a cheap one, as on a small machine it takes from who is asked."""
    return aiohttp.ClientSession(
        url,
        connector=aiohttp.TCPConnector(limit=AT_ONCE, keepalive_timeout=2),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=60),
    )


async def answering(url: str, child: Child) -> None:
    """Wait until a child serves."""
    async with httpx.AsyncClient() as http, asyncio.timeout(START_SECONDS):
        while True:
            if child.process.returncode is not None:
                raise SystemExit(f"bench turn: {child.died(child.process.returncode).message}")
            try:
                if (await http.get(url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def used_by(*pids: int) -> float:
    """Processor seconds of these processes and their children, those that have ended too."""
    seconds = 0.0
    for pid in pids:
        own = psutil.Process(pid)
        for process in (own, *own.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                seconds += sum(process.cpu_times()[:4])
    return seconds


def rss(child: Child, name: str) -> int:
    """Resident megabytes of the child's own process that has the name in its command line."""
    own = psutil.Process(child.process.pid)
    return max(
        round(process.memory_info().rss / 1e6)
        for process in (own, *own.children(recursive=True))
        if any(name in part for part in process.cmdline())
    )


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def show(report: dict[str, Any]) -> None:
    """Print for people."""
    rows = report["rows"]
    table = Table(*rows[0], title=report["machine"], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(str, row.values()))
    out = Console(highlight=False)
    out.print(table)
    for name, ratio in report["ratios"].items():
        out.print(f"{name}: {ratio}")
    for name, kept in report["as_promised"].items():
        out.print(f"{name}: {'yes' if kept else '[red]no'}")


if __name__ == "__main__":
    main()
