"""What is the matter with a parcel, in one word that the page's texts are found by. Pure.

Chosen by the verdict, never by the carrier's word alone (``tracking_lookup/truth.py``).
"""

from datetime import datetime, timedelta
from typing import Final

from tracking_lookup import quirks, truth
from tracking_lookup.calendars import working_time
from tracking_lookup.contract import Known, Lookup
from tracking_lookup.model import Detail, Status, Verdict
from tracking_lookup.zones import country_of

_PLAIN: Final = {
    Verdict.LABEL_ONLY: "label",
    Verdict.OVERDUE: "overdue",
    Verdict.FAILED_ATTEMPT: "failed",
    Verdict.DELIVERED: "delivered",
    Verdict.DELIVERED_DISPUTED: "disputed",
    Verdict.LOST_SUSPECTED: "lost",
}
_NEEDS: Final[dict[Status | Detail, str]] = {
    Status.AVAILABLE_FOR_PICKUP: "pickup",
    Detail.AT_PICKUP_POINT: "pickup",
    Detail.TO_LOCKER: "pickup",
    Detail.CUSTOMS_ACTION_REQUIRED: "customs",
    Detail.DOCUMENTS_MISSING: "customs",
    Detail.PAYMENT_DUE: "payment",
    Detail.ADDRESS_PROBLEM: "address",
}
_HELD: Final = frozenset({Detail.HELD, Detail.SECURITY})
TONES: Final = {
    "moving": "ok",
    "out": "ok",
    "delivered": "ok",
    "label": "warn",
    "quiet": "warn",
    "held": "warn",
    "pickup": "warn",
    "customs": "warn",
    "payment": "warn",
    "address": "warn",
    "failed": "warn",
    "returning": "warn",
    "returned": "warn",
    "overdue": "danger",
    "disputed": "danger",
    "lost": "danger",
}
"""How a situation is coloured; its words say the same to who sees no colour."""

# Beyond this there is no day worth naming.
_FURTHEST: Final = timedelta(days=90)


def situation(lookup: Lookup) -> str:
    """The word: the part after ``head.`` in the catalogues."""
    tracking, verdict = lookup.known.tracking, lookup.assessment.verdict
    if verdict in _PLAIN:
        return _PLAIN[verdict]
    status = tracking.status if tracking else Status.UNKNOWN
    detail = tracking.detail if tracking else None
    match verdict:
        case Verdict.NEEDS_CUSTOMER:
            return _NEEDS.get(detail or status) or _NEEDS.get(status) or "held"
        case Verdict.COMING_BACK:
            return "returned" if status is Status.RETURNED else "returning"
        case Verdict.QUIET:
            return "held" if detail in _HELD else "quiet"
        case Verdict.MOVING:
            return "out" if status is Status.OUT_FOR_DELIVERY else "moving"
        case _:
            return "cancelled" if status is Status.CANCELLED else "no_data"


def worry_at(known: Known, word: str, *, now: datetime) -> datetime:
    """From when on waiting is no longer right: never before now.

    The end of what is normal for the carrier, counted in its working days from the last scan: the
    day on which the parcel would be called quiet, and a quiet one lost.
    """
    abroad = known.tracking is not None and truth.leg_of(known.tracking.events) == (
        truth.INTERNATIONAL
    )
    match word:
        case "out" | "failed":
            patience = truth.QUIET_AFTER_OUT_FOR_DELIVERY
        case "quiet":
            patience = truth.LOST_AFTER_INTERNATIONAL if abroad else truth.LOST_AFTER_DOMESTIC
        case _:
            normal = truth.QUIET_AFTER_INTERNATIONAL if abroad else truth.QUIET_AFTER_DOMESTIC
            patience = known.normal_gap or normal
    newest = known.tracking.events[0] if known.tracking and known.tracking.events else None
    since = newest.at if newest else known.fetched_at or now
    countries = {c for c in (known.country, country_of(newest.place if newest else None)) if c}
    days_off = quirks.of(known.carrier).days_off
    day = since
    while day - since < _FURTHEST:
        if working_time(since, day, countries=countries, days_off=days_off) >= patience:
            break
        day += timedelta(hours=12)
    soonest = now + timedelta(days=1) if word in {"label", "held", "customs", "failed"} else now
    return max(day, soonest)
