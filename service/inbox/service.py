"""What agents do with tickets. Functions take a session and never commit.

Each act locks the ticket and looks again at what its agent decided by: of two in the same second
one is done, and both are told.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from kit.text import clean
from service import jobs
from service.accounts.models import Agent, Team
from service.conversations.models import Author, Conversation, Handler, Message
from service.conversations.service import Posted, lock, post
from service.inbox import ratings
from service.inbox.assignment import give, members
from service.inbox.models import AnswerState, Happening, LaterAnswer, Ticket, TicketStatus
from service.inbox.tickets import (
    Done,
    Refusal,
    changed,
    conversations_of,
    find,
    is_current,
    locked,
    refusal,
    refused,
)

GOODBYE: Final = (
    "My colleague has closed this conversation. If you need anything else, just write: "
    "I'm the shop's assistant, and I'll answer."
)
MERGED: Final = (
    "We have this together with another message of yours, so that you get one answer: "
    "a colleague writes to you there."
)
# So long a shopper's page has time to fetch an answer before it is mailed.
MAIL_AFTER: Final = timedelta(minutes=2)


async def claim(
    session: AsyncSession, ticket_id: int, agent: Agent, *, seen_owner_id: int | None, now: datetime
) -> Done:
    """Take a ticket, from nobody or from a colleague.

    Args:
        seen_owner_id: Who had it on the page the agent decided by. If that is no longer so, the
            claim is refused: of two at the same second, one gets it and both are told.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, _ = await locked(session, ticket_id)
    if ticket.status != TicketStatus.OPEN:
        return await refused(session, ticket, Refusal.CLOSED)
    if ticket.owner_id == agent.id:
        return Done(owner=agent.name)
    if ticket.owner_id != seen_owner_id:
        return await refused(session, ticket, Refusal.TAKEN)
    await _hand_on(session, ticket, agent, now=now)
    await changed(session, ticket, Happening.ASSIGNED, agent_id=agent.id, now=now, to=agent.name)
    return Done(owner=agent.name)


async def assign(
    session: AsyncSession,
    ticket_id: int,
    agent: Agent,
    *,
    to_id: int | None,
    team_id: int | None = None,
    seen_version: int | None = None,
    now: datetime,
) -> Done:
    """Give a ticket to a colleague, or to a team, which may hand it on by turns.

    Args:
        to_id: The colleague; ``None``: the team's, nobody's in particular.
        team_id: ``None``: it stays with its team.
        seen_version: As on the page it was decided by; ``None``: not asked.

    Raises:
        NotFound: There is no such ticket, team or colleague.
        BadInput: The colleague may not take this team's tickets.
    """
    ticket, _ = await locked(session, ticket_id)
    if ticket.status != TicketStatus.OPEN:
        return await refused(session, ticket, Refusal.CLOSED)
    if seen_version is not None and not is_current(ticket, agent, seen_version):
        return await refused(session, ticket, Refusal.CHANGED)
    team = await session.get(Team, team_id or ticket.team_id or 0)
    if team is None:
        raise NotFound("no such team")
    moved = ticket.team_id != team.id
    ticket.team_id = team.id
    if to_id is None:
        await _hand_on(session, ticket, None, now=now)
        await changed(session, ticket, Happening.MOVED, agent_id=agent.id, now=now, to=team.name)
        given = await give(session, ticket, now=now) if moved else None
        return Done(owner=given.name if given else None)
    colleague = await session.scalar(select(Agent).where(Agent.id == to_id, members(team)))
    if colleague is None:
        raise BadInput(f"nobody with that number takes tickets of {team.name}")
    await _hand_on(session, ticket, colleague, now=now)
    await changed(
        session, ticket, Happening.ASSIGNED, agent_id=agent.id, now=now, to=colleague.name
    )
    return Done(owner=colleague.name)


async def answer(
    session: AsyncSession,
    ticket_id: int,
    agent: Agent,
    text: str,
    *,
    now: datetime,
    seen_id: int | None = None,
) -> Done:
    """Answer the shopper at once, and take the ticket where nobody has it.

    Refused where a colleague has it: of two who answer in the same second, one message goes out.

    Args:
        text: As typed; stored cleaned.
        seen_id: The newest message it was decided by; what the shopper said after it still waits.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, conversation = await locked(session, ticket_id)
    why = refusal(ticket, agent)
    words = clean(text)
    if why is None and not words:
        why = Refusal.EMPTY
    if why is not None:
        return await refused(session, ticket, why)
    await send(session, ticket, conversation, agent, words, seen_id=seen_id, now=now)
    return Done(owner=agent.name)


async def send(
    session: AsyncSession,
    ticket: Ticket,
    conversation: Conversation,
    agent: Agent | None,
    words: str,
    *,
    seen_id: int | None,
    now: datetime,
) -> Posted:
    """Say it to the shopper, and note that they are answered. Nothing is asked any more.

    Args:
        ticket: Locked, open, and nobody else's.
        agent: ``None``: a person at the help desk; whose the ticket is does not change by it.
    """
    _own(ticket, agent, now=now)
    message = await post(session, conversation, Author.AGENT, words, now=now)
    if ticket.waiting_since is not None and ticket.due_at < now and ticket.breached_at is None:
        ticket.breached_at = ticket.due_at
    ticket.first_answer_at = ticket.first_answer_at or now
    ticket.waiting_since = await _said_after(session, ticket, seen_id)
    ticket.snoozed_until = None
    by = agent.id if agent is not None else None
    await changed(session, ticket, None, agent_id=by, now=now)
    if ticket.email is not None:
        await jobs.defer(session, "mail_unfetched", at=now + MAIL_AFTER, message_id=message.id)
    return message


async def close(
    session: AsyncSession,
    ticket_id: int,
    agent: Agent,
    *,
    now: datetime,
    seen_version: int | None = None,
    seen_id: int | None = None,
) -> Done:
    """Close a ticket: the shopper is told, and from the next message on the bot answers.

    Args:
        seen_version: The ticket's on the page it was decided by; ``None``: not asked.
        seen_id: The newest message there. Refused where the shopper wrote after it.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, conversation = await locked(session, ticket_id)
    why = refusal(ticket, agent, seen_version=seen_version)
    if why is None and await _said_after(session, ticket, seen_id) is not None:
        why = Refusal.NEWS
    if why is not None:
        return await refused(session, ticket, why)
    await end(session, ticket, conversation, agent, now=now)
    return Done(owner=agent.name)


async def snooze(
    session: AsyncSession, ticket_id: int, agent: Agent, *, until: datetime, now: datetime
) -> Done:
    """Put a ticket out of the lists until then, or until the shopper writes. It stays the agent's.

    Raises:
        NotFound: There is no such ticket.
        BadInput: That moment has passed.
    """
    if until <= now:
        raise BadInput("a ticket can be put off only to a moment that is still to come")
    ticket, _ = await locked(session, ticket_id)
    why = refusal(ticket, agent)
    if why is not None:
        return await refused(session, ticket, why)
    _own(ticket, agent, now=now)
    ticket.snoozed_until = until
    await changed(
        session, ticket, Happening.SNOOZED, agent_id=agent.id, now=now, until=until.isoformat()
    )
    return Done(owner=agent.name)


async def wake(session: AsyncSession, ticket_id: int, agent: Agent, *, now: datetime) -> Done:
    """Put a snoozed ticket back into the lists; nothing where it is there already.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket, _ = await locked(session, ticket_id)
    why = refusal(ticket, agent)
    if why is not None:
        return await refused(session, ticket, why)
    if ticket.snoozed_until is not None:
        ticket.snoozed_until = None
        await changed(session, ticket, Happening.WOKEN, agent_id=agent.id, now=now)
    return Done(owner=agent.name)


async def merge(
    session: AsyncSession, ticket_id: int, agent: Agent, *, into_id: int, now: datetime
) -> Done:
    """Make one ticket of two of the same shopper: the first is closed, the second goes on.

    People keep both conversations until the second is closed; answers go to its own. Notes, tags
    and reasons come along; the nearer deadline and the higher priority hold.

    Raises:
        NotFound: There is no such ticket.
        BadInput: It is the same ticket.
    """
    if ticket_id == into_id:
        raise BadInput("a ticket cannot be merged into itself")
    pair = [await find(session, ticket_id), await find(session, into_id)]
    for conversation_id in sorted({ticket.conversation_id for ticket in pair}):
        await lock(session, conversation_id)  # always in this order: two merges do not block
    ticket, into = await find(session, ticket_id), await find(session, into_id)
    for one in (into, ticket):
        why = refusal(one, agent)
        if why is not None:
            return await refused(session, one, why)
    _own(into, agent, now=now)
    into.reasons = [*into.reasons, *(r for r in ticket.reasons if r not in into.reasons)]
    into.note = "\n".join(dict.fromkeys([*into.note.splitlines(), *ticket.note.splitlines()]))
    if ticket.priority > into.priority:
        into.priority, into.priority_why = ticket.priority, ticket.priority_why
        into.reason = ticket.reason
    into.order_id = into.order_id or ticket.order_id
    into.email = into.email or ticket.email
    if ticket.waiting_since is not None:
        into.due_at = (
            ticket.due_at if into.waiting_since is None else min(into.due_at, ticket.due_at)
        )
        into.waiting_since = min(into.waiting_since or ticket.waiting_since, ticket.waiting_since)
    ticket.status, ticket.closed_at, ticket.closed_by_id = TicketStatus.CLOSED, now, agent.id
    ticket.merged_into_id, ticket.waiting_since = into.id, None
    await _cancel_answers(session, ticket, "The ticket was merged into another.")
    conversation = await lock(session, ticket.conversation_id)
    await post(session, conversation, Author.SYSTEM, MERGED, now=now)
    await changed(session, ticket, Happening.MERGED, agent_id=agent.id, now=now, into=into.id)
    await changed(session, into, Happening.MERGED, agent_id=agent.id, now=now, other=ticket.id)
    return Done(owner=agent.name)


async def end(
    session: AsyncSession,
    ticket: Ticket,
    conversation: Conversation,
    agent: Agent | None,
    *,
    now: datetime,
) -> None:
    """Close a locked, open ticket, without asking who may; ``agent`` as in ``send``."""
    _own(ticket, agent, now=now)
    by = agent.id if agent is not None else None
    ticket.status, ticket.closed_at, ticket.closed_by_id = TicketStatus.CLOSED, now, by
    ticket.waiting_since = ticket.snoozed_until = None
    await _cancel_answers(session, ticket, "The ticket was closed.")
    ids = await conversations_of(session, ticket)
    await session.execute(
        update(Conversation).where(Conversation.id.in_(ids)).values(handler=Handler.BOT)
    )
    await session.refresh(conversation)
    # What still waited for the bot has been read by a person: it is not answered after all.
    await session.execute(
        update(Message)
        .where(Message.conversation_id.in_(ids), ~Message.answered)
        .values(answered=True)
    )
    await ratings.ask(session, ticket, conversation, GOODBYE, now=now)
    await changed(session, ticket, Happening.CLOSED, agent_id=by, now=now)


async def _said_after(
    session: AsyncSession, ticket: Ticket, seen_id: int | None
) -> datetime | None:
    """When the shopper first wrote after a message; ``None`` where they did not."""
    if seen_id is None:
        return None
    first: datetime | None = await session.scalar(
        select(func.min(Message.at)).where(
            Message.conversation_id.in_(await conversations_of(session, ticket)),
            Message.author == Author.SHOPPER,
            Message.id > seen_id,
        )
    )
    return first


async def _cancel_answers(session: AsyncSession, ticket: Ticket, why: str) -> None:
    await session.execute(
        update(LaterAnswer)
        .where(LaterAnswer.ticket_id == ticket.id, LaterAnswer.state == AnswerState.WAITING)
        .values(state=AnswerState.CANCELLED, cancelled_why=why)
    )


async def _hand_on(
    session: AsyncSession, ticket: Ticket, to: Agent | None, *, now: datetime
) -> None:
    """Make it somebody else's, or nobody's: what its owner set to go out does not go."""
    if ticket.owner_id is not None and (to is None or ticket.owner_id != to.id):
        await _cancel_answers(session, ticket, "The ticket went to somebody else.")
    if to is None:
        ticket.owner_id = ticket.owned_at = None
    _own(ticket, to, now=now)


def _own(ticket: Ticket, agent: Agent | None, *, now: datetime) -> None:
    if agent is not None and ticket.owner_id != agent.id:
        ticket.owner_id, ticket.owned_at = agent.id, now


__all__ = [
    "GOODBYE",
    "Done",
    "Refusal",
    "answer",
    "assign",
    "claim",
    "close",
    "end",
    "find",
    "merge",
    "send",
    "snooze",
    "wake",
]
