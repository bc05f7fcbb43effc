"""Put what a carrier says now together with what it said before. Pure.

A parcel is the set of its events. Answers come by polls and webhooks, late, twice and out of
order; whichever way they come, the same events give the same parcel.
"""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Final

from rapidfuzz.fuzz import token_set_ratio

from kit.text import fold
from tracking_lookup.model import Status, Tracking, TrackingEvent

# Which of two scans of the same moment is the later one: a carrier writes "arrived" and "out for
# delivery" into the same minute. How far along the parcel is, lowest first.
_PROGRESS: Final = (
    Status.NOT_FOUND,
    Status.UNKNOWN,
    Status.LABEL_CREATED,
    Status.IN_TRANSIT,
    Status.EXCEPTION,
    Status.OUT_FOR_DELIVERY,
    Status.DELIVERY_FAILED,
    Status.AVAILABLE_FOR_PICKUP,
    Status.RETURNING,
    Status.EXPIRED,
    Status.CANCELLED,
    Status.DELIVERED,
    Status.RETURNED,
)
_RANK: Final = {status: rank for rank, status in enumerate(_PROGRESS)}
# How alike two sources' words for one scan are, of 100. Ours.
SAME_WORDS: Final = 60
# How far a wall-clock time without a zone can be from UTC; zones reach from -12:00 to +14:00.
ZONE_DOUBT: Final = timedelta(hours=14)
_SAYS_NOTHING: Final = frozenset({Status.NOT_FOUND, Status.UNKNOWN})


def digest(event: TrackingEvent) -> str:
    """What makes an event the same event again: its time, code, words and place.

    Our own reading of it (``status``, ``detail``) is left out, so that a row added to a carrier's
    table does not double the parcel's history. Case, accents and white space make no difference.

    Returns:
        64 hexadecimal digits, the same on every machine.
    """
    parts = (
        str(event.at.timestamp()),
        event.code.strip(),
        fold(event.text),
        fold(event.place or ""),
    )
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def merge(old: Tracking | None, new: Tracking) -> Tracking:
    """What is known of a parcel once ``new`` has been heard.

    Args:
        old: What was known; ``None`` where this is the first answer.
        new: An answer, whole or (a webhook) one event of it. Its events in any order.

    Returns:
        The events of both, each once, newest first by their own time. Status, detail and promise
        are those of the answer that knows the newest event; with the same newest event in both,
        those of ``new``. An answer without events cannot be placed in time, so it changes nothing
        about a parcel that has some, and "not found" never hides what was known.
        A promise stays until an answer brings another one.

    An event that a carrier takes back is removed from ``old`` first: see ``without``.
    """
    if old is None:
        return replace(new, events=_newest_first({digest(e): e for e in new.events}))
    news = {digest(event): event for event in new.events}
    events = _newest_first({digest(event): event for event in old.events} | news)
    if events:
        winner, other = (new, old) if digest(events[0]) in news else (old, new)
    else:
        nothing_new = new.status in _SAYS_NOTHING and old.status not in _SAYS_NOTHING
        winner, other = (old, new) if nothing_new else (new, old)
    promise = winner if winner.promised_from or winner.promised_to else other
    return replace(
        old,
        status=winner.status,
        detail=winner.detail,
        events=events,
        promised_from=promise.promised_from,
        promised_to=promise.promised_to,
    )


def without(tracking: Tracking | None, gone: Collection[str]) -> Tracking | None:
    """A parcel without the events that were taken back, named by their digests.

    Its status is then that of the newest event left, since the old one may have been theirs.
    """
    if tracking is None or not gone:
        return tracking
    left = tuple(event for event in tracking.events if digest(event) not in gone)
    status, detail = (left[0].status, left[0].detail) if left else (Status.UNKNOWN, None)
    return replace(tracking, status=status, detail=detail, events=left)


def told_once(tracking: Tracking) -> Tracking:
    """A parcel whose events are each there once, whoever told them, for people to read.

    Two sources (or a webhook and an answer of one) tell the same scan in other words. They are
    taken for one where minute, status and place agree and neither detail nor words speak against
    it; of the two the one that says more stays. A time without a zone that differs by whole quarter
    hours, as zones do, is the same minute.

    Args:
        tracking: With every event, newest first; the result depends on them as a set alone.
    """
    kept: list[TrackingEvent] = []
    for event in sorted(tracking.events, key=_says_more, reverse=True):
        if not any(_is_same(event, other) for other in kept):
            kept.append(event)
    return replace(tracking, events=_newest_first({digest(event): event for event in kept}))


def _says_more(event: TrackingEvent) -> tuple[bool, bool, int, int, str]:
    place = event.place or ""
    return (
        not event.local_time_only,
        event.detail is not None,
        len(place),
        len(event.text),
        digest(event),
    )


def _is_same(event: TrackingEvent, other: TrackingEvent) -> bool:
    if event.status is not other.status or event.status is Status.UNKNOWN:
        return False
    if event.detail and other.detail and event.detail is not other.detail:
        return False
    if not _same_minute(event, other):
        return False
    here, there = _place_words(event), _place_words(other)
    if here and there and not (here <= there or there <= here):
        return False
    # Within one minute a parcel is delivered once, but may be scanned twice on its way.
    once = event.status not in {Status.IN_TRANSIT, Status.EXCEPTION}
    says, tells = fold(event.text), fold(other.text)
    return once or not says or not tells or token_set_ratio(says, tells) >= SAME_WORDS


def _same_minute(event: TrackingEvent, other: TrackingEvent) -> bool:
    apart = abs(event.at - other.at)
    if apart < timedelta(minutes=1):
        return event.at.minute == other.at.minute
    if event.local_time_only is other.local_time_only:
        return False
    return apart <= ZONE_DOUBT and apart % timedelta(minutes=15) == timedelta(0)


def _place_words(event: TrackingEvent) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(event.place or "")))


def _newest_first(events: dict[str, TrackingEvent]) -> tuple[TrackingEvent, ...]:
    ordered = sorted(
        events.items(), key=lambda item: (item[1].at, _RANK[item[1].status], item[0]), reverse=True
    )
    return tuple(event for _, event in ordered)
