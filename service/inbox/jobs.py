"""What happens to tickets without anybody asking, as background work."""

import structlog
from procrastinate import JobContext, RetryStrategy
from sqlalchemy import select

from kit import clock
from service import jobs
from service.conversations.models import Author, Conversation, Delivery, Message
from service.conversations.service import lock
from service.inbox import assignment, handover, later, tickets, watchdog
from service.inbox.models import Happening
from service.mail import service as mail

log = structlog.get_logger()


# Tried until it succeeds: what a shopper said is not to be overlooked.
@jobs.app.task(name="heard", queue="turns", pass_context=True, retry=RetryStrategy(linear_wait=5))
async def heard(context: JobContext, conversation_id: int, message_id: int) -> None:
    """Take note of what a shopper wrote to people; deferred with the conversation's lock."""
    runtime = jobs.runtime(context)
    async with runtime.sessions.begin() as session:
        await handover.heard(session, conversation_id, message_id, runtime.terms, now=clock.now())


@jobs.app.task(
    name="send_answer", queue="delivery", pass_context=True, retry=RetryStrategy(linear_wait=5)
)
async def send_answer(context: JobContext, answer_id: int) -> None:
    """Send an answer whose moment has come."""
    async with jobs.runtime(context).sessions.begin() as session:
        await later.send(session, answer_id, now=clock.now())


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(
    name="watch_tickets", queue="watchdog", pass_context=True, queueing_lock="watch_tickets"
)
async def watch_tickets(context: JobContext, timestamp: int) -> None:
    """Look after every ticket that may need something, once a minute.

    Args:
        timestamp: The minute it was meant for, in seconds since 1970; not used.
    """
    runtime = jobs.runtime(context)
    now = clock.now()
    async with runtime.sessions() as session:
        found = await watchdog.needy(session, now=now)
    for ticket_id in found:
        async with runtime.sessions.begin() as session:
            await watchdog.look_after(session, ticket_id, runtime.terms, now=now)
    async with runtime.sessions() as session:
        if orphans := await assignment.count_orphans(session):
            log.error("orphaned_tickets", count=orphans)


@jobs.app.task(
    name="mail_unfetched", queue="mail", pass_context=True, retry=RetryStrategy(linear_wait=5)
)
async def mail_unfetched(context: JobContext, message_id: int) -> None:
    """Mail an agent's answers that the shopper has not fetched, or that could not be delivered.

    All of them in one e-mail: an answer that was followed by another is left to that one's job.
    """
    runtime = jobs.runtime(context)
    now = clock.now()
    if not runtime.terms.mails:
        return
    async with runtime.sessions.begin() as session:
        message = await session.get_one(Message, message_id)
        conversation: Conversation = await lock(session, message.conversation_id)
        ticket = await tickets.newest_in(session, conversation.id)
        channel = runtime.channels.get(conversation.channel)
        unfetched = channel is not None and channel.manifest.fetched
        if ticket is None or ticket.email is None or conversation.fetched_id >= message.id:
            return
        said = select(Message).where(
            Message.conversation_id == conversation.id,
            Message.author == Author.AGENT,
            Message.id > conversation.fetched_id,
        )
        if not unfetched:
            said = said.where(Message.delivery == Delivery.FAILED)
        missed = (await session.scalars(said.order_by(Message.id))).all()
        if not missed or missed[-1].id > message.id:
            return
        await mail.queue(
            session,
            key=f"message:{message.id}",
            to=ticket.email,
            subject=f"Your message to {runtime.settings.shop_name}",
            text=mail.answer_text(
                [m.text for m in missed],
                shop=runtime.settings.shop_name,
                replies=bool(runtime.settings.mail_replies),
            ),
            conversation_id=conversation.id,
            now=now,
        )
        conversation.fetched_id = message.id
        await tickets.record(session, ticket, Happening.MAILED, now=now)
