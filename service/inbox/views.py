"""What the inbox's pages show, read in few queries. Nothing here writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Interval, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from service.attachments import service as attachments
from service.attachments.models import Attachment
from service.conversations.models import Author, Conversation, Message
from service.conversations.service import transcript
from service.inbox.models import Agent, Ticket, TicketStatus
from service.inbox.service import ANSWER_WITHIN, find
from service.storefront.models import Order, OrderItem, Parcel
from service.storefront.store import known_of
from tracking_lookup.model import Assessment, TrackingEvent
from tracking_lookup.truth import assess

LIST_LIMIT = 200


class Queue(StrEnum):
    """The lists of the inbox, in the order they are shown."""

    UNASSIGNED = "unassigned"
    MINE = "mine"
    ALL = "all"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket in a list.

    Attributes:
        last: What the shopper or the agent said last; ``None`` before anything was said.
        due_at: When the shopper is owed an answer; ``None`` where it is the shopper's turn.
        overdue: That moment has passed, and the ticket is open.
    """

    ticket: Ticket
    channel: str
    shopper: str | None
    order_number: str | None
    owner: str | None
    last: str | None
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ParcelPanel:
    """A parcel as an agent sees it.

    Attributes:
        events: Newest first.
        fetched_at: When the carrier last answered; ``None`` if never.
    """

    carrier: str
    number: str
    items: Sequence[OrderItem]
    assessment: Assessment
    fetched_at: datetime | None
    events: Sequence[TrackingEvent]


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything on a ticket's page.

    Attributes:
        messages: Oldest first; the newest 1,000.
        files: What shoppers sent with them, by message; a message without a file is left out.
        order: With its items; ``None`` where no order was named.
        unshipped: Items in no parcel yet.
    """

    row: Row
    messages: Sequence[Message]
    files: Mapping[int, Sequence[Attachment]]
    order: Order | None
    unshipped: Sequence[OrderItem]
    parcels: Sequence[ParcelPanel]


async def counts(session: AsyncSession, agent: Agent) -> dict[Queue, int]:
    """How many open tickets each list has; the closed ones are not counted."""
    query = select(
        func.count().filter(Ticket.owner_id.is_(None)),
        func.count().filter(Ticket.owner_id == agent.id),
        func.count(),
    ).where(Ticket.status == TicketStatus.OPEN)
    unassigned, mine, everything = (await session.execute(query)).one()
    return {Queue.UNASSIGNED: unassigned, Queue.MINE: mine, Queue.ALL: everything}


async def rows(session: AsyncSession, queue: Queue, agent: Agent, *, now: datetime) -> list[Row]:
    """The first 200 tickets of a list: open ones by deadline, closed ones newest first."""
    return await _read(session, _in(queue, agent), now=now)


async def ticket_view(session: AsyncSession, ticket_id: int, *, now: datetime) -> TicketView:
    """A ticket's page.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket = await find(session, ticket_id)
    [row] = await _read(session, Ticket.id == ticket.id, now=now)
    order = None
    if ticket.order_id is not None:
        order = await session.get_one(
            Order,
            ticket.order_id,
            options=[
                selectinload(Order.items),
                selectinload(Order.parcels).selectinload(Parcel.items),
            ],
        )
    messages = await transcript(session, ticket.conversation_id)
    return TicketView(
        row=row,
        messages=messages,
        files=await attachments.of_messages(session, [message.id for message in messages]),
        order=order,
        unshipped=[item for item in order.items if item.parcel_id is None] if order else [],
        parcels=await _panels(session, order, now=now) if order else [],
    )


def _in(queue: Queue, agent: Agent) -> ColumnElement[bool]:
    is_open = Ticket.status == TicketStatus.OPEN
    match queue:
        case Queue.UNASSIGNED:
            return is_open & Ticket.owner_id.is_(None)
        case Queue.MINE:
            return is_open & (Ticket.owner_id == agent.id)
        case Queue.ALL:
            return is_open
        case Queue.CLOSED:
            return Ticket.status == TicketStatus.CLOSED


async def _read(session: AsyncSession, which: ColumnElement[bool], *, now: datetime) -> list[Row]:
    found = (await session.execute(_query(which))).all()
    return [
        Row(
            ticket=ticket,
            channel=channel,
            shopper=shopper,
            order_number=order_number,
            owner=owner,
            last=last,
            due_at=due_at if ticket.status == TicketStatus.OPEN else None,
            overdue=ticket.status == TicketStatus.OPEN and due_at is not None and due_at <= now,
        )
        for ticket, channel, shopper, order_number, owner, last, due_at in found
    ]


def _query(
    which: ColumnElement[bool],
) -> Select[Ticket, str, str | None, str | None, str | None, str | None, datetime | None]:
    """Tickets with what a list shows of them.

    A shopper is owed an answer by the ticket's own deadline; once an agent has answered, within
    ``ANSWER_WITHIN`` of the first thing the shopper said since.
    """
    here = Message.conversation_id == Ticket.conversation_id
    answered = (
        select(func.max(Message.id))
        .where(here, Message.author == Author.AGENT, Message.at >= Ticket.opened_at)
        .correlate(Ticket)
        .scalar_subquery()
    )
    asked_since = (
        select(func.min(Message.at))
        .where(here, Message.author == Author.SHOPPER, Message.id > answered)
        .correlate(Ticket)
        .scalar_subquery()
    )
    last = (
        select(func.coalesce(Message.display, Message.text))
        .where(here, Message.author.in_([Author.SHOPPER, Author.AGENT]))
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    due_at: ColumnElement[datetime | None] = case(
        (answered.is_(None), Ticket.due_at),
        else_=asked_since + literal(ANSWER_WITHIN, Interval),
    )
    return (
        select(Ticket, Conversation.channel, Order.name, Order.number, Agent.name, last, due_at)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Order, Order.id == Ticket.order_id)
        .outerjoin(Agent, Agent.id == Ticket.owner_id)
        .where(which)
        .order_by(Ticket.closed_at.desc().nulls_first(), due_at.nulls_last(), Ticket.id)
        .limit(LIST_LIMIT)
    )


async def _panels(session: AsyncSession, order: Order, *, now: datetime) -> list[ParcelPanel]:
    panels = []
    for parcel in order.parcels:
        known = await known_of(session, parcel)
        panels.append(
            ParcelPanel(
                carrier=parcel.carrier,
                number=parcel.number,
                items=parcel.items,
                assessment=assess(known, now=now),
                fetched_at=parcel.fetched_at,
                events=known.tracking.events if known.tracking else (),
            )
        )
    return panels
