"""A thousand handoffs to a help desk that fails, with workers that are killed.

``./wismo bench helpdesk [--json]``. It starts a PostgreSQL and a replayed help desk of its own and
calls nobody outside. Takes about five minutes: what a killed worker or a lost answer leaves in
doubt is looked for after 90 seconds. Doubled is what stands twice at the help desk or at the
shopper's: a ticket, a message (in whatever text), an answer.
"""

import asyncio
import json
import multiprocessing
import os
import platform
import random
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, update

from bot.actions.contract import Reason
from faq.search import Faq
from integrations.messages import InboundMessage
from service import models
from service.conversations import door
from service.conversations import service as conversations
from service.conversations.models import Author, Conversation, Message
from service.db import Sessions, libpq_url, make_engine, make_sessions, migrate
from service.helpdesks import queue, sync
from service.helpdesks.adapters import make_adapter
from service.helpdesks.models import HelpdeskLink
from service.hours.terms import load as load_terms
from service.inbox import handover
from service.inbox.models import Ticket
from service.news import News
from service.postgres import EmbeddedPostgres
from service.runtime import Runtime
from service.settings import Settings
from tests.support.helpdesks import REPLAYS
from tests.support.serving import serve
from tracking_lookup.service import TrackingLookup

assert models  # all tables are known

HANDOFFS: Final = 1000
WORKERS: Final = 3
DOWN_SECONDS: Final = 10
KILLS: Final = 40
LOST_ANSWERS: Final = 0.02  # done, and answered 502
BELATED: Final = 0.01  # answered 504, and done so many seconds later
BELATED_SECONDS: Final = 20
PATIENCE_SECONDS: Final = 420
# The hardest of them: it keeps no id of ours with a comment, and no key that forbids doubles.
SLUG: Final = "freshdesk"
TERMS: Final = load_terms(None, ZoneInfo("UTC"))
Row = dict[str, Any]


def main() -> None:
    """Run it; a table for people, or with ``--json`` one JSON value."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with database() as url:
        rows = asyncio.run(run(url))
    bare, calm = rows[0]["per_second"], rows[1]["per_second"]
    found = {
        "name": "helpdesk",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": rows,
        "ratios": {"tickets opened, ours to bare calls": round(calm / bare, 2)},
    }
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    table = Table("what", "figures", title=found["machine"])
    for row in rows:
        table.add_row(row["what"], ", ".join(f"{k} {v}" for k, v in row.items() if k != "what"))
    console = Console(highlight=False)
    console.print(table)
    console.print(found["ratios"])


@contextmanager
def database() -> Any:
    """A migrated PostgreSQL in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        try:
            migrate(server.url)
            yield libpq_url(server.url)
        finally:
            server.stop()


async def run(url: str) -> list[Row]:
    """Bare calls, then ours undisturbed, then ours with everything going wrong."""
    desk = REPLAYS[SLUG]()
    desk.think = 0.02  # so that those who are killed are mostly killed while they wait for it
    engine = make_engine(url)
    sessions = make_sessions(engine)
    async with serve(desk.app()) as there:
        rows = [await bare(there, desk), await calm(sessions, url, there, desk)]
        rows.append(await storm(sessions, url, there, desk))
    await engine.dispose()
    return rows


async def bare(there: str, desk: Any) -> Row:
    """What the same three calls a ticket cost with nothing of ours around them."""
    count = 100
    async with httpx.AsyncClient(auth=("fd-key", "X"), base_url=f"{there}/api/v2") as http:
        started = time.perf_counter()

        async def one(number: int) -> None:
            shopper = f"bare-{number}"
            asked = {"unique_external_id": shopper, "page": "1", "per_page": "100"}
            await http.get("/tickets", params=asked)
            ticket = {"subject": "x", "description": "x", "name": "x"}
            made = await http.post("/tickets", json={**ticket, "unique_external_id": shopper})
            await http.get(f"/tickets/{made.json()['id']}")
            await http.get(
                f"/tickets/{made.json()['id']}/conversations", params={"page": 1, "per_page": 100}
            )

        for first in range(0, count, 4):
            await asyncio.gather(*(one(number) for number in range(first, first + 4)))
        took = time.perf_counter() - started
    desk.tickets.clear()
    return {"what": "bare calls, four at once", "per_second": round(count / took)}


async def calm(sessions: Sessions, url: str, there: str, desk: Any) -> Row:
    """Tickets a second of one process with four hands, nothing going wrong."""
    count = 100
    for number in range(count):
        await hand_over(sessions, f"calm-{number}")
    started = time.perf_counter()
    await drain(url, there)
    took = time.perf_counter() - started
    assert len(desk.tickets) == count
    desk.tickets.clear()
    async with sessions.begin() as session:
        await session.execute(update(HelpdeskLink).values(ended_at=func.now(), due_at=None))
        await session.execute(update(Ticket).values(status="closed", closed_at=func.now()))
    return {"what": "ours, undisturbed", "per_second": round(count / took)}


async def storm(sessions: Sessions, url: str, there: str, desk: Any) -> Row:
    """The promise: 0 lost, 0 doubled, 0 answered by the bot."""
    chance = random.Random(11)
    who = [f"s{number}" for number in range(HANDOFFS)]
    desk.lose, desk.late, desk.late_by = LOST_ANSWERS, BELATED, BELATED_SECONDS
    started = time.perf_counter()
    context = multiprocessing.get_context("spawn")

    def start() -> Any:
        process = context.Process(target=work, args=(url, there), daemon=True)
        process.start()
        return process

    workers = [start() for _ in range(WORKERS)]

    async def outage() -> None:
        await asyncio.sleep(6)
        desk.down = True
        await asyncio.sleep(DOWN_SECONDS)
        desk.down, desk.limit = False, 2
        await asyncio.sleep(3)
        desk.limit = None

    async def kill() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(1)
            place = chance.randrange(WORKERS)
            workers[place].kill()
            workers[place].join()
            workers[place] = start()

    troubles = [asyncio.create_task(outage()), asyncio.create_task(kill())]
    for each in who:
        await hand_over(sessions, each)
    for each in who:
        await say(sessions, each, "and another thing")
    await asyncio.gather(*troubles)
    await quiet(sessions)
    await desk.catch_up()
    async with sessions() as session:
        links = await session.scalars(select(HelpdeskLink.external_id).filter_by(ended_at=None))
        for number in links:
            desk.reply(number, "Here is your answer.")
            async with sessions.begin() as ringing:
                await queue.ring(ringing, SLUG, str(number), now=datetime.now(UTC))
    await quiet(sessions)
    for worker in workers:
        worker.kill()
        worker.join()
    return {
        "what": f"{HANDOFFS} handoffs, {KILLS} workers killed, {DOWN_SECONDS} s without help desk",
        **await count(sessions, desk),
        "killed": KILLS,
        "answers_lost": desk.lost,
        "done_belatedly": desk.belated,
        "seconds": round(time.perf_counter() - started),
        "requests": len(desk.seen),
    }


async def count(sessions: Sessions, desk: Any) -> Row:
    """What became of it all, from both sides."""
    tickets = list(desk.tickets.values())
    per_shopper = {t.requester: 0 for t in tickets}
    words = []
    for ticket in tickets:
        per_shopper[ticket.requester] += 1
        words.append("\n".join(text for _, text in desk.words(ticket.id)))
    async with sessions() as session:
        answers = dict(
            (
                await session.execute(
                    select(Conversation.address, func.count(Message.id))
                    .join(Message, Message.conversation_id == Conversation.id)
                    .where(Message.author == Author.AGENT)
                    .group_by(Conversation.address)
                )
            ).all()
        )
        handled = await session.scalar(
            select(func.count())
            .select_from(Conversation)
            .where(Conversation.handler == "bot", Conversation.address.like("s%"))
        )
    said = [each.count("and another thing") for each in words]
    return {
        "tickets": len(tickets),
        "lost_tickets": HANDOFFS - len(per_shopper),
        "lost_words": said.count(0),
        "lost_answers": HANDOFFS - len(answers),
        "doubled_tickets": sum(n > 1 for n in per_shopper.values()),
        "doubled_words": sum(n > 1 for n in said),
        "doubled_answers": sum(n > 1 for n in answers.values()),
        "with_the_bot": handled,
    }


async def hand_over(sessions: Sessions, who: str) -> None:
    """A shopper writes, and a person is needed."""
    await say(sessions, who, "where is my order?")
    async with sessions.begin() as session:
        conversation = await conversations.open_conversation(session, "web", who)
        now = datetime.now(UTC)
        await handover.hand_over(session, conversation, Reason.ASKED, terms=TERMS, now=now)


async def say(sessions: Sessions, who: str, text: str) -> None:
    """One message of a shopper."""
    message = InboundMessage("web", f"{who}:{text}", who, text, received_at=datetime.now(UTC))
    async with sessions.begin() as session:
        await door.accept(session, message, Settings(_env_file=None))


async def quiet(sessions: Sessions) -> None:
    """Wait until nothing is due, nobody is at anything, and nothing was missed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await asyncio.sleep(1)
            async with sessions.begin() as session:
                if await queue.notice(session, SLUG, now=datetime.now(UTC)):
                    continue
                busy = await session.scalar(
                    select(func.count())
                    .select_from(HelpdeskLink)
                    .where(
                        (HelpdeskLink.due_at <= func.now())
                        | HelpdeskLink.claimed_until.is_not(None)
                        | HelpdeskLink.error.is_not(None)
                    )
                )
            if not busy:
                return


def work(url: str, there: str) -> None:
    """A worker's process, until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(_work(url, there))


async def _work(url: str, there: str) -> None:
    while True:
        await drain(url, there)
        await asyncio.sleep(0.2)


async def drain(url: str, there: str) -> None:
    """What the job does: notice, and four hands until nothing is due."""
    engine = make_engine(url)
    settings = Settings(_env_file=None, secret_key="k" * 32)
    async with httpx.AsyncClient(timeout=10) as http:
        given = REPLAYS[SLUG].settings | {"FRESHDESK_URL": there}
        runtime = Runtime(
            settings=settings,
            sessions=make_sessions(engine),
            news=News(url),
            http=http,
            dialogue=None,  # type: ignore[arg-type]
            channels={},
            terms=TERMS,
            mailer=None,
            lookup=TrackingLookup({}, None),  # type: ignore[arg-type]
            faq=Faq([]),
            dates=None,  # type: ignore[arg-type]
            database_url=url,
            helpdesk=make_adapter(SLUG, http, given),
        )
        assert runtime.helpdesk is not None
        async with runtime.sessions.begin() as session:
            await queue.notice(session, SLUG, now=datetime.now(UTC))
        await asyncio.gather(*(sync.run(runtime, runtime.helpdesk) for _ in range(4)))
    await engine.dispose()


if __name__ == "__main__":
    main()
