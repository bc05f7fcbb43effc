"""Keeping requests about messages and data, and what they add up to. Never commits."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Request
from service import channels
from service.consent.models import ConsentRequest, Source
from service.conversations.models import Author, Conversation, Message, Purpose
from service.statements import Statement

# What ends with an opt-out of the left: itself and all that matters less.
_ENDED_BY: Final = {
    Purpose.ANSWER: {Purpose.ANSWER, Purpose.UPDATE},
    Purpose.UPDATE: {Purpose.UPDATE},
}

# Whether the newest word of an address (``:network``, ``:address``) is an opt-out of everything: as
# SQL, for the statement that stores a message.
STOPPED: Final = f"""coalesce((
    SELECT kind = '{Request.STOP_MESSAGES}' AND purpose = '{Purpose.ANSWER}' FROM consent_requests
    WHERE network = :network AND address = :address
        AND kind IN ('{Request.STOP_MESSAGES}', '{Request.START_MESSAGES}')
    ORDER BY id DESC LIMIT 1
), false)"""  # noqa: S608 - of constants alone


async def record(
    session: AsyncSession,
    conversation: Conversation,
    request: Request,
    *,
    purpose: Purpose = Purpose.UPDATE,
    source: Source = Source.WORDS,
    words: str | None = None,
    now: datetime,
) -> None:
    """Add a request to the ledger.

    Args:
        conversation: Locked, so that ids grow in the order of commits.
        purpose: What an opt-out ends.
        words: ``None``: what the shopper wrote last.
    """
    manifest = channels.manifest_of(conversation.channel)
    if words is None:
        words = await _last_words(session, conversation.id)
    session.add(
        ConsentRequest(
            conversation_id=conversation.id,
            network=manifest.network,
            address=conversation.address,
            number=conversation.address if manifest.proves_phone else conversation.proved_phone,
            kind=request,
            purpose=purpose,
            source=source,
            words=words,
            at=now,
        )
    )
    await session.flush()


async def may_send(session: AsyncSession, channel: str, address: str, purpose: Purpose) -> bool:
    """Whether a message of this purpose may go to an address now, as far as the shopper asked.

    The newest STOP or START of the address on the channel's network counts: STOP by SMS ends SMS
    through every provider and leaves WhatsApp as it is. A window such as WhatsApp's, or a limit
    per second, is not asked about here.
    """
    if purpose is Purpose.REQUIRED:
        return True
    network = channels.manifest_of(channel).network
    newest = await _NEWEST.one(session, network=network, address=address)
    if newest is None or newest.kind != Request.STOP_MESSAGES:
        return True
    return purpose not in _ENDED_BY[Purpose(newest.purpose)]


_NEWEST: Final = Statement[Any](
    select(ConsentRequest.kind, ConsentRequest.purpose)
    .where(
        ConsentRequest.network == bindparam("network"),
        ConsentRequest.address == bindparam("address"),
        or_(
            ConsentRequest.kind == Request.STOP_MESSAGES,
            ConsentRequest.kind == Request.START_MESSAGES,
        ),
    )
    .order_by(ConsentRequest.id.desc())
    .limit(1)
)


async def _last_words(session: AsyncSession, conversation_id: int) -> str:
    words = await session.scalar(
        select(Message.text)
        .where(Message.conversation_id == conversation_id, Message.author == Author.SHOPPER)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return words or ""
