"""Who may be told and how, what there was to tell, and what became of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key


class NotificationChoice(Base):
    """A shopper's word on one channel for one order. Rows are added and never changed.

    The newest row of an order and channel counts; without one the shop's own opt-in does.

    Attributes:
        channel: ``email``, ``sms``, ``whatsapp`` or ``push``.
        source: Where it was said: ``tracking_page``; ``unsubscribe``, by the link of an e-mail;
            ``provider``, that it bounced or was called spam.
        address: It holds for all orders of that e-mail address; ``None``: for this order.
    """

    __tablename__ = "notification_choices"
    __table_args__ = (
        Index("ix_notification_choices_order_id_channel_id", "order_id", "channel"),
        Index(
            "ix_notification_choices_address",
            "address",
            postgresql_where="address IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    channel: Mapped[str]
    wanted: Mapped[bool]
    source: Mapped[str]
    address: Mapped[str | None]
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


class Told(StrEnum):
    """Whether a milestone was told."""

    WAITING = "waiting"
    TOLD = "told"
    HELD = "held"


class MilestoneRow(Base):
    """Something that happened and that shoppers are told of: at most once, which the keys enforce.

    Attributes:
        parcel_id: ``None`` of what is about the order.
        trigger: One of ``news.Trigger``.
        about: What makes two of a trigger different: the new day of a delay; empty for the others.
        person: Who is to be told, as a digest: who has several orders is still one person.
        facts: What a message says of it and nobody knows later: place, reason, the old window.
        at: When it happened.
        state: One of ``Told``. ``due_at``: of one that waits, when it is looked at.
        why: One of ``rules.Why``: what it waits for, or why it was held back; ``None`` if told.
        decided_at: When it was told or held back for good.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        Index(
            "uq_milestones_parcel",
            "parcel_id",
            "trigger",
            "about",
            unique=True,
            postgresql_where="parcel_id IS NOT NULL",
        ),
        Index(
            "uq_milestones_order",
            "order_id",
            "trigger",
            "about",
            unique=True,
            postgresql_where="parcel_id IS NULL",
        ),
        Index("ix_milestones_order_id", "order_id"),
        Index("ix_milestones_waiting", "person", postgresql_where="state = 'waiting'"),
        Index("ix_milestones_trigger_decided_at", "trigger", "decided_at"),
        Index("ix_milestones_notification_id", "notification_id"),
        CheckConstraint("state IN ('waiting', 'told', 'held')", name="state"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    parcel_id: Mapped[int | None] = mapped_column(ForeignKey("parcels.id", ondelete="CASCADE"))
    trigger: Mapped[str]
    about: Mapped[str] = mapped_column(server_default="")
    person: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    at: Mapped[datetime]
    noticed_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=Told.WAITING)
    due_at: Mapped[datetime]
    why: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    notification_id: Mapped[int | None] = mapped_column(
        ForeignKey("notifications.id", ondelete="SET NULL")
    )


class Notification(Base):
    """One telling of one person: the news of one or several milestones of an order.

    Attributes:
        trigger: The gravest milestone's.
        news: Each as ``news.News.as_json``, the gravest first.
        urgent: The shopper must act, so it does not count as the day's one message.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_person_at", "person", "at"),
        Index("ix_notifications_order_id", "order_id"),
    )

    id: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    person: Mapped[str]
    trigger: Mapped[str]
    news: Mapped[list[Any]]
    lang: Mapped[str]
    urgent: Mapped[bool]
    at: Mapped[datetime]


class Way(StrEnum):
    """How far a sending got; ``sent`` is the end where nobody tells of more."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


class Sending(Base):
    """One message of a notification, by one kind: a row of the outbox.

    Attributes:
        way: Which of the trigger's ways it belongs to, from 0; of one way only a later one, the
            fallback, follows an earlier.
        kind: One of ``news.Kind``.
        address: Where it went; empty for push, which goes to all of the order's browsers.
        state: One of ``Way``, as last looked up. ``held``: never sent, and ``why`` says why.
        message_id: In the conversation it is part of. mail_id: The e-mail it is.
        cost: In US dollars, by ``prices.yml``.
        look_at: When it must have arrived, or is looked at again.
        settled_at: When nothing more was to come of it; ``None``: it is still looked after.
    """

    __tablename__ = "sendings"
    __table_args__ = (
        Index("ix_sendings_notification_id", "notification_id"),
        Index("ix_sendings_order_id", "order_id"),
        Index("ix_sendings_open", "look_at", postgresql_where="settled_at IS NULL"),
        Index("ix_sendings_message_id", "message_id"),
        Index("ix_sendings_mail_id", "mail_id"),
        Index("ix_sendings_kind_at", "kind", "at"),
        CheckConstraint("state IN ('queued', 'sent', 'delivered', 'failed', 'held')", name="state"),
    )

    id: Mapped[Key]
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    way: Mapped[int]
    kind: Mapped[str]
    address: Mapped[str] = mapped_column(server_default="")
    lang: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=Way.QUEUED)
    why: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id"))
    cost: Mapped[Decimal] = mapped_column(Numeric(10, 4), server_default="0")
    at: Mapped[datetime]
    look_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class MilestoneWatch(Base):
    """When a parcel is looked at for what the clock alone brings: silence, tomorrow, a reminder.

    A parcel whose way has ended has no row.
    """

    __tablename__ = "milestone_watches"
    __table_args__ = (Index("ix_milestone_watches_due_at", "due_at"),)

    parcel_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("parcels.id", ondelete="CASCADE"), primary_key=True
    )
    due_at: Mapped[datetime]


class PushMessage(Base):
    """One browser's copy of a push message.

    Attributes:
        payload: What its service worker shows: ``title``, ``body`` and ``url``, a path of ours.
        state: ``queued``, ``sent`` or ``failed``; a push service tells of nothing more.
    """

    __tablename__ = "push_messages"
    __table_args__ = (
        UniqueConstraint("sending_id", "subscription_id"),
        CheckConstraint("state IN ('queued', 'sent', 'failed')", name="state"),
    )

    id: Mapped[Key]
    sending_id: Mapped[int] = mapped_column(ForeignKey("sendings.id", ondelete="CASCADE"))
    subscription_id: Mapped[int] = mapped_column(
        ForeignKey("push_subscriptions.id", ondelete="CASCADE")
    )
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default=Way.QUEUED)
    why: Mapped[str | None]
    at: Mapped[datetime]


class SavedText(Base):
    """A text as somebody saved it in the inbox. Rows are added; the newest of a trigger counts.

    Attributes:
        text: The fields of ``texts.Text``; ``None``: as Wismo brings it.
    """

    __tablename__ = "notification_texts"
    __table_args__ = (Index("ix_notification_texts_lang_trigger_id", "lang", "trigger", "id"),)

    id: Mapped[Key]
    lang: Mapped[str]
    trigger: Mapped[str]
    text: Mapped[dict[str, Any] | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    at: Mapped[datetime]
