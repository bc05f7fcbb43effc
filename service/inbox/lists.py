"""The inbox's lists: which tickets are in them, in what order, and what a list shows of each."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.models import Agent, Team
from service.accounts.permissions import Permission
from service.accounts.sessions import SignedIn
from service.accounts.teams import visible
from service.conversations.models import Author, Conversation, Message
from service.inbox.models import (
    AnswerState,
    LaterAnswer,
    NoteMention,
    Priority,
    Tag,
    Ticket,
    TicketNote,
    TicketStatus,
    TicketTag,
)
from service.shared import Shared
from service.storefront.models import Order

PAGE: Final = 50
# How long before its deadline a ticket is in the list of those about to be late.
BREACHES_WITHIN: Final = timedelta(hours=1)


class Queue(StrEnum):
    """The lists, in the order they are shown. Those that are snoozed are in their own alone."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    BREACHING = "breaching"
    MENTIONS = "mentions"
    ALL = "all"
    SNOOZED = "snoozed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty field narrows nothing.

    Attributes:
        owner: An agent's id in digits, as the form has it.
        priority: One of ``Priority``, in digits.
    """

    reason: str = ""
    channel: str = ""
    tag: str = ""
    owner: str = ""
    priority: str = ""

    def given(self) -> dict[str, str]:
        """Those that narrow something, as they stand in an address."""
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name))}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: what the open tickets have.

    Attributes:
        owners: Agents' names by id.
    """

    reasons: Sequence[str]
    channels: Sequence[str]
    tags: Sequence[str]
    owners: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in a list.

    Attributes:
        last: What the shopper or the agent said last; ``None`` before anything was said.
        last_author: Who said it.
        due_at: When the shopper is owed an answer; ``None`` where it is the shopper's turn.
        overdue: That moment has passed, and the ticket is open.
        leaving: An answer to it is on its way; ``None``: none.
        named: A note names the reader, who has not looked since.
    """

    ticket: Ticket
    channel: str
    shopper: str | None
    order_number: str | None
    owner: str | None
    team: str | None
    last: str | None
    last_author: str | None
    due_at: datetime | None
    overdue: bool
    tags: tuple[str, ...] = ()
    leaving: datetime | None = None
    named: bool = False


async def counts(
    session: AsyncSession, who: SignedIn, *, now: datetime, shared: Shared
) -> dict[Queue, int]:
    """How many tickets each list has, each kind in one look; the closed ones are not counted."""
    common = [Queue.UNASSIGNED, Queue.TEAM, Queue.BREACHING, Queue.ALL, Queue.SNOOZED]
    count = partial(_count, session, who, now=now)
    return await shared.get(("counts", scope(who)), lambda: count(common)) | await count(
        [Queue.MINE, Queue.MENTIONS], Ticket.owner_id == who.agent.id, _names(who)
    )


async def _count(
    session: AsyncSession,
    who: SignedIn,
    queues: Sequence[Queue],
    *among: ColumnElement[bool],
    now: datetime,
) -> dict[Queue, int]:
    found = await session.execute(
        select(*(func.count().filter(_in_open(queue, who, now=now)) for queue in queues)).where(
            Ticket.status == TicketStatus.OPEN,
            visible(who, Ticket.team_id),
            or_(*among) if among else true(),
        )
    )
    return dict(zip(queues, found.one(), strict=True))


def scope(who: SignedIn) -> Hashable:
    """What decides which tickets somebody sees: who has the same sees the same lists."""
    return who.may(Permission.EVERY_TEAM), who.teams


def is_own(queue: Queue) -> bool:
    """Whether a list is its reader's alone."""
    return queue in {Queue.MINE, Queue.MENTIONS}


async def named(session: AsyncSession, who: SignedIn) -> set[int]:
    """The tickets with a note that names somebody who has not looked since."""
    return set(await session.scalars(select(Ticket.id).where(_names(who))))


async def choices(session: AsyncSession, who: SignedIn) -> Choices:
    """What the filters offer somebody."""
    is_open = (Ticket.status == TicketStatus.OPEN, visible(who, Ticket.team_id))
    reasons = await session.scalars(select(Ticket.reason).where(*is_open).distinct())
    # Channels are few and tickets many: one look for each channel, not one for each ticket.
    channels = await session.scalars(
        select(Conversation.channel)
        .join(Ticket, Ticket.conversation_id == Conversation.id)
        .where(*is_open)
        .distinct()
    )
    tags = await session.scalars(
        select(Tag.name).where(exists().where(TicketTag.tag_id == Tag.id)).order_by(Tag.name)
    )
    owners = await session.execute(
        select(Agent.id, Agent.name).where(Agent.active).order_by(Agent.name)
    )
    return Choices(sorted(reasons), sorted(channels), list(tags), dict(owners.all()))


async def rows(
    session: AsyncSession,
    queue: Queue,
    who: SignedIn,
    filters: Filters | None = None,
    *,
    page: int = 1,
    now: datetime,
) -> tuple[list[Row], bool]:
    """One page of a list, the most pressing first, and whether another follows.

    What is owed an answer comes before what is the shopper's turn; then by priority and deadline.
    Closed tickets come newest first, snoozed ones by when they come back.

    Args:
        page: From 1; of ``PAGE`` tickets.

    Whom a note names is in their own lists alone: the others are the same for who has the same
    ``scope``.
    """
    is_open = queue is not Queue.CLOSED
    which = [
        Ticket.status == (TicketStatus.OPEN if is_open else TicketStatus.CLOSED),
        visible(who, Ticket.team_id),
        *_narrowed(filters or Filters()),
    ]
    if is_open:
        which.append(_in_open(queue, who, now=now))
    order: Sequence[Any]
    match queue:
        case Queue.CLOSED:
            order = [Ticket.closed_at.desc(), Ticket.id.desc()]
        case Queue.SNOOZED:
            order = [Ticket.snoozed_until, Ticket.id]
        case _:
            order = [
                Ticket.waiting_since.is_(None),
                Ticket.priority.desc(),
                Ticket.due_at,
                Ticket.id,
            ]
    found = (
        await session.scalars(
            select(Ticket.id)
            .where(*which)
            .order_by(*order)
            .limit(PAGE + 1)
            .offset((page - 1) * PAGE)
        )
    ).all()
    shown = await of_tickets(session, found[:PAGE], who if is_own(queue) else None, now=now)
    return shown, len(found) > PAGE


async def of_tickets(
    session: AsyncSession, ticket_ids: Sequence[int], who: SignedIn | None, *, now: datetime
) -> list[Row]:
    """These tickets as a list shows them, in this order; without ``who`` no note names them."""
    if not ticket_ids:
        return []
    said = (
        select(func.coalesce(Message.display, Message.text).label("words"), Message.author)
        .where(
            Message.conversation_id == Ticket.conversation_id,
            Message.author.in_([Author.SHOPPER, Author.AGENT]),
        )
        .order_by(Message.id.desc())
        .limit(1)
        .lateral("said")
    )
    leaving = (
        select(LaterAnswer.send_at)
        .where(LaterAnswer.ticket_id == Ticket.id, LaterAnswer.state == AnswerState.WAITING)
        .scalar_subquery()
    )
    tags = (
        select(func.array_agg(Tag.name))
        .join(TicketTag, TicketTag.tag_id == Tag.id)
        .where(TicketTag.ticket_id == Ticket.id)
        .scalar_subquery()
    )
    found = await session.execute(
        select(
            Ticket,
            Conversation.channel,
            Order.name,
            Order.number,
            Agent.name,
            Team.name,
            said.c.words,
            said.c.author,
            leaving,
            tags,
            _names(who) if who is not None else false(),
        )
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Order, Order.id == Ticket.order_id)
        .outerjoin(Agent, Agent.id == Ticket.owner_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .outerjoin(said, true())
        .where(Ticket.id.in_(ticket_ids))
        .execution_options(populate_existing=True)
    )
    made = {}
    for ticket, channel, shopper, number, owner, team, last, author, goes, tagged, named in found:
        owed = ticket.status == TicketStatus.OPEN and ticket.waiting_since is not None
        made[ticket.id] = Row(
            ticket=ticket,
            channel=channel,
            shopper=shopper,
            order_number=number,
            owner=owner,
            team=team,
            last=last,
            last_author=author,
            due_at=ticket.due_at if owed else None,
            overdue=owed and ticket.due_at <= now,
            tags=tuple(sorted(tagged or ())),
            leaving=goes,
            named=named,
        )
    return [made[ticket_id] for ticket_id in ticket_ids]


def _in_open(queue: Queue, who: SignedIn, *, now: datetime) -> ColumnElement[bool]:
    """Which open tickets a list has."""
    snoozed = func.coalesce(Ticket.snoozed_until > now, false())
    match queue:
        case Queue.MINE:
            return ~snoozed & (Ticket.owner_id == who.agent.id)
        case Queue.UNASSIGNED:
            return ~snoozed & Ticket.owner_id.is_(None)
        case Queue.TEAM:
            everyones = select(Team.id).where(Team.everyone)
            return ~snoozed & or_(
                Ticket.team_id.in_(sorted(who.teams)), Ticket.team_id.in_(everyones)
            )
        case Queue.BREACHING:
            return (
                ~snoozed
                & Ticket.waiting_since.is_not(None)
                & (Ticket.due_at <= now + BREACHES_WITHIN)
            )
        case Queue.MENTIONS:
            return _names(who)
        case Queue.SNOOZED:
            return snoozed
        case _:
            return ~snoozed


def _names(who: SignedIn) -> ColumnElement[bool]:
    """A note of the ticket names somebody who has not looked since."""
    named = (
        select(TicketNote.ticket_id)
        .join(NoteMention, NoteMention.note_id == TicketNote.id)
        .where(NoteMention.agent_id == who.agent.id, NoteMention.seen_at.is_(None))
    )
    return Ticket.id.in_(named)


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = []
    if filters.reason:
        which.append(Ticket.reasons.contains([filters.reason]) | (Ticket.reason == filters.reason))
    if filters.channel:
        here = select(Conversation.id).where(Conversation.channel == filters.channel)
        which.append(Ticket.conversation_id.in_(here))
    if filters.tag:
        tagged = select(TicketTag.ticket_id).join(Tag).where(Tag.name == filters.tag)
        which.append(Ticket.id.in_(tagged))
    if filters.owner.isdecimal():
        which.append(Ticket.owner_id == int(filters.owner[:18]))
    if filters.priority in {str(priority.value) for priority in Priority}:
        which.append(Ticket.priority == int(filters.priority))
    return which
