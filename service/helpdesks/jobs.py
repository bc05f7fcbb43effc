"""Keeping the help desk in step, as background work."""

import asyncio
from typing import Final

import structlog
from procrastinate import JobContext
from prometheus_client import Gauge
from sqlalchemy.exc import OperationalError

from kit import clock
from service import jobs
from service.helpdesks import queue, sync
from service.news import INBOX
from service.runtime import Runtime

log = structlog.get_logger()

# Tickets one job works on at once.
HANDS: Final = 4
# News comes in bursts: one look covers them.
GATHER_SECONDS: Final = 0.2

_behind = Gauge("wismo_helpdesk_behind", "Tickets the help desk should have heard of by now")


@jobs.app.task(name="sync_helpdesk", queue="helpdesk", pass_context=True)
async def sync_helpdesk(context: JobContext) -> None:
    """Bring into step whatever is due. Comes again by itself when a help desk has rested."""
    await _sync(jobs.runtime(context))


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(
    name="reconcile_helpdesk",
    queue="helpdesk",
    pass_context=True,
    queueing_lock="reconcile_helpdesk",
)
async def reconcile_helpdesk(context: JobContext, timestamp: int) -> None:
    """Once a minute find what no news told of, and what is to be tried again.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    runtime = jobs.runtime(context)
    if runtime.helpdesk is None:
        return
    slug = runtime.helpdesk.manifest.slug
    async with runtime.sessions.begin() as session:
        await queue.notice(session, slug, now=clock.now())
        _behind.set(await queue.behind(session, slug, now=clock.now()))
    await _sync(runtime)


async def watch(runtime: Runtime) -> None:
    """Turn the inbox's news into work, in the web process, until cancelled.

    Every web process does; what one finds, another does not find again.
    """
    if runtime.helpdesk is None:
        return
    slug = runtime.helpdesk.manifest.slug
    async with runtime.news.subscribe(INBOX) as changed:
        while not runtime.news.closing.is_set():
            changed.clear()
            try:
                async with runtime.sessions.begin() as session:
                    if await queue.notice(session, slug, now=clock.now()):
                        await jobs.defer(session, "sync_helpdesk")
            except OperationalError as error:  # the next minute's look finds it
                log.warning("helpdesk_watch_lost_database", reason=type(error).__name__)
            await changed.wait()
            await asyncio.sleep(GATHER_SECONDS)


async def _sync(runtime: Runtime) -> None:
    helpdesk = runtime.helpdesk
    if helpdesk is None:
        return
    ends = await asyncio.gather(*(sync.run(runtime, helpdesk) for _ in range(HANDS)))
    rests = [until for until in ends if until is not None]
    if rests:
        async with runtime.sessions.begin() as session:
            await jobs.defer(session, "sync_helpdesk", at=max(rests))
