"""What there is to tell: the words for milestones and for kinds of message. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final


class Trigger(StrEnum):
    """A milestone in the life of an order or a parcel, in the order of that life."""

    ORDER_CONFIRMED = "order_confirmed"
    NOT_SHIPPED = "not_shipped"
    SHIPPED = "shipped"
    FIRST_MOVEMENT = "first_movement"
    REACHED_COUNTRY = "reached_country"
    CUSTOMS = "customs"
    DELAYED = "delayed"
    QUIET = "quiet"
    ARRIVING_TOMORROW = "arriving_tomorrow"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    PICKUP_REMINDER = "pickup_reminder"
    COMING_BACK = "coming_back"
    LOST_SUSPECTED = "lost_suspected"
    DELIVERED = "delivered"
    DELIVERED_ELSEWHERE = "delivered_elsewhere"
    ALL_DELIVERED = "all_delivered"


class Kind(StrEnum):
    """How a message reaches a shopper. All but ``email`` and ``push`` are a channel's network."""

    EMAIL = "email"
    PUSH = "push"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"
    SMS = "sms"


# The shopper has to do something: told at once, whatever was told today, and withheld from nobody.
MUST_ACT: Final = frozenset(
    {
        Trigger.CUSTOMS,
        Trigger.ATTEMPT_FAILED,
        Trigger.READY_FOR_PICKUP,
        Trigger.PICKUP_REMINDER,
    }
)
OF_ORDER: Final = frozenset({Trigger.ORDER_CONFIRMED, Trigger.NOT_SHIPPED, Trigger.ALL_DELIVERED})
"""These are about an order; all others about one parcel."""

# What heads a message about several things: the gravest, first.
GRAVITY: Final = (
    Trigger.CUSTOMS,
    Trigger.ATTEMPT_FAILED,
    Trigger.PICKUP_REMINDER,
    Trigger.READY_FOR_PICKUP,
    Trigger.LOST_SUSPECTED,
    Trigger.COMING_BACK,
    Trigger.DELIVERED_ELSEWHERE,
    Trigger.ALL_DELIVERED,
    Trigger.DELIVERED,
    Trigger.OUT_FOR_DELIVERY,
    Trigger.DELAYED,
    Trigger.ARRIVING_TOMORROW,
    Trigger.QUIET,
    Trigger.REACHED_COUNTRY,
    Trigger.FIRST_MOVEMENT,
    Trigger.SHIPPED,
    Trigger.NOT_SHIPPED,
    Trigger.ORDER_CONFIRMED,
)


@dataclass(frozen=True, slots=True)
class News:
    """One milestone with all that a message may say of it.

    Attributes:
        parcel_id: ``None`` together with ``number`` and ``carrier`` where it is about the order.
        carrier: A slug; ``None`` also where nobody has said who carries it.
        at: When it happened, aware, in the recipient's zone where that is known.
        since: Since when it has been so, in that zone, where that is not ``at``: the last scan of a
            silence.
        place: Of the scan, as the carrier writes it: where it waits, who has it.
        because: A ``Detail``, or a sentence of the delivery date's model; ``None`` for no reason.
        first: First day of the window that is told now, at the destination; ``last`` its last.
        old_first: Of the window told before, of a delay alone.
        items: What is in the parcel, or in the order; titles.
        parcels: How many the order has.
    """

    trigger: Trigger
    order_id: int
    order_number: str
    at: datetime
    parcel_id: int | None = None
    number: str | None = None
    carrier: str | None = None
    since: datetime | None = None
    place: str | None = None
    because: str | None = None
    first: date | None = None
    last: date | None = None
    old_first: date | None = None
    old_last: date | None = None
    items: tuple[str, ...] = ()
    parcels: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is kept; ``read`` takes it."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if value not in (None, ())
        }


_DAYS: Final = ("first", "last", "old_first", "old_last")


def read(kept: Mapping[str, Any]) -> News:
    """News as ``News.as_json`` wrote it."""
    days = {name: date.fromisoformat(kept[name]) for name in _DAYS if name in kept}
    since = kept.get("since")
    return News(
        **{
            **kept,
            **days,
            "since": datetime.fromisoformat(since) if since else None,
            "trigger": Trigger(kept["trigger"]),
            "at": datetime.fromisoformat(kept["at"]),
            "items": tuple(kept.get("items", ())),
        }
    )


def sample(trigger: Trigger, *, now: datetime | None = None) -> News:
    """Made-up news of a trigger, with every field that it may have; for previews and checks."""
    at = now or datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    delayed = trigger is Trigger.DELAYED
    parcel = trigger not in OF_ORDER
    return News(
        trigger=trigger,
        order_id=1,
        order_number="#1001",
        at=at,
        parcel_id=1 if parcel else None,
        number="SBX00100101" if parcel else None,
        carrier="sandbox" if parcel else None,
        place="Paris, FR",
        because="weather" if delayed else None,
        first=at.date() + timedelta(days=1),
        last=at.date() + timedelta(days=2),
        old_first=at.date() if delayed else None,
        old_last=at.date() if delayed else None,
        items=("Merino base layer",),
        parcels=2 if trigger is Trigger.ALL_DELIVERED else 1,
    )
