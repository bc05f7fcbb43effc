"""Who may be told, and how: choices made by shoppers, browsers that take push messages."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class NotificationChoice(Base):
    """A shopper's word on one channel for one order. Rows are added and never changed.

    The newest row of an order and channel counts; without one the shop's own opt-in does.

    Attributes:
        channel: ``email``, ``sms``, ``whatsapp`` or ``push``.
        source: Where it was said: ``tracking_page``.
    """

    __tablename__ = "notification_choices"
    __table_args__ = (Index("ix_notification_choices_order_id_channel_id", "order_id", "channel"),)

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    channel: Mapped[str]
    wanted: Mapped[bool]
    source: Mapped[str]
    at: Mapped[datetime]


class PushSubscription(Base):
    """A browser that takes push messages about one order.

    Attributes:
        endpoint: The push service's address of this browser; secret.
        p256dh: The browser's public key, base64url. auth: Its secret, base64url.
        lang: Two letters, of the page it was made on.
        gone_at: When the push service said that it is no more; ``None``: it is.

    Source: https://www.w3.org/TR/push-api/#pushsubscription-interface
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (UniqueConstraint("order_id", "endpoint"),)

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    endpoint: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    lang: Mapped[str]
    created_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
