"""Every message that nobody asked for: what went out, what waits, what was not sent and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.conversations.models import Conversation, Message, Purpose
from service.demo.models import CaughtMail
from service.mail.models import Mail
from service.notifications.models import Notification, PushMessage, Sending, Way
from service.notifications.news import Kind
from service.storefront.models import Order

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Out:
    """One message.

    Attributes:
        source: Which table has it: ``sending``, ``mail`` (an answer by e-mail, a test) or
            ``message`` (a test on a channel). With ``id`` it names the message.
        kind: ``email``, ``push``, or a channel's slug or network.
        to: Whom, as the kind names them; empty for push, which goes to browsers.
        trigger: One of ``news.Trigger``; ``None`` of what is no notification.
        why: Why it failed or was held back.
    """

    source: str
    id: int
    kind: str
    to: str
    said: str
    state: str
    why: str | None
    at: datetime
    trigger: str | None = None
    order: str | None = None
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """One message with all there is to read of it.

    Attributes:
        html: Of an e-mail; ``None`` of one in plain text.
        caught: When the demo's mail server took it; ``html`` and ``text`` are then what it took.
        browsers: Of push: how each copy fared, with the reason where it failed.
        cost: In US dollars; empty of what is free.
    """

    out: Out
    text: str
    subject: str = ""
    html: str | None = None
    caught: datetime | None = None
    browsers: Sequence[tuple[str, str | None]] = ()
    channel: str | None = None
    cost: str = ""


async def page(
    session: AsyncSession,
    *,
    before: datetime | None = None,
    kind: str = "",
    state: str = "",
    order: str = "",
) -> Sequence[Out]:
    """The newest messages, ``PAGE`` at most, newest first.

    Args:
        before: Older ones than that.
        order: An order's number, as the shop writes it, with or without ``#``.
    """
    found: list[Out] = []
    for query in (_sendings(), _mails(), _messages()):
        columns = query.selected_columns
        asked = [columns["at"] < before] if before else []
        asked += [columns["kind"] == kind] if kind else []
        asked += [columns["state"] == state] if state else []
        asked += [columns["order"].in_([order, f"#{order}"])] if order else []
        limited = query.where(*asked).order_by(columns["at"].desc()).limit(PAGE)
        found += [Out(**row._mapping) for row in await session.execute(limited)]
    found.sort(key=lambda out: out.at, reverse=True)
    return found[:PAGE]


async def of_order(session: AsyncSession, order_id: int) -> dict[int, list[Out]]:
    """An order's notifications, by the id of what they told, oldest first."""
    query = _sendings().add_columns(Sending.notification_id)
    found: dict[int, list[Out]] = {}
    for row in await session.execute(query.where(Order.id == order_id).order_by(Sending.id)):
        *values, told = row
        found.setdefault(told, []).append(Out(*values))
    return found


async def one(session: AsyncSession, source: str, out_id: int) -> Whole | None:
    """One message; ``None``: there is none."""
    query = {"sending": _sendings, "mail": _mails, "message": _messages}.get(source)
    if query is None:
        return None
    asked = query()
    row = (await session.execute(asked.where(asked.selected_columns["id"] == out_id))).first()
    if row is None:
        return None
    out = Out(**row._mapping)
    if source == "mail":
        return await _mail(session, out, await session.get_one(Mail, out_id))
    if source == "message":
        return await _message(session, out, await session.get_one(Message, out_id))
    sending = await session.get_one(Sending, out_id)
    if sending.mail_id is not None:
        mail = await session.get_one(Mail, sending.mail_id)
        return await _mail(session, out, mail, cost=_dollars(sending.cost))
    if sending.message_id is not None:
        message = await session.get_one(Message, sending.message_id)
        return await _message(session, out, message, cost=_dollars(sending.cost))
    return await _push(session, out)


def _dollars(cost: Decimal) -> str:
    """At least two places, and as many as a small price needs; empty of what is free."""
    cents = f"{cost:.2f}"
    return "" if not cost else cents if Decimal(cents) == cost else f"{cost.normalize():f}"


def _sendings() -> Select[*tuple[Any, ...]]:
    said = (
        select(PushMessage.payload["body"].astext)
        .where(PushMessage.sending_id == Sending.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            literal("sending").label("source"),
            Sending.id.label("id"),
            Sending.kind.label("kind"),
            Sending.address.label("to"),
            _first(Mail.subject, Message.text, said).label("said"),
            case(
                (Sending.state.in_([Way.FAILED, Way.HELD]), Sending.state),
                else_=func.coalesce(Mail.state, Message.delivery, Sending.state),
            ).label("state"),
            _first(Sending.why, Mail.error, Message.error, empty=None).label("why"),
            Sending.at.label("at"),
            Notification.trigger.label("trigger"),
            Order.number.label("order"),
            Order.id.label("order_id"),
        )
        .join(Notification, Notification.id == Sending.notification_id)
        .join(Order, Order.id == Sending.order_id)
        .outerjoin(Mail, Mail.id == Sending.mail_id)
        .outerjoin(Message, Message.id == Sending.message_id)
    )


def _mails() -> Select[*tuple[Any, ...]]:
    """E-mails that are no notification."""
    return (
        select(
            literal("mail").label("source"),
            Mail.id.label("id"),
            literal(Kind.EMAIL.value).label("kind"),
            Mail.to.label("to"),
            Mail.subject.label("said"),
            Mail.state.label("state"),
            Mail.error.label("why"),
            Mail.created_at.label("at"),
            literal(None).label("trigger"),
            literal(None).label("order"),
            literal(None).label("order_id"),
        )
        .outerjoin(Sending, Sending.mail_id == Mail.id)
        .where(Sending.id.is_(None))
    )


def _messages() -> Select[*tuple[Any, ...]]:
    """Updates on channels that are no notification of an order: tests."""
    return (
        select(
            literal("message").label("source"),
            Message.id.label("id"),
            Conversation.channel.label("kind"),
            Conversation.address.label("to"),
            Message.text.label("said"),
            Message.delivery.label("state"),
            Message.error.label("why"),
            Message.at.label("at"),
            literal(None).label("trigger"),
            literal(None).label("order"),
            literal(None).label("order_id"),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Sending, Sending.message_id == Message.id)
        .where(Message.purpose == Purpose.UPDATE, Sending.id.is_(None))
    )


def _first(*columns: Any, empty: str | None = "") -> ColumnElement[Any]:
    return func.coalesce(*columns, *(() if empty is None else (empty,)))


async def _mail(session: AsyncSession, out: Out, mail: Mail, *, cost: str = "") -> Whole:
    """An e-mail as the demo's mail server took it, else as it was handed over."""
    caught = await session.scalar(
        select(CaughtMail).where(CaughtMail.message_id.like(f"<{mail.name}@%"))
    )
    if caught is None:
        return Whole(out, mail.text, mail.subject, mail.html, cost=cost)
    message = message_from_bytes(caught.raw, _class=EmailMessage, policy=default)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    return Whole(
        out,
        plain.get_content() if plain else "",
        str(message["Subject"]),
        html.get_content() if html else None,
        caught.at,
        cost=cost,
    )


async def _message(session: AsyncSession, out: Out, message: Message, *, cost: str = "") -> Whole:
    conversation = await session.get_one(Conversation, message.conversation_id)
    return Whole(out, message.text, channel=conversation.channel, cost=cost)


async def _push(session: AsyncSession, out: Out) -> Whole:
    copies = (
        await session.scalars(
            select(PushMessage).filter_by(sending_id=out.id).order_by(PushMessage.id)
        )
    ).all()
    payload = copies[0].payload if copies else {}
    return Whole(
        out,
        str(payload.get("body", "")),
        str(payload.get("title", "")),
        browsers=[(copy.state, copy.why) for copy in copies],
    )
