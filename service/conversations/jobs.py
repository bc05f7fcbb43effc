"""Answering and delivering, as background work."""

from procrastinate import JobContext, RetryStrategy

from integrations.contract import Button, OutboundMessage
from kit import clock
from kit.errors import Upstream
from service import jobs
from service.conversations import turns
from service.conversations.models import Conversation, Delivery, Message
from service.conversations.service import lock
from service.news import announce, conversation_topic

DELIVERY_TRIES = 10


# Tried until it succeeds: a turn that is given up is a shopper who is never answered.
@jobs.app.task(name="answer", queue="turns", pass_context=True, retry=RetryStrategy(linear_wait=5))
async def answer(context: JobContext, conversation_id: int) -> None:
    """Answer a conversation's waiting messages; deferred with the conversation's lock."""
    runtime = jobs.runtime(context)
    await turns.take(runtime.sessions, runtime.dialogue, conversation_id, now=clock.now())


@jobs.app.task(
    name="deliver",
    queue="delivery",
    pass_context=True,
    retry=RetryStrategy(max_attempts=DELIVERY_TRIES, exponential_wait=2),
)
async def deliver(context: JobContext, message_id: int) -> None:
    """Send one message through its channel: at least once, and none before the one it follows.

    What the provider will never take is marked failed at once; what it cannot take now is tried
    again with growing pauses, and marked failed after the tenth time.
    """
    runtime = jobs.runtime(context)
    async with runtime.sessions() as session:
        message = await session.get_one(Message, message_id)
        conversation = await session.get_one(Conversation, message.conversation_id)
    if message.delivery != Delivery.QUEUED:
        return
    error: str | None = None
    provider_id: str | None = None
    channel = runtime.channels.get(conversation.channel)
    try:
        if channel is None:
            error = f"the channel {conversation.channel} is switched off"
        else:
            provider_id = await channel.send(
                OutboundMessage(
                    address=conversation.address,
                    text=message.text,
                    buttons=tuple(Button(**button) for button in message.buttons),
                )
            )
    except Upstream as failure:
        if failure.retryable and context.job.attempts + 1 < DELIVERY_TRIES:
            raise
        error = failure.message
    async with runtime.sessions.begin() as session:
        await lock(session, conversation.id)
        message = await session.get_one(Message, message_id)
        message.delivery = Delivery.FAILED if error else Delivery.SENT
        message.provider_id = provider_id
        message.error = error
        await announce(session, conversation_topic(conversation.id))
