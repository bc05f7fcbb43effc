"""One parcel's history, as the delivery-date model learns from it and is asked about it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from tracking_lookup.model import Status

UNKNOWN: Final = "unknown"
MOVING_AFTER: Final = 3
"""Days after the hand-over from which a parcel without scans is taken to be moving."""
# No parcel is a year under way; such a row is a clerk's error, not a slow parcel.
LONGEST: Final = timedelta(days=365)


class Stage(StrEnum):
    """How far a parcel is, which decides what is known about it."""

    ORDERED = "ordered"
    HANDED_OVER = "handed_over"
    MOVING = "moving"
    OUT_FOR_DELIVERY = "out_for_delivery"


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan of a carrier, on the destination's clock."""

    at: datetime
    status: Status
    region: str = ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel, with all that is known of it by now.

    Attributes:
        ordered_at: Aware, and so are all times. Days are counted on the calendar of the zone that
            the times carry, so a caller gives them on the destination's clock.
        handed_over_at: When the carrier got it; ``None`` while it has not or where nobody knows.
        delivered_at: ``None`` while it is under way.
        promised: The latest day that the shop promised; ``None`` without a promise.
        carrier_promised: The latest day that the carrier promised when it got the parcel.
        seller: Who packs it: a seller or a warehouse.
        origin_country: ISO 3166 alpha-2, empty where unknown; holidays come from it.
        distance_km: From postcode to postcode; ``None`` where unknown.
        scans: Oldest first; those before the hand-over do not count.
    """

    id: str
    ordered_at: datetime
    carrier: str = UNKNOWN
    service: str = ""
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    promised: date | None = None
    carrier_promised: date | None = None
    seller: str = ""
    origin_country: str = ""
    origin_postcode: str = ""
    origin_region: str = ""
    destination_country: str = ""
    destination_postcode: str = ""
    destination_region: str = ""
    distance_km: float | None = None
    weight_g: float | None = None
    scans: tuple[Scan, ...] = ()

    def known_at(self, now: datetime) -> "Shipment":
        """The same parcel without what happened after ``now``. What a prediction may see."""
        return replace(
            self,
            handed_over_at=_until(self.handed_over_at, now),
            delivered_at=_until(self.delivered_at, now),
            carrier_promised=self.carrier_promised if _until(self.handed_over_at, now) else None,
            scans=tuple(scan for scan in self.scans if scan.at <= now),
        )

    def stage_at(self, now: datetime) -> Stage:
        """How far it was at ``now``, by what was known then."""
        handed = _until(self.handed_over_at, now)
        if handed is None:
            return Stage.ORDERED
        seen = [scan for scan in self.scans if scan.at <= now]
        if seen and seen[-1].status is Status.OUT_FOR_DELIVERY:
            return Stage.OUT_FOR_DELIVERY
        moved = any(scan.status is Status.IN_TRANSIT for scan in seen)
        old = (now.date() - handed.date()).days >= MOVING_AFTER
        return Stage.MOVING if moved or old else Stage.HANDED_OVER

    @property
    def lane(self) -> tuple[str, str, str, str]:
        """Carrier, service, and from where to where."""
        return (
            self.carrier,
            self.service,
            self.origin_region or self.origin_country,
            self.destination_region or self.destination_country,
        )


def flaw(one: Shipment) -> str | None:
    """Why a parcel's times cannot be true; ``None`` where they can."""
    handed, delivered = one.handed_over_at, one.delivered_at
    if handed is not None and handed < one.ordered_at:
        return "handed over before ordered"
    if delivered is None:
        return None
    if delivered < one.ordered_at:
        return "delivered before ordered"
    if handed is not None and delivered < handed:
        return "delivered before handed over"
    if delivered - one.ordered_at > LONGEST:
        return "more than a year under way"
    return None


def _until(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None
