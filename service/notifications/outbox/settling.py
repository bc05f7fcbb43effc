"""What became of what was sent, and another way for what did not arrive. Never commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.channels import manifest_of, slugs
from service.conversations import delivery
from service.conversations.models import Conversation, Delivery, Message
from service.mail.models import Mail, MailState
from service.notifications import news
from service.notifications.milestones import facts
from service.notifications.models import MilestoneRow, Notification, Sending, Told, Way
from service.notifications.news import Kind
from service.notifications.outbox import dispatch
from service.notifications.outbox.dispatch import Desk
from service.notifications.policy import rules

AT_ONCE: Final = 100
GIVEN_UP_AFTER: Final = timedelta(days=3)
"""When a receipt that has not come is not waited for any more. Ours."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""How often what may still arrive is looked up, once nothing else can be done about it."""
ELSEWHERE: Final = "It took too long, and was sent another way."

_BY_MESSAGE: Final = {
    Delivery.QUEUED: Way.QUEUED,
    Delivery.SENT: Way.SENT,
    Delivery.DELIVERED: Way.DELIVERED,
    Delivery.READ: Way.DELIVERED,
    Delivery.FAILED: Way.FAILED,
}
_BY_MAIL: Final = {
    MailState.QUEUED: Way.QUEUED,
    MailState.SENT: Way.SENT,
    MailState.DELIVERED: Way.DELIVERED,
    MailState.FAILED: Way.FAILED,
    MailState.BOUNCED: Way.FAILED,
    MailState.COMPLAINED: Way.FAILED,
}


@dataclass(frozen=True, slots=True)
class _Became:
    """How far a message got.

    Attributes:
        told_more: Whoever carries it tells when it has arrived.
    """

    state: Way
    why: str | None
    told_more: bool


async def settle(desk: Desk) -> int:
    """Look up sendings that are due a look, and send another way what did not arrive.

    That is each of which something final was heard, and each when it has had its time.

    Returns:
        How many were looked at; ``AT_ONCE`` means that there may be more.
    """
    heard = or_(
        Message.delivery.in_([Delivery.DELIVERED, Delivery.READ, Delivery.FAILED]),
        Mail.state.not_in([MailState.QUEUED, MailState.SENT]),
    )
    rows = (
        await desk.session.scalars(
            select(Sending)
            .outerjoin(Message, Message.id == Sending.message_id)
            .outerjoin(Mail, Mail.id == Sending.mail_id)
            .where(
                Sending.settled_at.is_(None),
                or_(Sending.look_at <= desk.now, heard & (Sending.state != Way.FAILED)),
            )
            .order_by(Sending.look_at)
            .limit(AT_ONCE)
            .with_for_update(of=Sending, skip_locked=True)
        )
    ).all()
    for row in rows:
        await _look(desk, row)
    await desk.session.flush()
    return len(rows)


async def _look(desk: Desk, row: Sending) -> None:
    """Settle a sending, or say when to look again."""
    became = await _became(desk.session, row)
    row.state, row.why = became.state, became.why
    if row.state is Way.DELIVERED or (row.state is Way.SENT and not became.told_more):
        row.settled_at = desk.now
        return
    again = await _fall_back(desk, row)
    if again is None or desk.now - row.at > GIVEN_UP_AFTER:
        row.settled_at = desk.now
    else:
        row.look_at = again


async def _fall_back(desk: Desk, row: Sending) -> datetime | None:
    """Send by the way's next kind.

    What is not true any more by then is not sent again, nor what the shopper has since opted out
    of; in quiet hours it waits.

    Returns:
        When to look at it again; ``None`` where nothing is left to do about it.
    """
    over = None if row.state is Way.FAILED else desk.now + LOOK_AGAIN
    notification = await desk.session.get_one(Notification, row.notification_id)
    known = await facts.facts_of(
        desk.session, row.order_id, desk.settings.zone, now=desk.now, locked=True
    )
    milestones = await desk.session.scalars(
        select(MilestoneRow).where(
            MilestoneRow.notification_id == notification.id, MilestoneRow.state == Told.TOLD
        )
    )
    left = [
        one
        for one in milestones
        if (at := known.happened_at(one, now=desk.now)) is not None
        and not rules.too_old(at, desk.notices, now=desk.now)
    ]
    ways = rules.ways_of([news.read(one).trigger for one in notification.news], desk.notices)
    if not left or row.way >= len(ways):
        return over
    way = ways[row.way]
    tried = await desk.session.scalars(
        select(Sending.kind).where(
            Sending.notification_id == notification.id,
            Sending.way == row.way,
            Sending.state != Way.HELD,
        )
    )
    but = frozenset(map(Kind, tried))
    if but >= frozenset(way):
        return over
    reachable = await dispatch.reach(desk, known)
    [candidates] = rules.plan((way,), reachable.kinds)
    candidates = [one for one in candidates if one.kind not in but]
    if rules.rings([candidates]) and reachable.free_at > desk.now:
        return reachable.free_at
    if row.state is not Way.FAILED and candidates:
        await _call_off(desk.session, row)
    told = [known.news(one) for one in sorted(left, key=lambda one: rules.gravity(one.trigger))]
    await dispatch.send(desk, notification, row.way, way, told, reachable, but=but)
    return None


async def _became(session: AsyncSession, row: Sending) -> _Became:
    if row.message_id is not None:
        message, slug = (
            await session.execute(
                select(Message, Conversation.channel)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(Message.id == row.message_id)
            )
        ).one()
        receipts = slug in slugs() and manifest_of(slug).receipts
        return _Became(_BY_MESSAGE[Delivery(message.delivery)], message.error, receipts)
    if row.mail_id is not None:
        mail = await session.get_one(Mail, row.mail_id, populate_existing=True)
        return _Became(_BY_MAIL[MailState(mail.state)], mail.error, False)
    return _Became(Way(row.state), row.why, False)


async def _call_off(session: AsyncSession, row: Sending) -> None:
    """Have what still waits to be sent not sent, now that another kind says it."""
    if row.state is not Way.QUEUED:
        return
    row.state, row.why = Way.FAILED, ELSEWHERE
    if row.message_id is not None:
        await delivery.fail(session, row.message_id, ELSEWHERE)
    elif row.mail_id is not None:
        mail = await session.get_one(Mail, row.mail_id, with_for_update=True)
        if mail.state == MailState.QUEUED:
            mail.state, mail.error = MailState.FAILED, ELSEWHERE
