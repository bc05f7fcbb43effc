"""What is kept of tickets at a help desk."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class HelpdeskLink(Base):
    """A ticket of ours and the one at the help desk that stands for it.

    What is to be passed on is not copied: it is what the conversation holds after ``passed_id``.
    So nothing can be in the conversation and missing from a queue.

    Attributes:
        ticket_id: Another one once the help desk has opened its ticket again.
        key: Ours, twelve hexadecimal digits; the ticket there is found by it.
        external_id: The help desk's; ``None`` until it is known to be open there.
        passed_id: The last message of the conversation that the help desk has.
        assignee, assignee_email: Who has it there, as last read; empty for nobody.
        owner_id: The owner here that the help desk was last told, or told us.
        due_at: When it is looked at next; ``None``: nothing is expected.
        claimed_until: Somebody is at it. If they die, or get no answer to what they sent, their
            claim ends then. Also the claim's name: what was claimed anew is no longer theirs.
        tries: Failures since it last went well; ``error`` is the last one's, for operators.
        ended_at: Closed on both sides, or gone; ``None``: in use.
    """

    __tablename__ = "helpdesk_links"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("helpdesk", "external_id"),
        Index(
            "uq_helpdesk_links_live", "ticket_id", unique=True, postgresql_where="ended_at IS NULL"
        ),
        Index("ix_helpdesk_links_due_at", "due_at"),
        Index("ix_helpdesk_links_claimed_until", "claimed_until"),
    )

    id: Mapped[Key]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    helpdesk: Mapped[str]
    key: Mapped[str]
    external_id: Mapped[str | None]
    passed_id: Mapped[int]
    assignee: Mapped[str] = mapped_column(server_default="")
    assignee_email: Mapped[str] = mapped_column(server_default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    due_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class HelpdeskAnswer(Base):
    """An answer a person gave at the help desk, passed on to the shopper once.

    Attributes:
        external_id: The help desk's id of the comment.
        message_id: What the shopper got; ``None`` where nothing was left of it.
    """

    __tablename__ = "helpdesk_answers"
    __table_args__ = (
        UniqueConstraint("link_id", "external_id"),
        Index("ix_helpdesk_answers_message_id", "message_id"),
    )

    id: Mapped[Key]
    link_id: Mapped[int] = mapped_column(ForeignKey("helpdesk_links.id", ondelete="CASCADE"))
    external_id: Mapped[str]
    author: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))


class HelpdeskRest(Base):
    """A help desk that is left alone: it asked for it, or it is down.

    Attributes:
        until: In the past: it is not.
        failures: Times in a row that it could not be reached.
    """

    __tablename__ = "helpdesk_rests"

    helpdesk: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime]
    failures: Mapped[int] = mapped_column(BigInteger, server_default="0")
