"""Answering and delivering, as background work."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, RetryStrategy
from procrastinate.jobs import Job

from integrations.contract import Remembers
from kit import clock
from kit.errors import RateLimited, Rejected, Upstream
from service import jobs
from service.conversations import delivery, turns
from service.runtime import Runtime

log = structlog.get_logger()

# A wait of up to this long for a provider's limit is sat out; for a longer one the worker is freed.
SHORT: Final = timedelta(seconds=1.5)
LONGEST_PAUSE_SECONDS: Final = 600
KEPT_FOR: Final = timedelta(days=1)


class GrowingPauses(BaseRetryStrategy):
    """When a delivery is tried again: when the provider says, else after growing pauses.

    Whether it is tried again is the job's own decision; a defect of ours ends it after a while.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """See procrastinate's ``BaseRetryStrategy``."""
        pause = min(2.0 ** min(job.attempts + 1, 20), LONGEST_PAUSE_SECONDS)
        if isinstance(exception, RateLimited) and exception.retry_after is not None:
            pause = exception.retry_after
        if not isinstance(exception, Upstream) and job.attempts >= delivery.TRIES:
            return None
        return RetryDecision(retry_at=clock.now() + timedelta(seconds=pause))


# Tried until it succeeds: a turn that is given up is a shopper who is never answered.
@jobs.app.task(name="answer", queue="turns", pass_context=True, retry=RetryStrategy(linear_wait=5))
async def answer(context: JobContext, conversation_id: int) -> None:
    """Answer a conversation's waiting messages; deferred with the conversation's lock."""
    runtime = jobs.runtime(context)
    await turns.take(
        runtime.sessions,
        runtime.dialogue,
        runtime.channels,
        conversation_id,
        faq=runtime.faq,
        terms=runtime.terms,
        zone=runtime.settings.zone,
        now=clock.now(),
    )


@jobs.app.task(name="deliver", queue="delivery", pass_context=True, retry=GrowingPauses())
async def deliver(context: JobContext, message_id: int) -> None:
    """Send one message through its channel: at least once, and none before the one it follows.

    Piece by piece, each written down before the next is sent, so that a retry or a kill repeats at
    most one; and not that where the provider drops repeats, or says what it took. What the provider
    will never take is marked failed at once; what it cannot take now is tried again with growing
    pauses, and marked failed after the tenth time.
    """
    runtime = jobs.runtime(context)
    while True:
        async with runtime.sessions.begin() as session:
            step = await delivery.next_step(session, runtime.channels, message_id, now=clock.now())
        if step is None:
            return
        if step.wait > SHORT:
            raise RateLimited("delivery", "waiting for its turn", step.wait.total_seconds())
        await asyncio.sleep(max(0.0, step.wait.total_seconds()))
        try:
            provider_id = await _sent_before(runtime, step) or await step.channel.send(step.message)
        except Upstream as failure:
            async with runtime.sessions.begin() as session:
                again = await delivery.failed(session, message_id, step, failure, now=clock.now())
            if again:
                raise
            return
        async with runtime.sessions.begin() as session:
            await delivery.sent(session, message_id, step, provider_id, now=clock.now())
        if step.last:
            return


async def _sent_before(runtime: Runtime, step: delivery.Step) -> str | None:
    """The provider's id of what a try that was cut short has sent already."""
    if step.doubt_since is None or not isinstance(step.channel, Remembers):
        return None
    try:
        taken = await step.channel.taken(step.message, since=step.doubt_since)
    except Rejected:  # twice is better than never
        return None
    async with runtime.sessions() as session:
        return await delivery.sent_before(session, step, taken)


@jobs.app.periodic(cron="41 3 * * *")
@jobs.app.task(
    name="forget_deliveries", queue="delivery", pass_context=True, queueing_lock="forget_deliveries"
)
async def forget_deliveries(context: JobContext, timestamp: int) -> None:
    """Drop used-up limits and receipts for messages that were never ours, once a night.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    async with jobs.runtime(context).sessions.begin() as session:
        await delivery.forget(session, before=clock.now() - KEPT_FOR)
