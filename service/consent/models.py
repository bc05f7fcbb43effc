"""The ledger of requests about messages and data."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class Source(StrEnum):
    """How a request came to us."""

    KEYWORD = "keyword"  # STOP and its like, alone in a message
    WORDS = "words"  # free text, understood by the bot
    PROVIDER = "provider"  # the provider says so: blocked, opted out there


class ConsentRequest(Base):
    """One request. Rows are added and never changed, so that it can be shown what was asked when.

    Attributes:
        network: Where the address lives (``ChannelManifest.network``); the newest request of an
            address there counts, through whichever of its channels it came.
        number: E.164, where the address is or has proved one.
        kind: One of ``bot.actions.contract.Request``.
        purpose: One of ``conversations.models.Purpose``: what an opt-out ends, and with it
            whatever matters less. ``answer`` is everything, ``update`` what nobody asked for.
        source: One of ``Source``.
        words: The shopper's, or the provider's.
    """

    __tablename__ = "consent_requests"
    __table_args__ = (Index("ix_consent_requests_network_address_id", "network", "address", "id"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    network: Mapped[str]
    address: Mapped[str]
    number: Mapped[str | None]
    kind: Mapped[str]
    purpose: Mapped[str] = mapped_column(server_default="update")
    source: Mapped[str] = mapped_column(server_default=Source.WORDS)
    words: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
