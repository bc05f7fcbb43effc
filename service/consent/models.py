"""The ledger of requests about messages and data."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class ConsentRequest(Base):
    """One request. Rows are added and never changed, so that it can be shown what was asked when.

    Attributes:
        kind: One of ``bot.actions.contract.Request``.
    """

    __tablename__ = "consent_requests"
    __table_args__ = (Index("ix_consent_requests_conversation_id_id", "conversation_id", "id"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
