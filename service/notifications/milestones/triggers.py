"""Which milestones a parcel or an order has come to. Pure.

What holds is read off what is known now, never off a single scan: a scan that comes late, twice or
out of order changes nothing, and none tells of the van once the parcel is at the door.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from service.notifications.news import Trigger
from tracking_lookup.contract import Known
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.truth import assess

REMIND_AFTER: Final = timedelta(days=3)
"""How long a parcel waits at the pickup point before its shopper is reminded. Ours."""
ONE_ROUND: Final = timedelta(hours=16)
"""How long "out for delivery" is news: until the van's round is over. Ours."""

_HOUR: Final = timedelta(hours=1)
# The clock alone brings these: they are looked for by a job, not at a scan.
TIMED: Final = frozenset(
    {
        Trigger.QUIET,
        Trigger.ARRIVING_TOMORROW,
        Trigger.PICKUP_REMINDER,
        Trigger.LOST_SUSPECTED,
    }
)
ENDED: Final = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED, Status.EXPIRED})

_CUSTOMS: Final = frozenset(
    {Detail.CUSTOMS_ACTION_REQUIRED, Detail.DOCUMENTS_MISSING, Detail.PAYMENT_DUE}
)
_ELSEWHERE: Final = frozenset({Detail.TO_NEIGHBOUR, Detail.TO_LOCKER, Detail.SAFE_PLACE})
_ON_ITS_WAY: Final = frozenset({Status.IN_TRANSIT, Status.EXCEPTION})
_NOT_YET: Final = frozenset({Status.LABEL_CREATED, Status.UNKNOWN, Status.NOT_FOUND})
# A message of the left says all that one of the right would have: the left is then told alone.
_OVERTAKES: Final[dict[Trigger, frozenset[Trigger]]] = {
    Trigger.FIRST_MOVEMENT: frozenset({Trigger.SHIPPED}),
    Trigger.REACHED_COUNTRY: frozenset({Trigger.SHIPPED, Trigger.FIRST_MOVEMENT}),
    Trigger.ARRIVING_TOMORROW: frozenset(
        {Trigger.SHIPPED, Trigger.FIRST_MOVEMENT, Trigger.REACHED_COUNTRY, Trigger.DELAYED}
    ),
    Trigger.LOST_SUSPECTED: frozenset({Trigger.QUIET}),
    Trigger.PICKUP_REMINDER: frozenset({Trigger.READY_FOR_PICKUP}),
    Trigger.DELIVERED_ELSEWHERE: frozenset({Trigger.DELIVERED}),
}


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something a parcel has come to.

    Attributes:
        about: What makes two of a trigger different: the new day of a delay (ISO); else empty.
        at: When it happened, aware; never after now.
        place: Of the scan. because: Why, a ``Detail``.
        old: The window told before, of a delay: first and last day.
    """

    trigger: Trigger
    at: datetime
    about: str = ""
    place: str | None = None
    because: str | None = None
    old: tuple[date, date] | None = None


def happened(
    before: Known | None, after: Known, *, now: datetime, zone: ZoneInfo
) -> list[Milestone]:
    """What a parcel has come to by a change, or has come to later than was thought.

    The same change again gives nothing. Later: a scan that comes after newer ones may show that
    what seemed old is of now.

    Args:
        before: What was known; ``None`` before the first answer. A parcel whose way has ended by
            then is told of never: it was old when it came to us.
        zone: The destination's.
    """
    if before is None or before.tracking is None:
        if after.tracking is None or after.tracking.status in ENDED:
            return []
        return holding(after, now=now, zone=zone)
    known = {one.trigger: one.at for one in holding(before, now=now, zone=zone)}
    found = [
        one
        for one in holding(after, now=now, zone=zone)
        if one.trigger not in known or one.at > known[one.trigger]
    ]
    moved = _moved(before, after, now=now, zone=zone)
    return [*found, moved] if moved else found


def holding(known: Known, *, now: datetime, zone: ZoneInfo) -> list[Milestone]:
    """What may be told of a parcel as it is now, but for a delay, which is a change.

    Who looks twice finds the same; that each is told once is for who keeps them.
    """
    tracking = known.tracking
    if tracking is None:
        return []
    verdict = assess(known, now=now).verdict
    newest = tracking.events[0] if tracking.events else None
    trigger = _state(known, verdict, newest, now=now)
    found = [_made(trigger, tracking, now=now)] if trigger else []
    if verdict in {Verdict.QUIET, Verdict.LOST_SUSPECTED}:
        timed = Trigger.QUIET if verdict is Verdict.QUIET else Trigger.LOST_SUSPECTED
        place = newest.place if newest else None
        at = _began(verdict, known, now=now)
        found.append(Milestone(timed, at, place=place, because=_because(tracking.detail)))
    if tracking.status is Status.AVAILABLE_FOR_PICKUP and newest is not None:
        due_at = _since(tracking.events) + REMIND_AFTER
        if due_at <= now:
            found.append(Milestone(Trigger.PICKUP_REMINDER, due_at, place=newest.place))
    elif tracking.status in _ON_ITS_WAY and verdict in {Verdict.MOVING, Verdict.OVERDUE}:
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        if window_of(known, zone) == (tomorrow, tomorrow):
            found.append(Milestone(Trigger.ARRIVING_TOMORROW, now))
    return found


def still(milestone: Milestone, known: Known, *, now: datetime, zone: ZoneInfo) -> Milestone | None:
    """What was noticed earlier, as it is known now: a deferred message must not be untrue.

    Returns:
        ``None`` where it may not be told any more.
    """
    if milestone.trigger is Trigger.DELAYED:
        told = window_of(known, zone)
        is_so = told is not None and told[1].isoformat() == milestone.about
        return milestone if is_so and _may_be_late(known, now) else None
    for one in holding(known, now=now, zone=zone):
        if one.trigger is milestone.trigger:
            return one
    return None


def overtaken(triggers: Sequence[Trigger]) -> frozenset[Trigger]:
    """Of several of one parcel, those that another one says already."""
    gone: frozenset[Trigger] = frozenset()
    for trigger in triggers:
        gone |= _OVERTAKES.get(trigger, frozenset())
    return gone & frozenset(triggers)


def window_of(known: Known, zone: ZoneInfo) -> tuple[date, date] | None:
    """The days a shopper is told: ours where there are such, else the carrier's own."""
    if known.window is not None:
        return known.window.first, known.window.last
    tracking = known.tracking
    if tracking is None or tracking.promised_to is None:
        return None
    last = tracking.promised_to.astimezone(zone).date()
    first = tracking.promised_from
    return (min(first.astimezone(zone).date(), last) if first else last), last


def next_look(known: Known, *, now: datetime) -> datetime | None:
    """When the clock may have brought something; ``None`` once it cannot any more.

    Every six hours: each that ``TIMED`` names stays true for longer than that.
    """
    tracking = known.tracking
    if tracking is None or tracking.status in ENDED or tracking.status is Status.RETURNING:
        return None
    return now + timedelta(hours=6)


def _state(
    known: Known, verdict: Verdict, newest: TrackingEvent | None, *, now: datetime
) -> Trigger | None:
    """The one milestone that the parcel is at by its carrier's word."""
    tracking = known.tracking
    if tracking is None or newest is None:
        return None
    if verdict is Verdict.DELIVERED:
        elsewhere = tracking.detail in _ELSEWHERE
        return Trigger.DELIVERED_ELSEWHERE if elsewhere else Trigger.DELIVERED
    if verdict is Verdict.COMING_BACK:
        return Trigger.COMING_BACK
    if verdict is Verdict.NEEDS_CUSTOMER:
        if tracking.detail in _CUSTOMS:
            return Trigger.CUSTOMS
        waits = tracking.status is Status.AVAILABLE_FOR_PICKUP
        # What is left is an address that is wrong: there is no delivering either.
        return Trigger.READY_FOR_PICKUP if waits else Trigger.ATTEMPT_FAILED
    if verdict is Verdict.FAILED_ATTEMPT:
        return Trigger.ATTEMPT_FAILED
    if tracking.status is Status.LABEL_CREATED:
        return Trigger.SHIPPED
    if tracking.status is Status.OUT_FOR_DELIVERY:
        return Trigger.OUT_FOR_DELIVERY if now - newest.at <= ONE_ROUND else None
    if tracking.status in _ON_ITS_WAY and verdict in {Verdict.MOVING, Verdict.OVERDUE}:
        there = any(
            e.detail is Detail.REACHED_DESTINATION_COUNTRY for e in _journey(tracking.events)
        )
        return Trigger.REACHED_COUNTRY if there else Trigger.FIRST_MOVEMENT
    return None


def _made(trigger: Trigger, tracking: Tracking, *, now: datetime) -> Milestone:
    """The milestone with its moment: when the parcel came to it, not when it was last scanned."""
    newest = tracking.events[0]
    match trigger:
        case Trigger.REACHED_COUNTRY:
            journey = _journey(tracking.events)
            came = [e.at for e in journey if e.detail is Detail.REACHED_DESTINATION_COUNTRY]
        case Trigger.FIRST_MOVEMENT:
            came = [e.at for e in _journey(tracking.events) if e.status not in _NOT_YET]
        case _:
            came = [_since(tracking.events)]
    return Milestone(
        trigger,
        min(*came, newest.at, now),
        place=newest.place,
        because=_because(tracking.detail or newest.detail),
    )


def _moved(before: Known, after: Known, *, now: datetime, zone: ZoneInfo) -> Milestone | None:
    """The day that a shopper goes by has become a later one; not that another now says it."""
    if (before.window is None) is not (after.window is None):
        return None
    old, new = window_of(before, zone), window_of(after, zone)
    if old is None or new is None or new[1] <= old[1] or not _may_be_late(after, now):
        return None
    detail = after.tracking.detail if after.tracking else None
    because = _because(detail) or (after.window.because if after.window else None)
    return Milestone(Trigger.DELAYED, now, about=new[1].isoformat(), because=because, old=old)


def _may_be_late(known: Known, now: datetime) -> bool:
    """Whether a parcel is one that people wait for at home."""
    return assess(known, now=now).verdict in {
        Verdict.MOVING,
        Verdict.LABEL_ONLY,
        Verdict.QUIET,
        Verdict.OVERDUE,
        Verdict.FAILED_ATTEMPT,
    }


def since(trigger: Trigger, tracking: Tracking) -> datetime | None:
    """Since when it has been so, where the clock alone brought it; ``None`` of what has happened.

    Of a silence that is the last scan, of what waits to be collected its arrival.
    """
    if not tracking.events:
        return None
    if trigger in {Trigger.QUIET, Trigger.LOST_SUSPECTED}:
        return tracking.events[0].at
    return _since(tracking.events) if trigger is Trigger.PICKUP_REMINDER else None


def _since(events: Sequence[TrackingEvent]) -> datetime:
    """Since when it is as the newest scan says, by the scans that say so without a break."""
    since = events[0].at
    for event in events:
        if event.status not in {events[0].status, Status.UNKNOWN}:
            break
        since = event.at
    return since


def _began(verdict: Verdict, known: Known, *, now: datetime) -> datetime:
    """The first hour at which the clock alone had brought a verdict that holds now."""
    last = known.tracking.events[0].at if known.tracking and known.tracking.events else now
    hours = range(math.ceil((now - last) / _HOUR))
    gone = bisect_left(
        hours, 1, key=lambda h: assess(known, now=last + h * _HOUR).verdict is verdict
    )
    return min(last + gone * _HOUR, now)


def _journey(events: Sequence[TrackingEvent]) -> list[TrackingEvent]:
    """The scans since the newest label: older ones are of a way that the number had before."""
    return list(takewhile(lambda event: event.status is not Status.LABEL_CREATED, events))


def _because(detail: Detail | None) -> str | None:
    return detail.value if detail else None


def all_delivered(parcels: Sequence[Known], *, items_wait: bool, now: datetime) -> datetime | None:
    """When the last parcel of a split order came; ``None`` while one is to come, or of one alone.

    Args:
        items_wait: Something of the order is in no parcel yet.
    """
    if len(parcels) < 2 or items_wait:
        return None
    came = [
        known.tracking.events[0].at
        for known in parcels
        if known.tracking is not None
        and known.tracking.events
        and assess(known, now=now).verdict is Verdict.DELIVERED
    ]
    return min(max(came), now) if len(came) == len(parcels) else None
