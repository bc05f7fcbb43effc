"""Answers of the bot that an agent calls wrong, kept with everything they were made from."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import NotFound
from kit.text import clean
from service.accounts.models import Agent
from service.conversations.models import Author, Message
from service.inbox import case
from service.inbox.models import WrongAnswer
from service.inbox.tickets import conversations_of, find

MAX_COMMENT: Final = 1000


async def report(
    session: AsyncSession,
    ticket_id: int,
    message_id: int,
    agent: Agent,
    comment: str,
    *,
    now: datetime,
) -> None:
    """Keep that a message of the bot was wrong; said again, the newest comment counts.

    With it: the message, what the shopper had said, what the bot understood and knew
    (``Message.made_from``), and how order and parcels stand now.

    Raises:
        NotFound: There is no such ticket, or the message is not the bot's in its conversations.
    """
    ticket = await find(session, ticket_id)
    message = await session.get(Message, message_id) if message_id < 2**63 else None
    if (
        message is None
        or message.author != Author.BOT
        or message.conversation_id not in await conversations_of(session, ticket)
    ):
        raise NotFound("no such message of the bot in this case")
    values = {
        "ticket_id": ticket.id,
        "agent_id": agent.id,
        "comment": clean(comment, limit=MAX_COMMENT),
        "made_from": await _made_from(session, message),
        "at": now,
    }
    await session.execute(
        insert(WrongAnswer)
        .values(message_id=message.id, **values)
        .on_conflict_do_update(index_elements=["message_id"], set_=values)
    )


async def _made_from(session: AsyncSession, message: Message) -> dict[str, Any]:
    asked = (
        await session.scalars(
            select(Message)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.author == Author.SHOPPER,
                Message.id < message.id,
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
    ).one_or_none()
    return {
        "text": message.text,
        "said_at": message.at.isoformat(),
        "asked": case.shown(asked) if asked else None,
        **(message.made_from or {}),
    }
