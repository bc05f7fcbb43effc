"""What agents tell each other at a ticket: notes with mentions, tags, who is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import BadInput
from kit.text import clean, fold
from service.accounts.models import Agent
from service.db import insert_new
from service.inbox.models import (
    Doing,
    NoteMention,
    Presence,
    Tag,
    Ticket,
    TicketNote,
    TicketTag,
)
from service.inbox.tickets import find
from service.news import INBOX, announce, conversation_topic

MAX_NOTE: Final = 4000
MAX_TAG: Final = 40
# Who has not been heard of for this long is gone.
GONE_AFTER: Final = timedelta(seconds=20)
_MENTION: Final = re.compile(r"(?<![\w@.])@([\w.+-]+)")


@dataclass(frozen=True, slots=True)
class Note:
    """A note and who wrote it; ``None``: the service itself."""

    note: TicketNote
    by: str | None


@dataclass(frozen=True, slots=True)
class Here:
    """A colleague at a ticket's page."""

    agent_id: int
    name: str
    doing: Doing


async def add(
    session: AsyncSession,
    ticket_id: int,
    agent: Agent | None,
    text: str,
    *,
    mention: Sequence[int] = (),
    now: datetime,
) -> TicketNote:
    """Write a note; ``@ana`` (first name, or the part of the e-mail before ``@``) tells Ana of it.

    Args:
        agent: ``None``: the service itself.
        mention: Ids of agents to tell besides.

    Raises:
        NotFound: There is no such ticket.
        BadInput: Nothing visible is in it.
    """
    ticket = await find(session, ticket_id)
    words = clean(text, limit=MAX_NOTE)
    if not words:
        raise BadInput("an empty note says nothing")
    note = TicketNote(ticket_id=ticket.id, agent_id=agent.id if agent else None, text=words, at=now)
    session.add(note)
    await session.flush()
    for agent_id in {*mention, *await _named(session, words)}:
        session.add(NoteMention(note_id=note.id, agent_id=agent_id))
    await session.flush()
    await _announce(session, ticket)
    return note


async def of_ticket(session: AsyncSession, ticket_id: int) -> Sequence[Note]:
    """A ticket's notes, oldest first."""
    found = await session.execute(
        select(TicketNote, Agent.name)
        .outerjoin(Agent, Agent.id == TicketNote.agent_id)
        .where(TicketNote.ticket_id == ticket_id)
        .order_by(TicketNote.id)
    )
    return [Note(note, name) for note, name in found]


async def mentions(session: AsyncSession, agent: Agent) -> Sequence[int]:
    """Ids of the tickets whose notes name an agent who has not seen it yet, newest note first."""
    found = await session.scalars(
        select(TicketNote.ticket_id)
        .join(NoteMention, NoteMention.note_id == TicketNote.id)
        .where(NoteMention.agent_id == agent.id, NoteMention.seen_at.is_(None))
        .order_by(TicketNote.id.desc())
    )
    return list(dict.fromkeys(found))


async def seen(session: AsyncSession, ticket_id: int, agent: Agent, *, now: datetime) -> None:
    """An agent has opened a ticket: its mentions of them are seen."""
    of_it = select(TicketNote.id).where(TicketNote.ticket_id == ticket_id)
    await session.execute(
        update(NoteMention)
        .where(
            NoteMention.agent_id == agent.id,
            NoteMention.seen_at.is_(None),
            NoteMention.note_id.in_(of_it),
        )
        .values(seen_at=now)
    )


async def tag(session: AsyncSession, ticket_id: int, name: str) -> Tag:
    """Put a tag on a ticket; the same again changes nothing.

    Raises:
        NotFound: There is no such ticket.
        BadInput: Nothing visible is in it.
    """
    ticket = await find(session, ticket_id)
    word = " ".join(clean(name, limit=MAX_TAG).lower().split())
    if not word:
        raise BadInput("a tag needs a name")
    await insert_new(session, Tag, name=word)
    found = (await session.scalars(select(Tag).filter_by(name=word))).one()
    await session.execute(
        insert(TicketTag).values(ticket_id=ticket.id, tag_id=found.id).on_conflict_do_nothing()
    )
    await _announce(session, ticket)
    return found


async def untag(session: AsyncSession, ticket_id: int, tag_id: int) -> None:
    """Take a tag off a ticket.

    Raises:
        NotFound: There is no such ticket.
    """
    ticket = await find(session, ticket_id)
    await session.execute(delete(TicketTag).filter_by(ticket_id=ticket.id, tag_id=tag_id))
    await _announce(session, ticket)


async def tags(session: AsyncSession, ticket_id: int) -> Sequence[Tag]:
    """A ticket's tags, by name."""
    return (
        await session.scalars(
            select(Tag)
            .join(TicketTag, TicketTag.tag_id == Tag.id)
            .where(TicketTag.ticket_id == ticket_id)
            .order_by(Tag.name)
        )
    ).all()


async def here(
    session: AsyncSession, ticket_id: int, agent: Agent, doing: Doing, *, now: datetime
) -> None:
    """An agent is at a ticket's page; said again while they are, at least every ten seconds."""
    ticket = await find(session, ticket_id)
    before = await session.get(Presence, (ticket_id, agent.id), populate_existing=True)
    news = before is None or before.doing != doing or now - before.at > GONE_AFTER
    await session.execute(
        insert(Presence)
        .values(ticket_id=ticket_id, agent_id=agent.id, doing=doing, at=now)
        .on_conflict_do_update(
            index_elements=["ticket_id", "agent_id"], set_={"doing": doing, "at": now}
        )
    )
    if news:
        await announce(session, conversation_topic(ticket.conversation_id))


async def gone(session: AsyncSession, ticket_id: int, agent: Agent) -> None:
    """An agent has left a ticket's page."""
    ticket = await find(session, ticket_id)
    await session.execute(delete(Presence).filter_by(ticket_id=ticket_id, agent_id=agent.id))
    await announce(session, conversation_topic(ticket.conversation_id))


async def who_is_here(
    session: AsyncSession, ticket_id: int, agent: Agent, *, now: datetime
) -> Sequence[Here]:
    """The colleagues at a ticket's page, those who type first, without the agent who asks."""
    found = await session.execute(
        select(Agent.id, Agent.name, Presence.doing)
        .join(Presence, Presence.agent_id == Agent.id)
        .where(
            Presence.ticket_id == ticket_id,
            Presence.agent_id != agent.id,
            Presence.at > now - GONE_AFTER,
        )
        .order_by(Presence.doing, Agent.name)
    )
    return [Here(agent_id, name, Doing(doing)) for agent_id, name, doing in found]


async def _named(session: AsyncSession, text: str) -> set[int]:
    """Ids of the active agents a note names; a name that two have tells both."""
    names = {fold(name).rstrip(".-") for name in _MENTION.findall(text)}
    if not names:
        return set()
    agents = await session.scalars(select(Agent).where(Agent.active))
    return {
        agent.id
        for agent in agents
        if names
        & {
            fold(agent.email.partition("@")[0]),
            fold(agent.name).replace(" ", "."),
            *fold(agent.name).split()[:1],
        }
    }


async def _announce(session: AsyncSession, ticket: Ticket) -> None:
    await announce(session, INBOX)
    await announce(session, conversation_topic(ticket.conversation_id))
