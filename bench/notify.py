"""Benchmark of telling: from a stored carrier webhook to the message that is deferred for delivery.

``./wismo bench notify [--n 1000] [--json]``. Each webhook puts another shopper's parcel on the
van; it is read, merged, noticed, decided on, rendered as an SMS and put into the outbox with its
delivery job, by one process and by four. Beside it, on such a database, the bare cost of the same
number of job defers, each in a transaction of its own.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from rich.console import Console
from rich.table import Table

from bench._notify_histories import History, body
from bench.ingest import ROOT, database
from bench.notify_replay import lay_out, shop_file, webhook
from service import logs
from service.db import opened
from tests.support.providers.shoppers import settings

PROCESSES: Final = (1, 4)
GIVE_UP_SECONDS: Final = 900
SHOP: Final = """
notifications:
  merge_seconds: 0
  hours: {mon-sun: "00:00-24:00"}
  agreed_at_checkout: [sms]
  triggers: {out_for_delivery: [sms]}
"""

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    logs.configure("ERROR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1000, help="webhooks a round")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [
        measured(what, given.n, processes) for processes in PROCESSES for what in ("bare", "ours")
    ]
    bare, ours, bare_four, ours_four = (row["per_second"] for row in rows)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    ratios = {
        "ours / bare defers, one process": round(ours / bare, 3),
        "ours / bare defers, four processes": round(ours_four / bare_four, 3),
        "four processes / one": round(ours_four / ours, 2),
    }
    found = {"name": "notify", "machine": machine, "rows": rows, "ratios": ratios}
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)


def measured(what: str, count: int, processes: int) -> Row:
    """One row, on a database of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(database())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wismo-bench-"))
        (Path(folder) / "faq").symlink_to(ROOT / "var/faq")  # made once, not by each worker
        (Path(folder) / "shop.yml").write_text(shop_file(SHOP))
        environment = settings("http://127.0.0.1:9") | {
            "DATABASE_URL": url,
            "SHOP_FILE": f"{folder}/shop.yml",
            "VAR": folder,
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
        }
        if what == "ours":
            asyncio.run(store(url, count))
        each = [str(count // processes)] if what == "bare" else []
        command = [sys.executable, "-P", "-m", "bench._notify_worker", what, *each]
        crew = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(processes)
        ]
        try:
            seconds = timed(crew, url, count if what == "ours" else 0)
        finally:
            for process in crew:
                process.kill()
                process.wait()
    words = {"bare": "a bare job deferred", "ours": "webhook to deferred message"}
    return {
        "what": words[what],
        "processes": processes,
        "per_second": round(count / seconds, 1),
        "ms_each": round(1000 * seconds * processes / count, 2),
        "events": count,
    }


def timed(crew: list[subprocess.Popen[bytes]], url: str, messages: int) -> float:
    """Seconds from the word to begin until all is done."""
    for process in crew:
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError("a worker did not start")
    began = time.monotonic()
    for process in crew:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    if not messages:
        for process in crew:
            process.wait(GIVE_UP_SECONDS)
        return time.monotonic() - began
    with psycopg.connect(url, autocommit=True) as connection:
        wait_for(lambda: told(connection) >= messages)
    return time.monotonic() - began


def told(connection: psycopg.Connection[Any]) -> int:
    """Messages that wait for delivery."""
    row = connection.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver'"
    ).fetchone()
    return int(row[0]) if row else 0


def wait_for(done: Callable[[], bool]) -> None:
    """Wait, looking twenty times a second."""
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while not done():
        if time.monotonic() > give_up:
            raise RuntimeError("the workers did not come to an end")
        time.sleep(0.05)


async def store(url: str, count: int) -> None:
    """Orders whose parcels were heard of, and a webhook of each."""
    now = datetime.now(UTC)
    scan = (now - timedelta(minutes=5), "OFD")
    phone = "+4420{:08}".format
    orders = [
        History(f"SBX{n:08}", phone(n), "GB", "plain", ((scan,),), False, False, False)
        for n in range(count)
    ]
    await lay_out(url, orders, now)
    async with opened(url) as sessions:
        for one in orders:
            async with sessions.begin() as session:
                await webhook(session, body(one, one.arrivals[0], 0))


def show(found: dict[str, Any]) -> None:
    """Print for people."""
    table = Table("what", "processes", "a second", "ms each", title=found["machine"])
    for row in found["rows"]:
        table.add_row(*(str(row[name]) for name in ("what", "processes", "per_second", "ms_each")))
    console = Console(highlight=False)
    console.print(table)
    for name, ratio in found["ratios"].items():
        console.print(f"{name}: {ratio}")


if __name__ == "__main__":
    main()
