"""What can happen to a parcel in the demo shop: every verdict, with scans relative to now.

Days are calendar days, negative in the past. Distances are wide enough that a weekend, or half a
day of the demo running, changes no verdict; only the stories that are meant to move have scans to
come.
"""

from dataclasses import dataclass
from typing import Final

from tracking_lookup.model import Verdict

HOUR: Final = 1 / 24

# Where a scan is made; ``shop.PLACES`` has the names for each country.
SHOP, GATE, HUB, DOOR = "shop", "gate", "hub", "door"


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: when (days from now), what (the sandbox carrier's code), where."""

    day: float
    code: str
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to a parcel.

    Attributes:
        verdict: What may be said of it when the demo starts.
        says: The same for a person who picks an order to ask about.
        scans: In the order of time. None at all: the carrier has never heard of the number.
        promised: First and last day of the carrier's window, and of the shop's promise.
        disputed: When the shopper said that it did not arrive.
    """

    verdict: Verdict
    says: str
    scans: tuple[Scan, ...] = ()
    promised: tuple[float, float] | None = None
    disputed: float | None = None


def _start(day: float) -> tuple[Scan, ...]:
    """Label, pickup and the first hub: how nearly every parcel begins."""
    return (
        Scan(day, "LBL", SHOP),
        Scan(day + 6 * HOUR, "PUP", SHOP),
        Scan(day + 11 * HOUR, "ARR", GATE),
    )


STORIES: Final[dict[str, Story]] = {
    "moving": Story(
        Verdict.MOVING,
        "in transit, scanned three hours ago",
        (
            *_start(-2),
            Scan(-1, "DEP", GATE),
            Scan(-3 * HOUR, "ARR", HUB),
            Scan(15 * HOUR, "OFD", DOOR),
            Scan(23 * HOUR, "DLV", DOOR),
        ),
        promised=(0.5, 1.5),
    ),
    "out_for_delivery": Story(
        Verdict.MOVING,
        "out for delivery today",
        (
            *_start(-2.5),
            Scan(-1.5, "DEP", GATE),
            Scan(-0.6, "ARR", HUB),
            Scan(-2 * HOUR, "OFD", DOOR),
            Scan(9 * HOUR, "SIG", DOOR),
        ),
        promised=(0, 1),
    ),
    "just_picked_up": Story(
        Verdict.MOVING,
        "picked up a few hours ago",
        (
            Scan(-9 * HOUR, "LBL", SHOP),
            Scan(-4 * HOUR, "PUP", SHOP),
            Scan(14 * HOUR, "ARR", GATE),
            Scan(20 * HOUR, "DEP", GATE),
            Scan(34 * HOUR, "ARR", HUB),
            Scan(50 * HOUR, "OFD", DOOR),
            Scan(56 * HOUR, "DLV", DOOR),
        ),
        promised=(2, 4),
    ),
    "abroad": Story(
        Verdict.MOVING,
        "crossing borders, released by customs",
        (
            *_start(-4),
            Scan(-3, "EXP", GATE),
            Scan(-1.5, "IMP", HUB),
            Scan(-1.2, "CIN", HUB),
            Scan(-5 * HOUR, "COK", HUB),
            Scan(24 * HOUR, "DEP", HUB),
            Scan(48 * HOUR, "OFD", DOOR),
            Scan(54 * HOUR, "DLV", DOOR),
        ),
        promised=(2, 5),
    ),
    "label_today": Story(
        Verdict.LABEL_ONLY,
        "label printed a few hours ago",
        (Scan(-5 * HOUR, "LBL", SHOP), Scan(40 * HOUR, "PUP", SHOP)),
        promised=(3, 5),
    ),
    "label_for_days": Story(
        Verdict.LABEL_ONLY,
        "label printed a week ago, never handed over",
        (Scan(-7, "LBL", SHOP),),
        promised=(2, 4),
    ),
    "quiet": Story(
        Verdict.QUIET,
        "no scan for a week",
        (*_start(-8.5), Scan(-7.2, "DEP", GATE)),
        promised=(2, 4),
    ),
    "overdue": Story(
        Verdict.OVERDUE,
        "promised four days ago, still moving",
        (*_start(-9), Scan(-3, "DLY", GATE), Scan(-10 * HOUR, "ARR", HUB)),
        promised=(-6, -4),
    ),
    "customs": Story(
        Verdict.NEEDS_CUSTOMER,
        "customs wait for information",
        (*_start(-5), Scan(-4, "EXP", GATE), Scan(-2, "CIN", HUB), Scan(-0.8, "CUS", HUB)),
        promised=(2, 5),
    ),
    "duty": Story(
        Verdict.NEEDS_CUSTOMER,
        "import duty to pay",
        (*_start(-5), Scan(-4, "EXP", GATE), Scan(-2, "CIN", HUB), Scan(-0.7, "DUT", HUB)),
        promised=(2, 5),
    ),
    "pickup": Story(
        Verdict.NEEDS_CUSTOMER,
        "waiting at a pickup point",
        (*_start(-4), Scan(-2, "ARR", HUB), Scan(-1.2, "OFD", DOOR), Scan(-0.9, "PKP", DOOR)),
        promised=(-1, 2),
    ),
    "locker": Story(
        Verdict.NEEDS_CUSTOMER,
        "waiting in a parcel locker",
        (*_start(-4), Scan(-2, "ARR", HUB), Scan(-1, "OFD", DOOR), Scan(-0.7, "LKR", DOOR)),
        promised=(-1, 2),
    ),
    "address": Story(
        Verdict.NEEDS_CUSTOMER,
        "address incomplete",
        (*_start(-3.5), Scan(-2, "ARR", HUB), Scan(-0.9, "ADR", HUB)),
        promised=(1, 3),
    ),
    "not_at_home": Story(
        Verdict.FAILED_ATTEMPT,
        "delivery attempted, nobody at home",
        (*_start(-3), Scan(-1.4, "ARR", HUB), Scan(-0.6, "OFD", DOOR), Scan(-0.3, "NOT", DOOR)),
        promised=(0, 2),
    ),
    "office_closed": Story(
        Verdict.FAILED_ATTEMPT,
        "delivery attempted, office closed",
        (*_start(-3), Scan(-1.4, "ARR", HUB), Scan(-0.5, "OFD", DOOR), Scan(-0.2, "CLO", DOOR)),
        promised=(0, 2),
    ),
    "delivered": Story(
        Verdict.DELIVERED,
        "delivered yesterday",
        (*_start(-4), Scan(-2.2, "ARR", HUB), Scan(-1.3, "OFD", DOOR), Scan(-1, "DLV", DOOR)),
        promised=(-2, -0.5),
    ),
    "delivered_long_ago": Story(
        Verdict.DELIVERED,
        "delivered weeks ago",
        (*_start(-25), Scan(-23, "ARR", HUB), Scan(-22.3, "OFD", DOOR), Scan(-22, "SIG", DOOR)),
        promised=(-23, -21),
    ),
    "neighbour": Story(
        Verdict.DELIVERED,
        "left with a neighbour",
        (*_start(-3.5), Scan(-2, "ARR", HUB), Scan(-0.8, "OFD", DOOR), Scan(-0.5, "NBR", DOOR)),
        promised=(-1, 1),
    ),
    "safe_place": Story(
        Verdict.DELIVERED,
        "left in a safe place",
        (*_start(-4), Scan(-2.5, "ARR", HUB), Scan(-1.7, "OFD", DOOR), Scan(-1.4, "SAF", DOOR)),
        promised=(-2, 0),
    ),
    "disputed": Story(
        Verdict.DELIVERED_DISPUTED,
        "marked delivered, the shopper says it is not there",
        (*_start(-6), Scan(-4, "ARR", HUB), Scan(-3.3, "OFD", DOOR), Scan(-3, "SAF", DOOR)),
        promised=(-4, -2),
        disputed=-2,
    ),
    "refused": Story(
        Verdict.COMING_BACK,
        "refused at the door, going back",
        (*_start(-6), Scan(-4, "ARR", HUB), Scan(-3, "OFD", DOOR), Scan(-0.8, "REF", DOOR)),
        promised=(-4, -2),
    ),
    "returned": Story(
        Verdict.COMING_BACK,
        "back at the shop",
        (
            *_start(-14),
            Scan(-12, "ARR", HUB),
            Scan(-8, "RTS", HUB),
            Scan(-1.5, "RTD", SHOP),
        ),
        promised=(-12, -10),
    ),
    "lost": Story(
        Verdict.LOST_SUSPECTED,
        "no scan for five weeks",
        (*_start(-36), Scan(-35, "DEP", GATE)),
        promised=(-32, -30),
    ),
    "declared_lost": Story(
        Verdict.LOST_SUSPECTED,
        "the carrier has declared it lost",
        (*_start(-15), Scan(-14, "DEP", GATE), Scan(-1.5, "LST", HUB)),
        promised=(-12, -10),
    ),
    "never_heard_of": Story(
        Verdict.NO_DATA, "the carrier does not know the number", promised=(1, 4)
    ),
}
