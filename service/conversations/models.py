"""Conversations and what was said in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class Handler(StrEnum):
    """Who answers."""

    BOT = "bot"
    AGENT = "agent"


class Author(StrEnum):
    """Who said it. ``system`` is the service itself: "a colleague takes over"."""

    SHOPPER = "shopper"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Delivery(StrEnum):
    """How far a message to the shopper got. ``failed`` is final; the rest move to the right."""

    RECEIVED = "received"  # inbound: stored by us
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Conversation(Base):
    """One shopper's address on one channel. Its row is the lock of its messages."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        CheckConstraint("handler IN ('bot', 'agent')", name="handler"),
    )

    id: Mapped[Key]
    channel: Mapped[str]
    address: Mapped[str]
    handler: Mapped[str] = mapped_column(server_default=Handler.BOT)
    proved_phone: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Message(Base):
    """One thing said. Ids grow in the order of commits within a conversation.

    Attributes:
        external_id: The provider's id of an inbound message; unique in its conversation.
        display: What a person sees in place of ``text`` (a pressed button's title).
        answered: For the shopper's messages: whether a turn has taken it, or a human reads it.
        provider_id: The provider's id of an outbound message, once sent.
        error: Why it failed, for agents.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "external_id"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_unanswered", "conversation_id", postgresql_where="NOT answered"),
        Index("ix_messages_provider_id", "provider_id"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    author: Mapped[str]
    text: Mapped[str]
    display: Mapped[str | None]
    buttons: Mapped[list[Any]] = mapped_column(server_default="[]")
    at: Mapped[datetime]
    answered: Mapped[bool] = mapped_column(server_default="true")
    delivery: Mapped[str]
    external_id: Mapped[str | None]
    provider_id: Mapped[str | None]
    error: Mapped[str | None]
