"""Sending e-mails, as background work."""

from urllib.parse import urlsplit

from procrastinate import JobContext, RetryStrategy

from kit import clock
from kit.errors import Upstream
from service import jobs
from service.mail.models import Mail, MailState
from service.mail.service import compose

TRIES = 12


@jobs.app.task(
    name="send_mail",
    queue="mail",
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=3),
)
async def send_mail(context: JobContext, mail_id: int) -> None:
    """Send one e-mail: at least once, under one ``Message-ID``.

    What the server will never take is marked failed at once; what it cannot take now is tried again
    with growing pauses, and marked failed after the twelfth time.
    """
    runtime = jobs.runtime(context)
    async with runtime.sessions() as session:
        mail = await session.get_one(Mail, mail_id)
    if mail.state != MailState.QUEUED:
        return
    error: str | None = None
    if runtime.mailer is None:
        error = "no SMTP server is set"
    else:
        host = urlsplit(runtime.settings.base_url).hostname or "localhost"
        try:
            replies = runtime.settings.mail_replies
            await runtime.mailer.send(compose(mail, host=host, replies=replies))
        except Upstream as failure:
            if failure.retryable and context.job.attempts + 1 < TRIES:
                raise
            error = failure.message
    async with runtime.sessions.begin() as session:
        mail = await session.get_one(Mail, mail_id, with_for_update=True)
        mail.sent_at = None if error else clock.now()
        if mail.state == MailState.QUEUED:  # else its provider has told of it already
            mail.state = MailState.FAILED if error else MailState.SENT
            mail.error = error
