"""What may honestly be said about a parcel. Pure: what is known and the time in, a verdict out.

A carrier's word is not the truth by itself: "in transit" of three weeks ago is silence. Here the
word is weighed against the age of the last scan, the promised date and what the shopper says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tracking_lookup import quirks
from tracking_lookup.calendars import working_time
from tracking_lookup.contract import Known
from tracking_lookup.model import Assessment, Detail, Status, Tracking, TrackingEvent, Verdict
from tracking_lookup.quirks import Quirk
from tracking_lookup.zones import country_of

DOMESTIC: Final = "domestic"
INTERNATIONAL: Final = "international"
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)

# Working days without a scan after which a parcel is quiet.
# Source: Onward's published defaults, 3 business days at home and 5 across a border
# (https://intercom.help/onward/en/articles/15179887).
QUIET_AFTER_DOMESTIC: Final = timedelta(days=3)
QUIET_AFTER_INTERNATIONAL: Final = timedelta(days=5)
# A parcel on the van is delivered, or scanned back in, by the end of the round. Ours.
QUIET_AFTER_OUT_FOR_DELIVERY: Final = timedelta(days=1)
# One that is slower than 19 in 20 of its kind gets less patience, whatever was promised. Ours.
QUIET_AFTER_WHEN_SLOW: Final = timedelta(days=1)
# Working days without a scan after which the parcel is probably lost: 14 and 28 calendar days.
# Source: Route takes a loss claim 7 to 30 days after the last scan, 20 to 30 across a border
# (merchants' copies of its terms, such as soeurco.com/pages/route-package-insurance).
LOST_AFTER_DOMESTIC: Final = timedelta(days=10)
LOST_AFTER_INTERNATIONAL: Final = timedelta(days=20)
# How far a wall-clock time without a zone can be from UTC; zones reach from -12:00 to +14:00.
ZONE_DOUBT: Final = timedelta(hours=14)

_SILENT_CARRIER: Final = frozenset({Status.UNKNOWN, Status.NOT_FOUND})
_CUSTOMER_MUST: Final = {
    Detail.CUSTOMS_ACTION_REQUIRED: "customs needs something from the recipient",
    Detail.PAYMENT_DUE: "a payment is due before it is handed over",
    Detail.ADDRESS_PROBLEM: "the address is wrong or incomplete",
    Detail.DOCUMENTS_MISSING: "documents are missing",
}
_GONE: Final = {
    Detail.LOST: "the carrier reports it lost",
    Detail.DESTROYED: "the carrier reports it destroyed",
    # It may still arrive, but not as it was sold: a person must decide, as with a loss.
    Detail.DAMAGED: "the carrier reports it damaged",
}
# Not silent, but not moving either, and "on its way" would be untrue.
_HELD: Final = {
    Detail.HELD: "The carrier holds it",
    Detail.SECURITY: "It is held by a security check",
}
_CROSSES_A_BORDER: Final = frozenset(
    {
        Detail.LEFT_ORIGIN_COUNTRY,
        Detail.REACHED_DESTINATION_COUNTRY,
        Detail.CUSTOMS_PROCESSING,
        Detail.CUSTOMS_RELEASED,
        Detail.CUSTOMS_ACTION_REQUIRED,
    }
)


def assess(known: Known, *, now: datetime) -> Assessment:
    """The verdict on a parcel, and why.

    Decided in this order, the first that fits: nothing heard; an end (delivered, coming back,
    cancelled); lost by the carrier's own word; waiting for the customer; not handed over yet; too
    long silent; failed attempt; past its promise; silent or held; moving.

    Args:
        known: What is stored. The shop's promise decides where there is one, else the carrier's,
            else the day by which 19 in 20 such parcels had come.
        now: Aware.

    Returns:
        Always a verdict. Times of silence are working time: weekends (in UTC) are left out, as are
        the public holidays of the destination and of the last scan's country, where known, and
        whatever else ``quirks.yml`` says of the carrier. How long is normal is what the shop's own
        parcels have shown, where there are enough of them, else the defaults above.
    """
    tracking = known.tracking
    if tracking is None:
        return Assessment(Verdict.NO_DATA, "The carrier has not told us anything yet.")
    status, detail = _current(tracking)
    quirk = quirks.of(known.carrier)
    if status is Status.DELIVERED and tracking.events and quirk.is_hub(tracking.events[0].place):
        status, detail = Status.IN_TRANSIT, Detail.ARRIVED  # at the carrier's own hub
    if status in _SILENT_CARRIER:
        return Assessment(Verdict.NO_DATA, _no_data(tracking, status))
    last = _last_heard(known, tracking, now)
    ended = _ended(known, tracking, status, last, quirk, now)
    if ended:
        return ended
    if detail in _GONE:
        return Assessment(
            Verdict.LOST_SUSPECTED, f"{_sentence(_GONE[detail])}; last scan {last.ago}."
        )
    if detail in _CUSTOMER_MUST:
        return Assessment(
            Verdict.NEEDS_CUSTOMER, f"{_sentence(_CUSTOMER_MUST[detail])}; last scan {last.ago}."
        )
    if status is Status.AVAILABLE_FOR_PICKUP:
        return Assessment(
            Verdict.NEEDS_CUSTOMER, f"It waits to be picked up; last scan {last.ago}."
        )
    if status is Status.EXPIRED:
        return _expired(tracking, last)
    if status is Status.LABEL_CREATED:
        return _label_only(last)
    return _under_way(known, tracking, status, detail, last, now)


def is_slow(known: Known, *, now: datetime) -> bool:
    """Whether the day has passed by which 19 in 20 such parcels had come."""
    return known.window is not None and now.date() > known.window.due


def leg_of(events: Iterable[TrackingEvent]) -> str:
    """``international`` where a scan shows that a border was crossed, else ``domestic``."""
    abroad = any(event.detail in _CROSSES_A_BORDER for event in events)
    return INTERNATIONAL if abroad else DOMESTIC


@dataclass(frozen=True, slots=True)
class _Heard:
    """How long ago the last scan was.

    Attributes:
        silence: Working time since then.
        ago: For a sentence: ``"4 days ago (18 Nov)"``.
    """

    at: datetime | None
    silence: timedelta
    ago: str


def _current(tracking: Tracking) -> tuple[Status, Detail | None]:
    """The status that counts: an attempt that failed is over once a newer scan says otherwise."""
    newest = tracking.events[0] if tracking.events else None
    superseded = (
        tracking.status is Status.DELIVERY_FAILED
        and newest is not None
        and newest.status not in {Status.DELIVERY_FAILED, *_SILENT_CARRIER}
    )
    if newest is not None and superseded:
        return newest.status, newest.detail
    return tracking.status, tracking.detail


def _last_heard(known: Known, tracking: Tracking, now: datetime) -> _Heard:
    """The newest scan; without one, when the carrier last answered."""
    at = tracking.events[0].at if tracking.events else known.fetched_at
    if at is None:
        return _Heard(None, timedelta(0), "at an unknown time")
    quirk = quirks.of(known.carrier)
    place = tracking.events[0].place if tracking.events else None
    silence = working_time(
        at,
        now,
        countries={country for country in (known.country, country_of(place)) if country},
        days_off=quirk.days_off,
    )
    return _Heard(at, silence, _ago(at, now))


def _ended(
    known: Known, tracking: Tracking, status: Status, last: _Heard, quirk: Quirk, now: datetime
) -> Assessment | None:
    """The verdict where the parcel's way has ended, or goes back."""
    if status is Status.DELIVERED:
        if _disputed(known, tracking):
            return Assessment(
                Verdict.DELIVERED_DISPUTED,
                f"The carrier says delivered {last.ago}, the shopper says it did not arrive"
                f"{_early(quirk, last, now)}.",
            )
        return Assessment(Verdict.DELIVERED, f"The carrier says delivered, {last.ago}.")
    if status is Status.RETURNING:
        return Assessment(
            Verdict.COMING_BACK, f"It is on its way back to the sender; last scan {last.ago}."
        )
    if status is Status.RETURNED:
        return Assessment(Verdict.COMING_BACK, f"It is back at the sender, {last.ago}.")
    if status is Status.CANCELLED:
        # No verdict says "cancelled", and none may suggest that the parcel is still to come.
        return Assessment(
            Verdict.NO_DATA, f"The shipment was cancelled with the carrier, {last.ago}."
        )
    return None


def _disputed(known: Known, tracking: Tracking) -> bool:
    """Whether the shopper's "it did not arrive" is about this delivery, not an earlier one."""
    if known.disputed_at is None:
        return False
    if not tracking.events:
        return True
    newest = tracking.events[0]
    doubt = ZONE_DOUBT if newest.local_time_only else timedelta(0)
    return newest.at - known.disputed_at <= doubt


def _under_way(
    known: Known,
    tracking: Tracking,
    status: Status,
    detail: Detail | None,
    last: _Heard,
    now: datetime,
) -> Assessment:
    """The verdict on a parcel the carrier has and has not delivered."""
    abroad = leg_of(tracking.events) == INTERNATIONAL
    lost_after = LOST_AFTER_INTERNATIONAL if abroad else LOST_AFTER_DOMESTIC
    if last.silence >= lost_after:
        return Assessment(
            Verdict.LOST_SUSPECTED,
            f"The last scan was {last.ago}, too long ago for a parcel that is still moving.",
        )
    if status is Status.DELIVERY_FAILED:
        why = f" ({_words(detail)})" if detail else ""
        return Assessment(
            Verdict.FAILED_ATTEMPT, f"The carrier could not deliver it{why}, {last.ago}."
        )
    promise, whose = (
        (known.promised_to, "the shop's")
        if known.promised_to
        else (tracking.promised_to, "the carrier's")
    )
    if promise is not None and now > promise:
        return Assessment(
            Verdict.OVERDUE,
            f"Past {whose} promise of {day_of(promise, now)}; last scan {last.ago}: "
            f"{_words(status)}.",
        )
    slow = (
        f"19 in 20 such parcels had come by {day_of(known.window.due, now)}; "
        f"last scan {last.ago}: {_words(status)}."
        if known.window and is_slow(known, now=now)
        else ""
    )
    if slow and promise is None:
        return Assessment(Verdict.OVERDUE, slow)
    quiet_after = (
        QUIET_AFTER_OUT_FOR_DELIVERY
        if status is Status.OUT_FOR_DELIVERY
        else QUIET_AFTER_WHEN_SLOW
        if slow
        else known.normal_gap
        if known.normal_gap is not None
        else QUIET_AFTER_INTERNATIONAL
        if abroad
        else QUIET_AFTER_DOMESTIC
    )
    if last.silence >= quiet_after:
        usual = f"The last scan was {last.ago}, longer than normal: {_words(status)}."
        return Assessment(Verdict.QUIET, slow or usual)
    if detail in _HELD:
        return Assessment(Verdict.QUIET, f"{_HELD[detail]}; last scan {last.ago}.")
    word = f"{_words(status)}, {_words(detail)}" if detail else _words(status)
    return Assessment(Verdict.MOVING, f"Last scan {last.ago}: {word}.")


def _no_data(tracking: Tracking, status: Status) -> str:
    if status is Status.NOT_FOUND:
        return "The carrier does not know this number (yet)."
    code = tracking.events[0].code if tracking.events else ""
    named = f" {code!r}" if code else ""
    return f"The carrier's status{named} is not one we know; read its own words."


def _label_only(last: _Heard) -> Assessment:
    return Assessment(
        Verdict.LABEL_ONLY,
        f"The label was made {last.ago}; the carrier has not scanned the parcel since.",
    )


def _expired(tracking: Tracking, last: _Heard) -> Assessment:
    """The carrier has stopped following it; what that means depends on whether it ever had it."""
    seen = {event.status for event in tracking.events} - {Status.EXPIRED, *_SILENT_CARRIER}
    if not seen:
        return Assessment(
            Verdict.NO_DATA, "The carrier has stopped following it without a single scan."
        )
    if seen == {Status.LABEL_CREATED}:
        return _label_only(last)
    return Assessment(
        Verdict.LOST_SUSPECTED, f"The carrier has stopped following it; last word {last.ago}."
    )


def day_of(at: date, now: datetime) -> str:
    """A day as people write it: ``21 Nov``, with its year where that is another one."""
    day = f"{at.day} {_MONTHS[at.month - 1]}"
    return day if at.year == now.year else f"{day} {at.year}"


def _ago(at: datetime, now: datetime) -> str:
    age = now - at
    days, hours = age // timedelta(days=1), age // timedelta(hours=1)
    if days > 0:
        return f"{days} day{'' if days == 1 else 's'} ago ({day_of(at, now)})"
    if hours > 0:
        return f"{hours} hour{'' if hours == 1 else 's'} ago"
    return "within the hour"


def _early(quirk: Quirk, last: _Heard, now: datetime) -> str:
    """What an agent should know of a carrier that scans before it delivers."""
    if quirk.delivered_early is None or last.at is None or now - last.at > quirk.delivered_early:
        return ""
    hours = quirk.delivered_early // timedelta(hours=1)
    return f"; this carrier may scan up to {hours} hours before it delivers"


def _words(term: Status | Detail | None) -> str:
    return term.value.replace("_", " ") if term else ""


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
