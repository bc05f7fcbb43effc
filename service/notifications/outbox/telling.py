"""Telling a person what there is: decided, rendered and put into the outbox in one transaction.

Whatever was noticed, repeated or interrupted before, this looks at what is true now. It runs for
one person at a time (an advisory lock), so that two workers never tell the same thing twice.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select

from service import jobs
from service.notifications.milestones import facts, noticing, triggers
from service.notifications.milestones.facts import Facts
from service.notifications.models import MilestoneRow, Notification, Told, Way
from service.notifications.news import Trigger
from service.notifications.outbox import dispatch
from service.notifications.outbox.dispatch import Desk, Reachable
from service.notifications.policy import quiet, rules
from service.notifications.policy.rules import Why
from service.statements import OFF_DISK, Statement

_ARRIVALS: Final = frozenset({Trigger.DELIVERED, Trigger.DELIVERED_ELSEWHERE})


async def tell(desk: Desk, person: str) -> None:
    """Tell a person what is due, an order after the other, the gravest first.

    What must wait (for other news, for the morning, for tomorrow) gets a job of its own, and is
    looked at afresh then: it may be untrue by that time, or opted out of.
    """
    session = desk.session
    await _ALONE.all(session, person=person)
    waiting = (
        await session.scalars(
            select(MilestoneRow)
            .where(MilestoneRow.person == person, MilestoneRow.state == Told.WAITING)
            .order_by(MilestoneRow.order_id, MilestoneRow.id)
        )
    ).all()
    orders = [list(rows) for _, rows in groupby(waiting, attrgetter("order_id"))]
    for rows in sorted(orders, key=lambda rows: min(rules.gravity(row.trigger) for row in rows)):
        due = [row for row in rows if row.due_at <= desk.now]
        if rules.is_urgent(Trigger(row.trigger) for row in due):
            due = rows  # a message goes out anyway: what waits for its day goes with it
        if due:
            await _tell_of_order(desk, person, due)


async def _tell_of_order(desk: Desk, person: str, rows: list[MilestoneRow]) -> None:
    """Decide on an order's news. Parcels are locked before milestones, as scans lock them."""
    home = desk.settings.zone
    known = await facts.facts_of(desk.session, rows[0].order_id, home, now=desk.now, locked=True)
    rows = _sifted(desk, known, await _with_whole_order(desk, known, rows))
    if not rows:
        return
    merged_at = min(row.noticed_at for row in rows) + timedelta(seconds=desk.notices.merge_seconds)
    if merged_at > desk.now:
        await _postpone(desk, rows, merged_at, Why.MERGING)
        return
    reachable = await dispatch.reach(desk, known)
    planned = dispatch.planned(desk, _triggers(rows), reachable)
    if not any(planned):
        for row in rows:
            _hold(desk, row, _stands_against(desk, row, reachable))
        return
    free_at = reachable.free_at if rules.rings(planned) else desk.now
    if free_at > desk.now:
        await _postpone(desk, rows, free_at, Why.QUIET_HOURS)
        return
    if not rules.is_urgent(_triggers(rows)):
        today = desk.now.astimezone(known.zone).date()
        if (
            await _told_since(desk, person, quiet.day_start(today, known.zone))
            >= desk.notices.a_day
        ):
            tomorrow = quiet.day_start(today + timedelta(days=1), known.zone)
            await _postpone(desk, rows, tomorrow, Why.ONE_A_DAY)
            return
    rows = _without_held_out(desk, rows)
    if rows:
        await _send(desk, person, known, rows, reachable)


async def _with_whole_order(
    desk: Desk, known: Facts, rows: list[MilestoneRow]
) -> list[MilestoneRow]:
    """With the last parcel's arrival comes that of the order.

    It is found here and not at the scan: two parcels that arrive in the same moment do not see each
    other there, but whoever is told of the second sees both.
    """
    if _ARRIVALS.isdisjoint(_triggers(rows)):
        return rows
    came = known.all_delivered(now=desk.now)
    if came is None or not await noticing.keep_order_milestone(
        desk.session, known.order, Trigger.ALL_DELIVERED, came, now=desk.now
    ):
        return rows
    whole = await desk.session.scalars(
        select(MilestoneRow)
        .filter_by(order_id=known.order.id, parcel_id=None, trigger=Trigger.ALL_DELIVERED)
        .execution_options(populate_existing=True)
    )
    # It was noticed when the arrival was, so it waits no longer than that for other news.
    found = whole.one()
    found.noticed_at = min(row.noticed_at for row in rows)
    return [*rows, found]


def _sifted(desk: Desk, known: Facts, rows: Sequence[MilestoneRow]) -> list[MilestoneRow]:
    """What may be told; the rest is held back for good."""
    left = []
    for row in rows:
        at = known.happened_at(row, now=desk.now)
        row.at = at or row.at
        if not desk.notices.ways(Trigger(row.trigger)):
            _hold(desk, row, Why.SWITCHED_OFF)
        elif at is None:
            _hold(desk, row, Why.OVER)
        elif rules.too_old(at, desk.notices, now=desk.now):
            _hold(desk, row, Why.TOO_OLD)
        else:
            left.append(row)
    told = []
    for row in left:
        same = [Trigger(other.trigger) for other in left if other.parcel_id == row.parcel_id]
        whole = row.trigger in _ARRIVALS and Trigger.ALL_DELIVERED in _triggers(left)
        if whole or row.trigger in triggers.overtaken(same):
            _hold(desk, row, Why.OVERTAKEN)
        else:
            told.append(row)
    return told


def _without_held_out(desk: Desk, rows: Sequence[MilestoneRow]) -> list[MilestoneRow]:
    """Without the news that this order is not told, to compare with.

    All else was decided before, so that those who are told differ in nothing else from the others.
    """
    left = []
    for row in rows:
        if rules.is_held_out(Trigger(row.trigger), row.order_id, desk.notices):
            _hold(desk, row, Why.HOLDOUT)
        else:
            left.append(row)
    return left


async def _told_since(desk: Desk, person: str, since: datetime) -> int:
    """How many messages the person has got since then."""
    return await _TOLD_SINCE.one(desk.session, person=person, since=since) or 0


_ALONE: Final = Statement[Any](
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("person"), 8)), OFF_DISK)
)
_TOLD_SINCE: Final = Statement(
    select(func.count()).where(
        Notification.person == bindparam("person"), Notification.at >= bindparam("since")
    ),
    int,
)


_NOTIFICATION: Final = Statement(
    insert(Notification)
    .values(
        {
            column.key: bindparam(column.key)
            for column in Notification.__table__.columns
            if column.key != "id"
        }
    )
    .returning(Notification.id),
    int,
)


async def _send(
    desk: Desk, person: str, known: Facts, rows: Sequence[MilestoneRow], reachable: Reachable
) -> None:
    """Tell it by each of its ways, and keep what became of it."""
    rows = sorted(rows, key=lambda row: rules.gravity(row.trigger))
    news = [known.news(row) for row in rows]
    values = {
        "order_id": known.order.id,
        "person": person,
        "trigger": rows[0].trigger,
        "lang": reachable.lang,
        "urgent": rules.is_urgent(_triggers(rows)),
        "at": desk.now,
    }
    told = json.dumps([one.as_json() for one in news])
    notification = Notification(
        id=await _NOTIFICATION.one(desk.session, **values, news=told), **values
    )
    ways = rules.ways_of(_triggers(rows), desk.notices)
    out = [
        await dispatch.send(desk, notification, number, way, news, reachable)
        for number, way in enumerate(ways)
    ]
    if any(one.state != Way.HELD for one in out):
        for row in rows:
            row.state, row.why, row.decided_at = Told.TOLD, None, desk.now
            row.notification_id = notification.id
        return
    for row in rows:
        _hold(desk, row, Why(out[0].why or Why.NO_ADDRESS))
    # Its sendings go with it.
    await desk.session.execute(delete(Notification).filter_by(id=notification.id))


def _stands_against(desk: Desk, row: MilestoneRow, reachable: Reachable) -> Why:
    ways = desk.notices.ways(Trigger(row.trigger))
    return rules.why_not(tuple(kind for way in ways for kind in way), reachable.kinds)


async def _postpone(desk: Desk, rows: Sequence[MilestoneRow], until: datetime, why: Why) -> None:
    for row in rows:
        row.due_at, row.why = until, why
    await jobs.defer(desk.session, "tell", at=until, person=rows[0].person)


def _hold(desk: Desk, row: MilestoneRow, why: Why) -> None:
    row.state, row.why, row.decided_at = Told.HELD, why, desk.now


def _triggers(rows: Iterable[MilestoneRow]) -> list[Trigger]:
    return rules.gravest(Trigger(row.trigger) for row in rows)
