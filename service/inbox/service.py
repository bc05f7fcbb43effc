"""Handing over to people, and what they do. Functions take a session and never commit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from service.conversations.models import Author, Conversation, Handler
from service.conversations.service import post
from service.db import insert_new
from service.inbox.models import Ticket, TicketStatus
from service.news import INBOX, announce, conversation_topic

ANSWER_WITHIN = timedelta(hours=4)


async def hand_over(
    session: AsyncSession,
    conversation: Conversation,
    reason: Reason,
    *,
    note: str = "",
    order_id: int | None = None,
    now: datetime,
    tell: bool = False,
) -> Ticket:
    """Open a ticket, or join the open one, and silence the bot in this conversation.

    Args:
        conversation: Locked.
        tell: Say so to the shopper; off where the bot does it in its own words.
    """
    conversation.handler = Handler.AGENT
    await session.flush()
    await insert_new(
        session,
        Ticket,
        conversation_id=conversation.id,
        order_id=order_id,
        reason=reason,
        note=note,
        due_at=now + ANSWER_WITHIN,
        opened_at=now,
    )
    ticket = (
        await session.scalars(
            select(Ticket).filter_by(conversation_id=conversation.id, status=TicketStatus.OPEN)
        )
    ).one()
    if tell:
        await post(
            session,
            conversation,
            Author.SYSTEM,
            "I can't answer that right now, so I have passed you to a colleague. "
            f"Expect an answer here {promise(ticket, now=now)}.",
            now=now,
        )
    await announce(session, INBOX)
    await announce(session, conversation_topic(conversation.id))
    return ticket


def promise(ticket: Ticket, *, now: datetime) -> str:
    """When an answer can be expected, for the shopper: ``"within 4 hours"``."""
    hours = max(1, round((ticket.due_at - now) / timedelta(hours=1)))
    return "within an hour" if hours == 1 else f"within {hours} hours"
