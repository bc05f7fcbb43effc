"""Handing over to people, and what they do. Functions take a session and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from kit.errors import NotFound
from kit.text import clean
from service.conversations import delivery
from service.conversations.models import Author, Conversation, Handler, Message
from service.conversations.service import lock, post
from service.db import insert_new
from service.inbox.models import Agent, Ticket, TicketStatus
from service.news import INBOX, announce, conversation_topic

ANSWER_WITHIN = timedelta(hours=4)
GOODBYE = (
    "My colleague has closed this conversation. If you need anything else, just write: "
    "I'm the shop's assistant, and I'll answer."
)


_WORDS: Final[dict[str, str]] = {
    Reason.ASKED: "Asked for a person",
    Reason.MISUNDERSTOOD: "The bot did not understand",
    Reason.BOT_DOWN: "The bot did not answer",
}


class Refusal(StrEnum):
    """Why an agent's act changed nothing."""

    TAKEN = "taken"
    CLOSED = "closed"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an agent's act.

    Attributes:
        refusal: ``None`` where it was done; else nothing was changed.
        owner: The name of who has the ticket now; ``None`` for nobody.
    """

    refusal: Refusal | None = None
    owner: str | None = None


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

    Joining keeps the ticket's owner, deadline and first reason; what is new stands in its note, and
    an order fills an empty place.

    Args:
        conversation: Locked.
        tell: Say so to the shopper; off where the bot does it in its own words.
    """
    conversation.handler = Handler.AGENT
    await session.flush()
    opened = await insert_new(
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
            select(Ticket)
            .filter_by(conversation_id=conversation.id, status=TicketStatus.OPEN)
            .execution_options(populate_existing=True)
        )
    ).one()
    if opened is None:
        _join(ticket, reason, note, order_id)
        await session.flush()
    if tell:
        await post(
            session,
            conversation,
            Author.SYSTEM,
            "I can't answer that right now, so I have passed you to a colleague. "
            f"Expect an answer here {promise(ticket, now=now)}.",
            now=now,
        )
    await _announce(session, ticket)
    return ticket


async def send_again(session: AsyncSession, ticket_id: int, message_id: int) -> None:
    """Have a failed message of a ticket's conversation sent once more.

    Raises:
        NotFound: There is no such ticket, or the message is not of its conversation.
    """
    ticket = await find(session, ticket_id)
    message = await session.get(Message, message_id) if message_id < 2**63 else None
    if message is None or message.conversation_id != ticket.conversation_id:
        raise NotFound("no such message in this case")
    await delivery.send_again(session, message_id)


def promise(ticket: Ticket, *, now: datetime) -> str:
    """When an answer can be expected, for the shopper: ``"within 4 hours"``."""
    if ticket.due_at <= now:
        return "as soon as we can"
    hours = max(1, round((ticket.due_at - now) / timedelta(hours=1)))
    return "within an hour" if hours == 1 else f"within {hours} hours"


async def claim(
    session: AsyncSession, ticket_id: int, agent: Agent, *, seen_owner_id: int | None
) -> Done:
    """Take a ticket, from nobody or from a colleague.

    Args:
        seen_owner_id: Who had it on the page the agent decided by. If that is no longer so, the
            claim is refused: of two at the same second, one gets it and both are told.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, _ = await _locked(session, ticket_id)
    if ticket.status != TicketStatus.OPEN:
        return await _refused(session, ticket, Refusal.CLOSED)
    if ticket.owner_id == agent.id:
        return Done(owner=agent.name)
    if ticket.owner_id != seen_owner_id:
        return await _refused(session, ticket, Refusal.TAKEN)
    ticket.owner_id = agent.id
    await _announce(session, ticket)
    return Done(owner=agent.name)


async def answer(
    session: AsyncSession, ticket_id: int, agent: Agent, text: str, *, now: datetime
) -> Done:
    """Answer the shopper, and take the ticket where nobody has it.

    Refused where a colleague has it: of two who answer in the same second, one message goes out.

    Args:
        text: As typed; stored cleaned.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, conversation = await _locked(session, ticket_id)
    refusal = _refusal(ticket, agent)
    words = clean(text)
    if refusal is None and not words:
        refusal = Refusal.EMPTY
    if refusal is not None:
        return await _refused(session, ticket, refusal)
    ticket.owner_id = agent.id
    await post(session, conversation, Author.AGENT, words, now=now)
    await _announce(session, ticket)
    return Done(owner=agent.name)


async def close(session: AsyncSession, ticket_id: int, agent: Agent, *, now: datetime) -> Done:
    """Close a ticket: the shopper is told, and from the next message on the bot answers.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, conversation = await _locked(session, ticket_id)
    refusal = _refusal(ticket, agent)
    if refusal is not None:
        return await _refused(session, ticket, refusal)
    ticket.owner_id = agent.id
    ticket.status = TicketStatus.CLOSED
    ticket.closed_at = now
    conversation.handler = Handler.BOT
    # What still waited for the bot has been read by a person: it is not answered after all.
    await session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, ~Message.answered)
        .values(answered=True)
    )
    await post(session, conversation, Author.SYSTEM, GOODBYE, now=now)
    await _announce(session, ticket)
    return Done(owner=agent.name)


async def find(session: AsyncSession, ticket_id: int) -> Ticket:
    """A ticket, freshly read.

    Raises:
        NotFound: There is no such ticket.
    """
    # An id beyond bigint is asked for by hand only; the database would call it an error.
    ticket = (
        await session.get(Ticket, ticket_id, populate_existing=True) if ticket_id < 2**63 else None
    )
    if ticket is None:
        raise NotFound("no such ticket")
    return ticket


def _join(ticket: Ticket, reason: Reason, note: str, order_id: int | None) -> None:
    if ticket.order_id is None:
        ticket.order_id = order_id
    lines: Sequence[str] = ticket.note.splitlines()
    if reason != ticket.reason:
        note = f"{reason_words(reason)}: {note}" if note else reason_words(reason)
    if note and note not in lines:  # a repeated request says nothing new
        ticket.note = "\n".join([*lines, note])


def reason_words(reason: str) -> str:
    """A reason for agents' eyes: ``overdue`` is ``Overdue``, ``asked`` says what for."""
    return _WORDS.get(reason) or reason.replace("_", " ").capitalize()


async def _locked(session: AsyncSession, ticket_id: int) -> tuple[Ticket, Conversation]:
    """A ticket and its conversation. The conversation's lock is the ticket's."""
    conversation = await lock(session, (await find(session, ticket_id)).conversation_id)
    return await find(session, ticket_id), conversation


def _refusal(ticket: Ticket, agent: Agent) -> Refusal | None:
    if ticket.status != TicketStatus.OPEN:
        return Refusal.CLOSED
    return None if ticket.owner_id in {None, agent.id} else Refusal.TAKEN


async def _refused(session: AsyncSession, ticket: Ticket, refusal: Refusal) -> Done:
    owner = await session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    return Done(refusal, owner.name if owner else None)


async def _announce(session: AsyncSession, ticket: Ticket) -> None:
    await announce(session, INBOX)
    await announce(session, conversation_topic(ticket.conversation_id))
