"""The demo's clean-up, as background work."""

from datetime import timedelta
from typing import Final

from procrastinate import JobContext

from kit import clock
from service import jobs
from service.demo import sink

KEPT_FOR: Final = timedelta(days=30)


@jobs.app.periodic(cron="51 3 * * *")
@jobs.app.task(
    name="forget_caught_mails", queue="mail", pass_context=True, queueing_lock="forget_caught_mails"
)
async def forget_caught_mails(context: JobContext, timestamp: int) -> None:
    """Drop the e-mails that the demo's mail server took a month ago, once a night.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    async with jobs.runtime(context).sessions.begin() as session:
        await sink.forget(session, before=clock.now() - KEPT_FOR)
