"""What the page remembers: links taken back, links opened, tries that failed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class RevokedLinks(Base):
    """How often an order's links were taken back; each time ends all that were made before.

    Attributes:
        generation: The only one whose links hold. An order without a row has generation 0.
    """

    __tablename__ = "revoked_links"

    order_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True
    )
    generation: Mapped[int]
    at: Mapped[datetime]


class OpenedLink(Base):
    """The first time a link that was sent in a message was opened.

    Attributes:
        ref: What the sender called the message when it asked for the link.
    """

    __tablename__ = "opened_links"

    ref: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class FailedTry(Base):
    """A link, number or proof that did not fit. What was tried is not kept.

    Attributes:
        digest: Of who tried, or of the order number that was tried.
    """

    __tablename__ = "failed_page_tries"
    __table_args__ = (Index("ix_failed_page_tries_digest_at", "digest", "at"),)

    id: Mapped[Key]
    digest: Mapped[str]
    at: Mapped[datetime]
