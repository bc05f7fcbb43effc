"""What is due at the help desk, who is at it, and when it is left alone. Never commits.

There is no list of things to send: a link is due where the database holds what the help desk has
not, and ``notice`` finds that out. A notice that is missed costs a minute, never a message.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from service.attachments.models import Attachment
from service.conversations.models import Message
from service.db import insert_new
from service.helpdesks.models import HelpdeskLink, HelpdeskRest
from service.inbox.case import SAID_WITHIN
from service.inbox.models import Ticket, TicketStatus

# So long a step at the help desk may take; then it is given up.
STEP: Final = timedelta(seconds=45)
# As long again: what was given up, or sent by somebody who died, may still be done over there.
CLAIM: Final = 2 * STEP
LONGEST_REST: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=15)
SHORTEST_PAUSE: Final = timedelta(seconds=2)
# One failure is a hiccup of one request; so many in a row are an outage.
OUTAGE: Final = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A link that is ours for a while: committed before anything is sent for it.

    So whoever takes the link after a claim that ran out knows that something may have been sent,
    and that by now it is there to be found, or will never be.

    Attributes:
        until: Its name, too: another claim of the same link has another one.
    """

    link_id: int
    until: datetime


async def notice(session: AsyncSession, helpdesk: str, *, now: datetime) -> bool:
    """Find what the help desk does not have yet: new tickets, new words, a closing.

    Returns:
        Whether anything became due by it.
    """
    fresh = await _new_tickets(session, helpdesk, now=now)
    ticket, root = aliased(Ticket), aliased(Ticket)
    live = (
        select(HelpdeskLink.id)
        .join(ticket, ticket.id == HelpdeskLink.ticket_id)
        .join(root, root.id == func.coalesce(ticket.merged_into_id, ticket.id))
        .where(
            HelpdeskLink.helpdesk == helpdesk,
            HelpdeskLink.ended_at.is_(None),
            HelpdeskLink.tries == 0,
            or_(HelpdeskLink.due_at.is_(None), HelpdeskLink.due_at > now),
            or_(
                root.status == TicketStatus.CLOSED,
                root.owner_id.is_distinct_from(HelpdeskLink.owner_id),
                exists().where(
                    Message.conversation_id == ticket.conversation_id,
                    Message.id > HelpdeskLink.passed_id,
                ),
            ),
        )
        .with_for_update(of=HelpdeskLink, skip_locked=True)
    )
    woken = await session.execute(
        update(HelpdeskLink)
        .where(HelpdeskLink.id.in_(live))
        .values(due_at=now)
        .returning(HelpdeskLink.id)
    )
    return fresh or bool(woken.all())


async def ring(session: AsyncSession, helpdesk: str, external_id: str, *, now: datetime) -> bool:
    """The help desk says that a ticket has news. One that is not ours changes nothing.

    Returns:
        Whether it is ours.
    """
    rung = await session.execute(
        update(HelpdeskLink)
        .where(HelpdeskLink.helpdesk == helpdesk, HelpdeskLink.external_id == external_id)
        .values(due_at=now)
        .returning(HelpdeskLink.id)
    )
    return bool(rung.all())


async def claim(session: AsyncSession, helpdesk: str, *, now: datetime) -> Claim | None:
    """Take the link that has been due longest; ``None``: none is, or the help desk rests."""
    if await resting(session, helpdesk, now=now) is not None:
        return None
    free = or_(HelpdeskLink.claimed_until.is_(None), HelpdeskLink.claimed_until <= now)
    found = await session.scalar(
        select(HelpdeskLink)
        .where(
            HelpdeskLink.helpdesk == helpdesk,
            or_(HelpdeskLink.due_at <= now, HelpdeskLink.claimed_until <= now),
            free,
        )
        .order_by(HelpdeskLink.due_at.nulls_first(), HelpdeskLink.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is None:
        return None
    # A bell that rings from now on sets it again.
    found.due_at, found.claimed_until = None, now + CLAIM
    await session.flush()
    return Claim(found.id, found.claimed_until)


async def held(session: AsyncSession, claimed: Claim) -> HelpdeskLink | None:
    """A claimed link, locked; ``None`` where the claim has passed to somebody else."""
    found: HelpdeskLink | None = await session.scalar(
        select(HelpdeskLink)
        .filter_by(id=claimed.link_id, claimed_until=claimed.until)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def prolong(session: AsyncSession, claimed: Claim, *, now: datetime) -> Claim | None:
    """The same claim for longer; ``None`` where it has passed to somebody else."""
    link = await held(session, claimed)
    if link is None:
        return None
    link.claimed_until = max(now + CLAIM, claimed.until)
    await session.flush()
    return Claim(link.id, link.claimed_until)


async def release(session: AsyncSession, claimed: Claim, *, again: datetime | None) -> None:
    """Give a link back after it went well.

    Args:
        again: When to look at it next; a bell that rang meanwhile comes before.
    """
    link = await held(session, claimed)
    if link is not None:
        link.claimed_until, link.tries, link.error = None, 0, None
        link.due_at = min((at for at in (link.due_at, again) if at is not None), default=None)


async def fail(
    session: AsyncSession, claimed: Claim, why: str, *, now: datetime, counts: bool
) -> None:
    """Give a link back after it went wrong; it is tried again until it goes well.

    Args:
        counts: It is the link's own trouble, so that the pause grows; not where the help desk is
            down, which says nothing about this link.
    """
    link = await held(session, claimed)
    if link is not None:
        link.claimed_until, link.error = None, why
        link.tries += counts
        pause = min(timedelta(seconds=5 * 2 ** min(link.tries, 10)), LONGEST_PAUSE)
        link.due_at = now + (pause if counts else SHORTEST_PAUSE)


async def doubt(session: AsyncSession, claimed: Claim, why: str) -> None:
    """Leave a link to its claim: something was sent, and nobody knows what became of it."""
    link = await held(session, claimed)
    if link is not None:
        link.error = why


async def resting(session: AsyncSession, helpdesk: str, *, now: datetime) -> datetime | None:
    """Until when the help desk is left alone; ``None``: it is not."""
    until = await session.scalar(
        select(HelpdeskRest.until).where(
            HelpdeskRest.helpdesk == helpdesk, HelpdeskRest.until > now
        )
    )
    return until


async def rest(
    session: AsyncSession, helpdesk: str, *, now: datetime, seconds: float | None
) -> datetime | None:
    """Leave the help desk alone, in all processes.

    Args:
        seconds: As it asked; ``None``: it did not answer. From the third time in a row on it is
            down, and the rest doubles up to ``LONGEST_REST``.

    Returns:
        Until when; ``None`` where it was resting already, or need not yet.
    """
    row = {"helpdesk": helpdesk, "until": now, "failures": 0}
    await session.execute(insert(HelpdeskRest).values(**row).on_conflict_do_nothing())
    state = (
        await session.scalars(select(HelpdeskRest).filter_by(helpdesk=helpdesk).with_for_update())
    ).one()
    if state.until > now:
        return None
    if seconds is None:
        state.failures += 1
        if state.failures < OUTAGE:
            return None
        wait = min(SHORTEST_PAUSE * 2 ** min(state.failures - OUTAGE, 10), LONGEST_REST)
    else:
        wait = timedelta(seconds=max(1.0, seconds))
    state.until = now + wait
    await session.flush()
    return state.until


async def woke(session: AsyncSession, helpdesk: str) -> None:
    """The help desk answers again."""
    await session.execute(
        update(HelpdeskRest)
        .where(HelpdeskRest.helpdesk == helpdesk, HelpdeskRest.failures > 0)
        .values(failures=0)
    )


async def behind(session: AsyncSession, helpdesk: str, *, now: datetime) -> int:
    """How many links have been due for five minutes or more: the help desk is down, or refuses."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(HelpdeskLink)
            .where(
                HelpdeskLink.helpdesk == helpdesk,
                or_(
                    HelpdeskLink.due_at < now - timedelta(minutes=5),
                    HelpdeskLink.ended_at.is_(None) & (HelpdeskLink.tries > 0),
                ),
            )
        )
        or 0
    )


async def _new_tickets(session: AsyncSession, helpdesk: str, *, now: datetime) -> bool:
    """Give each open ticket without one a link. Two at once make one between them."""
    rows = (await session.execute(_without_link())).all()
    made = [
        await insert_new(
            session,
            HelpdeskLink,
            ticket_id=ticket_id,
            helpdesk=helpdesk,
            key=secrets.token_hex(6),
            # What the opening text holds is decided before it is sent, and stays so however often
            # it has to be sent.
            passed_id=last or 0,
            due_at=now,
        )
        for ticket_id, last in rows
    ]
    return any(made)


def _without_link() -> Select[int, int | None]:
    last = (
        select(func.max(Message.id))
        .where(Message.conversation_id == Ticket.conversation_id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    # A ticket is opened with words alone: from the first picture on, each message goes by itself.
    picture = (
        select(func.min(Message.id))
        .join(Attachment, Attachment.message_id == Message.id)
        .where(
            Message.conversation_id == Ticket.conversation_id,
            Message.at > Ticket.opened_at - SAID_WITHIN,
        )
        .correlate(Ticket)
        .scalar_subquery()
    )
    return select(Ticket.id, func.least(last, picture - 1)).where(
        Ticket.status == TicketStatus.OPEN,
        ~exists().where(HelpdeskLink.ticket_id == Ticket.id, HelpdeskLink.ended_at.is_(None)),
    )
