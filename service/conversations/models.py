"""Conversations and what was said in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base, Key, full_text


class Handler(StrEnum):
    """Who answers."""

    BOT = "bot"
    AGENT = "agent"


class Author(StrEnum):
    """Who said it. ``system`` is the service itself: "a colleague takes over"."""

    SHOPPER = "shopper"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Delivery(StrEnum):
    """How far a message to the shopper got. ``failed`` is final; the rest move to the right."""

    RECEIVED = "received"  # inbound: stored by us
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Purpose(StrEnum):
    """What a message to a shopper is for: what it may be sent in spite of."""

    REQUIRED = "required"  # confirms an opt-out or answers HELP: always sent
    ANSWER = "answer"  # to what the shopper wrote, by the bot or an agent
    UPDATE = "update"  # nobody asked: "your parcel is out for delivery"


class Conversation(Base):
    """One shopper's address on one channel. Its row is the lock of its messages.

    Attributes:
        session: Counts talks with long silences between them; the bot knows one talk at a time.
        last_inbound_at: When the shopper last wrote; ``None`` before. A window such as WhatsApp's
            24 hours counts from here.
        burst: How many messages came since ``burst_from``, for the limit per sender.
        fetched_id: The newest message that the shopper's side has fetched from us; 0 on channels
            where we send.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        CheckConstraint("handler IN ('bot', 'agent')", name="handler"),
    )

    id: Mapped[Key]
    channel: Mapped[str]
    address: Mapped[str]
    handler: Mapped[str] = mapped_column(server_default=Handler.BOT)
    proved_phone: Mapped[str | None]
    session: Mapped[int] = mapped_column(server_default="1")
    last_inbound_at: Mapped[datetime | None]
    burst: Mapped[int] = mapped_column(server_default="0")
    burst_from: Mapped[datetime | None]
    fetched_id: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Message(Base):
    """One thing said. Ids grow in the order of commits within a conversation.

    Attributes:
        external_id: The provider's id of an inbound message; unique in its conversation.
        display: What a person sees in place of ``text`` (a pressed button's title).
        kind: One of ``integrations.messages.Kind``.
        answered: For the shopper's messages: whether a turn has taken it, or a human reads it.
        purpose: Of a message to the shopper.
        extras: What an outbound message holds beside text and buttons, as ``service.post``
            stores it: ``rows``, ``image``, ``link``, ``template``.
        tries: How often sending it failed for a reason that may pass.
        slot_at: When the provider's limit lets it be sent; ``None``: not reserved.
        made_from: What a bot's message was made from, for who has to find out why it was wrong;
            ``None`` of others.
        error: Why it failed, for agents.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "external_id"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_unanswered", "conversation_id", postgresql_where="NOT answered"),
        Index("ix_messages_search", full_text("text"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    author: Mapped[str]
    text: Mapped[str]
    display: Mapped[str | None]
    buttons: Mapped[list[Any]] = mapped_column(server_default="[]")
    at: Mapped[datetime]
    answered: Mapped[bool] = mapped_column(server_default="true")
    delivery: Mapped[str]
    external_id: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default="text")
    purpose: Mapped[str] = mapped_column(server_default=Purpose.ANSWER)
    extras: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    tries: Mapped[int] = mapped_column(server_default="0")
    slot_at: Mapped[datetime | None]
    made_from: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]


class SentPart(Base):
    """One message at a provider: a message of ours, or one of the pieces it was cut into.

    A receipt may come before what we sent is written down, and from senders that share our account
    for messages of their own: then ``message_id`` is ``None``, and stays so for theirs.

    Attributes:
        part: Its place among the pieces, from 0.
        state: One of ``integrations.messages.State``.
        blocked: It failed because the shopper refuses our messages.
    """

    __tablename__ = "sent_parts"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        UniqueConstraint("message_id", "part"),
    )

    id: Mapped[Key]
    channel: Mapped[str]
    provider_id: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    part: Mapped[int | None]
    state: Mapped[str]
    blocked: Mapped[bool] = mapped_column(server_default="false")
    error: Mapped[str | None]
    at: Mapped[datetime]


class SendLimit(Base):
    """Who may send when, under a provider's limit in all or to one address.

    Attributes:
        key: ``"twilio_sms"``, or ``"twilio_sms:+447700900123"``.
        slots: When the newest messages were or will be sent, oldest first: as many as the limit.
        rest_until: The provider asked to be left alone until then; ``None`` if never.
        used_at: The newest slot or rest, to know what can be forgotten.
    """

    __tablename__ = "send_limits"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    slots: Mapped[list[datetime]] = mapped_column(
        ARRAY(DateTime(timezone=True)), server_default="{}"
    )
    rest_until: Mapped[datetime | None]
    used_at: Mapped[datetime]


class ChatPosts(Base):
    """How much one internet address posted to the web chat, or asked of a product's date, lately.

    Not written ahead (``UNLOGGED``): a count costs no wait for the disk, and is lost in a crash of
    the database.

    Attributes:
        digest: Of the address, and of what is counted (``visitors``).
        since: When its minute began.
        count: Posts since then.
    """

    __tablename__ = "chat_posts"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - SQLAlchemy reads it

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]
