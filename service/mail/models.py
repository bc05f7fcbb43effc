"""E-mails to be sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class MailState(StrEnum):
    """How far an e-mail got. It only moves to the right, but that ``failed`` is final.

    What comes after ``sent`` is known where the provider tells (``bounces.py``).
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"  # there is no such address, or it takes nothing from us
    COMPLAINED = "complained"  # the reader called it spam


class Mail(Base):
    """One e-mail. Its row is its place in the outbox.

    Attributes:
        key: What it is about, once: ``"message:12"``; the same key again is the same e-mail.
        conversation_id: The conversation it belongs to; ``None`` of one that belongs to none.
        html: The same as HTML; ``None``: plain text alone.
        headers: More headers, by name: ``List-Unsubscribe``.
        name: The name the ``Message-ID`` is made of; a second try carries it again. Nobody can
            guess it: an answer that bears it comes from who got the e-mail.
        error: Why it failed, for agents.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("name"),
        Index("ix_mails_conversation_id", "conversation_id"),
        CheckConstraint(
            "state IN ('queued', 'sent', 'delivered', 'failed', 'bounced', 'complained')",
            name="state",
        ),
    )

    id: Mapped[Key]
    key: Mapped[str]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    to: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str | None]
    headers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=MailState.QUEUED)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
