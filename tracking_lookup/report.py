"""A tracking as the JSON that leaves the product (``./wismo track`` and ``./wismo normalise``)."""

from datetime import datetime
from typing import Any

from tracking_lookup.contract import Known
from tracking_lookup.model import Tracking
from tracking_lookup.truth import assess


def as_json(tracking: Tracking, *, now: datetime) -> dict[str, Any]:
    """The canonical JSON form; the keys are relied on from outside (docs/architecture.md, §8).

    Args:
        tracking: As read from a carrier's answer.
        now: Aware; the verdict is of this moment, with no promise but the carrier's own.

    Returns:
        Times in ISO 8601 with an offset, ``None`` where there is none; events newest first.
    """
    known = Known(tracking.carrier, tracking.number, tracking, fetched_at=now)
    return {
        "carrier": tracking.carrier,
        "number": tracking.number,
        "status": tracking.status.value,
        "detail": tracking.detail and tracking.detail.value,
        "promised_from": _time(tracking.promised_from),
        "promised_to": _time(tracking.promised_to),
        "verdict": assess(known, now=now).verdict.value,
        "events": [
            {
                "at": _time(event.at),
                "status": event.status.value,
                "detail": event.detail and event.detail.value,
                "place": event.place,
                "code": event.code,
                "text": event.text,
            }
            for event in tracking.events
        ],
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
