"""The FAQ's housekeeping, as background work."""

from procrastinate import JobContext

from kit import clock
from service import jobs
from service.faq import service


@jobs.app.periodic(cron="41 3 * * *")
@jobs.app.task(
    name="forget_faq_questions",
    queue="faq",
    pass_context=True,
    queueing_lock="forget_faq_questions",
)
async def forget_faq_questions(context: JobContext, timestamp: int) -> None:
    """Delete old questions of the FAQ page, once a night. Run twice it changes nothing.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    async with jobs.runtime(context).sessions.begin() as session:
        await service.forget(session, now=clock.now())
