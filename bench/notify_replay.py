"""Replay of parcel histories to the notifications, with workers that are killed.

``./wismo bench notify_replay [--n 20000] [--json]``. Each history is a sandbox parcel's scans,
which reach us as webhooks: in order, each twice, in any order, with old scans after the new ones,
all of it days late, or by whole answers of which the last scan is taken back; some parcels are
delivered before they come to us. Some recipients have opted out, for some it is night. A database
and four workers are real, and again and again one of them is killed with SIGKILL and another
started; Twilio's API is replayed on loopback and counts.

What is due is reckoned here from the histories alone, by their newest scan, and not by the code
that is judged.
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
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bench import soak
from bench.ingest import ROOT, database
from service import logs
from service.db import Sessions, opened
from service.notifications import quiet
from service.notifications.news import Trigger
from service.storefront.store import ServiceParcelStore
from service.tracking import service as tracking
from tests.support.providers.api import Providers, providers
from tests.support.providers.shoppers import settings
from tracking_lookup.carriers.sandbox import Sandbox
from tracking_lookup.carriers.sandbox.adapter import parse_tracking
from tracking_lookup.model import Status, Tracking

SEED: Final = 8
FEEDERS: Final = 8
KILL_EVERY_SECONDS: Final = 15.0
GIVE_UP_SECONDS: Final = 3600
SHOP: Final = """
notifications:
  merge_seconds: 0
  hours: {mon-sun: "08:00-21:00"}
  a_day: 100
  fallback_minutes: 1440
  agreed_at_checkout: [sms]
  triggers: {%s}
"""
# What a code means for a shopper who waits, in this bench's own words; others mean "it moves".
MEANS: Final = {
    "LBL": "shipped",
    "CUS": "customs",
    "OFD": "out_for_delivery",
    "NOT": "attempt_failed",
    "PKP": "ready_for_pickup",
    "RTS": "coming_back",
    "DLV": "delivered",
    "NBR": "delivered_elsewhere",
}
MOVES: Final = "first_movement"
OVER: Final = frozenset({"DLV", "NBR"})
STORIES: Final = (
    ("LBL", "PUP", "ARR", "DEP", "OFD", "DLV"),
    ("LBL", "PUP", "ARR", "OFD", "NBR"),
    ("LBL", "PUP", "CUS"),
    ("LBL", "PUP", "ARR", "OFD", "NOT"),
    ("LBL", "PUP", "ARR", "PKP"),
    ("LBL", "PUP", "ARR", "RTS"),
    ("LBL", "PUP", "ARR", "OFD"),
    ("LBL", "PUP"),
    ("LBL",),
)
MODES: Final = ("plain", "repeated", "reordered", "backfilled", "stale", "withdrawn", "imported")
# Of whom the number is, where there is day or night at any hour of the bench.
PREFIXES: Final = {"GB": "+4420", "US": "+1212", "JP": "+813", "AU": "+612", "IN": "+9122"}

Row = dict[str, Any]
Scan = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class History:
    """A parcel, what is heard of it and when.

    Attributes:
        arrivals: Scans as they come, several together where one answer brings them.
        whole: The arrivals are whole answers: what is missing from the next one is taken back.
        silent: Nothing may be said: opted out, or it is night there.
    """

    number: str
    phone: str
    country: str
    mode: str
    arrivals: tuple[tuple[Scan, ...], ...]
    whole: bool
    opted_out: bool
    asleep: bool

    @property
    def due(self) -> str | None:
        """What must have been told in the end; ``None``: nothing need be."""
        if self.opted_out or self.asleep or self.mode == "stale":
            return None
        last = self.arrivals[-1] if self.whole else sum(self.arrivals, ())
        code = max(last)[1]
        if self.mode == "imported" and code in OVER:
            return None  # it was over when it came to us
        return MEANS.get(code, MOVES)

    @property
    def ever(self) -> set[str]:
        """All that was true at some time, in whichever order the scans were read."""
        return {MEANS.get(code, MOVES) for scans in self.arrivals for _, code in scans}


def main() -> None:
    """Run everything; a table for people, or with ``--json`` one JSON value."""
    logs.configure("ERROR")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="histories")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    row = replay(given.n)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    found = {"name": "notify_replay", "machine": machine, "rows": [row], "ratios": {}}
    if given.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        soak.show(found)
    if not row["as_promised"]:
        sys.exit(1)


def replay(count: int) -> Row:
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
        crew.start()  # a fourth
        began = time.monotonic()
        kills = asyncio.run(feed(url, told, crew))
        return judged(url, api, told, kills, time.monotonic() - began)


def shop_file(notices: str) -> str:
    """The demo's ``shop.yml``, which its articles speak of, with other ``notifications:``."""
    rest, _, _ = (ROOT / "shop.yml").read_text().partition("notifications:\n")
    return rest + notices


def histories(count: int, now: datetime) -> list[History]:
    """Histories of every story and mode, for recipients who are awake, asleep or opted out."""
    rng = random.Random(SEED)
    awake, asleep = (places(now, free=free) for free in (True, False))
    made = []
    for n in range(count):
        story, mode = rng.choice(STORIES), rng.choice(MODES)
        night = rng.random() < 0.15
        country = rng.choice(asleep if night and asleep else awake)
        began = now - timedelta(hours=10 if mode != "stale" else 130, seconds=rng.randrange(3600))
        scans = [(began + timedelta(hours=k), code) for k, code in enumerate(story)]
        made.append(
            History(
                number=f"SBX{n:08}",
                phone=f"{PREFIXES[country]}{n:0{11 - len(PREFIXES[country])}}",
                country=country,
                mode=mode,
                arrivals=arrivals(scans, mode, rng),
                whole=mode in {"withdrawn", "imported"},
                opted_out=rng.random() < 0.1,
                asleep=country in asleep,
            )
        )
    return made


def arrivals(scans: list[Scan], mode: str, rng: random.Random) -> tuple[tuple[Scan, ...], ...]:
    """How a parcel's scans reach us."""
    single = [(scan,) for scan in scans]
    match mode:
        case "repeated":
            return tuple(each for each in single for _ in range(2))
        case "reordered":
            return tuple(rng.sample(single, len(single)))
        case "backfilled":
            old = [((scans[0][0] - timedelta(days=20 + k), "ARR"),) for k in range(2)]
            return (*single, *old)
        case "withdrawn":
            before = tuple(scans)
            slip = (scans[-1][0] + timedelta(minutes=30), "RTS")
            return before[:1], before, (*before, slip), before
        case "imported":
            return (tuple(scans),)
        case _:
            return tuple(single)


def places(now: datetime, *, free: bool) -> list[str]:
    """Countries in which messages may ring for the next two hours, or may not."""
    hours = quiet.parse_hours({"mon-sun": "08:00-21:00"})  # those of SHOP
    found = []
    for country, prefix in PREFIXES.items():
        place = quiet.Place(prefix + "0" * (11 - len(prefix)), country)
        moments = [now + timedelta(minutes=15 * k) for k in range(9)]
        open_at = [quiet.free_at(place, hours, now=m, home=ZoneInfo("UTC")) == m for m in moments]
        if all(open_at) if free else not any(open_at):
            found.append(country)
    return found


async def lay_out(url: str, told: list[History], now: datetime) -> None:
    """Orders and parcels of the shop, and the opt-outs."""
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
            "COPY parcels (id, order_id, carrier, shop_carrier, number) FROM STDIN"
        ) as rows:
            for n, one in enumerate(told, 1):
                await rows.write_row((n, n, "sandbox", "sandbox", one.number))
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


async def feed(url: str, told: list[History], crew: soak.Crew) -> int:
    """Let everything arrive, killing a worker now and then, and wait until nothing is left to do.

    Returns:
        How many were killed.
    """
    waiting = iter(enumerate(told, 1))
    kills, done = 0, asyncio.Event()

    async def arrive(sessions: Sessions) -> None:
        store = ServiceParcelStore(sessions)
        for parcel_id, one in waiting:
            if one.mode != "imported":  # asked about at once, when nobody has scanned it yet
                nothing = Tracking(Sandbox.manifest.slug, one.number, Status.NOT_FOUND)
                await store.record(parcel_id, nothing, {}, fetched_at=datetime.now(UTC))
            for turn, scans in enumerate(one.arrivals):
                payload = body(one, scans, turn)
                if one.whole:
                    heard = parse_tracking(payload)
                    await store.record(parcel_id, heard, {}, fetched_at=datetime.now(UTC))
                    continue
                async with sessions.begin() as session:
                    await webhook(session, payload)

    async def kill() -> None:
        nonlocal kills
        while not done.is_set():
            await asyncio.sleep(KILL_EVERY_SECONDS)
            await asyncio.to_thread(crew.kill_one)
            kills += 1

    killing = asyncio.create_task(kill())
    async with opened(url) as sessions:
        await asyncio.gather(*(arrive(sessions) for _ in range(FEEDERS)))
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while await unfinished(sessions) and time.monotonic() < give_up:
            await asyncio.sleep(1)
            if kills > len(told) / 50:  # else it would take for ever on a slow machine
                done.set()
    done.set()
    await killing
    return kills


async def webhook(session: AsyncSession, payload: dict[str, Any]) -> None:
    """As the route stores one, after it was verified."""
    content = json.dumps(payload).encode()
    await tracking.accept(session, Sandbox.manifest.slug, content, now=datetime.now(UTC))


def body(one: History, scans: tuple[Scan, ...], turn: int) -> dict[str, Any]:
    """A sandbox answer; ``turn`` makes the same scan's second webhook another body."""
    told = [{"code": code, "at": at.isoformat(), "place": "Leeds, GB"} for at, code in scans]
    return {"parcel": {"number": one.number, "promised": None, "scans": told}, "turn": turn}


async def unfinished(sessions: Sessions) -> bool:
    """Whether workers have something to do now."""
    async with sessions() as session:
        left = await session.scalar(
            text(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND"
                " task_name IN ('read_tracking_webhook', 'tell', 'deliver') AND"
                " coalesce(scheduled_at, now()) <= now() + interval '2 minutes'"
            )
        )
    return bool(left)


def judged(url: str, api: Providers, told: list[History], kills: int, seconds: float) -> Row:
    """What the provider took, against what was due."""
    sent: dict[str, list[str]] = {}
    for message in api.sent:
        sent.setdefault(message.to, []).append(message.text)
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT o.phone, m.trigger, s.id, g.text FROM milestones m"
            " JOIN orders o ON o.id = m.order_id"
            " JOIN sendings s ON s.notification_id = m.notification_id AND s.state <> 'held'"
            " JOIN messages g ON g.id = s.message_id WHERE m.state = 'told' ORDER BY s.id"
        ).fetchall()
        failed = connection.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"
        ).fetchone()
    claimed: dict[str, list[tuple[str, str]]] = {}
    for phone, trigger, _, words in rows:
        claimed.setdefault(phone, []).append((trigger, words))
    faults: Counter[str] = Counter()
    again = 0
    for one in told:
        got, says = Counter(sent.get(one.phone, [])), claimed.get(one.phone, [])
        triggers = [trigger for trigger, _ in says]
        again += sum(times - 1 for times in got.values())
        faults["due_and_not_told"] += one.due is not None and one.due not in triggers
        faults["told_twice"] += len(triggers) - len(set(triggers))
        faults["in_the_outbox_and_not_at_the_provider"] += len({w for _, w in says} - got.keys())
        faults["at_the_provider_and_not_in_the_outbox"] += len(got.keys() - {w for _, w in says})
        faults["in_quiet_hours"] += one.asleep and bool(got)
        faults["to_opted_out"] += one.opted_out and bool(got)
        faults["stale"] += one.mode == "stale" and bool(got)
        faults["never_true"] += len(set(triggers) - one.ever)
        ends = [k for k, trigger in enumerate(triggers) if trigger.startswith("delivered")]
        faults["after_the_end"] += bool(ends) and ends[0] != len(triggers) - 1
    row: Row = {
        "what": f"{len(told)} parcel histories, four workers",
        "seconds": round(seconds, 1),
        "workers_killed": kills,
        "due": sum(one.due is not None for one in told),
        "messages": sum(len(texts) for texts in sent.values()),
        **{name: faults[name] for name in sorted(faults)},
        "sent_again_after_a_kill": again,
        "jobs_failed": failed[0] if failed else 0,
        "refused_by_the_provider": len(api.problems),
    }
    row["as_promised"] = (
        not any(faults.values())
        and not row["jobs_failed"]
        and not api.problems
        and again <= kills * 8  # what a worker's eight jobs had sent and not written down
    )
    return row


if __name__ == "__main__":
    main()
