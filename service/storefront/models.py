"""Orders, what is in them, the parcels they travel in, and proofs of who asks."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.db import Base, Key, full_text

# What an order is found by in a search; names are not stemmed.
ORDER_TEXT = full_text("number", "name", "email", config="simple")


class Order(Base):
    """One order.

    Attributes:
        key: The number as compared: letters and digits only, upper case.
        number: As the shop writes it: ``#1001``.
        email: Lower case. phone: E.164. postcode: upper case without spaces. ``None``: not given.
        promised_to: The latest moment the shop promised; ``None`` without a promise.
        source: Where it came from: ``shopify``, ``csv``, ``demo``.
        external_id: Its id there; an import of the same one updates it.
        imported_at: When the last import that named it began; ``None`` for one not imported.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        UniqueConstraint("key"),
        Index("ix_orders_phone", "phone"),
        Index("ix_orders_placed_at", "placed_at"),
        Index("ix_orders_search", ORDER_TEXT, postgresql_using="gin"),
    )

    id: Mapped[Key]
    key: Mapped[str]
    number: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    postcode: Mapped[str | None]
    name: Mapped[str | None]
    country: Mapped[str | None]
    currency: Mapped[str | None]
    total: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    placed_at: Mapped[datetime]
    promised_from: Mapped[datetime | None]
    promised_to: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    source: Mapped[str]
    external_id: Mapped[str]
    imported_at: Mapped[datetime | None]

    items: Mapped[list["OrderItem"]] = relationship(
        back_populates="order", order_by="OrderItem.id", cascade="all, delete-orphan"
    )
    parcels: Mapped[list["Parcel"]] = relationship(back_populates="order", order_by="Parcel.id")


class OrderItem(Base):
    """One line of an order. ``parcel_id`` is ``None`` until it is in a parcel."""

    __tablename__ = "order_items"
    __table_args__ = (
        Index("ix_order_items_order_id", "order_id"),
        Index("ix_order_items_search", full_text("title"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcels.id"))
    external_id: Mapped[str | None]
    sku: Mapped[str | None]
    title: Mapped[str]
    quantity: Mapped[int]

    order: Mapped[Order] = relationship(back_populates="items")
    parcel: Mapped["Parcel | None"] = relationship(back_populates="items")


class CarrierBy(StrEnum):
    """Who said which carrier has a parcel. An agent's word stands against the others."""

    SHOP = "shop"
    ANSWER = "answer"  # the shop did not say, and an answer knew the number
    AGENT = "agent"


def _as_carrier(context: DefaultExecutionContext) -> str:
    """Who carries a new parcel is whom the shop names."""
    named: str = context.get_current_parameters()["carrier"]  # type: ignore[no-untyped-call]
    return named


class Parcel(Base):
    """One parcel, as last heard of. Its history is in ``TrackingEventRow``.

    Attributes:
        order_id: ``None`` where no order names it (any more); its history stays.
        carrier: Who carries it, as a slug; ``unknown`` while nobody has said.
        carrier_by: Whose word that is, one of ``CarrierBy``.
        shop_carrier: The slug of the carrier that the shop names; an import finds it by that.
        promised_from: The carrier's own window; ``None`` where it gave none.
        first_promised_to: The end of the first window it gave, by which it is judged, and
            ``first_promised_at`` when that was heard: a word given late may know of the delay.
        fetched_at: When the carrier last answered; ``None`` if never.
        disputed_at: When the shopper said that it did not arrive.
    """

    __tablename__ = "parcels"
    __table_args__ = (
        UniqueConstraint("shop_carrier", "number"),
        CheckConstraint("carrier_by IN ('shop', 'answer', 'agent')", name="carrier_by"),
        Index("ix_parcels_order_id", "order_id"),
        Index("ix_parcels_number", "number"),
    )

    id: Mapped[Key]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    carrier: Mapped[str]
    carrier_by: Mapped[str] = mapped_column(server_default=CarrierBy.SHOP)
    shop_carrier: Mapped[str] = mapped_column(default=_as_carrier)
    number: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="unknown")
    detail: Mapped[str | None]
    promised_from: Mapped[datetime | None]
    promised_to: Mapped[datetime | None]
    first_promised_to: Mapped[datetime | None]
    first_promised_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    order: Mapped[Order | None] = relationship(back_populates="parcels")
    items: Mapped[list[OrderItem]] = relationship(back_populates="parcel", order_by=OrderItem.id)


class TrackingAnswer(Base):
    """A carrier's raw answer, or a webhook's body, kept as it came."""

    __tablename__ = "tracking_answers"
    __table_args__ = (Index("ix_tracking_answers_parcel_id", "parcel_id"),)

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    source: Mapped[str]
    fetched_at: Mapped[datetime]
    raw: Mapped[dict[str, Any]]


class TrackingEventRow(Base):
    """One scan of a parcel, once, with the answer that first brought it.

    Attributes:
        digest: What makes it the same event again: time, code, words and place.
    """

    __tablename__ = "tracking_events"
    __table_args__ = (
        UniqueConstraint("parcel_id", "digest"),
        Index("ix_tracking_events_parcel_id_at", "parcel_id", "at"),
    )

    id: Mapped[Key]
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    answer_id: Mapped[int] = mapped_column(ForeignKey("tracking_answers.id", ondelete="CASCADE"))
    digest: Mapped[str]
    at: Mapped[datetime]
    local_time_only: Mapped[bool]
    status: Mapped[str]
    detail: Mapped[str | None]
    place: Mapped[str | None]
    code: Mapped[str]
    text: Mapped[str]


class IdentityProof(Base):
    """A conversation has shown that it may hear about an order, until ``expires_at``."""

    __tablename__ = "identity_proofs"
    __table_args__ = (UniqueConstraint("conversation_id", "order_id"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[str]
    proved_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class FailedProof(Base):
    """A proof that did not fit. What was tried is not kept."""

    __tablename__ = "failed_proofs"
    __table_args__ = (Index("ix_failed_proofs_conversation_id_at", "conversation_id", "at"),)

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    at: Mapped[datetime]


class TrackingWebhook(Base):
    """A carrier's webhook as it came, kept until it has been read.

    Attributes:
        digest: SHA-256 of source and body: the same body twice is one row.
        error: Why it could not be read; ``None`` while waiting or when done.
    """

    __tablename__ = "tracking_webhooks"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[Key]
    source: Mapped[str]
    digest: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
