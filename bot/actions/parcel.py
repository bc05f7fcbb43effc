"""What to say about one parcel: a response's name and its variables. Pure.

The words are in ``bot/domain/responses/tracking.yml``, one response for each verdict. A variable
that may be empty starts with its own space, so that a template never leaves two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.actions.contract import ParcelAnswer
from bot.actions.wording import (
    age_and_day,
    age_in_words,
    day_in_words,
    days_in_words,
    shorten,
    window_in_words,
    working_days,
)
from tracking_lookup import quirks, truth
from tracking_lookup.contract import Known
from tracking_lookup.model import Detail, Status, Tracking, TrackingEvent, Verdict

DATE_FIRST: Final = frozenset(
    {Verdict.MOVING, Verdict.LABEL_ONLY, Verdict.QUIET, Verdict.FAILED_ATTEMPT, Verdict.NO_DATA}
)
"""Verdicts for which "when?" has an answer of its own; the others are more urgent than a date."""

STAGE: Final[dict[Status | Detail, str]] = {
    Status.OUT_FOR_DELIVERY: "out for delivery",
    Status.RETURNED: "back with us",
    Status.RETURNING: "on its way back to us",
    Detail.CUSTOMS_PROCESSING: "going through customs",
    Detail.CUSTOMS_RELEASED: "past customs and on its way",
    Detail.DELAYED: "delayed, but on its way",
    Detail.WEATHER: "delayed by the weather",
    Detail.RESCHEDULED: "on its way, on a new day",
}

ANGLES: Final[dict[tuple[str, Verdict], str]] = {
    ("not_shipped_yet", Verdict.MOVING): "utter_parcel_has_left",
    ("tracking_not_moving", Verdict.MOVING): "utter_parcel_gap_is_normal",
    ("late_delivery", Verdict.MOVING): "utter_parcel_sorry_for_the_wait",
    ("delivered_not_received", Verdict.MOVING): "utter_parcel_not_delivered_yet",
    ("missing_item", Verdict.MOVING): "utter_parcel_not_delivered_yet",
    ("delivery_attempt_failed", Verdict.MOVING): "utter_parcel_no_attempt",
    ("customs_question", Verdict.MOVING): "utter_parcel_customs_clear",
}
"""Responses for a question that the usual answer to the verdict would pass by."""

SHOULD: Final = " It should arrive "
HOURS: Final = timedelta(hours=12)
"""A carrier's window of at most that is one of hours, not of a day."""

HELD: Final = frozenset({Detail.HELD, Detail.SECURITY})

NEED: Final[dict[Status | Detail, str]] = {
    Status.AVAILABLE_FOR_PICKUP: "pickup",
    Detail.AT_PICKUP_POINT: "pickup",
    Detail.CUSTOMS_ACTION_REQUIRED: "customs",
    Detail.DOCUMENTS_MISSING: "customs",
    Detail.PAYMENT_DUE: "payment",
    Detail.ADDRESS_PROBLEM: "address",
}
"""What the shopper must do: the end of ``utter_parcel_needs_customer_…``."""

LEFT: Final[dict[Detail, str]] = {
    Detail.TO_NEIGHBOUR: " to a neighbour",
    Detail.TO_LOCKER: " to a parcel locker",
    Detail.AT_PICKUP_POINT: " to a pickup point",
    Detail.SAFE_PLACE: " to a safe place",
    Detail.SIGNED: " and signed for",
}

FAILED: Final[dict[Detail, str]] = {
    Detail.RECIPIENT_UNAVAILABLE: ", but nobody was there",
    Detail.BUSINESS_CLOSED: ", but the place was closed",
    Detail.ADDRESS_PROBLEM: ", but could not find the address",
    Detail.REFUSED: ", but it was refused",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A response's name and the variables its text needs."""

    response: str
    variables: dict[str, Any]


def say_parcel(
    parcel: ParcelAnswer, *, subject: str, question: str, now: datetime, zone: ZoneInfo
) -> Said:
    """What may be said about a parcel, by its verdict, its age and the carrier's silence.

    Args:
        subject: What the parcel is called, as a sentence starts: ``"Your order #1001"``.
        question: The intent that asked; ``delivery_date`` is told the day first.
    """
    known, verdict = parcel.lookup.known, parcel.lookup.assessment.verdict
    carrier = shorten(parcel.carrier_name, 16)
    silent = parcel.lookup.fault is not None
    if silent and (known.tracking is None or known.fetched_at is None):
        return Said("utter_parcel_unreachable", {"carrier": carrier, "parcel": _lower(subject)})

    expected = _expected(known, now=now, zone=zone)
    lead = ""
    if question == "delivery_date" and verdict in DATE_FIRST:
        lead, expected = (expected or "There is no delivery date yet.").lstrip() + " ", ""
        if lead.startswith(SHOULD.strip()) and known.window and not silent:
            lead += f"{_moved(known, now=now, zone=zone)}{known.window.because} "
    if silent and known.fetched_at is not None:
        checked = age_in_words(known.fetched_at, now=now, zone=zone)
        lead += f"The carrier ({carrier}) isn't answering right now. At the last check, {checked}, "
        subject = _lower(subject)

    normal = working_days(_normal(known, now=now))
    scan = known.tracking.events[0] if known.tracking and known.tracking.events else None
    last_scan = _last_scan(scan, place=not silent, now=now, zone=zone)
    stage = _word(STAGE, known) or _usual_stage(verdict)
    return Said(
        _response(verdict, known, question="" if silent else question),
        {
            "parcel": lead + subject,
            "is": "was" if silent else "is",
            "carrier": carrier,
            "number": shorten(parcel.number, 26),
            "stage": stage,
            "expected": expected,
            "last_scan": last_scan,
            "when": _when(scan, now=now, zone=zone),
            "place": _place(scan, carrier),
            "left": _word(LEFT, known),
            "failed": _word(FAILED, known),
            "promised": _promised(known, now=now, zone=zone),
            "normal": normal,
            "early": _early(parcel, carrier),
            "link": _link(parcel, beside=(lead, subject, stage, carrier, expected, last_scan)),
            "usual": "" if silent else f" Gaps of up to {normal} are normal.",
        },
    )


def _response(verdict: Verdict, known: Known, *, question: str) -> str:
    name = ANGLES.get((question, verdict), f"utter_parcel_{verdict}")
    if verdict is Verdict.QUIET and known.tracking and known.tracking.detail in HELD:
        return f"{name}_held"
    need = _word(NEED, known) if verdict is Verdict.NEEDS_CUSTOMER else ""
    return f"{name}_{need}" if need else name


def _word(table: Mapping[Any, str], known: Known) -> str:
    """The word for the parcel's detail, or for its status; empty where the table has neither."""
    tracking = known.tracking
    if tracking is None:
        return ""
    return table.get(tracking.detail) or table.get(tracking.status) or ""


def _normal(known: Known, *, now: datetime) -> timedelta:
    """Working time without a scan that is nothing to worry about; see ``truth.assess``."""
    if truth.is_slow(known, now=now):
        return truth.QUIET_AFTER_WHEN_SLOW
    if known.normal_gap is not None:
        return known.normal_gap
    abroad = known.tracking and truth.leg_of(known.tracking.events) == truth.INTERNATIONAL
    return truth.QUIET_AFTER_INTERNATIONAL if abroad else truth.QUIET_AFTER_DOMESTIC


def _usual_stage(verdict: Verdict) -> str:
    return "on its way back to us" if verdict is Verdict.COMING_BACK else "on its way"


def _expected(known: Known, *, now: datetime, zone: ZoneInfo) -> str:
    """When it comes; empty where nobody knows, or the day is past.

    The carrier's hours of one day, else what the shop's parcels have shown, else the carrier's day,
    else the shop's promise.
    """
    tracking = known.tracking
    today = now.astimezone(zone).date()
    if known.window and known.window.last >= today and not _has_hours(tracking, now=now):
        days = days_in_words(max(known.window.first, today), known.window.last, today=today)
        return f"{SHOULD}{days}."
    if tracking and tracking.promised_to and tracking.promised_to >= now:
        window = window_in_words(tracking.promised_from, tracking.promised_to, now=now, zone=zone)
        return f" Expected {window}."
    if known.promised_to and known.promised_to >= now:
        return f" Promised by {window_in_words(None, known.promised_to, now=now, zone=zone)}."
    return ""


def _moved(known: Known, *, now: datetime, zone: ZoneInfo) -> str:
    """What was told before; empty where it has not moved."""
    if known.window is None or known.window.was is None:
        return ""
    days = days_in_words(*known.window.was, today=now.astimezone(zone).date())
    return f"Earlier we expected it {days}. "


def _has_hours(tracking: Tracking | None, *, now: datetime) -> bool:
    """Whether the carrier names hours to come, which no window of days can match."""
    if tracking is None or tracking.promised_from is None or tracking.promised_to is None:
        return False
    span = tracking.promised_to - tracking.promised_from
    return span <= HOURS and tracking.promised_to >= now


def _promised(known: Known, *, now: datetime, zone: ZoneInfo) -> str:
    """The day it was promised for: the shop's word before the carrier's."""
    promised = known.promised_to or (known.tracking and known.tracking.promised_to)
    if not promised:
        return "an earlier day"
    return day_in_words(promised.astimezone(zone).date(), today=now.astimezone(zone).date())


def _last_scan(scan: TrackingEvent | None, *, place: bool, now: datetime, zone: ZoneInfo) -> str:
    """The last scan's age: how far what is said can be trusted."""
    if scan is None:
        return ""
    where = scan.place if place else None
    if scan.local_time_only:  # hours would be wrong by the unknown zone's difference
        day = day_in_words(scan.at.date(), today=now.astimezone(zone).date())
        return f" It was last scanned {day}{f' in {shorten(where, 26)}' if where else ''}."
    return f" It was last scanned {age_and_day(scan.at, now=now, zone=zone, place=where)}."


def _when(scan: TrackingEvent | None, *, now: datetime, zone: ZoneInfo) -> str:
    """When the last scan was: `` today, Monday 23 November``; empty without one."""
    if scan is None:
        return ""
    today, day = now.astimezone(zone).date(), scan.at.astimezone(zone).date()
    if (today - day).days > 1:
        return f" {age_in_words(scan.at, now=now, zone=zone)}, {day_in_words(day, today=today)}"
    return f" {day_in_words(day, today=today)}"


def _place(scan: TrackingEvent | None, carrier: str) -> str:
    return shorten(scan.place, 26) if scan and scan.place else f"{carrier}'s pickup point"


def _link(parcel: ParcelAnswer, *, beside: Sequence[str]) -> str:
    """Where to follow it; empty where there is no page, or no room for it in an SMS of 320."""
    words = f" Follow it: {parcel.link}" if parcel.link else ""
    return words if sum(map(len, beside)) + len(words) <= 300 else ""


def _early(parcel: ParcelAnswer, carrier: str) -> str:
    """Where the carrier is known to scan before it delivers: how long it may still take."""
    early = quirks.of(parcel.lookup.known.carrier).delivered_early
    if early is None:
        return ""
    hours = early // timedelta(hours=1)
    return f" {carrier} may scan up to {hours} hours early, so it can still come."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
