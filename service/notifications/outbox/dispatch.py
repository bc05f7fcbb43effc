"""One message by one of a notification's ways: the cheapest kind that can. Never commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from integrations.contract import Channel
from service.notifications.messages import rendering
from service.notifications.messages.rendering import Shop
from service.notifications.milestones.facts import Facts
from service.notifications.models import Notification, Sending, Way
from service.notifications.news import Kind, News, Trigger
from service.notifications.outbox import transport
from service.notifications.policy import quiet, reaching, rules
from service.notifications.policy.rules import RINGS, Reach, Why
from service.notifications.policy.shop import Notices, OneWay, notices_of
from service.settings import Settings
from service.statements import Statement
from service.tracking_page import links


@dataclass(frozen=True, slots=True)
class Desk:
    """What telling needs at hand. ``channels``: those that are switched on, by slug."""

    session: AsyncSession
    settings: Settings
    channels: Mapping[str, Channel]
    notices: Notices
    shop: Shop
    now: datetime


async def open_desk(
    session: AsyncSession, settings: Settings, channels: Mapping[str, Channel], *, now: datetime
) -> Desk:
    """A desk with the shop's wishes as its file has them now."""
    shop = await rendering.shop_of(session, settings)
    return Desk(session, settings, channels, notices_of(settings), shop, now)


@dataclass(frozen=True, slots=True)
class Reachable:
    """What ``reaching`` found, with the hours.

    Attributes:
        free_at: When a message may ring next; now or later.
        windowed: Channels on which a template alone may be sent now.
    """

    kinds: Mapping[Kind, Reach]
    lang: str
    windowed: frozenset[str]
    free_at: datetime


async def reach(desk: Desk, known: Facts) -> Reachable:
    """By which kinds the order's shopper can be told, and from when on."""
    found = await reaching.reach(
        desk.session, known.order, desk.notices, desk.settings, desk.channels, now=desk.now
    )
    order = known.order
    place = quiet.Place(order.phone, order.country, order.postcode)
    free_at = quiet.free_at(place, desk.notices.may_ring, now=desk.now, home=desk.settings.zone)
    kinds = dict(found.kinds)
    if free_at is None:
        for kind in RINGS & kinds.keys():
            kinds[kind] = replace(kinds[kind], refused=kinds[kind].refused or Why.NEVER_FREE)
    return Reachable(kinds, found.lang, found.windowed, free_at or desk.now)


def planned(desk: Desk, triggers: Sequence[Trigger], reachable: Reachable) -> list[list[Reach]]:
    """For each way of a message about these triggers what would be tried, in order."""
    return rules.plan(rules.ways_of(triggers, desk.notices), reachable.kinds)


async def send(
    desk: Desk,
    notification: Notification,
    number: int,
    way: OneWay,
    news: Sequence[News],
    reachable: Reachable,
    *,
    but: frozenset[Kind] = frozenset(),
) -> Sending:
    """Send by one way: by the cheapest of its kinds that can, or keep why none could.

    Args:
        number: The way's place among the notification's.
        news: The gravest first.
        but: Kinds that were tried before.
    """
    [candidates] = rules.plan((way,), reachable.kinds)
    why = rules.why_not(way, reachable.kinds)
    row = Sending(
        id=await _NUMBER.one(desk.session),  # goes into what is sent, which is written before it
        notification_id=notification.id,
        order_id=notification.order_id,
        way=number,
        kind=way[0],
        lang=notification.lang,
        at=desk.now,
        look_at=desk.now + timedelta(minutes=desk.notices.fallback_minutes),
    )
    for one in candidates:
        if one.kind in but:
            why = Why.BROUGHT_NOTHING
            continue
        refused = await _try(desk, row, one, news, reachable)
        if refused is None:
            break
        why = refused
    else:
        row.state, row.why, row.settled_at = Way.HELD, why, desk.now
    desk.session.add(row)
    return row


_NUMBER: Final = Statement(select(func.nextval("sendings_id_seq")), int)


async def _try(
    desk: Desk, row: Sending, one: Reach, news: Sequence[News], reachable: Reachable
) -> Why | None:
    """Hand a message over by one kind. Returns why not; ``None``: it is on its way."""
    if one.channel in reachable.windowed and one.channel is not None:
        alone = news[:1]  # a template tells one thing; the page behind its link tells the rest
        if not rendering.sendable(alone, row.lang, shop=desk.shop, channel=one.channel):
            return Why.NO_TEMPLATE
        news = alone
    link = await links.for_order(
        desk.session, desk.settings, row.order_id, now=desk.now, ref=row.id
    )
    rendered = rendering.render(
        news,
        one.kind,
        row.lang,
        shop=desk.shop,
        link=link,
        channel=one.channel,
        now=desk.now,
    )
    cost = one.price * rendered.segments
    if not await _afford(desk, one.kind, cost):
        return Why.COST_CAP
    row.kind, row.address, row.cost = one.kind, one.address, cost
    await transport.hand_over(desk.session, desk.settings, one.channel, row, rendered, now=desk.now)
    return None


async def _afford(desk: Desk, kind: Kind, cost: Decimal) -> bool:
    """Whether a message may cost that, by the shop's cap on the month.

    Who asks is alone until the commit, so that the cap holds for all workers at once; without a cap
    nobody waits.
    """
    cap = desk.notices.caps.get(kind)
    if not cost or cap is None:
        return True
    await _ALONE.all(desk.session, kind=kind)
    zone = desk.settings.zone
    month = quiet.day_start(desk.now.astimezone(zone).date().replace(day=1), zone)
    return cost + (await _SPENT.one(desk.session, kind=kind, month=month) or 0) <= cap


_ALONE: Final = Statement[Any](
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("kind"), 9)))
)
_SPENT: Final = Statement(
    select(func.coalesce(func.sum(Sending.cost), 0)).where(
        Sending.kind == bindparam("kind"), Sending.at >= bindparam("month")
    ),
    Decimal,
)
