"""Put what a carrier says now together with what it said before. Pure.

A parcel is the set of its events. Answers come by polls and webhooks, late, twice and out of
order; whichever way they come, the same events give the same parcel.
"""

from dataclasses import replace
from hashlib import sha256
from typing import Final

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

    Not covered: a carrier that silently takes an event back. The event stays until a newer one.
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


def _newest_first(events: dict[str, TrackingEvent]) -> tuple[TrackingEvent, ...]:
    ordered = sorted(
        events.items(), key=lambda item: (item[1].at, _RANK[item[1].status], item[0]), reverse=True
    )
    return tuple(event for _, event in ordered)
