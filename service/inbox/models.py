"""Tickets and the agents who take them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class Agent(Base):
    """A person who answers. ``email`` is kept in lower case."""

    __tablename__ = "agents"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[Key]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AgentSession(Base):
    """One sign-in of an agent, for as long as the row is there.

    Attributes:
        password_hash: The agent's at that moment; a session of an earlier password is none.
    """

    __tablename__ = "agent_sessions"
    __table_args__ = (Index("ix_agent_sessions_agent_id", "agent_id"),)

    id: Mapped[Key]
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    password_hash: Mapped[str]
    started_at: Mapped[datetime]


class SignInTry(Base):
    """One attempt to sign in that has not succeeded.

    Attributes:
        digest: SHA-256 of what is counted, an e-mail or an address; what was typed is not kept.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index("ix_sign_in_tries_digest_at", "digest", "at"),)

    id: Mapped[Key]
    digest: Mapped[str]
    at: Mapped[datetime]


class TicketStatus(StrEnum):
    """``open`` until an agent closes it."""

    OPEN = "open"
    CLOSED = "closed"


class Ticket(Base):
    """A case that needs a person. At most one is open in a conversation.

    Attributes:
        reason: Why it was handed over, one of ``bot.actions.contract.Reason``.
        note: What the bot knew, for the agent.
        owner_id: The agent who took it; ``None`` while it waits for anyone.
        due_at: When the shopper was promised a first answer.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(
            "uq_tickets_open", "conversation_id", unique=True, postgresql_where="status = 'open'"
        ),
        Index("ix_tickets_status_due_at", "status", "due_at"),
        Index("ix_tickets_closed_at", "closed_at", postgresql_where="status = 'closed'"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default=TicketStatus.OPEN)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    due_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
