"""E-mails to be sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class MailState(StrEnum):
    """How far an e-mail got. ``sent`` and ``failed`` are final."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """One e-mail. Its row is its place in the outbox.

    Attributes:
        key: What it is about, once: ``"message:12"``; the same key again is the same e-mail.
        conversation_id: The conversation it belongs to; ``None`` of one that belongs to none.
        name: The name the ``Message-ID`` is made of; a second try carries it again. Nobody can
            guess it: an answer that bears it comes from who got the e-mail.
        error: Why it failed, for agents.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("name"),
        Index("ix_mails_conversation_id", "conversation_id"),
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
    )

    id: Mapped[Key]
    key: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    to: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=MailState.QUEUED)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
