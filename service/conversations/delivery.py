"""How a message gets to its provider, and what the provider tells of it. Never commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Request
from integrations.contract import Channel
from integrations.messages import (
    Button,
    Image,
    Link,
    OutboundMessage,
    Receipt,
    Row,
    State,
    Template,
)
from integrations.rendering import render
from kit.errors import Blocked, RateLimited, Upstream
from service import jobs
from service.consent import service as consent
from service.consent.models import Source
from service.conversations import floods, limits
from service.conversations.models import (
    Conversation,
    Delivery,
    Message,
    Purpose,
    SentPart,
)
from service.conversations.service import lock
from service.news import INBOX, announce, conversation_topic

TRIES: Final = 10
# A step that has stood so long in its place without an end was killed: no sooner is its job given
# to another worker. One that waited for its place is taken up at once.
_KILL_NOTICED: Final = timedelta(seconds=jobs.DEAD_AFTER_SECONDS - jobs.HEARTBEAT_SECONDS)
_CLOCKS_APART: Final = timedelta(minutes=1)  # ours and the provider's, at most
_FORWARD: Final = (State.SENT, State.DELIVERED, State.READ)
OPTED_OUT: Final = "The shopper has opted out: nothing can be sent until they write START."


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to send of a message.

    Attributes:
        part: Its place among the pieces.
        last: Nothing of the message is left after it.
        wait: Until the provider's limit lets it go.
        doubt_since: An earlier try was cut short (by a kill, a broken connection), and may have
            reached the provider since then; ``None``: none was.
    """

    channel: Channel
    message: OutboundMessage
    part: int
    last: bool
    wait: timedelta
    doubt_since: datetime | None = None


def outbound(message: Message, address: str) -> OutboundMessage:
    """A stored message as channels take it."""
    extras = message.extras
    template = extras.get("template")
    return OutboundMessage(
        address=address,
        text=message.text,
        buttons=tuple(Button(**button) for button in message.buttons),
        rows=tuple(Row(**row) for row in extras.get("rows", ())),
        image=Image(**extras["image"]) if "image" in extras else None,
        link=Link(**extras["link"]) if "link" in extras else None,
        template=(
            Template(**{**template, "parameters": tuple(template["parameters"])})
            if template
            else None
        ),
    )


async def next_step(
    session: AsyncSession, channels: Mapping[str, Channel], message_id: int, *, now: datetime
) -> Step | None:
    """What is to be sent next of a message; ``None`` where nothing is left or nothing may be sent.

    A message that can never be sent is marked so here. A place within the provider's limit is
    reserved for the step, and kept while it waits for it.
    """
    message = await session.get_one(Message, message_id)
    if message.delivery != Delivery.QUEUED:
        return None
    conversation = await session.get_one(Conversation, message.conversation_id)
    channel = channels.get(conversation.channel)
    why = await _forbidden(session, channel, conversation, message, now=now)
    if channel is None or why:
        await fail(session, message_id, why)
        return None
    parts = render(outbound(message, conversation.address), channel.manifest)
    there = set(await session.scalars(select(SentPart.part).filter_by(message_id=message.id)))
    left = [place for place in range(len(parts)) if place not in there]
    if not left:  # sent, and then this process was killed
        await _settle(session, message)
        return None
    was_cut_short = message.slot_at is not None and now - message.slot_at >= _KILL_NOTICED
    doubtful = was_cut_short or message.tries > 0
    if message.slot_at is None:
        message.slot_at = await limits.reserve(
            session, channel.manifest, conversation.address, now=now
        )
    place = left[0]
    return Step(
        channel,
        replace(parts[place], key=f"wismo-{message.id}-{place}"),
        place,
        len(left) == 1,
        message.slot_at - now,
        message.at - _CLOCKS_APART if doubtful else None,
    )


async def sent_before(session: AsyncSession, step: Step, taken: Sequence[str]) -> str | None:
    """Of what the provider took and may be this step, what no message is known by."""
    known = await session.scalars(
        select(SentPart.provider_id).where(
            SentPart.channel == step.channel.manifest.slug,
            SentPart.provider_id.in_(taken),
            SentPart.message_id.is_not(None),
        )
    )
    others = set(known)
    return next((one for one in taken if one not in others), None)


async def sent(
    session: AsyncSession, message_id: int, step: Step, provider_id: str | None, *, now: datetime
) -> None:
    """Write down that a step was taken; a receipt that was faster than this is applied."""
    message = await _locked(session, message_id)
    message.slot_at = None
    if provider_id is not None or not step.last:
        new = insert(SentPart).values(
            channel=step.channel.manifest.slug,
            provider_id=provider_id or step.message.key,
            message_id=message_id,
            part=step.part,
            state=State.SENT,
            at=now,
        )
        await session.execute(
            new.on_conflict_do_update(
                index_elements=["channel", "provider_id"],
                set_={"message_id": new.excluded.message_id, "part": new.excluded.part},
            )
        )
    if step.last:
        await _settle(session, message)


async def failed(
    session: AsyncSession, message_id: int, step: Step, failure: Upstream, *, now: datetime
) -> bool:
    """Write down that a step failed.

    Returns:
        Whether to try again: not where the provider will never take it, and not after ``TRIES``.
        A provider that said when to come again was not tried in vain.
    """
    message = await _locked(session, message_id)
    message.slot_at = None
    if isinstance(failure, RateLimited) and failure.retry_after is not None:
        await limits.rest(
            session, failure.source, until=now + timedelta(seconds=failure.retry_after)
        )
        return True
    message.tries += 1
    if failure.retryable and message.tries < TRIES:
        return True
    await fail(session, message_id, failure.message)
    if isinstance(failure, Blocked):
        await _block(session, message, failure.message, now=now)
    return False


async def fail(session: AsyncSession, message_id: int, why: str) -> None:
    """Mark a message as failed for good, and tell whoever looks at it."""
    message = await _locked(session, message_id)
    message.delivery, message.error = Delivery.FAILED, why
    await session.flush()
    await announce(session, conversation_topic(message.conversation_id))
    await announce(session, INBOX)


async def send_again(session: AsyncSession, message_id: int) -> bool:
    """Have a failed message sent once more: what of it did not arrive.

    Returns:
        Whether it had failed; of two who press the button, one is heard.

    Raises:
        NotFound: There is no such conversation.
    """
    message = await _locked(session, message_id)
    if message.delivery != Delivery.FAILED:
        return False
    await session.execute(
        delete(SentPart).where(SentPart.message_id == message_id, SentPart.state == State.FAILED)
    )
    message.delivery, message.error, message.tries, message.slot_at = (
        Delivery.QUEUED,
        None,
        0,
        None,
    )
    await session.flush()
    await jobs.defer(
        session, "deliver", lock=f"delivery:{message.conversation_id}", message_id=message_id
    )
    await announce(session, conversation_topic(message.conversation_id))
    return True


async def receive(session: AsyncSession, receipt: Receipt) -> None:
    """Take in a receipt. States only move forward, in whatever order receipts come."""
    new = insert(SentPart).values(
        channel=receipt.channel,
        provider_id=receipt.provider_id,
        state=receipt.state,
        blocked=receipt.blocked,
        error=_why(receipt),
        at=receipt.at,
    )
    old, told = SentPart.state, new.excluded.state
    further = or_(
        and_(told == State.FAILED, old == State.SENT),
        and_(told == State.DELIVERED, old == State.SENT),
        and_(told == State.READ, old.in_([State.SENT, State.DELIVERED])),
    )
    message_id = await session.scalar(
        new.on_conflict_do_update(
            index_elements=["channel", "provider_id"],
            set_={
                name: case((further, getattr(new.excluded, name)), else_=getattr(SentPart, name))
                for name in ("state", "blocked", "error", "at")
            },
        ).returning(SentPart.message_id)
    )
    if message_id is not None:
        await _settle(session, await _locked(session, message_id))


async def forget(session: AsyncSession, *, before: datetime) -> None:
    """Drop what is of no use any more: used-up limits, counts, receipts for messages not ours."""
    await limits.forget(session, before=before)
    await floods.forget(session, before=before)
    await session.execute(
        delete(SentPart).where(SentPart.message_id.is_(None), SentPart.at < before)
    )


async def _forbidden(
    session: AsyncSession,
    channel: Channel | None,
    conversation: Conversation,
    message: Message,
    *,
    now: datetime,
) -> str:
    """Why a message may not be sent, for agents; empty where it may."""
    if channel is None:
        return f"The channel {conversation.channel} is switched off."
    purpose = Purpose(message.purpose)
    if not await consent.may_send(session, conversation.channel, conversation.address, purpose):
        return OPTED_OUT
    hours = channel.manifest.window_hours
    if hours is None or "template" in message.extras:
        return ""
    last = conversation.last_inbound_at
    if last is None or now - last >= timedelta(hours=hours):
        return (
            f"The shopper last wrote more than {hours} hours ago: {channel.manifest.name} takes "
            "only an approved template until they write."
        )
    return ""


async def _settle(session: AsyncSession, message: Message) -> None:
    """Bring a message to the state of its parts: it is as far as the one that is least far."""
    parts = (await session.scalars(select(SentPart).filter_by(message_id=message.id))).all()
    bad = next((part for part in parts if part.state == State.FAILED), None)
    if bad is not None:
        if message.delivery != Delivery.FAILED:
            await fail(session, message.id, bad.error or "The provider could not deliver it.")
            if bad.blocked:
                await _block(session, message, bad.error or "", now=bad.at)
        return
    least = min(
        (part.state for part in parts),
        key=lambda state: _FORWARD.index(State(state)),
        default=State.SENT,
    )
    message.delivery = Delivery(least)
    await session.flush()
    await announce(session, conversation_topic(message.conversation_id))


async def _block(session: AsyncSession, message: Message, words: str, *, now: datetime) -> None:
    conversation = await lock(session, message.conversation_id)
    await consent.record(
        session,
        conversation,
        Request.STOP_MESSAGES,
        purpose=Purpose.ANSWER,
        source=Source.PROVIDER,
        words=words,
        now=now,
    )


async def _locked(session: AsyncSession, message_id: int) -> Message:
    """A message, freshly read, with its conversation locked."""
    message = await session.get_one(Message, message_id)
    await lock(session, message.conversation_id)
    await session.refresh(message)
    return message


def _why(receipt: Receipt) -> str | None:
    if receipt.state is not State.FAILED:
        return None
    code = f" ({receipt.code})" if receipt.code else ""
    again = " Sending it again may help." if receipt.retryable else ""
    return f"{receipt.words or 'The provider could not deliver it.'}{code}{again}"
