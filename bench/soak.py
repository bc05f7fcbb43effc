"""Soak test of the channels: many shoppers on four channels at once, and workers that are killed.

``./wismo bench soak [--n 2000] [--json]``. Each conversation is five messages that arrive out of
order, some of them twice, signed as their providers sign them. One web process, three workers and a
database are real; the providers' APIs are replayed on loopback, and so is the bot: a stub that
names the messages it answers. On the way two workers are killed with SIGKILL, and two new ones
started.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import httpx
import psutil
import psycopg
import uvicorn
from fastapi import FastAPI, Request
from rich.console import Console
from rich.table import Table

from bench.ingest import ROOT, child, database
from tests.support.providers.api import Providers, providers
from tests.support.providers.shoppers import SLUGS, Post, settings, shopper
from tests.support.serving import free_socket

PUBLIC: Final = "https://wismo.shop.example"
EACH: Final = 5
AT_ONCE: Final = 24
WORKERS: Final = 3
KILLED: Final = 2
GIVE_UP_SECONDS: Final = 1200
SEED: Final = 5
STEADY: Final = 1000  # with fewer conversations memory at half is that of starting up

Row = dict[str, Any]


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=2000, help="conversations")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    row = soak(given.n)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    ratios = {"memory at the end / at half": row["memory_ratio"]}
    found = {"name": "soak", "machine": machine, "rows": [row], "ratios": ratios}
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        show(found)
    if not row["as_promised"]:
        sys.exit(1)


def soak(count: int) -> Row:
    """The whole run, as one row."""
    with ExitStack() as stack:
        url = stack.enter_context(database())
        replay = stack.enter_context(providers())
        environment = settings(replay.url) | {
            "DATABASE_URL": url,
            "RASA_URL": stack.enter_context(stub_bot()),
            "PUBLIC_URL": PUBLIC,
            "VAR": stack.enter_context(tempfile.TemporaryDirectory(prefix="wismo-bench-")),
            "DEMO": "false",
            "LOG_LEVEL": "ERROR",
            "TWILIO_SMS_PER_SECOND": "100",  # a pool of numbers: one alone sends one a second
            "TWILIO_WHATSAPP_PER_SECOND": "80",
            "PYTHONPATH": str(ROOT),
        }
        server = [sys.executable, "-P", "-m", "bench._ingest_server", "ours"]
        port = stack.enter_context(child(server, [url], environment))
        crew = stack.enter_context(workers(environment))
        began = time.monotonic()
        posted, memory = asyncio.run(_talk(port, url, count, crew))
        seconds = time.monotonic() - began
        return judged(url, replay, count, posted, memory, seconds)


async def _talk(
    port: int, url: str, count: int, crew: "Crew"
) -> tuple[int, dict[str, list[float]]]:
    """Post everything, kill two workers on the way, and wait until nothing is left to do.

    Returns:
        How many webhooks were posted, and the memory of the processes at half and at the end (MB).
    """
    posts = webhooks(count)
    killing = {len(posts) * (n + 1) // (KILLED + 2) for n in range(KILLED)}
    memory: dict[str, list[float]] = {}
    waiting = iter(enumerate(posts))
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits, trust_env=False
    ) as http:

        async def post() -> None:
            for n, webhook in waiting:
                await delivered(http, webhook)
                if n in killing:
                    await asyncio.to_thread(crew.kill_one)
                if n == len(posts) // 2:
                    memory["half"] = crew.memory(port)

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while unfinished(url) and time.monotonic() < give_up:  # noqa: ASYNC110 - other processes work
        await asyncio.sleep(0.5)
    memory["end"] = crew.memory(port)
    return len(posts), memory


async def delivered(http: httpx.AsyncClient, webhook: Post) -> None:
    """Post a webhook as providers do: again, where the connection broke before the answer."""
    path = webhook.url.removeprefix(PUBLIC)
    for left in reversed(range(5)):
        try:
            answer = await http.post(path, content=webhook.body, headers=webhook.headers)
        except httpx.TransportError:
            if not left:
                raise
        else:
            answer.raise_for_status()
            return


def webhooks(count: int) -> list[Post]:
    """Every conversation's messages, shuffled among those of its neighbours, a fifth of them twice.

    The text of each names it: conversation and place.
    """
    rng = random.Random(SEED)
    made: list[Post] = []
    for start in range(0, count, 100):
        block: list[Post] = []
        for n in range(start, min(start + 100, count)):
            person = shopper(SLUGS[n % len(SLUGS)], PUBLIC, f"+1212{n:07}")
            for place in range(EACH):
                post = person.says(f"Where is my order {name_of(n, place)}?")
                block += [post] * (2 if rng.random() < 0.2 else 1)
        rng.shuffle(block)
        made += block
    return made


def name_of(conversation: int, place: int) -> str:
    """A message's name, as it stands in its text and in the answer to it."""
    return f"{conversation + 1:06}{place}"


def unfinished(url: str) -> int:
    """Messages without an answer, and answers that are not sent."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM messages WHERE NOT answered OR delivery = 'queued'"
        ).fetchone()
    return int(row[0]) if row else 0


def judged(
    url: str,
    replay: Providers,
    count: int,
    posted: int,
    memory: dict[str, list[float]],
    seconds: float,
) -> Row:
    """What came of it, by what the providers took."""
    with psycopg.connect(url) as connection:
        stored: dict[int, list[str]] = {}
        bot: Counter[str] = Counter()
        for conversation, author, words in connection.execute(
            "SELECT conversation_id, author, text FROM messages ORDER BY id"
        ):
            names = re.findall(r"\d{7}", words)
            if author == "shopper":
                stored.setdefault(conversation, []).extend(names)
            else:
                bot.update(names)
    told: dict[str, list[str]] = {}
    for sent in replay.sent:
        told.setdefault(f"{sent.provider} {sent.to}", []).append(sent.text)
    repeated = sum(len(texts) - len(set(texts)) for texts in told.values())
    heard = {
        names[0][:6]: names
        for texts in told.values()
        if (names := re.findall(r"\d{7}", " ".join(dict.fromkeys(texts))))
    }
    wanted = {names[0][:6]: names for names in stored.values()}
    every = {name_of(n, place) for n in range(count) for place in range(EACH)}
    half, end = (sum(memory[when]) for when in ("half", "end"))
    row = {
        "what": f"{count} conversations of {EACH} messages on {len(SLUGS)} channels, stub bot",
        "webhooks": posted,
        "seconds": round(seconds, 1),
        "workers_killed": KILLED,
        "answered": len(every & bot.keys()),
        "unanswered": len(every - bot.keys()),
        "answered_twice": sum(times > 1 for times in bot.values()),
        "sent_again_after_a_kill": repeated,
        "out_of_order": sum(heard.get(name) != names for name, names in wanted.items()),
        "refused_by_providers": len(replay.problems),
        "memory_mb_half": round(half),
        "memory_mb_end": round(end),
        "memory_ratio": round(end / half, 2),
    }
    faults = ("unanswered", "answered_twice", "out_of_order", "refused_by_providers")
    row["as_promised"] = (
        not any(row[fault] for fault in faults)
        and repeated <= KILLED * 8  # what eight jobs of a worker had sent and not written down
        and (count < STEADY or end / half < 1.15)
    )
    return row


class Crew:
    """The worker processes."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        self._running: list[subprocess.Popen[bytes]] = []
        for _ in range(WORKERS):
            self.start()

    def start(self) -> None:
        """Start one more."""
        self._running.append(
            subprocess.Popen(
                [sys.executable, "-m", "service.cli", "worker", "--with-parent"],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            )
        )

    def kill_one(self, place: int = -1) -> None:
        """Kill one with SIGKILL, and start another.

        Args:
            place: Among those that run, the oldest first; by default the newest.
        """
        victim = self._running.pop(place)
        victim.send_signal(signal.SIGKILL)
        victim.communicate()  # which closes its standard input, too
        self.start()

    def memory(self, port: int) -> list[float]:
        """Resident memory (MB) of the web process and of the worker that lives longest."""
        web = next(
            found.pid
            for found in psutil.net_connections("tcp")
            if found.laddr.port == port and found.status == psutil.CONN_LISTEN and found.pid
        )
        pids = [web, self._running[0].pid]
        return [psutil.Process(pid).memory_info().rss / 2**20 for pid in pids]

    def stop(self) -> None:
        """Stop all of them."""
        for worker in self._running:
            worker.terminate()
        for worker in self._running:
            worker.communicate(timeout=90)


@contextmanager
def workers(environment: dict[str, str]) -> Iterator[Crew]:
    """Three workers, stopped afterwards."""
    crew = Crew(environment)
    try:
        yield crew
    finally:
        crew.stop()


@contextmanager
def stub_bot() -> Iterator[str]:
    """In Rasa's place: answers at once, naming the messages it answers. Gives its address."""
    app = FastAPI()

    @app.post("/webhooks/rest/webhook")
    async def answer(request: Request) -> list[dict[str, str]]:
        names = re.findall(r"\d{7}", (await request.json())["message"])
        return [{"text": f"On their way: {', '.join(names)}."}]

    with free_socket() as bound:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def show(found: dict[str, Any]) -> None:
    """Print for people."""
    table = Table("what", "figure", title=found["machine"])
    for row in found["rows"]:
        for name, value in row.items():
            table.add_row(name.replace("_", " "), str(value))
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
