"""Files that shoppers sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class Fetch(StrEnum):
    """How far a file got."""

    WAITING = "waiting"  # still at the provider
    KEPT = "kept"
    REFUSED = "refused"  # not a picture, too large, gone at the provider


class Attachment(Base):
    """One file of a message.

    Attributes:
        message_id: ``None`` while it is uploaded and its message is not sent yet.
        reference: The provider's, to fetch it by; ``None`` for an upload.
        content_type: By its content once kept; until then as the provider says.
        refused: Why, for agents.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_message_id", "message_id"),
        Index("ix_attachments_conversation_id", "conversation_id"),
        CheckConstraint("state IN ('waiting', 'kept', 'refused')", name="state"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    state: Mapped[str]
    reference: Mapped[str | None]
    content_type: Mapped[str]
    name: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    refused: Mapped[str | None]
    created_at: Mapped[datetime]


class AttachmentContent(Base):
    """A kept file's bytes, apart from its row so that lists of files stay light."""

    __tablename__ = "attachment_contents"

    attachment_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)
