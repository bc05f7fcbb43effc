"""What shoppers thought of it: asked once, when a case is closed."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, select
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.messages import Button
from kit.text import clean
from service.conversations.models import Author, Conversation, Message
from service.conversations.service import post
from service.db import insert_new
from service.inbox.models import Happening, Rating, Ticket, TicketEvent

ASK: Final = "How did we do, from 1 (badly) to 5 (very well)?"
ASK_COMMENT: Final = "Thank you. What could we have done better? Write a line, or press the button."
THANKS: Final = "Thank you, that helps. If you need anything else, just write."
TITLES: Final = ("1 Badly", "2", "3", "4", "5 Very well")
NO_COMMENT: Final = "No, thanks"
MAX_COMMENT: Final = 1000

# An answer to the question must come within this time, a comment soon after the score.
SCORE_WITHIN: Final = timedelta(days=3)
COMMENT_WITHIN: Final = timedelta(minutes=30)

_SCORE: Final = re.compile(
    r"\s*(?:rating\s*)?([1-5])\s*(?:/\s*5|stars?|out of 5)?\s*[.!]*\s*", re.I
)
# What the bot should answer and nobody should file: a question, a number, a new beginning.
_FOR_THE_BOT: Final = re.compile(r"\?|\d{4,}|^\s*/|\b(?:where is|order|parcel|tracking)\b", re.I)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was a score or a comment, and what to answer."""

    text: str
    buttons: tuple[Button, ...] = ()


async def ask(
    session: AsyncSession, ticket: Ticket, conversation: Conversation, text: str, *, now: datetime
) -> None:
    """Say goodbye, and ask for a rating where an agent has answered and nobody asked before."""
    asked = None
    if ticket.first_answer_at is not None:
        asked = await insert_new(
            session,
            Rating,
            ticket_id=ticket.id,
            conversation_id=conversation.id,
            agent_id=ticket.closed_by_id,
            asked_at=now,
        )
    if asked is None:
        await post(session, conversation, Author.SYSTEM, text, now=now)
        return
    buttons = [Button(title, f"{n}") for n, title in enumerate(TITLES, 1)]
    await post(session, conversation, Author.SYSTEM, f"{text} {ASK}", buttons=buttons, now=now)


def is_open(conversation_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether ``take`` may find that a message answers something: part of a query."""
    return (
        select(Rating.id)
        .where(Rating.conversation_id == conversation_id, Rating.commented_at.is_(None))
        .exists()
    )


async def take(
    session: AsyncSession, conversation_id: int, text: str, *, first_id: int, now: datetime
) -> Taken | None:
    """Take a message as the score or the comment that was asked for; ``None``: it is the bot's.

    A score is the first thing said after the question and nothing but a score, so that "5" in
    another place stays what it is. A comment is the next message, unless it asks something.

    Args:
        text: All that was said, as one turn has it.
        first_id: The turn's first message.
    """
    rating = await session.scalar(
        select(Rating)
        .filter_by(conversation_id=conversation_id)
        .order_by(Rating.id.desc())
        .limit(1)
        .with_for_update()
    )
    if rating is None:
        return None
    if rating.score is None:
        match = _SCORE.fullmatch(text)
        if match is None or now - rating.asked_at > SCORE_WITHIN:
            return None
        if await _spoke_since(session, rating, before=first_id):
            return None
        rating.score, rating.rated_at = int(match[1]), now
        session.add(
            TicketEvent(
                ticket_id=rating.ticket_id,
                kind=Happening.RATED,
                details={"score": rating.score},
                at=now,
            )
        )
        await session.flush()
        return Taken(ASK_COMMENT, (Button(NO_COMMENT, NO_COMMENT),))
    if rating.commented_at is not None or rating.rated_at is None:
        return None
    if now - rating.rated_at > COMMENT_WITHIN:
        return None
    rating.commented_at = now
    if text.strip() == NO_COMMENT:
        return Taken(THANKS)
    if _FOR_THE_BOT.search(text):
        return None
    rating.comment = clean(text, limit=MAX_COMMENT)
    await session.flush()
    return Taken(THANKS)


async def _spoke_since(session: AsyncSession, rating: Rating, *, before: int) -> bool:
    """Whether the shopper said something else between the question and this message."""
    question = select(Message.id).where(
        Message.conversation_id == rating.conversation_id,
        Message.author == Author.SYSTEM,
        Message.at >= rating.asked_at,
    )
    asked_id = await session.scalar(question.order_by(Message.id).limit(1))
    return (
        await session.scalar(
            select(Message.id)
            .where(
                Message.conversation_id == rating.conversation_id,
                Message.author == Author.SHOPPER,
                Message.id > (asked_id or 0),
                Message.id < before,
            )
            .limit(1)
        )
        is not None
    )
