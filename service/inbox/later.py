"""Answers that go out later: in five seconds, so that they can be undone, or at a set time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from kit.text import clean
from service import jobs
from service.accounts.models import Agent
from service.inbox import service
from service.inbox.models import AnswerState, LaterAnswer, TicketFile, TicketStatus
from service.inbox.tickets import Done, Refusal, changed, locked, record, refusal, refused

UNDO: Final = timedelta(seconds=5)
LATEST: Final = timedelta(days=90)


async def write(
    session: AsyncSession,
    ticket_id: int,
    agent: Agent,
    text: str,
    *,
    send_at: datetime,
    now: datetime,
    seen_version: int | None = None,
    seen_id: int | None = None,
    then_close: bool = False,
) -> Done:
    """Have an answer sent at a moment to come: ``now + UNDO``, or when the agent said.

    From now on the ticket is the agent's, so that a colleague who answers in the same second is
    refused. One answer may wait for a ticket. Other arguments as in ``service.answer``.

    Returns:
        With ``answer_id``, for ``undo``.

    Raises:
        NotFound: There is no such ticket.
        BadInput: The moment has passed, or is more than 90 days away.
    """
    if not now < send_at <= now + LATEST:
        raise BadInput("an answer can be sent later within the next 90 days")
    ticket, _ = await locked(session, ticket_id)
    why = refusal(ticket, agent, seen_version=seen_version)
    words = clean(text)
    if why is None and not words:
        why = Refusal.EMPTY
    if why is None and await waiting(session, ticket_id) is not None:
        why = Refusal.CHANGED
    if why is not None:
        return await refused(session, ticket, why)
    if ticket.owner_id is None:
        ticket.owner_id, ticket.owned_at = agent.id, now
    written = LaterAnswer(
        ticket_id=ticket.id,
        agent_id=agent.id,
        text=words,
        seen_id=seen_id,
        then_close=then_close,
        send_at=send_at,
        state=AnswerState.WAITING,
        created_at=now,
    )
    session.add(written)
    await session.flush()
    await jobs.defer(session, "send_answer", at=send_at, answer_id=written.id)
    await changed(session, ticket, None, now=now)
    return Done(owner=agent.name, answer_id=written.id)


async def undo(session: AsyncSession, answer_id: int, agent: Agent, *, now: datetime) -> Done:
    """Take an answer back that has not gone out yet. Its text stays readable, for a new try.

    Raises:
        NotFound: There is no such answer, or it is a colleague's.
    """
    answer = await session.get(LaterAnswer, answer_id) if answer_id < 2**63 else None
    if answer is None or answer.agent_id != agent.id:
        raise NotFound("no such answer of yours")
    ticket, _ = await locked(session, answer.ticket_id)
    await session.refresh(answer)
    if answer.state != AnswerState.WAITING:
        return await refused(session, ticket, Refusal.TOO_LATE)
    answer.state = AnswerState.CANCELLED
    await record(session, ticket, None, now=now)
    return Done(owner=agent.name, answer_id=answer.id)


async def send(session: AsyncSession, answer_id: int, *, now: datetime) -> None:
    """Send an answer whose moment has come; nothing where it was taken back or sent before.

    Where the ticket was closed or went to somebody else meanwhile it is cancelled, and says why.
    """
    answer = await session.get_one(LaterAnswer, answer_id)
    ticket, conversation = await locked(session, answer.ticket_id)
    await session.refresh(answer)
    if answer.state != AnswerState.WAITING:
        return
    agent = await session.get_one(Agent, answer.agent_id)
    if ticket.status != TicketStatus.OPEN or ticket.owner_id != agent.id or not agent.active:
        answer.state = AnswerState.CANCELLED
        answer.cancelled_why = "The ticket was closed, or went to somebody else."
        await record(session, ticket, None, now=now)
        return
    message = await service.send(
        session, ticket, conversation, agent, answer.text, seen_id=answer.seen_id, now=now
    )
    answer.state, answer.message_id = AnswerState.SENT, message.id
    for file in await session.scalars(select(TicketFile).filter_by(answer_id=answer.id)):
        file.message_id = message.id
    if answer.then_close:
        await session.flush()
        await service.close(session, ticket.id, agent, seen_id=answer.seen_id, now=now)


async def waiting(session: AsyncSession, ticket_id: int) -> LaterAnswer | None:
    """The answer that waits to be sent; ``None`` where there is none."""
    return (
        await session.scalars(
            select(LaterAnswer).filter_by(ticket_id=ticket_id, state=AnswerState.WAITING)
        )
    ).one_or_none()
