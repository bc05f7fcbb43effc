"""Fetching what the provider holds for us, as background work."""

import asyncio

from procrastinate import JobContext, RetryStrategy

from integrations import messages
from integrations.contract import BringsMedia
from kit.errors import AppError, NotFound, Refused, Rejected, Upstream
from service import jobs
from service.attachments import service
from service.attachments.models import Attachment, Fetch
from service.attachments.pictures import MAX_PICTURE_BYTES, Picture, read
from service.conversations.models import Conversation
from service.news import announce, conversation_topic

FETCH_TRIES = 6


@jobs.app.task(
    name="fetch_attachment",
    queue="attachments",
    pass_context=True,
    retry=RetryStrategy(max_attempts=FETCH_TRIES, exponential_wait=3),
)
async def fetch_attachment(context: JobContext, attachment_id: int) -> None:
    """Fetch one file from its provider, check it and keep it; or note why it is not kept."""
    runtime = jobs.runtime(context)
    async with runtime.sessions() as session:
        attachment = await session.get_one(Attachment, attachment_id)
        conversation = await session.get_one(Conversation, attachment.conversation_id)
    if attachment.state != Fetch.WAITING or attachment.reference is None:
        return
    picture: Picture | None = None
    refused: str | None = None
    channel = runtime.channels.get(conversation.channel)
    file = messages.Attachment(attachment.reference, attachment.content_type, attachment.name)
    try:
        if not isinstance(channel, BringsMedia):
            raise Rejected(conversation.channel, "this channel brings no files, or is switched off")
        data = await channel.fetch(file, limit=MAX_PICTURE_BYTES)
        picture = await asyncio.to_thread(read, data)
    except (Upstream, Refused) as failure:
        if failure.retryable and context.job.attempts + 1 < FETCH_TRIES:
            raise
        refused = _words(failure)
    async with runtime.sessions.begin() as session:
        attachment = await session.get_one(Attachment, attachment_id, with_for_update=True)
        if attachment.state != Fetch.WAITING:
            return
        if picture is not None:
            await service.keep(session, attachment, picture)
        else:
            attachment.state, attachment.refused = Fetch.REFUSED, refused
        await announce(session, conversation_topic(conversation.id))


def _words(failure: AppError) -> str:
    return "the provider no longer has it" if isinstance(failure, NotFound) else failure.message
