"""Keeping requests about messages and data, and what they add up to. Never commits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Request
from service.consent.models import ConsentRequest


async def record(
    session: AsyncSession, conversation_id: int, request: Request, *, now: datetime
) -> None:
    """Add a request to the ledger.

    The conversation must be locked, so that ids grow in the order of commits.
    """
    session.add(ConsentRequest(conversation_id=conversation_id, kind=request, at=now))
    await session.flush()


async def has_opted_out(session: AsyncSession, conversation_id: int) -> bool:
    """Whether nothing may be sent here that does not answer the shopper: the newest word counts."""
    newest = await session.scalar(
        select(ConsentRequest.kind)
        .where(
            ConsentRequest.conversation_id == conversation_id,
            ConsentRequest.kind.in_([Request.STOP_MESSAGES, Request.START_MESSAGES]),
        )
        .order_by(ConsentRequest.id.desc())
        .limit(1)
    )
    return newest == Request.STOP_MESSAGES
