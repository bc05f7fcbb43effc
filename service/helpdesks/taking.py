"""What a ticket at the help desk means here, and what is to be written there. Never commits."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.actions.contract import Reason
from integrations.helpdesk_contract import (
    Assign,
    Case,
    Change,
    Close,
    Comment,
    Entry,
    File,
    Reopen,
    State,
    Thread,
)
from kit import clock
from kit.text import clean
from service.accounts.models import Agent
from service.attachments import service as attachments
from service.attachments.models import Attachment, Fetch
from service.conversations.models import Author, Conversation, Message
from service.conversations.service import lock, post
from service.db import insert_new
from service.helpdesks import words
from service.helpdesks.models import HelpdeskAnswer, HelpdeskLink
from service.inbox import case as cases
from service.inbox import files, handover, summary, tickets
from service.inbox import service as inbox
from service.inbox.models import Happening, Priority, Ticket, TicketFile, TicketStatus
from service.runtime import Runtime
from service.settings import Settings

# Of one round; what is left is due at once again.
MOST_MESSAGES: Final = 50
GREATEST_ID: Final = 2**63 - 1
# Fetching a picture from a channel is given up long before.
PICTURES_WITHIN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to write at the help desk.

    Attributes:
        passed_id: The message it passes on; ``None``: it is no message.
        owner_id: The owner it tells of; ``None``: it tells of none.
        change: ``None`` where the help desk has it already.
    """

    change: Change | None
    passed_id: int | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of an answer, as far as they came.

    Attributes:
        missing: Names of those that did not.
    """

    kept: tuple[File, ...] = ()
    missing: tuple[str, ...] = ()


async def case_of(session: AsyncSession, runtime: Runtime, link: HelpdeskLink) -> Case:
    """The ticket to be opened: what was said up to ``link.passed_id``, however late it is."""
    now = clock.now()
    settings = runtime.settings
    ticket = await session.get_one(Ticket, link.ticket_id)
    case = await cases.read(session, ticket, now=now)
    # What was said later comes as a comment, and stands nowhere else.
    known = replace(case, messages=[m for m in case.messages if m.id <= link.passed_id])
    said = [m for m in known.messages if m.conversation_id == ticket.conversation_id]
    name = known.order.name if known.order is not None and known.proof else None
    return Case(
        key=link.key,
        shopper=_shopper(settings, ticket.conversation_id),
        name=name or f"Shopper {ticket.conversation_id}",
        subject=words.subject(known),
        text=words.opening(
            known,
            summary.summarise(known, now=now),
            said,
            zone=settings.zone,
            inbox=f"{settings.base_url}/inbox/tickets/{ticket.id}" if settings.inbox else "",
        ),
        urgency=words.URGENCIES[Priority(ticket.priority)],
    )


async def take_in(
    session: AsyncSession,
    runtime: Runtime,
    link: HelpdeskLink,
    thread: Thread,
    fetched: Mapping[str, Fetched],
) -> list[Step]:
    """Make ours what is new there, and work out what is new here.

    A closing there closes here, unless the shopper has said something that the help desk does not
    have yet: that opens its ticket again, or a new one where it is gone for good.

    Args:
        link: Claimed and locked.
        fetched: By the comment's id, of the answers that have files.

    Returns:
        What to write there, in this order.
    """
    now = clock.now()
    ticket, conversation = await _locked(session, link)
    for comment in thread.comments:
        if is_answer(comment, link):
            files_of = fetched.get(comment.id, Fetched())
            await _answer(session, runtime, link, (ticket, conversation), comment, files_of)
    ended_there = thread.state in {State.CLOSED, State.GONE}
    if link.ended_at is not None:
        if not ended_there and ticket.status == TicketStatus.CLOSED:
            await _reopen(session, runtime, link, conversation, now=now)
        return []
    await _assigned_there(session, link, ticket, thread, now=now)
    is_open = ticket.status == TicketStatus.OPEN
    waiting = await _waiting(session, link, conversation, until=ticket.closed_at)
    pictures = await attachments.of_messages(session, [message.id for message in waiting])
    asked = is_open and any(message.author == Author.SHOPPER for message in waiting)
    if ended_there and (not asked or thread.state is State.GONE):
        if is_open and not asked:
            await inbox.end(session, ticket, conversation, None, now=now)
        # What the shopper still asked goes into a new ticket's opening text: ``queue.notice``.
        link.ended_at = now
        return []
    present = {comment.key for comment in thread.comments}
    steps: list[Step] = []
    for message in waiting[:MOST_MESSAGES]:
        sent = pictures.get(message.id, [])
        if _is_coming(message, sent, now=now):  # in order: what follows waits for it, too
            break
        zone = runtime.settings.zone
        steps.append(await _step(session, link, message, sent, present, zone=zone))
    if len(steps) == len(waiting):
        steps += await _closing_steps(session, link, ticket)
    # Before the words: whoever dies between the two leaves a ticket that is open.
    if thread.state is not State.OPEN and any(_is_asking(step) for step in steps):
        return [Step(Reopen()), *steps]
    return steps


def is_answer(comment: Comment, link: HelpdeskLink) -> bool:
    """Whether a person at the help desk says it to the shopper, and it is not ours come back."""
    ours = comment.key is not None and comment.key.partition(".")[0] == link.key
    return comment.to_shopper and not ours


async def _locked(session: AsyncSession, link: HelpdeskLink) -> tuple[Ticket, Conversation]:
    """The ticket that counts, and the conversation this link is about, locked.

    Of a merged ticket the one it was merged into counts; its shopper's conversation stays its own.
    """
    own = await tickets.find(session, link.ticket_id)
    conversation = await lock(session, own.conversation_id)
    own = await tickets.find(session, link.ticket_id)
    ticket = own
    while ticket.merged_into_id is not None:
        ticket, _ = await tickets.locked(session, ticket.merged_into_id)
    return ticket, conversation


async def _answer(
    session: AsyncSession,
    runtime: Runtime,
    link: HelpdeskLink,
    where: tuple[Ticket, Conversation],
    comment: Comment,
    fetched: Fetched,
) -> None:
    """Pass an answer on to the shopper, once."""
    answer_id = await insert_new(
        session,
        HelpdeskAnswer,
        link_id=link.id,
        external_id=comment.id,
        author=clean(comment.author, limit=200),
    )
    if answer_id is None:
        return
    now = clock.now()
    ticket, conversation = where
    kept = [
        TicketFile(
            ticket_id=ticket.id,
            name=file.name,
            content_type=file.content_type,
            content=file.content,
            created_at=now,
        )
        for file in fetched.kept
    ]
    session.add_all(kept)
    await session.flush()
    lines = [clean(comment.text)]
    lines += [f"{file.name}: {files.link(runtime.settings, file)}" for file in kept]
    lines += [f"({name}: this file could not be passed on.)" for name in fetched.missing]
    text = "\n".join(line for line in lines if line)
    if not text:
        return
    if ticket.status == TicketStatus.OPEN:
        message = await inbox.send(
            session, ticket, conversation, None, text, seen_id=link.passed_id, now=now
        )
    else:  # said after the closing: it is the shopper's all the same
        message = await post(session, conversation, Author.AGENT, text, now=now)
    for file in kept:
        file.message_id = message.id
    answer = await session.get_one(HelpdeskAnswer, answer_id)
    answer.message_id = message.id
    await session.flush()


async def _reopen(
    session: AsyncSession,
    runtime: Runtime,
    link: HelpdeskLink,
    conversation: Conversation,
    *,
    now: datetime,
) -> None:
    """Somebody at the help desk took the case up again: the bot is silent again, too."""
    if await tickets.open_in(session, conversation.id) is not None:
        return  # the shopper has asked again meanwhile: that is another ticket, here and there
    ticket = await handover.hand_over(
        session,
        conversation,
        Reason.ASKED_AGAIN,
        terms=runtime.terms,
        note="Opened again at the help desk.",
        now=now,
    )
    link.ticket_id, link.ended_at, link.due_at = ticket.id, None, now
    await session.flush()


async def _assigned_there(
    session: AsyncSession, link: HelpdeskLink, ticket: Ticket, thread: Thread, *, now: datetime
) -> None:
    """Follow who has it there, as far as they are known here."""
    if (thread.assignee, thread.assignee_email) == (link.assignee, link.assignee_email):
        return
    link.assignee = clean(thread.assignee, limit=200)
    link.assignee_email = clean(thread.assignee_email, limit=200)
    agent = await session.scalar(
        select(Agent).where(Agent.email == thread.assignee_email, Agent.active)
    )
    if agent is None or ticket.status != TicketStatus.OPEN:
        return
    if ticket.owner_id != agent.id:
        ticket.owner_id, ticket.owned_at = agent.id, now
        await tickets.changed(
            session, ticket, Happening.ASSIGNED, now=now, to=agent.name, by=link.helpdesk
        )
    link.owner_id = agent.id


async def _waiting(
    session: AsyncSession, link: HelpdeskLink, conversation: Conversation, *, until: datetime | None
) -> Sequence[Message]:
    """What was said since the last that was passed on, oldest first; one more than a round takes.

    What was said after the closing, with the bot, is not among it.
    """
    found = select(Message).where(
        Message.conversation_id == conversation.id, Message.id > link.passed_id
    )
    if until is not None:
        found = found.where(Message.at <= until)
    return (await session.scalars(found.order_by(Message.id).limit(MOST_MESSAGES + 1))).all()


async def _step(
    session: AsyncSession,
    link: HelpdeskLink,
    message: Message,
    sent: Sequence[Attachment],
    present: Collection[str | None],
    *,
    zone: tzinfo,
) -> Step:
    key = f"{link.key}.{message.id}"
    came_from_it = await session.scalar(
        select(HelpdeskAnswer.id).filter_by(link_id=link.id, message_id=message.id)
    )
    # Theirs, or it went through and our note of it did not.
    if came_from_it is not None or key in present:
        return Step(None, passed_id=message.id)
    entry = Entry(
        key=key,
        by_shopper=message.author == Author.SHOPPER,
        head=words.head(message, zone),
        text=words.entry(message, sent),
        files=(*await _files(session, message), *await _pictures(session, sent)),
    )
    return Step(entry, passed_id=message.id)


def _is_asking(step: Step) -> bool:
    return isinstance(step.change, Entry) and step.change.by_shopper


def _is_coming(message: Message, sent: Sequence[Attachment], *, now: datetime) -> bool:
    """Whether a picture of it is still being fetched from the shopper's channel."""
    return now - message.at < PICTURES_WITHIN and any(f.state == Fetch.WAITING for f in sent)


async def _pictures(session: AsyncSession, sent: Sequence[Attachment]) -> list[File]:
    """The shopper's pictures, as they were kept: made anew by us, without what a camera adds."""
    kept = [picture for picture in sent if picture.state == Fetch.KEPT]
    found = [await attachments.content(session, picture.id) for picture in kept]
    return [
        File(f"picture-{picture.id}.{content_type.partition('/')[2]}", content_type, content)
        for picture, (content_type, content) in zip(kept, found, strict=True)
    ]


async def _files(session: AsyncSession, message: Message) -> tuple[File, ...]:
    rows = await session.execute(
        select(TicketFile.name, TicketFile.content_type, TicketFile.content)
        .where(TicketFile.message_id == message.id)
        .order_by(TicketFile.id)
    )
    return tuple(File(name, content_type, content) for name, content_type, content in rows)


async def _closing_steps(session: AsyncSession, link: HelpdeskLink, ticket: Ticket) -> list[Step]:
    if ticket.status == TicketStatus.CLOSED:
        return [Step(Close())]
    if ticket.owner_id == link.owner_id:
        return []
    owner = await session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    if owner is None:  # nobody any more: the help desk keeps whom it has
        link.owner_id = None
        return []
    return [Step(Assign(owner.email), owner_id=owner.id)]


def _shopper(settings: Settings, conversation_id: int) -> str:
    """Stable for one conversation of one installation; tells nothing of either."""
    secret = f"helpdesk-shopper:{settings.keys[-1]}:{conversation_id}"
    return f"wismo-{hashlib.sha256(secret.encode()).hexdigest()[:16]}"
