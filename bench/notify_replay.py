"""Replay of parcel histories to the notifications, with workers that are killed.

``./wismo bench notify_replay [--n 20000] [--minutes 15] [--json]``. Each history is a sandbox
parcel's scans, which reach us as webhooks: in order, each twice, in any order, with old scans after
the new ones, all of it days late, or by whole answers of which the last scan is taken back; some
parcels are delivered before they come to us. Some recipients have opted out, for some it is night.
A database and four workers are real, and again and again one of them (the oldest, the newest or
one between) is killed with SIGKILL and another started; Twilio's API is replayed on loopback and
counts.

What is due is reckoned from the histories alone, by their newest scan, and not by the code that is
judged. Of each message that is missing, or went twice, the report says where it stopped.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench import soak
from bench._notify_histories import MEANS, MOVES, OPEN, SEED, History, body, histories
from bench._notify_judge import FAULTS, Verdict, judge
from bench.ingest import ROOT, database
from service import logs
from service.db import Sessions, opened
from service.notifications.news import Trigger
from service.storefront.store import ServiceParcelStore
from service.tracking import service as tracking
from tests.support.providers.api import providers
from tests.support.providers.shoppers import settings
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.carriers.sandbox.adapter import parse_tracking

WORKERS: Final = 4
FEEDERS: Final = 8
BLOCK: Final = 25
"""Parcels whose scans a feeder lets arrive in turn."""
BACKLOG: Final = 200
"""Jobs that may wait before more is fed, so that scans and messages take turns as in life."""
GIVE_UP_SECONDS: Final = 1200
SHOP: Final = f"""
notifications:
  merge_seconds: 0
  hours: {json.dumps(OPEN)}
  a_day: 100
  fallback_minutes: 1440
  agreed_at_checkout: [sms]
  triggers: {{%s}}
"""

Row = dict[str, Any]


@dataclass(slots=True)
class Feeding:
    """How far a run is."""

    fed: int = 0
    kills: int = 0
    waiting: int = 0


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    logs.configure("ERROR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="histories")
    parser.add_argument("--minutes", type=float, default=60, help="after that no more are fed")
    parser.add_argument("--kill-every", type=float, default=15, help="seconds")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    row = replay(given.n, minutes=given.minutes, kill_every=given.kill_every)
    problems = row.pop("problems")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    found = {"name": "notify_replay", "machine": machine, "rows": [row], "ratios": {}}
    for problem in problems:
        sys.stderr.write(json.dumps(problem, indent=1) + "\n")
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        soak.show(found)
    if not row["as_promised"]:
        sys.exit(1)


def replay(count: int, *, minutes: float, kill_every: float) -> Row:
    """The whole run, as one row."""
    now = datetime.now(UTC)
    told = histories(count, now)
    with ExitStack() as stack:
        url = stack.enter_context(database())
        api = stack.enter_context(providers())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wismo-bench-"))
        (Path(folder) / "faq").symlink_to(ROOT / "var/faq")  # made once, not by each worker
        meant = {*MEANS.values(), MOVES}
        ways = ", ".join(f"{one}: [{'sms' if one in meant else ''}]" for one in Trigger)
        (Path(folder) / "shop.yml").write_text(shop_file(SHOP % ways))
        environment = settings(api.url) | {
            "DATABASE_URL": url,
            "SHOP_FILE": f"{folder}/shop.yml",
            "VAR": folder,
            "LOG_LEVEL": "ERROR",
            "TWILIO_SMS_PER_SECOND": "1000",
            "PYTHONPATH": str(ROOT),
        }
        asyncio.run(lay_out(url, told, now))
        crew = stack.enter_context(soak.workers(environment))
        for _ in range(WORKERS - soak.WORKERS):
            crew.start()
        began = time.monotonic()
        run = asyncio.run(feed(url, told, crew, minutes=minutes, kill_every=kill_every))
        seconds = time.monotonic() - began
        return as_row(judge(url, api, told[: run.fed]), told, run, seconds)


def as_row(found: Verdict, told: list[History], run: Feeding, seconds: float) -> Row:
    """The run's figures: of the faults, how many parcels had them."""
    return {
        "what": f"{run.fed} parcel histories, {WORKERS} workers",
        "seconds": round(seconds, 1),
        "workers_killed": run.kills,
        "due": sum(one.due is not None for one in told[: run.fed]),
        "messages": found.messages,
        **{name: found.faults[name] for name in FAULTS},
        "jobs_ended_badly": found.jobs_ended_badly,
        "still_waiting": run.waiting,
        "refused_by_the_provider": found.refused,
        "problems": found.problems,
        "as_promised": not (found.faults or found.jobs_ended_badly or found.refused or run.waiting),
    }


def shop_file(notices: str) -> str:
    """The demo's ``shop.yml``, which its articles speak of, with other ``notifications:``."""
    rest, _, _ = (ROOT / "shop.yml").read_text().partition("notifications:\n")
    return rest + notices


async def lay_out(url: str, told: list[History], now: datetime) -> None:
    """Orders and parcels of the shop, and the opt-outs.

    Of each parcel the carrier was asked at once, when nobody had scanned it yet, but for those
    that come to us with a history.
    """
    async with await psycopg.AsyncConnection.connect(url) as connection, connection.cursor() as c:
        async with c.copy(
            "COPY orders (id, key, number, email, phone, country, placed_at, source, external_id)"
            " FROM STDIN"
        ) as rows:
            for n, one in enumerate(told, 1):
                key, email = f"K{n}", f"shopper{n}@example.com"
                placed = now - timedelta(days=1)
                await rows.write_row(
                    (n, key, key, email, one.phone, one.country, placed, "csv", key)
                )
        async with c.copy(
            "COPY parcels (id, order_id, carrier, shop_carrier, number, status, fetched_at)"
            " FROM STDIN"
        ) as rows:
            for n, one in enumerate(told, 1):
                asked = None if one.mode == "imported" else now
                status = "not_found" if asked else "unknown"
                await rows.write_row((n, n, "sandbox", "sandbox", one.number, status, asked))
        await c.execute(
            "INSERT INTO parcel_watches (parcel_id, due_at) SELECT id, now() + interval '9 days'"
            " FROM parcels"
        )
        stopped = [one.phone for one in told if one.opted_out]
        await c.execute(
            "WITH made AS (INSERT INTO conversations (channel, address)"
            " SELECT 'twilio_sms', unnest(%s::text[]) RETURNING id, address)"
            " INSERT INTO consent_requests (conversation_id, network, address, kind, purpose, at)"
            " SELECT id, 'sms', address, 'stop_messages', 'answer', now() FROM made",
            [stopped],
        )


async def feed(
    url: str, told: list[History], crew: soak.Crew, *, minutes: float, kill_every: float
) -> Feeding:
    """Let everything arrive, killing a worker now and then, and wait until nothing is left to do.

    Args:
        minutes: What has not begun to arrive by then does not.
        kill_every: Seconds. After enough kills they end, else a slow machine would never be done.
    """
    numbered = list(enumerate(told, 1))
    blocks = iter([numbered[start : start + BLOCK] for start in range(0, len(told), BLOCK)])
    run, done, room = Feeding(), asyncio.Event(), asyncio.Event()
    stop_at = time.monotonic() + 60 * minutes

    async def arrive(sessions: Sessions) -> None:
        for block in blocks:
            run.fed += len(block)
            for turn in range(max(len(one.arrivals) for _, one in block)):
                for parcel_id, one in block:
                    if turn < len(one.arrivals):
                        await room.wait()
                        await comes(sessions, parcel_id, one, turn)
            if time.monotonic() > stop_at:
                return

    async def watch(sessions: Sessions) -> None:
        while not done.is_set():
            run.waiting = await unfinished(sessions)
            room.set() if run.waiting < BACKLOG else room.clear()
            await asyncio.sleep(0.3)

    async def kill() -> None:
        rng = random.Random(SEED)
        while run.kills <= 4 + len(told) / 50:
            try:
                await asyncio.wait_for(done.wait(), kill_every)
            except TimeoutError:
                await asyncio.to_thread(crew.kill_one, rng.randrange(WORKERS))
            else:
                return
            run.kills += 1
            say(f"{run.fed} histories, {run.waiting} jobs waiting, {run.kills} kills")

    async with opened(url) as sessions, asyncio.TaskGroup() as tasks:
        tasks.create_task(watch(sessions))
        tasks.create_task(kill())
        await asyncio.gather(*(arrive(sessions) for _ in range(FEEDERS)))
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while await unfinished(sessions) and time.monotonic() < give_up:  # noqa: ASYNC110
            await asyncio.sleep(1)  # other processes work
        done.set()
    async with opened(url) as sessions:
        run.waiting = await unfinished(sessions)
    return run


async def comes(sessions: Sessions, parcel_id: int, one: History, turn: int) -> None:
    """One of a parcel's arrivals: a webhook, or the answer to our asking."""
    payload = body(one, one.arrivals[turn], turn)
    if one.whole:
        heard, store = parse_tracking(payload), ServiceParcelStore(sessions)
        await store.record(parcel_id, heard, {}, fetched_at=datetime.now(UTC))
        return
    async with sessions.begin() as session:
        await webhook(session, payload)


async def webhook(session: AsyncSession, payload: dict[str, Any]) -> None:
    """As the route stores one, after it was verified."""
    content = json.dumps(payload).encode()
    await tracking.accept(session, Sandbox.manifest.slug, content, now=datetime.now(UTC))


async def unfinished(sessions: Sessions) -> int:
    """Jobs that are to run soon, retries with the longest pause among them; mornings are later."""
    async with sessions() as session:
        left = await session.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND"
                " task_name IN ('read_tracking_webhook', 'tell', 'deliver') AND"
                " coalesce(scheduled_at, now()) <= now() + interval '11 minutes'"
            )
        )
    return int(left or 0)


def say(words: str) -> None:
    """To whoever waits."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {words}\n")


if __name__ == "__main__":
    main()
