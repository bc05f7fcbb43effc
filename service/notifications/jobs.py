"""Telling, looking at the clock, and looking after what was sent, as background work."""

from typing import Final

import structlog
from procrastinate import JobContext, RetryStrategy

from kit import clock
from service import jobs
from service.notifications.milestones import scanning
from service.notifications.outbox import dispatch, settling, telling
from service.notifications.policy.shop import notices_of

log = structlog.get_logger()

# A run takes this many batches at most; what is left over is due in the next, a minute later.
BATCHES: Final = 50


@jobs.app.task(
    name="tell",
    queue="notifications",
    pass_context=True,
    retry=RetryStrategy(max_attempts=8, exponential_wait=2),
)
async def tell(context: JobContext, person: str) -> None:
    """Tell a person what is due now. Run twice, or killed and run again, it tells nothing twice.

    Args:
        person: As ``rules.person_of`` names them.
    """
    runtime = jobs.runtime(context)
    async with runtime.sessions.begin() as session:
        desk = await dispatch.open_desk(
            session, runtime.settings, runtime.channels, now=clock.now()
        )
        await telling.tell(desk, person)


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(
    name="look_at_clock", queue="notifications", pass_context=True, queueing_lock="look_at_clock"
)
async def look_at_clock(context: JobContext, timestamp: int) -> None:
    """Keep what time alone has brought to parcels that are due a look, each minute.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    runtime = jobs.runtime(context)
    for _ in range(BATCHES):
        async with runtime.sessions.begin() as session:
            looked = await scanning.look_at_clock(session, now=clock.now())
        if looked < scanning.AT_ONCE:
            return


@jobs.app.periodic(cron="11 * * * *")
@jobs.app.task(
    name="look_for_unsent",
    queue="notifications",
    pass_context=True,
    queueing_lock="look_for_unsent",
)
async def look_for_unsent(context: JobContext, timestamp: int) -> None:
    """Keep which orders were not sent in time, each hour.

    Args:
        timestamp: As of ``look_at_clock``.
    """
    runtime = jobs.runtime(context)
    async with runtime.sessions.begin() as session:
        notices = notices_of(runtime.settings)
        count = await scanning.look_for_unsent(
            session,
            after_days=notices.not_shipped_days,
            max_age=notices.max_age,
            now=clock.now(),
        )
    if count:
        log.info("orders_not_sent_in_time", orders=count)


@jobs.app.periodic(cron="*/15 * * * *")
@jobs.app.task(
    name="look_for_left", queue="notifications", pass_context=True, queueing_lock="look_for_left"
)
async def look_for_left(context: JobContext, timestamp: int) -> None:
    """Take up news whose job was lost, every quarter of an hour.

    Args:
        timestamp: As of ``look_at_clock``.
    """
    runtime = jobs.runtime(context)
    async with runtime.sessions.begin() as session:
        people = await scanning.look_for_left(session, now=clock.now())
    if people:
        log.warning("news_left_lying", people=people)


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(
    name="settle_sendings",
    queue="notifications",
    pass_context=True,
    queueing_lock="settle_sendings",
)
async def settle_sendings(context: JobContext, timestamp: int) -> None:
    """Look up what became of what was sent, and send another way what has not arrived.

    Args:
        timestamp: As of ``look_at_clock``.
    """
    runtime = jobs.runtime(context)
    for _ in range(BATCHES):
        async with runtime.sessions.begin() as session:
            desk = await dispatch.open_desk(
                session, runtime.settings, runtime.channels, now=clock.now()
            )
            settled = await settling.settle(desk)
        if settled < settling.AT_ONCE:
            return
