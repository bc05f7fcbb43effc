"""Who may be told what now. Pure: what is known and the shop's wishes in, a decision out."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from service.notifications.news import GRAVITY, MUST_ACT, Kind, Trigger
from service.notifications.policy.shop import Notices, OneWay, Ways


class Why(StrEnum):
    """Why something waits, or was held back."""

    MERGING = "merging"  # for other news of the order
    QUIET_HOURS = "quiet_hours"
    ONE_A_DAY = "one_a_day"
    OVER = "over"  # not true any more
    OVERTAKEN = "overtaken"  # something newer says it too
    TOO_OLD = "too_old"
    SWITCHED_OFF = "switched_off"  # the shop does not tell this
    HOLDOUT = "holdout"
    NO_ADDRESS = "no_address"
    NOT_CHOSEN = "not_chosen"  # the shopper has not agreed, or no longer wants it
    OPTED_OUT = "opted_out"
    MOVED = "moved"  # the number has become somebody else's
    NO_CHANNEL = "no_channel"  # none is switched on
    NO_TEMPLATE = "no_template"  # the provider has approved none for this
    COST_CAP = "cost_cap"
    BROUGHT_NOTHING = "brought_nothing"  # failed, and the way has no other kind left
    NEVER_FREE = "never_free"  # no hour suits all zones and rules


# What stands in a person's way, most telling first: shown where several kinds failed.
_TELLING: Final = (
    Why.COST_CAP,
    Why.OPTED_OUT,
    Why.MOVED,
    Why.NEVER_FREE,
    Why.NO_TEMPLATE,
    Why.NO_CHANNEL,
    Why.NOT_CHOSEN,
    Why.NO_ADDRESS,
)
# These ring in a pocket; an e-mail waits until it is read.
RINGS: Final = frozenset({Kind.PUSH, Kind.TELEGRAM, Kind.WHATSAPP, Kind.SMS})


@dataclass(frozen=True, slots=True)
class Reach:
    """One kind at one person.

    Attributes:
        address: Where it would go; empty for push.
        channel: The slug of the channel that carries it; ``None`` for e-mail and push.
        price: US dollars for one message or segment.
        refused: What stands against it; ``None``: it may be sent.
    """

    kind: Kind
    address: str = ""
    channel: str | None = None
    price: Decimal = Decimal(0)
    refused: Why | None = None


def plan(ways: Ways, reach: Mapping[Kind, Reach]) -> list[list[Reach]]:
    """What to try for each way, in order: of what may be sent the cheapest first."""
    return [
        sorted(
            (reach[kind] for kind in way if reach[kind].refused is None),
            key=lambda one: (one.price, way.index(one.kind)),
        )
        for way in ways
    ]


def ways_of(triggers: Iterable[Trigger], notices: Notices) -> Ways:
    """How a message about several triggers goes: by every way that one of them asks for.

    A way that another one has as a part of itself is left out, so nobody gets it twice.
    """
    found: list[OneWay] = []
    for trigger in triggers:
        for way in notices.ways(trigger):
            if not any(set(way) <= set(other) for other in found):
                found = [other for other in found if not set(other) < set(way)]
                found.append(way)
    return tuple(found)


def why_not(way: OneWay, reach: Mapping[Kind, Reach]) -> Why:
    """The most telling of what stands against each kind of a way."""
    refused = {reach[kind].refused for kind in way}
    return next((why for why in _TELLING if why in refused), Why.NO_ADDRESS)


def rings(planned: Sequence[Sequence[Reach]]) -> bool:
    """Whether a telling makes a sound: whether one of its ways begins with a kind that rings."""
    return any(way and way[0].kind in RINGS for way in planned)


def gravity(trigger: str) -> int:
    """A trigger's place by gravity; 0 is the gravest."""
    return GRAVITY.index(Trigger(trigger))


def gravest(triggers: Iterable[Trigger]) -> list[Trigger]:
    """The gravest first."""
    return sorted(triggers, key=gravity)


def is_urgent(triggers: Iterable[Trigger]) -> bool:
    """Whether the shopper must act."""
    return not MUST_ACT.isdisjoint(triggers)


def is_held_out(trigger: Trigger, order_id: int, notices: Notices) -> bool:
    """Whether an order is one of those that are not told, to compare with: always the same ones."""
    share = notices.holdout.get(trigger, 0.0)
    drawn = hashlib.sha256(f"{trigger}:{order_id}".encode()).digest()[:8]
    return int.from_bytes(drawn) < share * 2**64


def person_of(order_id: int, email: str | None, phone: str | None) -> str:
    """Who is told of an order, as a digest: the same for all orders of one e-mail address."""
    who = email or phone or f"order {order_id}"
    return hashlib.sha256(who.encode()).hexdigest()[:32]


def too_old(at: datetime, notices: Notices, *, now: datetime) -> bool:
    """Whether what happened then is still to be told."""
    return now - at > notices.max_age
