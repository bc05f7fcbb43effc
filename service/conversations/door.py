"""The one way in: what a shopper wrote, what a provider tells of one. Never commits."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Request
from integrations.messages import InboundMessage, Kind, Receipt, Signal, SignalKind
from service import channels
from service.attachments import service as attachments
from service.consent import service as consent
from service.consent.keywords import Keyword, keyword
from service.consent.models import Source
from service.conversations import delivery
from service.conversations.models import (
    Author,
    Conversation,
    Handler,
    Message,
    Purpose,
)
from service.conversations.service import lock, open_conversation, post, tell_people
from service.conversations.storing import Stored, store
from service.conversations.texts import texts_for
from service.news import announce, conversation_topic
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an inbound message.

    Attributes:
        message_id: ``None``: not stored, as its sender writes too fast.
        new: Whether it is stored now; a message accepted before keeps its first id.
        told: Why it was not stored, as its sender was told just now; empty after the first time.
    """

    conversation_id: int
    message_id: int | None
    new: bool
    told: str = ""


async def accept(
    session: AsyncSession,
    inbound: InboundMessage,
    settings: Settings,
    *,
    uploads: tuple[int, ...] = (),
) -> Accepted:
    """Store one inbound message, once, and have it answered.

    The message and the job that answers it are written together, or neither is. Acknowledge it
    to its provider after the commit only. A keyword (STOP, HELP) is acted on here where the channel
    asks for that, and after a STOP messages are kept and not answered. A sender above the limit is
    told so once and then ignored until the minute is over.

    Args:
        uploads: Pictures kept before (``attachments.keep_upload``) that belong to it.
    """
    now = inbound.received_at
    if inbound.edits is not None:
        waiting = await _edit_waiting(session, inbound)
        if waiting is not None:
            return waiting
    manifest = channels.manifest_of(inbound.channel)
    at_door = manifest.keywords_at_door and inbound.kind == Kind.TEXT
    said = keyword(inbound.text) if at_door else None
    stored = await store(
        session,
        inbound,
        settings,
        network=manifest.network,
        for_bot=said is None and inbound.kind != Kind.REACTION,
    )
    if stored.message_id is None:
        return await _not_stored(session, inbound, stored, settings)
    accepted = Accepted(stored.conversation_id, stored.message_id, new=True)
    if inbound.attachments:
        await attachments.expect(
            session, stored.conversation_id, stored.message_id, inbound.attachments, now=now
        )
    if uploads:
        await attachments.attach(session, stored.conversation_id, stored.message_id, uploads)
    if said is not None:
        await _act(session, stored.conversation_id, said, inbound, settings)
    if stored.handler == Handler.AGENT:
        await tell_people(session, stored.conversation_id, stored.message_id)
    return accepted


async def take(
    session: AsyncSession, event: InboundMessage | Receipt | Signal, settings: Settings
) -> None:
    """Take in whatever a provider brought."""
    match event:
        case InboundMessage():
            await accept(session, event, settings)
        case Receipt():
            await delivery.receive(session, event)
        case Signal():
            await _note(session, event)


async def _not_stored(
    session: AsyncSession, inbound: InboundMessage, stored: Stored, settings: Settings
) -> Accepted:
    """A repeat, or one too many: told so kindly the first time, then ignored."""
    known = await session.scalar(
        select(Message.id).filter_by(
            conversation_id=stored.conversation_id, external_id=inbound.external_id
        )
    )
    conversation = await lock(session, stored.conversation_id)
    told = ""
    if known is not None:
        conversation.burst -= 1  # a provider that tries again is no flood
    elif stored.burst == settings.sender_per_minute + 1:
        words = await texts_for(session, conversation.id)
        told = words["too_fast"]
        await post(session, conversation, Author.SYSTEM, told, now=inbound.received_at)
    return Accepted(stored.conversation_id, known, new=False, told=told)


async def _edit_waiting(session: AsyncSession, inbound: InboundMessage) -> Accepted | None:
    """Put an edit in its message's place, where that is not answered yet; else it is a new one."""
    changed = (
        await session.execute(
            update(Message)
            .where(
                Message.conversation_id == Conversation.id,
                Conversation.channel == inbound.channel,
                Conversation.address == inbound.address,
                Message.external_id == inbound.edits,
                ~Message.answered,
            )
            .values(text=inbound.text, display=inbound.display)
            .returning(Message.id, Message.conversation_id)
        )
    ).one_or_none()
    if changed is None:
        return None
    await announce(session, conversation_topic(changed.conversation_id))
    return Accepted(changed.conversation_id, changed.id, new=False)


async def _act(
    session: AsyncSession,
    conversation_id: int,
    said: Keyword,
    inbound: InboundMessage,
    settings: Settings,
) -> None:
    """Do what a keyword asks, and confirm it once: a second STOP finds silence."""
    now = inbound.received_at
    conversation = await lock(session, conversation_id)
    listening = await consent.may_send(
        session, conversation.channel, conversation.address, Purpose.ANSWER
    )
    name = "help"
    if said is not Keyword.HELP:
        stop = said is Keyword.STOP
        name = "stopped" if stop else "started"
        await consent.record(
            session,
            conversation,
            Request.STOP_MESSAGES if stop else Request.START_MESSAGES,
            purpose=Purpose.ANSWER,
            source=Source.KEYWORD,
            words=inbound.text,
            now=now,
        )
    if inbound.confirmed or (said is Keyword.STOP and not listening):
        return
    words = await texts_for(session, conversation.id)
    await post(
        session,
        conversation,
        Author.SYSTEM,
        words[name].format(shop=settings.shop_name),
        purpose=Purpose.REQUIRED,
        now=now,
    )


async def _note(session: AsyncSession, signal: Signal) -> None:
    """Keep what a provider tells of an address in the ledger."""
    conversation = await open_conversation(session, signal.channel, signal.address)
    stopped = signal.kind in {SignalKind.BLOCKED, SignalKind.OPTED_OUT}
    await consent.record(
        session,
        conversation,
        Request.STOP_MESSAGES if stopped else Request.START_MESSAGES,
        purpose=Purpose.ANSWER,
        source=Source.PROVIDER,
        words=signal.words,
        now=signal.at,
    )
