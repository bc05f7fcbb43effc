"""``./wismo bench handoff``: a thousand handoffs, workers killed at random, agents leaving.

Shoppers write on five channels and are handed over: for a threat, or since the bot says nothing.
They write again while they wait. Workers are killed with SIGKILL and replaced; agents answer,
close and leave. In the end it is counted what must not be: a conversation without a ticket, an open
ticket without owner or deadline, a message nobody took note of, a bot's word while people had the
conversation, an answer sent twice or not at all.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request
from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text, update

from integrations.messages import InboundMessage
from kit import clock
from service.accounts.models import Agent
from service.conversations.door import accept
from service.db import Sessions, make_engine, make_sessions, migrate
from service.hours.terms import Terms, load
from service.inbox import assignment, service, watchdog
from service.inbox.models import Ticket
from service.postgres import EmbeddedPostgres
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
CHANNELS: Final = ("web", "twilio_sms", "twilio_whatsapp", "whatsapp_cloud", "telegram")
ASKS: Final = ("a person please", "my solicitor will be in touch", "this is hopeless")
AGAIN: Final = ("is anybody there?", "my number is 07700 900123", "it is the blue one")
AT_ONCE: Final = 20
QUIET_SECONDS: Final = 900  # by then everything must be done, however slow the machine

HAS_TICKET: Final = (
    "SELECT EXISTS (SELECT FROM tickets AS t JOIN conversations AS c ON c.id = t.conversation_id "
    "WHERE c.address = :address)"
)

# What must not be, and the query that counts it.
WRONGS: Final = {
    "lost: conversations without a ticket": (
        "SELECT :handoffs - count(DISTINCT conversation_id) FROM tickets"
    ),
    "doubled: conversations with two open tickets": (
        "SELECT count(*) FROM (SELECT FROM tickets WHERE status = 'open' "
        "GROUP BY conversation_id HAVING count(*) > 1) AS twice"
    ),
    "without a deadline, or with none that is owed": (
        "SELECT count(*) FROM tickets WHERE status = 'open' AND (due_at IS NULL "
        "OR waiting_since IS NOT NULL AND due_at < waiting_since)"
    ),
    "answered by the bot while a human has it": (
        "SELECT count(*) FROM messages AS m WHERE m.author = 'bot' AND m.text LIKE 'BOT:%' "
        "AND EXISTS (SELECT FROM tickets AS t WHERE t.conversation_id = m.conversation_id "
        "AND t.opened_at < m.at AND (t.closed_at IS NULL OR t.closed_at > m.at))"
    ),
    "messages nobody took note of": "SELECT count(*) FROM messages WHERE NOT answered",
    "open tickets that do not know that their shopper waits": (
        "SELECT count(*) FROM tickets AS t WHERE status = 'open' AND waiting_since IS NULL "
        "AND (SELECT max(id) FROM messages AS m WHERE m.conversation_id = t.conversation_id "
        "AND author = 'shopper') > (SELECT max(id) FROM messages AS m "
        "WHERE m.conversation_id = t.conversation_id AND author = 'agent')"
    ),
    "answers lost or doubled": (
        "SELECT abs(count(*) - :answers) + count(*) - count(DISTINCT text) "
        "FROM messages WHERE author = 'agent'"
    ),
    "jobs given up": (
        "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted') "
        "AND task_name IN ('answer', 'heard', 'send_answer', 'watch_tickets')"
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a run.

    Attributes:
        wrongs: What must not be, and how often it was.
    """

    handoffs: int
    messages: int
    answers: int
    kills: int
    seconds: float
    wrongs: dict[str, int]

    def broken(self) -> dict[str, int]:
        """What was, of what must not be."""
        return {what: number for what, number in self.wrongs.items() if number}


class Run:
    """One run on a migrated, empty database.

    Args:
        folder: For logs.
        leaving: How many of the agents leave, one after the other.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        handoffs: int,
        workers: int,
        kills: int,
        agents: int,
        leaving: int,
        seed: int = 7,
    ) -> None:
        self._url, self._folder = url, folder
        self._handoffs, self._kills, self._leaving = handoffs, kills, leaving
        self._random = random.Random(seed)
        self._names = [f"Agent {n}" for n in range(agents)]
        self._workers: list[subprocess.Popen[bytes]] = []
        self._wanted = workers
        self._said = self._answers = self._killed = 0
        self._settings = Settings(_env_file=None)
        self._terms: Terms = load(None, self._settings.zone)

    async def go(self) -> Found:
        """Run it, and count."""
        began = time.monotonic()
        engine = make_engine(self._url)
        try:
            async with _rasa() as rasa_url:
                self._env = os.environ | {
                    "DATABASE_URL": self._url,
                    "RASA_URL": rasa_url,
                    "VAR": str(self._folder / "var"),
                    "LOG_LEVEL": "ERROR",
                }
                return await self._go(make_sessions(engine), began)
        finally:
            for worker in self._workers:
                worker.kill()
                worker.communicate()  # which closes its standard input, too
            await engine.dispose()

    async def _go(self, sessions: Sessions, began: float) -> Found:
        await self._hire(sessions)
        for _ in range(self._wanted):
            self._start_worker()
        room = asyncio.Semaphore(AT_ONCE)
        shoppers = [self._shopper(sessions, n, room) for n in range(self._handoffs)]
        done = asyncio.Event()
        around = [
            asyncio.create_task(self._killing(sessions, done)),
            asyncio.create_task(self._answering(sessions, done)),
        ]
        await asyncio.gather(*shoppers)
        done.set()
        await asyncio.gather(*around)
        await self._quiet(sessions)
        await self._look_after(sessions)
        return Found(
            handoffs=self._handoffs,
            messages=self._said,
            answers=self._answers,
            kills=self._killed,
            seconds=round(time.monotonic() - began, 1),
            wrongs=await self._count(sessions),
        )

    async def _hire(self, sessions: Sessions) -> None:
        async with sessions.begin() as session:
            session.add_all(
                Agent(email=f"{n}@example.com", name=name, password_hash="!", capacity=10_000)
                for n, name in enumerate(self._names)
            )
            (await assignment.everyone(session)).round_robin = True

    async def _shopper(self, sessions: Sessions, n: int, room: asyncio.Semaphore) -> None:
        """Ask, and once people have it write again."""
        address = f"shopper-{n}"
        async with room:
            await self._say(sessions, n, address, self._random.choice(ASKS))
            await _until(sessions, HAS_TICKET, address=address)
            for words in self._random.sample(AGAIN, 2):
                await self._say(sessions, n, address, words)

    async def _say(self, sessions: Sessions, n: int, address: str, words: str) -> None:
        self._said += 1
        async with sessions.begin() as session:
            await accept(
                session,
                InboundMessage(
                    channel=CHANNELS[n % len(CHANNELS)],
                    external_id=uuid4().hex,
                    address=address,
                    text=words,
                    received_at=clock.now(),
                ),
                self._settings,
            )

    async def _answering(self, sessions: Sessions, done: asyncio.Event) -> None:
        """Agents answer what is theirs, some of it twice at once; now and then one leaves."""
        left = 0
        while not done.is_set():
            async with sessions() as session:
                agents = (await session.scalars(select(Agent).where(Agent.active))).all()
                open_ = (
                    await session.scalars(
                        select(Ticket).where(
                            Ticket.status == "open", Ticket.waiting_since.is_not(None)
                        )
                    )
                ).all()
            if not open_:
                await asyncio.sleep(0.05)
                continue
            ticket = self._random.choice(open_)
            both = {self._random.choice(agents)} | {a for a in agents if a.id == ticket.owner_id}
            sent = await asyncio.gather(*(self._answer(sessions, ticket.id, who) for who in both))
            self._answers += sum(sent)
            asked = self._said / (3 * self._handoffs)
            if left < self._leaving and asked > (left + 1) / (self._leaving + 2):
                async with sessions.begin() as session:
                    await session.execute(
                        update(Agent).where(Agent.id == agents[0].id).values(active=False)
                    )
                left += 1

    async def _answer(self, sessions: Sessions, ticket_id: int, agent: Agent) -> bool:
        async with sessions.begin() as session:
            now = clock.now()
            words = f"{agent.name}: {uuid4().hex}"
            done = await service.answer(session, ticket_id, agent, words, now=now)
            return done.refusal is None

    async def _killing(self, sessions: Sessions, done: asyncio.Event) -> None:
        """Kill a worker whenever the next part of the talk has been had."""
        while self._killed < self._kills and not done.is_set():
            if self._said > (self._killed + 0.5) / self._kills * 2 * self._handoffs:
                victim = self._workers.pop(0)
                victim.send_signal(signal.SIGKILL)
                victim.communicate()
                self._killed += 1
                self._start_worker()
            await asyncio.sleep(0.05)

    def _start_worker(self) -> None:
        with (self._folder / "workers.log").open("ab") as log:
            self._workers.append(
                subprocess.Popen(
                    [sys.executable, "-m", "service.cli", "worker", "--with-parent"],
                    cwd=ROOT,
                    env=self._env,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                )
            )

    async def _quiet(self, sessions: Sessions) -> None:
        """Wait until no job of a conversation is left; deliveries to channels are not ours here."""
        await _until(
            sessions,
            "SELECT NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing') "
            "AND task_name IN ('answer', 'heard', 'send_answer', 'watch_tickets'))",
        )

    async def _look_after(self, sessions: Sessions) -> None:
        """The watchdog's minute, now."""
        now = clock.now()
        while True:
            async with sessions() as session:
                found = await watchdog.needy(session, now=now)
                nobodys = await assignment.count_orphans(session)
            for ticket_id in found:
                async with sessions.begin() as session:
                    await watchdog.look_after(session, ticket_id, self._terms, now=now)
            if not nobodys:
                return

    async def _count(self, sessions: Sessions) -> dict[str, int]:
        async with sessions() as session:
            wrongs = {"without an owner": await assignment.count_orphans(session)}
            for what, query in WRONGS.items():
                names = {"handoffs": self._handoffs, "answers": self._answers}
                bound = {name: value for name, value in names.items() if f":{name}" in query}
                wrongs[what] = await session.scalar(text(query), bound) or 0
        return wrongs


async def _until(sessions: Sessions, query: str, **values: Any) -> None:
    """Wait until a query says yes.

    Raises:
        TimeoutError: It does not within a quarter of an hour.
    """
    async with asyncio.timeout(QUIET_SECONDS):
        while True:
            async with sessions() as session:
                if await session.scalar(text(query), values):
                    return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _rasa() -> AsyncIterator[str]:
    """A bot that knows no answer to what is asked first, and would talk on if it were asked."""
    app = FastAPI()

    @app.post("/webhooks/rest/webhook")
    async def message(request: Request) -> list[dict[str, str]]:
        words = (await request.json())["message"]
        await asyncio.sleep(0.01)
        return [] if words in ASKS else [{"text": f"BOT: {words}"}]

    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        bound.close()


def main() -> None:
    """Run it; a table for people, or with ``--json`` one JSON value."""
    parser = argparse.ArgumentParser(prog="./wismo bench handoff")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--handoffs", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wismo-bench-") as name:
        server = EmbeddedPostgres(Path(name) / "pg", options=("fsync=off",))
        server.start()
        try:
            migrate(server.url)
            run = Run(
                server.url,
                Path(name),
                handoffs=given.handoffs,
                workers=3,
                kills=given.kills,
                agents=12,
                leaving=4,
            )
            found = asyncio.run(run.go())
        finally:
            server.stop()
    rows = [{"what": what, "count": number} for what, number in found.wrongs.items()]
    if given.json:
        machine = f"{platform.machine()}, {os.cpu_count()} cores"
        report = {"name": "handoff", "machine": machine, "rows": rows, "ratios": {}}
        sys.stdout.write(json.dumps(report | {"run": asdict(found)}) + "\n")
    else:
        _show(found)
    if found.broken():
        sys.exit(1)


def _show(found: Found) -> None:
    table = Table(
        title=f"{found.handoffs} handoffs, {found.messages} messages, {found.answers} answers, "
        f"{found.kills} workers killed, {found.seconds} s"
    )
    table.add_column("what must not be")
    table.add_column("times", justify="right")
    for what, number in found.wrongs.items():
        table.add_row(what, str(number))
    Console().print(table)


if __name__ == "__main__":
    main()
