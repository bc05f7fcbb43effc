"""All that is known of a case, read once: who it is, the order, its parcels, what was said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from service.conversations.models import Author, Conversation, Message
from service.edd import history
from service.inbox.models import Ticket
from service.inbox.mood import mood_of
from service.inbox.priority import Facts
from service.inbox.tickets import conversations_of
from service.storefront.models import IdentityProof, Order, OrderItem, Parcel
from service.storefront.store import known_of
from tracking_lookup.detect import detect
from tracking_lookup.model import Assessment, Tracking, Verdict
from tracking_lookup.truth import assess

# How far back a case reads: longer ago is another story.
SAID_WITHIN: Final = timedelta(days=3)
MAX_MESSAGES: Final = 200
EARLIER_WITHIN: Final = timedelta(days=30)
_EMAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE: Final = re.compile(r"(?<![\w#])\+?\d(?:[ ().-]?\d){8,14}(?!\w)")
_ARRIVED: Final = frozenset({Verdict.DELIVERED, Verdict.COMING_BACK})


@dataclass(frozen=True, slots=True)
class CaseParcel:
    """A parcel of a case.

    Attributes:
        tracking: What the carrier last said; ``None`` before it said anything. Events newest first.
    """

    parcel: Parcel
    items: Sequence[OrderItem]
    assessment: Assessment
    tracking: Tracking | None


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a case.

    Attributes:
        order: With its items; ``None`` where none was named or proven.
        proof: How it was shown that the shopper may hear about it: ``"email"``, ``"phone"``;
            ``None``: it was not.
        messages: Of all its conversations, by time; the newest 200 of the three days before it was
            opened, and since.
        late: Days since its parcels should have come (``edd.history``); ``None``: no day was told.
        earlier: Cases of the same conversation or order in the 30 days before.
    """

    ticket: Ticket
    conversation: Conversation
    order: Order | None
    proof: str | None
    parcels: Sequence[CaseParcel]
    messages: Sequence[Message]
    late: int | None
    earlier: int

    @property
    def said(self) -> list[str]:
        """What the shopper wrote, oldest first."""
        return [shown(m) for m in self.messages if m.author == Author.SHOPPER]

    def days_late(self, *, now: datetime) -> int:
        """Whole days since the promised date; 0 where it arrived, or nothing was promised.

        The shop's promise counts before what carriers or we have told.
        """
        if self.order is None:
            return 0
        if self.parcels and all(p.assessment.verdict in _ARRIVED for p in self.parcels):
            return 0
        if self.order.promised_to is not None:
            return max(0, (now - self.order.promised_to).days)
        return max(0, self.late or 0)


@dataclass(frozen=True, slots=True)
class Given:
    """One thing the shopper has given already, so that nobody asks twice."""

    what: str
    value: str


async def read(session: AsyncSession, ticket: Ticket, *, now: datetime) -> Case:
    """All that is known of a ticket's case."""
    conversation = await session.get_one(Conversation, ticket.conversation_id)
    order = await _order(session, ticket.order_id) if ticket.order_id else None
    conversations = await conversations_of(session, ticket)
    said = await session.scalars(
        select(Message)
        .where(
            Message.conversation_id.in_(conversations),
            Message.at > ticket.opened_at - SAID_WITHIN,
        )
        .order_by(Message.id.desc())
        .limit(MAX_MESSAGES)
    )
    return Case(
        ticket=ticket,
        conversation=conversation,
        order=order,
        proof=await _proof(session, conversation, order),
        parcels=[await _parcel(session, parcel, now=now) for parcel in order.parcels]
        if order
        else [],
        messages=sorted(said, key=lambda message: (message.at, message.id)),
        late=await history.days_late(session, order.id, today=now.date()) if order else None,
        earlier=await _earlier(session, ticket),
    )


def facts(case: Case, *, high_value: Decimal | None, now: datetime) -> Facts:
    """What the case's priority is made from; ``high_value`` as in ``Terms``."""
    order = case.order
    return Facts(
        reasons=case.ticket.reasons or [case.ticket.reason],
        total=order.total if order else None,
        money=money(order) if order else "",
        high_value=high_value,
        days_late=case.days_late(now=now),
        mood=mood_of(case.said),
        earlier=case.earlier,
    )


def given(case: Case) -> list[Given]:
    """What the shopper has given already: proofs, addresses, numbers; each once, as written."""
    found: dict[tuple[str, str], Given] = {}

    def add(what: str, value: str) -> None:
        found.setdefault((what, value.casefold()), Given(what, value))

    if case.order is not None:
        proved = f"{case.order.number}, proved by {case.proof}" if case.proof else case.order.number
        add("order", proved)
    if case.conversation.proved_phone:
        add("phone", case.conversation.proved_phone)
    if case.ticket.email:
        add("e-mail", case.ticket.email)
    for text in case.said:
        for email in _EMAIL.findall(text):
            add("e-mail", email)
        numbers = [parcel.number for parcel in detect(text)]
        for number in numbers:
            add("tracking number", number)
        if not numbers:
            for phone in _PHONE.findall(text):
                add("phone", phone.strip())
    return list(found.values())


def emails_in(text: str) -> list[str]:
    """The e-mail addresses in a text, in order, in lower case."""
    return [email.lower() for email in _EMAIL.findall(text)]


def shown(message: Message) -> str:
    """A message as a person reads it: a pressed button by its title."""
    return message.display or message.text


def money(order: Order) -> str:
    """What an order is worth, for people: ``"GBP 84.50"``; empty where the shop did not say."""
    return f"{order.currency or ''} {order.total:.2f}".strip() if order.total is not None else ""


async def _order(session: AsyncSession, order_id: int) -> Order:
    return await session.get_one(
        Order,
        order_id,
        options=[
            selectinload(Order.items),
            selectinload(Order.parcels).selectinload(Parcel.items),
        ],
    )


async def _parcel(session: AsyncSession, parcel: Parcel, *, now: datetime) -> CaseParcel:
    known = await known_of(session, parcel)
    return CaseParcel(parcel, parcel.items, assess(known, now=now), known.tracking)


async def _proof(
    session: AsyncSession, conversation: Conversation, order: Order | None
) -> str | None:
    """How the order was proven here, whether or not that proof has expired since."""
    if order is None:
        return None
    kind: str | None = await session.scalar(
        select(IdentityProof.kind).filter_by(conversation_id=conversation.id, order_id=order.id)
    )
    if kind is None and conversation.proved_phone and conversation.proved_phone == order.phone:
        return "phone"
    return kind


async def _earlier(session: AsyncSession, ticket: Ticket) -> int:
    same = Ticket.conversation_id == ticket.conversation_id
    if ticket.order_id is not None:
        same = or_(same, Ticket.order_id == ticket.order_id)
    found = await session.scalars(
        select(Ticket.id).where(
            same, Ticket.id < ticket.id, Ticket.opened_at > ticket.opened_at - EARLIER_WITHIN
        )
    )
    return len(found.all())
