"""Answers that go out later: in five seconds, so that they can be undone, or at a set time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput, NotFound
from kit.text import clean
from service import jobs
from service.accounts.models import Agent
from service.conversations.models import Conversation
from service.inbox import service
from service.inbox.models import AnswerState, LaterAnswer, Ticket, TicketFile, TicketStatus
from service.inbox.tickets import Done, Refusal, changed, locked, record, refusal, refused

UNDO: Final = timedelta(seconds=5)
LATEST: Final = timedelta(days=90)
LOST: Final = "The ticket was closed, or went to somebody else."


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
    refused. One answer may wait for a ticket: where the agent writes on within the seconds in which
    the last can be undone, that one goes out at once. The same form sent twice is sent once.

    Args:
        text, seen_id: As in ``service.answer``.
        seen_version: The ticket's on the page it was written at; ``None``: not asked.
        then_close: Close the ticket with it, unless the shopper writes meanwhile.

    Returns:
        With ``answer_id``, for ``undo``.

    Raises:
        NotFound: There is no such ticket.
        BadInput: The moment has passed, or is more than 90 days away.
    """
    if not now < send_at <= now + LATEST:
        raise BadInput("an answer can be sent later within the next 90 days")
    ticket, conversation = await locked(session, ticket_id)
    why = refusal(ticket, agent, seen_version=seen_version)
    words = clean(text)
    if why is None and not words:
        why = Refusal.EMPTY
    before = await waiting(session, ticket_id)
    if why is None and before is not None and before.agent_id != agent.id:
        before.state, before.cancelled_why = AnswerState.CANCELLED, LOST
        await session.flush()
        before = None
    if why is None and before is not None and before.text != words and not _undoable(before):
        why = Refusal.WAITING
    if why is not None:
        return await refused(session, ticket, why)
    if again := await _sent_already(session, ticket, agent, words, seen_version=seen_version):
        return Done(owner=agent.name, answer_id=again)
    if before is not None:
        before.then_close = False
        await _go(session, before, ticket, conversation, agent, now=now)
        await session.flush()
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
    await changed(session, ticket, None, agent_id=agent.id, now=now)
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
        answer.cancelled_why = LOST
        await record(session, ticket, None, now=now)
        return
    await _go(session, answer, ticket, conversation, agent, now=now)


async def waiting(session: AsyncSession, ticket_id: int) -> LaterAnswer | None:
    """The answer that waits to be sent; ``None`` where there is none."""
    return (
        await session.scalars(
            select(LaterAnswer)
            .filter_by(ticket_id=ticket_id, state=AnswerState.WAITING)
            .execution_options(populate_existing=True)
        )
    ).one_or_none()


def _undoable(answer: LaterAnswer) -> bool:
    """Whether it waits for nothing but its author's second thoughts."""
    return answer.send_at <= answer.created_at + UNDO


async def _sent_already(
    session: AsyncSession, ticket: Ticket, agent: Agent, words: str, *, seen_version: int | None
) -> int | None:
    """The agent's last answer, if these words are it again: a form that was sent twice.

    Said again at a page that shows the answer, they are meant.
    """
    last = await session.scalar(
        select(LaterAnswer)
        .where(
            LaterAnswer.ticket_id == ticket.id,
            LaterAnswer.agent_id == agent.id,
            LaterAnswer.state != AnswerState.CANCELLED,
        )
        .order_by(LaterAnswer.id.desc())
        .limit(1)
    )
    if last is None or last.text != words:
        return None
    old = seen_version is not None and seen_version != ticket.version
    return last.id if old or last.state == AnswerState.WAITING else None


async def _go(
    session: AsyncSession,
    answer: LaterAnswer,
    ticket: Ticket,
    conversation: Conversation,
    agent: Agent,
    *,
    now: datetime,
) -> None:
    message = await service.send(
        session, ticket, conversation, agent, answer.text, seen_id=answer.seen_id, now=now
    )
    answer.state, answer.message_id = AnswerState.SENT, message.id
    for file in await session.scalars(select(TicketFile).filter_by(answer_id=answer.id)):
        file.message_id = message.id
    if answer.then_close:
        await session.flush()
        await service.close(session, ticket.id, agent, seen_id=answer.seen_id, now=now)
