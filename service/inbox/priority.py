"""How much a ticket matters, and why, from what is known. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.actions.contract import Reason
from service.inbox.models import Priority
from service.inbox.mood import Mood
from service.inbox.tickets import reason_words

SAFETY: Final = frozenset(
    {
        Reason.RISK_OF_HARM,
        Reason.LEGAL_THREAT,
        Reason.PAYMENT_FRAUD,
        Reason.DATA_LEAK,
        Reason.PRESS,
    }
)
"""What a person must see whatever the bot could answer. These go before all others."""

_HIGH: Final = frozenset(
    {
        Reason.NOT_RECEIVED,
        Reason.LOST_SUSPECTED,
        Reason.DAMAGED,
        Reason.COMPLAINT,
        Reason.CHANGE_REQUESTED,  # soon it is too late for it
    }
)
_LOW: Final = frozenset({Reason.RETURN, Reason.ERASE_DATA})

# Late by so many days, it counts.
LATE_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What a priority is made from.

    Attributes:
        total: What the order is worth; ``None``: no order, or no price.
        money: The same for people: ``"GBP 840.00"``.
        days_late: Days since the promised date, of an order that has not arrived.
        earlier: Cases of this shopper or order in the last 30 days.
    """

    reasons: Collection[str]
    total: Decimal | None = None
    money: str = ""
    high_value: Decimal | None = None
    days_late: int = 0
    mood: Mood = Mood.CALM
    earlier: int = 0

    @property
    def is_dear(self) -> bool:
        """Whether the order is worth so much that it is a case of its own."""
        if self.total is None or self.high_value is None:
            return False
        return self.total >= self.high_value


def priority_of(facts: Facts) -> tuple[Priority, list[str]]:
    """How much a case matters, and what made it so, in words for agents.

    Safety goes before everything. Else the gravest reason counts, one step up where more than one
    thing makes it worse, and never beyond ``URGENT``.
    """
    grave = gravest(facts.reasons)
    why: list[str] = []
    if grave in SAFETY:
        return Priority.SAFETY, [reason_words(grave)]
    level = Priority.NORMAL
    if grave in _HIGH:
        level = Priority.HIGH
        why.append(reason_words(grave))
    elif grave in _LOW:
        level = Priority.LOW
    worse: list[str] = []
    if facts.is_dear:
        worse.append(f"worth {facts.money}")
    if facts.days_late >= LATE_DAYS:
        worse.append(f"{facts.days_late} days late")
    if facts.mood is Mood.ANGRY:
        worse.append("angry")
    if facts.earlier:
        worse.append(
            "wrote about this before" if facts.earlier == 1 else f"{facts.earlier} cases in 30 days"
        )
    if facts.mood is Mood.ANNOYED:
        why.append("annoyed")
    steps = (len(worse) + 1) // 2  # one thing is a step, three are two
    return Priority(min(level + steps, Priority.URGENT)), why + worse


def gravest(reasons: Collection[str]) -> str:
    """The reason that stands for all: safety first, then by how much it matters, then the first.

    Raises:
        ValueError: There is none.
    """
    return min(reasons, key=_gravity)


def _gravity(reason: str) -> int:
    for rank, group in enumerate((SAFETY, _HIGH)):
        if reason in group:
            return rank
    return 3 if reason in _LOW or reason in {Reason.ASKED, Reason.MISUNDERSTOOD} else 2
