"""From days to what a shopper is told: a window, when to hide it, and when it may move. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from tracking_lookup.model import Verdict

GIVEN: Final = "given"
"""In a predictor's place, where a carrier's date is passed on without a model of one's own."""
NARROW: Final = 1
"""Days from the first to the last of a window that is told as one day, its likeliest."""
STEADY: Final = 1
"""A window may differ by that many days from what was told before anybody is told again."""

# A date would be untrue or beside the point: it is here, it does not come, or nobody knows where.
HIDDEN: Final = frozenset(
    {
        Verdict.DELIVERED,
        Verdict.DELIVERED_DISPUTED,
        Verdict.COMING_BACK,
        Verdict.LOST_SUSPECTED,
        Verdict.NEEDS_CUSTOMER,
    }
)


class Why(StrEnum):
    """Why a told date was changed."""

    FIRST = "first"
    LATER = "later"
    EARLIER = "earlier"
    PASSED = "passed"
    NARROWER = "narrower"
    HIDDEN = "hidden"
    SHOWN_AGAIN = "shown_again"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the model says of one parcel at one moment.

    Attributes:
        first: The day by which 1 in 10 such parcels has come.
        likely: By which half have.
        last: By which 9 in 10 have.
        by: Which predictor said so; see ``fitting``. ``"service"`` is the published service time,
            ``GIVEN`` the carrier's date as it is.
        because: One sentence for the shopper.
        latest: By which 19 in 20 have come: past it something is wrong.
    """

    first: date
    likely: date
    last: date
    by: str
    because: str
    latest: date


@dataclass(frozen=True, slots=True)
class Promise:
    """What is told, beside the two dates that others gave; all three are kept.

    Attributes:
        first: ``None`` together with ``last`` where no date is told.
        shop: The latest day the shop promised; ``None`` without one.
        carrier: The latest day the carrier promised; ``None`` without one.
    """

    first: date | None
    last: date | None
    because: str
    by: str
    shop: date | None = None
    carrier: date | None = None

    @property
    def is_hidden(self) -> bool:
        """Whether no date is told."""
        return self.last is None


@dataclass(frozen=True, slots=True)
class Move:
    """What is told has changed: for the page, and for whoever is notified.

    Attributes:
        before: ``None`` with the first promise.
        matters: Whether the shopper should hear of it unasked.
    """

    why: Why
    before: Promise | None
    now: Promise
    matters: bool


def promise(
    estimate: Estimate,
    verdict: Verdict,
    *,
    today: date,
    before: Promise | None = None,
    shop: date | None = None,
    carrier: date | None = None,
) -> tuple[Promise, Move | None]:
    """What to tell of a parcel now, and whether that is news.

    A window that was told stays while it is still about right: not in the past, holding the
    likeliest day, and its end no more than ``STEADY`` days from the newly estimated one. So a
    window does not open and close again with each scan; it is narrowed only when the new one lies
    inside it and is at most half as long.

    Args:
        verdict: Of ``truth.assess``.
        today: At the destination.
        before: What was told last; ``None`` if nothing yet.
    """
    if verdict in HIDDEN:
        told = Promise(None, None, estimate.because, estimate.by, shop, carrier)
        if before is None or before.is_hidden:
            return told, None
        return told, Move(Why.HIDDEN, before, told, matters=False)
    first, last = _window(estimate, today)
    fresh = Promise(first, last, estimate.because, estimate.by, shop, carrier)
    if before is None:
        return fresh, Move(Why.FIRST, None, fresh, matters=False)
    if before.first is None or before.last is None:
        return fresh, Move(Why.SHOWN_AGAIN, before, fresh, matters=False)
    why = _why(before.first, before.last, first, last, max(estimate.likely, today), today)
    if why is None:
        # Days that have passed are no longer part of it, which is no news.
        kept_first = min(max(before.first, today), before.last)
        return replace(fresh, first=kept_first, last=before.last), None
    return fresh, Move(why, before, fresh, matters=why in {Why.LATER, Why.EARLIER, Why.PASSED})


def say(told: Promise) -> str:
    """A window in words: ``Thursday 26 November``, ``Thursday 26 to Saturday 28 November``.

    Empty where no date is told.
    """
    if told.first is None or told.last is None:
        return ""
    end = f"{told.last:%A} {told.last.day} {told.last:%B}"
    if told.first == told.last:
        return end
    start = f"{told.first:%A} {told.first.day}"
    return (
        f"{start} to {end}"
        if told.first.month == told.last.month
        else (f"{start} {told.first:%B} to {end}")
    )


def day_after(now: datetime, days: float) -> date:
    """The calendar day that many days on; rounded as the report card rounds."""
    return now.date() + timedelta(days=round(days))


def _window(estimate: Estimate, today: date) -> tuple[date, date]:
    first, last = max(estimate.first, today), max(estimate.last, today)
    if (last - first).days <= NARROW and estimate.by != GIVEN:
        only = min(max(estimate.likely, first), last)
        return only, only
    return first, last


def _why(
    old_first: date, old_last: date, first: date, last: date, likely: date, today: date
) -> Why | None:
    """Why the old window cannot stay; ``None`` where it can."""
    if old_last < today:
        return Why.PASSED
    if likely > old_last or (last - old_last).days > max(STEADY, _days(old_first, old_last) // 2):
        return Why.LATER
    if likely < old_first:
        return Why.EARLIER
    inside = old_first <= first and last <= old_last
    if inside and _days(first, last) * 2 <= _days(old_first, old_last) - STEADY:
        return Why.NARROWER
    return None


def _days(first: date, last: date) -> int:
    return (last - first).days
