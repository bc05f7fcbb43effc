"""Tickets: finding and locking them, their history, and what becomes of an agent's act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from kit.errors import NotFound
from service.accounts.models import Agent
from service.conversations.models import Conversation
from service.conversations.service import lock
from service.inbox.models import Happening, Ticket, TicketEvent, TicketStatus
from service.news import INBOX, announce, conversation_topic

_WORDS: Final[dict[str, str]] = {
    Reason.ASKED: "Asked for a person",
    Reason.MISUNDERSTOOD: "The bot did not understand",
    Reason.BOT_DOWN: "The bot did not answer",
}


class Refusal(StrEnum):
    """Why an agent's act changed nothing."""

    TAKEN = "taken"  # a colleague has it
    CHANGED = "changed"  # somebody acted after the page was made
    NEWS = "news"  # the shopper wrote after the page was made
    WAITING = "waiting"  # an answer of theirs is set for later
    CLOSED = "closed"
    EMPTY = "empty"
    TOO_LATE = "too_late"  # it is sent already


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an agent's act.

    Attributes:
        refusal: ``None`` where it was done; else nothing was changed.
        owner: The name of who has the ticket now; ``None`` for nobody.
        answer_id: The answer that waits to be sent; ``None`` of another act.
    """

    refusal: Refusal | None = None
    owner: str | None = None
    answer_id: int | None = None


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


async def locked(session: AsyncSession, ticket_id: int) -> tuple[Ticket, Conversation]:
    """A ticket and its conversation. The conversation's lock is the ticket's.

    Raises:
        NotFound: There is no such ticket.
    """
    conversation = await lock(session, (await find(session, ticket_id)).conversation_id)
    return await find(session, ticket_id), conversation


async def open_in(session: AsyncSession, conversation_id: int) -> Ticket | None:
    """The open ticket that a conversation belongs to: its own, or the one its own was merged into.

    ``None`` where no person has it. The conversation must be locked.
    """
    found = await newest_in(session, conversation_id)
    return found if found is not None and found.status == TicketStatus.OPEN else None


async def newest_in(session: AsyncSession, conversation_id: int) -> Ticket | None:
    """The newest ticket of a conversation, open or not, or the one that was merged into."""
    found: Ticket | None = await session.scalar(
        select(Ticket)
        .filter_by(conversation_id=conversation_id)
        .order_by(Ticket.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    while found is not None and found.merged_into_id is not None:
        found = await find(session, found.merged_into_id)
    return found


async def conversations_of(session: AsyncSession, ticket: Ticket) -> list[int]:
    """Ids of the conversations a ticket is about: its own first, then those merged into it."""
    ids, level = [ticket.conversation_id], [ticket.id]
    while level:
        merged = (
            await session.execute(
                select(Ticket.id, Ticket.conversation_id)
                .where(Ticket.merged_into_id.in_(level))
                .order_by(Ticket.id)
            )
        ).all()
        level = [ticket_id for ticket_id, _ in merged]
        ids += [conversation for _, conversation in merged if conversation not in ids]
    return ids


async def place(session: AsyncSession, ticket: Ticket) -> int:
    """A ticket's place in the queue of those who wait for an answer; 1 is next.

    Who matters more goes first, then who has waited longer, so that no place is ever lost to a new
    promise.
    """
    since = ticket.waiting_since
    ahead = await session.scalar(
        select(func.count())
        .select_from(Ticket)
        .where(
            Ticket.status == TicketStatus.OPEN,
            Ticket.waiting_since.is_not(None),
            Ticket.snoozed_until.is_(None),
            or_(
                Ticket.priority > ticket.priority,
                and_(Ticket.priority == ticket.priority, Ticket.waiting_since < since),
                and_(
                    Ticket.priority == ticket.priority,
                    Ticket.waiting_since == since,
                    Ticket.id < ticket.id,
                ),
            ),
        )
    )
    return (ahead or 0) + 1


def refusal(ticket: Ticket, agent: Agent, *, seen_version: int | None = None) -> Refusal | None:
    """Why an agent may not act on a ticket now; ``None``: they may.

    Args:
        seen_version: The ticket's version on the page they decided by; ``None``: not asked. What
            they changed since themselves is no news to them.
    """
    if ticket.status != TicketStatus.OPEN:
        return Refusal.CLOSED
    if ticket.owner_id not in {None, agent.id}:
        return Refusal.TAKEN
    if seen_version is not None and not is_current(ticket, agent, seen_version):
        return Refusal.CHANGED
    return None


def is_current(ticket: Ticket, agent: Agent, seen_version: int) -> bool:
    """Whether nobody but the agent has changed a ticket since the version their page shows."""
    if ticket.changed_by_id == agent.id:
        return ticket.changed_from <= seen_version <= ticket.version
    return seen_version == ticket.version


async def refused(session: AsyncSession, ticket: Ticket, why: Refusal) -> Done:
    """An act that changed nothing, with who has the ticket."""
    owner = await session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    return Done(why, owner.name if owner else None)


async def changed(
    session: AsyncSession,
    ticket: Ticket,
    kind: Happening | None,
    *,
    agent_id: int | None = None,
    now: datetime,
    **details: Any,
) -> None:
    """Write an act that makes older pages' acts void into a ticket's history; tell every open page.

    Args:
        kind: ``None`` for what stands in the conversation anyway: an answer.
        agent_id: Whose act it is, and whose older pages stay good; ``None``: the service's.
    """
    if agent_id is None or ticket.changed_by_id != agent_id:
        ticket.changed_by_id, ticket.changed_from = agent_id, ticket.version
    ticket.version += 1
    await record(session, ticket, kind, agent_id=agent_id, now=now, **details)


async def record(
    session: AsyncSession,
    ticket: Ticket,
    kind: Happening | None,
    *,
    agent_id: int | None = None,
    now: datetime,
    **details: Any,
) -> None:
    """Write something into a ticket's history and tell every open page; their acts stay good."""
    if kind is not None:
        session.add(
            TicketEvent(ticket_id=ticket.id, kind=kind, agent_id=agent_id, details=details, at=now)
        )
    await session.flush()
    await announce(session, INBOX)
    await announce(session, conversation_topic(ticket.conversation_id))


async def history(session: AsyncSession, ticket_id: int) -> Sequence[TicketEvent]:
    """What happened to a ticket, oldest first."""
    return (
        await session.scalars(
            select(TicketEvent).filter_by(ticket_id=ticket_id).order_by(TicketEvent.id)
        )
    ).all()


def reason_words(reason: str) -> str:
    """A reason for agents' eyes: ``overdue`` is ``Overdue``, ``asked`` says what for."""
    return _WORDS.get(reason) or reason.replace("_", " ").capitalize()
