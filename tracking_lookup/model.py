"""The words for where a parcel is. Every carrier's answer ends up in these."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where a parcel is, in the few words a shopper needs."""

    UNKNOWN = "unknown"
    NOT_FOUND = "not_found"
    LABEL_CREATED = "label_created"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Detail(StrEnum):
    """Why, where the carrier says so."""

    PICKED_UP = "picked_up"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    LEFT_ORIGIN_COUNTRY = "left_origin_country"
    REACHED_DESTINATION_COUNTRY = "reached_destination_country"
    CUSTOMS_PROCESSING = "customs_processing"
    CUSTOMS_RELEASED = "customs_released"
    CUSTOMS_ACTION_REQUIRED = "customs_action_required"
    DELAYED = "delayed"
    WEATHER = "weather"
    ADDRESS_PROBLEM = "address_problem"
    RECIPIENT_UNAVAILABLE = "recipient_unavailable"
    BUSINESS_CLOSED = "business_closed"
    REFUSED = "refused"
    DAMAGED = "damaged"
    LOST = "lost"
    DESTROYED = "destroyed"
    PAYMENT_DUE = "payment_due"
    SECURITY = "security"
    HELD = "held"
    RESCHEDULED = "rescheduled"
    TO_NEIGHBOUR = "to_neighbour"
    TO_LOCKER = "to_locker"
    SAFE_PLACE = "safe_place"
    SIGNED = "signed"
    AT_PICKUP_POINT = "at_pickup_point"
    FORWARDED = "forwarded"
    DOCUMENTS_MISSING = "documents_missing"
    OTHER = "other"


class Verdict(StrEnum):
    """What may be said about a parcel, once its age and promise are weighed (``truth.py``)."""

    MOVING = "moving"
    LABEL_ONLY = "label_only"
    QUIET = "quiet"
    OVERDUE = "overdue"
    NEEDS_CUSTOMER = "needs_customer"
    FAILED_ATTEMPT = "failed_attempt"
    DELIVERED = "delivered"
    DELIVERED_DISPUTED = "delivered_disputed"
    COMING_BACK = "coming_back"
    LOST_SUSPECTED = "lost_suspected"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One scan.

    Attributes:
        at: When it happened, aware. Where the carrier gave no zone, see ``local_time_only``.
        status: Our word; a code with no row in the carrier's table is ``unknown``, never guessed.
        detail: Why; ``None`` where the code says nothing more.
        place: As the carrier writes it, for people; ``None`` where it gave none.
        code: The carrier's own code, for agents and for the table of unknown codes.
        text: The carrier's own words.
        local_time_only: The carrier gave a wall-clock time without a zone; ``at`` then holds it
            as if it were UTC, and may be off by the zone's difference.
    """

    at: datetime
    status: Status
    detail: Detail | None = None
    place: str | None = None
    code: str = ""
    text: str = ""
    local_time_only: bool = False


@dataclass(frozen=True, slots=True)
class Tracking:
    """A parcel as its carrier last described it.

    Attributes:
        carrier: The carrier's slug: ``"ups"``.
        number: The tracking number, without spaces.
        events: Newest first.
        promised_from: Start of the carrier's own delivery window, aware; ``None`` without one.
        promised_to: Its end. A single promised day has both, at its start and end.
    """

    carrier: str
    number: str
    status: Status
    detail: Detail | None = None
    events: tuple[TrackingEvent, ...] = ()
    promised_from: datetime | None = None
    promised_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A verdict, and the one sentence that explains it to an agent."""

    verdict: Verdict
    because: str
