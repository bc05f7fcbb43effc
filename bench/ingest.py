"""Benchmark of taking webhooks in: signed, stored, committed, acknowledged, by one process.

``./wismo bench ingest [--n 4000] [--json]``. Beside ours, in the same run on the same database: a
bare FastAPI route that reads the body and inserts one row; and stock Rasa's REST channel, with the
bot that ``rasa init`` makes and with the smallest bot there can be. Each server is one process of
its own; the load comes from this one, over connections kept open. Ours and the bare route take
turns, and medians of the rounds are given.
"""

import argparse
import asyncio
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table
from twilio.request_validator import RequestValidator

from service.db import libpq_url, migrate
from service.postgres import EmbeddedPostgres

ROOT: Final = Path(__file__).resolve().parent.parent
CONNECTIONS: Final = 32
ROUNDS: Final = 3
START_SECONDS: Final = 400
PUBLIC: Final = "https://wismo.shop.example"
ACCOUNT, TOKEN, SENDER = f"AC{'0' * 32}", "bench-token", "+12125550100"

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=4000, help="webhooks a round")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = measure(given.n)
    bare, ours, stock, smallest = (row["per_second"] for row in rows)
    ratios = {
        "ours / bare route": round(ours / bare, 2),
        "ours / stock Rasa": round(ours / stock, 1),
        "ours / Rasa with the smallest bot": round(ours / smallest, 1),
    }
    rows[1]["as_promised"] = ratios["ours / bare route"] >= 0.5 and ratios["ours / stock Rasa"] >= 5
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    found = {"name": "ingest", "machine": machine, "rows": rows, "ratios": ratios}
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)
    if not rows[1]["as_promised"]:
        sys.exit(1)


def measure(count: int) -> list[Row]:
    """The three rows: bare, ours, Rasa."""
    took: dict[str, list[list[float]]] = {"bare": [], "ours": []}
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    with database() as url, server("bare", url) as bare, server("ours", url) as ours:
        for port, path in ((bare, "/"), (ours, "/channels/twilio_sms")):
            asyncio.run(load(port, path, webhooks(200)))  # warm
        for _ in range(ROUNDS):
            for what, port, path in (
                ("bare", bare, "/"),
                ("ours", ours, "/channels/twilio_sms"),
            ):
                spent, times = asyncio.run(load(port, path, webhooks(count)))
                seconds[what].append(spent)
                took[what].append(times)
    rows = [
        row("bare FastAPI route, one row inserted", count, seconds["bare"], took["bare"]),
        row("Wismo, signed Twilio webhook", count, seconds["ours"], took["ours"]),
    ]
    asked = max(50, count // 8)  # it is slower by far: fewer say as much
    for kind, what in (("init", "the bot of rasa init"), ("smallest", "the smallest bot")):
        with rasa(kind) as port:
            asyncio.run(load(port, "/webhooks/rest/webhook", questions(50)))
            spent, times = asyncio.run(load(port, "/webhooks/rest/webhook", questions(asked)))
        rows.append(row(f"stock Rasa's REST channel, {what}", asked, [spent], [times]))
    return rows


def row(what: str, count: int, seconds: list[float], took: list[list[float]]) -> Row:
    """Medians over the rounds."""
    return {
        "what": what,
        "per_second": round(count / statistics.median(seconds)),
        "p50_ms": round(1000 * statistics.median(map(statistics.median, took)), 2),
        "p99_ms": round(1000 * statistics.median(sorted(t)[int(0.99 * len(t))] for t in took), 2),
        "webhooks": count * len(seconds),
        "connections": CONNECTIONS,
    }


def webhooks(count: int) -> list[tuple[dict[str, str], bytes]]:
    """Signed messages of Twilio's shape, four of each sender."""
    validator = RequestValidator(TOKEN)
    url = f"{PUBLIC}/channels/twilio_sms"
    made = []
    for n in range(count):
        form = {
            "MessageSid": f"SM{secrets.token_hex(16)}",
            "AccountSid": ACCOUNT,
            "From": f"+1212{n // 4 % 10_000_000:07}",
            "To": SENDER,
            "Body": f"where is my order {n}?",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": validator.compute_signature(url, form),
        }
        made.append((headers, urlencode(form).encode()))
    return made


def questions(count: int) -> list[tuple[dict[str, str], bytes]]:
    """Messages as Rasa's REST channel takes them."""
    headers = {"Content-Type": "application/json"}
    return [
        (headers, json.dumps({"sender": str(n // 4), "message": "hello"}).encode())
        for n in range(count)
    ]


async def load(
    port: int, path: str, requests: list[tuple[dict[str, str], bytes]]
) -> tuple[float, list[float]]:
    """Post everything over ``CONNECTIONS`` connections.

    Returns:
        Seconds for all, and seconds for each from its first byte out to its acknowledgement.

    Raises:
        RuntimeError: Something was not answered with 2xx.
    """
    waiting = iter(requests)
    times: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for headers, body in waiting:
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            lines = (
                f"POST {path} HTTP/1.1\r\nHost: bench\r\n{head}Content-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(lines.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line[15:])
                    for line in answer.lower().split(b"\r\n")
                    if line[:15] == b"content-length:"
                ),
                0,
            )
            content = await reader.readexactly(length)
            times.append(time.perf_counter() - began)
            if answer.split()[1][:1] != b"2":
                raise RuntimeError(f"{path} answered {answer.split()[1]!r}: {content[:200]!r}")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, times


@contextmanager
def database() -> Iterator[str]:
    """A migrated database that is gone afterwards, as durable as PostgreSQL is by default."""
    with tempfile.TemporaryDirectory(prefix="wismo-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "data")
        postgres.start()
        try:
            url = libpq_url(postgres.url)
            migrate(url)
            yield url
        finally:
            postgres.stop()


@contextmanager
def server(what: str, url: str) -> Iterator[int]:
    """One process of ours or of the bare route; gives its port."""
    settings = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_SMS_SENDER": SENDER,
        "PUBLIC_URL": PUBLIC,
        "PYTHONPATH": str(ROOT),
    }
    with child([sys.executable, "-P", "-m", "bench._ingest_server", what], [url], settings) as port:
        yield port


@contextmanager
def rasa(kind: str) -> Iterator[int]:
    """Stock Rasa, trained before it serves; gives its port."""
    bot = ROOT / "bot"
    command = [str(bot / ".venv/bin/python"), "-m", "bench._ingest_rasa", kind]
    with child(command, [], {"PYTHONPATH": f"{ROOT}{os.pathsep}{bot}"}) as port:
        yield port


@contextmanager
def child(command: list[str], more: list[str], settings: dict[str, str]) -> Iterator[int]:
    """A server that listens, and is gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            [*command, str(port), *more],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            give_up = time.monotonic() + START_SECONDS
            while not listens(port):
                if running.poll() is not None or time.monotonic() > give_up:
                    said.seek(0)
                    raise RuntimeError(said.read().decode()[-2000:])
                time.sleep(0.1)
            yield port
        finally:
            running.kill()
            running.wait()


def listens(port: int) -> bool:
    """Whether something takes connections there."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def show(found: dict[str, Any]) -> None:
    """Print for people."""
    table = Table("what", "a second", "p50 ms", "p99 ms", title=found["machine"])
    for line in found["rows"]:
        table.add_row(
            line["what"], str(line["per_second"]), str(line["p50_ms"]), str(line["p99_ms"])
        )
    console = Console(highlight=False)
    console.print(table)
    for name, ratio in found["ratios"].items():
        console.print(f"{name}: {ratio}")


if __name__ == "__main__":
    main()
