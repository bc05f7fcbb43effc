"""Reading carriers' webhooks, as background work."""

import json
from datetime import datetime

import structlog
from procrastinate import JobContext, RetryStrategy

from kit import clock
from kit.errors import NotFound, Rejected
from service import jobs
from service.runtime import Runtime
from service.statements import bare
from service.storefront.store import ServiceParcelStore
from service.tracking import gaps, refreshing, service
from tracking_lookup.asking import count_unknown

log = structlog.get_logger()


@jobs.app.task(
    name="read_tracking_webhook",
    queue="tracking",
    pass_context=True,
    retry=RetryStrategy(max_attempts=8, exponential_wait=2),
)
async def read_tracking_webhook(context: JobContext, webhook_id: int) -> None:
    """Read one stored webhook into the parcels it is about.

    Run twice it changes nothing: an event is recorded once. A webhook that cannot be read stays,
    with its reason and without ``done_at``, so that it can be read after the adapter is mended.
    """
    runtime = jobs.runtime(context)
    async with bare(runtime.sessions) as connection:
        webhook = await service.waiting(connection, webhook_id)
    if webhook is None:
        return
    done_at: datetime | None = clock.now()
    note: str | None = None
    try:
        strangers = await _read(runtime, webhook)
    except (Rejected, NotFound) as error:
        done_at, note = None, error.message
        log.warning("tracking_webhook_unreadable", webhook=webhook_id, reason=error.message)
    else:
        if strangers:
            note = f"parcels not of this shop: {strangers}"
    async with bare(runtime.sessions) as connection:
        await service.close(connection, webhook_id, done_at=done_at, note=note)


async def _read(runtime: Runtime, webhook: service.Waiting) -> int:
    """Merge a webhook into its parcels. Returns how many of them are not this shop's."""
    store = ServiceParcelStore(runtime.sessions)
    carriers = runtime.lookup.carriers
    carrier = service.push_carrier(carriers, webhook.source)
    by_aggregator = carriers[webhook.source].manifest.aggregator
    strangers = 0
    for tracking in carrier.parse_push(webhook.body):
        async with bare(runtime.sessions) as connection:
            parcel_id = await service.parcel_id(connection, tracking, by_aggregator=by_aggregator)
        if parcel_id is None:
            strangers += 1
            continue
        await store.record(
            parcel_id,
            tracking,
            {"webhook": json.loads(webhook.body)},
            fetched_at=webhook.received_at,
            source=webhook.source,
            whole=False,
        )
        count_unknown(tracking, webhook.source)
    return strangers


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(
    name="refresh_parcels", queue="tracking", pass_context=True, queueing_lock="refresh_parcels"
)
async def refresh_parcels(context: JobContext, timestamp: int) -> None:
    """Ask about the parcels that are due, once a minute; one worker at a time.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    runtime = jobs.runtime(context)
    await refreshing.refresh_due(runtime.sessions, runtime.lookup, now=clock.now())


@jobs.app.periodic(cron="17 3 * * *")
@jobs.app.task(
    name="learn_normal_gaps", queue="tracking", pass_context=True, queueing_lock="learn_normal_gaps"
)
async def learn_normal_gaps(context: JobContext, timestamp: int) -> None:
    """Learn each carrier's normal gaps again, once a night.

    Args:
        timestamp: As of ``refresh_parcels``.
    """
    async with jobs.runtime(context).sessions.begin() as session:
        await gaps.learn(session, now=clock.now())
