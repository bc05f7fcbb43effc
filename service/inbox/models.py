"""Tickets: the cases that need a person, and all that people do with them."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key, full_text


class TicketStatus(StrEnum):
    """``open`` until an agent closes it, or merges it into another."""

    OPEN = "open"
    CLOSED = "closed"


class Priority(IntEnum):
    """How much a ticket matters; the higher goes first whatever its deadline."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3
    SAFETY = 4  # what a person must see, whatever else waits


class Ticket(Base):
    """A case that needs a person. At most one is open in a conversation.

    Attributes:
        reason: The gravest of ``reasons``, one of ``bot.actions.contract.Reason``.
        reasons: All of them, in the order they came; ``reason`` is among them.
        note: What the bot knew, for the agent.
        priority: One of ``Priority``.
        priority_why: What made it so, in words for agents: ``"9 days late"``.
        version: Grows with each act of an agent and of the watchdog; an act decided by an older
            one is refused, so that nothing is overwritten unseen.
        changed_by_id: Whose the newest acts are; ``None``: the service's, or the help desk's.
        changed_from: The version before the first of these. What changed since is known to whoever
            did it: a page of their own that is as old as this is still good for their next act.
        team_id: Whose it is while nobody has it, and who sees it; ``None`` only between two rounds
            of the watchdog.
        owner_id: The agent who has it; ``None`` while it waits for anyone of the team.
        owned_at: When it became theirs.
        waiting_since: The first thing the shopper said that no agent has answered; ``None`` where
            it is the shopper's turn.
        due_at: When the shopper was promised an answer to that. Of no meaning in the shopper's
            turn.
        first_answer_at: When an agent first answered; ``None`` before.
        breached_at: When a promise was first broken; ``None`` if never.
        warned_at, escalated_at, apologised_at: When, for the answer owed now, the owner was warned,
            the ticket went up, the shopper was told that it takes longer; ``None``: not yet.
        snoozed_until: Not shown in the lists before; ``None``: shown. What the shopper says ends
            it.
        email: Where an answer goes that the shopper's page was not there to fetch; ``None``: none.
        merged_into_id: The ticket that took its place; it is closed then.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(
            "uq_tickets_open", "conversation_id", unique=True, postgresql_where="status = 'open'"
        ),
        Index("ix_tickets_conversation_id", "conversation_id"),
        Index("ix_tickets_status_due_at", "status", "due_at"),
        # As the lists are ordered, so that a page is read and no more.
        Index(
            "ix_tickets_list",
            text("(waiting_since IS NULL)"),
            text("priority DESC"),
            "due_at",
            "id",
            postgresql_where="status = 'open'",
        ),
        Index("ix_tickets_owner_id", "owner_id", "due_at", postgresql_where="status = 'open'"),
        Index("ix_tickets_team_id", "team_id", "due_at", postgresql_where="status = 'open'"),
        Index("ix_tickets_order_id", "order_id"),
        Index("ix_tickets_opened_at", "opened_at"),
        Index("ix_tickets_first_answer_at", "first_answer_at"),
        Index("ix_tickets_closed_at", "closed_at", postgresql_where="status = 'closed'"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str]
    reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    note: Mapped[str] = mapped_column(server_default="")
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=str(Priority.NORMAL.value))
    priority_why: Mapped[list[Any]] = mapped_column(server_default="[]")
    status: Mapped[str] = mapped_column(server_default=TicketStatus.OPEN)
    version: Mapped[int] = mapped_column(server_default="1")
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    changed_from: Mapped[int] = mapped_column(server_default="1")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    owned_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    due_at: Mapped[datetime]
    first_answer_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    apologised_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    email: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))


class Happening(StrEnum):
    """What may happen to a ticket, besides what is said in its conversation."""

    OPENED = "opened"
    JOINED = "joined"  # a new reason
    ASSIGNED = "assigned"
    MOVED = "moved"  # to another team
    REASSIGNED = "reassigned"  # its owner left
    WARNED = "warned"
    ESCALATED = "escalated"
    BREACHED = "breached"
    APOLOGISED = "apologised"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    MERGED = "merged"
    CLOSED = "closed"
    PLACE_TOLD = "place_told"  # to a shopper who asked whether anybody is there
    RATED = "rated"
    MAILED = "mailed"


class TicketEvent(Base):
    """Something that happened to a ticket, for its history.

    Attributes:
        kind: One of ``Happening``.
        agent_id: Who did it; ``None``: the service itself.
        details: What else there is to say; no words of a shopper.
    """

    __tablename__ = "ticket_events"
    __table_args__ = (Index("ix_ticket_events_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    kind: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    at: Mapped[datetime]


class TicketNote(Base):
    """Something agents tell each other; no shopper ever sees it.

    Attributes:
        agent_id: Who wrote it; ``None``: the service itself.
    """

    __tablename__ = "ticket_notes"
    __table_args__ = (
        Index("ix_ticket_notes_ticket_id_id", "ticket_id", "id"),
        Index("ix_ticket_notes_search", full_text("text"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    text: Mapped[str]
    at: Mapped[datetime]


class NoteMention(Base):
    """A note that names a colleague: ``@ana``.

    Attributes:
        seen_at: When they opened the ticket after it; ``None``: not yet.
    """

    __tablename__ = "note_mentions"
    __table_args__ = (
        Index("ix_note_mentions_unseen", "agent_id", postgresql_where="seen_at IS NULL"),
    )

    note_id: Mapped[int] = mapped_column(
        ForeignKey("ticket_notes.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    seen_at: Mapped[datetime | None]


class Tag(Base):
    """A word that agents put on tickets. Lower case."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[str]


class TicketTag(Base):
    """A tag on a ticket."""

    __tablename__ = "ticket_tags"
    __table_args__ = (Index("ix_ticket_tags_tag_id", "tag_id"),)

    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class Macro(Base):
    """An answer that is often given, with placeholders: ``{shopper}``, ``{order}``, ``{agent}``.

    Attributes:
        team_id: Who is offered it; ``None``: everyone.
        tag_id: Put on the ticket with it; ``None``: none.
    """

    __tablename__ = "macros"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[str]
    text: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id", ondelete="SET NULL"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    created_at: Mapped[datetime]


class AnswerState(StrEnum):
    """What became of an answer that was to go out later."""

    WAITING = "waiting"
    SENT = "sent"
    CANCELLED = "cancelled"  # undone by its author, or by what happened meanwhile


class LaterAnswer(Base):
    """An answer on its way: for the five seconds in which it can be undone, or until a set time.

    Attributes:
        agent_id: Who wrote it.
        seen_id: The newest message on the page it was written at; what the shopper says after it
            still waits. ``None``: not known.
        then_close: Close the ticket once it is sent.
        cancelled_why: For agents; empty where its author took it back.
        message_id: What the shopper got, once sent.
    """

    __tablename__ = "later_answers"
    __table_args__ = (
        Index(
            "uq_later_answers_waiting",
            "ticket_id",
            unique=True,
            postgresql_where="state = 'waiting'",
        ),
        CheckConstraint("state IN ('waiting', 'sent', 'cancelled')", name="state"),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    text: Mapped[str]
    seen_id: Mapped[int | None]
    then_close: Mapped[bool] = mapped_column(server_default="false")
    send_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=AnswerState.WAITING)
    cancelled_why: Mapped[str] = mapped_column(server_default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime]


class TicketFile(Base):
    """A file that an agent added, to an answer or to a note.

    Attributes:
        agent_id: Who added it; ``None``: somebody at the help desk.
        answer_id: The answer it goes out with; ``note_id``: the note it belongs to. Both ``None``
            while its form is not sent yet.
        message_id: The message it went out with, once sent.
    """

    __tablename__ = "ticket_files"
    __table_args__ = (
        Index("ix_ticket_files_ticket_id", "ticket_id"),
        Index("ix_ticket_files_message_id", "message_id"),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    answer_id: Mapped[int | None] = mapped_column(
        ForeignKey("later_answers.id", ondelete="SET NULL")
    )
    note_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_notes.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    name: Mapped[str]
    content_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]


class Doing(StrEnum):
    """What an agent does at a ticket's page."""

    VIEWING = "viewing"
    TYPING = "typing"


class Presence(Base):
    """An agent at a ticket's page: whoever was heard of in the last seconds.

    Attributes:
        doing: One of ``Doing``.
    """

    __tablename__ = "ticket_presence"

    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[int] = mapped_column(
        ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True
    )
    doing: Mapped[str]
    at: Mapped[datetime]


class Rating(Base):
    """What a shopper thought of a closed case; asked for once.

    Attributes:
        agent_id: Who closed it.
        score: 1 to 5; ``None`` while not given.
        commented_at: When the comment came, or was passed over; ``None`` while it is waited for.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("ticket_id"),
        Index("ix_ratings_conversation_id", "conversation_id"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    score: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime]
    rated_at: Mapped[datetime | None]
    commented_at: Mapped[datetime | None]


class WrongAnswer(Base):
    """A bot's message that an agent called wrong, with everything it was made from.

    Attributes:
        made_from: The shopper's words, intent, confidence, slots, verdict, article: what was known.
        mended_at: When somebody put it right (an article, a training sentence); ``None``: not yet.
    """

    __tablename__ = "wrong_answers"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_wrong_answers_at", "at"),
    )

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    comment: Mapped[str] = mapped_column(server_default="")
    made_from: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    mended_at: Mapped[datetime | None]
    mended_by_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
