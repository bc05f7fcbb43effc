"""Nobody is forgotten: what a ticket that waits is owed, looked at every minute.

Each look at a ticket is a transaction of its own under the ticket's lock, and does only what is not
done yet: it may be run at any moment, by several workers, and again after a kill.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.models import Agent, Team
from service.accounts.permissions import Role
from service.conversations.models import Author, Conversation
from service.conversations.service import post
from service.hours.terms import Terms
from service.inbox import assignment, notes, promise
from service.inbox.assignment import ANSWERING, members
from service.inbox.models import Happening, Priority, Ticket, TicketStatus
from service.inbox.tickets import changed, locked, place, record

MOST_AT_ONCE: Final = 500
# A deadline is looked at from so much open time before it: no goal is longer.
LOOK_AHEAD: Final = timedelta(days=4)


async def needy(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Ids of the open tickets that may need something: nobody's first, then by deadline."""
    orphan = assignment.orphaned()
    found = await session.scalars(
        select(Ticket.id)
        .where(
            Ticket.status == TicketStatus.OPEN,
            or_(
                orphan,
                Ticket.snoozed_until <= now,
                and_(
                    Ticket.waiting_since.is_not(None),
                    Ticket.snoozed_until.is_(None),
                    or_(
                        Ticket.due_at <= now,
                        and_(Ticket.warned_at.is_(None), Ticket.due_at <= now + LOOK_AHEAD),
                        and_(Ticket.owner_id.is_(None), Ticket.team_id.in_(_by_turns())),
                    ),
                ),
            ),
        )
        .order_by(orphan.desc(), Ticket.due_at, Ticket.id)
        .limit(MOST_AT_ONCE)
    )
    return found.all()


async def look_after(session: AsyncSession, ticket_id: int, terms: Terms, *, now: datetime) -> None:
    """Do for a ticket what is due: an owner, a warning, escalation, a word to the shopper."""
    ticket, conversation = await locked(session, ticket_id)
    if ticket.status != TicketStatus.OPEN:
        return
    await _own(session, ticket, now=now)
    if ticket.snoozed_until is not None and ticket.snoozed_until <= now:
        ticket.snoozed_until = None
        await record(session, ticket, Happening.WOKEN, now=now, by="time")
        if ticket.owner_id is not None:
            text = "This case is back: the time it was put off for is over."
            await notes.add(session, ticket.id, None, text, mention=[ticket.owner_id], now=now)
    if ticket.waiting_since is None or ticket.snoozed_until is not None:
        return
    if ticket.due_at <= now:
        await _late(session, ticket, conversation, terms, now=now)
    elif ticket.warned_at is None and now >= _warn_at(ticket, terms):
        await _warn(session, ticket, now=now)


async def _own(session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
    """See that it is somebody's who is here: its owner's, else a team's with people in it."""
    owner = await session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    if owner is not None and owner.active and owner.role in ANSWERING:
        return
    team = await session.get(Team, ticket.team_id) if ticket.team_id else None
    if team is None or not await _anybody(session, team):
        team = await assignment.team_for(session, ticket.reasons or [ticket.reason])
    left = owner is not None
    if left or ticket.team_id != team.id:
        ticket.team_id = team.id
        ticket.owner_id = ticket.owned_at = None
        await changed(
            session, ticket, Happening.REASSIGNED, now=now, to=team.name, left=owner and owner.name
        )
    given = await assignment.give(session, ticket, now=now)
    if left:
        told = [given.id] if given else await _leads(session, team)
        text = "This case came back to the team: whoever had it does not answer any more."
        await notes.add(session, ticket.id, None, text, mention=told, now=now)


async def _warn(session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
    """Tell the owner that the answer is due soon; where they are away, the team's next instead."""
    ticket.warned_at = now
    owner = await session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    if owner is None or owner.away:
        owner = await assignment.reroute(session, ticket, now=now) or owner
        if owner is not None and ticket.owner_id is None:
            await changed(session, ticket, Happening.REASSIGNED, now=now, left=owner.name)
    await record(session, ticket, Happening.WARNED, now=now)
    if ticket.owner_id is not None:
        text = "The answer to this case is due soon."
        await notes.add(session, ticket.id, None, text, mention=[ticket.owner_id], now=now)


async def _late(
    session: AsyncSession,
    ticket: Ticket,
    conversation: Conversation,
    terms: Terms,
    *,
    now: datetime,
) -> None:
    """A promise is broken: the ticket goes up, its leads know, and so does the shopper.

    The new promise is at least as long as the wait so far, so that nobody is put off every hour.
    """
    broken = ticket.due_at
    ticket.breached_at = ticket.breached_at or broken
    ticket.priority = max(ticket.priority, min(ticket.priority + 1, Priority.URGENT))
    ticket.priority_why = [*(w for w in ticket.priority_why if w != "overdue"), "overdue"]
    ticket.escalated_at = ticket.apologised_at = now
    ticket.warned_at = None
    waited = terms.hours.between(ticket.waiting_since or broken, now)
    ticket.due_at = max(
        await promise.due(session, ticket, terms, now=now),
        promise.round_up(terms.hours.add(now, waited)),
    )
    await record(session, ticket, Happening.ESCALATED, now=now, due=broken.isoformat())
    team = await session.get(Team, ticket.team_id) if ticket.team_id else None
    mention = await _leads(session, team) if team else []
    if ticket.owner_id is not None:
        mention.append(ticket.owner_id)
    await notes.add(
        session,
        ticket.id,
        None,
        "The shopper was promised an answer by now. They have been told that it takes longer.",
        mention=mention,
        now=now,
    )
    number = await place(session, ticket)
    where = "you are next" if number == 1 else f"you are number {number} in the queue"
    when = promise.words(ticket.due_at, terms.hours, now=now)
    await post(
        session,
        conversation,
        Author.SYSTEM,
        f"I'm sorry, this takes longer than I said. You have not been forgotten: {where}. "
        f"Expect an answer here {when}.",
        now=now,
    )


def _warn_at(ticket: Ticket, terms: Terms) -> datetime:
    """The moment at which the set part of the time, counted open, has passed."""
    start = max(filter(None, (ticket.waiting_since, ticket.apologised_at)))
    whole = terms.hours.between(start, ticket.due_at)
    return terms.hours.add(start, whole * terms.warn_at)


async def _anybody(session: AsyncSession, team: Team) -> bool:
    return await session.scalar(select(Agent.id).where(members(team)).limit(1)) is not None


async def _leads(session: AsyncSession, team: Team) -> list[int]:
    """Whom a team's broken promise concerns: its leads; else every lead and admin."""
    leading = Agent.role.in_([Role.LEAD, Role.ADMIN]) & Agent.active
    own = (await session.scalars(select(Agent.id).where(leading, members(team)))).all()
    return list(own or (await session.scalars(select(Agent.id).where(leading))).all())


def _by_turns() -> Select[int]:
    return select(Team.id).where(Team.round_robin)
