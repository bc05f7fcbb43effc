"""How often a parcel that nobody asks about is looked after. Pure."""

from datetime import datetime, timedelta
from typing import Final

from tracking_lookup.budget import Urgency
from tracking_lookup.contract import Known
from tracking_lookup.model import Status

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# The way ends here; only a dispute or a person's question has the carrier asked again.
FINAL: Final = frozenset({Status.DELIVERED, Status.RETURNED, Status.CANCELLED, Status.EXPIRED})
# A parcel without news for so long is given up: carriers forget a number after 60 to 120 days.
GIVEN_UP_AFTER: Final = 90 * DAY
# How long before the promised moment, and after it, a parcel is worth more of the calls.
NEAR: Final = DAY
LATE: Final = 3 * DAY

_EVERY: Final = {
    Status.OUT_FOR_DELIVERY: HOUR / 2,
    Status.DELIVERY_FAILED: 3 * HOUR,
    Status.AVAILABLE_FOR_PICKUP: 12 * HOUR,
    Status.LABEL_CREATED: 6 * HOUR,
    Status.EXCEPTION: 4 * HOUR,
    Status.RETURNING: 12 * HOUR,
}
_OTHERWISE: Final = 4 * HOUR


def urgency_of(known: Known, *, now: datetime) -> Urgency:
    """Which share of the calls a parcel may use: more of them around its promised moment."""
    promise = known.promised_to or (known.tracking and known.tracking.promised_to)
    if promise and promise - NEAR <= now <= promise + LATE:
        return Urgency.PROMISED
    return Urgency.QUIET


def next_look(known: Known, *, now: datetime, calls_us: bool = False) -> datetime | None:
    """When a parcel is to be asked about again, if nobody asks before.

    Often while something is about to happen, ever more seldom while nothing does: a parcel without
    news for a week is asked about twice a day, after a month once a day, after 90 days no more.

    Args:
        now: When it was last heard of, aware.
        calls_us: The source sends webhooks, so this only finds what they lost: four times as long.

    Returns:
        Aware; ``None`` once its way has ended.
    """
    tracking = known.tracking
    if tracking is None:
        return now
    disputed = known.disputed_at is not None
    if tracking.status in FINAL and not disputed:
        return None
    heard = tracking.events[0].at if tracking.events else None
    silent = now - heard if heard else timedelta(0)
    if silent > GIVEN_UP_AFTER:
        return None
    every = 6 * HOUR if tracking.status in FINAL else _EVERY.get(tracking.status, _OTHERWISE)
    if urgency_of(known, now=now) is Urgency.PROMISED and tracking.status not in FINAL:
        every = min(every, HOUR)
    if silent > 30 * DAY:
        every = max(every, DAY)
    elif silent > 7 * DAY:
        every = max(every, 12 * HOUR)
    return now + every * (4 if calls_us else 1)
