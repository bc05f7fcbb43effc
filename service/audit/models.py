"""The audit log: entries that are only ever added, and the chain that shows if one was changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class AuditEntry(Base):
    """One act of one person. Triggers in the database refuse to change or delete it.

    Attributes:
        actor_id: The agent; ``None`` for the command line and the service itself. No foreign key:
            the entry outlives the account.
        actor: Their e-mail at that moment, or ``"command line"``.
        act: One of ``Act``.
        subject: What it was done to: ``"order:12"``, ``"ticket:7"``, ``"agent:3"``.
        details: What else is worth knowing; ids and settings, never a shopper's data.
        address: Where the request came from; empty for the command line.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entries_subject_id", "subject", "id"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor: Mapped[str]
    act: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    address: Mapped[str] = mapped_column(server_default="")


class AuditLink(Base):
    """An entry's place in the chain, added by the database when the entry is committed.

    Attributes:
        position: 1, 2, 3, ... in the order of commits, without gaps.
        digest: SHA-256 over the digest before it and the entry; what is changed or left out
            breaks the chain there.
    """

    __tablename__ = "audit_links"
    __table_args__ = (UniqueConstraint("entry_id"),)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"))
    digest: Mapped[str]
