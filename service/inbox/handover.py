"""From the bot to people: a ticket is opened or joined, and the shopper knows what happens next."""

import re
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions import safety
from bot.actions.contract import Reason
from service.conversations.models import Author, Conversation, Handler, Message
from service.conversations.service import lock, post
from service.db import insert_new
from service.hours.terms import Terms
from service.inbox import assignment, case, promise, tickets
from service.inbox.models import (
    AnswerState,
    Happening,
    LaterAnswer,
    Priority,
    Ticket,
    TicketEvent,
    TicketStatus,
)
from service.inbox.priority import gravest, priority_of

# A shopper who asks again and again is told their place once in this time.
PLACE_AGAIN: Final = timedelta(minutes=5)
# An answer set for later than this was meant for a shopper who is quiet.
SET_FOR_LATER: Final = timedelta(minutes=1)
_ANYBODY: Final = re.compile(
    r"\b(?:any ?(?:body|one)|some ?(?:body|one)|you|u)\b.{0,12}\bthere\b"
    r"|\b(?:is|are) (?:any|some) ?(?:body|one)\b|\bhow (?:much )?long(?:er)?\b"
    r"|\bstill waiting\b|\bwhen will (?:some|any|i|you|a)\b|\bwaiting for (?:an?|any|your)\b"
    r"|\bany (?:news|update)s?\b|\bwhat(?:'s| is) taking\b|\bposition\b|\bqueue\b"
    r"|^(?:hello|hi|hey|hallo|yo)[\s?!.]*\?[\s?!.]*$",
    re.IGNORECASE,
)


async def hand_over(
    session: AsyncSession,
    conversation: Conversation,
    reason: Reason,
    *,
    terms: Terms,
    note: str = "",
    order_id: int | None = None,
    now: datetime,
    tell: bool = False,
) -> Ticket:
    """Open a ticket, or join the open one, and silence the bot in this conversation.

    Joining keeps the ticket's owner; the new reason stands beside the others, what is new in its
    note, an order fills an empty place, and the deadline may only come nearer.

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
        reasons=[reason],
        note=note,
        team_id=(await assignment.team_for(session, [reason])).id,
        waiting_since=now,
        due_at=now,
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
        await _join(session, ticket, reason, note=note, order_id=order_id, terms=terms, now=now)
    else:
        await weigh(session, ticket, terms, now=now)
        ticket.due_at = await promise.due(session, ticket, terms, now=now)
        await tickets.record(session, ticket, Happening.OPENED, now=now, reason=reason)
    if ticket.owner_id is None:
        await assignment.give(session, ticket, now=now)
    if tell:
        await post(
            session,
            conversation,
            Author.SYSTEM,
            "I can't answer that right now, so I have passed you to a colleague. "
            f"Expect an answer here {told(ticket, terms, now=now)}.",
            now=now,
        )
    return ticket


def told(ticket: Ticket, terms: Terms, *, now: datetime) -> str:
    """When an answer can be expected, for the shopper: ``"within 4 hours"``."""
    return promise.words(ticket.due_at, terms.hours, now=now)


async def tell_where(
    session: AsyncSession, conversation: Conversation, terms: Terms, *, leaves: bool, now: datetime
) -> None:
    """Tell a shopper where the answer will be if they leave; nothing where it cannot be mailed.

    Args:
        leaves: The channel is a page that can be left, as ``ChannelManifest.fetched`` has it.
    """
    ticket = await tickets.open_in(session, conversation.id)
    if ticket is None or not leaves or not terms.mails:
        return
    text = (
        f"You may leave this page: the answer goes to {_masked(ticket.email)} too."
        if ticket.email
        else "If you want to leave this page, write your e-mail address here, and the answer "
        "comes there too."
    )
    await post(session, conversation, Author.SYSTEM, text, now=now)


async def heard(
    session: AsyncSession, conversation_id: int, message_id: int, terms: Terms, *, now: datetime
) -> None:
    """Take note of what a shopper wrote while a person has the conversation.

    The ticket waits again, with a new deadline; it comes out of snooze; an answer that was set for
    later is not sent, as it was written before; a threat or a worse mood raises it; an e-mail
    address is kept; "is anybody there?" is answered with the place in the queue.
    """
    conversation = await lock(session, conversation_id)
    message = await session.get_one(Message, message_id)
    ticket = await tickets.open_in(session, conversation_id)
    if ticket is None:  # closed meanwhile, by somebody who had read it
        return
    await _wake(session, ticket, now=now)
    text = case.shown(message)
    reason = safety.check(text)
    if ticket.waiting_since is None and not await _answered_since(session, ticket, message):
        await wait(session, ticket, terms, since=message.at, now=now)
    if reason is not None:
        await _join(session, ticket, reason, note="", order_id=None, terms=terms, now=now)
    else:
        await weigh(session, ticket, terms, now=now)
    if ticket.email is None and terms.mails and (emails := case.emails_in(text)):
        ticket.email = emails[0]
        told_it = f"Thank you. The answer goes to {emails[0]} too, if you leave before it comes."
        await post(session, conversation, Author.SYSTEM, told_it, now=now)
    elif _ANYBODY.search(text) and await _may_tell(session, conversation_id, ticket, now=now):
        await post(session, conversation, Author.SYSTEM, await _place(session, ticket, terms, now),
                   now=now)  # fmt: skip
    await tickets.record(session, ticket, None, now=now)


async def wait(
    session: AsyncSession, ticket: Ticket, terms: Terms, *, since: datetime, now: datetime
) -> None:
    """Note that the shopper is owed an answer, from now on with a deadline of its own."""
    ticket.waiting_since = since
    ticket.warned_at = ticket.escalated_at = ticket.apologised_at = None
    ticket.due_at = await promise.due(session, ticket, terms, now=now)


async def weigh(session: AsyncSession, ticket: Ticket, terms: Terms, *, now: datetime) -> None:
    """Work out how much a ticket matters. What raised it before still counts: it never sinks."""
    known = await case.read(session, ticket, now=now)
    facts = case.facts(known, high_value=terms.high_value, now=now)
    if facts.is_dear and Reason.HIGH_VALUE not in ticket.reasons:
        ticket.reasons = [*ticket.reasons, Reason.HIGH_VALUE]
    if ticket.email is None and known.proof and known.order is not None:
        ticket.email = known.order.email
    priority, why = priority_of(facts)
    if priority >= ticket.priority or not ticket.priority_why:
        ticket.priority, ticket.priority_why = priority, why
    ticket.reason = gravest(ticket.reasons or [ticket.reason])
    await session.flush()


async def _join(
    session: AsyncSession,
    ticket: Ticket,
    reason: Reason,
    *,
    note: str,
    order_id: int | None,
    terms: Terms,
    now: datetime,
) -> None:
    if ticket.order_id is None:
        ticket.order_id = order_id
    lines = ticket.note.splitlines()
    if note and note not in lines:  # a repeated request says nothing new
        ticket.note = "\n".join([*lines, note])
    new = reason not in ticket.reasons
    if new:
        ticket.reasons = [*ticket.reasons, reason]
    before = ticket.priority
    await weigh(session, ticket, terms, now=now)
    if ticket.waiting_since is None:
        await wait(session, ticket, terms, since=now, now=now)
    elif ticket.priority > before:
        ticket.due_at = min(ticket.due_at, await promise.due(session, ticket, terms, now=now))
    if new and ticket.owner_id is None:  # the gravest reason says whose it is
        ticket.team_id = (await assignment.team_for(session, [ticket.reason])).id
    kind = Happening.JOINED if new else None
    await tickets.record(session, ticket, kind, now=now, reason=reason)


async def _wake(session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
    if ticket.snoozed_until is not None:
        ticket.snoozed_until = None
        await tickets.record(session, ticket, Happening.WOKEN, now=now, by="shopper")
    await session.execute(
        update(LaterAnswer)
        .where(
            LaterAnswer.ticket_id == ticket.id,
            LaterAnswer.state == AnswerState.WAITING,
            LaterAnswer.send_at > LaterAnswer.created_at + SET_FOR_LATER,
        )
        .values(state=AnswerState.CANCELLED, cancelled_why="The shopper wrote meanwhile.")
    )


async def _answered_since(session: AsyncSession, ticket: Ticket, message: Message) -> bool:
    """Whether an agent has answered after a message: the news of it came late."""
    return (
        await session.scalar(
            select(Message.id)
            .where(
                Message.conversation_id == ticket.conversation_id,
                Message.author == Author.AGENT,
                Message.id > message.id,
            )
            .limit(1)
        )
        is not None
    )


async def _may_tell(
    session: AsyncSession, conversation_id: int, ticket: Ticket, *, now: datetime
) -> bool:
    """Whether the place was not told a moment ago, and it is an answer that they wait for."""
    if ticket.waiting_since is None:
        return False
    told_at = await session.scalar(
        select(TicketEvent.at)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == Happening.PLACE_TOLD)
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    if told_at is not None and now - told_at < PLACE_AGAIN:
        return False
    session.add(TicketEvent(ticket_id=ticket.id, kind=Happening.PLACE_TOLD, at=now))
    return True


async def _place(session: AsyncSession, ticket: Ticket, terms: Terms, now: datetime) -> str:
    when = told(ticket, terms, now=now)
    if ticket.priority == Priority.SAFETY or (number := await tickets.place(session, ticket)) == 1:
        return f"You have not been forgotten: you are next. A colleague answers here {when}."
    return (
        f"You have not been forgotten: you are number {number} in the queue. "
        f"A colleague answers here {when}."
    )


def _masked(email: str) -> str:
    """An address its owner knows again, and nobody else learns: ``j…@example.com``."""
    name, _, host = email.partition("@")
    return f"{name[:1]}…@{host}"
